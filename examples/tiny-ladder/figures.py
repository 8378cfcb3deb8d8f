"""Prints the datasheet's tables from a study folder: `python figures.py study [--against OTHER_STUDY]`.

Scores are points (percent of generations right), over the three checkpoints together.
"""

from __future__ import annotations

import argparse
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

SOLVED = 0.5  # pass rate from which a sample counts as solved


@dataclass(frozen=True)
class Model:
    """A model's entry in study.toml and its pass rates: task -> [sample], samples in a fixed order."""

    name: str
    role: str
    params: float
    tokens: float
    compute: float
    loss: float
    rates: dict[str, np.ndarray]
    greedy: dict[str, float]
    by_checkpoint: dict[str, np.ndarray]

    def mean(self) -> float:
        return float(np.mean([r.mean() for r in self.rates.values()]))


def load(folder: Path) -> list[Model]:
    """Reads a study; the ladder first by compute, then the rest as listed."""
    meta = tomllib.loads((folder / "study.toml").read_text())
    table = pq.read_table(folder / "samples.parquet").to_pydict()
    cells: dict[tuple[str, str], dict[str, list[float]]] = {}
    for model, task, sample, n, c in zip(*(table[k] for k in ("model", "task", "sample_id", "n_trials", "n_correct"))):
        cells.setdefault((model, task), {}).setdefault(sample, []).append(c / n)
    greedy: dict[tuple[str, str], list[bool]] = {}
    table = pq.read_table(folder / "greedy.parquet").to_pydict()
    for model, task, right in zip(table["model"], table["task"], table["correct"]):
        greedy.setdefault((model, task), []).append(right)
    found = []
    for m in meta["models"]:
        tasks = {t["name"]: cells[m["name"], t["name"]] for t in meta["tasks"]}
        rates = {t: np.array([np.mean(s[i]) for i in sorted(s)]) for t, s in tasks.items()}
        each = {t: np.array([s[i] for i in sorted(s)]).mean(0) for t, s in tasks.items()}
        right = {t: float(np.mean(greedy[m["name"], t])) for t in tasks}
        found.append(Model(m["name"], m["role"], m["params"], m["tokens"], m["compute_flops"], m["loss"], rates, right, each))
    return found


def accuracy(models: list[Model], which: str = "rates") -> None:
    """Score by task and model, sampled (`rates`) or `greedy`."""
    tasks = list(models[0].rates)
    print("| model | FLOP |", " | ".join(tasks), "| mean |\n|---|---" + "|---:" * (len(tasks) + 1) + "|")
    for m in models:
        values = [float(np.mean(getattr(m, which)[t])) for t in tasks]
        print(f"| {m.name} | {m.compute:.1e} |", " | ".join(f"{100 * v:.1f}" for v in values), f"| {100 * np.mean(values):.1f} |")


def emergence(models: list[Model]) -> None:
    """How many samples are solved by all, from which rung on, only by the target, by none."""
    rungs = [m for m in models if m.role == "ladder"]
    target = max((m for m in models if m.role == "target"), key=lambda m: m.compute)
    head = ("larger half of the rungs and the target", "other rungs and the target", "the target only", "some rung, not the target", "none", "never once right")
    print("| task |", " | ".join(head), "|\n|---" + "|---:" * len(head) + "|")
    total = np.zeros(len(head), int)
    for task in target.rates:
        small = np.array([m.rates[task] for m in rungs])
        solved, big = small >= SOLVED, target.rates[task] >= SOLVED
        late = solved[len(rungs) // 2 :].all(0)
        row = np.array([
            (late & big).sum(), (solved.any(0) & ~late & big).sum(), (~solved.any(0) & big).sum(),
            (solved.any(0) & ~big).sum(), (~solved.any(0) & ~big).sum(), ((small.sum(0) + target.rates[task]) == 0).sum(),
        ])  # fmt: skip
        total += row
        print(f"| {task} |", " | ".join(map(str, row)), "|")
    print("| all |", " | ".join(map(str, total)), "|")


def loss_law(models: list[Model], late: float = 1.5e10) -> None:
    """A power law of the loss in compute, least squares in logs; on all rungs, and on those above `late` FLOP."""
    rungs = [m for m in models if m.role == "ladder"]
    c, y = np.array([m.compute for m in rungs]), np.array([m.loss for m in rungs])
    laws = []
    for name, used in (("all rungs", c > 0), (f"rungs above {late:.1e} FLOP", c > late)):
        slope, intercept = np.polyfit(np.log(c[used]), np.log(y[used]), 1)
        laws.append((float(np.exp(intercept)), float(-slope)))
        print(f"- {name}: loss = {laws[-1][0]:.3g} * C^-{laws[-1][1]:.3f}")
    print("\n| model | FLOP | tokens | loss | residual, all rungs, % | residual, larger rungs, % |\n|---|---|---|---:|---:|---:|")
    for m in models:
        left = [100 * (m.loss / (a * m.compute**-b) - 1) for a, b in laws]
        print(f"| {m.name} | {m.compute:.2e} | {m.tokens:.2e} | {m.loss:.4f} | {left[0]:+.1f} | {left[1]:+.1f} |")


def noise(pairs: list[tuple[Model, Model]]) -> None:
    """Differences between two runs of one size: by task (points) and by sample (mean absolute, points)."""
    if not pairs:
        return
    tasks = list(pairs[0][0].rates)
    print("| pair | loss |", " | ".join(tasks), "| sample by sample |\n|---|---:" + "|---:" * (len(tasks) + 1) + "|")
    for a, b in pairs:
        each = np.mean([np.abs(a.rates[t] - b.rates[t]).mean() for t in tasks])
        values = " | ".join(f"{100 * (b.rates[t].mean() - a.rates[t].mean()):+.1f}" for t in tasks)
        print(f"| {b.name} minus {a.name} | {b.loss - a.loss:+.4f} | {values} | {100 * each:.1f} |")


def spread(models: list[Model]) -> None:
    """Largest difference between a model's three checkpoints, points, by task."""
    tasks = list(models[0].rates)
    print("| model |", " | ".join(tasks), "|\n|---" + "|---:" * len(tasks) + "|")
    for m in models:
        print(f"| {m.name} |", " | ".join(f"{100 * np.ptp(m.by_checkpoint[t]):.1f}" for t in tasks), "|")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--against", type=Path, help="another study; models of the same name are compared")
    options = parser.parse_args()
    models = load(options.study)
    if options.against:
        by_name = {m.name: m for m in load(options.against)}
        noise([(m, by_name[m.name]) for m in models if m.name in by_name])
        return
    by_name = {m.name: m for m in models}
    for title, show in (
        ("Sampled", lambda: accuracy(models)),
        ("Greedy", lambda: accuracy(models, "greedy")),
        ("Emergence", lambda: emergence(models)),
        ("Loss", lambda: loss_law(models)),
        ("Second seeds", lambda: noise([(by_name[m.name.split("-seed")[0]], m) for m in models if "-seed" in m.name])),
        ("Checkpoints", lambda: spread(models)),
    ):
        print(f"\n## {title}\n")
        show()


if __name__ == "__main__":
    main()
