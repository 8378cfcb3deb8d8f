"""What `Study.from_frame` costs on ten million rows, against reading the same rows from Parquet.

``python python/benches/from_frame.py [ROWS]`` prints CPU seconds (user and system, all threads) of
``Study.from_dir`` on a Parquet file, which is the Rust path and nothing else, and of
``Study.from_frame`` on the same rows in memory, in each library and layout. Each is the least of three.
The bytes are what Arrow allocated meanwhile: a copy of a column would show there.
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

MODELS, TASKS = 10, 8


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


def cost(work: Callable[[], Study]) -> tuple[float, float]:
    """Give CPU and wall seconds, each the least of three."""
    cpu, wall = [], []
    for _ in range(3):
        start = (time.process_time(), time.perf_counter())
        work()
        cpu.append(time.process_time() - start[0])
        wall.append(time.perf_counter() - start[1])
    return min(cpu), min(wall)


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
        frames["pandas, category"] = coded.to_pandas()
        frames["pandas, text"] = plain.to_pandas()
    except ImportError:
        pass
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        Study.from_frame(coded.slice(0, 1), models).write(folder)
        # Writers of tables cut them so; the reader works on the groups in parallel.
        pq.write_table(plain, folder / "samples.parquet", row_group_size=1 << 18, compression="zstd")
        base, wall = cost(lambda: Study.from_dir(folder))
        print(f"{coded.num_rows:,} rows; {coded.nbytes / 1e6:.0f} MB coded, {plain.nbytes / 1e6:.0f} MB plain")
        print(f"{'Rust, from Parquet':24} {base:6.2f} CPU-s {wall:6.2f} s")
        for what, frame in frames.items():
            before = pa.total_allocated_bytes()
            cpu, wall = cost(lambda frame=frame: Study.from_frame(frame, models))  # type: ignore[misc]
            grown = (pa.total_allocated_bytes() - before) / 1e6
            print(f"{what:24} {cpu:6.2f} CPU-s {wall:6.2f} s  {cpu / base:5.2f} times  {grown:+.1f} MB")


if __name__ == "__main__":
    main()
