"""Studies, and the questions to one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from codcast import _native
from codcast._errors import InputError
from codcast._frames import ModelsLike, library_of, models_in, samples_in
from codcast._questions import backtest
from codcast._results.backtest import Backtest
from codcast._results.check import Check
from codcast._results.clusters import Clusters
from codcast._results.forecast import Forecast
from codcast._results.ingestion import Ingestion
from codcast._results.monitor import Monitor
from codcast._results.plan import Plan
from codcast._settings import Config, names, settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

class Model(NamedTuple):
    """A model of a study: its name, its role, and its compute in FLOPs where it is known."""

    name: str
    role: str
    compute_flops: float | None


class Note(NamedTuple):
    """Something odd in what was read that did not stop the reading."""

    code: str
    message: str


class PassRates(NamedTuple):
    """One task as the rungs answered it.

    Attributes
    ----------
    samples : list of str
        Ids of the samples that every rung answered, sorted.
    models : list of str
        The rungs, by increasing compute.
    compute : ndarray of shape (n_rungs,)
        Their training compute in FLOPs.
    rates : ndarray of shape (n_samples, n_rungs)
        Pass rates in [0, 1], neighbouring checkpoints averaged.
    """

    samples: list[str]
    models: list[str]
    compute: NDArray[np.float64]
    rates: NDArray[np.float64]


class Study:
    """Models, tasks, and what each model scored on each sample.

    Made by `from_dir`, `from_frame`, `demo` or `codcast.ingest`; never changes.

    Examples
    --------
    >>> import codcast
    >>> study = codcast.Study.demo()
    >>> study.name, len(study.tasks)
    ('tiny-ladder', 10)
    """

    #: What was made of the logs; None where the study was not made of logs.
    ingestion: Ingestion | None

    def __init__(
        self,
        native: _native.Study,
        library: str | None = None,
        ingestion: Ingestion | None = None,
    ) -> None:
        self._native = native
        self._library = library
        self.ingestion = ingestion

    @classmethod
    def from_dir(cls, path: str | os.PathLike[str]) -> Study:
        """Read a study folder: ``study.toml`` and one table of samples.

        Parameters
        ----------
        path : path-like
            The folder.

        Returns
        -------
        Study

        Raises
        ------
        MissingFileError
            If the folder or one of its files is not there; also a FileNotFoundError.
        InputError
            If a file's content makes no sense: file, line and field are named; also a ValueError.

        Examples
        --------
        >>> import codcast, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     codcast.Study.demo().write(folder)
        ...     codcast.Study.from_dir(folder).name
        'tiny-ladder'
        """
        return cls(_native.Study.from_dir(path))

    @classmethod
    def from_frame(
        cls,
        samples: Any,
        models: ModelsLike,
        *,
        tasks: Iterable[Mapping[str, Any]] | None = None,
        name: str | None = None,
        task_loss_unit: str | None = None,
    ) -> Study:
        """Join a table of samples and a description of the models.

        Parameters
        ----------
        samples : table
            One row per model, task and sample: the text columns ``model``, ``task``, ``sample_id``, and
            either ``n_trials`` and ``n_correct``, or ``score`` in [0, 1]; optionally ``checkpoint`` and
            ``task_loss``. A pandas, polars or pyarrow table, anything with ``__arrow_c_stream__``, a
            mapping of columns, or a list of rows. Arrow data are read where they are, without a copy;
            so are the texts and numbers of polars and pyarrow tables. A sample that a model never
            answered is a missing row or a missing score, never a zero.
        models : table, list of mappings, mapping, or path-like
            One row a model: ``name``, ``role`` ("ladder", "target", "anchor" or "ignore"), and its
            compute: ``compute_flops``, or ``compute_per_token_flops`` and ``tokens``, or ``params`` and
            ``tokens``; optionally ``family``, ``checkpoint``, ``loss``. Or the content of a
            ``study.toml`` as a mapping, or the path of one.
        tasks : table or list of mappings, optional
            One row a task: ``name``, and ``chance`` (the score of guessing) or ``n_samples``.
        name : str, optional
            The study's name; default: "study".
        task_loss_unit : str, optional
            Unit of ``task_loss``, such as "nats per token".

        Returns
        -------
        Study
            Its answers' tables are in the library of `samples`.

        Raises
        ------
        InputError
            If a table or a value in it makes no sense: row and field are named; also a ValueError.

        Examples
        --------
        >>> from codcast import Study
        >>> models = [
        ...     {"name": "small", "role": "ladder", "compute_flops": 1e20},
        ...     {"name": "large", "role": "ladder", "compute_flops": 1e21},
        ... ]
        >>> columns = {
        ...     "model": ["small", "small", "large", "large"],
        ...     "task": ["sums"] * 4,
        ...     "sample_id": ["1", "2", "1", "2"],
        ...     "n_trials": [100] * 4,
        ...     "n_correct": [10, 20, 45, 80],
        ... }
        >>> study = Study.from_frame(columns, models)
        >>> study.forecast(compute=1e22, engine="last").task("sums").forecast
        0.625
        """
        described = models_in(models, tasks, name=name, task_loss_unit=task_loss_unit)
        native = _native.Study.from_frame(samples_in(samples), described)
        return cls(native, library_of(samples))

    @classmethod
    def demo(cls) -> Study:
        """Give the embedded study: a model that we trained and ten smaller ones.

        Returns
        -------
        Study

        Examples
        --------
        >>> from codcast import Study
        >>> Study.demo().tasks[:3]
        ['add', 'brackets', 'count']
        """
        return cls(_native.Study.demo())

    @property
    def name(self) -> str:
        """Its name."""
        return self._native.name

    @property
    def tasks(self) -> list[str]:
        """Names of its tasks, sorted."""
        return self._native.tasks

    @property
    def models(self) -> list[Model]:
        """Its models, in the study's order."""
        return [Model(*model) for model in self._native.models]

    @property
    def notes(self) -> list[Note]:
        """What was odd in what was read."""
        return [Note(*note) for note in self._native.notes]

    def __repr__(self) -> str:
        """Say how much is in it."""
        size = f"{len(self.models)} models, {len(self.tasks)} tasks, {self._native.rows} rows"
        return f"<Study {self.name!r}: {size}>"

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write a study folder, ``study.toml`` and ``samples.parquet``, which `from_dir` reads.

        Parameters
        ----------
        path : path-like
            The folder; made where it is not there.

        Raises
        ------
        FileError
            If it cannot be written; also an OSError.
        InputError
            If the folder holds samples in another format; also a ValueError.
        """
        self._native.write(path)

    def pass_rates(self, task: str, *, config: Config | None = None) -> PassRates:
        """Give one task's pass rates, as every engine sees them.

        Parameters
        ----------
        task : str
            Its name.
        config : mapping, optional
            Settings by stage, as in ``codcast.toml``.

        Returns
        -------
        PassRates
            No samples where only the task's mean is known.

        Raises
        ------
        InputError
            If there is no such task; also a ValueError.
        CodcastError
            If there is no ladder.

        Examples
        --------
        >>> from codcast import Study
        >>> found = Study.demo().pass_rates("add")
        >>> found.rates.shape == (len(found.samples), len(found.models))
        True
        """
        return PassRates(*self._native.pass_rates(task, settings(config, None)))

    def check(self, *, config: Config | None = None) -> Check:
        """Say what is there and what a forecast can expect; forecasts nothing.

        Parameters
        ----------
        config : mapping, optional
            Settings by stage, as in ``codcast.toml``.

        Returns
        -------
        Check

        Raises
        ------
        CodcastError
            If there is no ladder.
        """
        return Check(self._native.check(settings(config, None)), self._library)

    def forecast(
        self,
        target: str | None = None,
        *,
        compute: float | None = None,
        params: float | None = None,
        tokens: float | None = None,
        engine: str = "codcast",
        level: float = 0.9,
        seed: int | None = None,
        config: Config | None = None,
    ) -> Forecast:
        """Forecast every task from the ladder.

        Parameters
        ----------
        target : str, optional
            The model to forecast; default: every model of role "target". A rung may be named: it is
            then forecast from the others.
        compute : float, optional
            Instead of a target: the training compute of a model in FLOPs, and its `params` and
            `tokens` for engines that use them.
        params, tokens : float, optional
            Parameters and training tokens of that model.
        engine : str
            The method; `codcast.engines` lists them.
        level : float in (0, 1)
            Nominal coverage of the intervals.
        seed : int, optional
            Seed of everything random; default: that of `config`, or 0.
        config : mapping, optional
            Settings by stage, as in ``codcast.toml``.

        Returns
        -------
        Forecast
            Also where no task could be forecast: diagnostics then say why.

        Raises
        ------
        CodcastError
            If the study cannot answer: no ladder, no target, a target inside the ladder.
        InputError
            If there is no such target or engine, or a setting is out of range; also a ValueError.

        Examples
        --------
        >>> from codcast import Study
        >>> forecast = Study.demo().forecast(compute=1e15, engine="exp")
        >>> forecast.targets[0].compute_flops
        1000000000000000.0
        """
        if target is not None and compute is not None:
            raise InputError("give target or compute, not both", "bad_setting")
        if compute is None and (params is not None or tokens is not None):
            raise InputError("params and tokens go with compute", "bad_setting")
        text = self._native.forecast(
            target, compute, params, tokens, engine, float(level), settings(config, seed)
        )
        return Forecast(text, self._library)

    def backtest(
        self,
        *,
        engines: Sequence[str] | None = None,
        min_factor: float = 2.0,
        min_rungs: int = 4,
        level: float = 0.9,
        seed: int | None = None,
        config: Config | None = None,
        progress: bool | None = None,
    ) -> Backtest:
        """Hide the largest models, forecast them from the rest, and score every engine.

        Parameters are those of `codcast.backtest`, which takes several studies.

        Returns
        -------
        Backtest
        """
        return backtest(
            [self],
            engines=engines,
            min_factor=min_factor,
            min_rungs=min_rungs,
            level=level,
            seed=seed,
            config=config,
            progress=progress,
        )

    def monitor(
        self,
        run: str,
        *,
        last_checkpoint: int | None = None,
        engine: str = "codcast",
        level: float = 0.9,
        false_alarms: float = 0.05,
        below_only: bool = False,
        seed: int | None = None,
        config: Config | None = None,
    ) -> Monitor:
        """Compare a training run's checkpoints so far with what the ladder says they should be.

        The ladder is fitted dozens of times; Ctrl-C stops it.

        Parameters
        ----------
        run : str
            A model of the study, with rows for the checkpoints evaluated so far.
        last_checkpoint : int, optional
            The checkpoint at which its training ends; default: its ``checkpoint`` in ``study.toml``.
        engine : str
            The method; it must give intervals. `codcast.engines` lists them.
        level : float in (0, 1)
            Nominal coverage of bands.
        false_alarms : float in (0, 1)
            Share of healthy runs that raise an alarm, over all checkpoints and tasks together.
        below_only : bool
            Whether only scores below what is expected raise an alarm.
        seed : int, optional
            Seed of everything random; default: that of `config`, or 0.
        config : mapping, optional
            Settings by stage, as in ``codcast.toml``.

        Returns
        -------
        Monitor
            An alarm is no exception: look at its ``alarm``.

        Raises
        ------
        CodcastError
            If the study cannot answer: no ladder, no checkpoints, no end of the training.
        InputError
            If there is no such run or engine, the engine gives no intervals, or a setting is out of
            range; also a ValueError.

        Examples
        --------
        >>> import codcast
        >>> names = ("model", "checkpoint", "task", "sample_id", "n_trials", "n_correct")
        >>> columns = {name: [] for name in names}
        >>> for size in range(5):
        ...     for share in (1, 2):
        ...         if (size, share) != (4, 2):
        ...             row = (f"m{size}", share, "sums", "*", 1000, 200 + 100 * size + 50 * share)
        ...             for column, value in zip(columns.values(), row):
        ...                 column.append(value)
        >>> models = [
        ...     {
        ...         "name": f"m{size}",
        ...         "role": "target" if size == 4 else "ladder",
        ...         "compute_flops": 1e20 * 3**size,
        ...         "checkpoint": 2,
        ...     }
        ...     for size in range(5)
        ... ]
        >>> watched = codcast.Study.from_frame(columns, models).monitor("m4")
        >>> [(look.share, look.tasks[0].actual) for look in watched.looks]
        [(0.5, 0.65)]
        >>> watched.alarm is None
        True
        """
        text = _native.monitor(
            self._native,
            run,
            last_checkpoint,
            engine,
            float(level),
            float(false_alarms),
            below_only,
            settings(config, seed),
        )
        return Monitor(text, self._library)

    def plan(
        self,
        target: str | None = None,
        *,
        compute: float | None = None,
        scores: float | Mapping[str | None, float] | None = None,
        weights: Mapping[str, float] | None = None,
        budget: float | None = None,
        costs: Mapping[str, Any] | None = None,
        engine: str = "codcast",
        level: float = 0.9,
        seed: int | None = None,
        config: Config | None = None,
    ) -> Plan:
        """Plan the next run: compute for a score, what would narrow the forecast, what is worth it.

        Parameters
        ----------
        target : str, optional
            The model to plan for; default: the largest of role "target".
        compute : float, optional
            Instead of a target: the training compute of a model in FLOPs.
        scores : float or mapping, optional
            Scores in (0, 1) to reach, by task; None as the task, or a single number, means the
            weighted set.
        weights : mapping, optional
            Weight of each task in the set; tasks that are not named have none. Default: 1 each.
        budget : float, optional
            What may be spent on narrowing the interval, in the unit of `costs`. Each addition that it
            pays for is simulated eight times; Ctrl-C stops it.
        costs : mapping, optional
            Prices and lengths of answers, as ``codcast plan STUDY --print-costs`` shows them; default:
            FLOPs.
        engine : str
            The method; `codcast.engines` lists them.
        level : float in (0, 1)
            Nominal coverage of the intervals.
        seed : int, optional
            Seed of everything random; default: that of `config`, or 0.
        config : mapping, optional
            Settings by stage, as in ``codcast.toml``.

        Returns
        -------
        Plan

        Raises
        ------
        CodcastError
            If the study cannot answer: no ladder, a target inside it.
        InputError
            If there is no such target, task or engine, or a setting is out of range; also a ValueError.

        Examples
        --------
        >>> from codcast import Study
        >>> study = Study.demo()
        >>> goal = study.forecast().task("add").forecast
        >>> needed = study.plan(scores={"add": goal}).compute_for_score[0]
        >>> again = study.forecast(compute=needed.expected.compute_flops)
        >>> abs(again.task("add").forecast - goal) < 1e-9
        True
        """
        return self._plan(
            None, target, compute, scores, weights, budget, costs, engine, level, seed, config
        )

    def choose(
        self,
        other: Study,
        target: str | None = None,
        *,
        compute: float | None = None,
        weights: Mapping[str, float] | None = None,
        engine: str = "codcast",
        level: float = 0.9,
        seed: int | None = None,
        config: Config | None = None,
    ) -> Plan:
        """Say which of two recipes is better at the target: this study's (A) or the other's (B).

        Parameters
        ----------
        other : Study
            A second ladder with the same evaluation; samples are paired by task and id.
        target : str, optional
            The model of this study to plan for; default: the largest of role "target".
        compute, weights, engine, level, seed, config
            As in `plan`.

        Returns
        -------
        Plan
            Its ``recipes`` holds the answer.

        Raises
        ------
        CodcastError
            If the studies cannot answer: no ladder, nothing shared.
        InputError
            If there is no such target or engine, or a setting is out of range; also a ValueError.

        Examples
        --------
        >>> from codcast import Study
        >>> columns = {"model": [], "task": [], "sample_id": [], "n_trials": [], "n_correct": []}
        >>> for rung in range(4):
        ...     row = (f"m{rung}", "sums", "*", 1000, 200 + 100 * rung)
        ...     for column, value in zip(columns.values(), row):
        ...         column.append(value)
        >>> models = [
        ...     {"name": f"m{rung}", "role": "ladder", "compute_flops": 1e20 * 3**rung}
        ...     for rung in range(4)
        ... ]
        >>> study = Study.from_frame(columns, models)
        >>> recipes = study.choose(study, compute=1e23).recipes
        >>> recipes.probability_first_better, recipes.call
        (0.5, 'undecided')
        """
        return self._plan(
            other, target, compute, None, weights, None, None, engine, level, seed, config
        )

    def _plan(
        self,
        other: Study | None,
        target: str | None,
        compute: float | None,
        scores: float | Mapping[str | None, float] | None,
        weights: Mapping[str, float] | None,
        budget: float | None,
        costs: Mapping[str, Any] | None,
        engine: str,
        level: float,
        seed: int | None,
        config: Config | None,
    ) -> Plan:
        if target is not None and compute is not None:
            raise InputError("give target or compute, not both", "bad_setting")
        if scores is None:
            goals = []
        elif isinstance(scores, Mapping):
            goals = [(task, float(score)) for task, score in scores.items()]
        else:
            goals = [(None, float(scores))]
        text = _native.plan(
            self._native,
            None if other is None else other._native,
            target,
            compute,
            goals,
            {task: float(weight) for task, weight in (weights or {}).items()},
            budget,
            json.dumps(dict(costs or {})),
            engine,
            float(level),
            settings(config, seed),
        )
        return Plan(text, self._library)

    def clusters(
        self, tasks: Sequence[str] | None = None, *, config: Config | None = None
    ) -> Clusters:
        """Find the difficulty clusters and their scaling laws.

        Parameters
        ----------
        tasks : list of str, optional
            Only these; default: all.
        config : mapping, optional
            Settings by stage, as in ``codcast.toml``.

        Returns
        -------
        Clusters

        Raises
        ------
        InputError
            If there is no such task; also a ValueError.
        """
        text = self._native.clusters(names(tasks), settings(config, None))
        return Clusters(text, self._library)
