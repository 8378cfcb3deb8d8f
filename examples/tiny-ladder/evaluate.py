"""Scores checkpoints by sampling at temperature 1 and top-p 0.7, by greedy decoding and by answer loss.

A question has one right answer of a few characters, and an answer is scored by exact
match up to its full stop. A generation is therefore right if and only if each character
drawn is the right one. The chance of that, P, is the product over the answer of the
right character's share after top-p truncation, all read off one forward pass over
question and answer. The number of right answers among n independent generations is
Binomial(n, P); it is drawn from that law, which is the law of what n generations would
give, at a hundredth of the cost. `generate` really generates, character by character;
the raw log uses it, and `selfcheck.py` compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import numpy as np

import corpus
import tasks
from corpus import Question
from model import Params, logits

TOP_P = 0.7
GENERATIONS = 100
MAX_ANSWER = 16  # characters, the full stop included

_logits = jax.jit(logits, static_argnums=1)


@dataclass(frozen=True)
class Scores:
    """One entry a question: right generations of GENERATIONS, greedy right, nats per answer token, P."""

    n_correct: np.ndarray
    greedy: np.ndarray
    answer_loss: np.ndarray
    probability: np.ndarray


def truncate(p: np.ndarray, top_p: float) -> np.ndarray:
    """Keeps, along the last axis, the likeliest tokens up to and including the one that reaches `top_p`; renormalised."""
    order = np.argsort(-p, axis=-1, kind="stable")
    ranked = np.take_along_axis(p, order, axis=-1)
    before = np.cumsum(ranked, axis=-1) - ranked
    kept = np.where(before < top_p, ranked, 0.0)
    out = np.zeros_like(p)
    np.put_along_axis(out, order, kept / kept.sum(-1, keepdims=True), axis=-1)
    return out


def _softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _distributions(p: Params, heads: int, rows: np.ndarray) -> np.ndarray:
    """Next-token probabilities, float64 [row, position, vocab], for rows that hold one example each."""
    rows = rows.astype(np.int32)
    place = np.broadcast_to(np.arange(rows.shape[1], dtype=np.int32), rows.shape)
    return _softmax(np.asarray(_logits(p, heads, rows, place), np.float64))


def score(p: Params, heads: int, questions: list[Question], seed: int) -> Scores:
    """Scores of all questions for one set of weights."""
    rows = corpus.encode([f"{q.question}={q.answer}." for q in questions])
    _, answer = corpus.places(rows)
    rng = np.random.default_rng(seed)
    greedy, loss, chance = [], [], []
    for i in range(0, len(rows), 500):
        mask = answer[i : i + 500, 1:].astype(bool)
        right = rows[i : i + 500, 1:][mask].astype(np.int64)[:, None]  # one entry an answer token from here on
        dist = _distributions(p, heads, rows[i : i + 500, :-1])[mask]
        plain, kept, best = np.ones(mask.shape), np.ones(mask.shape), np.ones(mask.shape, bool)
        plain[mask] = np.take_along_axis(dist, right, axis=-1)[:, 0]
        kept[mask] = np.take_along_axis(truncate(dist, TOP_P), right, axis=-1)[:, 0]
        best[mask] = dist.argmax(-1) == right[:, 0]
        greedy.append(best.all(1))
        loss.append(-np.log(np.maximum(plain, 1e-12)).sum(1) / mask.sum(1))
        chance.append(kept.prod(1))
    probability = np.minimum(np.concatenate(chance), 1.0)
    return Scores(rng.binomial(GENERATIONS, probability), np.concatenate(greedy), np.concatenate(loss), probability)


def generate(p: Params, heads: int, question: Question, n: int, rng: np.random.Generator) -> list[str]:
    """`n` answers drawn character by character (temperature 1, top-p 0.7), without their full stop."""
    prompt = [tasks.CODE[c] for c in question.question + "="]
    rows = np.zeros((n, corpus.TOKENS_PER_ROW), np.uint8)
    rows[:, : len(prompt)] = prompt
    end, stop = np.full(n, -1), tasks.CODE["."]
    for at in range(len(prompt), min(len(prompt) + MAX_ANSWER, corpus.TOKENS_PER_ROW)):
        dist = truncate(_distributions(p, heads, rows)[:, at - 1], TOP_P)
        drawn = (dist.cumsum(-1) > rng.random((n, 1))).argmax(-1)
        rows[:, at] = drawn
        end = np.where((end < 0) & (drawn == stop), at, end)
        if (end >= 0).all():
            break
    texts = ["".join(tasks.VOCABULARY[c] for c in row[len(prompt) :]) for row in rows]
    return [t[: e - len(prompt)] if e >= 0 else t for t, e in zip(texts, end)]
