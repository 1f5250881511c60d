"""Means that stay right when a classifier errs: a random hand-coded sample corrects it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from svcquality.estimators.clustered import cluster_codes, membership

PSEUDO_ERRORS = 2
"""Added to the squared errors of a 0/1 code, half of them upwards and half downwards, so that a
sample without a single error does not pass for certainty (after Agresti & Coull 1998)."""


@dataclass(frozen=True)
class Estimate:
    """A mean or a difference of means, corrected by hand-coded units.

    Parameters
    ----------
    estimate, error, low, high : float
        ``low`` and ``high`` from a t distribution with ``df`` degrees of freedom.
    n, n_coded : int
        Units, and units that were hand-coded.
    df : float
    """

    estimate: float
    error: float
    low: float
    high: float
    n: int
    n_coded: int
    df: float

    @property
    def p(self) -> float:
        """Two-sided p-value against 0."""
        if not self.error > 0:
            return float("nan")
        return float(2 * stats.t.sf(abs(self.estimate) / self.error, self.df))


@dataclass(frozen=True)
class GroupMeans:
    """Mean outcome of the units of a category, of all others, and the difference.

    Parameters
    ----------
    group, others, difference : Estimate
        ``n`` counts all units in each of them.
    share : float
        Corrected share of the category.
    coded_in, coded_out : int
        Hand-coded units inside and outside the category.
    clusters : int or None
    """

    group: Estimate
    others: Estimate
    difference: Estimate
    share: float
    coded_in: int
    coded_out: int
    clusters: int | None


def design_based_mean(
    model: np.ndarray,
    coded: np.ndarray,
    probability: np.ndarray,
    *,
    population: bool = True,
    tuned: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Mean of the hand-coded value over all units, of which a known random part was coded.

    ``mean(λ model) + Σ w (coded − λ model) / Σ w`` over the coded units, with ``w = 1/probability``
    and λ = 1. It is right for any model, however wrong; a better model gives a shorter interval.

    Parameters
    ----------
    model : ndarray of shape (n,)
        Prediction of the coded value (a probability, a 0/1 indicator).
    coded : ndarray of shape (n,)
        The hand-coded value; NaN where a unit was not coded.
    probability : ndarray of shape (n,)
        Known probability with which each unit was drawn for coding; only that of coded units
        is used.
    population : bool
        True: the target is the mean over these n units, and only the draw of coded units is
        random (with finite-population correction). False: the n units are themselves a sample.
    tuned : bool
        Choose λ to minimise the variance instead of 1 (power tuning); then a useless model costs
        nothing, at the price of a bias of order 1/n_coded.
    level : float
        Nominal coverage.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        If fewer than two units are coded, or a coded unit has no probability within (0, 1].

    Notes
    -----
    Egami, Hinck, Stewart & Wei (2023), NeurIPS 36; Angelopoulos, Bates, Fannjiang, Jordan & Zrnic
    (2023), Science 382; weights normalised as by Hájek (1971), which is the same where the number
    of coded units (of a stratum) is fixed and steadier where it is not. The tuned λ is the
    regression estimator of Cassel, Särndal & Wretman (1976). For 0/1 codes the errors are counted
    with two pseudo-observations, see `PSEUDO_ERRORS`.
    """
    model, coded, probability = (np.asarray(x, dtype=float) for x in (model, coded, probability))
    n = len(model)
    drawn, weight = _weights(coded, probability)
    y, m, w, pi = coded[drawn], model[drawn], weight[drawn], probability[drawn]
    k = len(y)
    power = _power(y, m, w * (1 - pi) / pi) if tuned else 1.0
    mistake = y - power * m
    correction = float(w @ mistake / w.sum())
    estimate = power * float(model.mean()) + correction
    centred = mistake - correction
    padding = PSEUDO_ERRORS / k if np.isin(y, (0.0, 1.0)).all() else 0.0
    if population:
        squares = (1 - pi) * w**2 * (centred**2 + padding)
    else:
        influence = power * model + correction - estimate
        influence[drawn] += w * centred
        squares = influence**2
        squares[drawn] += w**2 * padding
    error = np.sqrt(squares.sum() * k / (k - 1)) / n
    return _estimate(estimate, float(error), n, k, k - 1, level)


