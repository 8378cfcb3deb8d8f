"""What was made of logs."""

from __future__ import annotations

import dataclasses
from typing import Any

from codcast._results.base import Result, make_each


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
        self.tasks: tuple[IngestedTask, ...] = make_each(IngestedTask, self._data["tasks"])
        self.errors: int = self._data["errors"]

    def _rows(self) -> list[dict[str, Any]]:
        return [vars(task) for task in self.tasks]

    def _title(self) -> str:
        verified = self._data["verification"]
        return (
            f"{len(self.tasks)} tasks; {verified['agreed']} of {verified['stated']} scores that the "
            f"harnesses logged were recomputed and agree; {self.errors} errors"
        )
