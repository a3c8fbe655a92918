#!/usr/bin/env bash
# The one step of action.yml. Inputs come through the environment as data: nothing of them is ever run as shell.
set -euo pipefail

action=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d "${RUNNER_TEMP:?}/purposelint.XXXXXX")

# An annotation of the run; what stands in it cannot begin a command of its own.
refuse() {
  local message=${1//'%'/'%25'}
  message=${message//$'\r'/'%0D'}
  printf '::error title=purposelint::%s\n' "${message//$'\n'/'%0A'}"
  printf 'exit-code=2\n' >>"$GITHUB_OUTPUT"
  exit 2
}

# An input that is yes or no.
is_true() {
  case $2 in
    true) return 0 ;;
    false) return 1 ;;
    *) refuse "$1 is \`$2\`; write true or false" ;;
  esac
}

# The lines of an input, empty ones left out, in the array `lines`.
lines_of() {
  local line
  lines=()
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    [ -z "$line" ] || lines+=("$line")
  done <<<"$1"
}

# An input that is one value on one line, for a flag.
flag() {
  case $2 in
    '') ;;
    *$'\n'* | *$'\r'*) refuse "${1#--} is one value on one line" ;;
    *) command+=("$1=$2") ;;
  esac
}

# Runs a step of an installation, where no settings of the repository that is checked are found.
installed_by() {
  (cd "$scratch" && "$@") || refuse "purposelint cannot be installed by $INPUT_INSTALL; the log above says why"
}

install() {
  local version=$INPUT_VERSION
  if [ -z "$version" ]; then version=$(sed -n '/^version = /{s/^version = "\(.*\)"$/\1/p;q;}' "$action/Cargo.toml"); fi
  # it becomes a part of what is asked of a registry
  [[ $version =~ ^[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}(-[0-9A-Za-z.]{1,40})?$ ]] || refuse "version is \`$version\`; write one such as 1.2.3"
  if [ -n "$INPUT_BINARY" ] && [ "$INPUT_INSTALL" != none ]; then refuse "binary goes with \`install: none\`"; fi
  local folder=$scratch/installed
  case $INPUT_INSTALL in
    source)
      [ -z "$INPUT_VERSION" ] || refuse "version goes with pip, npm or cargo; \`install: source\` builds what \`uses\` names"
      installed_by cargo install --quiet --locked --path "$action" --root "$folder"
      binary=$folder/bin/purposelint
      ;;
    cargo)
      installed_by cargo install --quiet --locked --root "$folder" --version "=$version" purposelint
      binary=$folder/bin/purposelint
      ;;
    pip)
      installed_by "$(type -P python3 || echo python)" -m venv "$folder"
      binary=$folder/bin
      [ -d "$binary" ] || binary=$folder/Scripts
      installed_by "$binary/python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: "purposelint==$version"
      binary=$binary/purposelint
      ;;
    npm)
      installed_by npm install --silent --ignore-scripts --prefix "$folder" "purposelint@$version"
      binary=$folder/node_modules/.bin/purposelint
      ;;
    none) binary=${INPUT_BINARY:-purposelint} ;;
    *) refuse "install is \`$INPUT_INSTALL\`; write source, pip, npm, cargo or none" ;;
  esac
  binary=$(type -P -- "$binary") || refuse "there is no program \`${INPUT_BINARY:-purposelint}\`; see the inputs install and binary"
  case $binary in /* | [A-Za-z]:*) ;; *) binary=$PWD/$binary ;; esac
}

# `purposelint check` with all that the inputs ask for, in the array `command`.
compose() {
  command=("$binary" check --color=never --format=human "--format=jsonl=$scratch/findings.jsonl")
  flag --config "$INPUT_CONFIG"
  flag --base "$INPUT_BASE"
  flag --fail-on "$INPUT_FAIL_ON"
  flag --cap "$INPUT_CAP"
  flag --since "$INPUT_SINCE"
  if is_true exit-zero "$INPUT_EXIT_ZERO"; then command+=(--exit-zero); fi
  if is_true annotations "$INPUT_ANNOTATIONS"; then command+=("--format=github=$scratch/annotations"); fi
  if is_true summary "$INPUT_SUMMARY"; then command+=("--format=markdown=$scratch/summary.md"); fi
  case $INPUT_SARIF_FILE in
    '') ;;
    *$'\n'* | *$'\r'*) refuse "sarif-file is one path on one line" ;;
    # written here first: a file of that name may be part of the repository
    *) command+=("--format=sarif=$scratch/report.sarif") ;;
  esac
  local -a lines
  lines_of "$INPUT_ARGS"
  command+=(${lines[@]+"${lines[@]}"})
  lines_of "$INPUT_PATHS"
  command+=(-- ${lines[@]+"${lines[@]}"})
}

# Runs it. Text of declarations is in what it prints, so the runner is told to take no commands from there.
check() {
  local token
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  code=0
  printf '::stop-commands::%s\n' "$token"
  "${command[@]}" 2>&1 || code=$?
  printf '\n::%s::\n' "$token"
}

# What the rest of the workflow can use.
hand_on() {
  if [ -s "$scratch/annotations" ]; then cat "$scratch/annotations"; fi
  if [ -s "$scratch/summary.md" ]; then cat "$scratch/summary.md" >>"$GITHUB_STEP_SUMMARY"; fi
  printf 'exit-code=%s\n' "$code" >>"$GITHUB_OUTPUT"
  if [ -e "$scratch/findings.jsonl" ]; then
    local findings
    findings=$(grep '^{"rule":' "$scratch/findings.jsonl" | grep -c '"suppressed":null' || true)
    printf 'findings=%s\n' "$findings" >>"$GITHUB_OUTPUT"
  fi
  if [ -n "$INPUT_SARIF_FILE" ] && [ -s "$scratch/report.sarif" ]; then
    local file=$INPUT_SARIF_FILE
    cp -- "$scratch/report.sarif" "$file" || refuse "sarif-file cannot be written"
    case $file in /* | [A-Za-z]:*) ;; *) file=${INPUT_WORKING_DIRECTORY%/}/$file ;; esac
    printf 'sarif-file=%s\n' "${file#./}" >>"$GITHUB_OUTPUT"
  fi
  case $code in
    0 | 1) ;;
    2) printf '::error title=purposelint::could not judge; the log says why\n' ;;
    3) printf '::error title=purposelint::nothing was checked; the log says why\n' ;;
    *) printf '::error title=purposelint::ended with %s\n' "$code" ;;
  esac
}

cd -- "${GITHUB_WORKSPACE:?}"
install
case $INPUT_WORKING_DIRECTORY in *$'\n'* | *$'\r'*) refuse "working-directory is one path on one line" ;; esac
cd -- "$INPUT_WORKING_DIRECTORY" || refuse "working-directory \`$INPUT_WORKING_DIRECTORY\` does not exist"
compose
check
hand_on
exit "$code"
