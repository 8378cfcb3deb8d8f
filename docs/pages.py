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
    return files


def command_line() -> str:
    """`codcast manual --markdown`, with headings that the site can link to."""
    folder = ROOT / "target" / "manual"
    built = Path(os.environ.get("CODCAST_BIN", ROOT / "target" / "debug"))
    subprocess.run([built / "codcast", "manual", folder, "--markdown"], check=True)
    text = (folder / "cli.md").read_text(encoding="utf-8")
    # The overview's links are made for another renderer's anchors; the site has its own contents.
    head, _, rest = text.partition("**Command Overview:**")
    return head + rest[rest.index("\n## ") :]
