"""Expectations for the engine `codcast`, by an implementation that shares no code with it.

Writes bridge.json beside this file. Run: pip install -r requirements.txt; python bridge.py

The equations are those of docs/engine.md. Everything is vectorised over grid and bins here and
looped over there; the linear systems are solved by LAPACK here and by cofactors there.
"""

import json
import math
import pathlib

import numpy as np

EXPONENT, RATIO = 0.15, math.log(20.0)
SHARES = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9])
SHOCKS = np.array([0.025, 0.05, 0.1, 0.2, 0.4, 0.8])
SLOPE, SLOPE_SD, SPREAD = 0.25, 0.15, 0.2
SCALES = np.array([0.35, 0.5, 0.7, 1.0, 1.4, 2.0])
DRIFTS = np.array([0.0, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0])
BELIEFS = ((SHARES, 0.9), (SHARES[:1], 0.1))
LASTING = 2 / 3
T10_90 = 1.8124611228107335  # scipy.stats.t(10).ppf(0.95)


def penalty(n, d):
    return np.log(np.cosh(EXPONENT * (np.log(d / n) - RATIO))) / EXPONENT


def places(task, rungs, at):
    """Places of the rungs and of the target, the largest rung at 0, and the order of the rungs."""
    c = np.array([task["compute"][m] for m in rungs])
    x, t = np.log(c), math.log(at["compute"])
    if task["params"] is not None:
        n, d = (np.array([task[k][m] for m in rungs]) for k in ("params", "tokens"))
        x = x - penalty(n, d)
        t = t - float(penalty(np.array(at["params"]), np.array(at["tokens"])))
    order = np.argsort(x, kind="stable")
    return x[order] - x.max(), t - x.max(), order


def bins(rates, k):
    """Memberships [bin][sample]: equal mass by mean rate, ties shared."""
    mean = np.round(rates.mean(1), 9)
    _, which, count = np.unique(mean, return_inverse=True, return_counts=True)
    high = np.cumsum(count) / len(mean)
    low = high - count / len(mean)
    rows = []
    for b in range(k):
        overlap = np.clip(np.minimum(high, (b + 1) / k) - np.maximum(low, b / k), 0, None)
        rows.append((overlap / count)[which] * len(mean))
    return np.array(rows)


def units(task, rungs):
    """Scores and noise of bins [bin][rung] and of the whole [rung], and the bins' weights."""
    if task["rates"] is None:
        y = np.array([task["means"][m] for m in rungs])
        v = 0.5 * np.maximum(y * (1 - y), 0.02) / task["n_samples"]
        return y[None], v[None], np.ones(1), y, v
    r = np.array(task["rates"])[:, rungs]
    n = len(r)
    w = bins(r, min(10, n))
    size = w.sum(1)
    y = (w @ r) / size[:, None]
    change = np.diff(r, axis=1).var(0) / 2
    noise = np.r_[change[0], (change[1:] + change[:-1]) / 2, change[-1]]
    part = np.maximum(y * (1 - y), 0.25 / size[:, None])
    v = noise * part / part.mean(0) / size[:, None]
    return y, v, size / n, r.mean(0), noise / n


def law(theta, d, f):
    """Score and derivatives [.., rung, 3]."""
    e, al, g = (theta[..., i, None] for i in range(3))
    decay = np.exp(np.clip(-al * d, -30, 30))
    bridge = f + (1 - f) * decay
    u = np.exp(np.clip(e + np.log(bridge), -12, 5))
    p = np.exp(-u)
    de = -(1 - g) * u * p
    return g + (1 - g) * p, np.stack([de, de * -(1 - f) * d * decay / bridge, 1 - p], -1)


def sensitivity(y, de):
    return np.maximum(np.abs(de), y * (1 - y))


def fit(d, y, v, chance, f, s, mu, tau):
    """Modes [grid][bin][3], covariances."""
    f, s2 = f[:, None, None], s[:, None, None] ** 2
    shape = (len(f), len(y))
    prec = np.array([1 / 1.5**2, 1 / tau**2, 1 / 0.02**2 if chance > 0 else 1e12])
    centre = np.array([0.3, mu, chance])
    above = np.clip((y[:, np.argsort(d)[-3:]] - chance) / (1 - chance), 0.01, 0.97)
    theta = np.empty(shape + (3,))
    theta[..., 0] = np.log(-np.log(above.mean(1)))
    theta[..., 1:] = mu, chance
    damping = np.full(shape, 0.01)
    i = np.arange(3)

    def weights(theta):
        m, j = law(theta, d, f)
        return 1 / (v + s2 * sensitivity(m, j[..., 0]) ** 2 + 1e-7)

    def normal(theta, w):
        m, j = law(theta, d, f)
        wj = w[..., None] * j
        a = np.swapaxes(wj, -1, -2) @ j
        a[..., i, i] += prec
        return a, (wj * (y - m)[..., None]).sum(-2) - prec * (theta - centre)

    for _ in range(5):
        w = weights(theta)

        def cost(theta):
            misfit = (w * (y - law(theta, d, f)[0]) ** 2).sum(-1)
            return misfit + (prec * (theta - centre) ** 2).sum(-1)

        now = cost(theta)
        for _ in range(6):
            a, b = normal(theta, w)
            a[..., i, i] *= 1 + damping[..., None]
            step = np.clip(np.linalg.solve(a, b[..., None])[..., 0], -1, 1)
            new = np.clip(theta + step, [-8, -0.5, 0], [4, 2, 0.95])
            then = cost(new)
            better = then <= now
            theta = np.where(better[..., None], new, theta)
            now = np.where(better, then, now)
            damping = np.clip(np.where(better, damping * 0.3, damping * 10), 1e-6, 1e6)
    return theta, np.linalg.inv(normal(theta, weights(theta))[0])


