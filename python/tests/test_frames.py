"""Tables in, tables out, of each library that is installed; the same study from all of them."""

from __future__ import annotations

import importlib
import importlib.util
import math
import pathlib
from typing import Any

import pytest

import codcast
from codcast import InputError, Study
from codcast._frames import samples_in

from .conftest import MODELS, columns, rows

LIBRARIES = [name for name in ("pandas", "polars", "pyarrow") if importlib.util.find_spec(name)]


def _table(library: str, data: dict[str, list[Any]]) -> Any:
    module = importlib.import_module(library)
    return module.table(data) if library == "pyarrow" else module.DataFrame(data)


@pytest.fixture(scope="module")
def plain() -> str:
    return Study.from_frame(columns(), MODELS, name="by-hand").check().to_json()


def test_rows_and_columns_and_a_folder_are_one_study(plain: str, tmp_path: pathlib.Path) -> None:
    assert Study.from_frame(rows(), MODELS, name="by-hand").check().to_json() == plain
    Study.from_frame(columns(), MODELS, name="by-hand").write(tmp_path)
    read = Study.from_dir(tmp_path).check().to_dict()
    known = Study.from_frame(columns(), MODELS, name="by-hand").check().to_dict()
    assert read.pop("inputs")
    assert known.pop("inputs") == []
    assert read == known
    described = Study.from_frame(columns(), tmp_path / "study.toml")
    assert described.check().to_dict()["tasks"] == known["tasks"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_gives_the_same_study(library: str, plain: str) -> None:
    frame = _table(library, columns())
    study = Study.from_frame(frame, MODELS, name="by-hand")
    assert study.check().to_json() == plain
    fields = {name: [model.get(name) for model in MODELS] for name in ("name", "role")}
    sizes = {name: [model.get(name) for model in MODELS] for name in ("compute_flops", "params", "tokens")}
    described = Study.from_frame(frame, _table(library, {**fields, **sizes}), name="by-hand")
    assert described.check().to_json() == plain


@pytest.mark.parametrize("library", LIBRARIES)
def test_answers_are_tables_of_the_callers_library(library: str) -> None:
    study = Study.from_frame(_table(library, columns()), MODELS)
    forecast = study.forecast(engine="power")
    frame = forecast.to_frame()
    assert type(frame).__module__.partition(".")[0] == library
    listed = frame.to_pylist() if library == "pyarrow" else None
    if library == "polars":
        listed = frame.to_dicts()
    elif library == "pandas":
        listed = frame.to_dict("records")
    assert listed is not None
    assert listed[0]["task"] == "sums"
    assert listed[0]["forecast"] == forecast.task("sums").forecast
    unknown = listed[0]["actual"]
    assert unknown is None or math.isnan(unknown)
    for answer in (study.check(), study.clusters(), study.backtest(min_rungs=3, progress=False)):
        assert type(answer.to_frame()).__module__.partition(".")[0] == library
    assert len(study.backtest(min_rungs=3, progress=False).cases_to_frame()) > 0


@pytest.mark.parametrize("library", LIBRARIES)
def test_tables_can_be_asked_for_in_any_library(library: str, demo: Study) -> None:
    frame = demo.forecast(engine="last").to_frame(library)  # type: ignore[arg-type]
    assert len(frame) == len(demo.tasks)


@pytest.mark.skipif(bool(LIBRARIES), reason="a library is installed")
def test_without_a_library_the_error_says_so(demo: Study) -> None:
    with pytest.raises(ImportError, match="pandas, polars or pyarrow"):
        demo.check().to_frame()


def _text_layouts() -> list[Any]:
    layouts: list[Any] = []
    if "pyarrow" in LIBRARIES:
        pa = importlib.import_module("pyarrow")
        kinds = [pa.string(), pa.large_string(), pa.string_view()]
        for keys in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint64()):
            kinds += [pa.dictionary(keys, pa.string()), pa.dictionary(keys, pa.large_string())]

        def cast(kind: Any) -> Any:
            table = pa.table(columns())
            for name in ("model", "task", "sample_id"):
                place = table.schema.get_field_index(name)
                table = table.set_column(place, name, table[name].cast(kind))
            return table

        layouts += [pytest.param(lambda k=kind: cast(k), id=str(kind)) for kind in kinds]
    if "polars" in LIBRARIES:
        pl = importlib.import_module("polars")
        texts = pl.col("model", "task", "sample_id")
        layouts.append(
            pytest.param(
                lambda: pl.DataFrame(columns()).with_columns(texts.cast(pl.Categorical)),
                id="polars categorical",
            )
        )
    if "pandas" in LIBRARIES:
        pd = importlib.import_module("pandas")
        kind = {"model": "category", "task": "category", "sample_id": "category"}
        layouts.append(
            pytest.param(lambda: pd.DataFrame(columns()).astype(kind), id="pandas category")
        )
    return layouts


@pytest.mark.parametrize("table", _text_layouts())
def test_every_layout_of_texts_is_read(table: Any, plain: str) -> None:
    assert Study.from_frame(table(), MODELS, name="by-hand").check().to_json() == plain


@pytest.mark.parametrize("library", LIBRARIES)
def test_other_columns_do_not_matter(library: str, plain: str) -> None:
    data = {"doc": [{"question": "1 + 1"}] * 120, **columns(), "n": list(range(120))}
    assert Study.from_frame(_table(library, data), MODELS, name="by-hand").check().to_json() == plain
    if library == "pandas":
        frame = _table(library, columns())
        frame["doc"] = [object() for _ in range(120)]
        assert Study.from_frame(frame, MODELS, name="by-hand").check().to_json() == plain


