"""Forecasts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from codcast._errors import InputError
from codcast._results.base import Diagnostic, Interval, Page, make, make_each, make_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True)
class TaskForecast:
    """One number and what there is to say about it.

    Attributes
    ----------
    task : str
        The task.
    n_samples : int or None
        Samples that the score averages.
    forecast : float or None
        Score in [0, 1]; None where none is given: a diagnostic says why.
    interval : Interval or None
        From engines that give one.
    actual : float or None
        The target's own score, where it is known.
    predictable_share : float or None
        Share of the samples whose scaling the engine trusts.
    clusters : int or None
        Number of difficulty clusters.
    diagnostics : tuple of Diagnostic
        Warnings with advice.
    """

    task: str
    n_samples: int | None
    forecast: float | None
    interval: Interval | None
    actual: float | None
    predictable_share: float | None
    clusters: int | None
    diagnostics: tuple[Diagnostic, ...]


@dataclasses.dataclass(frozen=True)
class TargetForecast:
    """One target's forecasts.

    Attributes
    ----------
    model : str or None
        Its name; None for a bare size.
    compute_flops : float
        Training compute in FLOPs.
    times_largest_rung : float
        Its compute over that of the largest rung.
    tasks : tuple of TaskForecast
        One a task, sorted by name.
    """

    model: str | None
    compute_flops: float
    times_largest_rung: float
    tasks: tuple[TaskForecast, ...]


class Forecast(Page):
    """The forecasts of all targets: what `codcast forecast` prints.

    Attributes
    ----------
    study : str
        The study's name.
    engine : str
        The engine's name.
    targets : tuple of TargetForecast
        By increasing compute.

    Examples
    --------
    >>> import codcast
    >>> forecast = codcast.Study.demo().forecast(engine="power")
    >>> forecast.engine, len(forecast.targets)
    ('power', 1)
    >>> 0.0 <= forecast.task("add").forecast <= 1.0
    True
    """

    _columns = (
        ("target", "text"),
        ("compute_flops", "number"),
        ("task", "text"),
        ("n_samples", "integer"),
        ("forecast", "number"),
        ("lower", "number"),
        ("upper", "number"),
        ("actual", "number"),
        ("predictable_share", "number"),
        ("clusters", "integer"),
        ("diagnostics", "text"),
    )
    _shares = frozenset({"forecast", "lower", "upper", "actual", "predictable_share"})

    def __init__(self, text: str, library: str | None = None) -> None:
        super().__init__(text, library)
        self.study: str = self._data["study"]
        self.engine: str = self._data["engine"]
        self.targets: tuple[TargetForecast, ...] = tuple(
            make(TargetForecast, target, tasks=tuple(map(_task_forecast, target["tasks"])))
            for target in self._data["targets"]
        )

    def task(self, name: str, target: str | None = None) -> TaskForecast:
        """Find one task's forecast.

        Parameters
        ----------
        name : str
            The task.
        target : str, optional
            The model; default: the first target.

        Returns
        -------
        TaskForecast

        Raises
        ------
        InputError
            If there is no such task or target; also a ValueError.
        """
        found = [t for t in self.targets if target is None or t.model == target]
        if not found:
            names = ", ".join(str(t.model) for t in self.targets)
            raise InputError(f"there is no target {target!r}; there is: {names}", "unknown_name")
        for task in found[0].tasks:
            if task.task == name:
                return task
        names = ", ".join(task.task for task in found[0].tasks)
        raise InputError(f"there is no task {name!r}; there is: {names}", "unknown_name")

    def plot(self, task: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw forecasts with matplotlib.

        Parameters
        ----------
        task : str, optional
            Draw this task's score against compute: rungs, forecast, interval, actual score. Default:
            every task's forecast beside its actual score.
        ax : matplotlib.axes.Axes, optional
            Where to draw; default: a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from codcast import _plot

        return _plot.forecast(self, task, ax)

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {
                "target": target.model,
                "compute_flops": target.compute_flops,
                **{n: getattr(task, n) for n in ("task", "n_samples", "forecast", "actual")},
                "lower": task.interval.lower if task.interval else None,
                "upper": task.interval.upper if task.interval else None,
                "predictable_share": task.predictable_share,
                "clusters": task.clusters,
                "diagnostics": " ".join(diagnostic.code for diagnostic in task.diagnostics),
            }
            for target in self.targets
            for task in target.tasks
        ]

    def _title(self) -> str:
        return f"Forecast of {self.study} by {self.engine}"


def _task_forecast(row: Mapping[str, Any]) -> TaskForecast:
    diagnostics = make_each(Diagnostic, row["diagnostics"])
    return make(TaskForecast, row, interval=make_interval(row["interval"]), diagnostics=diagnostics)
