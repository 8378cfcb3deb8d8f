"""Writes cluster.json: what scikit-learn makes of inputs that the Rust tests can make again.

    python cluster.py [SHARED_DATA]      (requirements.txt beside this file)

`SHARED_DATA` is the folder with the public studies; without it the expectations on real inputs
are left as they are. Only labels and numbers derived from them are stored.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas
from sklearn.cluster import DBSCAN, KMeans, MeanShift, estimate_bandwidth

OUT = Path(__file__).with_suffix(".json")


def uniform(seed, index):
    """SplitMix64 by counter, in [0, 1)."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) * np.uint64(0xD1342543DE82EF95)
        z = z + (np.asarray(index, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def simulate(seed, n, d, trials):
    """Pass rates of n samples on d rungs; trials 0: probabilities. Only + - * / and comparisons,
    so that any language gets the same bits."""
    i = np.arange(n)[:, None]
    difficulty = 1.4 * uniform(3 * seed, i) - 0.2
    slope = 1.0 + 4.0 * uniform(3 * seed + 1, i)
    ability = (np.arange(d)[None, :] + 1.0) / (d + 1.0)
    p = np.clip(0.5 + slope * (ability - difficulty), 0.0, 1.0)
    if trials == 0:
        return p
    cell = i * d + np.arange(d)[None, :]
    correct = np.zeros((n, d))
    for trial in range(trials):
        correct += uniform(3 * seed + 2, cell * trials + trial) < p
    return correct / trials


def improved(points, quantile, cap, min_size):
    """The paper's Algorithm 1. A sample farther than the radius from its centre is what MeanShift
    calls an orphan."""
    radius = min(estimate_bandwidth(points, quantile=quantile), cap * np.sqrt(points.shape[1]))
    labels = np.full(len(points), -1)
    centres, rounds = [], 0
    while (left := np.flatnonzero(labels == -1)).size >= min_size:
        rounds += 1
        model = MeanShift(bandwidth=radius, cluster_all=False).fit(points[left])
        before = len(centres)
        for cluster, centre in enumerate(model.cluster_centers_):
            members = left[model.labels_ == cluster]
            if len(members) >= min_size:
                labels[members] = len(centres)
                centres.append(centre)
        if len(centres) == before:
            break
    return labels, centres, float(radius), rounds


def digest(labels):
    """FNV-1a over the labels as 64-bit numbers, outliers as all ones."""
    value = 0xCBF29CE484222325
    for label in labels:
        value = ((value ^ (int(label) % 2**64)) * 0x100000001B3) % 2**64
    return f"{value:016x}"


def mean_shift(points, bandwidth, cluster_all):
    model = MeanShift(bandwidth=bandwidth, cluster_all=cluster_all).fit(points)
    return {
        "bandwidth": bandwidth,
        "cluster_all": cluster_all,
        "centres": model.cluster_centers_.tolist(),
        "labels": digest(model.labels_),
    }


def everything(points, bandwidths, k=None):
    dbscan = DBSCAN(eps=0.2, min_samples=6).fit(points)
    case = {
        "quantiles": {q: float(estimate_bandwidth(points, quantile=float(q))) for q in ("0.1", "0.3")},
        "mean_shift": [mean_shift(points, b, i % 2 == 0) for i, b in enumerate(bandwidths)],
        "dbscan": {"eps": 0.2, "min_samples": 6, "labels": digest(dbscan.labels_)},
    }
    # scikit-learn refuses a bandwidth of 0, as ten per cent of equal samples have.
    if case["quantiles"]["0.1"] > 0:
        labels, centres, radius, _ = improved(points, 0.1, 0.1, 10)
        case["improved"] = {"radius": radius, "labels": digest(labels), "clusters": len(centres)}
    if k:
        model = KMeans(k, n_init=10, random_state=0).fit(points)
        case["k_means"] = {"k": k, "inertia": float(model.inertia_)}
    return case


# seed, samples, rungs, trials, how many of the first samples are repeated at the end
SIMULATED = [
    (1, 150, 9, 100, 0), (2, 120, 8, 100, 30), (3, 120, 5, 100, 0), (4, 120, 3, 100, 0),
    (5, 120, 2, 100, 0), (6, 100, 1, 100, 0), (7, 120, 9, 1, 0), (8, 120, 4, 1, 0),
    (9, 120, 8, 50, 0), (10, 120, 5, 4, 0), (11, 100, 9, 10, 40), (12, 120, 8, 300, 0),
    (13, 120, 9, 0, 0), (14, 100, 4, 0, 30), (15, 100, 12, 100, 0), (16, 100, 15, 20, 0),
    (17, 30, 5, 100, 0), (18, 61, 5, 10, 0), (19, 62, 5, 10, 0), (20, 12, 3, 10, 0),
    (21, 300, 9, 100, 0), (22, 200, 6, 20, 0), (23, 150, 3, 10, 100), (24, 200, 8, 25, 0),
    (25, 120, 9, 2, 0), (26, 120, 7, 5, 0), (27, 121, 9, 100, 0), (28, 150, 2, 1, 0),
]
BANDWIDTHS = [0.1, 0.3]
# Real samples beyond this many are left out; scikit-learn is slow.
MOST = 200

# Folder, task, how many models (the first by name, each at its last checkpoint).
REAL = [
    ("kor-qwen2.5-base", "cipher", 8), ("kor-qwen2.5-base", "logic", 5),
    ("pythia-arithmetic-v0", "addition", 5), ("gemstones-gold", "openbook", 8),
]


def real(shared, study, task, d):
    """[sample][model] scores of the samples that all the models answered, by sample_id."""
    table = pandas.read_parquet(shared / study / "samples.parquet")
    table = table[table.task == task]
    models = sorted(table.model.unique())[:d]
    columns = []
    for model in models:
        rows = table[table.model == model]
        if "checkpoint" in rows:
            rows = rows[rows.checkpoint == rows.checkpoint.max()]
        score = rows.score if "score" in rows else rows.n_correct / rows.n_trials
        columns.append(dict(zip(rows.sample_id, score)))
    samples = sorted(set.intersection(*(set(column) for column in columns)))
    return np.array([[column[sample] for column in columns] for sample in samples[:MOST]])


def main():
    warnings.simplefilter("ignore")
    golden = json.loads(OUT.read_text()) if OUT.exists() else {"real": []}
    golden["simulated"] = []
    for seed, n, d, trials, repeated in SIMULATED:
        points = simulate(seed, n, d, trials)
        points = np.vstack([points, points[:repeated]])
        case = {"seed": seed, "n": n, "d": d, "trials": trials, "repeated": repeated}
        k = 6 if n >= 100 and trials != 1 else None
        golden["simulated"].append(case | everything(points, BANDWIDTHS, k))
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    if len(sys.argv) > 1:
        golden["real"] = []
        for study, task, d in REAL:
            points = real(Path(sys.argv[1]), study, task, d)
            case = {"study": study, "task": task, "d": d, "n": len(points)}
            golden["real"].append(case | everything(points, [0.2, 0.3], 6))
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
