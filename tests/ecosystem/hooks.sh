#!/usr/bin/env bash
# The hooks, with the programs that run them: pre-commit, prek, lefthook, husky.
#   hooks.sh              everything
#   hooks.sh installed    with a binary that is there: the manifest, what is passed, what blocks
#   hooks.sh source       with the hooks that build and install the binary themselves; needs minutes
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

export PRE_COMMIT_HOME=$work/pre-commit PREK_HOME=$work/prek

# .pre-commit-config.yaml with one hook of a repository: its folder, the id, more keys.
config() {
  local rev
  rev=$(git -C "$1" rev-parse HEAD)
  printf 'repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - {id: %s%s}\n' "$1" "$rev" "$2" "${3:+, $3}" >.pre-commit-config.yaml
  git add .pre-commit-config.yaml
}

# What stands in the checkout now, as a repository that hooks can be taken from: the last commit may be older.
snapshot() {
  source=$work/source
  git clone --quiet "$root" "$source"
  (cd "$root" && git ls-files --cached --others --exclude-standard -z | while IFS= read -r -d '' file; do
    if [ -e "$file" ]; then printf '%s\0' "$file"; fi
  done | tar --null --files-from - -cf -) | tar -xf - -C "$source"
  (cd "$source" && git add --all && git commit --quiet --allow-empty --message "as it stands")
}

# A commit that spoils the declaration is blocked and told why; the repaired one goes through. The hook is installed.
blocks_and_lets_through() {
  local head
  head=$(git rev-parse HEAD)
  spoil
  expect 1 git commit --all --message "train"
  tells_the_author
  [ "$(git rev-parse HEAD)" = "$head" ] || fail "the commit was made"
  git checkout --quiet HEAD -- purposes.yaml
  printf '# looked at\n' >>purposes.yaml
  expect 0 git commit --all --message "look"
  [ "$(git rev-parse HEAD)" != "$head" ] || fail "the repaired commit was not made" "$out"
}

manifest() {
  expect 0 pre-commit validate-manifest "$root/.pre-commit-hooks.yaml" "$root/packaging/pre-commit/.pre-commit-hooks.yaml"
  ok "the manifests are valid"
}

installed_hook() {
  new_repository installed
  config "$source" purposelint-system
  expect 0 pre-commit install
  blocks_and_lets_through
  ok "pre-commit: a commit that turns training on is blocked, the repaired one goes through"

  config "$source" purposelint-project "language: system"
  git commit --quiet --no-verify --message "the whole project"
  blocks_and_lets_through
  printf 'text\n' >readme.md
  git add readme.md
  expect 0 git commit --message "nothing of ours"
  says "no files to check" "Skipped"
  ok "pre-commit: purposelint-project, and a commit without declarations skips it"
}

# What gets worse is refused, at the commit and at the push, also where no file is left that a pattern could name.
diff_hook() {
  local manager
  for manager in pre-commit prek; do
    new_repository "diff-$manager"
    config "$source" purposelint-diff "language: system"
    git commit --quiet --no-verify --message hook
    expect 0 "$manager" install --hook-type pre-commit --hook-type pre-push
    spoil
    expect 1 git commit --all --message "train"
    says "off by default → on by default" "for EU" "waivers:"
    git init --quiet --bare "$work/remote-$manager"
    git remote add origin "$work/remote-$manager"
    git push --quiet --no-verify origin HEAD
    git commit --quiet --no-verify --all --message "train all the same"
    expect 1 git push origin HEAD
    says "off by default → on by default"
    expect 1 "$manager" run --from-ref HEAD~1 --to-ref HEAD
    git checkout --quiet HEAD~1 -- purposes.yaml
    git commit --quiet --message "as before"
    expect 0 git push origin HEAD
    git rm --quiet purposes.yaml
    expect 1 git commit --message "nothing declared any longer"
    says "purposelint (what changes for people)" "this state has no declarations any longer" "with \`ended\`"
    ok "$manager: purposelint-diff refuses what gets worse in a commit and in a push"
  done
}

unstaged() {
  new_repository unstaged
  config "$source" purposelint-system
  git commit --quiet --no-verify --message hook
  expect 0 pre-commit install
  printf '# staged\n' >>purposes.yaml
  git add purposes.yaml
  spoil
  expect 0 git commit --message "staged good, unstaged bad"
  grep -q 'regions: \[EU\]' purposes.yaml || fail "the unstaged edit is gone"
  git add purposes.yaml
  git show HEAD:purposes.yaml >purposes.yaml
  expect 1 git commit --message "staged bad, unstaged good"
  tells_the_author
  ok "pre-commit: what is staged is judged, what is not is kept"
}

names() {
  new_repository names
  config "$source" purposelint-system
  local name
  local -a all=("a b.purposes.yaml" "it's \"quoted\".purposes.yaml" 'données-日本.purposes.yaml' '-dash.purposes.yaml'
    '--output-file=x.purposes.yml' "\$(touch hacked).purposes.yaml" 'brackets [x]{y}*.purposes.yaml')
  for name in "${all[@]}"; do
    sed "s/^service: .*/service: s$(printf '%s' "$name" | cksum | cut -d' ' -f1)/" purposes.yaml >"./$name"
    spoil "./$name"
  done
  git add --all
  expect 1 pre-commit run --verbose
  says "checked 8 files, 8 services" "7 errors"
  [ ! -e hacked ] || fail "a file name was run"
  [ ! -e x.purposes.yml ] || fail "a file name was read as an option"
  expect 1 prek run
  says "checked 8 files, 8 services" "7 errors"
  ok "pre-commit and prek: file names with spaces, quotes, umlauts, brackets, dollars and dashes"
}

