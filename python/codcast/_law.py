"""The scaling law of a group of samples of like difficulty."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from codcast import _native

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def _vector(values: ArrayLike) -> NDArray[np.float64]:
    return np.ascontiguousarray(np.atleast_1d(np.asarray(values, dtype=np.float64)).ravel())


@dataclasses.dataclass(frozen=True)
class Law:
    """Expected score as a function of training compute.

    ``y(C) = g + (1 - g) * exp(-a * C**-b - c)``, with C in units of 1e18 FLOP (Xu et al. 2025,
    arXiv 2502.17262).

    Attributes
    ----------
    a, b, c, g : float
        Position, steepness, minus the log of the ceiling above chance, chance level.

    Examples
    --------
    >>> from codcast import Law
    >>> Law(a=2.0, b=0.3, c=0.0, g=0.0).predict([1e18, 1e21]).round(3)
    array([0.135, 0.777])
    """

    a: float
    b: float
    c: float
    g: float

    def predict(self, compute: ArrayLike) -> NDArray[np.float64]:
        """Give expected scores.

        Parameters
        ----------
        compute : array_like of shape (n_sizes,)
            Training compute in FLOPs, finite and positive.

        Returns
        -------
        ndarray of shape (n_sizes,)
            Scores in [g, 1].

        Raises
        ------
        InputError
            If a size is not finite and positive; also a ValueError.
        """
        return _native.predict((self.a, self.b, self.c, self.g), _vector(compute))


@dataclasses.dataclass(frozen=True)
class LawFit:
    """A fitted law and how the fit ended.

    Attributes
    ----------
    law : Law or None
        The best law; None where `termination` says that there is none.
    termination : str
        "converged", "at-bound", "step-limit", or why there is no law: "all-zero", "all-one", "flat",
        "falling", "too-few-points", "unusable".
    points : int
        Points with positive weight.
    mean : float
        Weighted mean of the scores.
    sse, rmse : float
        Sum of squared residuals times the weights; the root of its mean.
    errors : dict of str to float or None, or None
        Standard errors of `ln_a`, `b`, `c` and `g`, where the points tell them.
    """

    law: Law | None
    termination: str
    points: int
    mean: float
    sse: float
    rmse: float
    errors: dict[str, float | None] | None

    def predict(self, compute: ArrayLike) -> NDArray[np.float64]:
        """Give expected scores of the law; see `Law.predict`.

        Parameters
        ----------
        compute : array_like of shape (n_sizes,)
            Training compute in FLOPs.

        Returns
        -------
        ndarray of shape (n_sizes,)
            Scores in [0, 1].

        Raises
        ------
        InputError
            If there is no law, or a size is not finite and positive.
        """
        if self.law is None:
            from codcast._errors import InputError

            raise InputError(f"the fit gave no law ({self.termination})", "fit_failed")
        return self.law.predict(compute)


def fit_law(
    compute: ArrayLike,
    scores: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    law: Literal["full", "no-chance", "no-ceiling", "bare"] = "full",
    min_b: float = 0.01,
    max_b: float = 3.0,
) -> LawFit:
    """Fit the law to one curve by weighted least squares.

    Parameters
    ----------
    compute : array_like of shape (n_points,)
        Training compute in FLOPs, finite and positive, in any order.
    scores : array_like of shape (n_points,)
        Scores in [0, 1].
    weights : array_like of shape (n_points,), optional
        Weights, not negative; default: all 1.
    law : {"full", "no-chance", "no-ceiling", "bare"}
        Which parameters are free: without "chance" g is 0, without "ceiling" c is 0.
    min_b, max_b : float
        Bounds of the steepness b.

    Returns
    -------
    LawFit
        Whatever has no law says so in its `termination`.

    Raises
    ------
    InputError
        If lengths differ or a size is not finite and positive; also a ValueError.

    Examples
    --------
    >>> import numpy as np
    >>> from codcast import Law, fit_law
    >>> compute = np.geomspace(1e18, 1e22, 8)
    >>> fit = fit_law(compute, Law(a=3.0, b=0.3, c=0.05, g=0.1).predict(compute))
    >>> fit.termination, round(fit.law.b, 3), round(fit.law.g, 3)
    ('converged', 0.3, 0.1)
    """
    text = _native.fit_law(
        _vector(compute),
        _vector(scores),
        None if weights is None else _vector(weights),
        law,
        float(min_b),
        float(max_b),
    )
    data: dict[str, Any] = json.loads(text)
    found = None if data["law"] is None else Law(**data["law"])
    return LawFit(**{**data, "law": found, "termination": data["termination"]["kind"]})


def predict(law: Law | LawFit, compute: ArrayLike) -> NDArray[np.float64]:
    """Give expected scores of a law.

    Parameters
    ----------
    law : Law or LawFit
        The law.
    compute : array_like of shape (n_sizes,)
        Training compute in FLOPs, finite and positive.

    Returns
    -------
    ndarray of shape (n_sizes,)
        Scores in [0, 1].

    Raises
    ------
    InputError
        If there is no law, or a size is not finite and positive; also a ValueError.

    Examples
    --------
    >>> from codcast import Law, predict
    >>> predict(Law(a=1.0, b=0.5, c=0.0, g=0.25), 1e24).round(4)
    array([0.9993])
    """
    return law.predict(compute)
