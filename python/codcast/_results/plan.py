"""Plans of the next run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from codcast._errors import InputError
from codcast._frames import Column, frame_out
from codcast._results.base import Diagnostic, Interval, Page, make, make_each, make_interval


@dataclasses.dataclass(frozen=True)
class Needed:
    """A compute, or why there is none.

    Attributes
    ----------
    status : {"found", "by_largest_rung", "not_in_sight", "no_forecast"}
        "by_largest_rung": a model of its size reaches the score already; "not_in_sight": no compute up
        to a million times the largest rung's does.
    compute_flops : float or None
        FLOPs, where found.
    times_largest_rung : float or None
        Over the largest rung's, where found.
    """

    status: str
    compute_flops: float | None
    times_largest_rung: float | None


@dataclasses.dataclass(frozen=True)
class ComputeFor:
    """The compute for one wanted score.

    Attributes
    ----------
    task : str or None
        The task; None for the weighted set.
    score : float
        The score, in (0, 1).
    expected : Needed
        Where the forecast is the score.
    level : float
        Nominal coverage of the interval whose ends follow.
    at_least : Needed
        The least compute whose interval holds the score.
    safe : Needed
        The least compute whose whole interval is at or above the score.
    training_cost : float or None
        Price of training with the expected compute, in the unit of the costs.
    diagnostics : tuple of Diagnostic
        Warnings with advice.
    """

    task: str | None
    score: float
    expected: Needed
    level: float
    at_least: Needed
    safe: Needed
    training_cost: float | None
    diagnostics: tuple[Diagnostic, ...]


@dataclasses.dataclass(frozen=True)
class TaskWidth:
    """Width of one task's interval in points: as it is, and as promised."""

    task: str
    now: float
    then: float


@dataclasses.dataclass(frozen=True)
class Addition:
    """One addition to the ladder and what it promises.

    Attributes
    ----------
    kind : {"rung", "generations", "samples", "anchor"}
        What is added.
    compute_flops : float or None
        Of the new rung or anchor.
    times : int or None
        Factor on the generations a sample, or on the samples.
    training_cost, evaluation_cost : float
        Price, in the unit of the costs.
    width_then : float
        Weighted mean width of the intervals to be expected, in points.
    width_error : float
        Its standard error over the simulated ladders.
    shrinkage : float
        Share by which the width shrinks; negative where it grows.
    tasks : tuple of TaskWidth
        One a task that is forecast.
    """

    kind: str
    compute_flops: float | None
    times: int | None
    training_cost: float
    evaluation_cost: float
    width_then: float
    width_error: float
    shrinkage: float
    tasks: tuple[TaskWidth, ...]


@dataclasses.dataclass(frozen=True)
class Additions:
    """What would narrow the interval for a budget; `options` best first, the first is advised."""

    budget: float
    unit: str
    width_now: float
    options: tuple[Addition, ...]


@dataclasses.dataclass(frozen=True)
class Worth:
    """One task as a thing to forecast.

    Attributes
    ----------
    task : str
        The task.
    verdict : {"worth_it", "no_forecast", "at_chance", "uncertain", "noisy"}
        Or the first reason why not.
    n_samples : int or None
        Samples, if known.
    forecast : float or None
        Forecast at the target, in [0, 1].
    gain_points, width_points : float or None
        Expected gain over the largest rung, and width of the interval, in points.
    predictable_share : float or None
        Share of the samples whose scaling the engine trusts.
    noise_floor_points : float or None
        Standard deviation of the target's own score from its finite evaluation, in points.
    samples_needed : int or None
        Samples with which that would be one point.
    diagnostics : tuple of Diagnostic
        Warnings with advice.
    """

    task: str
    verdict: str
    n_samples: int | None
    forecast: float | None
    gain_points: float | None
    width_points: float | None
    predictable_share: float | None
    noise_floor_points: float | None
    samples_needed: int | None
    diagnostics: tuple[Diagnostic, ...]


