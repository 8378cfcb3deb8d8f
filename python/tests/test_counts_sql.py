"""The aggregation that `codcast sql` prints, on real engines, against a plain Python count."""

import collections
import pathlib
import random
import shutil

import pytest

from .conftest import command

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402

Key = tuple[str, str, str]
Counts = dict[Key, tuple[int, int]]


def query(dialect: str, *flags: str) -> str:
    printed = command("sql", "--dialect", dialect, *flags)
    assert printed.returncode == 0, printed.stderr
    return printed.stdout


@pytest.fixture(scope="module")
def table():
    rng = random.Random(7)
    rows = [
        {
            "Model": f"m-{rng.randrange(3)}",
            "task": rng.choice(["add", "order"]),
            "doc_id": rng.randrange(40),
            # A tenth of the generations was never scored: missing, not wrong.
            "right": None if rng.random() < 0.1 else rng.random() < 0.4,
        }
        for _ in range(5000)
    ]
    return pa.Table.from_pylist(rows)


def counted(rows: list[dict]) -> Counts:
    counts: dict[Key, list[int]] = collections.defaultdict(lambda: [0, 0])
    for row in rows:
        if row["right"] is not None:
            entry = counts[row["Model"], row["task"], str(row["doc_id"])]
            entry[0] += 1
            entry[1] += row["right"]
    return {key: (n, c) for key, (n, c) in counts.items()}


def as_counts(rows: list[dict]) -> Counts:
    for row in rows:
        assert isinstance(row["n_trials"], int) and isinstance(row["n_correct"], int)
    keys = [(row["model"], row["task"], row["sample_id"]) for row in rows]
    assert len(set(keys)) == len(keys)
    return {key: (row["n_trials"], row["n_correct"]) for key, row in zip(keys, rows)}


def duckdb_runs(path: pathlib.Path):
    duckdb = pytest.importorskip("duckdb")
    db = duckdb.connect()
    db.execute("SET autoinstall_known_extensions = false")
    db.execute(f"CREATE VIEW results AS SELECT * FROM '{path}'")
    return lambda sql: db.sql(sql).to_arrow_table().to_pylist()


def datafusion_runs(path: pathlib.Path):
    datafusion = pytest.importorskip("datafusion")
    context = datafusion.SessionContext()
    context.register_parquet("results", str(path))
    return lambda sql: context.sql(sql).to_arrow_table().to_pylist()


def spark_runs(path: pathlib.Path):
    SparkSession = pytest.importorskip("pyspark.sql").SparkSession
    if shutil.which("java") is None:
        pytest.skip("skipped: Spark needs Java 17")
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.read.parquet(str(path)).createOrReplaceTempView("results")
    return lambda sql: [row.asDict() for row in spark.sql(sql).collect()]


ENGINES = {"duckdb": duckdb_runs, "datafusion": datafusion_runs, "spark": spark_runs}


@pytest.mark.parametrize("dialect", ENGINES)
def test_an_engine_counts_as_python_does_and_parts_add_up(dialect, table, tmp_path):
    expected = counted(table.to_pylist())
    columns = ["--model", "Model", "--sample-id", "doc_id", "--correct", "right"]
    sql = query(dialect, *columns)

    whole = tmp_path / "whole.parquet"
    pq.write_table(table, whole)
    assert as_counts(ENGINES[dialect](whole)(sql)) == expected

    parts = []
    for name, part in {"a": table.slice(0, 1700), "b": table.slice(1700)}.items():
        shard = tmp_path / f"{name}.parquet"
        pq.write_table(part, shard)
        parts += ENGINES[dialect](shard)(sql)
    merged = tmp_path / "parts.parquet"
    pq.write_table(pa.Table.from_pylist(parts), merged)
    adding = query(dialect, "--counts", "n_trials,n_correct")
    assert as_counts(ENGINES[dialect](merged)(adding)) == expected
