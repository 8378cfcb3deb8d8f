"""Run a Markdown file's Python blocks in order and compare what they print.

``python tutorial.py FILE`` runs every block that is marked as python in one namespace, like the cells of
a notebook. Where a block marked as text follows, it must be what the code printed. With ``--update`` it
becomes what the code printed. A block that begins with ``# needs LIBRARY`` is passed over, aloud, where
the library is not installed; with ``--all`` that is an error.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import pathlib
import re
import shutil
import sys

CELL = re.compile(r"^```python\n(.*?)^```\n(\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


NEEDS = re.compile(r"# needs (\w+)")


def missing(code: str, demand: bool) -> str | None:
    """Name the library that a block needs and that is not there."""
    needs = NEEDS.match(code)
    if needs is None:
        return None
    absent = needs[1] if importlib.util.find_spec(needs[1]) is None else None
    if needs[1] == "pyspark" and shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        absent = absent or "Java"
    if absent and demand:
        sys.exit(f"{absent} is not installed")
    return absent


def run(path: pathlib.Path, update: bool, demand: bool) -> int:
    """Run the file; give the number of cells."""
    text = path.read_text()
    space: dict[str, object] = {"__name__": "__main__"}
    cells = 0
    parts, end = [], 0
    for cell in CELL.finditer(text):
        if library := missing(cell[1], demand):
            print(f"{path}: a block is skipped, {library} is not installed", file=sys.stderr)
            continue
        cells += 1
        line = text.count("\n", 0, cell.start(1)) + 1
        printed = io.StringIO()
        # Blank lines above make the tracebacks' line numbers those of the file.
        code = compile("\n" * (line - 1) + cell[1], str(path), "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, space)
        if cell[2] is not None:
            if update:
                parts += [text[end : cell.start(3)], printed.getvalue()]
                end = cell.end(3)
            elif printed.getvalue() != cell[3]:
                sys.exit(f"{path}, line {line}: printed\n{printed.getvalue()}expected\n{cell[3]}")
    if update:
        path.write_text("".join([*parts, text[end:]]))
    return cells


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    for file in arguments:
        found = run(pathlib.Path(file), "--update" in sys.argv, "--all" in sys.argv)
        if found == 0:
            sys.exit(f"{file}: no Python in it")
        print(f"{file}: {found} cells run")
