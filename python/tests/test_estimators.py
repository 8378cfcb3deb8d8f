"""scikit-learn's conventions, and its results where it is installed."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

import codcast
from codcast import ImprovedMeanShift, MeanShift, Study, estimate_bandwidth

RATES = np.random.default_rng(3).integers(0, 21, (300, 6)) / 20.0


@pytest.mark.skipif(not importlib.util.find_spec("sklearn"), reason="needs scikit-learn")
def test_results_are_scikit_learns() -> None:
    from sklearn import base, cluster

    assert estimate_bandwidth(RATES) == cluster.estimate_bandwidth(RATES)
    assert estimate_bandwidth(RATES, quantile=0.1) == cluster.estimate_bandwidth(RATES, quantile=0.1)
    for cluster_all in (True, False):
        ours = MeanShift(bandwidth=0.4, cluster_all=cluster_all).fit(RATES)
        theirs = cluster.MeanShift(bandwidth=0.4, cluster_all=cluster_all).fit(RATES)
        np.testing.assert_array_equal(ours.labels_, theirs.labels_)
        np.testing.assert_array_equal(ours.cluster_centers_, theirs.cluster_centers_)
    np.testing.assert_array_equal(MeanShift().fit(RATES).labels_, cluster.MeanShift().fit(RATES).labels_)
    copy = base.clone(ImprovedMeanShift(min_size=7))
    assert copy.get_params()["min_size"] == 7


@pytest.mark.parametrize("estimator", [MeanShift(bandwidth=0.4), ImprovedMeanShift(bandwidth=0.4)])
def test_estimators_keep_scikit_learns_conventions(estimator: MeanShift | ImprovedMeanShift) -> None:
    assert estimator.fit(RATES) is estimator
    assert estimator.labels_.shape == (300,)
    assert estimator.cluster_centers_.shape == (estimator.labels_.max() + 1, 6)
    assert estimator.n_features_in_ == 6
    again = type(estimator)(**estimator.get_params())
    np.testing.assert_array_equal(again.fit_predict(RATES), estimator.labels_)
    assert estimator.set_params(bandwidth=0.6) is estimator
    assert estimator.get_params()["bandwidth"] == 0.6
    assert "bandwidth=0.6" in repr(estimator)


def test_any_array_of_numbers_will_do() -> None:
    expected = MeanShift(bandwidth=0.4).fit_predict(RATES)
    for same in (RATES.tolist(), np.asfortranarray(RATES), np.repeat(RATES, 2, axis=1)[:, ::2]):
        np.testing.assert_array_equal(MeanShift(bandwidth=0.4).fit_predict(same), expected)
    assert MeanShift(bandwidth=1.0).fit_predict(np.array([[0, 1], [1, 0]], dtype=np.int32)).shape == (2,)


def test_members_are_within_the_bandwidth_and_groups_large_enough() -> None:
    found = ImprovedMeanShift(min_size=5).fit(RATES)
    assert found.bandwidth_ == min(estimate_bandwidth(RATES, quantile=0.1), 0.1 * 6**0.5)
    for label, centre in enumerate(found.cluster_centers_):
        members = RATES[found.labels_ == label]
        assert len(members) >= 5
        assert np.linalg.norm(members - centre, axis=1).max() <= found.bandwidth_ * (1 + 1e-12)


def test_a_forecasts_clusters_are_these(demo: Study) -> None:
    """Rows of zeros left out and the others sorted, the estimator finds the clusters of the study."""
    seen = 0
    for task in demo.clusters().tasks:
        found = demo.pass_rates(task.task)
        kept = found.rates.any(axis=1)
        order = np.lexsort(found.rates[kept].T[::-1])
        shift = ImprovedMeanShift().fit(found.rates[kept][order])
        ours: dict[int, set[str]] = {}
        for place, label in zip(np.flatnonzero(kept)[order], shift.labels_):
            ours.setdefault(label, set()).add(found.samples[place])
        ours.pop(-1, None)
        theirs: dict[int, set[str]] = {}
        for sample, known in task.labels.items():
            if known is not None:
                theirs.setdefault(known, set()).add(sample)
        assert sorted(map(sorted, ours.values())) == sorted(map(sorted, theirs.values()))
        assert task.radius == shift.bandwidth_
        seen += len(ours)
    assert seen > 20


def test_a_law_is_found_again() -> None:
    compute = np.geomspace(1e19, 1e23, 9)
    law = codcast.Law(a=20.0, b=0.4, c=0.1, g=0.2)
    fit = codcast.fit_law(compute[::-1], law.predict(compute)[::-1])
    assert fit.termination == "converged"
    assert fit.law is not None
    np.testing.assert_allclose(
        [np.log(fit.law.a), fit.law.b, fit.law.c, fit.law.g], [np.log(20.0), 0.4, 0.1, 0.2], rtol=1e-4
    )
    heavy = codcast.fit_law(compute, law.predict(compute), weights=np.full(9, 2.0))
    assert heavy.points == 9
    bare = codcast.fit_law(compute, law.predict(compute), law="bare")
    assert bare.law is not None
    assert (bare.law.c, bare.law.g) == (0.0, 0.0)
    assert fit.sse < bare.sse
