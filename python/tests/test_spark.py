"""A cluster reads logs as one machine does: to the byte, and when a worker dies."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import codcast

from .conftest import ROOT, command

pytest.importorskip("pyspark")
pa = pytest.importorskip("pyarrow")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("skipped: Spark needs Java 17", allow_module_level=True)

import pyarrow.parquet as pq  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

import codcast.spark  # noqa: E402

MODELS = [{"name": name, "role": "ladder", "compute_flops": 1e20 * 4**n} for n, name in enumerate("abc")]


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Two workers, each a process of its own."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("codcast")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        # A worker that dies takes the attempts of its tasks with it.
        "spark.task.maxFailures": "8",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def logs() -> list[Path]:
    """Logs of every harness: our own, and those that lie beside the project."""
    shared = Path(os.environ.get("CODCAST_SHARED", ROOT.parent / "shared"), "logs")
    own = ROOT / "crates" / "codcast-logs" / "tests" / "logs"
    if not shared.is_dir():
        assert os.environ.get("CODCAST_REQUIRE_SHARED") != "1", f"{shared} is not there"
        print(f"skipped: {shared} is not there")
        return [own]
    return [own, shared]


@pytest.fixture(scope="session")
def manifest(logs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every model that the logs name, as the command proposes them."""
    path = tmp_path_factory.mktemp("manifest") / "models.toml"
    command("ingest", *map(str, logs), "--init", str(path), "--quiet")
    return path


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of 60,000 rows: with repeats, which lie together, and partial credit."""
    path = tmp_path_factory.mktemp("table") / "rows.jsonl"
    draw = random.Random(5)
    with path.open("w") as file:
        for task in ("sums", "words"):
            for model in "abc":
                for sample in range(1000):
                    for repeat in range(10):
                        score = draw.choice([0, 1] if task == "sums" else [0, 0.3, 0.7, 1])
                        row = {"model": model, "task": task, "sample_id": f"s{sample}", "repeat": repeat}
                        file.write(json.dumps({**row, "score": score}) + "\n")
    return path


def folder(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def rows(table: Any) -> list[tuple[Any, ...]]:
    """Rows of a table of samples in an order of their own, numbers as numbers."""
    names = ["model", "task", "sample_id", "checkpoint", "n_trials", "n_correct", "score"]
    columns = [
        table.column(name).to_pylist() if name in table.column_names else [None] * len(table)
        for name in names
    ]
    found = zip(*columns)
    return sorted(
        ((*row[:5], None if row[5] is None else float(row[5]), row[6]) for row in found), key=repr
    )


def test_a_cluster_writes_the_study_that_one_machine_writes(
    spark: SparkSession, logs: list[Path], manifest: Path, tmp_path: Path
) -> None:
    one = codcast.ingest(logs, manifest, output=tmp_path / "one", progress=False)
    counted = codcast.spark.partials(spark, [str(path) for path in logs]).cache()
    many = codcast.spark.write_study(spark, counted, manifest, tmp_path / "many")
    assert folder(tmp_path / "one") == folder(tmp_path / "many")
    assert one.ingestion is not None
    assert many.ingestion is not None
    assert len(one.ingestion.tasks) > 20
    # What became of every file, which runs were refused, every note.
    assert many.ingestion.to_dict() == {**one.ingestion.to_dict(), "study": str(tmp_path / "many")}

    table = codcast.spark.ingest(spark, counted, manifest).toArrow()
    expected = pq.read_table(tmp_path / "one" / "samples.parquet")
    assert rows(table) == rows(expected)
    # Once more, on top of what is there: nothing is new.
    codcast.spark.write_study(spark, counted, manifest, tmp_path / "many")
    assert folder(tmp_path / "one") == folder(tmp_path / "many")
    counted.unpersist()


def test_a_store_is_read_as_a_file_system_is(
    spark: SparkSession, logs: list[Path], manifest: Path
) -> None:
    """With a scheme, Spark fetches the bytes: here from the local store that it knows as file://."""
    # Our own: Hadoop opens no file with a colon in its name, as lighteval's have in the others.
    own = logs[0]
    one = codcast.spark.ingest(spark, str(own), manifest).toArrow()
    many = codcast.spark.ingest(spark, [f"file://{own}"], manifest).toArrow()
    assert rows(one) == rows(many)
    assert len(one) > 100


