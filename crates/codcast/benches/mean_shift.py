"""Improved MeanShift: this crate against scikit-learn, same input, same labels, CPU time of both.

    python crates/codcast/benches/mean_shift.py [N ...]        (default: 2000 5000; the goal is 18000)

Runs `cargo bench -p codcast --bench mean_shift` for each N and compares its labels, radius and CPU
time with the paper's Algorithm 1 on scikit-learn (tests/golden/requirements.txt).
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

# One thread, so that CPU time is work and not waiting.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "golden"))

import numpy as np  # noqa: E402
from cluster import digest, improved, simulate  # noqa: E402

D, TRIALS, SEED = 9, 100, 18


def cpu(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def main():
    sizes = [int(n) for n in sys.argv[1:]] or [2000, 5000]
    print(f"{'n':>7} {'rounds':>7} {'clusters':>9} {'scikit-learn':>13} {'codcast':>9} {'ratio':>7}  labels")
    for n in sizes:
        points = simulate(SEED, n, D, TRIALS)
        start = cpu(resource.RUSAGE_SELF)
        labels, _, radius, rounds = improved(points, 0.1, 0.1, 10)
        theirs = cpu(resource.RUSAGE_SELF) - start
        bench = ["cargo", "bench", "-q", "-p", "codcast", "--bench", "mean_shift", "--", "--json", str(n)]
        ours = json.loads(subprocess.run(bench, check=True, capture_output=True, text=True).stdout)
        same = ours["labels"] == digest(labels) and ours["radius"] == radius
        print(
            f"{n:>7} {rounds:>7} {int(np.max(labels)) + 1:>9} {theirs:>11.2f} s {ours['cpu_s']:>7.3f} s"
            f" {theirs / ours['cpu_s']:>6.0f}x  {'identical' if same else 'DIFFERENT'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
