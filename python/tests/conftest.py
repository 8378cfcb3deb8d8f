"""What the tests share: the demo study, other people's tables of it, and the command."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sysconfig
from typing import Any

import pytest

import codcast

ROOT = pathlib.Path(__file__).parents[2]
GOLDEN = ROOT / "crates" / "codcast" / "tests" / "golden"
STUDY = ROOT / "examples" / "tiny-ladder" / "study"

#: Models of a study by hand.
MODELS: list[dict[str, Any]] = [
    {"name": "r1", "role": "ladder", "compute_flops": 1e20},
    {"name": "r2", "role": "ladder", "compute_flops": 4e20},
    {"name": "r3", "role": "ladder", "compute_flops": 1.6e21},
    {"name": "r4", "role": "ladder", "params": 1e9, "tokens": 1.2e12},
    {"name": "big", "role": "target", "compute_flops": 1e24, "family": None},
]


def rows() -> list[dict[str, Any]]:
    """Rows of a study by hand: rates rise with the model and fall with the sample."""
    names = ["r1", "r2", "r3", "r4"]
    return [
        {
            "model": name,
            "task": "sums",
            "sample_id": f"s{sample:02}",
            "n_trials": 100,
            "n_correct": min(100, 10 * (rung + 1) + sample),
        }
        for rung, name in enumerate(names)
        for sample in range(30)
    ]


def columns() -> dict[str, list[Any]]:
    """Give the same as columns."""
    table = rows()
    return {name: [row[name] for row in table] for name in table[0]}


@pytest.fixture(scope="session")
def demo() -> codcast.Study:
    """Give the embedded study."""
    return codcast.Study.demo()


def command(*args: str, cwd: pathlib.Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the `codcast` command of this environment."""
    program = shutil.which("codcast", path=sysconfig.get_path("scripts"))
    assert program is not None, "the wheel brings the command"
    return subprocess.run([program, *args], capture_output=True, text=True, cwd=cwd, check=False)
