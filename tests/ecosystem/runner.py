"""Runs the step of action.yml as the runner of GitHub would: inputs by default or as given, an environment of its own.

runner.py FOLDER [INPUT=VALUE…]

FOLDER/workspace is the checkout, FOLDER/temp the scratch folder; FOLDER/output and FOLDER/summary are what a step may append
to, empty at first.
"""

import os
import pathlib
import re
import subprocess
import sys

import yaml

root = pathlib.Path(__file__).parents[2]
folder = pathlib.Path(sys.argv[1]).resolve()
action = yaml.safe_load((root / "action.yml").read_text(encoding="utf-8"))
inputs = {name: spec["default"] for name, spec in action["inputs"].items()}
for pair in sys.argv[2:]:
    name, value = pair.split("=", 1)
    assert name in inputs, f"action.yml has no input {name}"
    inputs[name] = value

(step,) = action["runs"]["steps"]
assert step["shell"] == "bash" and "${{" not in step["run"], "inputs come through the environment"
environment = dict(os.environ)
for name, value in step["env"].items():
    (given,) = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value).groups()
    assert name == "INPUT_" + given.upper().replace("-", "_"), f"{name} is {given}"
    environment[name] = inputs.pop(given)
assert not inputs, f"inputs that nothing reads: {inputs}"

script = folder / "step.sh"
script.write_text(step["run"] + "\n", encoding="utf-8")
(folder / "temp").mkdir(exist_ok=True)
for name in ["output", "summary"]:
    (folder / name).write_text("")
environment |= {
    "GITHUB_ACTION_PATH": str(root),
    "GITHUB_OUTPUT": str(folder / "output"),
    "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    "GITHUB_WORKSPACE": str(folder / "workspace"),
    "RUNNER_TEMP": str(folder / "temp"),
    "GITHUB_ACTIONS": "true",
    "CI": "true",
}
command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
sys.exit(subprocess.run(command, cwd=folder / "workspace", env=environment, stdin=subprocess.DEVNULL).returncode)
