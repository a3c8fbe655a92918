#!/bin/sh
# Holds the XML reports against what reads them elsewhere: xmllint, the Jenkins flavour of the JUnit schema, and two parsers of JUnit.
# Needs a built purposelint, xmllint, python3 and npm. Usage: tests/ecosystem/xml.sh [PURPOSELINT]
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "${1:-$root/target/debug/purposelint}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check junitparser==5.0.3
npm install --silent --no-audit --no-fund --prefix node junit2json@4.0.0 > /dev/null

# the schema of the xUnit plugin of Jenkins, under the MIT licence, stands in the tests of pytest
python/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: pytest==8.3.4
tar -xzf pytest-8.3.4.tar.gz pytest-8.3.4/testing/example_scripts/junit-10.xsd
schema=pytest-8.3.4/testing/example_scripts/junit-10.xsd

mkdir clean example hostile idle
cp "$root/examples/linkedin-2024/"*.yaml example/
printf 'version: 1\nservice: a\npurposes:\n  t: {use: train_ai_system, setting: {default: off}}\n' > clean/purposes.yaml
# a law would ask even this one for a basis
printf 'packs: [core, fair-defaults]\n' > clean/purposelint.yaml
printf 'packs: [core]\n' > idle/purposelint.yaml
cp clean/purposes.yaml idle/purposes.yaml
cat > hostile/purposes.yaml <<'YAML'
version: 1
service: a
purposes:
  t:
    title: "]]> --> </failure><script a=\"b\" c='d'>&amp; \e[31m \u202e \uFFFE ##vso[task.complete] 😀"
    use: train_ai_system
    setting: {default: on}
YAML

for folder in clean example hostile idle; do
    for format in junit checkstyle; do
        code=0
        (cd "$folder" && "$program" check --as-of 2026-11-21 --format $format --output-file report.$format 2> errors) || code=$?
        case $folder:$code in
            clean:0 | example:1 | hostile:1 | idle:3) ;;
            *) echo "$folder as $format ended with $code" >&2; cat "$folder/errors" >&2; exit 1 ;;
        esac
        xmllint --noout "$folder/report.$format"
    done
    xmllint --noout --schema "$schema" "$folder/report.junit"
    python/bin/python - "$folder" <<'PYTHON'
import sys
from junitparser import Failure, JUnitXml, Skipped
folder = sys.argv[1]
suites = list(JUnitXml.fromfile(folder + "/report.junit"))
cases = [case for suite in suites for case in suite]
kinds = [type(result) for case in cases for result in case.result]
assert len(cases) == sum(suite.tests for suite in suites) > 0
assert kinds.count(Failure) == sum(suite.failures for suite in suites)
assert kinds.count(Skipped) == sum(suite.skipped for suite in suites)
assert (Failure in kinds) == (folder in ("example", "hostile")), (folder, kinds)
assert folder != "idle" or all(case.result for case in cases), "an idle run has a test that passed"
PYTHON
    (cd node && node --input-type=module - "../$folder/report.junit" <<'NODE'
import { parse } from "junit2json";
import { readFileSync } from "node:fs";
const report = await parse(readFileSync(process.argv[2], "utf8"));
const cases = report.testsuite.flatMap((suite) => suite.testcase ?? []);
if (cases.length !== Number(report.tests)) throw new Error(`${cases.length} test cases, ${report.tests} said`);
NODE
    )
done
echo "the XML reports are read by xmllint, the JUnit schema, junitparser and junit2json"
