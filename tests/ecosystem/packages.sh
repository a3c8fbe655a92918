#!/usr/bin/env bash
# The packages, each installed by the program people install it with: pip, pipx and uv, npm, cargo.
#   packages.sh           everything
#   packages.sh wheel | sdist | npm | crate
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

version=$(sed -n '/^version = /{s/^version = "\(.*\)"$/\1/p;q;}' "$root/Cargo.toml")
new_repository project
project=$work/project

# A purposelint is what it says, and judges: clean, flagged, could not judge, nothing checked.
works() {
  cd "$project"
  expect 0 "$@" --version
  [ "$out" = "purposelint $version" ] || fail "another version" "$out"
  expect 0 "$@" check
  says "nothing is flagged"
  spoil
  expect 1 "$@" check --as-of 2026-11-21
  tells_the_author
  git checkout --quiet purposes.yaml
  expect 2 "$@" check gone.yaml
  says "\`gone.yaml\` does not exist"
  mkdir -p empty
  expect 3 "$@" check empty
  says "nothing was checked"
}

wheel() {
  expect 0 maturin build --quiet --release --manifest-path "$root/Cargo.toml" --out "$work/wheels"
  local -a built=("$work"/wheels/purposelint-"$version"-py3-none-*.whl)
  [ -e "${built[0]}" ] && [ "${#built[@]}" -eq 1 ] || fail "one wheel for every Python" "$(ls "$work/wheels")"
  local names
  names=$(python3 -m zipfile --list "${built[0]}")
  for file in licenses/LICENSE-APACHE licenses/LICENSE-MIT "scripts/purposelint"; do
    case $names in *"$file"*) ;; *) fail "the wheel has no $file" "$names" ;; esac
  done
  ok "the wheel is built"
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --no-index "${built[0]}"
  works "$work/venv/bin/purposelint"
  out=$("$work/venv/bin/pip" show --verbose purposelint)
  says "MIT OR Apache-2.0" "https://purposelint.dev"
  ok "pip installs the wheel, and it works"
  export PIPX_HOME=$work/pipx PIPX_BIN_DIR=$work/pipx/bin PIPX_MAN_DIR=$work/pipx/man UV_FIND_LINKS=$work/wheels
  expect 0 pipx install "${built[0]}"
  works "$work/pipx/bin/purposelint"
  ok "pipx installs the wheel, and it works"
  export UV_CACHE_DIR=$work/uv UV_PYTHON_DOWNLOADS=never
  works uvx --quiet --from "purposelint==$version" purposelint
  ok "uvx runs the wheel"
}

sdist() {
  expect 0 maturin sdist --manifest-path "$root/Cargo.toml" --out "$work/sdist"
  local stray
  stray=$(tar -tzf "$work/sdist/purposelint-$version.tar.gz" | cut -d/ -f2- | grep -Ev \
    '^(src/.*\.rs|policies/(.*\.(yaml|md|txt)|compact/[a-z-]+)|schemas/[^/]*\.json|build\.rs|Cargo\.(toml|lock)|pyproject\.toml|PKG-INFO|README\.md|CHANGELOG\.md|LICENSE-(MIT|APACHE))$' || true)
  [ -z "$stray" ] || fail "the sdist holds what does not belong there" "$stray"
  python3 -m venv "$work/venv-sdist"
  "$work/venv-sdist/bin/pip" install "$work/sdist/purposelint-$version.tar.gz"
  works "$work/venv-sdist/bin/purposelint"
  ok "pip builds and installs the sdist, and it works"
}

