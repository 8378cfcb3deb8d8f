"""Evaluation logs into counts, counts into a study: the command's, from Python."""

from __future__ import annotations

import importlib.util
import json
import pathlib

import pytest

import codcast
from codcast import CodcastError, InputError, Study

from .conftest import ROOT, command

LOGS = ROOT / "examples" / "tiny-ladder" / "logs"
MODELS = [{"name": "tiny-12", "role": "ladder", "compute_flops": 2.034008e10, "match": "*tiny-12"}]


def test_counts_are_those_of_the_logs() -> None:
    study = codcast.ingest(LOGS, MODELS)
    assert study.ingestion is not None
    assert study.ingestion.errors == 0
    verification = study.ingestion.to_dict()["verification"]
    assert verification["agreed"] == verification["stated"] > 0
    for task in study.ingestion.tasks:
        (file,) = LOGS.rglob(f"samples_{task.task}_*.jsonl")
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        assert task.samples == len(rows) == 20
        assert task.trials == sum(len(row["resps"][0]) for row in rows)
        assert task.mean == pytest.approx(sum(row["pass@1"] for row in rows) / 20, abs=1e-12)


def test_the_answer_is_the_commands(tmp_path: pathlib.Path) -> None:
    Study.demo()
    manifest = tmp_path / "models.toml"
    manifest.write_text(
        'name = "x"\n[[models]]\nname = "tiny-12"\nrole = "ladder"\ncompute_flops = 2e10\n'
        'match = "*tiny-12"\n'
    )
    args = ("ingest", str(LOGS), "--models", str(manifest), "-o", str(tmp_path / "theirs"))
    said = command(*args, "--format", "json", "--quiet")
    assert said.returncode == 0, said.stderr
    ours = codcast.ingest(LOGS, manifest, output=tmp_path / "ours")
    assert ours.ingestion is not None
    theirs = json.loads(said.stdout)
    assert {**ours.ingestion.to_dict(), "study": None} == {**theirs, "study": None}
    for name in ("samples.parquet", "study.toml"):
        assert (tmp_path / "ours" / name).read_bytes() == (tmp_path / "theirs" / name).read_bytes()
    assert ours.name == "x"
    # The same logs again change nothing, and the folder knows its models.
    again = codcast.ingest(LOGS, output=tmp_path / "ours")
    assert again.name == "x"
    read = Study.from_dir(tmp_path / "ours")
    assert [model.name for model in read.models] == ["tiny-12"]


def test_partials_travel_and_merge() -> None:
    whole = codcast.partials(LOGS)
    files = sorted(LOGS.rglob("samples_*.jsonl"))
    parts = [codcast.partials([file]) for file in files]
    assert whole.runs == sum(part.runs for part in parts) == 4
    assert whole.problems == []
    assert {file.fate for file in whole.files} <= {"read", "context"}
    merged = codcast.merge([*parts, parts[0]])
    ours = codcast.ingest(merged, MODELS).ingestion
    theirs = codcast.ingest(LOGS, MODELS).ingestion
    assert ours is not None
    assert theirs is not None
    assert ours.to_dict()["tasks"] == theirs.to_dict()["tasks"]


@pytest.mark.skipif(not importlib.util.find_spec("pyarrow"), reason="needs pyarrow")
def test_partials_are_an_arrow_table() -> None:
    import pyarrow as pa

    partials = codcast.partials(LOGS)
    table = pa.table(partials)
    assert set(table["kind"].to_pylist()) >= {"run", "series", "sample", "cell"}
    assert codcast.merge([table]).runs == partials.runs
    with pytest.raises(InputError, match="not a table of partial counts"):
        codcast.merge([pa.table({"a": [1]})])


def test_errors_say_what_is_missing(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError):
        codcast.ingest(tmp_path / "absent", MODELS)
    with pytest.raises(InputError, match="models is missing"):
        codcast.ingest(LOGS)
    with pytest.raises(CodcastError, match="none of the logs' models") as raised:
        codcast.ingest(LOGS, [{"name": "other", "role": "ladder", "compute_flops": 1e10}])
    assert raised.value.code == "nothing_to_ingest"
    with pytest.raises(InputError, match="role"):
        codcast.ingest(LOGS, [{"name": "tiny-12", "role": "rung"}])
    with pytest.raises(InputError, match="expected auto, pool or newest"):
        codcast.ingest(LOGS, MODELS, repeats="all")  # type: ignore[arg-type]
