"""Long work lets other threads run, shows progress, and stops at Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator
from typing import Any

import pytest

from codcast import Study

from .conftest import STUDY, command

#: From Ctrl-C to the end of the process.
SECONDS = 1.0

PREPARE = """
import sys
import numpy as np, codcast
random = np.random.default_rng(1)
models = [{"name": f"m{i}", "role": "ladder", "compute_flops": 1e18 * 3.0**i} for i in range(14)]
def study(samples, tasks):
    rows = samples * tasks
    task = np.repeat([f"t{i}" for i in range(tasks)], samples).tolist()
    ids = np.tile([f"s{i}" for i in range(samples)], tasks).tolist()
    hard = random.random(rows)
    columns = {"model": [], "task": [], "sample_id": [], "score": []}
    for i, model in enumerate(models):
        columns["model"] += [model["name"]] * rows
        columns["task"] += task
        columns["sample_id"] += ids
        scores = np.clip((i + 1) / 14 * (1.3 - hard) + 0.1 * random.random(rows), 0, 1)
        columns["score"] += np.round(scores, 2).tolist()
    return columns
"""

#: Each takes far longer than the test waits.
LONG = {
    "backtest": """
work = codcast.Study.from_frame(study(3000, 6), models)
def run(): work.backtest(progress=False)
""",
    "forecast": """
work = codcast.Study.from_frame(study(4000, 12), models)
def run():
    while True: work.forecast(compute=1e30, engine="median")
""",
    "clusters": """
points = random.random((60_000, 12))
def run(): codcast.MeanShift(bandwidth=0.4).fit(points)
""",
    "reading": """
columns = study(20_000, 4)
def run():
    while True: codcast.Study.from_frame(columns, models)
""",
}

WAIT = """
print("ready", flush=True)
try:
    run()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(130)
print("finished", flush=True)
"""


@pytest.fixture(autouse=True, scope="module")
def heard() -> Iterator[None]:
    """Hear SIGINT as on a terminal: jobs in the background, and their children, start with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT")
@pytest.mark.parametrize("work", LONG)
def test_ctrl_c_stops_it(work: str) -> None:
    code = PREPARE + LONG[work] + WAIT
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(1.0)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
        status = process.wait(timeout=60)
        took = time.monotonic() - start
    assert said == "interrupted\n"
    assert status == 130
    assert took < SECONDS


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT")
def test_ctrl_c_stops_the_command() -> None:
    args = ["-m", "codcast", "backtest", str(STUDY), "--no-cache", "--quiet"]
    with subprocess.Popen([sys.executable, *args], stdout=subprocess.DEVNULL) as process:
        # The handler is the command's own soon after the start.
        time.sleep(1.0)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=60)
    assert time.monotonic() - start < SECONDS
    assert status == -signal.SIGINT


def test_after_an_interrupt_all_goes_on(demo: Study) -> None:
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            demo.backtest(progress=False)
    timer.join()
    assert demo.forecast(engine="last").to_json() == Study.demo().forecast(engine="last").to_json()


def test_other_threads_run_meanwhile(demo: Study) -> None:
    worker = threading.Thread(
        target=lambda: demo.backtest(engines=["codcast", "exp", "bnsl", "last"], progress=False)
    )
    worker.start()
    gaps, last = [], time.monotonic()
    while worker.is_alive():
        time.sleep(0.01)
        now = time.monotonic()
        gaps.append(now - last)
        last = now
    assert len(gaps) > 3, "the work was too short to see"
    # A held lock would make one gap of the whole work.
    assert max(gaps) < 0.5 * sum(gaps)


def test_the_number_of_threads_does_not_matter() -> None:
    code = (
        "import codcast; s = codcast.Study.demo();"
        "print(s.forecast().to_json(), s.backtest(engines=['last', 'codcast']).to_json())"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "RAYON_NUM_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for threads in ("1", "5")
    ]
    assert said[0] == said[1]


def test_progress_goes_through_tqdm(demo: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    class Bar:
        def __init__(self, total: int, desc: str, disable: bool | None) -> None:
            self.total, self.disable, self.n, self.closed = total, disable, 0, False
            made.append(self)

        def update(self, n: int) -> None:
            assert n >= 0
            self.n += n

        def close(self) -> None:
            self.closed = True

    fake = types.ModuleType("tqdm.auto")
    monkeypatch.setattr(fake, "tqdm", Bar, raising=False)
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", fake)
    demo.backtest(engines=["last", "power"], progress=True)
    (bar,) = made
    assert bar.n == bar.total > 0
    assert bar.closed
    assert bar.disable is False
    demo.backtest(engines=["last"])
    assert made[1].disable is None, "tqdm decides by the terminal"
    demo.backtest(engines=["last"], progress=False)
    assert len(made) == 2


def test_without_tqdm_there_is_no_bar(demo: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert demo.backtest(engines=["last"]).cases
    with pytest.raises(ImportError):
        demo.backtest(engines=["last"], progress=True)


def test_the_command_refuses_politely() -> None:
    said = command("backtest")
    assert said.returncode == 2
    assert "required" in said.stderr
