"""Writes fit.json: the bounded problem of stage 2, solved by SciPy from many starts.

    pip install -r requirements.txt && python fit.py [SHARED]

SHARED: the folder with data/*/samples.parquet and study.toml, for the real curves (mean scores per
model; no sample's result is kept).

The problem: minimise sum (y - g - h exp(-a C^-b))^2 with g, h >= 0, g + h <= 1, b in [0.01, 3],
a C^-b >= 1e-3 at the smallest and <= 15 at the largest rung. Here in four box-bounded coordinates.
"""

import json
import pathlib
import sys
import tomllib

import numpy as np
import pandas as pd
from scipy.optimize import curve_fit, least_squares
from scipy.stats import qmc

MIN_B, MAX_B, MIN_EARLY, MAX_LATE = 0.01, 3.0, 1e-3, 15.0
TRIED, STARTS = 8192, 8
# arXiv 2502.17262 v4: compute per token (10^9) times tokens (10^9).
PAPER = 1e18 * np.array([1.535, 2.684, 4.275, 6.378, 9.060, 16.436, 54.761, 91.609]) * np.array(
    [26, 45, 72, 108, 153, 277, 923, 1544])
HERE = pathlib.Path(__file__).parent


def model(z, x, law):
    """z: (steepness, position, g, share of the rest), each in [0, 1]; x: ln(C / C_M)."""
    b = MIN_B * (MAX_B / MIN_B) ** z[0]
    low = np.log(MIN_EARLY) + b * x[0]
    late = np.exp(low + z[1] * (np.log(MAX_LATE) - low))
    with np.errstate(over="ignore"):
        u = np.exp(-late * np.exp(-b * x))
    g = z[2] if law in ("full", "no-ceiling") else 0.0
    k = z[3] if law in ("full", "no-chance") else 1.0
    return g + (1 - g) * k * u


