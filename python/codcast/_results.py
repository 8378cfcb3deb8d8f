"""Answers: small objects around the JSON that the `codcast` command prints."""

from __future__ import annotations

import contextlib
import dataclasses
import html
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast

from codcast import _native
from codcast._errors import InputError
from codcast._frames import Column, frame_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes

T = TypeVar("T")


def _known(cls: type[T], data: Mapping[str, Any], /, **built: Any) -> T:
    """Make a dataclass of the fields it knows; the others stay in ``to_dict()``."""
    names = [field.name for field in dataclasses.fields(cast(Any, cls))]
    return cls(**{name: built.get(name, data.get(name)) for name in names})


def _each(cls: type[T], rows: Sequence[Mapping[str, Any]]) -> tuple[T, ...]:
    return tuple(_known(cls, row) for row in rows)


def _interval(row: Mapping[str, Any] | None) -> Interval | None:
    return None if row is None else _known(Interval, row)


class Result:
    """What every answer can do.

    The JSON is the one that the `codcast` command prints, to the byte; all else is read from it.
    """

    _columns: ClassVar[tuple[Column, ...]] = ()
    _shares: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, text: str, library: str | None = None) -> None:
        self._json = text
        self._library = library
        self._data: dict[str, Any] = json.loads(text)

    def to_json(self) -> str:
        """Give the JSON that the `codcast` command prints, without the line's end."""
        return self._json

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON as a fresh dictionary; None is what is not known."""
        return cast("dict[str, Any]", json.loads(self._json))

    def to_frame(self, library: Literal["pandas", "polars", "pyarrow"] | None = None) -> Any:
        """Give the rows as a table.

        Parameters
        ----------
        library : {"pandas", "polars", "pyarrow"}, optional
            The table's library. Default: the one whose table the study was made from, else one that
            is imported already, else one that is installed.

        Returns
        -------
        pandas.DataFrame, polars.DataFrame or pyarrow.Table
            Scores in [0, 1]; compute in FLOPs; what is not known is missing.

        Raises
        ------
        ImportError
            If none of the libraries is installed.
        """
        return frame_out(self._columns, self._rows(), library or self._library)

    def _rows(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def _title(self) -> str:
        return type(self).__name__

    def _repr_html_(self) -> str:
        """Show a table in a notebook. Names come from data, so everything is escaped."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name, _ in self._columns)
        body = "".join(
            "<tr>" + "".join(self._cell(row[name], name) for name, _ in self._columns) + "</tr>"
            for row in self._rows()
        )
        return (
            f"<table><caption>{html.escape(_clean(self._title()))}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _cell(self, value: Any, name: str) -> str:
        side = "left" if isinstance(value, str) else "right"
        shown = html.escape(_shown(value, name in self._shares))
        return f"<td style='text-align:{side}'>{shown}</td>"

    def __repr__(self) -> str:
        """Show the table as text, rounded for people."""
        rows = [[name for name, _ in self._columns]]
        for row in self._rows():
            rows.append([_shown(row[name], name in self._shares) for name, _ in self._columns])
        widths = [max(len(row[place]) for row in rows) for place in range(len(self._columns))]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in rows]
        return "\n".join([_clean(self._title()), *lines])


class Page(Result):
    """An answer that the report knows how to show."""

    def report(self, path: str | os.PathLike[str]) -> None:
        """Write a self-contained page about it: tables, figures, and the reasons to doubt.

        The page of ``codcast report``. ``codcast forecast STUDY --report FILE`` adds what stands behind
        the numbers: rival engines, groups of samples, a backtest.

        Parameters
        ----------
        path : path-like
            The HTML file; it appears whole or not at all.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        page = _native.report(self._json)
        folder, name = os.path.split(os.path.abspath(path))
        beside = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
        try:
            with open(beside, "x", encoding="utf-8", newline="\n") as file:
                file.write(page)
            os.replace(beside, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(beside)
            raise


def _shown(value: Any, share: bool) -> str:
    """Round for people; ``-`` for what is not known. Control characters are made visible."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{100 * value:.1f} %" if share else f"{value:.4g}"
    return _clean(str(value))


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@dataclasses.dataclass(frozen=True)
class Diagnostic:
    """A warning with advice.

    Attributes
    ----------
    code : str
        Stable name; ``codcast explain CODE`` says more.
    severity : {"info", "warning", "error"}
        "error": no forecast because of it.
    message : str
        What was found and what would help.
    """

    code: str
    severity: str
    message: str


