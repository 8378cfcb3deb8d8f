#!/usr/bin/env python3
"""Adds the engine and the importer that docs/extending.md shows, as it says to, and lets them work.

A copy of the workspace gets the two files and their lines in the lists. Then the copy's `codcast` must
forecast with the engine and ingest a log of the harness. Nothing is left but target/extending.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "target" / "extending"
RUST = re.compile(r"^```rust\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def insert(path: Path, before: str, line: str) -> None:
    """Put a line before the first one that begins so."""
    text = path.read_text(encoding="utf-8")
    place = re.search(rf"^[ \t]*{re.escape(before)}", text, re.MULTILINE)
    assert place, f"{path} has no line that begins with {before}"
    path.write_text(f"{text[: place.start()]}{line}\n{text[place.start() :]}", encoding="utf-8")


def copy() -> None:
    """The workspace, without what was built."""
    shutil.rmtree(COPY, ignore_errors=True)
    for part in ("crates", "python", "docs", "examples/tiny-ladder/study"):
        shutil.copytree(ROOT / part, COPY / part, ignore=shutil.ignore_patterns("target", "__pycache__"))
    for part in ("Cargo.toml", "Cargo.lock", "clippy.toml", "README.md", "METHOD.md"):
        shutil.copy(ROOT / part, COPY / part)


def extend() -> None:
    """What the page says."""
    engine, importer = RUST.findall((ROOT / "docs" / "extending.md").read_text(encoding="utf-8"))
    engines = COPY / "crates" / "codcast" / "src" / "engines"
    (engines / "line.rs").write_text(engine, encoding="utf-8")
    insert(engines / "mod.rs", "mod loss;", "mod line;")
    insert(engines / "mod.rs", "pub use loss::", "pub use line::Line;")
    insert(engines / "registry.rs", "use crate::error", "use crate::engines::Line;")
    insert(engines / "registry.rs", "Box::new(Last),", "        Box::new(Line),")
    formats = COPY / "crates" / "codcast-logs" / "src" / "formats"
    (formats / "minieval.rs").write_text(importer, encoding="utf-8")
    insert(formats / "mod.rs", "mod names;", "mod minieval;")
    insert(formats / "mod.rs", "lm_eval::FORMAT,", "    minieval::FORMAT,")


def logs(path: Path) -> None:
    """One log of the harness that the page makes up: two samples, three attempts each."""
    rows = [
        {"harness": "minieval", "model_id": "org/m-1b", "suite": "sums", "item": item, "attempt": n, "ok": ok, "text": ""}
        for item, verdicts in {"s1": [True, False, True], "s2": [False, False, None]}.items()
        for n, ok in enumerate(verdicts)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    copy()
    extend()
    # Dependencies are built once for the project and the copy; the project's own `codcast` stays as it is.
    shared = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    env = os.environ | {"CARGO_BUILD_BUILD_DIR": shared, "CARGO_TARGET_DIR": str(COPY / "target"), "CARGO_INCREMENTAL": "0"}
    build = ["cargo", "build", "--quiet", "--locked", "-p", "codcast-cli", "--message-format", "json"]
    built = subprocess.run(build, cwd=COPY, env=env, check=True, capture_output=True, text=True).stdout
    found = [json.loads(line).get("executable") for line in built.splitlines()]
    codcast = next(path for path in found if path)

    def ask(*args: str | Path) -> dict:
        said = subprocess.run([codcast, *args, "--format", "json", "--quiet"], check=True, capture_output=True, text=True)
        return json.loads(said.stdout)

    study = ROOT / "examples" / "tiny-ladder" / "study"
    forecast = ask("forecast", study, "--engine", "line")
    assert any(task["forecast"] is not None for task in forecast["targets"][0]["tasks"]), "the engine forecasts nothing"

    log, models, output = COPY / "attempts.jsonl", COPY / "models.toml", COPY / "study"
    logs(log)
    models.write_text('name = "mini"\n[[models]]\nname = "m-1b"\nmatch = "org/m-1b"\nrole = "ladder"\ncompute_flops = 1e20\n')
    (task,) = ask("ingest", log, "--models", models, "-o", output)["tasks"]
    assert (task["format"], task["samples"], task["trials"], task["unscored"]) == ("minieval", 2, 5, 1), task
    print("docs/extending.md: its engine forecasts, its importer counts")


if __name__ == "__main__":
    main()
