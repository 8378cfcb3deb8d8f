"""Clustering of samples by difficulty, with scikit-learn's conventions and without scikit-learn."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from codcast import _native
from codcast._errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Self


def _matrix(X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
    points = np.ascontiguousarray(X, dtype=np.float64)
    if points.ndim != 2:
        raise InputError(
            f"X has {points.ndim} dimensions; expected 2: one row a sample", "bad_shape"
        )
    return points


def estimate_bandwidth(X: ArrayLike, *, quantile: float = 0.3) -> float:  # noqa: N803
    """Estimate the bandwidth for MeanShift: scikit-learn's value, much faster.

    Parameters
    ----------
    X : array_like of shape (n_samples, n_features)
        Points, finite.
    quantile : float in [0, 1]
        Share of the points that are a point's neighbours.

    Returns
    -------
    float
        Mean over the points of the distance to their farthest neighbour.

    Raises
    ------
    InputError
        If X is not a matrix of finite numbers, or quantile is out of range; also a ValueError.

    Examples
    --------
    >>> from codcast import estimate_bandwidth
    >>> round(estimate_bandwidth([[0.0], [1.0], [2.0], [10.0]], quantile=0.5), 3)
    2.75
    """
    return _native.estimate_bandwidth(_matrix(X), float(quantile))


class _Estimator:
    """What scikit-learn expects of an estimator: parameters, and fitting that returns itself."""

    labels_: NDArray[np.int64]
    cluster_centers_: NDArray[np.float64]
    n_features_in_: int

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Give the parameters by name, as scikit-learn does."""
        del deep
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name, as scikit-learn does."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise InputError(
                    f"there is no parameter {name!r}; there is: {', '.join(known)}", "unknown_name"
                )
            setattr(self, name, value)
        return self

    def fit(self, X: ArrayLike, y: None = None) -> Self:  # noqa: N803
        """Cluster the points."""
        raise NotImplementedError

    def fit_predict(self, X: ArrayLike, y: None = None) -> NDArray[np.int64]:  # noqa: N803
        """Cluster the points and give their labels.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            Points.
        y : None
            Not used.

        Returns
        -------
        ndarray of shape (n_samples,)
            The labels; -1: in no cluster.
        """
        return self.fit(X, y).labels_

    def __repr__(self) -> str:
        """Show the parameters."""
        parameters = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({parameters})"


class MeanShift(_Estimator):
    """MeanShift with a flat kernel: scikit-learn's labels and centres, hundreds of times faster.

    Parameters
    ----------
    bandwidth : float, optional
        Radius of the kernel; default: `estimate_bandwidth` of the points.
    cluster_all : bool
        Whether a point farther than the bandwidth from every centre belongs to the nearest; else it is
        labelled -1.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,)
        Index of each point's centre, or -1.
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        Centres, by decreasing number of points around them.
    n_features_in_ : int
        Columns of X.

    Examples
    --------
    >>> from codcast import MeanShift
    >>> MeanShift(bandwidth=0.3).fit([[0.0], [0.1], [0.1], [0.9], [1.0]]).labels_
    array([0, 0, 0, 1, 1])
    """

    def __init__(self, *, bandwidth: float | None = None, cluster_all: bool = True) -> None:
        self.bandwidth = bandwidth
        self.cluster_all = cluster_all

    def fit(self, X: ArrayLike, y: None = None) -> Self:  # noqa: N803
        """Cluster the points.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            Points, finite.
        y : None
            Not used.

        Returns
        -------
        MeanShift
            Itself.

        Raises
        ------
        InputError
            If X is not a matrix of finite numbers, or the bandwidth is not positive; also a
            ValueError.
        """
        del y
        points = _matrix(X)
        bandwidth = self.bandwidth
        if bandwidth is None:
            bandwidth = _native.estimate_bandwidth(points, 0.3)
        found = _native.mean_shift(points, float(bandwidth), bool(self.cluster_all))
        self.labels_, self.cluster_centers_ = found
        self.n_features_in_ = points.shape[1]
        return self


class ImprovedMeanShift(_Estimator):
    """Difficulty clusters of pass rates, as the forecasts find them.

    MeanShift repeated on what is not yet in a cluster, all members within a radius of their centre
    (Xu et al. 2025, arXiv 2502.17262, Algorithm 1). Rows of zeros, samples that no model solves, take
    no part. The order of the rows does not matter.

    Parameters
    ----------
    quantile : float in [0, 1]
        The radius is the mean distance to the neighbour that this share of the samples away...
    cap : float
        ... and at most this times the square root of the number of columns.
    min_size : int
        Fewest samples of a cluster.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,)
        Cluster of each sample by decreasing size; -1 for outliers and rows of zeros.
    cluster_centers_ : ndarray of shape (n_clusters, n_rungs)
        Centres.
    bandwidth_ : float or None
        The radius; None where there was nothing to cluster.
    n_features_in_ : int
        Columns of X.

    Examples
    --------
    >>> import numpy as np
    >>> from codcast import ImprovedMeanShift
    >>> rates = np.repeat([[0.0, 0.0], [0.1, 0.4], [0.6, 0.9]], [3, 12, 20], axis=0)
    >>> labels = ImprovedMeanShift().fit_predict(rates)
    >>> np.unique(labels, return_counts=True)
    (array([-1,  0,  1]), array([ 3, 20, 12]))
    """

    bandwidth_: float | None

    def __init__(self, *, quantile: float = 0.1, cap: float = 0.1, min_size: int = 10) -> None:
        self.quantile = quantile
        self.cap = cap
        self.min_size = min_size

    def fit(self, X: ArrayLike, y: None = None) -> Self:  # noqa: N803
        """Cluster the samples.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_rungs)
            Pass rates in [0, 1], one row a sample.
        y : None
            Not used.

        Returns
        -------
        ImprovedMeanShift
            Itself.

        Raises
        ------
        InputError
            If X is not a matrix of pass rates or a parameter is out of range; also a ValueError.
        """
        del y
        rates = _matrix(X)
        found = _native.by_difficulty(
            rates, float(self.quantile), float(self.cap), int(self.min_size)
        )
        self.labels_, self.cluster_centers_, self.bandwidth_ = found
        self.n_features_in_ = rates.shape[1]
        return self