def test_one_large_file_is_read_in_pieces(spark: SparkSession, table: Path, tmp_path: Path) -> None:
    codcast.ingest(table, MODELS, output=tmp_path / "one", progress=False)
    size = table.stat().st_size
    # A piece that would end within a sample's repeats goes on to their end.
    for name, piece_bytes in {"pieces": size // 7, "halves": size // 2 + 1}.items():
        codcast.spark.write_study(spark, str(table), MODELS, tmp_path / name, piece_bytes=piece_bytes)
        assert folder(tmp_path / name) == folder(tmp_path / "one"), name
    # Cut where a model ends: whoever looks there cannot tell that a sample begins, so that the first
    # piece ends with it, and has two runs.
    first = table.read_bytes().index(b'"model": "b"') - 1
    pieces = [
        codcast._native.Partials.read_lines(table, start, end, [])
        for start, end in ((0, first), (first, size))
    ]
    assert [piece.runs for piece in pieces if piece is not None] == [2, 5]
    joined = codcast._native.Partials.join_lines(table, pieces)
    assert joined is not None
    assert pa.table(joined).equals(pa.table(codcast.partials(table)))


def test_an_interrupted_reading_goes_on_where_it_was(
    spark: SparkSession, table: Path, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    lines = table.read_text().splitlines(keepends=True)
    for n in range(6):
        (logs / f"{n}.jsonl").write_text("".join(lines[n * 10_000 : (n + 1) * 10_000]))
    codcast.ingest(logs, MODELS, output=tmp_path / "one", progress=False)
    checkpoint = str(tmp_path / "checkpoint")
    begun = [str(logs / f"{n}.jsonl") for n in range(3)]
    codcast.spark.partials(spark, begun, checkpoint=checkpoint)
    # Whoever read these again would see nothing in them.
    for path in begun:
        Path(path).write_text("")
    codcast.spark.write_study(spark, str(logs), MODELS, tmp_path / "many", checkpoint=checkpoint)
    assert folder(tmp_path / "many") == folder(tmp_path / "one")


def test_a_worker_that_dies_changes_nothing(spark: SparkSession, table: Path, tmp_path: Path) -> None:
    logs, marks = tmp_path / "logs", tmp_path / "marks"
    marks.mkdir()
    lines = table.read_text().splitlines(keepends=True)
    for n in range(60):
        (logs / str(n)).mkdir(parents=True)
        (logs / str(n) / "rows.jsonl").write_text("".join(lines[n * 1000 : (n + 1) * 1000]))
    codcast.ingest(logs, MODELS, output=tmp_path / "one", progress=False)

    def dying(batches: Iterator[Any]) -> Iterator[Any]:
        """Kill Spark's executor that runs this, when two other tasks are done and this one half."""

        def about(pid: int, what: str) -> str:
            said = subprocess.run(["ps", "-o", what, "-p", str(pid)], capture_output=True, text=True)
            return said.stdout.strip()

        for batch in batches:
            yield batch
            (marks / uuid.uuid4().hex).touch()
            if len(list(marks.iterdir())) == 3:
                executor = int(about(os.getppid(), "ppid="))
                assert "CoarseGrainedExecutorBackend" in about(executor, "args="), "no executor"
                (tmp_path / "killed").write_text(str(executor))
                os.kill(executor, signal.SIGKILL)

    counted = codcast.spark.partials(spark, str(logs)).mapInArrow(dying, codcast.spark.PARTIALS)
    codcast.spark.write_study(spark, counted, MODELS, tmp_path / "many")
    executor = int((tmp_path / "killed").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(executor, 0)
    # Some task was done again.
    assert len(list(marks.iterdir())) > 8
    assert folder(tmp_path / "one") == folder(tmp_path / "many")


def test_wrong_arguments_are_named(spark: SparkSession, table: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        codcast.spark.partials(spark, str(tmp_path / "absent"))
    with pytest.raises(codcast.InputError, match="paths is empty"):
        codcast.spark.partials(spark, [])
    counted = codcast.spark.partials(spark, str(table))
    with pytest.raises(codcast.InputError, match="partial_as is about reading"):
        codcast.spark.ingest(spark, counted, MODELS, partial_as=0.2)