def _addresses(table: Any) -> list[int]:
    chunks = [chunk for column in table.columns for chunk in column.chunks]
    return [buffer.address for chunk in chunks for buffer in chunk.buffers() if buffer is not None]


@pytest.mark.skipif("pyarrow" not in LIBRARIES, reason="needs pyarrow")
@pytest.mark.parametrize("library", LIBRARIES)
def test_arrow_data_are_handed_over_where_they_lie(library: str) -> None:
    pa = importlib.import_module("pyarrow")
    frame: Any = pa.table({**columns(), "doc": ["1 + 1"] * 120})
    if library == "pandas":
        frame = frame.to_pandas(types_mapper=importlib.import_module("pandas").ArrowDtype)
    elif library == "polars":
        frame = importlib.import_module("polars").DataFrame(frame)
    # Both are alive at once, so that a copy would have addresses of its own.
    first, second = pa.table(samples_in(frame)), pa.table(samples_in(frame))
    assert len(_addresses(first)) >= 5
    assert _addresses(first) == _addresses(second)


@pytest.mark.skipif("pyarrow" not in LIBRARIES, reason="needs pyarrow")
def test_how_a_table_is_cut_does_not_matter(plain: str) -> None:
    pa = importlib.import_module("pyarrow")
    table = pa.table(columns())
    for size in (1, 7, 50):
        reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(size))
        assert Study.from_frame(reader, MODELS, name="by-hand").check().to_json() == plain


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_missing_score_is_missing_not_zero(library: str) -> None:
    data = columns()
    data["score"] = [k / n for k, n in zip(data.pop("n_correct"), data.pop("n_trials"))]
    full = Study.from_frame(_table(library, data), MODELS).check()
    data["score"][0] = None
    holed = Study.from_frame(_table(library, data), MODELS)
    assert full.tasks[0].n_samples == 30
    assert holed.check().tasks[0].n_samples == 29
    assert [note.code for note in holed.notes] == ["missing_answers"]


def test_errors_name_row_and_field() -> None:
    bad = columns()
    bad["n_correct"][4] = 101
    with pytest.raises(InputError, match=r"samples, row 5: n_correct is 101 of 100 trials"):
        Study.from_frame(bad, MODELS)
    bad = columns()
    bad["model"][7] = "r9"
    with pytest.raises(InputError, match=r"samples, row 8: model \"r9\" is not in"):
        Study.from_frame(bad, MODELS)
    bad = columns()
    bad["sample_id"][2] = None
    with pytest.raises(InputError, match=r"samples, row 3: sample_id is missing"):
        Study.from_frame(bad, MODELS)
    bad = columns()
    del bad["task"]
    with pytest.raises(InputError, match=r"samples: no column \"task\"") as error:
        Study.from_frame(bad, MODELS)
    assert error.value.code == "missing_column"
    bad = columns()
    bad["sample_id"][2] = 17
    with pytest.raises(InputError, match=r"samples, row 3: sample_id is 17; expected a text"):
        Study.from_frame(bad, MODELS)
    with pytest.raises(InputError, match="columns differ in length"):
        Study.from_frame({**columns(), "task": ["sums"]}, MODELS)
    with pytest.raises(ValueError, match="expected a pandas, polars or pyarrow table"):
        Study.from_frame(17, MODELS)


def test_errors_name_the_model() -> None:
    def given(**changes: Any) -> list[dict[str, Any]]:
        return [MODELS[0], {**MODELS[1], **changes}, *MODELS[2:]]

    with pytest.raises(InputError, match=r"models, row 2, model \"r2\": role is \"rung\""):
        Study.from_frame(columns(), given(role="rung"))
    with pytest.raises(InputError, match=r"models, row 2, model \"r2\": params is nan"):
        Study.from_frame(columns(), given(params=math.nan))
    with pytest.raises(InputError, match=r"unknown key \"flops\"; did you mean \"compute_flops\""):
        Study.from_frame(columns(), given(flops=1e20))
    with pytest.raises(InputError, match=r"models, row 2: model \"r1\" is listed already on row 1"):
        Study.from_frame(columns(), given(name="r1"))
    with pytest.raises(InputError, match=r"tasks, row 1, task \"sums\": chance is 1.5"):
        Study.from_frame(columns(), MODELS, tasks=[{"name": "sums", "chance": 1.5}])
    with pytest.raises(InputError, match="models is missing"):
        Study.from_frame(columns(), [])
    with pytest.raises(InputError, match="list of mappings"):
        Study.from_frame(columns(), [1, 2])
    with pytest.raises(InputError, match="neither a text nor a number"):
        Study.from_frame(columns(), given(params=object()))


def test_names_may_hold_anything() -> None:
    hostile = 'a"b\\c\n\x1b[31m<script>]#'
    models = [{**MODELS[0], "name": hostile}, *MODELS[1:]]
    data = columns()
    data["model"] = [hostile if name == "r1" else name for name in data["model"]]
    study = Study.from_frame(data, models)
    assert study.models[0].name == hostile
    assert "\x1b" not in repr(study.check())
    big = Study.from_frame(data, [{**models[0], "params": 10**25, "tokens": 1}, *models[1:]])
    assert big.models[0].compute_flops == 1e20


def test_a_whole_manifest_is_accepted() -> None:
    manifest = {"name": "mine", "models": MODELS, "tasks": [{"name": "sums", "chance": 0.25}]}
    study = Study.from_frame(columns(), manifest)
    assert study.name == "mine"
    assert study.check().tasks[0].chance == 0.25
    assert codcast.Study.from_frame(columns(), manifest, name="other").name == "other"
