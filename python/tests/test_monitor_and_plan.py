"""Watched runs and plans: the numbers of the command."""

from __future__ import annotations

import importlib.util
import json
import pathlib
from typing import Any

import pytest

import codcast
from codcast import CodcastError, InputError, Study

from .conftest import command


def _run(third: float) -> Study:
    """Give seven rungs with four checkpoints each; of the run's three the last is off by a factor."""
    models: list[dict[str, Any]] = [
        {"name": f"r{rung}", "role": "ladder", "compute_flops": 1e20 * 4**rung, "checkpoint": 4}
        for rung in range(7)
    ]
    models.append({"name": "run", "role": "target", "compute_flops": 4e24, "checkpoint": 4})
    names = ("model", "checkpoint", "task", "sample_id", "n_trials", "n_correct")
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for model in models:
        for look in range(1, 4 if model["name"] == "run" else 5):
            for sample in range(30):
                compute = model["compute_flops"] * look / 4 / 1e18
                rate = 2.718281828459045 ** (-(3 + 3 * (sample % 3)) * compute**-0.25 - sample / 1000)
                if model["name"] == "run" and look == 3:
                    rate *= third
                row = (model["name"], look, "sums", f"s{sample:02}", 100, round(100 * rate))
                for column, value in zip(columns.values(), row):
                    column.append(value)
    return Study.from_frame(columns, models, name="watched")


@pytest.fixture(scope="module")
def healthy() -> Study:
    """Give a run without a fault."""
    return _run(1.0)


def test_a_watched_run_is_that_of_the_command(healthy: Study, tmp_path: pathlib.Path) -> None:
    healthy.write(tmp_path / "study")
    study = Study.from_dir(tmp_path / "study")
    watched = study.monitor("run")
    said = command("monitor", str(tmp_path / "study"), "--run", "run", "--format", "json")
    assert said.returncode == 0, said.stderr
    assert watched.to_json() + "\n" == said.stdout
    assert watched.alarm is None
    assert [look.share for look in watched.looks] == [0.25, 0.5, 0.75]
    row = watched.to_dict()["looks"][1]["tasks"][0]
    task = watched.looks[1].tasks[0]
    assert (task.expected, task.actual, task.change) == (row["expected"], row["actual"], row["change"])
    assert task.band is not None
    assert task.band.lower == row["band"]["lower"]
    assert watched.end_of_training[0].updated == watched.to_dict()["end_of_training"][0]["updated"]
    assert "no alarm" in repr(watched)


def test_a_broken_run_has_an_alarm_and_a_page(tmp_path: pathlib.Path) -> None:
    watched = _run(0.1).monitor("run", below_only=True)
    assert watched.alarm is not None
    assert (watched.alarm.checkpoint, watched.alarm.direction) == (3, "below")
    watched.report(tmp_path / "run.html")
    assert "ALARM" in (tmp_path / "run.html").read_text(encoding="utf-8")
    assert "ALARM" in watched._repr_html_()


def test_what_a_run_lacks_is_said(healthy: Study) -> None:
    with pytest.raises(InputError, match="nobody"):
        healthy.monitor("nobody")
    with pytest.raises(ValueError, match="intervals"):
        healthy.monitor("run", engine="power")
    with pytest.raises(InputError, match="false_alarms is 2"):
        healthy.monitor("run", false_alarms=2)


def test_plans_are_those_of_the_command(healthy: Study, tmp_path: pathlib.Path) -> None:
    healthy.write(tmp_path / "study")
    folder = str(tmp_path / "study")
    study = Study.from_dir(folder)
    plan = study.plan(scores={"sums": 0.8, None: 0.7}, weights={"sums": 2})
    words = ["--score", "sums=0.8", "--score", "0.7", "--weight", "sums=2"]
    said = command("plan", folder, *words, "--format", "json")
    assert plan.to_json() + "\n" == said.stdout, said.stderr
    assert [goal.task for goal in plan.compute_for_score] == ["sums", None]
    needed = plan.compute_for_score[0].expected
    assert needed.compute_flops is not None
    there = study.forecast(compute=needed.compute_flops).task("sums").forecast
    assert there == pytest.approx(0.8, abs=1e-12)
    assert study.plan(scores=0.7, weights={"sums": 2}).compute_for_score[0] == plan.compute_for_score[1]
    assert plan.worth[0].task == "sums"
    plan.report(tmp_path / "plan.html")
    assert "compute-table" in (tmp_path / "plan.html").read_text(encoding="utf-8")


def test_additions_are_priced(healthy: Study) -> None:
    costs = {"unit": "GPU-hours", "training_flops_per_unit": 1.4e18}
    found = healthy.plan(budget=3e5, costs=costs).additions
    assert found is not None
    assert found.unit == "GPU-hours"
    rungs = [option for option in found.options if option.kind == "rung"]
    assert rungs
    for option in rungs:
        assert option.compute_flops is not None
        assert option.training_cost == pytest.approx(option.compute_flops / 1.4e18)
    shrinkage = [option.shrinkage for option in found.options]
    assert shrinkage == sorted(shrinkage, reverse=True)
    with pytest.raises(InputError, match="costs: "):
        healthy.plan(costs={"answer_token": 3})
    with pytest.raises(InputError, match="budget is -1"):
        healthy.plan(budget=-1)
    with pytest.raises(InputError, match="a score is 1.5"):
        healthy.plan(scores=1.5)
    with pytest.raises(InputError, match="not both"):
        healthy.plan("run", compute=1e25)


def test_equal_recipes_are_undecided(healthy: Study) -> None:
    plan = healthy.choose(healthy)
    assert plan.recipes is not None
    assert (plan.recipes.probability_first_better, plan.recipes.call) == (0.5, "undecided")
    assert plan.recipes.tasks[0].shared_samples == 30
    other = Study.from_frame(
        {"model": ["a"], "task": ["else"], "sample_id": ["x"], "n_trials": [1], "n_correct": [1]},
        [{"name": "a", "role": "ladder", "compute_flops": 1e20}],
    )
    with pytest.raises(CodcastError):
        healthy.choose(other, compute=4e24)


@pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="needs pandas")
def test_tables_hold_the_rows(healthy: Study) -> None:
    watched = healthy.monitor("run").to_frame("pandas")
    assert len(watched) == 3
    assert watched["checkpoint"].tolist() == [1, 2, 3]
    plan = healthy.plan(scores={"sums": 0.8})
    assert plan.to_frame("pandas").columns[0] == "task"
    assert plan.to_frame("pandas", table="worth")["verdict"].tolist() == [plan.worth[0].verdict]
    recipes = healthy.choose(healthy).to_frame("pandas", table="recipes")
    assert recipes["probability_first_better"].tolist() == [0.5, 0.5]
    with pytest.raises(InputError, match="there is no table"):
        plan.to_frame("pandas", table="nothing")  # type: ignore[arg-type]


def test_names_from_data_are_escaped(healthy: Study) -> None:
    data = healthy.monitor("run").to_dict()
    data["run"] = "<img src=x>"
    data["looks"][0]["tasks"][0]["task"] = "<b>"
    page = codcast.Monitor(json.dumps(data))._repr_html_()
    assert "<img" not in page
    assert "<b>" not in page
