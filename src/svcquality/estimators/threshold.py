"""Where does a line bend? A knot found in the data, with an interval that owns up to the search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from svcquality.errors import InputError
from svcquality.estimators.clustered import cluster_codes, membership, sandwich
from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.marginal import Contrast, contrast

FLAT = 1e-9  # share of a bent column's variation that straight columns must leave


@dataclass(frozen=True)
class Threshold:
    """A knot and the slopes on both sides of it.

    Parameters
    ----------
    knot, low, high : float
        In the unit of x; the interval is the hull of all knots that are not rejected.
    located : bool
        Whether the interval ends inside the range searched. If not, the data do not say where the
        bend is, and ``knot`` is no finding.
    p : float
        p-value of a straight line against a bend anywhere in the range.
    before, after, change : Contrast
        Slopes, and their difference; errors allow for the knot being estimated.
    profile : DataFrame
        ``knot, sum_of_squares, statistic, change``: the likelihood-ratio statistic against the best
        knot, and the difference of the slopes were the bend there.
    critical : float
        Value that the statistic may reach within the interval.
    n : int
    clusters : int or None
    """

    knot: float
    low: float
    high: float
    located: bool
    p: float
    before: Contrast
    after: Contrast
    change: Contrast
    profile: pd.DataFrame
    critical: float
    n: int
    clusters: int | None


def find_threshold(
    y: np.ndarray,
    x: np.ndarray,
    controls: np.ndarray | None = None,
    *,
    clusters: np.ndarray | pd.Series | None = None,
    weights: np.ndarray | None = None,
    trim: float = 0.1,
    grid: int = 200,
    draws: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Threshold:
    """Fit ``y = a + b x + c max(x − knot, 0) + controls`` with the knot unknown.

    Parameters
    ----------
    y, x : ndarray of shape (n,)
    controls : ndarray of shape (n, k), optional
        No intercept.
    clusters : array of shape (n,), optional
        Whole clusters change sign together in the bootstrap; rows otherwise.
    weights : ndarray of shape (n,), optional
        Positive; the information of each row, where y is a working response
        (`svcquality.estimators.working_response`).
    trim : float
        Knots are searched between the ``trim`` and ``1 − trim`` quantiles of x.
    grid : int
        Equally spaced knots tried; the distance of two is the precision of the result.
    draws : int
        Wild bootstrap draws.

    Notes
    -----
    Regression kink of Hansen (2017), J. Business & Economic Statistics 35. The interval inverts the
    likelihood ratio with a critical value from a wild bootstrap at the estimated knot; the test of
    no bend takes the largest ratio over the grid in a wild bootstrap under the straight line, as a
    knot means nothing there (Hansen 1996, Econometrica 64). Signs are Rademacher. Draws are made
    from sums within clusters.

    Raises
    ------
    InputError
        If x has too few different values to search, or columns repeat each other.
    ValueError
        If shapes differ, a value is not finite, or trim is not within (0, 0.5).
    """
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    if not 0 < trim < 0.5:
        raise ValueError("trim lies between 0 and 0.5")
    n = len(y)
    fixed = np.empty((n, 0)) if controls is None else np.asarray(controls, dtype=float)
    root = np.ones(n) if weights is None else np.sqrt(np.asarray(weights, dtype=float))
    if not (np.isfinite(root).all() and (root > 0).all()):
        raise ValueError("weights must be positive")
    straight = root[:, None] * np.column_stack([np.ones(n), x, fixed])
    line = least_squares(root * y, straight)
    knots = _knots(x, trim, grid)
    codes, groups = (np.arange(n), n) if clusters is None else cluster_codes(clusters)
    gather = membership(codes, groups)
    Q = np.linalg.qr(straight)[0]
    bent, length = _bends(x, root, Q, knots)
    knots, length = knots[length > 0], length[length > 0]
    gain = bent.T @ line.residuals
    best = int(np.argmax(gain**2))
    residual = line.residuals - bent[:, best] * gain[best]
    squares = line.sum_of_squares - gain**2
    # Draws around the bent line, then around the straight one, where no bend is left to find.
    around_bend, around_line = [], []
    rng = np.random.default_rng(seed)
    for count in _blocks(draws, groups):
        signs = rng.choice([-1.0, 1.0], size=(count, groups))
        signal = bent[:, best] * gain[best]
        total, gains = _drawn(residual, signal, bent, Q, gather, signs)
        least = total - (gains**2).max(axis=1)
        around_bend.append(n * (total - gains[:, best] ** 2 - least) / least)
        total, gains = _drawn(line.residuals, np.zeros(n), bent, Q, gather, signs)
        largest = (gains**2).max(axis=1)
        around_line.append(largest / (total - largest))
    critical = float(np.quantile(np.concatenate(around_bend), level))
    strength = gain[best] ** 2 / squares[best]
    p = (1 + int((np.concatenate(around_line) >= strength).sum())) / (1 + draws)

    statistic = n * (squares - squares[best]) / squares[best]
    inside = np.flatnonzero(statistic <= critical)
    first, last = int(inside[0]), int(inside[-1])
    slopes = _slopes(root * y, x, root, straight, knots[best], clusters, level)
    return Threshold(
        knot=float(knots[best]),
        low=float(knots[first]),
        high=float(knots[last]),
        located=bool(first > 0 and last < len(knots) - 1),
        p=p,
        before=slopes[0],
        after=slopes[1],
        change=slopes[2],
        profile=pd.DataFrame(
            {
                "knot": knots,
                "sum_of_squares": squares,
                "statistic": statistic,
                "change": gain / length,
            }
        ),
        critical=critical,
        n=n,
        clusters=None if clusters is None else groups,
    )


def _knots(x: np.ndarray, trim: float, grid: int) -> np.ndarray:
    low, high = np.quantile(x, [trim, 1 - trim])
    between = np.unique(x[(x > low) & (x < high)])
    if len(between) < 3:
        raise InputError(
            "There are too few different values to search for a threshold; use more precise or "
            "more records.",
            "不同取值太少，无法寻找阈值；请使用更精确或更多的数据。",
        )
    return np.linspace(low, high, grid)


def _bends(
    x: np.ndarray, root: np.ndarray, Q: np.ndarray, knots: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bent columns without their straight part, of unit length, and the lengths (0: nothing left).

    Columns with nothing left are not among the first.
    """
    hinge = root[:, None] * np.maximum(x[:, None] - knots, 0.0)
    left = hinge - Q @ (Q.T @ hinge)
    length = np.sqrt((left**2).sum(axis=0))
    length[length <= FLAT * np.sqrt((hinge**2).sum(axis=0) + 1e-300)] = 0.0
    kept = length > 0
    return left[:, kept] / length[kept], length