@dataclasses.dataclass(frozen=True)
class TaskChoice:
    """Two recipes on one task: A (`first`) and B (`second`).

    Attributes
    ----------
    task : str
        The task.
    shared_samples : int or None
        Samples that both ladders answered.
    first, second : float or None
        The two forecasts, in [0, 1].
    probability_first_better : float or None
        Probability that A's score is above B's.
    difference_points : float or None
        A less B, in points.
    interval_points : Interval or None
        Its interval, in points.
    diagnostics : tuple of Diagnostic
        Of both ladders.
    """

    task: str
    shared_samples: int | None
    first: float | None
    second: float | None
    probability_first_better: float | None
    difference_points: float | None
    interval_points: Interval | None
    diagnostics: tuple[Diagnostic, ...]


@dataclasses.dataclass(frozen=True)
class Recipes:
    """Which of two recipes is better at the target.

    Attributes
    ----------
    first, second : str
        Names of the two studies, A and B.
    probability_first_better : float or None
        Probability that A's weighted mean score is above B's.
    difference_points : float or None
        Expected difference, A less B, in points.
    interval_points : Interval or None
        Its interval, in points.
    call : {"first", "second", "undecided"}
        Made from 80 % on.
    task_correlation : float
        Correlation of tasks' deviations that the overall figure assumes.
    tasks : tuple of TaskChoice
        One a task that both have.
    """

    first: str
    second: str
    probability_first_better: float | None
    difference_points: float | None
    interval_points: Interval | None
    call: str
    task_correlation: float
    tasks: tuple[TaskChoice, ...]


Table = Literal["compute", "additions", "worth", "recipes"]

_TABLES: dict[str, tuple[Column, ...]] = {
    "compute": (
        ("task", "text"),
        ("score", "number"),
        ("status", "text"),
        ("compute_flops", "number"),
        ("times_largest_rung", "number"),
        ("at_least_flops", "number"),
        ("safe_flops", "number"),
        ("training_cost", "number"),
    ),
    "additions": (
        ("kind", "text"),
        ("compute_flops", "number"),
        ("times", "integer"),
        ("training_cost", "number"),
        ("evaluation_cost", "number"),
        ("width_now", "number"),
        ("width_then", "number"),
        ("width_error", "number"),
        ("shrinkage", "number"),
    ),
    "worth": (
        ("task", "text"),
        ("verdict", "text"),
        ("n_samples", "integer"),
        ("forecast", "number"),
        ("gain_points", "number"),
        ("width_points", "number"),
        ("predictable_share", "number"),
        ("noise_floor_points", "number"),
        ("samples_needed", "integer"),
    ),
    "recipes": (
        ("task", "text"),
        ("shared_samples", "integer"),
        ("first", "number"),
        ("second", "number"),
        ("difference_points", "number"),
        ("lower_points", "number"),
        ("upper_points", "number"),
        ("probability_first_better", "number"),
    ),
}


