"""What `Study.from_frame` costs on ten million rows, against reading the same rows from Parquet.

``python python/benches/from_frame.py [ROWS]`` prints seconds of ``Study.from_dir`` on a Parquet file, which
is the Rust path and nothing else, and of ``Study.from_frame`` on the same rows in memory, in each library
and layout: CPU seconds (user and system, all threads) and seconds by the clock. All of them run in turn,
three times; each figure is the least of its three. ``copied`` is what a library does not hand over where it
lies: memory that has other addresses when it is asked once more.
"""

from __future__ import annotations

import pathlib
import sys
import tempfile
import time
from typing import Any, Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from codcast import Study

MODELS, TASKS, ROUNDS = 10, 8, 3
PARQUET = "Rust, from Parquet"


def table(rows: int) -> pa.Table:
    """Rows of ten models on eight tasks, texts as dictionaries."""
    samples = rows // (MODELS * TASKS)
    ids = pa.array([f"benchmark/test/{i:06}" for i in range(samples)])
    random = np.random.default_rng(1)

    def coded(codes: Any, names: pa.Array) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), names)

    models = np.repeat(np.arange(MODELS), TASKS * samples)
    tasks = np.tile(np.repeat(np.arange(TASKS), samples), MODELS)
    columns = {
        "model": coded(models, pa.array([f"m{i}" for i in range(MODELS)])),
        "task": coded(tasks, pa.array([f"t{i}" for i in range(TASKS)])),
        "sample_id": coded(np.tile(np.arange(samples), MODELS * TASKS), ids),
        "n_trials": pa.array(np.full(models.size, 100)),
        "n_correct": pa.array(random.integers(0, 101, models.size)),
    }
    return pa.table(columns)


def costs(works: dict[str, Callable[[], Study]]) -> dict[str, tuple[float, float]]:
    """Give CPU seconds and seconds of each, the least of its runs; all take turns."""
    best = dict.fromkeys(works, (float("inf"), float("inf")))
    for _ in range(ROUNDS):
        for what, work in works.items():
            start = (time.process_time(), time.perf_counter())
            work()
            took = (time.process_time() - start[0], time.perf_counter() - start[1])
            best[what] = (min(best[what][0], took[0]), min(best[what][1], took[1]))
    return best


def buffers(table: pa.Table) -> list[pa.Buffer]:
    """All memory of its columns."""
    chunks = [chunk for column in table.columns for chunk in column.chunks]
    chunks += [chunk.dictionary for chunk in chunks if isinstance(chunk, pa.DictionaryArray)]
    return [buffer for chunk in chunks for buffer in chunk.buffers() if buffer is not None]


def copied(frame: Any) -> float:
    """Megabytes that a library makes anew for whoever asks for a frame's columns."""
    # Both are alive meanwhile, so that a copy has an address of its own.
    pairs = zip(buffers(pa.table(frame)), buffers(pa.table(frame)))
    return sum(first.size for first, second in pairs if first.address != second.address) / 1e6


def main() -> None:
    """Print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    coded = table(rows)
    texts = ["model", "task", "sample_id"]
    plain = coded.cast(
        pa.schema([f.with_type(pa.string()) if f.name in texts else f for f in coded.schema])
    )
    models = [
        {"name": f"m{i}", "role": "ladder", "compute_flops": 1e20 * 2.0**i} for i in range(MODELS)
    ]
    frames: dict[str, Any] = {"pyarrow, dictionaries": coded, "pyarrow, plain texts": plain}
    try:
        import polars as pl

        frames["polars, plain texts"] = pl.DataFrame(plain)
        frames["polars, categorical"] = pl.DataFrame(plain).with_columns(
            pl.col(*texts).cast(pl.Categorical)
        )
    except ImportError:
        pass
    try:
        import pandas as pd

        frames["pandas, Arrow types"] = plain.to_pandas(types_mapper=pd.ArrowDtype)
        frames["pandas, category"] = coded.to_pandas()
        frames["pandas, text"] = plain.to_pandas()
    except ImportError:
        pass
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        Study.from_frame(coded.slice(0, 1), models).write(folder)
        # Writers of tables cut them so; the reader works on the groups in parallel.
        pq.write_table(plain, folder / "samples.parquet", row_group_size=1 << 18, compression="zstd")
        works: dict[str, Callable[[], Study]] = {PARQUET: lambda: Study.from_dir(folder)}
        for what, frame in frames.items():
            works[what] = lambda frame=frame: Study.from_frame(frame, models)  # type: ignore[misc]
        print(f"{coded.num_rows:,} rows; {coded.nbytes / 1e6:.0f} MB coded, {plain.nbytes / 1e6:.0f} MB plain")
        found = costs(works)
        for what, (cpu, wall) in found.items():
            ratio = f"{cpu / found[PARQUET][0]:5.2f} times, {wall / found[PARQUET][1]:5.2f} by the clock"
            copy = "" if what == PARQUET else f"  copied: {copied(frames[what]):.1f} MB"
            print(f"{what:24} {cpu:6.2f} CPU-s {wall:6.2f} s  {ratio}{copy}")


if __name__ == "__main__":
    main()
