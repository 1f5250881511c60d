"""Which of several quantities is the largest, and which of them may be, given their draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats


@dataclass(frozen=True)
class Leading:
    """The largest quantity against all others at once.

    Parameters
    ----------
    name : str
        The largest.
    rivals : DataFrame
        A row each other one: ``name, difference, low, high, apart``; the difference is that of the
        largest minus this one, with simultaneous intervals.
    """

    name: str
    rivals: pd.DataFrame

    @property
    def alone(self) -> bool:
        """Whether the largest is told apart from every other."""
        return bool(self.rivals["apart"].all())

    @property
    def set(self) -> tuple[str, ...]:
        """All that may be the largest, the largest as observed first."""
        return (self.name, *self.rivals.loc[~self.rivals["apart"], "name"])


def leading(
    values: np.ndarray,
    draws: np.ndarray,
    names: Sequence[str],
    *,
    clusters: int | None = None,
    level: float = 0.95,
) -> Leading:
    """Compare the largest value with all others, simultaneously.

    Parameters
    ----------
    values : ndarray of shape (k,)
        As observed.
    draws : ndarray of shape (draws, k)
        The same in bootstrap draws; those that are not finite are left out.
    names : sequence of str
    clusters : int, optional
        Clusters that were resampled: with few of them the intervals are widened.
    level : float
        Of all intervals together.

    Notes
    -----
    Multiple comparisons with the best (Hsu 1981, Annals of Statistics 9), with the reach of the
    largest absolute studentised difference over the draws in place of a normal table: the draws
    keep how the values move together. A bootstrap of G clusters understates the variance by
    (G − 1)/G and knows no t distribution; both are mended. Two-sided, so that picking the largest
    by the same data is paid for.

    Raises
    ------
    ValueError
        If there are fewer than two values or no usable draws.
    """
    values = np.asarray(values, dtype=float)
    usable = draws[np.isfinite(draws).all(axis=1)]
    if len(values) < 2 or len(usable) < 2:
        raise ValueError("a comparison needs two values and draws of them")
    first = int(values.argmax())
    others = [j for j in range(len(values)) if j != first]
    difference = values[first] - values[others]
    drawn = usable[:, [first]] - usable[:, others]
    error = drawn.std(axis=0, ddof=1)
    safe = np.where(error > 0, error, 1.0)  # no spread, no doubt: the interval is a point
    largest = (np.abs(drawn - drawn.mean(axis=0)) / safe).max(axis=1)
    reach = np.quantile(largest, level) * _few_clusters(clusters, level) * error
    low, high = difference - reach, difference + reach
    rivals = pd.DataFrame(
        {
            "name": [names[j] for j in others],
            "difference": difference,
            "low": low,
            "high": high,
            "apart": low > 0,
        }
    )
    return Leading(names[first], rivals)


def _few_clusters(clusters: int | None, level: float) -> float:
    if clusters is None:
        return 1.0
    tail = (1 + level) / 2
    wider: float = stats.t.ppf(tail, clusters - 1) / stats.norm.ppf(tail)
    return wider * float(np.sqrt(clusters / (clusters - 1)))
