"""Tables in and out, in the caller's library. None of the libraries is needed."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Union, cast

from codcast._errors import InputError

LIBRARIES = ("pandas", "polars", "pyarrow")

#: What the native module reads of a table; others, such as the text of questions, stay out.
_COLUMNS = (
    *("model", "task", "sample_id"),
    *("checkpoint", "n_trials", "n_correct", "score", "task_loss"),
)

#: A column of a table that goes out: its name and what it holds.
Column = tuple[str, Literal["text", "integer", "number"]]

#: What describes the models of a study.
ModelsLike = Union[str, "os.PathLike[str]", Mapping[str, Any], Iterable[Mapping[str, Any]], Any]


def library_of(frame: object) -> str | None:
    """Name the library that a table comes from, if it is one of ours."""
    for cls in type(frame).__mro__:
        library = cls.__module__.partition(".")[0]
        if library in LIBRARIES:
            return library
    return None


def samples_in(frame: Any) -> Any:
    """Give the native module something it reads: a stream of Arrow data, or columns as lists."""
    if isinstance(frame, Mapping):
        return {str(name): _listed(values) for name, values in frame.items()}
    if library_of(frame) == "pandas":
        # What is not needed would be converted, and may not be convertible.
        if any(name not in _COLUMNS for name in frame.columns):
            frame = frame[[name for name in frame.columns if name in _COLUMNS]]
        return frame if _speaks_arrow(frame) else _pandas_columns(frame)
    if hasattr(frame, "__arrow_c_stream__"):
        return frame
    if isinstance(frame, Sequence) and all(isinstance(row, Mapping) for row in frame):
        names = dict.fromkeys(name for row in frame for name in row)
        return {name: [row.get(name) for row in frame] for name in names}
    raise InputError(
        f"samples is a {type(frame).__name__}; expected a pandas, polars or pyarrow table, anything "
        "with __arrow_c_stream__, a mapping of columns, or a list of rows",
        "column_type",
    )


def _speaks_arrow(frame: Any) -> bool:
    # pandas hands out Arrow data through pyarrow.
    return hasattr(frame, "__arrow_c_stream__") and importlib.util.find_spec("pyarrow") is not None


def _pandas_columns(frame: Any) -> dict[str, list[Any]]:
    columns = {}
    for name in frame.columns:
        values = frame[name].astype(object)
        columns[str(name)] = values.where(frame[name].notna(), None).tolist()
    return columns


def _listed(values: Any) -> list[Any]:
    return cast("list[Any]", values.tolist()) if hasattr(values, "tolist") else list(values)


def models_in(
    models: ModelsLike, tasks: Iterable[Mapping[str, Any]] | None, **study: str | None
) -> str | dict[str, Any]:
    """Give the native module a path or the content of a ``study.toml`` as a dictionary."""
    if isinstance(models, (str, os.PathLike)):
        if tasks is not None or any(value is not None for value in study.values()):
            raise InputError(
                "models is a file, which also holds the tasks, the name and the unit of losses; "
                "give these there",
                "bad_field",
            )
        return os.fspath(models)
    if isinstance(models, Mapping):
        content = dict(models)
        content["models"] = _rows(content.get("models", []))
    else:
        content = {"models": _rows(models)}
    if tasks is not None:
        content["tasks"] = _rows(tasks)
    content.update({name: value for name, value in study.items() if value is not None})
    content.setdefault("name", "study")
    return content


def _rows(table: Any) -> list[dict[str, Any]]:
    """Rows of a small table as dictionaries. None is what is not known."""
    if hasattr(table, "to_pylist"):
        rows = table.to_pylist()
    elif hasattr(table, "to_dicts"):
        rows = table.to_dicts()
    elif library_of(table) == "pandas":
        # NaN is how pandas says that something is not known.
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
    else:
        rows = list(table)
    if not all(isinstance(row, Mapping) for row in rows):
        raise InputError(
            "models (and tasks) is a table, or a list of mappings such as "
            '{"name": "mini-1B", "role": "ladder", "compute_flops": 1e20}',
            "bad_field",
        )
    return [{str(name): value for name, value in row.items()} for row in rows]


def frame_out(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], library: str | None
) -> Any:
    """Make a table in the library named, else in one that is loaded, else in one that is there."""
    name = library or _any_library()
    data = {column: [row[column] for row in rows] for column, _ in columns}
    if name == "pandas":
        pandas = importlib.import_module(name)
        kinds = {"text": object, "integer": "Int64", "number": "float64"}
        series = {c: pandas.Series(data[c], dtype=kinds[kind]) for c, kind in columns}
        return pandas.DataFrame(series, columns=[column for column, _ in columns])
    if name == "polars":
        polars = importlib.import_module(name)
        types = {"text": polars.String, "integer": polars.Int64, "number": polars.Float64}
        return polars.DataFrame(data, schema={c: types[kind] for c, kind in columns})
    if name == "pyarrow":
        pyarrow = importlib.import_module(name)
        types = {"text": pyarrow.string(), "integer": pyarrow.int64(), "number": pyarrow.float64()}
        return pyarrow.table(data, schema=pyarrow.schema([(c, types[kind]) for c, kind in columns]))
    raise InputError(
        f"there is no library {name!r}; there is: {', '.join(LIBRARIES)}", "unknown_name"
    )


def _any_library() -> str:
    loaded = (library for library in LIBRARIES if library in sys.modules)
    there = (library for library in LIBRARIES if importlib.util.find_spec(library))
    found = next(loaded, None) or next(there, None)
    if found is None:
        raise ImportError(
            "a table needs pandas, polars or pyarrow: install one, or use to_dict() or to_json()"
        )
    return found
