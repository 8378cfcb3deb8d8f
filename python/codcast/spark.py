"""Evaluation logs read by a Spark cluster: for logs that outgrow one machine.

Each worker counts the right answers in some files with the same native readers that `codcast.ingest`
uses, and Spark puts the counts together. The forecast itself stays small and runs anywhere.

Needs PySpark 4.0 or later with pyarrow where it is called, and codcast and pyarrow on every worker.
A worker uses one thread a task; set ``spark.executorEnv.RAYON_NUM_THREADS`` where tasks have more cores.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast

import codcast
from codcast import _native
from codcast._frames import ModelsLike, models_in

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["COUNTS", "PARTIALS", "ingest", "partials", "write_study"]

#: Columns of ``codcast.partials/1``, as Spark writes schemas.
PARTIALS = (
    "kind string, file string, task string, run int, series int, sample int, about string, "
    "trials bigint, sum double, errors int, unscored int"
)

#: Columns of a study's table of samples.
COUNTS = (
    "model string, task string, sample_id string, checkpoint bigint, n_trials bigint, "
    "n_correct double, score double"
)

# Rows of a piece of a file, with the file and the number of the piece.
_PIECES = f"{PARTIALS}, path string, piece int"
# Small files of a folder are read together: each looks for its index files beside it.
_BUNDLE_BYTES = 64 << 20
# Bytes of logs a Spark task, so that little is lost with a worker.
_TASK_BYTES = 512 << 20
# A piece of a large file.
_PIECE_BYTES = 128 << 20
# Into how many steps a checkpointed reading is divided, and their least size.
_STEPS, _STEP_BYTES = 20, 4 << 30


def partials(
    spark: SparkSession,
    paths: str | Sequence[str],
    *,
    checkpoint: str | None = None,
    columns: Mapping[str, str] | None = None,
    partial_as: float = 0.5,
    strict: bool = False,
    piece_bytes: int = _PIECE_BYTES,
) -> DataFrame:
    """Count the right answers in evaluation logs, some files a Spark task.

    Parameters
    ----------
    spark : SparkSession
        The session; what it may read, and with which credentials, is its own business.
    paths : str or sequence of str
        Files and folders. Plain paths must lead to the same files here and on every worker (a shared or
        mounted file system) and are read in a stream, whatever their size. Paths with a scheme
        (``s3a://``, ``hdfs://``, ``gs://``) are fetched by Spark, a folder at a time: the logs of one
        folder must fit in a worker's memory and in 2 GB.
    checkpoint : str, optional
        A folder that Spark can write. Counts go there step by step, and files that are in it are not
        read again, so that an interrupted reading goes on where it was. Files are known by their names:
        a log that changed wants a new checkpoint.
    columns, partial_as, strict
        As for `codcast.partials`.
    piece_bytes : int
        A larger file is read in pieces by several workers where its format allows: JSON Lines of a
        generic table whose rows of one sample lie together. Other files are read by one worker each.

    Returns
    -------
    pyspark.sql.DataFrame
        Rows of the schema ``codcast.partials/1``. Those of one file are the same whoever reads it and
        however often, so that Spark may repeat work and ``union`` adds later logs.

    Raises
    ------
    MissingFileError
        If there is nothing to read; also a FileNotFoundError.
    """
    given = [paths] if isinstance(paths, str) else [os.fspath(path) for path in paths]
    if not given:
        raise codcast.InputError("paths is empty; name log files or folders", "no_logs")
    if piece_bytes < 1:
        raise codcast.InputError("piece_bytes is below 1; expected bytes", "bad_setting")
    reading: dict[str, Any] = {"strict": strict, "partial_as": partial_as, "columns": columns}
    plain = [path for path in given if "://" not in path]
    local = [(os.fspath(path), size) for path, size in _native.log_files(plain)]
    remote = [path for path in given if "://" in path]
    # The number of a bad line is only known to who reads all lines above it.
    piece_bytes = max(2**62, piece_bytes) if strict else piece_bytes
    if checkpoint is None:
        counted = _counted(spark, local, remote, None, reading, piece_bytes)
        return counted.where("kind <> 'done'")
    done = _done(spark, checkpoint)
    left = [(path, size) for path, size in local if path not in done]
    for step in _steps(left):
        rows = _counted(spark, step, [], None, reading, piece_bytes)
        rows.write.mode("append").parquet(checkpoint)
    if remote:
        rows = _counted(spark, [], remote, done, reading, piece_bytes)
        rows.write.mode("append").parquet(checkpoint)
    return spark.read.schema(PARTIALS).parquet(checkpoint).where("kind <> 'done'")


def ingest(
    spark: SparkSession,
    paths: str | Sequence[str] | DataFrame,
    models: ModelsLike,
    **options: Any,
) -> DataFrame:
    """Turn evaluation logs into counts a sample, without leaving the cluster.

    Runs that do not give the harness's own mean are left out, as everywhere; which they are, and what
    else there is to know, is in the ``ingestion`` of what `write_study` gives.

    Parameters
    ----------
    spark : SparkSession
        The session.
    paths : str, sequence of str, or DataFrame
        Logs, as for `partials`; or what `partials` gave.
    models : table, list of mappings, mapping, or path-like
        What the models are, as for `codcast.ingest`; a file is read here.
    **options
        ``metrics``, ``filters``, ``tasks``, ``repeats``, ``verify`` and ``errors_as_wrong`` of
        `codcast.ingest`; ``checkpoint``, ``columns``, ``partial_as``, ``strict`` and ``piece_bytes`` of
        `partials`.

    Returns
    -------
    pyspark.sql.DataFrame
        A row a model, task and sample with ``n_trials`` and ``n_correct`` or ``score``: a study's table
        of samples. Each task is counted by one worker.
    """
    rows = _rows(spark, paths, options)
    text, listed = _manifest(models)

    def count(table: pa.Table) -> pa.Table:
        import pyarrow.parquet as pq

        _one_thread()
        schema = _schema(COUNTS)
        with tempfile.TemporaryDirectory() as folder:
            manifest: Any = listed
            if text is not None:
                manifest = Path(folder, "models.toml")
                manifest.write_text(text, encoding="utf-8")
            try:
                study = codcast.ingest(codcast.merge([table]), manifest, progress=False, **options)
            except codcast.CodcastError as error:
                # A task of models that are not listed, or none of whose runs can be taken: it has no
                # rows on one machine either.
                if error.code == "nothing_to_ingest":
                    return schema.empty_table()
                raise
            study.write(Path(folder, "study"))
            samples = pq.read_table(Path(folder, "study", "samples.parquet"))
        return _fitted(samples, schema)

    return rows.where("task IS NOT NULL").groupBy("task").applyInArrow(count, COUNTS)


def write_study(
    spark: SparkSession,
    paths: str | Sequence[str] | DataFrame,
    models: ModelsLike,
    output: str | os.PathLike[str],
    **options: Any,
) -> codcast.Study:
    """Turn evaluation logs into a study folder, byte for byte the one that one machine makes.

    The cluster reads and counts; what comes back is a row a run, metric and sample (see
    ``spark.driver.maxResultSize``).

    Parameters
    ----------
    spark, paths, models, **options
        As for `ingest`; and ``name`` of `codcast.ingest`.
    output : path-like
        The study folder, where this is called; logs are added to one that is there.

    Returns
    -------
    codcast.Study
    """
    rows = _rows(spark, paths, options)
    counted = codcast.merge([rows.toArrow()])
    return codcast.ingest(counted, models, output=output, progress=False, **options)


def _rows(
    spark: SparkSession, paths: str | Sequence[str] | DataFrame, options: dict[str, Any]
) -> DataFrame:
    """Counts, and what is about reading out of the options."""
    names = ("checkpoint", "columns", "partial_as", "strict", "piece_bytes")
    reading = {name: options.pop(name) for name in names if name in options}
    if isinstance(paths, (str, list, tuple)):
        return partials(spark, paths, **reading)
    if reading:
        raise codcast.InputError(
            f"{', '.join(reading)} is about reading logs, but these are read already: give it to "
            "codcast.spark.partials",
            "bad_setting",
        )
    return cast("DataFrame", paths)


def _manifest(models: ModelsLike) -> tuple[str | None, Any]:
    """Give what is in the manifest: its text where it is a file, which workers may not have."""
    content = models_in(models, None)
    if isinstance(content, str):
        return Path(content).read_text(encoding="utf-8"), None
    return None, content


def _done(spark: SparkSession, checkpoint: str) -> set[str]:
    """Files whose counts are in the checkpoint."""
    from pyspark.errors import AnalysisException

    try:
        rows = spark.read.schema(PARTIALS).parquet(checkpoint)
        return {row.file for row in rows.where("kind = 'done'").select("file").collect()}
    except AnalysisException as error:
        if "PATH_NOT_FOUND" in str(error):
            return set()
        raise


def _steps(files: Sequence[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    """Divide files into steps of about the same size, in their order."""
    enough = max(_STEP_BYTES, sum(size for _, size in files) / _STEPS)
    step: list[tuple[str, int]] = []
    bytes_in_step = 0
    for path, size in files:
        step.append((path, size))
        bytes_in_step += size
        if bytes_in_step >= enough:
            yield step
            step, bytes_in_step = [], 0
    if step:
        yield step


def _counted(
    spark: SparkSession,
    local: Sequence[tuple[str, int]],
    remote: list[str],
    done: set[str] | None,
    reading: dict[str, Any],
    piece_bytes: int,
) -> DataFrame:
    """Counts of these files, and a row of kind "done" for each."""
    frames = []
    large = [(path, size) for path, size in local if size > piece_bytes and _may_be_lines(path)]
    in_pieces = {path for path, _ in large}
    bundles = _bundles([(path, size) for path, size in local if path not in in_pieces])
    if bundles:
        tasks = _tasks(spark, sum(size for _, size in local), len(bundles))
        work = spark.createDataFrame([(files,) for files in bundles], "files array<string>")
        frames.append(work.repartition(tasks).mapInArrow(_each_bundle(reading), PARTIALS))
    if large:
        ranges = [
            (path, number, start, min(start + piece_bytes, size))
            for path, size in large
            for number, start in enumerate(range(0, size, piece_bytes))
        ]
        work = spark.createDataFrame(ranges, "path string, piece int, start bigint, end bigint")
        pieces = work.repartition(len(ranges)).mapInArrow(_each_piece(reading["columns"]), _PIECES)
        frames.append(pieces.groupBy("path").applyInArrow(_each_large(reading), PARTIALS))
    if remote:
        frames.append(_fetched(spark, remote, done).applyInArrow(_each_folder(reading), PARTIALS))
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.union(frame)
    return whole


def _tasks(spark: SparkSession, size: int, most: int) -> int:
    """Into how many tasks to split: several a core, so that all cores end at the same time."""
    wanted = max(4 * int(spark.sparkContext.defaultParallelism), size // _TASK_BYTES)
    return max(1, min(most, wanted))


def _may_be_lines(path: str) -> bool:
    return path.endswith((".jsonl", ".ndjson", ".json"))


def _bundles(files: Sequence[tuple[str, int]]) -> list[list[str]]:
    """Bundle the small files of a folder; the largest bundle first, so that none is left at the end."""
    bundles: list[tuple[int, list[str]]] = []
    folder, size = None, 0
    for path, bytes_in_file in files:
        here = os.path.dirname(path)
        if here != folder or size + bytes_in_file > _BUNDLE_BYTES:
            bundles.append((0, []))
            folder, size = here, 0
        size += bytes_in_file
        bundles[-1] = (size, [*bundles[-1][1], path])
    return [files for _, files in sorted(bundles, key=lambda bundle: (-bundle[0], bundle[1]))]


def _fetched(spark: SparkSession, remote: list[str], done: set[str] | None) -> Any:
    """Files of a store by the folder whose index files they need."""
    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(remote)
    # lighteval's index files lie in results/ beside details/; others beside the logs.
    folder = (
        "CASE WHEN path RLIKE '/(details|results)/' "
        "THEN regexp_extract(path, '^(.*?)/(details|results)/', 1) "
        "ELSE regexp_replace(path, '/[^/]*$', '') END AS folder"
    )
    if done:
        read = spark.createDataFrame([(path,) for path in done], "path string")
        left = files.select("path").join(read, "path", "left_anti").selectExpr(folder).distinct()
        return files.selectExpr("path", "content", folder).join(left, "folder").groupBy("folder")
    return files.selectExpr("path", "content", folder).groupBy("folder")


def _one_thread() -> None:
    # Spark runs a task a core; a thread a core in each of them would only be in the way.
    os.environ.setdefault("RAYON_NUM_THREADS", "1")


def _table(paths: list[str], reading: dict[str, Any]) -> pa.Table:
    import pyarrow as pa

    _one_thread()
    return pa.table(codcast.partials(paths, progress=False, **reading)).cast(_schema(PARTIALS))


def _marked(table: pa.Table, paths: list[str]) -> pa.Table:
    """Counts with a row for each file that was read."""
    import pyarrow as pa

    marks = pa.table({"kind": ["done"] * len(paths), "file": paths})
    return pa.concat_tables([table, _fitted(marks, table.schema)])


def _each_bundle(reading: dict[str, Any]) -> Callable[[Iterator[pa.RecordBatch]], Any]:
    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for files in batch.column(0).to_pylist():
                yield from _marked(_table(files, reading), files).to_batches()

    return run


def _each_piece(columns: Mapping[str, str] | None) -> Callable[[Iterator[pa.RecordBatch]], Any]:
    renamed = list((columns or {}).items())

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        _one_thread()
        for batch in batches:
            for work in batch.to_pylist():
                read = _native.Partials.read_lines(
                    work["path"], work["start"], work["end"], renamed
                )
                table = pa.table({"kind": ["refused"]}) if read is None else pa.table(read)
                table = table.append_column("path", pa.repeat(work["path"], table.num_rows))
                table = table.append_column("piece", pa.repeat(work["piece"], table.num_rows))
                yield from _fitted(table, _schema(_PIECES)).to_batches()

    return run


def _each_large(reading: dict[str, Any]) -> Callable[[pa.Table], pa.Table]:
    def run(table: pa.Table) -> pa.Table:
        import pyarrow as pa
        import pyarrow.compute as pc

        _one_thread()
        path = table["path"][0].as_py()
        joined = None
        if "refused" not in pc.unique(table["kind"]).to_pylist():
            pieces = [
                table.filter(pc.equal(table["piece"], piece)).select(_schema(PARTIALS).names)
                for piece in sorted(pc.unique(table["piece"]).to_pylist())
            ]
            joined = _native.Partials.join_lines(path, pieces)
        # Where pieces do not give the whole, it is read in one go.
        whole = _table([path], reading) if joined is None else pa.table(joined)
        return _marked(_fitted(whole, _schema(PARTIALS)), [path])

    return run


def _each_folder(reading: dict[str, Any]) -> Callable[[pa.Table], pa.Table]:
    def run(table: pa.Table) -> pa.Table:
        here = tempfile.mkdtemp()
        try:
            paths = table["path"].to_pylist()
            # Names of folders can be all that is known of a model, and those above all files are kept.
            parts = [PurePosixPath(path.partition(":")[2]).parts for path in paths]
            for content, names in zip(table["content"], parts):
                file = Path(here, *(name for name in names if name not in ("/", "//", "..")))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content.as_buffer())
            scheme = paths[0].partition(":")[0] + ":"
            slashes = paths[0][len(scheme) :]
            scheme += slashes[: len(slashes) - len(slashes.lstrip("/"))]
            counted = _renamed(_table([here], reading), here + "/", scheme)
            return _marked(counted, paths)
        finally:
            shutil.rmtree(here, ignore_errors=True)

    return run


def _renamed(table: pa.Table, here: str, there: str) -> pa.Table:
    """Rows about files that were fetched, by the names that they have in the store."""
    import pyarrow.compute as pc

    for name in ("file", "about"):
        at = table.column_names.index(name)
        renamed = pc.replace_substring(table.column(name), pattern=here, replacement=there)
        table = table.set_column(at, name, renamed)
    return table


def _fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Columns of the schema, in its order and of its types; null where the table has none."""
    import pyarrow as pa

    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _schema(columns: str) -> pa.Schema:
    import pyarrow as pa

    kinds = {"string": pa.string(), "bigint": pa.int64(), "double": pa.float64(), "int": pa.int32()}
    fields = [column.strip().split(" ") for column in columns.split(",")]
    return pa.schema([(name, kinds[kind]) for name, kind in fields])
