"""The training corpus, the validation rows and the evaluation questions, all from seeds.

A row holds 33 characters: whole examples one after the other, then padding. The model
reads the first 32 and predicts the last 32, so one row is 32 training tokens.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import tasks

ROW = 33  # characters a row
TOKENS_PER_ROW = ROW - 1
BLOCK = 4096  # examples packed together


def stream(seed: int, evaluation: bool, weights: dict[str, float] | None = None):
    """Endless blocks of packed rows (uint8 [rows, 33]), shuffled within a block."""
    rng = random.Random(seed)
    choices: list[tuple[str, int]] = []
    cumulative: list[float] = []
    total = 0.0
    for family, (_, share, levels) in tasks.FAMILIES.items():
        for i, w in enumerate(levels):
            choices.append((family, i + 1))
            total += w / sum(levels) * (weights or {}).get(family, share)
            cumulative.append(total)
    while True:
        lines = []
        for family, level in rng.choices(choices, cum_weights=cumulative, k=BLOCK):
            question, answer = tasks.draw(rng, family, level, evaluation)
            lines.append(f"{question}={answer}.")
        rows = pack(lines)
        rng.shuffle(rows)
        yield encode(rows)


def pack(lines: list[str]) -> list[str]:
    """First-fit decreasing: whole lines into rows of at most 33 characters."""
    open_rows: list[list[str]] = [[] for _ in range(ROW + 1)]  # by free characters
    for line in sorted(lines, key=len, reverse=True):
        free = next((f for f in range(len(line), ROW) if open_rows[f]), ROW)
        row = open_rows[free].pop() if free < ROW else ""
        open_rows[free - len(line)].append(row + line)
    return [row for rows in open_rows for row in rows]


def encode(rows: list[str]) -> np.ndarray:
    """Characters to token numbers, uint8 [rows, 33], padded with token 0."""
    table = np.zeros(128, np.uint8)
    for c, i in tasks.CODE.items():
        table[ord(c)] = i
    text = "".join(r.ljust(ROW, "_") for r in rows)
    return table[np.frombuffer(text.encode(), np.uint8)].reshape(len(rows), ROW)


def places(tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position within the example, and whether a token belongs to an answer (its full stop included)."""
    at = np.arange(tokens.shape[1])
    stop, equals = tokens == tasks.CODE["."], tokens == tasks.CODE["="]
    starts = np.zeros_like(tokens, np.int64)
    starts[:, 1:] = np.where(stop[:, :-1], at[1:], 0)
    place = at - np.maximum.accumulate(starts, axis=1)
    asked = np.maximum.accumulate(np.where(equals, at, -1), axis=1)
    answer = (asked >= at - place) & ~equals & (tokens != 0)
    return place.astype(np.uint8), answer.astype(np.uint8)


def build(path: Path, rows: int, seed: int, evaluation: bool = False, weights: dict[str, float] | None = None) -> None:
    """Writes `rows` rows to `path` (.npy, uint8 [rows, 33]); does nothing if as many are there."""
    if path.exists() and len(np.load(path, mmap_mode="r")) >= rows:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks, have = [], 0
    for block in stream(seed, evaluation, weights):
        blocks.append(block)
        have += len(block)
        if have >= rows:
            break
    part = path.with_suffix(".part.npy")
    np.save(part, np.concatenate(blocks)[:rows])
    part.rename(path)


@dataclass(frozen=True)
class Question:
    """One evaluation sample."""

    task: str
    sample_id: str
    question: str
    answer: str


def questions(per_task: int = 400, seed: int = 9) -> list[Question]:
    """Evaluation questions without repeats, spread evenly over the levels of each task.

    A level with too few distinct held-out questions gives what it has and the harder
    levels fill up. Facts are taken at ranks evenly spaced in log rank.
    """
    found: list[Question] = []
    for task, (_, _, levels) in tasks.FAMILIES.items():
        if task == "facts":
            ranks = sorted({round(r) for r in np.geomspace(1, tasks.N_FACTS, 2 * per_task)})
            keep = np.linspace(0, len(ranks) - 1, per_task).round().astype(int)
            found += [Question(task, f"r{ranks[i]:04d}", *tasks.fact(ranks[i])) for i in keep]
            continue
        rng = random.Random(f"{seed} {task}")
        seen: set[str] = set()
        for level in range(1, len(levels) + 1):
            quota = (per_task - len(seen)) // (len(levels) - level + 1)
            tries, number = 0, 0
            while number < quota and tries < 60 * quota:
                tries += 1
                q, a = tasks.draw(rng, task, level, evaluation=True)
                if q not in seen:
                    seen.add(q)
                    found.append(Question(task, f"l{level}-{number:03d}", q, a))
                    number += 1
    return found
