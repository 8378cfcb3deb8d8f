"""Optima of the engines' searches by SciPy, from many starts.

Writes engines.json beside this file. Data are synthetic: known curves with seeded noise. Every case has
the points, and the lowest value of the objective that SciPy found; the engine's own search must not end
higher. Run: pip install -r requirements.txt; python engines.py
"""

import json
import pathlib

import numpy as np
from scipy.optimize import least_squares

RNG = np.random.default_rng(20)
STARTS = 20
DELTA = 1e-3  # of the Huber loss


def optimum(residuals, bounds, starts, huber):
    """Lowest cost over SciPy's trust-region search from every start."""
    lower, upper = np.array(bounds, float).T
    loss = dict(loss="huber", f_scale=DELTA) if huber else {}
    best = np.inf
    for start in starts:
        start = np.clip(start, lower + 1e-9 * np.maximum(1, abs(lower)), upper - 1e-9 * np.maximum(1, abs(upper)))
        for _ in range(2):  # a restart clears the trust region
            found = least_squares(
                residuals, start, bounds=(lower, upper), x_scale="jac", method="trf",
                xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=200, **loss)
            start = np.clip(found.x, lower, upper)
            best = min(best, found.cost)
    return best


def uniform(ranges):
    low, high = np.array(ranges, float).T
    return RNG.uniform(low, high, (STARTS, len(ranges)))


def ladder():
    """Centred ln N, ln D, ln C of sixteen rungs: four sizes at four token multipliers."""
    n = np.repeat(np.log([1.9e8, 3.7e8, 7.6e8, 1.28e9]), 4)
    d = n + np.tile(np.log([20, 40, 100, 200]), 4)
    c = np.log(6) + n + d
    order = np.argsort(c, kind="stable")
    return [(v - v.mean())[order] for v in (n, d, c)]


def sizes_loss(noise):
    n, d, _ = ladder()
    truth = np.exp(-1.2 - 0.35 * n) + np.exp(-1.5 - 0.3 * d) + 0.4
    loss = truth * np.exp(RNG.normal(0, noise, len(n)))
    lowest, middle = loss.min(), loss.mean()
    height = (np.log(lowest) - 40, np.log(lowest) + 40)
    bounds = [height, (0, 3), height, (0, 3), (0, lowest)]
    model = lambda p: np.exp(p[0] - p[1] * n) + np.exp(p[2] - p[3] * d) + p[4]
    starts = uniform([(-4, 0.5), (0.02, 1), (-4, 0.5), (0.02, 1), (0, lowest)])
    cost = optimum(lambda p: np.log(model(p) / loss), bounds, starts, True)
    return dict(kind="loss-sizes", n=n, d=d, y=loss, cost=cost)


def compute_loss(noise):
    _, _, c = ladder()
    loss = (np.exp(-0.7 - 0.15 * c) + 0.5) * np.exp(RNG.normal(0, noise, len(c)))
    lowest = loss.min()
    bounds = [(np.log(lowest) - 40, np.log(lowest) + 40), (0, 1), (0, lowest)]
    starts = uniform([(-4, 0.5), (0.02, 0.9), (0, lowest)])
    cost = optimum(lambda p: np.log((np.exp(p[0] - p[1] * c) + p[2]) / loss), bounds, starts, True)
    return dict(kind="loss-compute", x=c, y=loss, cost=cost)


def power_sizes(noise):
    n, d, _ = ladder()
    wanted = np.logaddexp(-0.6 - 0.4 * n, -0.5 - 0.25 * d) + RNG.normal(0, noise, len(n))
    level = wanted.mean()
    height = (level - 40, level + 40)
    model = lambda p: np.logaddexp(p[0] - p[1] * n, p[2] - p[3] * d)
    starts = uniform([(level - 5, level), (0.02, 1.5), (level - 5, level), (0.02, 1.5)])
    cost = optimum(lambda p: model(p) - wanted, [height, (0, 3)] * 2, starts, True)
    return dict(kind="power-sizes", n=n, d=d, y=wanted, cost=cost)


def sigmoid(noise):
    loss = np.linspace(1.6, 0.75, 16)
    score = np.clip(1 - 0.75 / (1 + np.exp(-5 * (loss - 0.9))) + RNG.normal(0, noise, 16), 0.01, 0.99)
    x, y = np.append(loss, 0.0), np.append(score, 1.0)
    bounds = [(-1, 0), (0, 10 * loss.max()), (0, 1e3 / loss.mean()), (0, 1)]
    model = lambda p: p[0] / (1 + np.exp(np.clip(-p[2] * (x - p[1]), -700, 700))) + p[3]
    starts = uniform([(-1, -0.3), (0.2, 2), (0.5, 15), (0.6, 1)])
    cost = optimum(lambda p: model(p) - y, bounds, starts, False)
    return dict(kind="sigmoid", x=loss, y=score, cost=cost)


def broken(noise):
    x = np.sort(RNG.uniform(-3, 3, 14))
    x -= x.mean()

    def model(p):
        z = (x - p[4]) / p[5]
        return p[0] + np.exp(p[1] - p[2] * x - p[3] * p[5] * np.logaddexp(0, z))

    error = np.clip(model([0.1, -0.5, 0.02, 0.35, 0.3, 0.4]) + RNG.normal(0, noise, len(x)), 0.01, 0.99)
    bounds = [(0, 1), (-40, 10), (0, 2), (0, 4), (x[0], x[-1]), (0.05, 2)]
    starts = uniform([(0, error.min()), (-2, 0), (0, 0.5), (0, 1.5), (x[0], x[-1]), (0.05, 1)])
    cost = optimum(lambda p: np.log1p(model(p)) - np.log1p(error), bounds, starts, False)
    return dict(kind="broken", x=x, y=error, cost=cost)


def from_loss(noise):
    loss = np.linspace(3.4, 2.3, 10)
    score = np.clip(0.25 + 6 * np.exp(-1.4 * loss) + RNG.normal(0, noise, 10), 0, 1)
    centre = loss.mean()
    bounds = [(-40, 3), (0, 1e3 / centre)]
    starts = uniform([(-6, 0), (0.1, 8)])
    cost = optimum(lambda p: 0.25 + np.exp(p[0] - p[1] * (loss - centre)) - score, bounds, starts, False)
    return dict(kind="from-loss", x=loss, y=score, chance=0.25, cost=cost)


if __name__ == "__main__":
    cases = []
    for make in (sizes_loss, compute_loss, power_sizes, sigmoid, broken, from_loss):
        for noise in (0.003, 0.02):
            case = make(noise)
            cases.append({k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in case.items()})
            print(case["kind"], noise, case["cost"], flush=True)
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