def predict(task, rungs, at, shares):
    """Forecast, its four variances, sensitivity, place of the target; under one belief."""
    d, h, order = places(task, rungs, at)
    y, v, w, ym, yv = units(task, [rungs[m] for m in order])
    chance = task["chance"]
    f, s = (a.ravel() for a in np.meshgrid(shares, SHOCKS, indexing="ij"))
    log_prior = -0.5 * (((f - 0.4) / 0.3) ** 2 + (np.log(s / 0.06) / 0.8) ** 2)
    prior = np.exp(log_prior)
    prior /= prior.sum()
    mu, tau = SLOPE, SPREAD
    if len(y) == 1:
        tau = math.hypot(SPREAD, SLOPE_SD)
    else:
        theta, cov = fit(d, y, v, chance, f, s, mu, tau)
        precision = 1 / cov[..., 1, 1]
        own = np.maximum(precision - tau**-2, 1e-3)
        slope = (theta[..., 1] * precision - mu * tau**-2) / own
        q = prior[:, None] / (1 / own + tau**2)
        mu = ((q * slope).sum() + SLOPE / SLOPE_SD**2) / (q.sum() + SLOPE_SD**-2)
    theta, cov = fit(d, y, v, chance, f, s, mu, tau)
    m, j = law(theta, d, f[:, None, None])
    curve, derivative = np.einsum("u,gum->gm", w, m), np.einsum("u,gum->gm", w, j[..., 0])
    var = yv + (s[:, None] * sensitivity(curve, derivative)) ** 2 + 1e-7
    post = -0.5 * ((ym - curve) ** 2 / var + np.log(var)).sum(1) + np.log(prior)
    post = np.exp(post - post.max())
    post /= post.sum()
    steep = np.maximum(sensitivity(curve[:, -1], derivative[:, -1]), 1e-3)
    shock = (s * steep) ** 2
    deviation = (ym[-1] - curve[:, -1]) / steep * shock / (shock + yv[-1] + 1e-7)
    lasting = LASTING * (1 if h >= 0 else max(0.0, 1 - h / d[d < 0].max()))
    m, j = law(theta, np.array([h]), f[:, None, None])
    m, j = m[..., 0], j[..., 0, :]
    at_target = m @ w
    moved = lasting * np.clip(deviation, -1, 1) * sensitivity(at_target, j[..., 0] @ w)
    at_target = np.clip(at_target + moved, 0, 1)
    sens = sensitivity(at_target, j[..., 0] @ w)
    score = post @ at_target
    parameters = post @ (np.einsum("gui,guij,guj->gu", j, cov, j) @ w**2)
    scale = at_target * (1 - at_target) / max(ym[-1] * (1 - ym[-1]), 1e-4)
    return dict(
        score=score,
        parameters=parameters,
        shape=2 * post @ (at_target - score) ** 2,
        shock=post @ (s * sens) ** 2,
        sampling=post @ (yv[-1] * np.maximum(1, scale)),
        sensitivity=post @ sens,
        place=h,
    )


def own(p):
    return p["parameters"] + p["shape"] + p["shock"]


