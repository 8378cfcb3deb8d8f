"""What every answer can do, and what is part of several."""

from __future__ import annotations

import contextlib
import dataclasses
import html
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeVar, cast

from codcast import _native
from codcast._frames import Column, frame_out

T = TypeVar("T")


def make(cls: type[T], data: Mapping[str, Any], /, **built: Any) -> T:
    """Make a dataclass of the fields it knows; the others stay in ``to_dict()``."""
    names = [field.name for field in dataclasses.fields(cast(Any, cls))]
    return cls(**{name: built.get(name, data.get(name)) for name in names})


def make_each(cls: type[T], rows: Sequence[Mapping[str, Any]]) -> tuple[T, ...]:
    return tuple(make(cls, row) for row in rows)


def make_interval(row: Mapping[str, Any] | None) -> Interval | None:
    return None if row is None else make(Interval, row)


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
