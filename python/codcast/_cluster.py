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
    """MeanShift repeated on what is in no cluster yet: groups of samples of like difficulty.

    Points farther than the bandwidth from their centre and clusters of fewer than `min_size` points are
    released and clustered again, until a round finds nothing new (Xu et al. 2025, arXiv 2502.17262,
    Algorithm 1). Forecasts cluster pass rates so, after leaving out rows of zeros and sorting.

    Parameters
    ----------
    bandwidth : float, optional
        Largest distance of a member to its centre. Default: `estimate_bandwidth` of the points at
        `quantile`, at most `cap` times the square root of the number of columns.
    quantile : float in [0, 1]
        Share of the points that are a point's neighbours.
    cap : float
        For pass rates: how far rates may be apart on average.
    min_size : int
        Fewest points of a cluster.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,)
        Cluster of each point, in the order of finding; -1: outlier.
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        Centres.
    bandwidth_ : float
        The bandwidth used.
    n_features_in_ : int
        Columns of X.

    Examples
    --------
    >>> import numpy as np
    >>> from codcast import ImprovedMeanShift
    >>> rates = np.repeat([[0.1, 0.4], [0.6, 0.9], [0.9, 0.1]], [12, 20, 3], axis=0)
    >>> labels = ImprovedMeanShift(bandwidth=0.1).fit_predict(rates)
    >>> np.unique(labels, return_counts=True)
    (array([-1,  0,  1]), array([ 3, 20, 12]))
    """

    bandwidth_: float

    def __init__(
        self,
        *,
        bandwidth: float | None = None,
        quantile: float = 0.1,
        cap: float = 0.1,
        min_size: int = 10,
    ) -> None:
        self.bandwidth = bandwidth
        self.quantile = quantile
        self.cap = cap
        self.min_size = min_size

    def fit(self, X: ArrayLike, y: None = None) -> Self:  # noqa: N803
        """Cluster the points.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            Points, finite; for difficulty: pass rates in [0, 1], one column a rung.
        y : None
            Not used.

        Returns
        -------
        ImprovedMeanShift
            Itself.

        Raises
        ------
        InputError
            If X is not a matrix of finite numbers or a parameter is out of range; also a ValueError.
        """
        del y
        points = _matrix(X)
        found = _native.improved_mean_shift(
            points,
            None if self.bandwidth is None else float(self.bandwidth),
            float(self.quantile),
            float(self.cap),
            int(self.min_size),
        )
        self.labels_, self.cluster_centers_, self.bandwidth_ = found
        self.n_features_in_ = points.shape[1]
        return self