npm_packages() {
  build_binary
  ok "the binary is built"
  local libc=gnu platform
  if ! getconf GNU_LIBC_VERSION >"$work/libc" 2>&1; then libc=musl; fi
  platform=linux-$(node -p process.arch)-$libc
  node "$root/packaging/npm/build.mjs" platform "$platform" "$bin/purposelint" "$work/npm/platform"
  node "$root/packaging/npm/build.mjs" main "$work/npm/main" "$platform" darwin-arm64
  expect 1 node "$root/packaging/npm/build.mjs" platform linux-x86 "$bin/purposelint" "$work/npm/none"
  says "there is no platform linux-x86"
  mkdir -p "$work/npm/packed" "$work/npm/app"
  (cd "$work/npm/packed" && npm pack --silent ../platform ../main >files)
  [ "$(wc -l <"$work/npm/packed/files")" -eq 2 ] || fail "two packages" "$(cat "$work/npm/packed/files")"
  out=$(tar -tzf "$work/npm/packed/purposelint-$version.tgz" | sort | tr '\n' ' ')
  local wanted="package/LICENSE-APACHE package/LICENSE-MIT package/README.md package/bin/purposelint.js package/package.json "
  [ "$out" = "$wanted" ] || fail "the npm package holds something else" "$out"
  cd "$work/npm/app"
  printf '{"private": true}\n' >package.json
  npm install --silent --ignore-scripts "$work/npm/packed/"*.tgz
  ok "npm: two packages, packed and installed"

  cp -r "$work/npm/app/node_modules" "$project/node_modules"
  works npx --no -- purposelint
  cd "$project"
  expect 2 npx --no -- purposelint check "a b.yaml" "\$HOME; *"
  says "\`a b.yaml\` does not exist"
  spoil
  expect 1 bash -c 'npx --no -- purposelint check --stdin-filename purposes.yaml - <purposes.yaml'
  tells_the_author
  expect 1 bash -c 'set -o pipefail; npx --no -- purposelint check --format json | node -e "
    let text = \"\"; process.stdin.on(\"data\", (part) => (text += part)); process.stdin.on(\"end\", () => JSON.parse(text));"'
  git checkout --quiet purposes.yaml
  ok "npx keeps exit codes, arguments, standard input and output"

  local signal number launcher child code
  for signal in INT TERM HUP; do
    mkfifo "$work/open.$signal"
    # a signal that a background job ignores would not be tested: python resets it
    python3 -c 'import os, signal, sys
for name in ("SIGINT", "SIGTERM", "SIGHUP"): signal.signal(getattr(signal, name), signal.SIG_DFL)
os.execvp("node", ["node", *sys.argv[1:]])' \
      node_modules/purposelint/bin/purposelint.js check --stdin-filename purposes.yaml - <>"$work/open.$signal" &
    launcher=$!
    child=
    for _ in $(seq 1 100); do
      child=$(cat "/proc/$launcher/task/$launcher/children" 2>"$work/none" || true)
      [ -n "${child// /}" ] && break
      sleep 0.1
    done
    [ -n "${child// /}" ] || fail "the launcher starts nothing"
    sleep 0.2
    kill "-$signal" "$launcher"
    code=0
    wait "$launcher" 2>"$work/none" || code=$?
    number=$(kill -l "$signal")
    [ "$code" -eq $((128 + number)) ] || fail "SIG$signal ends the launcher with $code"
    sleep 0.2
    [ ! -e "/proc/${child// /}" ] || fail "SIG$signal leaves the linter behind"
  done
  ok "npm: a signal ends the launcher and the linter alike"

  local main=node_modules/purposelint package=node_modules/@purposelint/$platform
  mv "$package" "$work/aside"
  expect 2 npx --no -- purposelint check
  says "the package @purposelint/$platform is not installed" "--omit=optional"
  sed -i "/\"@purposelint\/$platform\"/d" "$main/package.json"
  expect 2 npx --no -- purposelint check
  says "there is no purposelint in npm for this platform" "cargo install --locked purposelint@$version" "pipx install"
  mv "$work/aside" "$package"
  sed -i 's/"version": ".*"/"version": "9.9.9"/' "$package/package.json"
  expect 2 npx --no -- purposelint check
  says "not of one version"
  sed -i "s/\"version\": \".*\"/\"version\": \"$version\"/" "$package/package.json"
  chmod a-x "$package/bin/purposelint"
  expect 2 npx --no -- purposelint check
  says "does not run"
  rm -r node_modules
  ok "npm: without a binary that runs, it says so and names the ways out"
}

crate() {
  # it is built below, as people build it
  expect 0 cargo package --quiet --locked --allow-dirty --no-verify --manifest-path "$root/Cargo.toml"
  local stray
  stray=$(tar -tzf "$CARGO_TARGET_DIR/package/purposelint-$version.crate" | cut -d/ -f2- | grep -Ev \
    '^(src/.*\.rs|policies/(.*\.(yaml|md|txt)|compact/[a-z-]+)|schemas/[^/]*\.json|build\.rs|Cargo\.(toml|toml\.orig|lock)|\.cargo_vcs_info\.json|README\.md|CHANGELOG\.md|LICENSE-(MIT|APACHE))$' || true)
  [ -z "$stray" ] || fail "the crate holds what does not belong there" "$stray"
  ok "cargo package: nothing stray"
  tar -xzf "$CARGO_TARGET_DIR/package/purposelint-$version.crate" -C "$work"
  expect 0 cargo install --quiet --locked --path "$work/purposelint-$version" --root "$work/installed"
  works "$work/installed/bin/purposelint"
  local shell
  for shell in bash zsh fish; do "$work/installed/bin/purposelint" completions "$shell" >"$work/completions.$shell"; done
  bash -n "$work/completions.bash"
  # shellcheck disable=SC2016 # the inner shell expands it
  expect 0 bash -c '. "$1"; complete -p purposelint' _ "$work/completions.bash"
  "$work/installed/bin/purposelint" man >"$work/purposelint.1"
  grep -q '^\.TH PURPOSELINT 1' "$work/purposelint.1" || fail "no manual page"
  ok "cargo install --locked of nothing but what is packed, and it works"
}

python_tools
ok "tools are installed"
case ${1:-all} in
  all)
    wheel
    sdist
    npm_packages
    crate
    ;;
  wheel | sdist | crate) "$1" ;;
  npm) npm_packages ;;
  *) fail "there is no part $1: wheel, sdist, npm, crate" ;;
esac
done_all
