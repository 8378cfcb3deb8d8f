"""The native module: private, used by this package only."""

import os
import pathlib
from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Partials",
    "Study",
    "__version__",
    "backtest",
    "engines",
    "estimate_bandwidth",
    "fit_law",
    "improved_mean_shift",
    "ingest",
    "log_files",
    "main",
    "mean_shift",
    "monitor",
    "plan",
    "predict",
    "report",
]

__version__: str

@final
class Study:
    @staticmethod
    def from_dir(path: str | os.PathLike[str]) -> Study: ...
    @staticmethod
    def from_frame(samples: Any, models: str | os.PathLike[str] | dict[str, Any]) -> Study: ...
    @staticmethod
    def demo() -> Study: ...
    @property
    def name(self) -> str: ...
    @property
    def tasks(self) -> list[str]: ...
    @property
    def models(self) -> list[tuple[str, str, float | None]]: ...
    @property
    def rows(self) -> int: ...
    @property
    def notes(self) -> list[tuple[str, str]]: ...
    def write(self, path: str | os.PathLike[str]) -> None: ...
    def pass_rates(
        self, task: str, config: str
    ) -> tuple[list[str], list[str], NDArray[np.float64], NDArray[np.float64]]: ...
    def check(self, config: str) -> str: ...
    def clusters(self, tasks: Sequence[str], config: str) -> str: ...
    def forecast(
        self,
        target: str | None,
        compute: float | None,
        params: float | None,
        tokens: float | None,
        engine: str,
        level: float,
        config: str,
    ) -> str: ...

@final
class Partials:
    @staticmethod
    def read(
        paths: Sequence[str | os.PathLike[str]],
        strict: bool,
        partial_as: float,
        columns: Sequence[tuple[str, str]],
        progress: Callable[[int, int], object] | None,
    ) -> Partials: ...
    @staticmethod
    def read_lines(
        path: str | os.PathLike[str],
        start: int,
        end: int,
        columns: Sequence[tuple[str, str]],
    ) -> Partials | None: ...
    @staticmethod
    def join_lines(path: str | os.PathLike[str], tables: Sequence[Any]) -> Partials | None: ...
    @staticmethod
    def merge(tables: Sequence[Any]) -> Partials: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    @property
    def runs(self) -> int: ...
    @property
    def files(self) -> list[tuple[str, str, str | None]]: ...
    @property
    def problems(self) -> list[str]: ...

def ingest(
    partials: Partials,
    models: str | os.PathLike[str] | dict[str, Any] | None,
    output: str | os.PathLike[str] | None,
    verify: bool,
    metrics: Sequence[str],
    filters: Sequence[str],
    tasks: Sequence[str],
    repeats: str,
    errors_as_wrong: bool,
) -> tuple[Study, str]: ...
def main(args: Sequence[str], program: str | os.PathLike[str]) -> int: ...
def backtest(
    studies: Sequence[Study],
    engines: Sequence[str],
    min_factor: float,
    min_rungs: int,
    level: float,
    config: str,
    progress: Callable[[int, int], object] | None,
) -> str: ...
def engines() -> str: ...
def monitor(
    study: Study,
    model: str,
    last_checkpoint: int | None,
    engine: str,
    level: float,
    false_alarms: float,
    below_only: bool,
    config: str,
) -> str: ...
def plan(
    study: Study,
    against: Study | None,
    target: str | None,
    compute: float | None,
    scores: Sequence[tuple[str | None, float]],
    weights: dict[str, float],
    budget: float | None,
    costs: str,
    engine: str,
    level: float,
    config: str,
) -> str: ...
def report(json: str) -> str: ...
def estimate_bandwidth(points: NDArray[np.float64], quantile: float) -> float: ...
def mean_shift(
    points: NDArray[np.float64], bandwidth: float, cluster_all: bool
) -> tuple[NDArray[np.int64], NDArray[np.float64]]: ...
def improved_mean_shift(
    points: NDArray[np.float64],
    bandwidth: float | None,
    quantile: float,
    cap: float,
    min_size: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64], float]: ...
def fit_law(
    compute: NDArray[np.float64],
    scores: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    law: str,
    min_b: float,
    max_b: float,
) -> str: ...
def predict(
    law: tuple[float, float, float, float], compute: NDArray[np.float64]
) -> NDArray[np.float64]: ...
def log_files(paths: Sequence[str | os.PathLike[str]]) -> list[tuple[pathlib.Path, int]]: ...
