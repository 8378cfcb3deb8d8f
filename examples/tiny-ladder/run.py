"""Trains the ladder and evaluates it: `python run.py train NAME...`, `python run.py study`.

Everything goes to `--work` (default `work/`); what is finished there is not done again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import corpus
import ladder
import train

VALIDATION_ROWS = 1024


def train_one(run: ladder.Run, work: Path) -> None:
    """Makes the data a run needs and trains it."""
    name, seed = run.data
    largest = max((r for r in ladder.RUNS if r.data[0] == name), key=lambda r: r.tokens)
    rows = largest.last_step * largest.batch
    path, held = work / "data" / f"{name}.npy", work / "data" / "validation.npy"
    corpus.build(path, rows, seed, weights=dict(run.weights))
    corpus.build(held, VALIDATION_ROWS, seed=2, evaluation=True)
    train.train(run, np.load(path, mmap_mode="r"), np.load(held), work / run.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("train", "study"))
    parser.add_argument("names", nargs="*", help="runs to train, in this order; all if none is named")
    parser.add_argument("--skip", nargs="*", default=[], help="runs to leave to another process")
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--out", type=Path, default=Path("study"), help="the study folder to write")
    parser.add_argument("--logs", type=Path, default=Path("logs"), help="where the raw log of one rung goes")
    options = parser.parse_args()
    runs = [r for r in ladder.RUNS if r.name in (options.names or [r.name]) and r.name not in options.skip]
    if options.names:
        runs.sort(key=lambda r: options.names.index(r.name))
    if options.what == "train":
        for run in runs:
            train_one(run, options.work)
    else:
        import rawlog
        import study

        study.write(runs, options.work, options.out)
        rung = next(r for r in ladder.RUNS if r.name == "tiny-12")
        if (options.work / rung.name / "done.json").exists():
            rawlog.write_log(rung, options.work, options.logs)


if __name__ == "__main__":
    main()
