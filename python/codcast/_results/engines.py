"""The list of engines."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from codcast._results.base import Result, make_each


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
        self._engines: tuple[EngineInfo, ...] = make_each(EngineInfo, self._data["engines"])

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
