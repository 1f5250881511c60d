"""The curve of waits: contrasts along it, what a smooth curve may miss, and where it bends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from svcquality.designs._adjusted import Adjusted, groups
from svcquality.errors import InputError
from svcquality.estimators.cumulative import cut_below
from svcquality.estimators.marginal import Contrast, average_change, average_level, contrast
from svcquality.estimators.threshold import Threshold, find_threshold
from svcquality.estimators.working_response import working_response
from svcquality.models.matrix import as_float

POINTS = 61
BINS = 30
GRID, DRAWS = 80, 399
RIVALS = 16
"""Broken lines, of those that fit about as well, against which the smooth curve is held."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A fitted curve of waits, and the broken lines that the answers would allow as well.

    Parameters
    ----------
    model : Adjusted
    bend : Threshold or None
        Of the log odds; None where waits take too few values to look for one.
    knots, changes, weights : ndarray of shape (q,)
        Broken lines that are not rejected: where they bend, by how much, and how well they fit
        beside each other (sum 1).
    projected : ndarray of shape (1 + k, q)
        Each broken line as near as the model's columns come to it, the intercept first.
    means : ndarray of shape (k,)
        Of the model's columns.
    rest : ndarray of shape (n,)
        The index of each row beside its wait, over the threshold of being satisfied.
    """

    model: Adjusted
    bend: Threshold | None
    knots: np.ndarray
    changes: np.ndarray
    weights: np.ndarray
    projected: np.ndarray
    means: np.ndarray
    rest: np.ndarray

    def everyone(self, minutes: float) -> dict[int, float]:
        """Changes that give every row the same wait."""
        at = self.model.waits(np.array([minutes]))
        return {column: float(values[0]) for column, values in at.items()}

    def level(self, minutes: float) -> Contrast:
        """P(satisfied), averaged over the answers, were all waits the same."""
        m = self.model
        found = average_level(m.fit, m.X, self.everyone(minutes), m.category)
        return self._honest(found, self._missed(minutes))

    def between(self, start: float, end: float) -> Contrast:
        """Difference in P(satisfied) were all waits ``end`` instead of ``start`` minutes."""
        m = self.model
        found = average_change(m.fit, m.X, self.everyone(start), self.everyone(end), m.category)
        return self._honest(found, self._missed(end) - self._missed(start))

    def _honest(self, found: Contrast, missed: np.ndarray) -> Contrast:
        """Add what the curve misses on average; let the interval reach the farthest broken line."""
        if not len(missed) or not found.error > 0:
            return found
        mean = float(self.weights @ missed)
        farthest = float(np.abs(missed - mean).max()) / found.error
        usual = stats.t.ppf(0.975, found.df)
        error = found.error * _critical(farthest, found.df) / usual
        return contrast(found.estimate + mean, error, found.df)

    def _missed(self, minutes: float) -> np.ndarray:
        """What the curve would lack of P(satisfied) at a wait under each broken line, (q,)."""
        m = self.model
        at, row = m.matrix.at["wait_minutes"], np.append(1.0, self.means)
        own = self.everyone(minutes)
        row[[1 + c for c in at]] = [own[c] for c in at]
        left = np.maximum(minutes - self.knots, 0.0) - row @ self.projected
        index = self.rest + row[1:][at] @ m.fit.coefficients[at]
        return np.asarray(self.changes * m.fit.link.density(index).mean() * left)

    def frame(self, waits: np.ndarray) -> pd.DataFrame:
        """Frame ``curve``: wait_minutes, estimate, low, high."""
        grid = np.linspace(waits.min(), np.quantile(waits, 0.99), POINTS)
        levels = [self.level(minutes) for minutes in grid]
        return pd.DataFrame(
            {
                "wait_minutes": grid,
                "estimate": [v.estimate for v in levels],
                "low": [max(v.low, 0.0) for v in levels],
                "high": [min(v.high, 1.0) for v in levels],
            }
        )


def fitted_curve(model: Adjusted, *, seed: int = 0) -> Curve:
    """Look for a bend and for the broken lines that fit as well as the best one.

    Parameters
    ----------
    model : Adjusted
        With ``wait_minutes`` among its exposures.
    seed : int
        Of the bootstrap that says which bends are rejected.

    Notes
    -----
    A smooth curve rounds a sharp bend, so contrasts beside it are too even. What it misses is known
    for each broken line: its least-squares distance from the columns of the model, in the metric
    of the information. Numbers start from the broken lines that are not rejected, weighted by their
    likelihood, and leave the rest to the spline (a parametric start: Hjort & Glad 1995, Annals of
    Statistics 23). Their intervals allow for a bias as large as the farthest of these lines
    (Armstrong & Kolesár 2020, Quantitative Economics 11).
    """
    at = model.matrix.at["wait_minutes"]
    others = np.delete(model.X, at, axis=1)
    cut = model.fit.thresholds[cut_below(model.fit.categories, model.category)]
    rest = others @ np.delete(model.fit.coefficients, at) - cut
    means = model.X.mean(axis=0)
    nothing = np.empty(0)
    alone = Curve(
        model, None, nothing, nothing, nothing, np.empty((1 + len(means), 0)), means, rest
    )
    if model.spline is None:
        return alone
    waits = as_float(model.rows["wait_minutes"])
    response, information = working_response(model.fit, model.y, model.X)
    try:
        bend = find_threshold(
            response, waits, others, clusters=groups(model.rows, model.cluster),
            weights=information, grid=GRID, draws=DRAWS, seed=seed,
        )  # fmt: skip
    except InputError:  # too few different waits to look for a bend
        return alone
    allowed = bend.profile[bend.profile["statistic"] <= bend.critical]
    places = np.linspace(0, len(allowed) - 1, min(RIVALS, len(allowed))).round().astype(int)
    rivals = allowed.iloc[np.unique(places)]
    knots = rivals["knot"].to_numpy()
    likelihood = np.exp(-rivals["statistic"].to_numpy() / 2)
    root = np.sqrt(information)[:, None]
    columns = np.column_stack([np.ones(len(waits)), model.X])
    hinges = np.maximum(waits[:, None] - knots, 0.0)
    projected = np.linalg.lstsq(root * columns, root * hinges, rcond=None)[0]
    return Curve(
        model, bend, knots, rivals["change"].to_numpy(), likelihood / likelihood.sum(), projected,
        means, rest,
    )  # fmt: skip


def _critical(bias: float, df: float) -> float:
    """Errors by which to widen an estimate whose bias is at most ``bias`` errors, at 95%."""

    def short(c: float) -> float:
        return float(stats.t.cdf(c - bias, df) - stats.t.cdf(-c - bias, df) - 0.95)

    return float(optimize.brentq(short, 0.0, bias + 20.0))


def support(waits: np.ndarray) -> pd.DataFrame:
    """Frame ``support``: how many answers there are along the curve (left, right, count)."""
    edges = np.linspace(waits.min(), np.quantile(waits, 0.99), BINS + 1)
    counts, _ = np.histogram(waits, edges)
    return pd.DataFrame({"left": edges[:-1], "right": edges[1:], "count": counts})
