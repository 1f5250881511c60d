"""A fitted ordered model as weighted least squares: what its last Newton step sees."""

from __future__ import annotations

import numpy as np

from svcquality.estimators.cumulative import CumulativeModel


def working_response(
    fit: CumulativeModel, y: np.ndarray, X: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Response and weights with which least squares answers questions about the index.

    Parameters
    ----------
    fit : CumulativeModel
        Of ``y`` on ``X``.
    y : ndarray of shape (n,)
    X : ndarray of shape (n, k)

    Returns
    -------
    response : ndarray of shape (n,)
        The index plus its score over its information, in log odds.
    weights : ndarray of shape (n,)
        The expected information of each row about its index, which does not depend on the outcome:
        weighted residuals so have variance one.

    Notes
    -----
    Iteratively reweighted least squares by Fisher scoring (McCullagh & Nelder 1989, section 2.5).
    Exact in its first order for two categories; with more, an intercept stands for all thresholds.
    """
    index = X @ fit.coefficients
    bounds = np.concatenate([[-np.inf], fit.thresholds, [np.inf]])
    own = np.searchsorted(fit.categories, y)
    score, weights = np.zeros(len(index)), np.zeros(len(index))
    for category in range(len(fit.categories)):
        pieces = fit.link.pieces(bounds[category + 1] - index, bounds[category] - index)
        weights += np.exp(pieces.log_p) * pieces.slope**2
        score = np.where(own == category, pieces.slope, score)
    return index + score / weights, weights
