"""Checks of the recipe that need no training: `python selfcheck.py`; with a trained model also the sampler."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import corpus
import evaluate
import ladder
import tasks
from model import init


def no_overlap(blocks: int = 20) -> None:
    """No training question is an evaluation question, facts apart; the generator's two sides never meet."""
    asked = {q.question for q in corpus.questions()}
    stream, seen = corpus.stream(seed=1, evaluation=False), 0
    for _ in range(blocks):
        text = "".join(tasks.VOCABULARY[c] for c in next(stream).ravel())
        for example in text.replace("_", "").split(".")[:-1]:
            question = example.split("=")[0]
            assert question[0] == "F" or not (question in asked or tasks.held_out(question)), question
            seen += 1
    print(f"no overlap: {seen} training examples, {len(asked)} evaluation questions")


def questions_are_distinct() -> None:
    """400 questions a task, no question and no sample id twice, every answer short enough."""
    found = corpus.questions()
    assert len(found) == 400 * len(tasks.FAMILIES)
    assert len({q.question for q in found}) == len({(q.task, q.sample_id) for q in found}) == len(found)
    assert all(len(q.answer) < evaluate.MAX_ANSWER for q in found)
    assert all(len(q.question) + len(q.answer) + 2 <= corpus.ROW for q in found)


def rows_mark_answers() -> None:
    """Places restart after a full stop; exactly the answer and its full stop carry loss."""
    place, answer = corpus.places(corpus.encode(["A1+2=3.Rab=ba."]))
    assert place[0, :14].tolist() == [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6]
    assert answer[0].nonzero()[0].tolist() == [5, 6, 11, 12, 13]


def answers_are_right() -> None:
    """Hand-made cases against each family's rule, through the text alone."""
    for q in corpus.questions():
        body = q.question[1:]
        if q.task == "add":
            a, b = body.split("+")
            assert int(a) + int(b) == int(q.answer)
        elif q.task == "reverse":
            assert body == q.answer[::-1]
        elif q.task == "sort":
            assert sorted(body) == list(q.answer)
        elif q.task == "count":
            s, c = body.split(",")
            assert s.count(c) == int(q.answer)
        elif q.task == "brackets":
            text = body + q.answer
            for _ in text:
                for pair in ("()", "[]", "<>", "{}"):
                    text = text.replace(pair, "")
            assert text == ""
        elif q.task == "modular":
            assert eval(body.replace("%", ")%(").join("()")) == int(q.answer)


def truncation() -> None:
    """Top-p keeps the token that crosses the threshold and drops the rest."""
    kept = evaluate.truncate(np.array([0.1, 0.5, 0.3, 0.1]), 0.7)
    assert np.allclose(kept, [0, 0.625, 0.375, 0])


def sampler_agrees(work: Path | None) -> None:
    """Real generations are right as often as the product of truncated probabilities says.

    Compared over 60 questions with 400 generations each; the z score of the total must be below 4.
    """
    run = next(r for r in ladder.RUNS if r.name == "tiny-12")
    if work:
        import study

        weights = study.weights_at(run, run.steps, work)
    else:
        weights = init(run.shape, 0)
    asked = corpus.questions()[::67]
    expected = evaluate.score(weights, run.shape.heads, asked, seed=0).probability
    rng = np.random.default_rng(3)
    right = np.array([sum(a == q.answer for a in evaluate.generate(weights, run.shape.heads, q, 400, rng)) for q in asked])
    spread = np.sqrt((400 * expected * (1 - expected)).sum())
    z = (right.sum() - 400 * expected.sum()) / max(spread, 1.0)
    print(f"sampler: {right.sum()} right of {400 * len(asked)}, {400 * expected.sum():.1f} expected, z = {z:+.2f}")
    assert abs(z) < 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="a work folder with a trained tiny-12")
    work = parser.parse_args().work
    no_overlap()
    questions_are_distinct()
    rows_mark_answers()
    answers_are_right()
    truncation()
    sampler_agrees(work)
    print("all checks passed")


if __name__ == "__main__":
    main()
