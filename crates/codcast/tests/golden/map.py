"""Writes map.json: the mappings of stage 4 by SciPy.

    pip install -r requirements.txt && python map.py

- smoothing: scipy.interpolate.make_smoothing_spline, both ends as points of weight 1e9, where its
  curve is monotone of itself.
- spline, polynomial: scipy.optimize.minimize(SLSQP) over the same curves with a non-negative slope at
  2001 places. The splines' basis is scipy.interpolate.CubicSpline(bc_type="natural").
"""

import json
import pathlib

import numpy as np
from scipy.interpolate import CubicSpline, make_smoothing_spline
from scipy.optimize import minimize

HERE = pathlib.Path(__file__).parent
GRID = np.linspace(0, 1, 2001)
SHOWN = np.linspace(0, 1, 41)


def constrained(value, slope, start):
    """min |A v - y|^2 with S v + s >= 0; value = (A, y), slope = (S, s)."""
    (a, y), (s, t) = value, slope
    found = minimize(
        lambda v: ((a @ v - y) ** 2).sum(), start, jac=lambda v: 2 * a.T @ (a @ v - y), method="SLSQP",
        options={"ftol": 1e-16, "maxiter": 2000},
        constraints={"type": "ineq", "fun": lambda v: s @ v + t, "jac": lambda v: s})
    assert found.success or found.status == 8, found.message  # 8: no descent left
    return found.x, found.fun


def spline(points, smoothing):
    x, y = points.T
    knots = np.concatenate([[0], x, [1]])
    basis = [CubicSpline(knots, row, bc_type="natural") for row in np.eye(len(knots))]
    # The second derivatives are linear between knots: Simpson's rule is exact for their squares.
    nodes, weights = [], []
    for left, right in zip(knots[:-1], knots[1:]):
        nodes += [left, (left + right) / 2, right]
        weights += [(right - left) / 6, 4 * (right - left) / 6, (right - left) / 6]
    bend = np.array([b(nodes, 2) for b in basis]).T * np.sqrt(smoothing * np.array(weights))[:, None]
    slope = np.array([b(GRID, 1) for b in basis]).T
    n = len(x)
    a = np.vstack([np.eye(n), bend[:, 1:-1]])
    v, sse = constrained((a, np.concatenate([y, -bend[:, -1]])), (slope[:, 1:-1], slope[:, -1]), x)
    curve = sum(b(SHOWN) * k for b, k in zip(basis, np.concatenate([[0], v, [1]])))
    return curve, sse


def polynomial(points, degree):
    """f = x + sum c_k (x^k - x), k = 2..degree."""
    x, y = points.T
    powers = np.arange(2, degree + 1)
    part = lambda t: t[:, None] ** powers - t[:, None]
    slope = powers * GRID[:, None] ** (powers - 1) - 1
    c, sse = constrained((part(x), y - x), (slope, np.ones(len(GRID))), np.zeros(len(powers)))
    return SHOWN + part(SHOWN) @ c, sse


def pointsets(rng):
    """Ladders with an anchor: a subset that is easier than the set, with noise from none to strong."""
    for i in range(14):
        n = int(rng.integers(6, 10))
        x = np.sort(np.append(rng.uniform(0.02, 0.65, n - 1), rng.uniform(0.7, 0.95)))
        x = x[np.append(True, np.diff(x) > 0.004)]
        power, level = rng.uniform(0.7, 2.0), rng.uniform(0, 0.2)
        y = (1 - level) * x**power + level * x**6 + (0, 0.01, 0.05, 0.1)[i % 4] * rng.standard_normal(len(x))
        yield np.round(np.column_stack([x, np.clip(y, 0, 1)]), 6)


def main():
    rng = np.random.default_rng(20261121)
    golden = {"smoothing": [], "spline": [], "polynomial": []}
    for points in pointsets(rng):
        for smoothing in (1e-1, 1e-3, 1e-5):
            curve, sse = spline(points, smoothing)
            case = {"points": points.tolist(), "smoothing": smoothing}
            golden["spline"].append({**case, "objective": sse, "curve": curve.tolist()})
            x, y = np.vstack([[0, 0], points, [1, 1]]).T
            free = make_smoothing_spline(x, y, np.concatenate([[1e9], np.ones(len(points)), [1e9]]), lam=smoothing)
            if free.derivative()(GRID).min() > 1e-6:
                golden["smoothing"].append({**case, "curve": free(SHOWN).tolist()})
        for degree in (3, 4, 5):
            curve, sse = polynomial(points, degree)
            golden["polynomial"].append(
                {"points": points.tolist(), "degree": degree, "sse": sse, "curve": curve.tolist()})
    (HERE / "map.json").write_text(json.dumps(golden, indent=0) + "\n")
    print({k: len(v) for k, v in golden.items()})


if __name__ == "__main__":
    main()