@dataclasses.dataclass(frozen=True)
class Interval:
    """Where a score is expected: `lower` to `upper`, in [0, 1], with probability `level`."""

    level: float
    lower: float
    upper: float


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
            _known(TargetForecast, target, tasks=tuple(map(_task_forecast, target["tasks"])))
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
            known = ", ".join(str(t.model) for t in self.targets)
            raise InputError(f"there is no target {target!r}; there is: {known}", "unknown_name")
        for task in found[0].tasks:
            if task.task == name:
                return task
        known = ", ".join(task.task for task in found[0].tasks)
        raise InputError(f"there is no task {name!r}; there is: {known}", "unknown_name")

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
    diagnostics = _each(Diagnostic, row["diagnostics"])
    return _known(TaskForecast, row, interval=_interval(row["interval"]), diagnostics=diagnostics)


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
        self.models: tuple[ModelCheck, ...] = _each(ModelCheck, self._data["models"])
        self.tasks: tuple[TaskCheck, ...] = tuple(
            _known(TaskCheck, row, diagnostics=_each(Diagnostic, row["diagnostics"]))
            for row in self._data["tasks"]
        )
        self.diagnostics: tuple[Diagnostic, ...] = _each(Diagnostic, self._data["diagnostics"])

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
        self.summary: tuple[EngineSummary, ...] = _each(EngineSummary, self._data["summary"])
        self.best: str | None = self._data["best"]
        self.cases: tuple[Case, ...] = tuple(
            _known(Case, row, refused=tuple(row["refused"])) for row in self._data["cases"]
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


@dataclasses.dataclass(frozen=True)
class Cluster:
    """Samples of like difficulty.

    Attributes
    ----------
    id : int
        Its label.
    size : int
        Number of samples.
    cls : {"extrapolatable", "non-extrapolatable", "non-emergent"}
        Whether its scaling is trusted.
    reason : str or None
        Why it is not extrapolatable.
    centre : tuple of float
        Mean pass rate of its samples at each rung, by increasing compute.
    law : codcast.Law or None
        The scaling law of the cluster.
    """

    id: int
    size: int
    cls: str
    reason: str | None
    centre: tuple[float, ...]
    law: Any


@dataclasses.dataclass(frozen=True)
class TaskClusters:
    """One task's difficulty clusters.

    Attributes
    ----------
    task : str
        The task.
    radius : float or None
        Radius of the clusters.
    labels : dict of str to int or None
        Cluster of each sample; None for outliers and samples that no rung solves.
    clusters : tuple of Cluster
        By id.
    predictable_share : float or None
        Share of the samples in extrapolatable clusters.
    diagnostics : tuple of Diagnostic
        Warnings with advice.
    """

    task: str
    radius: float | None
    labels: Mapping[str, int | None]
    clusters: tuple[Cluster, ...]
    predictable_share: float | None
    diagnostics: tuple[Diagnostic, ...]


class Clusters(Result):
    """The difficulty clusters of the tasks: what `codcast clusters` prints.

    Attributes
    ----------
    study : str
        The study's name.
    tasks : tuple of TaskClusters
        Sorted by name.

    Examples
    --------
    >>> import codcast
    >>> clusters = codcast.Study.demo().clusters(tasks=["add"])
    >>> [task.task for task in clusters.tasks]
    ['add']
    """

    _columns = (
        ("task", "text"),
        ("id", "integer"),
        ("size", "integer"),
        ("class", "text"),
        ("first_score", "number"),
        ("last_score", "number"),
        ("a", "number"),
        ("b", "number"),
        ("c", "number"),
        ("g", "number"),
        ("reason", "text"),
    )
    _shares = frozenset({"first_score", "last_score"})

    def __init__(self, text: str, library: str | None = None) -> None:
        super().__init__(text, library)
        self.study: str = self._data["study"]
        self.tasks: tuple[TaskClusters, ...] = tuple(
            _known(
                TaskClusters,
                row,
                clusters=tuple(map(_cluster, row["clusters"])),
                diagnostics=_each(Diagnostic, row["diagnostics"]),
            )
            for row in self._data["tasks"]
        )

    def plot(self, task: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw the clusters' mean pass rates along the ladder with matplotlib.

        Parameters
        ----------
        task : str, optional
            Which task; default: the first.
        ax : matplotlib.axes.Axes, optional
            Where to draw; default: a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from codcast import _plot

        return _plot.clusters(self, task, ax)

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {
                "task": task.task,
                "id": cluster.id,
                "size": cluster.size,
                "class": cluster.cls,
                "first_score": cluster.centre[0] if cluster.centre else None,
                "last_score": cluster.centre[-1] if cluster.centre else None,
                **{name: getattr(cluster.law, name, None) for name in "abcg"},
                "reason": cluster.reason,
            }
            for task in self.tasks
            for cluster in task.clusters
        ]

    def _title(self) -> str:
        return f"Difficulty clusters of {self.study}"


def _cluster(row: Mapping[str, Any]) -> Cluster:
    from codcast._law import Law

    law = row["law"] and Law(**row["law"])
    return _known(Cluster, row, cls=row["class"], centre=tuple(row["centre"]), law=law)


@dataclasses.dataclass(frozen=True)
class EngineInfo:
    """A method of forecasting.

    Attributes
    ----------
    name : str
        What `engine=` takes.
    summary, source, needs : str
        What it does, where it is from, what it needs.
    min_rungs : int
        Fewest rungs it accepts.
    """

    name: str
    summary: str
    source: str
    needs: str
    min_rungs: int


class Engines(Result):
    """The engines: what `codcast engines` prints. Iterates over `EngineInfo`.

    Attributes
    ----------
    default : str
        Used where none is named.
    """

    _columns = (
        ("name", "text"),
        ("summary", "text"),
        ("needs", "text"),
        ("min_rungs", "integer"),
        ("source", "text"),
    )

    def __init__(self, text: str, library: str | None = None) -> None:
        super().__init__(text, library)
        self.default: str = self._data["default"]
        self._engines: tuple[EngineInfo, ...] = _each(EngineInfo, self._data["engines"])

    def __iter__(self) -> Iterator[EngineInfo]:
        """Go through the engines."""
        return iter(self._engines)

    def __len__(self) -> int:
        """Count the engines."""
        return len(self._engines)

    def _rows(self) -> list[dict[str, Any]]:
        return [vars(engine) for engine in self]

    def _title(self) -> str:
        return f"Engines; default: {self.default}"


@dataclasses.dataclass(frozen=True)
class IngestedTask:
    """What became of a task of the logs.

    Attributes
    ----------
    task, logged_as, format : str
        Its name in the study and in the logs; the harness.
    metric : str or None
        The metric that was taken; None: no metric could be, and the task is left out.
    mean : float or None
        Mean score of that metric over models and samples.
    models, samples : int
        Models with results; distinct samples.
    trials, errors, unscored : int
        Repeats that were scored, on which the harness failed, and without a score.
    """

    task: str
    logged_as: str
    format: str
    metric: str | None
    mean: float | None
    models: int
    samples: int
    trials: int
    errors: int
    unscored: int


class Ingestion(Result):
    """What was made of logs: what `codcast ingest` prints.

    Attributes
    ----------
    tasks : tuple of IngestedTask
        Sorted by name.
    errors : int
        Records, files and runs that could not be read or were refused.
    """

    _columns = (
        ("task", "text"),
        ("format", "text"),
        ("metric", "text"),
        ("mean", "number"),
        ("models", "integer"),
        ("samples", "integer"),
        ("trials", "integer"),
        ("errors", "integer"),
        ("unscored", "integer"),
    )
    _shares = frozenset({"mean"})

    def __init__(self, text: str, library: str | None = None) -> None:
        super().__init__(text, library)
        self.tasks: tuple[IngestedTask, ...] = _each(IngestedTask, self._data["tasks"])
        self.errors: int = self._data["errors"]

    def _rows(self) -> list[dict[str, Any]]:
        return [vars(task) for task in self.tasks]

    def _title(self) -> str:
        verified = self._data["verification"]
        return (
            f"{len(self.tasks)} tasks; {verified['agreed']} of {verified['stated']} scores that the "
            f"harnesses logged were recomputed and agree; {self.errors} errors"
        )
