#!/usr/bin/env python3
"""Runs the commands that the documentation shows, so that none of them is wrong.

Every fenced block marked `sh` is run, the blocks of a page one after the other in one new folder, with
the `codcast` of this build first on the path. Blocks marked `console` are only shown.

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


def run(page: Path, path: str) -> int:
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"PATH": path, "CODCAST_PROJECT": str(ROOT)}
        for block in blocks:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block], cwd=folder, env=env, capture_output=True, text=True
            )
            if done.returncode != 0:
                sys.exit(f"{page.name}: exit status {done.returncode}\n{block}\n{done.stdout}{done.stderr}")
    return len(blocks)


def main() -> None:
    built = os.environ.get("CODCAST_BIN", str(ROOT / "target" / "debug"))
    path = built + os.pathsep + os.environ["PATH"]
    pages = [Path(page) for page in sys.argv[1:]] or [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for page in pages:
        if count := run(page, path):
            print(f"{page.name}: {count} blocks of commands run")


if __name__ == "__main__":
    main()
