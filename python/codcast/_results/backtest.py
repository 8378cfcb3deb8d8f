"""Backtests."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from codcast._frames import Column, frame_out
from codcast._results.base import Page, make, make_each

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True)
class Case:
    """One forecast of a backtest and what became of it. Scores are in [0, 1].

    Attributes
    ----------
    study, task, target, engine : str
        Whose forecast of what.
    n_rungs : int
        Rungs with this task.
    times_largest_rung : float
        The target's compute over the largest rung's.
    forecast : float or None
        None: no forecast; `refused` has the codes of the reasons.
    actual : float
        The target's own score.
    lower, upper : float or None
        Ends of the interval, where the engine gives one.
    refused : tuple of str
        Codes of the reasons where there is no forecast.
    """

    study: str
    task: str
    target: str
    n_rungs: int
    times_largest_rung: float
    engine: str
    forecast: float | None
    actual: float
    lower: float | None
    upper: float | None
    refused: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class EngineSummary:
    """How one engine did in a backtest. Errors and widths in points (percent of full score).

    Attributes
    ----------
    engine : str
        The engine.
    cases, forecasts, common_cases : int
        Cases it was asked, forecasts it gave, and cases that every engine answered.
    mae, median, max : float or None
        Mean, median and largest absolute error over the common cases.
    own_mae : float or None
        Mean absolute error over its own forecasts.
    coverage : float or None
        Share of the actual scores inside its intervals.
    mean_width : float or None
        Mean width of its intervals.
    skill_vs_last : float or None
        1 minus the ratio of its error to that of the engine `last`.
    mean_of_studies : float or None
        Mean of the studies' mean absolute errors.
    """

    engine: str
    cases: int
    forecasts: int
    common_cases: int
    mae: float | None
    median: float | None
    max: float | None
    own_mae: float | None
    coverage: float | None
    mean_width: float | None
    skill_vs_last: float | None
    mean_of_studies: float | None


class Backtest(Page):
    """Hidden models forecast from the smaller ones: what `codcast backtest` prints.

    Attributes
    ----------
    summary : tuple of EngineSummary
        One an engine.
    best : str or None
        The best engine of those that took part in every study.
    cases : tuple of Case
        One a study, task, target and engine.

    Examples
    --------
    >>> import codcast
    >>> result = codcast.Study.demo().backtest(engines=["power", "last"])
    >>> [line.engine for line in result.summary]
    ['power', 'last']
    >>> len(result.cases) == 2 * result.summary[0].cases
    True
    """

    _columns = (
        ("engine", "text"),
        ("cases", "integer"),
        ("forecasts", "integer"),
        ("common_cases", "integer"),
        ("mae", "number"),
        ("median", "number"),
        ("max", "number"),
        ("own_mae", "number"),
        ("coverage", "number"),
        ("mean_width", "number"),
        ("skill_vs_last", "number"),
        ("mean_of_studies", "number"),
    )
    _shares = frozenset({"coverage"})
    _case_columns: ClassVar[tuple[Column, ...]] = (
        ("study", "text"),
        ("task", "text"),
        ("target", "text"),
        ("n_rungs", "integer"),
        ("times_largest_rung", "number"),
        ("engine", "text"),
        ("forecast", "number"),
        ("actual", "number"),
        ("lower", "number"),
        ("upper", "number"),
        ("refused", "text"),
    )

    def __init__(self, text: str, library: str | None = None) -> None:
        super().__init__(text, library)
        self.summary: tuple[EngineSummary, ...] = make_each(EngineSummary, self._data["summary"])
        self.best: str | None = self._data["best"]
        self.cases: tuple[Case, ...] = tuple(
            make(Case, row, refused=tuple(row["refused"])) for row in self._data["cases"]
        )

    def cases_to_frame(self, library: Literal["pandas", "polars", "pyarrow"] | None = None) -> Any:
        """Give every case as a row of a table, as `to_frame` does with the engines.

        Parameters
        ----------
        library : {"pandas", "polars", "pyarrow"}, optional
            The table's library.

        Returns
        -------
        pandas.DataFrame, polars.DataFrame or pyarrow.Table
        """
        rows = [{**vars(case), "refused": " ".join(case.refused)} for case in self.cases]
        return frame_out(self._case_columns, rows, library or self._library)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the engines' mean absolute errors with matplotlib.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; default: a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from codcast import _plot

        return _plot.backtest(self, ax)

    def _rows(self) -> list[dict[str, Any]]:
        return [vars(line) for line in self.summary]

    def _title(self) -> str:
        return f"Backtest: {self.summary[0].cases if self.summary else 0} cases"
