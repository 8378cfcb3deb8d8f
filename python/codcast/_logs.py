"""Evaluation logs of any popular harness into a study."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Union

from codcast import _native
from codcast._frames import ModelsLike, models_in
from codcast._progress import Bar
from codcast._results.ingestion import Ingestion
from codcast._settings import names
from codcast._study import Study

#: Log files, folders of them, and archives.
Paths = Union[str, "os.PathLike[str]", Iterable[Union[str, "os.PathLike[str]"]]]


class LogFile(NamedTuple):
    """A file and what became of it: "read", "partial", "context", "skipped" or "refused", and why."""

    path: str
    fate: str
    reason: str | None


class Partials:
    """Counts of right answers read from logs: what merges exactly, and becomes a study.

    An Arrow table too (``pyarrow.table(partials)``, ``polars.DataFrame(partials)``), so that it can
    travel between processes and machines. Made by `partials` and `merge`.
    """

    def __init__(self, native: _native.Partials) -> None:
        self._native = native

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Give the table ``codcast.partials/1`` to whoever speaks Arrow."""
        return self._native.__arrow_c_stream__(requested_schema)

    @property
    def runs(self) -> int:
        """How many runs, each of a model on a task, were read."""
        return self._native.runs

    @property
    def files(self) -> list[LogFile]:
        """What became of every file."""
        return [LogFile(*file) for file in self._native.files]

    @property
    def problems(self) -> list[str]:
        """Records and files that could not be read, each with file, place and field."""
        return self._native.problems

    def __repr__(self) -> str:
        """Say how much is in it."""
        return f"<Partials: {self.runs} runs, {len(self.files)} files, {len(self.problems)} problems>"


def _paths(paths: Paths) -> list[str]:
    if isinstance(paths, (str, os.PathLike)):
        return [os.fspath(paths)]
    return [os.fspath(path) for path in paths]


def partials(
    paths: Paths,
    *,
    strict: bool = False,
    partial_as: float = 0.5,
    columns: Mapping[str, str] | None = None,
    progress: bool | None = None,
) -> Partials:
    """Count the right answers in evaluation logs.

    Parameters
    ----------
    paths : path-like or iterable of path-like
        Log files, folders of them, and archives. Formats are known by their content.
    strict : bool
        Stop at the first record that cannot be read; otherwise it is one of the `problems`.
    partial_as : float in [0, 1]
        What a "partially correct" of inspect_ai counts.
    columns : mapping of str to str, optional
        Columns of tables that are called otherwise: ours to theirs.
    progress : bool, optional
        Whether to show a bar; needs tqdm. Default: where tqdm is installed and stderr is a terminal.

    Returns
    -------
    Partials

    Raises
    ------
    MissingFileError
        If there is nothing to read; also a FileNotFoundError.
    InputError
        With `strict`, if a record makes no sense; also a ValueError.
    """
    bar = Bar(progress, "reading", unit="B", unit_scale=True)
    try:
        renamed = list((columns or {}).items())
        return Partials(
            _native.Partials.read(_paths(paths), strict, float(partial_as), renamed, bar.callback)
        )
    finally:
        bar.close()


def merge(tables: Iterable[Any]) -> Partials:
    """Put counts of several readers together, in any order; what came twice counts once.

    Parameters
    ----------
    tables : iterable of Partials or of Arrow tables of them
        What `partials` gave, here or elsewhere.

    Returns
    -------
    Partials

    Raises
    ------
    InputError
        If a table is not one of counts, or two contradict each other; also a ValueError.
    """
    return Partials(_native.Partials.merge(list(tables)))


def ingest(
    logs: Paths | Partials,
    models: ModelsLike | None = None,
    *,
    output: str | os.PathLike[str] | None = None,
    metrics: Sequence[str] | None = None,
    filters: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
    repeats: Literal["auto", "pool", "newest"] = "auto",
    verify: bool = True,
    errors_as_wrong: bool = False,
    strict: bool = False,
    partial_as: float = 0.5,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
    progress: bool | None = None,
) -> Study:
    """Make a study of evaluation logs.

    What the harness logged as its own mean is recomputed from the samples read; a run that does not
    give it is refused.

    Parameters
    ----------
    logs : path-like, iterable of path-like, or Partials
        Log files, folders of them, and archives; or what `partials` read.
    models : table, list of mappings, mapping, or path-like, optional
        What the models are, as for `Study.from_frame`; ``match`` may give the names that logs call a
        model by, with wildcards. May be left out where `output` is a study of earlier logs.
    output : path-like, optional
        A study folder to write; logs are added to one that is there. Default: none is written.
    metrics : list of str, optional
        Metrics to take instead of the headline: "METRIC", "METRIC,FILTER" or "TASK=METRIC[,FILTER]",
        with wildcards.
    filters : list of str, optional
        Filters, scorers or reducers to take, with wildcards.
    tasks : list of str, optional
        Only these tasks, with wildcards.
    repeats : {"auto", "pool", "newest"}
        Of several runs of a model on a task: pool independent draws and take the newest of others; pool
        all that differ; take the newest.
    verify : bool
        Whether runs that do not give the harness's own mean are refused.
    errors_as_wrong : bool
        Whether a repeat on which the harness failed counts as wrong; otherwise it is missing.
    strict, partial_as, columns, progress
        As for `partials`.
    name : str, optional
        The study's name; default: that of `models`, or "study".

    Returns
    -------
    Study
        Its `ingestion` says what was made of the logs.

    Raises
    ------
    MissingFileError
        If there is nothing to read; also a FileNotFoundError.
    CodcastError
        If the logs give no study: none is of a known format, or of a model that is listed.
    InputError
        If `models` or a pattern makes no sense; also a ValueError.
    """
    read = logs
    if not isinstance(read, Partials):
        read = partials(
            read, strict=strict, partial_as=partial_as, columns=columns, progress=progress
        )
    native, answer = _native.ingest(
        read._native,
        None if models is None else models_in(models, None, name=name),
        output,
        verify,
        names(metrics),
        names(filters),
        names(tasks),
        repeats,
        errors_as_wrong,
    )
    return Study(native, None, Ingestion(answer))