def _blocks(draws: int, groups: int) -> list[int]:
    """Draws at a time, so that their signs stay within a few dozen megabytes."""
    size = max(1, 4_000_000 // groups)
    return [min(size, draws - start) for start in range(0, draws, size)]


def _drawn(
    residual: np.ndarray,
    signal: np.ndarray,
    bent: np.ndarray,
    Q: np.ndarray,
    gather: sparse.csr_array,
    signs: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Squares about the straight columns (draws,) and projections on the bends (draws, knots).

    Each draw is ``signal + signs · residual``; the signal has no straight part.
    """
    whole = signal @ signal + residual @ residual + 2 * signs @ (gather @ (signal * residual))
    explained = signs @ (gather @ (Q * residual[:, None]))
    gains = bent.T @ signal + signs @ (gather @ (bent * residual[:, None]))
    return whole - (explained**2).sum(axis=1), gains


def _slopes(
    y: np.ndarray,
    x: np.ndarray,
    root: np.ndarray,
    straight: np.ndarray,
    knot: float,
    clusters: np.ndarray | pd.Series | None,
    level: float,
) -> list[Contrast]:
    hinge = root * np.maximum(x - knot, 0.0)
    fit = least_squares(y, np.column_stack([straight, hinge]))
    # A step at the knot is the direction in which a moving knot changes the line.
    moving = least_squares(y, np.column_stack([fit.X, root * (x > knot)]))
    scores = moving.X * fit.residuals[:, None]
    inference = sandwich(moving.bread, [scores], fit.n, clusters)
    k = straight.shape[1]
    b, V = fit.coefficients[[1, k]], inference.covariance[np.ix_([1, k], [1, k])]
    return [
        contrast(float(c @ b), float(np.sqrt(c @ V @ c)), inference.df, level=level)
        for c in (np.array([1.0, 0]), np.array([1.0, 1]), np.array([0.0, 1]))
    ]
