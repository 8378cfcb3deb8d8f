"""Writes the study folder: study.toml, samples.parquet, greedy.parquet, loss-curves.csv."""

from __future__ import annotations

import csv
import json
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import corpus
import evaluate
import tasks
from ladder import Run
from model import Params


def weights_at(run: Run, step: int, work: Path) -> Params:
    """The averaged weights of a run at one of its checkpoints."""
    return pickle.loads((work / run.name / f"checkpoint-{step}.pkl").read_bytes())


def scores_at(run: Run, step: int, work: Path, questions: list[corpus.Question]) -> evaluate.Scores:
    """Scores of one checkpoint, kept in the work folder so that they are computed once."""
    kept = work / run.name / f"scores-{step}.pkl"
    if not kept.exists():
        scores = evaluate.score(weights_at(run, step, work), run.shape.heads, questions, seed=step)
        kept.write_bytes(pickle.dumps(scores))
    return pickle.loads(kept.read_bytes())


def write(runs: list[Run], work: Path, out: Path) -> None:
    """Evaluates every finished run at its three checkpoints and writes the study folder `out`."""
    finished = [r for r in runs if (work / r.name / "done.json").exists()]
    finished.sort(key=lambda r: (r.role != "ladder", r.role != "target", r.role != "anchor", r.compute_flops))
    out.mkdir(parents=True, exist_ok=True)
    questions = corpus.questions()
    samples, greedy = [], []
    for run in finished:
        for step in run.checkpoints:
            scores = scores_at(run, step, work, questions)
            key = {
                "model": [run.name] * len(questions),
                "checkpoint": np.full(len(questions), step, np.int64),
                "task": [q.task for q in questions],
                "sample_id": [q.sample_id for q in questions],
            }
            samples.append(pa.table(key | {
                "n_trials": np.full(len(questions), evaluate.GENERATIONS, np.int64),
                "n_correct": scores.n_correct.astype(np.int64),
                "task_loss": scores.answer_loss.round(4),
            }))  # fmt: skip
            greedy.append(pa.table(key | {
                "correct": scores.greedy,
                "pass_probability": scores.probability.round(4).astype(np.float32),
            }))  # fmt: skip
            print(f"{run.name} step {step}: {scores.n_correct.mean():.2f} of {evaluate.GENERATIONS} right", flush=True)
    _parquet(pa.concat_tables(samples), out / "samples.parquet")
    _parquet(pa.concat_tables(greedy), out / "greedy.parquet")
    (out / "study.toml").write_text(_toml(finished, work))
    with (out / "loss-curves.csv").open("w", newline="") as f:
        rows = csv.writer(f, lineterminator="\n")
        rows.writerow(("model", "step", "tokens", "train_loss", "validation_loss"))
        for run in finished:
            with (work / run.name / "loss.csv").open() as g:
                for r in csv.DictReader(g):
                    losses = (f"{float(r[k]):.4f}" for k in ("train_loss", "validation_loss"))
                    rows.writerow((run.name, r["step"], r["tokens"], *losses))


def _parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd", compression_level=19, use_dictionary=True, write_statistics=False)


def _toml(runs: list[Run], work: Path) -> str:
    lines = [
        'name = "tiny-ladder"',
        'note = "Transformers of 784 to 336,768 parameters trained from scratch on ten generated text tasks; see DATASHEET.md. N counts all matrices, the tied embedding once."',
        'task_loss_unit = "nats per token"',
    ]
    for run in runs:
        done = json.loads((work / run.name / "done.json").read_text())
        lines += [
            "",
            "[[models]]",
            f'name = "{run.name}"',
            f'family = "{"shallow" if run.layers == 2 else "tiny"}"',
            f'role = "{run.role}"',
            f"params = {run.params:.6e}",
            f"tokens = {run.tokens:.6e}",
            f"compute_flops = {run.compute_flops:.6e}",
            f"checkpoint = {run.steps}",
            f"loss = {done['validation_loss']:.4f}",
        ]
        if run.note:
            lines.append(f'note = "{run.note}"')
    for task in tasks.FAMILIES:
        lines += ["", "[[tasks]]", f'name = "{task}"', "n_samples = 400"]
        if task in tasks.GUESSING:
            lines.append(f"chance = {tasks.GUESSING[task]}")
    return "\n".join(lines) + "\n"
