"""What answers hold and how they show it."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import pathlib
from typing import Any

import pytest

import codcast
from codcast import InputError, Study

from .conftest import MODELS, columns, command


def test_objects_hold_what_the_json_holds(demo: Study) -> None:
    forecast = demo.forecast()
    data = json.loads(forecast.to_json())
    assert forecast.to_dict() == data
    assert [t.model for t in forecast.targets] == [t["model"] for t in data["targets"]]
    for task, row in zip(forecast.targets[0].tasks, data["targets"][0]["tasks"]):
        assert (task.task, task.forecast, task.actual) == (row["task"], row["forecast"], row["actual"])
        assert (task.interval and dataclasses.asdict(task.interval)) == row["interval"]
        assert [dataclasses.asdict(d) for d in task.diagnostics] == row["diagnostics"]
    check = demo.check()
    assert dataclasses.asdict(check.models[0]) == check.to_dict()["models"][0]
    result = demo.backtest(engines=["last"], progress=False)
    case = result.to_dict()["cases"][0]
    ours = {**vars(result.cases[0]), "refused": list(result.cases[0].refused)}
    assert ours == {name: case[name] for name in ours}
    clusters = demo.clusters(["add"])
    row = clusters.to_dict()["tasks"][0]
    assert clusters.tasks[0].labels == row["labels"]
    assert [c.size for c in clusters.tasks[0].clusters] == [c["size"] for c in row["clusters"]]


def test_answers_cannot_be_changed_from_outside(demo: Study) -> None:
    forecast = demo.forecast(engine="last")
    forecast.to_dict()["targets"].clear()
    assert forecast.to_dict()["targets"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        forecast.targets[0].tasks[0].forecast = 1.0  # type: ignore[misc]


def test_names_from_data_are_escaped() -> None:
    data = columns()
    data["task"] = ["<img src=x onerror=alert(1)>$\x1b[31m"] * len(data["task"])
    study = Study.from_frame(data, MODELS, name="<b>")
    backtest = study.backtest(min_rungs=3, engines=["last"], progress=False)
    for answer in (study.forecast(), study.check(), study.clusters(), backtest):
        page = answer._repr_html_()
        assert "<img" not in page
        assert "<b>" not in page
        assert "\x1b" not in page
        assert "\x1b" not in repr(answer)


def test_what_is_not_known_is_a_dash(demo: Study) -> None:
    unknown = demo.forecast(compute=1e15, engine="power")
    assert unknown.task("add").actual is None
    assert " -  " in repr(unknown)
    assert "None" not in repr(unknown)
    assert ">None<" not in unknown._repr_html_()


def test_tasks_are_found_by_name(demo: Study) -> None:
    forecast = demo.forecast(engine="last")
    target = next(model.name for model in demo.models if model.role == "target")
    assert forecast.task("add") == forecast.task("add", target=target)
    with pytest.raises(InputError, match="there is no task 'nonsense'; there is: add, "):
        forecast.task("nonsense")
    with pytest.raises(ValueError, match=f"there is no target 'nobody'; there is: {target}"):
        forecast.task("add", target="nobody")


def test_settings_reach_the_stages(demo: Study) -> None:
    config = {"cluster": {"min_size": 3}, "seed": 5}
    assert demo.clusters(["add"], config=config).to_dict()["config"]["cluster"]["min_size"] == 3
    assert demo.forecast(engine="last", config=config).to_dict()["seed"] == 5
    assert demo.forecast(engine="last", config=config, seed=6).to_dict()["seed"] == 6


def test_engines_are_listed() -> None:
    engines = codcast.engines()
    names = [engine.name for engine in engines]
    assert len(engines) == len(names) > 10
    assert engines.default in names
    assert all(engine.source and engine.needs for engine in engines)


def test_pages_are_the_commands(demo: Study, tmp_path: pathlib.Path) -> None:
    answers: list[codcast.Forecast | codcast.Backtest] = [
        demo.forecast(engine="power"),
        demo.backtest(engines=["last", "power"], progress=False),
    ]
    for answer in answers:
        answer.report(tmp_path / "ours.html")
        (tmp_path / "answer.json").write_text(answer.to_json())
        said = command("report", str(tmp_path / "answer.json"), "--out", str(tmp_path / "page.html"))
        assert said.returncode == 0, said.stderr
        page = (tmp_path / "ours.html").read_bytes()
        assert page == (tmp_path / "page.html").read_bytes()
        assert page.startswith(b"<!")
    with pytest.raises(FileNotFoundError):
        answers[0].report(tmp_path / "absent" / "page.html")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"answer.json", "ours.html", "page.html"}


def test_notebooks_get_a_table(demo: Study) -> None:
    page = demo.check()._repr_html_()
    assert page.count("<tr>") == 1 + len(demo.tasks)
    assert "<caption>tiny-ladder" in page


PLOTS: list[Any] = [
    lambda study, ax: study.forecast().plot(ax=ax),
    lambda study, ax: study.forecast(engine="power").plot("add", ax=ax),
    lambda study, ax: study.check().plot(ax=ax),
    lambda study, ax: study.clusters(["add"]).plot(ax=ax),
    lambda study, ax: study.backtest(engines=["last", "power"], progress=False).plot(ax=ax),
]


@pytest.mark.skipif(not importlib.util.find_spec("matplotlib"), reason="needs matplotlib")
@pytest.mark.parametrize("plot", PLOTS)
def test_plots_draw_what_is_there(plot: Any, demo: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    import matplotlib.pyplot as plt

    axes = plot(demo, None)
    axes.figure.canvas.draw()
    assert axes.get_title() or axes.get_xlabel()
    _, given = plt.subplots()
    assert plot(demo, given) is given
    plt.close("all")


@pytest.mark.skipif(not importlib.util.find_spec("matplotlib"), reason="needs matplotlib")
def test_points_are_where_the_numbers_are(demo: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    import matplotlib.pyplot as plt

    forecast = demo.forecast()
    lines = forecast.plot().get_lines()
    ends: dict[Any, Any] = {line.get_label(): list(line.get_xdata()) for line in lines}  # type: ignore[arg-type, unused-ignore]
    drawn = {label: places[0] for label, places in ends.items() if len(places) == 1}
    assert drawn["forecast"] == forecast.targets[0].tasks[-1].forecast
    assert drawn["actual"] == forecast.targets[0].tasks[-1].actual
    plt.close("all")
