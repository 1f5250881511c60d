"""What a study can see before its outcome is looked at: detectable effects and simulated power."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from svcquality.errors import InputError
from svcquality.estimators.proportions import score_interval
from svcquality.progress import QUIET, Progress


def power_of_t(effect: float, error: float, df: float = np.inf, *, alpha: float = 0.05) -> float:
    """Power of a two-sided t test.

    Parameters
    ----------
    effect, error : float
        True effect and standard error of its estimate, in one unit.
    df : float
        Degrees of freedom, such as clusters minus one.

    Notes
    -----
    Non-central t, both tails.
    """
    if not error > 0:
        raise ValueError("the error must be positive")
    critical = float(stats.t.ppf(1 - alpha / 2, df))
    shift = abs(effect) / error
    if np.isinf(df):
        return float(stats.norm.sf(critical - shift) + stats.norm.cdf(-critical - shift))
    far = float(np.nan_to_num(stats.nct.cdf(-critical, df, shift)))  # it underflows to NaN
    return float(stats.nct.sf(critical, df, shift)) + far


def detectable_effect(
    error: float, df: float = np.inf, *, power: float = 0.8, alpha: float = 0.05
) -> float:
    """Smallest true effect that a two-sided test finds with the power wanted.

    Parameters
    ----------
    error : float
        Standard error that the design will have; the effect is in its unit.
    df : float
    power : float
        Above ``alpha``, below 1.

    Notes
    -----
    The root of `power_of_t`; about 2.8 errors for 80% power and many degrees of freedom (Bloom
    1995, Evaluation Review 19).

    Raises
    ------
    ValueError
        If power is not between alpha and 1.
    """
    if not alpha < power < 1:
        raise ValueError("power lies between alpha and 1")

    def short(effect: float) -> float:
        return power_of_t(effect, 1.0, df, alpha=alpha) - power

    high = 4.0
    while short(high) < 0:
        high *= 2
    return float(error * optimize.brentq(short, 0.0, high))


def size_per_arm(
    d: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    cluster_size: float = 1.0,
    icc: float = 0.0,
) -> float:
    """Units in each of two equal arms to find a standardised difference ``d``.

    Parameters
    ----------
    d : float
        Difference of means in standard deviations; not 0.
    cluster_size : float
        Answers a cluster, where whole clusters are assigned.
    icc : float
        Share of the variance between clusters, within [0, 1].

    Returns
    -------
    float
        Not rounded, as power tables give it; round up. With clusters the size for independent
        answers times the design effect ``1 + (m − 1) icc`` (Donner, Birkett & Buck 1981, American
        J. Epidemiology 114); that keeps the degrees of freedom of independent answers, so with few
        clusters check `detectable_effect` with clusters minus 2.

    Raises
    ------
    ValueError
        If ``d`` is 0, power is not between alpha and 1 or the icc not within [0, 1].
    """
    if d == 0 or not alpha < power < 1 or not 0 <= icc <= 1 or cluster_size < 1:
        raise ValueError("d is not 0, power between alpha and 1, icc in [0, 1], cluster size >= 1")

    def short(n: float) -> float:
        return power_of_t(d, np.sqrt(2 / n), 2 * n - 2, alpha=alpha) - power

    high = 4.0
    while short(high) < 0:
        high *= 2
    return float(optimize.brentq(short, 1.01, high) * (1 + (cluster_size - 1) * icc))


@dataclass(frozen=True)
class SimulatedPower:
    """Share of simulated studies that find the effect.

    Parameters
    ----------
    power : float
    low, high : float
        Wilson interval of the simulation at 95%.
    replications : int
        That gave a p-value.
    failed : int
        Replications in which the analysis refused the data or gave no p-value; left out of the
        other numbers.
    """

    power: float
    low: float
    high: float
    replications: int
    failed: int


def simulated_power(
    study: Callable[[np.random.Generator], float],
    *,
    replications: int = 500,
    alpha: float = 0.05,
    seed: int = 0,
    progress: Progress = QUIET,
) -> SimulatedPower:
    """Run a whole study many times on invented data.

    Parameters
    ----------
    study : callable
        Takes a generator, makes data with the effect in question, analyses them as the real ones
        will be, and returns the p-value. With an effect of 0 the result is the false-alarm rate.
    replications : int
    seed : int
        Each replication has a stream of its own, so that more replications only add to fewer.

    Raises
    ------
    InputError
        If no replication gave a p-value: the last refusal is passed on where there is one.
    """
    p = np.full(replications, np.nan)
    refusal: InputError | None = None
    streams = np.random.SeedSequence(seed).spawn(replications)
    for r, stream in enumerate(progress.each(streams, "power")):
        try:
            p[r] = study(np.random.default_rng(stream))
        except InputError as error:
            refusal = error
    if refusal is not None and not np.isfinite(p).any():
        raise refusal
    return share_found(p, alpha=alpha)


def share_found(p: np.ndarray, *, alpha: float = 0.05) -> SimulatedPower:
    """Share of simulated studies whose p-value is at most ``alpha``.

    Parameters
    ----------
    p : ndarray of shape (replications,)
        NaN where the study failed; those are counted and left out.

    Raises
    ------
    InputError
        If no p-value is known.
    """
    known = p[np.isfinite(p)]
    if not len(known):
        raise InputError(
            "No simulated study gave a p-value; check what the study returns.",
            "没有任何一次模拟得到 p 值；请检查模拟研究的返回值。",
        )
    share = float((known <= alpha).mean())
    low, high = score_interval(share, len(known), float(stats.norm.ppf(0.975)))
    return SimulatedPower(share, low, high, len(known), len(p) - len(known))


def intra_cluster_correlation(y: np.ndarray, clusters: np.ndarray) -> float:
    """Share of the variance that lies between clusters, by analysis of variance.

    ``(MSB − MSW) / (MSB + (m₀ − 1) MSW)`` with ``m₀ = (n − Σ m² / n) / (G − 1)``, for numbers and
    0/1 outcomes alike (Ridout, Demétrio & Firth 1999, Biometrics 55); negative values, which
    chance alone can give, become 0.

    Parameters
    ----------
    y : ndarray of shape (n,)
    clusters : ndarray of shape (n,)
        Two or more, and fewer than rows.

    Raises
    ------
    ValueError
        If there is one cluster only, or one row in each.
    """
    _, codes = np.unique(clusters, return_inverse=True)
    sizes = np.bincount(codes)
    n, groups = len(y), len(sizes)
    if not 1 < groups < n:
        raise ValueError("an intra-cluster correlation needs two clusters and repeated rows")
    means = np.bincount(codes, weights=y) / sizes
    between = float(sizes @ (means - np.mean(y)) ** 2) / (groups - 1)
    within = float(((y - means[codes]) ** 2).sum()) / (n - groups)
    typical = (n - float((sizes**2).sum()) / n) / (groups - 1)
    total = between + (typical - 1) * within
    return max(0.0, (between - within) / total) if total > 0 else 0.0
