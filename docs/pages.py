"""Pages of the site that are made from files kept elsewhere.

METHOD.md, ARCHITECTURE.md and CHANGELOG.md live at the top of the project, where people who read the
code look for them; the command line's page is printed by the command itself.
"""

import os
import re
import subprocess
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent
AT_THE_TOP = {"method.md": "METHOD.md", "architecture.md": "ARCHITECTURE.md", "changelog.md": "CHANGELOG.md"}


def on_files(files, config):
    for page, source in AT_THE_TOP.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        # Links are written for a reader of the repository.
        text = re.sub(r"\]\(docs/", "](", text)
        for other, name in AT_THE_TOP.items():
            text = text.replace(f"]({name})", f"]({other})")
        files.append(File.generated(config, page, content=text))
    files.append(File.generated(config, "cli.md", content=command_line()))
    files.append(File.generated(config, "engines.md", content=engines()))
    return files


def built() -> Path:
    """The command of this build."""
    return Path(os.environ.get("CODCAST_BIN", ROOT / "target" / "debug")) / "codcast"


def engines() -> str:
    """What `codcast engines` prints, and the backtest that the README shows."""
    listed = subprocess.run(
        [built(), "engines", "--format", "markdown"], check=True, capture_output=True, text=True
    ).stdout
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(r"^## How good is it\?\n(.*?)^## ", readme, re.MULTILINE | re.DOTALL)
    judged = section.group(1).replace("METHOD.md", "[Method](method.md)")
    return (
        "# Engines and rivals\n\nOne method of forecasting is an engine; `--engine NAME` chooses it, and "
        "`codcast backtest` compares them on a ladder. The rivals are published methods and naive rules, "
        "implemented here to their authors' formulas: [Method](method.md) has each with its source.\n\n"
        f"{listed}\n## How good are they?\n{judged}\n## On your ladder\n\n"
        "`codcast backtest STUDY` prints the same table for your own study, and "
        "[Read a forecast](reading.md) says how to read it. A new engine is "
        "[one file](extending.md).\n"
    )


def command_line() -> str:
    """`codcast manual --markdown`, with headings that the site can link to."""
    folder = ROOT / "target" / "manual"
    subprocess.run([built(), "manual", folder, "--markdown"], check=True)
    text = (folder / "cli.md").read_text(encoding="utf-8")
    # The overview's links are made for another renderer's anchors; the site has its own contents.
    head, _, rest = text.partition("**Command Overview:**")
    return head + rest[rest.index("\n## ") :]