class Plan(Page):
    """What was asked about the next run: what `codcast plan` prints.

    Attributes
    ----------
    study : str
        The study's name.
    engine : str
        The engine's name.
    target : str or None
        Name of the model planned for.
    target_compute_flops : float or None
        Its compute.
    compute_for_score : tuple of ComputeFor
        In the order asked.
    additions : Additions or None
        What would narrow the interval; None without a budget or a target.
    worth : tuple of Worth
        Whether tasks are worth forecasting on; empty without a target.
    recipes : Recipes or None
        Which of two recipes; None where there is one.
    diagnostics : tuple of Diagnostic
        Of the whole.
    """

    _shares = frozenset(
        {
            "score",
            "shrinkage",
            "forecast",
            "predictable_share",
            "first",
            "second",
            "probability_first_better",
        }
    )

    def __init__(self, text: str, library: str | None = None) -> None:
        super().__init__(text, library)
        data = self._data
        self.study: str = data["study"]
        self.engine: str = data["engine"]
        target = data["target"] or {}
        self.target: str | None = target.get("model")
        self.target_compute_flops: float | None = target.get("compute_flops")
        self.compute_for_score: tuple[ComputeFor, ...] = tuple(
            make(
                ComputeFor,
                row,
                **{name: make(Needed, row[name]) for name in ("expected", "at_least", "safe")},
                diagnostics=make_each(Diagnostic, row["diagnostics"]),
            )
            for row in data["compute_for_score"]
        )
        self.additions: Additions | None = data["additions"] and _additions(data["additions"])
        self.worth: tuple[Worth, ...] = tuple(
            make(Worth, row, diagnostics=make_each(Diagnostic, row["diagnostics"]))
            for row in data["worth"]
        )
        self.recipes: Recipes | None = data["recipes"] and _recipes(data["recipes"])
        self.diagnostics: tuple[Diagnostic, ...] = make_each(Diagnostic, data["diagnostics"])
        self._main = next(
            (table for table in _TABLES if self._table_rows(table)), "compute"
        )
        self._columns = _TABLES[self._main]  # type: ignore[misc]

    def to_frame(
        self,
        library: Literal["pandas", "polars", "pyarrow"] | None = None,
        *,
        table: Table | None = None,
    ) -> Any:
        """Give one of the plan's tables.

        Parameters
        ----------
        library : {"pandas", "polars", "pyarrow"}, optional
            The table's library. Default: the one whose table the study was made from, else one that
            is imported already, else one that is installed.
        table : {"compute", "additions", "worth", "recipes"}, optional
            Which; default: the first of these that has rows.

        Returns
        -------
        pandas.DataFrame, polars.DataFrame or pyarrow.Table
            Scores, shares and probabilities in [0, 1]; differences and widths in points; compute in
            FLOPs; what is not known is missing.

        Raises
        ------
        ImportError
            If none of the libraries is installed.
        InputError
            If there is no such table or library; also a ValueError.
        """
        wanted = table or self._main
        if wanted not in _TABLES:
            raise InputError(
                f"there is no table {wanted!r}; there is: {', '.join(_TABLES)}", "unknown_name"
            )
        return frame_out(_TABLES[wanted], self._table_rows(wanted), library or self._library)

    def _rows(self) -> list[dict[str, Any]]:
        return self._table_rows(self._main)

    def _table_rows(self, table: str) -> list[dict[str, Any]]:
        columns = [name for name, _ in _TABLES[table]]
        if table == "compute":
            return [
                {
                    "task": goal.task,
                    "score": goal.score,
                    "status": goal.expected.status,
                    "compute_flops": goal.expected.compute_flops,
                    "times_largest_rung": goal.expected.times_largest_rung,
                    "at_least_flops": goal.at_least.compute_flops,
                    "safe_flops": goal.safe.compute_flops,
                    "training_cost": goal.training_cost,
                }
                for goal in self.compute_for_score
            ]
        if table == "additions":
            found = self.additions
            now = {"width_now": found.width_now} if found else {}
            return _plain(found.options if found else (), columns, now)
        if table == "worth":
            return _plain(self.worth, columns, {})
        recipes = self.recipes
        if recipes is None:
            return []
        rows: list[Any] = [*recipes.tasks, recipes]
        return [
            {
                **{name: getattr(row, name, None) for name in columns},
                **({"first": None, "second": None} if row is recipes else {}),
                "task": getattr(row, "task", None),
                "lower_points": row.interval_points and row.interval_points.lower,
                "upper_points": row.interval_points and row.interval_points.upper,
            }
            for row in rows
        ]

    def _title(self) -> str:
        if self.recipes is not None:
            return f"{self.recipes.first} (A) or {self.recipes.second} (B): {self.recipes.call}"
        return f"Plan from {self.study} by {self.engine}: {self._main}"


def _plain(
    rows: Sequence[Any], columns: Sequence[str], same: Mapping[str, Any]
) -> list[dict[str, Any]]:
    own = [name for name in columns if name not in same]
    return [{**same, **{name: getattr(row, name) for name in own}} for row in rows]


def _additions(data: Mapping[str, Any]) -> Additions:
    options = (
        make(
            Addition,
            row,
            training_cost=row["cost"]["training"],
            evaluation_cost=row["cost"]["evaluation"],
            tasks=make_each(TaskWidth, row["tasks"]),
        )
        for row in data["options"]
    )
    return make(Additions, data, options=tuple(options))


def _recipes(data: Mapping[str, Any]) -> Recipes:
    tasks = (
        make(
            TaskChoice,
            row,
            interval_points=make_interval(row["interval_points"]),
            diagnostics=make_each(Diagnostic, row["diagnostics"]),
        )
        for row in data["tasks"]
    )
    return make(
        Recipes, data, tasks=tuple(tasks), interval_points=make_interval(data["interval_points"])
    )
