"""Checks of a study."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from codcast._results.base import Diagnostic, Result, make, make_each

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True)
class ModelCheck:
    """One model: its name, its role, its compute in FLOPs and over that of the largest rung."""

    model: str
    role: str
    compute_flops: float | None
    compute_source: str | None
    times_largest_rung: float | None


@dataclasses.dataclass(frozen=True)
class TaskCheck:
    """One task as its rungs answered it. Scores and shares are in [0, 1].

    Attributes
    ----------
    task : str
        The task.
    rungs : int
        Rungs that have it.
    n_samples : int or None
        Samples behind each rung's mean.
    sample_overlap : float or None
        Samples that every rung answered over those that some rung answered.
    median_trials : int or None
        Median generations behind a pass rate; None where not counted.
    zero_share : float or None
        Share of samples that no rung ever solves.
    rising_steps : float or None
        Share of steps up the ladder on which the mean score rises.
    first_score, last_score : float or None
        Mean scores of the smallest and the largest rung.
    chance : float or None
        Score of guessing.
    anchors : int
        Anchors that answered the same samples.
    diagnostics : tuple of Diagnostic
        What a forecast can expect.
    """

    task: str
    rungs: int
    n_samples: int | None
    sample_overlap: float | None
    median_trials: int | None
    zero_share: float | None
    rising_steps: float | None
    first_score: float | None
    last_score: float | None
    chance: float | None
    anchors: int
    diagnostics: tuple[Diagnostic, ...]


class Check(Result):
    """What a study holds and what a forecast can expect: what `codcast check` prints.

    Attributes
    ----------
    study : str
        The study's name.
    models : tuple of ModelCheck
        In the study's order.
    compute_range : float
        Compute of the largest rung over that of the smallest.
    tasks : tuple of TaskCheck
        Sorted by name.
    diagnostics : tuple of Diagnostic
        What stands in the way of any forecast.

    Examples
    --------
    >>> import codcast
    >>> check = codcast.Study.demo().check()
    >>> len(check.tasks), check.tasks[0].n_samples, check.tasks[0].anchors
    (10, 400, 3)
    """

    _columns = (
        ("task", "text"),
        ("rungs", "integer"),
        ("n_samples", "integer"),
        ("sample_overlap", "number"),
        ("median_trials", "integer"),
        ("first_score", "number"),
        ("last_score", "number"),
        ("chance", "number"),
        ("rising_steps", "number"),
        ("zero_share", "number"),
        ("anchors", "integer"),
        ("diagnostics", "text"),
    )
    _shares = frozenset(
        {"sample_overlap", "first_score", "last_score", "chance", "rising_steps", "zero_share"}
    )

    def __init__(self, text: str, library: str | None = None) -> None:
        super().__init__(text, library)
        self.study: str = self._data["study"]
        self.compute_range: float = self._data["compute_range"]
        self.models: tuple[ModelCheck, ...] = make_each(ModelCheck, self._data["models"])
        self.tasks: tuple[TaskCheck, ...] = tuple(
            make(TaskCheck, row, diagnostics=make_each(Diagnostic, row["diagnostics"]))
            for row in self._data["tasks"]
        )
        self.diagnostics: tuple[Diagnostic, ...] = make_each(Diagnostic, self._data["diagnostics"])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each task's score from the smallest to the largest rung with matplotlib.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; default: a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from codcast import _plot

        return _plot.check(self, ax)

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {**vars(task), "diagnostics": " ".join(d.code for d in task.diagnostics)}
            for task in self.tasks
        ]

    def _title(self) -> str:
        return f"{self.study}: the rungs span a factor of {self.compute_range:.0f} in compute"
