#!/usr/bin/env python3
"""Runs the commands that the documentation shows, so that none of them is wrong.

Every fenced block marked `sh` is run, the blocks of a page one after the other in one new folder, with
the `codcast` of this build first on the path and an empty home directory, as a new user has it. Blocks
marked `console` are only shown, but for the README's: its lines are about the reader's own logs and study,
and are run one by one on the example in their place.

    docs/run.py [PAGE ...]
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
README = ROOT / "README.md"
LINE = re.compile(r"^\$ (codcast .*)$", re.MULTILINE)
TEMPLATE = re.compile(r"^```(toml|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What the README's commands are about, and what stands for it. Its two models and its task are made up.
EXAMPLE = {
    " results/": f" {ROOT}/examples/tiny-ladder/logs",
    "-o my-study": "-o my-logs",
    "mini-30B": "tiny-96",
    "mmlu": "add",
}


def bash(command: str, folder: Path, path: str, page: Path) -> None:
    """Run in the folder; end here if the command fails."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    env |= {"PATH": path, "HOME": str(home), "CODCAST_PROJECT": str(ROOT)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=env, capture_output=True, text=True
    )
    if done.returncode != 0:
        sys.exit(f"{page.name}: exit status {done.returncode}\n{command}\n{done.stdout}{done.stderr}")


def run(page: Path, path: str) -> int:
    """Run a page's blocks; give their number."""
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        for block in blocks:
            bash(block, Path(folder), path, page)
    return len(blocks)


def readme(path: str) -> int:
    """Run the README's commands on the example, and read its template; give their number."""
    text = README.read_text(encoding="utf-8")
    commands = LINE.findall(text)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bash("codcast demo --out my-study --quiet", folder, path, README)
        for command in commands:
            for said, meant in EXAMPLE.items():
                command = command.replace(said, meant)
            bash(command, folder, path, README)
        template = folder / "template"
        template.mkdir()
        files = {"toml": "study.toml", "csv": "samples.csv"}
        for kind, content in TEMPLATE.findall(text):
            (template / files[kind]).write_text(content, encoding="utf-8")
        # It has one rung of the many that it speaks of: read, and refused for that alone.
        bash("codcast check template 2> said || grep -q one_rung said", folder, path, README)
    return len(commands)


def main() -> None:
    built = os.environ.get("CODCAST_BIN", str(ROOT / "target" / "debug"))
    path = built + os.pathsep + os.environ["PATH"]
    pages = [Path(page).resolve() for page in sys.argv[1:]] or [README, *sorted((ROOT / "docs").glob("*.md"))]
    for page in pages:
        if page == README:
            print(f"{page.name}: {readme(path)} commands run")
        elif count := run(page, path):
            print(f"{page.name}: {count} blocks of commands run")


if __name__ == "__main__":
    main()