def rehearse(tasks):
    """[belief] rows (error, variance, sampling, reach, weight)."""
    turns = []
    for c in sorted({c for task in tasks for c in task["compute"]}):
        now = []
        for task in tasks:
            below = [m for m, x in enumerate(task["compute"]) if x <= c / 2]
            if c in task["compute"] and len(below) >= 2:
                now.append((task, task["compute"].index(c), below))
        if now:
            turns.append(now)
    if len(turns) > 8:
        turns = [turns[(i * (len(turns) - 1) + 3) // 7] for i in range(8)]
    rows = [[], []]
    for now in turns:
        shown = [x for x in now if any(x[0]["means"][m] != 0 for m in x[2])]
        for task, rung, below in shown:
            at = {"compute": task["compute"][rung]}
            if task["params"] is not None:
                at |= {k: task[k][rung] for k in ("params", "tokens")}
            for b, (shares, _) in enumerate(BELIEFS):
                p = predict(task, below, at, shares)
                reach = p["sensitivity"] * max(p["place"], 0)
                weight = min(1, 2 / len(shown))
                error = task["means"][rung] - p["score"]
                rows[b].append((error, own(p), p["sampling"], reach, weight))
    return rows


def calibrate(rows):
    """Weight, squared scale and squared drift of each belief."""
    out = []
    for (_, prior), cases in zip(BELIEFS, rows):
        lam, drift = np.meshgrid(SCALES, DRIFTS, indexing="ij")
        log = -0.5 * (np.log(lam) / 0.5) ** 2
        log = log - 0.5 * np.log(np.maximum(drift, 0.02) / 0.03) ** 2
        for error, variance, sampling, reach, weight in cases:
            var = lam**2 * variance + sampling + (drift * reach) ** 2 + 1e-7
            log = log - weight * (0.5 * np.log(var) + 5.5 * np.log1p(error**2 / var / 10))
        w = np.exp(log - log.max())
        evidence = math.log(prior) + log.max() + math.log(w.sum())
        w /= w.sum()
        out.append((evidence, (w * lam**2).sum(), (w * drift**2).sum()))
    weights = np.exp(np.array([o[0] for o in out]) - max(o[0] for o in out))
    return weights / weights.sum(), [o[1] for o in out], [o[2] for o in out]


def engine(tasks, at):
    weights, scales, drifts = calibrate(rehearse(tasks))
    answers = []
    for task in tasks:
        both = [predict(task, range(len(task["compute"])), at, s) for s, _ in BELIEFS]
        score = sum(w * p["score"] for w, p in zip(weights, both))
        parts = dict.fromkeys(("parameters", "shape", "shock", "sampling", "rehearsal"), 0.0)
        for w, scale, drift, p in zip(weights, scales, drifts, both):
            for part in ("parameters", "shape", "shock"):
                parts[part] += w * scale * p[part]
            parts["sampling"] += w * p["sampling"]
            parts["shape"] += w * (p["score"] - score) ** 2
            parts["rehearsal"] += w * drift * (p["sensitivity"] * max(p["place"], 0)) ** 2
        half = T10_90 * math.sqrt(sum(parts.values()))
        answers.append(
            dict(
                score=score,
                lower=max(0.0, score - half),
                upper=min(1.0, score + half),
                **{part: math.sqrt(value) for part, value in parts.items()},
            )
        )
    return answers


def simulated(rng, rungs, shapes, samples, trials, chance, jump=0.0):
    """A task whose samples follow power laws of their own; `jump`: of the last rungs' log loss."""
    compute = [float(f"{1e19 * 4.0**m:.6g}") for m in range(rungs)]
    x = np.log(np.array(compute) / 1e19)
    shock = 0.05 * rng.standard_normal(rungs) - jump * np.maximum(0, np.arange(rungs) - rungs + 2)
    level = rng.normal(0.7, 0.9, samples)[:, None]
    loss = np.exp(level - rng.uniform(0.15, 0.4, samples)[:, None] * x + shock)
    p = chance + (1 - chance) * np.exp(-loss)
    rates = rng.binomial(trials, p) / trials
    task = dict(
        chance=chance,
        compute=compute,
        params=None,
        tokens=None,
        means=rates.mean(0).tolist(),
        n_samples=samples,
        rates=rates.tolist(),
    )
    if shapes:
        ratio = np.exp(rng.uniform(math.log(5), math.log(100), rungs))
        n = [float(f"{math.sqrt(c / 6 / r):.6g}") for c, r in zip(compute, ratio)]
        task |= dict(params=n, tokens=[float(f"{c / 6 / m:.6g}") for c, m in zip(compute, n)])
    return task


def aggregate(task):
    means = [round(y, 5) for y in task["means"]]
    return task | dict(means=means, rates=None)


def main():
    rng = np.random.default_rng(20250213)
    near = dict(compute=6e24, params=2e11, tokens=5e12)
    far = near | dict(compute=4e26)
    ladders = [
        (near, [simulated(rng, 6, True, 60, 8, c) for c in (0.0, 0.25)]),
        (far, [aggregate(simulated(rng, 12, False, 400, 4, 0.25)) for _ in range(3)]),
        (near, [simulated(rng, 7, False, 25, 1, 0.0, jump=1.2) for _ in range(2)]),
        (near, [aggregate(simulated(rng, 3, False, 500, 2, 0.0))]),
        (near | dict(compute=6e21), [simulated(rng, 6, False, 40, 4, 0.25, jump=0.8)]),
    ]
    cases = [dict(tasks=tasks, target=at, expected=engine(tasks, at)) for at, tasks in ladders]
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


main()
