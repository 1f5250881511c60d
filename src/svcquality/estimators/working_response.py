"""A fitted ordered model as weighted least squares: what its last Newton step sees."""

from __future__ import annotations

import numpy as np

from svcquality.estimators.cumulative import CumulativeModel, Likelihood


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
        The information of each row about its index.

    Notes
    -----
    Iteratively reweighted least squares (McCullagh & Nelder 1989, section 2.5). Exact in its first
    order for two categories; with more, an intercept stands for all thresholds.
    """
    codes = np.searchsorted(fit.categories, y)
    likelihood = Likelihood(codes, X, len(fit.categories), fit.link)
    theta = np.concatenate([fit.coefficients, fit.thresholds])
    # All thresholds moving up together is the index moving down.
    score = -likelihood.scores(theta)[:, X.shape[1] :].sum(axis=1)
    weights = likelihood.weights(theta)
    return X @ fit.coefficients + score / weights, weights