def design_based_group_mean(
    outcome: np.ndarray,
    model: np.ndarray,
    coded: np.ndarray,
    probability: np.ndarray,
    cluster: np.ndarray | None = None,
    *,
    level: float = 0.95,
) -> GroupMeans:
    """Mean outcome of the units of a category, beside that of all other units.

    Membership is replaced by the pseudo-indicator ``D̃ = D̂ + w (D − D̂)``, whose expectation over
    the draw of coded units is the true indicator; both means are ratios of its sums. Where the
    predicted category would dilute the difference, this does not.

    Parameters
    ----------
    outcome : ndarray of shape (n,)
        The outcome of each unit, without missing values.
    model : ndarray of shape (n,)
        Predicted membership D̂ (an indicator or a probability).
    coded : ndarray of shape (n,)
        True membership D (0 or 1); NaN where not hand-coded.
    probability : ndarray of shape (n,)
        Known probability of being drawn for coding.
    cluster : array of shape (n,), optional
        Errors are clustered by it.
    level : float
        Nominal coverage.

    Returns
    -------
    GroupMeans
        NaN estimates where the corrected size of the category or of its complement is not
        positive.

    Raises
    ------
    ValueError
        If fewer than two units are coded, or a coded unit has no probability within (0, 1].
    InputError
        If all units are in one cluster.

    Notes
    -----
    The moment with a design-based pseudo-indicator is that of Egami et al. (2023); linearised
    (sandwich) errors with G/(G−1), t with G−1 degrees of freedom for G clusters.
    """
    outcome, model, coded, probability = (
        np.asarray(x, dtype=float) for x in (outcome, model, coded, probability)
    )
    n = len(outcome)
    drawn, weight = _weights(coded, probability)
    inside = model.copy()
    inside[drawn] += weight[drawn] * (coded[drawn] - model[drawn])
    sides = np.stack([inside, 1 - inside])  # (2, n): category, all others
    sizes = sides.sum(axis=1)
    usable = bool((sizes > 0).all())
    means = sides @ outcome / sizes if usable else np.full(2, np.nan)
    if usable:
        influence = sides * (outcome - means[:, None]) / sizes[:, None]
    else:
        influence = np.full((2, n), np.nan)
    influence = np.vstack([influence, influence[0] - influence[1]])
    clusters = None
    if cluster is not None:
        codes, clusters = cluster_codes(cluster)
        influence = (membership(codes, clusters) @ influence.T).T
    independent = influence.shape[1]
    errors = np.sqrt((influence**2).sum(axis=1) * independent / (independent - 1))
    k = int(drawn.sum())
    group, others, difference = (
        _estimate(value, float(error), n, k, independent - 1, level)
        for value, error in zip((*means, means[0] - means[1]), errors, strict=True)
    )
    coded_in = int(coded[drawn].sum())
    return GroupMeans(
        group, others, difference, float(sizes[0] / n), coded_in, k - coded_in, clusters
    )


def _weights(coded: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which units were coded, and inverse probabilities scaled to sum to n (0 if not coded)."""
    drawn = ~np.isnan(coded)
    if drawn.sum() < 2:
        raise ValueError("at least two units must be hand-coded")
    if not ((probability[drawn] > 0) & (probability[drawn] <= 1)).all():
        raise ValueError("a hand-coded unit needs its probability of being drawn, within (0, 1]")
    weight = np.zeros(len(coded))
    weight[drawn] = 1 / probability[drawn]
    return drawn, weight * (len(coded) / weight.sum())


def _power(y: np.ndarray, m: np.ndarray, weight: np.ndarray) -> float:
    """λ that minimises the variance: the weighted regression coefficient of y on m."""
    if not weight.sum() > 0:
        return 1.0
    m = m - np.average(m, weights=weight)
    variation = float(weight @ m**2)
    return float(weight @ (m * y)) / variation if variation > 0 else 1.0


def _estimate(
    value: float, error: float, n: int, n_coded: int, df: float, level: float
) -> Estimate:
    reach = float(stats.t.ppf((1 + level) / 2, df)) * error
    return Estimate(float(value), error, float(value - reach), float(value + reach), n, n_coded, df)
