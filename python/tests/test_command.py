"""The command that comes with the wheel, and that Python's answers are its bytes."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import codcast

from .conftest import STUDY, command


def _same(answer: codcast.Result, *args: str, status: int = 0) -> None:
    said = command(*args, "--format", "json", "--quiet")
    assert said.returncode == status, said.stderr
    assert said.stdout == answer.to_json() + "\n"


def test_answers_are_the_commands_bytes() -> None:
    path = str(STUDY)
    study = codcast.Study.from_dir(path)
    _same(study.check(), "check", path)
    _same(study.forecast(), "forecast", path)
    _same(
        study.forecast("tiny-56", level=0.5, seed=7),
        *("forecast", path, "--target", "tiny-56", "--level", "0.5", "--seed", "7"),
    )
    # Where nothing can be forecast the command says so with its status; the answer is the same.
    _same(study.forecast(engine="cod"), "forecast", path, "--engine", "cod", status=1)
    _same(
        study.forecast(
            compute=3e13, params=2e5, tokens=2.5e7, config={"cluster": {"quantile": 0.2}}
        ),
        *("forecast", path, "--compute", "3e13", "--params", "2e5", "--tokens", "2.5e7"),
        *("--set", "cluster.quantile=0.2"),
    )
    _same(study.clusters(["add", "count"]), "clusters", path, "--task", "add", "--task", "count")
    _same(
        study.backtest(engines=["power", "last"], min_rungs=5),
        *("backtest", path, "--engine", "power,last", "--min-rungs", "5", "--no-cache"),
    )
    _same(codcast.engines(), "engines")


def test_a_study_is_called_as_it_was_given(tmp_path: pathlib.Path) -> None:
    codcast.Study.demo().write(tmp_path / "mine")
    said = command("check", "mine", "--format", "json", cwd=tmp_path)
    code = "import codcast; print(codcast.Study.from_dir('mine').check().to_json())"
    ours = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert said.stdout == ours.stdout


def test_statuses_are_the_binarys() -> None:
    assert command("--version").stdout.startswith("codcast ")
    assert command("--help").returncode == 0
    assert command("nonsense").returncode == 2
    missing = command("check", "no-such-folder")
    assert missing.returncode == 2
    assert "no-such-folder" in missing.stderr
    assert command("forecast", str(STUDY), "--compute", "1").returncode == 1
    module = subprocess.run(
        [sys.executable, "-m", "codcast", "--version"], capture_output=True, check=True
    )
    assert module.stdout.startswith(b"codcast ")


def test_the_commands_memory_knows_which_build_it_is(tmp_path: pathlib.Path) -> None:
    """Forecasts are remembered under a hash of the code, not of the interpreter that carries it."""
    args = ("backtest", str(STUDY), "--engine", "last", "--cache", str(tmp_path), "--format", "json")
    first = command(*args)
    remembered = sorted(tmp_path.rglob("*.json"))
    assert remembered
    assert command(*args).stdout == first.stdout
    assert sorted(tmp_path.rglob("*.json")) == remembered
