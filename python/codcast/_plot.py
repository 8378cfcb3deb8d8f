"""Figures with matplotlib, where it is installed. Draws what the answers hold, computes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from codcast._errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from codcast._results.backtest import Backtest
    from codcast._results.check import Check
    from codcast._results.clusters import Clusters
    from codcast._results.forecast import Forecast

# Readable in grey and for most forms of colour blindness (Okabe and Ito 2008).
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#777777"


@contextlib.contextmanager
def _axes(ax: Axes | None, rows: int) -> Iterator[Axes]:
    if ax is None:
        import matplotlib.pyplot as plt

        height = 4.0 if rows == 0 else 1.2 + 0.32 * rows
        _, ax = plt.subplots(figsize=(6.4, height), layout="constrained")
    yield ax


def _name(text: str | None) -> str:
    # A dollar sign would start mathematics.
    return (text or "").replace("$", r"\$")


def _rows(ax: Axes, names: list[str], xlabel: str, title: str) -> None:
    ax.set_yticks(range(len(names)), [_name(name) for name in names])
    ax.invert_yaxis()
    ax.set_xlabel(xlabel)
    ax.set_title(_name(title))
    ax.grid(axis="x", alpha=0.3)


def forecast(result: Forecast, task: str | None, ax: Axes | None) -> Axes:
    """Draw every task's forecast, or one task's score against compute."""
    if task is not None:
        return _curve(result, task, ax)
    rows = [(target, one) for target in result.targets for one in target.tasks]
    with _axes(ax, len(rows)) as axes:
        for y, (_, one) in enumerate(rows):
            if one.forecast is not None:
                if one.interval is not None:
                    ends = [one.interval.lower, one.interval.upper]
                    axes.plot(ends, [y, y], color=BLUE, lw=2, alpha=0.5)
                axes.plot(one.forecast, y, "o", color=BLUE, label="forecast")
            if one.actual is not None:
                axes.plot(one.actual, y, "x", color=ORANGE, mew=2, label="actual")
        several = len(result.targets) > 1
        names = [f"{t.model}: {one.task}" if several else one.task for t, one in rows]
        title = ", ".join(str(t.model or f"{t.compute_flops:.2g} FLOP") for t in result.targets)
        _rows(axes, names, "score", f"{title} by {result.engine}")
        _legend(axes)
        return axes


def _curve(result: Forecast, task: str, ax: Axes | None) -> Axes:
    name = result.task(task).task
    curves: dict[str, Any] = result.to_dict()["curves"]
    curve = next(curve for curve in curves["tasks"] if curve["task"] == name)
    places = curves["compute_flops"]
    with _axes(ax, 0) as axes:
        line = [(x, y) for x, y in zip(places, curve["score"]) if y is not None]
        axes.plot([x for x, _ in line], [y for _, y in line], color=BLUE, label="forecast")
        ends = zip(places, curve["lower"], curve["upper"])
        band = [(x, low, high) for x, low, high in ends if low is not None and high is not None]
        if band:
            x, low, high = zip(*band)
            axes.fill_between(x, low, high, color=BLUE, alpha=0.15, lw=0)
        rungs = curve["rungs"]
        axes.plot(
            [rung["compute_flops"] for rung in rungs],
            [rung["score"] for rung in rungs],
            "o",
            color=GREY,
            label="rungs",
        )
        for target in result.targets:
            for one in target.tasks:
                if one.task == task and one.actual is not None:
                    axes.plot(
                        target.compute_flops, one.actual, "x", color=ORANGE, mew=2, label="actual"
                    )
        axes.set_xscale("log")
        axes.set_xlabel("training compute (FLOP)")
        axes.set_ylabel("score")
        axes.set_title(_name(f"{task} by {result.engine}"))
        axes.grid(alpha=0.3)
        _legend(axes)
        return axes


def check(result: Check, ax: Axes | None) -> Axes:
    """Draw each task's score from the smallest to the largest rung."""
    with _axes(ax, len(result.tasks)) as axes:
        for y, task in enumerate(result.tasks):
            if task.first_score is not None and task.last_score is not None:
                axes.plot([task.first_score, task.last_score], [y, y], color=GREY)
                axes.plot(task.first_score, y, "o", mfc="white", color=GREY, label="smallest rung")
                axes.plot(task.last_score, y, "o", color=BLUE, label="largest rung")
            if task.chance:
                axes.plot(task.chance, y, "|", color=ORANGE, ms=12, label="guessing")
        _rows(axes, [task.task for task in result.tasks], "score", result.study)
        _legend(axes)
        return axes


def backtest(result: Backtest, ax: Axes | None) -> Axes:
    """Draw the engines' mean absolute errors, the best first."""
    known = [line for line in result.summary if line.own_mae is not None]
    lines = sorted(known, key=lambda line: line.own_mae or 0.0)
    with _axes(ax, len(lines)) as axes:
        axes.barh(range(len(lines)), [line.own_mae or 0.0 for line in lines], color=BLUE)
        names = [f"{line.engine} ({line.forecasts})" for line in lines]
        _rows(axes, names, "mean absolute error (points), forecasts in brackets", "backtest")
        return axes


def clusters(result: Clusters, task: str | None, ax: Axes | None) -> Axes:
    """Draw the clusters' mean pass rates along the ladder."""
    found = [one for one in result.tasks if task is None or one.task == task]
    if not found:
        known = ", ".join(one.task for one in result.tasks)
        raise InputError(f"there is no task {task!r}; there is: {known}", "unknown_name")
    with _axes(ax, 0) as axes:
        for cluster in found[0].clusters:
            trusted = cluster.cls == "extrapolatable"
            axes.plot(
                range(1, len(cluster.centre) + 1),
                cluster.centre,
                marker="o",
                color=BLUE if trusted else GREY,
                ls="-" if trusted else ":",
                label="extrapolatable" if trusted else "other",
            )
        axes.set_xlabel("rung, by increasing compute")
        axes.set_ylabel("mean pass rate")
        axes.set_title(_name(f"{found[0].task}: {len(found[0].clusters)} clusters"))
        axes.grid(alpha=0.3)
        _legend(axes)
        return axes


def _legend(axes: Axes) -> None:
    """Name each kind of mark once."""
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles))
    if unique:
        axes.legend(unique.values(), unique.keys(), frameon=False)
