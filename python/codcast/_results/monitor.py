"""Watched runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from codcast._results.base import Diagnostic, Interval, Page, make, make_each, make_interval


@dataclasses.dataclass(frozen=True)
class Alarm:
    """What raised the alarm.

    Attributes
    ----------
    checkpoint : int or None
        The checkpoint at which it was raised.
    share : float
        Its share of the training.
    tasks : tuple of str
        Tasks beyond their boundary there; empty where only all tasks together are.
    overall : bool
        Whether all tasks together are beyond theirs.
    direction : {"below", "above"}
        On which side of what was expected.
    kind : {"level", "change"}
        "level": the run is off; "change": it moved off during training.
    """

    checkpoint: int | None
    share: float
    tasks: tuple[str, ...]
    overall: bool
    direction: str
    kind: str


@dataclasses.dataclass(frozen=True)
class OverallLook:
    """All tasks of one look together; deviations in units of a healthy run's."""

    deviation: float | None
    change: float | None
    boundary: float | None
    alarm: bool
    compute_factor: float | None


@dataclasses.dataclass(frozen=True)
class TaskLook:
    """One task at one checkpoint.

    Attributes
    ----------
    task : str
        The task.
    n_samples : int or None
        Samples that the score averages.
    expected : float or None
        Expected score in [0, 1]; None where there is none: a diagnostic says why.
    band : Interval or None
        Where a healthy run's score lies.
    actual : float or None
        The run's score.
    deviation_points : float or None
        Actual less expected, in points.
    deviation : float or None
        The same in units of a healthy run's typical deviation.
    change : float or None
        The largest standardised change since an earlier checkpoint; None at the first.
    boundary : float or None
        What the larger of the two, in size, must exceed for an alarm; None: nothing does.
    alarm : bool
        Whether it does.
    compute_factor : float or None
        The run scores like one with so many times its compute.
    end_of_training : float or None
        Forecast of the final score with what was seen until here.
    diagnostics : tuple of Diagnostic
        Warnings with advice.
    """

    task: str
    n_samples: int | None
    expected: float | None
    band: Interval | None
    actual: float | None
    deviation_points: float | None
    deviation: float | None
    change: float | None
    boundary: float | None
    alarm: bool
    compute_factor: float | None
    end_of_training: float | None
    diagnostics: tuple[Diagnostic, ...]


@dataclasses.dataclass(frozen=True)
class Look:
    """One checkpoint of the run.

    Attributes
    ----------
    checkpoint : int or None
        Its number.
    share : float
        Share of the training.
    compute_flops : float
        Compute spent until then.
    comparison : {"same_share", "equal_compute"}
        With the rungs at the same share of their training, or with finished ones at equal compute.
    rungs : tuple of str
        Rungs that the expectation was made from, by increasing compute.
    spent : float
        False-alarm rate spent until here.
    overall : OverallLook
        All tasks together.
    tasks : tuple of TaskLook
        One a task, in the study's order.
    """

    checkpoint: int | None
    share: float
    compute_flops: float
    comparison: str
    rungs: tuple[str, ...]
    spent: float
    overall: OverallLook
    tasks: tuple[TaskLook, ...]


@dataclasses.dataclass(frozen=True)
class FinalForecast:
    """One task at the end of the training: from the ladder alone, and with the checkpoints.

    Attributes
    ----------
    task : str
        The task.
    forecast : float or None
        What `Study.forecast` says, in [0, 1].
    interval : Interval or None
        Its interval.
    updated : float or None
        With the checkpoints; None where none could be compared, or the training has ended.
    updated_interval : Interval or None
        Its interval.
    weight : float or None
        What the update trusts the last checkpoint with, in [0, 1].
    diagnostics : tuple of Diagnostic
        Warnings with advice.
    """

    task: str
    forecast: float | None
    interval: Interval | None
    updated: float | None
    updated_interval: Interval | None
    weight: float | None
    diagnostics: tuple[Diagnostic, ...]


class Monitor(Page):
    """A run's checkpoints against the ladder: what `codcast monitor` prints.

    Attributes
    ----------
    study : str
        The study's name.
    run : str
        The run's name.
    engine : str
        The engine's name.
    false_alarm_rate : float
        Share of healthy runs that raise an alarm at any checkpoint, on any task.
    alarm : Alarm or None
        The first alarm; None while there is none.
    looks : tuple of Look
        One a checkpoint, in order.
    end_of_training : tuple of FinalForecast
        One a task, in the study's order.
    diagnostics : tuple of Diagnostic
        Of the whole.
    """

    _columns = (
        ("checkpoint", "integer"),
        ("share", "number"),
        ("task", "text"),
        ("n_samples", "integer"),
        ("expected", "number"),
        ("lower", "number"),
        ("upper", "number"),
        ("actual", "number"),
        ("deviation_points", "number"),
        ("compute_factor", "number"),
        ("deviation", "number"),
        ("change", "number"),
        ("boundary", "number"),
        ("alarm", "text"),
        ("end_of_training", "number"),
        ("diagnostics", "text"),
    )
    _shares = frozenset({"share", "expected", "lower", "upper", "actual", "end_of_training"})

    def __init__(self, text: str, library: str | None = None) -> None:
        super().__init__(text, library)
        self.study: str = self._data["study"]
        self.run: str = self._data["run"]
        self.engine: str = self._data["engine"]
        self.false_alarm_rate: float = self._data["false_alarm_rate"]
        alarm = self._data["alarm"]
        self.alarm: Alarm | None = alarm and make(Alarm, alarm, tasks=tuple(alarm["tasks"]))
        self.looks: tuple[Look, ...] = tuple(map(_look, self._data["looks"]))
        self.end_of_training: tuple[FinalForecast, ...] = tuple(
            make(
                FinalForecast,
                row,
                interval=make_interval(row["interval"]),
                updated_interval=make_interval(row["updated_interval"]),
                diagnostics=make_each(Diagnostic, row["diagnostics"]),
            )
            for row in self._data["end_of_training"]
        )
        self.diagnostics: tuple[Diagnostic, ...] = make_each(Diagnostic, self._data["diagnostics"])

    def _rows(self) -> list[dict[str, Any]]:
        plain = [name for name, _ in self._columns if name not in ("checkpoint", "share")]
        special = {"lower", "upper", "alarm", "diagnostics"}
        return [
            {
                "checkpoint": look.checkpoint,
                "share": look.share,
                **{name: getattr(task, name) for name in plain if name not in special},
                "lower": task.band.lower if task.band else None,
                "upper": task.band.upper if task.band else None,
                "alarm": "ALARM" if task.alarm else "",
                "diagnostics": " ".join(diagnostic.code for diagnostic in task.diagnostics),
            }
            for look in self.looks
            for task in look.tasks
        ]

    def _title(self) -> str:
        if self.alarm is None:
            return f"{self.run} of {self.study}: no alarm"
        place = f"{100 * self.alarm.share:.0f} % of the training"
        return f"{self.run} of {self.study}: ALARM at {place}, {self.alarm.direction}"


def _look(row: Mapping[str, Any]) -> Look:
    tasks = (
        make(
            TaskLook,
            task,
            band=make_interval(task["band"]),
            diagnostics=make_each(Diagnostic, task["diagnostics"]),
        )
        for task in row["tasks"]
    )
    overall = make(OverallLook, row["overall"])
    return make(Look, row, rungs=tuple(row["rungs"]), overall=overall, tasks=tuple(tasks))
