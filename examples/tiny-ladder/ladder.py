"""Which models are trained, and the rules that size them."""

from __future__ import annotations

from dataclasses import dataclass

import corpus
import tasks
from model import Shape

LAYERS = 3
CHUNK = 20  # all step counts are multiples of this


@dataclass(frozen=True)
class Run:
    """One training run. `weights` replaces the training shares of the families it names."""

    name: str
    role: str
    width: int
    layers: int = LAYERS
    seed: int = 1
    weights: tuple[tuple[str, float], ...] = ()
    tokens_per_parameter: int = 100
    note: str = ""

    @property
    def shape(self) -> Shape:
        heads = 2 if self.width < 32 else 4
        return Shape(self.width, self.layers, heads, len(tasks.VOCABULARY), corpus.TOKENS_PER_ROW)

    @property
    def params(self) -> int:
        return self.shape.params

    @property
    def batch(self) -> int:
        """Rows a step: 16 at 1,600 parameters, growing as N^0.29, in steps of 8."""
        return max(8, 8 * round(2 * (self.params / 1608) ** 0.29))

    @property
    def learning_rate(self) -> float:
        """The written rule: 0.01 at width 16, proportional to width^-0.8 (chosen on widths 8 and 16)."""
        return 0.01 * (self.width / 16) ** -0.8

    @property
    def steps(self) -> int:
        """Steps at the named checkpoint (100 %)."""
        per_step = self.batch * corpus.TOKENS_PER_ROW
        return CHUNK * round(self.tokens_per_parameter * self.params / per_step / CHUNK)

    @property
    def warmup_steps(self) -> int:
        return max(20, self.steps // 50)

    @property
    def checkpoints(self) -> tuple[int, int, int]:
        """96, 100 and 104 % of the steps."""
        gap = CHUNK * max(1, round(0.04 * self.steps / CHUNK))
        return self.steps - gap, self.steps, self.steps + gap

    @property
    def last_step(self) -> int:
        return self.checkpoints[2]

    @property
    def log_every(self) -> int:
        return CHUNK * max(1, round(self.steps / 40 / CHUNK))

    @property
    def data(self) -> tuple[str, int]:
        """Name of the training file and the seed it is generated from; a ladder shares one file."""
        return ("ladder", 1) if self.seed == 1 else (self.name, 1000 + self.seed)

    @property
    def tokens(self) -> int:
        return self.steps * self.batch * corpus.TOKENS_PER_ROW

    @property
    def compute_flops(self) -> float:
        return 6.0 * self.params * self.tokens


def _rung(width: int) -> Run:
    return Run(f"tiny-{width}", "ladder", width)


TARGET = Run("tiny-96", "target", 96)
RUNGS = [_rung(w) for w in (4, 6, 8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 56)]
ANCHORS = [
    Run(
        "shallow-40", "anchor", 40, layers=2, seed=5,
        weights=(("add", 4.0), ("subtract", 3.0), ("sort", 2.0)),
        note="two layers instead of three; twice the addition, subtraction and sorting",
    ),
    Run(
        "shallow-80", "anchor", 80, layers=2, seed=6,
        weights=(("add", 4.0), ("subtract", 3.0), ("sort", 2.0)),
        note="two layers instead of three; twice the addition, subtraction and sorting",
    ),
    Run("tiny-28-long", "anchor", 28, tokens_per_parameter=200, note="tiny-28 with twice the tokens"),
]  # fmt: skip
SECOND_SEEDS = [
    Run("tiny-16-seed2", "ignore", 16, seed=2, note="tiny-16 again with another seed and other data, to see run-to-run noise"),
    Run("tiny-24-seed2", "ignore", 24, seed=2, note="tiny-24 again with another seed and other data, to see run-to-run noise"),
    Run("tiny-40-seed2", "ignore", 40, seed=2, note="tiny-40 again with another seed and other data, to see run-to-run noise"),
]
RUNS = [TARGET, *RUNGS, *ANCHORS, *SECOND_SEEDS]