def best_sse(compute, scores, law):
    """Local optima from the best of many places and from as many places at random."""
    x = np.log(compute / compute[-1])
    places = np.clip(qmc.Sobol(4, seed=1).random(TRIED), 1e-3, 1 - 1e-3)
    cost = ((model(places.T[:, :, None], x, law) - scores) ** 2).sum(1)
    starts = [*places[np.argsort(cost)[:STARTS]], *places[:STARTS // 2]]
    best = np.inf
    for i, start in enumerate(starts):
        found = least_squares(
            lambda z: model(z, x, law) - scores, start, bounds=(0, 1), x_scale=("jac", 1.0)[i % 2],
            xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=100)
        best = min(best, 2 * found.cost)
    return best


def law_curve(compute, a, b, c, g):
    return g + (1 - g) * np.exp(-a * (compute / 1e18) ** -b - c)


def generated(rng):
    def case(name, compute, scores, laws=("full",)):
        for law in laws:
            yield f"{name} {law}", law, compute, np.clip(scores, 0, 1)

    laws = ("full", "no-chance", "no-ceiling", "bare")
    for i, noise in enumerate([0.0, 0.003, 0.01, 0.03, 0.1]):
        curve = law_curve(PAPER, 12.0, 0.3, 0.2, 0.1) + noise * rng.standard_normal(8)
        yield from case(f"paper-like noise {noise}", PAPER, curve, laws)
    for i in range(16):
        b = np.exp(rng.uniform(np.log(0.1), np.log(1.2)))
        a = np.exp(rng.uniform(-2, 1.5)) * (PAPER[-1] / 1e18) ** b
        curve = law_curve(PAPER, a, b, rng.uniform(0, 0.5), rng.choice([0, rng.uniform(0, 0.3)]))
        yield from case(f"random {i}", PAPER, curve + rng.choice([0.002, 0.02]) * rng.standard_normal(8))
    for i in range(8):
        n = int(rng.integers(4, 8))
        curve = np.sort(rng.uniform(0, 1, n)) * rng.uniform(0.1, 1)
        yield from case(f"short {i}", np.sort(10 ** rng.uniform(19, 25, n)), curve)
    for i in range(6):
        yield from case(f"noise only {i}", PAPER, 0.25 + 0.02 * rng.standard_normal(8))
    steps = {"late": [0, 0, 0, 0, 0, 0, 0, 0.2], "last two": [0, 0, 0, 0, 0, 0, 0.3, 0.35],
             "middle": [0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5], "two steps": [0, 0, 0.4, 0.4, 0.4, 0.4, 0.9, 0.9],
             "dip": [0.2, 0.25, 0.21, 0.15, 0.19, 0.3, 0.45, 0.5], "early": [0.1, 0.6, 0.8, 0.85, 0.87, 0.87, 0.88, 0.88],
             "linear": np.linspace(0.1, 0.8, 8), "convex": np.linspace(0, 0.7, 8) ** 3,
             "near one": [0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 1, 1], "tiny": [0, 0, 0, 1e-4, 0, 2e-4, 5e-4, 3e-3],
             "zigzag": [0.1, 0.5, 0.2, 0.6, 0.3, 0.7, 0.4, 0.8], "lucky last": [0.1, 0.11, 0.09, 0.1, 0.1, 0.1, 0.11, 0.4]}
    for name, scores in steps.items():
        yield from case(f"shape {name}", PAPER, np.array(scores, float), laws if name in ("linear", "convex", "early") else ("full",))


def real(shared):
    """Mean score per ladder model of some real tasks."""
    for study in ["kor-qwen2.5-base", "pythia-arithmetic-v0", "zeroeval-qwen2.5-instruct", "mmlu-pro-llama2", "gemstones-gold"]:
        folder = shared / "data" / study
        models = tomllib.loads((folder / "study.toml").read_text())["models"]
        flops = {m["name"]: m.get("compute_flops") or 6 * m["params"] * m["tokens"]
                 for m in models if m["role"] == "ladder"}
        rows = pd.read_parquet(folder / "samples.parquet")
        rows["rate"] = (rows.n_correct / rows.n_trials) if "n_trials" in rows else rows.score
        if "checkpoint" in rows:
            rows = rows[rows.checkpoint == rows.groupby("model").checkpoint.transform("max")]
        means = rows[rows.model.isin(list(flops))].groupby(["task", "model"]).rate.mean()
        for task in sorted(set(means.index.get_level_values(0)))[:6]:
            curve = sorted((flops[m], float(s)) for m, s in means[task].items())
            compute, scores = np.array(curve).T
            if len(compute) >= 4 and np.ptp(scores) > 1e-3 and len(set(compute)) == len(compute):
                yield f"real {study} {task}", "full", compute, scores


def standard_errors(rng):
    """curve_fit's, at the optimum, by ln a, b, c, g."""
    def f(x, ln_a, b, c, g):
        return g + (1 - g) * np.exp(-np.exp(ln_a - b * x) - c)

    x = np.log(PAPER / 1e18)
    truth = np.array([np.log(30.0), 0.4, 0.2, 0.1])
    for i in range(4):
        y = f(x, *truth) + 0.003 * rng.standard_normal(8)
        params, covariance = curve_fit(f, x, y, truth, xtol=1e-14, ftol=1e-14, gtol=1e-14)
        yield {"compute": PAPER.tolist(), "scores": y.tolist(), "params": params.tolist(),
               "errors": np.sqrt(np.diag(covariance)).tolist()}


def main():
    shared = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[4] / "shared")
    rng = np.random.default_rng(20261121)
    cases = []
    for name, law, compute, scores in [*generated(rng), *real(shared)]:
        scores = np.round(scores, 6)
        cases.append({"name": name, "law": law, "compute": compute.tolist(), "scores": scores.tolist(),
                      "sse": best_sse(compute, scores, law)})
        print(f"{cases[-1]['sse']:.3e}  {name}", flush=True)
    golden = {"cases": cases, "errors": list(standard_errors(rng))}
    (HERE / "fit.json").write_text(json.dumps(golden, indent=0) + "\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
