"""Times SciPy on the curves that `cargo bench --bench law` printed, against our time.

One start for `curve_fit` (TRF with bounds on a, b, c, g), and the best of sixteen, which is what it
takes to come near the global optimum.
"""

import sys
import time

import numpy as np
from scipy.optimize import curve_fit

X = np.log(np.array([39.91, 120.78, 307.8, 688.82, 1386.18, 4552.77, 50544.4, 141444.3]))
BOUNDS = ([-10, 0.01, 0, 0], [45, 3, 20, 1])
FITS = 100


def law(x, ln_a, b, c, g):
    return g + (1 - g) * np.exp(-np.exp(ln_a - b * x) - c)


def sse(y, start):
    try:
        params, _ = curve_fit(law, X, y, start, bounds=BOUNDS)
    except RuntimeError:
        return np.inf
    return ((law(X, *params) - y) ** 2).sum()


rows = np.loadtxt(sys.argv[1], delimiter=",")
ours_us, ours_sse, curves = rows[0, 0], rows[1 : 1 + FITS, 0], rows[1 : 1 + FITS, 1:]
rng = np.random.default_rng(0)
starts = [[3.0, 0.4, 0.1, 0.0]] + [
    [rng.uniform(0, 8), rng.uniform(0.1, 1), rng.uniform(0, 1), rng.uniform(0, 0.5)] for _ in range(15)]
for n in (1, 16):
    begin = time.process_time()
    theirs = np.array([min(sse(y, start) for start in starts[:n]) for y in curves])
    us = (time.process_time() - begin) * 1e6 / len(curves)
    worse = np.mean(theirs > ours_sse * (1 + 1e-6) + 1e-12)
    better = np.mean(theirs < ours_sse * (1 - 1e-6) - 1e-12)
    print(f"curve_fit, {n} start(s): {us:.0f} us a fit, {us / ours_us:.0f} times ours ({ours_us:.1f} us); "
          f"worse than ours on {100 * worse:.0f} % of the curves, better on {100 * better:.0f} %")
