"""Ordered logit (proportional odds), binary logit as the case of two categories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from svcquality.estimators.cumulative import (
    CumulativeModel,
    Likelihood,
    checked,
    fit_cumulative,
    newton,
    ordered_codes,
)
from svcquality.estimators.likelihood import inverse_information
from svcquality.estimators.ordered_links import LOGIT


class OrderedLogit(CumulativeModel):
    """A fitted ordered logit: coefficients are log odds of a higher category for one unit more."""

    link = LOGIT


def ordered_logit(
    y: np.ndarray,
    X: np.ndarray,
    *,
    clusters: np.ndarray | pd.Series | None = None,
    weights: np.ndarray | None = None,
    errors: str = "robust",
    names: Sequence[str] = (),
) -> OrderedLogit:
    """Fit by maximum likelihood with analytic gradient and Hessian.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Ordered outcome; any numbers, only their order counts.
    X : ndarray of shape (n, k)
        Explanatory columns, no intercept, finite.
    clusters : array of shape (n,), optional
        Cluster of each row.
    weights : array of shape (n,), optional
        Positive, such as inverse probabilities of being answered; robust errors allow for them.
    errors : {"robust", "model"}
        ``robust``: CR1 with clusters, else HC1 (see `clustered.sandwich`). ``model``: inverse
        observed information, t with ``n − p`` degrees of freedom.
    names : sequence of str, optional
        Names of the columns, for messages.

    Notes
    -----
    McCullagh (1980), J. Royal Statistical Society B 42.

    Raises
    ------
    InputError
        If the outcome is constant, a column separates the outcomes perfectly or is a
        combination of others, or there are too few rows or clusters.
    """
    return fit_cumulative(OrderedLogit, y, X, clusters, errors, names, weights)


def restricted_scores(
    y: np.ndarray, X: np.ndarray, column: int, value: float, *, names: Sequence[str] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of the whole model where one coefficient is held at a value and the rest is fitted.

    Parameters
    ----------
    y, X, names
        As in `ordered_logit`.
    column : int
    value : float

    Returns
    -------
    scores : ndarray of shape (n, k + K − 1)
        By row, in (β, τ).
    bread : ndarray of shape (k + K − 1, k + K − 1)
        Inverse observed information there.
    """
    y, X, names = checked(y, X, names)
    categories, codes = ordered_codes(y)
    others = np.delete(np.arange(X.shape[1]), column)
    # Centring moves the thresholds only, so the coefficient keeps its meaning.
    Z = X - X.mean(axis=0)
    K = len(categories)
    held = Likelihood(codes, Z[:, others], K, LOGIT, offset=value * Z[:, column])
    rest, _, _ = newton(held, tuple(names[j] for j in others))
    theta = np.insert(rest, column, value)
    whole = Likelihood(codes, Z, K, LOGIT)
    return whole.scores(theta), inverse_information(whole.information(theta), names)