# The findings of a run, sorted: one that took part in two processes is told by both.
findings() {
  printf '%s\n' "$out" | sed 's|^ *||' | grep -E '^[^ ]+:[0-9]+:[0-9]+: ' | sort -u
}

many() {
  new_repository many
  local at folder
  cat >shared.purposes.yaml <<'YAML'
version: 1
organisations:
  lonely: {name: Lonely Ltd, country: US, role: processor}
YAML
  for at in $(seq 1 499); do
    folder=services/service_$at
    mkdir -p "$folder"
    sed "s/^service: .*/service: service_$at/" purposes.yaml >"$folder/purposes.yaml"
    [ $((at % 3)) -ne 0 ] || spoil "$folder/purposes.yaml"
  done
  git add --all
  git commit --quiet --no-verify --message many
  expect 1 purposelint check --format concise
  findings >"$work/one-run"
  [ "$(wc -l <"$work/one-run")" -ge 499 ] || fail "too few findings to compare" "$out"

  # a program in front of the linter counts how often it is started
  mkdir -p "$work/counting"
  printf '#!/bin/sh\necho started >>"%s"\nexec "%s" "$@"\n' "$work/started" "$bin/purposelint" >"$work/counting/purposelint"
  chmod +x "$work/counting/purposelint"
  local PATH=$work/counting:$PATH
  config "$source" purposelint-system 'args: [--format, concise, --]'
  : >"$work/started"
  expect 1 pre-commit run --all-files
  findings | diff "$work/one-run" - || fail "pre-commit, one process: other findings"
  [ "$(wc -l <"$work/started")" -eq 1 ] || fail "more than one process"
  config "$source" purposelint-system 'args: [--format, concise, --], require_serial: false'
  expect 1 pre-commit run --all-files
  findings | diff "$work/one-run" - || fail "pre-commit, several processes: other findings"
  [ "$(wc -l <"$work/started")" -gt 2 ] || [ "$(nproc)" -eq 1 ] || fail "only one process"
  expect 1 prek run --all-files
  findings | diff "$work/one-run" - || fail "prek: other findings"
  ok "pre-commit and prek: 502 files in one process and in several, the findings of one run"
}

absent() {
  new_repository absent
  config "$source" purposelint-system
  local without
  without=$(printf '%s' "$PATH" | tr ':' '\n' | while read -r folder; do
    [ -e "$folder/purposelint" ] || printf '%s:' "$folder"
  done)
  expect 1 env PATH="${without%:}" pre-commit run --all-files
  says "Executable \`purposelint\` not found"
  expect 2 env PATH="${without%:}" prek run --all-files
  ok "pre-commit and prek: without a binary, purposelint-system fails and says so"
}

prek_hook() {
  new_repository with-prek
  config "$source" purposelint-system
  expect 0 prek install
  blocks_and_lets_through
  ok "prek: the same config blocks and lets through"
}

managers() {
  new_repository lefthook
  expect 0 python3 "$here/recipes.py" . lefthook.yml
  git add lefthook.yml
  expect 0 lefthook validate
  expect 0 lefthook install
  blocks_and_lets_through
  ok "lefthook: what is staged blocks and lets through"

  new_repository husky
  printf '{"private": true, "scripts": {"prepare": "husky"}}\n' >package.json
  printf '.husky/_\n' >.gitignore
  expect 0 husky
  expect 0 python3 "$here/recipes.py" . .husky/pre-commit
  git add --all
  git commit --quiet --no-verify --message husky
  blocks_and_lets_through
  printf '# staged\n' >>purposes.yaml
  git add purposes.yaml
  spoil
  expect 0 git commit --message "staged good, unstaged bad"
  ok "husky: what is staged blocks and lets through, what is not staged is not judged"
}

# The hooks that build: each manager, each way, one declaration that is clean and one that is not.
from_source() {
  local id=$1 manager
  for manager in pre-commit prek; do
    new_repository "$manager-$id"
    config "$source" "$id"
    expect 0 "$manager" run --all-files
    spoil
    expect 1 "$manager" run --all-files
    tells_the_author
    ok "$manager: $id, built from source"
  done
}

try_repo() {
  new_repository try
  expect 0 pre-commit try-repo "$root" purposelint-system --all-files
  says "Passed"
  spoil
  expect 1 pre-commit try-repo "$root" purposelint-system --all-files
  tells_the_author
  ok "pre-commit: try-repo of the checkout"
}

mirror() {
  expect 0 maturin build --quiet --release --manifest-path "$root/Cargo.toml" --out "$work/wheels"
  ok "maturin: a wheel"
  cp -r "$root/packaging/pre-commit" "$work/mirror"
  (cd "$work/mirror" && git init --quiet && git add --all && git commit --quiet --message "0.1.0")
  local id manager
  export PIP_FIND_LINKS=$work/wheels UV_FIND_LINKS=$work/wheels
  for manager in pre-commit prek; do
    for id in purposelint purposelint-project; do
      new_repository "mirror-$manager-$id"
      config "$work/mirror" "$id"
      expect 0 "$manager" install
      blocks_and_lets_through
    done
    ok "$manager: the hooks of the mirror install the wheel"
  done
}

python_tools
part=${1:-all}
case $part in all | installed | source) ;; *) fail "there is no part $part: installed, source" ;; esac
snapshot
if [ "$part" != source ]; then
  npm_tools
  ok "tools are installed"
  build_binary
  ok "the binary is built"
  manifest
  try_repo
  installed_hook
  diff_hook
  unstaged
  names
  many
  absent
  prek_hook
  managers
fi
if [ "$part" != installed ]; then
  mirror
  from_source purposelint
  from_source purposelint-src
fi
done_all
