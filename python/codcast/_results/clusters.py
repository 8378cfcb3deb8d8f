"""Difficulty clusters."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from codcast._results.base import Diagnostic, Result, make, make_each

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
            make(
                TaskClusters,
                row,
                clusters=tuple(map(_cluster, row["clusters"])),
                diagnostics=make_each(Diagnostic, row["diagnostics"]),
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
    return make(Cluster, row, cls=row["class"], centre=tuple(row["centre"]), law=law)
