# shellcheck shell=bash
# What the scripts of this folder share: tools of pinned versions, one build, and a list of what was verified.
# Needs Rust, Python with venv, Node with npm, git; reaches crates.io, PyPI and npm, nothing else.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$root/tests/ecosystem
cache=${CARGO_TARGET_DIR:-$root/target}/ecosystem
tools=$cache/tools
mkdir -p "$tools"
work=$(mktemp -d "${TMPDIR:-/tmp}/purposelint-ecosystem.XXXXXX")
# what is judged here is kept here
export PURPOSELINT_CACHE_DIR=$work/cache
reported=
# whatever ends a run early is said: a command that fails does so silently under `set -e`
trap 'code=$?; [ "$code" -eq 0 ] || [ -n "$reported" ] || printf "FAILED: a command ended with %s\n" "$code"
  chmod -R u+w "$work"; rm -rf "$work"' EXIT

# Every consumer that builds from source shares one folder, and builds fast rather than well: what is tested is the way it is
# packed. The profile of a release is that of Cargo.toml.
export CARGO_TARGET_DIR=$cache/build
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0
export CARGO_TERM_COLOR=never NO_COLOR=1 npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false npm_config_loglevel=error
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1
# no settings of whoever runs this: they could switch hooks off, sign commits or name other branches
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_NOSYSTEM=1
git config --global user.name tester
git config --global user.email tester@example.com
git config --global init.defaultBranch main
git config --global advice.detachedHead false

passed=0
began=$SECONDS
step_began=$SECONDS

# Ends the run: what was wrong, and the end of what was printed.
fail() {
  reported=yes
  printf 'FAILED: %s\n' "$1"
  if [ -n "${2-}" ]; then printf -- '--- it printed\n%s\n---\n' "$(tail -n 40 <<<"$2")"; fi
  exit 1
}

# Says what was verified, and how long it took.
ok() {
  passed=$((passed + 1))
  printf 'ok (%3d s)  %s\n' $((SECONDS - step_began)) "$1"
  step_began=$SECONDS
}

# The closing line.
done_all() {
  printf '%s passed, 0 failed\nin %d s\n' "$passed" $((SECONDS - began))
}

# Runs a command that has to end with the exit code given; what it prints is in $out.
expect() {
  local wanted=$1 code=0
  shift
  out=$("$@" 2>&1) || code=$?
  [ "$code" -eq "$wanted" ] || fail "exit code $code, not $wanted: $*" "$out"
}

# What was printed last has to contain each text.
says() {
  local part
  for part in "$@"; do
    case $out in *"$part"*) ;; *) fail "nothing says: $part" "$out" ;; esac
  done
}

# What was printed last has to contain none of the texts.
says_not() {
  local part
  for part in "$@"; do
    case $out in *"$part"*) fail "something says: $part" "$out" ;; esac
  done
}

# The Python tools, in a virtual environment of their own.
python_tools() {
  if ! cmp -s "$here/requirements.txt" "$tools/requirements.txt"; then
    python3 -m venv --clear "$tools/venv"
    "$tools/venv/bin/pip" install -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$tools/requirements.txt"
  fi
  export PATH=$tools/venv/bin:$PATH
}

# The npm tools; none of them needs an install script.
npm_tools() {
  if ! cmp -s "$here/package.json" "$tools/package.json"; then
    cp "$here/package.json" "$tools/new.json"
    mv "$tools/new.json" "$tools/package.json"
    if ! (cd "$tools" && npm install --silent --ignore-scripts --no-package-lock); then
      rm "$tools/package.json"
      fail "the npm tools cannot be installed"
    fi
  fi
  export PATH=$tools/node_modules/.bin:$PATH
}

# The binary of this checkout, in $bin.
build_binary() {
  (cd "$root" && cargo build --quiet --release --locked)
  bin=$CARGO_TARGET_DIR/release
  export PATH=$bin:$PATH
}

# A repository with a declaration that nothing is flagged about, committed; the run is in it from then on.
new_repository() {
  local folder=$work/$1
  mkdir -p "$folder"
  cd "$folder"
  git init --quiet
  cp "$here"/declaration/*.yaml .
  git add .
  git commit --quiet --no-verify --message "declare"
}

# Turns the training of models on for the EU.
spoil() {
  sed -i 's/^    default: off$/    default: off\n    overrides: [{regions: [EU], default: on}]/' "${1:-purposes.yaml}"
}

# The message of a hook or a job: alone it has to tell the author what is wrong, where, and what to do.
tells_the_author() {
  says "fair-defaults/ai-training-on-by-default" \
    "\`Train models on notes\` is on by default in EU" \
    "purposes.yaml:16:42" \
    "help: set the default to \`off\` or \`ask\`, in the product first"
}
