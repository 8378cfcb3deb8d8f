"""The golden files of the Rust tests, which scikit-learn and SciPy wrote, through Python."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from codcast import ImprovedMeanShift, Law, MeanShift, estimate_bandwidth, fit_law, predict

from .conftest import GOLDEN

CASES = json.loads((GOLDEN / "cluster.json").read_text())["simulated"]
FITS = json.loads((GOLDEN / "fit.json").read_text())
#: Ours may end higher than SciPy's optimum by this share, and by rounding where both are near zero.
RELATIVE, ABSOLUTE = 1e-9, 1e-12
_MASK = (1 << 64) - 1


def _uniform(seed: int, index: Any) -> Any:
    """SplitMix64 by counter, in [0, 1): as tests/golden/cluster.py draws."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed * 0xD134_2543_DE82_EF95 & _MASK)
        z = z + (np.asarray(index, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E37_79B9_7F4A_7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _simulate(seed: int, n: int, d: int, trials: int) -> Any:
    i, j = np.arange(n)[:, None], np.arange(d)[None, :]
    difficulty = 1.4 * _uniform(3 * seed, i) - 0.2
    slope = 1.0 + 4.0 * _uniform(3 * seed + 1, i)
    p = np.clip(0.5 + slope * ((j + 1.0) / (d + 1.0) - difficulty), 0.0, 1.0)
    if trials == 0:
        return p
    trial = np.arange(trials)[None, None, :]
    draws = _uniform(3 * seed + 2, (i * d + j)[:, :, None] * trials + trial)
    return (draws < p[:, :, None]).sum(axis=2) / trials


def _digest(labels: Any) -> str:
    """FNV-1a over the labels as 64-bit numbers, outliers as all ones."""
    value = 0xCBF2_9CE4_8422_2325
    for label in labels.tolist():
        value = (value ^ (label & _MASK)) * 0x0100_0000_01B3 & _MASK
    return f"{value:016x}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"seed {case['seed']}")
def test_clusters_are_scikit_learns(case: dict[str, Any]) -> None:
    rates = _simulate(case["seed"], case["n"], case["d"], case["trials"])
    rates = np.concatenate([rates, rates[: case["repeated"]]])
    for quantile, expected in case["quantiles"].items():
        found = estimate_bandwidth(rates, quantile=float(quantile))
        # scikit-learn's expanded squares, beyond 15 columns, are good to about 1e-6.
        assert found == expected if case["d"] <= 15 else abs(found - expected) < 1e-6
    for expected in case["mean_shift"]:
        shift = MeanShift(bandwidth=expected["bandwidth"], cluster_all=expected["cluster_all"])
        assert _digest(shift.fit_predict(rates)) == expected["labels"]
        assert shift.cluster_centers_.tolist() == expected["centres"]
    if expected := case.get("improved"):
        improved = ImprovedMeanShift(bandwidth=expected["radius"]).fit(rates)
        assert _digest(improved.labels_) == expected["labels"]
        assert len(improved.cluster_centers_) == expected["clusters"]


@pytest.mark.parametrize("case", FITS["cases"], ids=lambda case: str(case["name"]))
def test_no_optimum_of_scipys_is_better(case: dict[str, Any]) -> None:
    fit = fit_law(case["compute"], case["scores"], law=case["law"])
    assert fit.sse <= case["sse"] * (1.0 + RELATIVE) + ABSOLUTE
    if fit.law is not None:
        residuals = fit.predict(case["compute"]) - np.array(case["scores"])
        assert np.isclose((residuals**2).sum(), fit.sse, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("case", FITS["errors"])
def test_standard_errors_are_scipys(case: dict[str, Any]) -> None:
    fit = fit_law(case["compute"], case["scores"])
    assert fit.errors is not None
    found = [fit.errors[name] for name in ("ln_a", "b", "c", "g")]
    np.testing.assert_allclose(np.array(found, dtype=float), case["errors"], rtol=1e-3)


def test_the_law_is_the_papers_formula() -> None:
    law = Law(a=3.0, b=0.3, c=0.1, g=0.2)
    compute = np.geomspace(1e17, 1e25, 30)
    formula = 0.2 + 0.8 * np.exp(-3.0 * (compute / 1e18) ** -0.3 - 0.1)
    np.testing.assert_allclose(law.predict(compute), formula, rtol=1e-14)
    np.testing.assert_array_equal(predict(law, compute), law.predict(compute))
