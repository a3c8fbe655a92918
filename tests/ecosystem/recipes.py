"""Writes the recipes of docs/ci.md as files: each block whose first line is a comment with nothing but a path.

recipes.py FOLDER [PATH]    all of them, or the one with this path
"""

import pathlib
import re
import sys

BLOCK = re.compile(r"^```(?:yml|sh|groovy)\n(?:#|//) (\S+)\n(.*?)^```$", re.M | re.S)

page = pathlib.Path(__file__).parents[2] / "docs/ci.md"
folder = pathlib.Path(sys.argv[1])
recipes = BLOCK.findall(page.read_text(encoding="utf-8"))
paths = [path for path, _ in recipes]
assert len(set(paths)) == len(paths), f"a path stands twice in {page}: {paths}"
wanted = sys.argv[2:] or paths
for path, text in recipes:
    if path in wanted:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        print(path)
missing = set(wanted) - set(paths)
assert not missing, f"{page} has no recipe {missing}"
