"""Where the minutes of a visit go: stages whose sums are the time in the branch, with errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.estimators.clustered import sandwich
from svcquality.estimators.marginal import Contrast, contrast
from svcquality.language import Text

STAGES = {
    "waiting": Text("等候叫号", "waiting to be called"),
    "walking": Text("走到窗口", "walking to the window"),
    "service": Text("办理业务", "service"),
}
SLOWEST = 0.1
NEAR = 0.02
"""Share of visits to either side from which the edge of the slowest tenth is described."""


def stage_minutes(visits: pd.DataFrame) -> pd.DataFrame:
    """Minutes of each stage: they add up to the time from arrival to the end.

    Where only one of call and start of service is recorded, the walk between them is zero.

    Returns
    -------
    DataFrame
        The rows with arrival, call or start, and end: ``waiting, walking, service, total``.
    """
    called = visits["called"].fillna(visits["started"])
    started = visits["started"].fillna(called)

    def minutes(start: pd.Series, end: pd.Series) -> pd.Series:
        return (end - start).dt.total_seconds() / 60

    frame = pd.DataFrame(
        {
            "waiting": minutes(visits["arrived"], called),
            "walking": minutes(called, started),
            "service": minutes(started, visits["ended"]),
        }
    )
    left = visits["abandoned"].fillna(False).astype(bool)
    frame = frame[frame.notna().all(axis=1) & ~left]
    return frame.assign(total=frame.sum(axis=1))


@dataclass(frozen=True, eq=False)
class Parts:
    """Estimates of several parts at once.

    Parameters
    ----------
    estimate : ndarray of shape (q,)
    covariance : ndarray of shape (q, q)
    df : float
    clusters : int or None
    kind : str
    """

    estimate: np.ndarray
    covariance: np.ndarray
    df: float
    clusters: int | None
    kind: str

    def of(self, weights: Sequence[float] | np.ndarray) -> Contrast:
        """A linear combination."""
        w = np.asarray(weights, dtype=float)
        return contrast(
            float(w @ self.estimate), float(np.sqrt(max(w @ self.covariance @ w, 0))), self.df
        )

    def share(self, part: int, other: int | None = None) -> Contrast:
        """A part of the sum of all, or what it has over another part; errors by the delta method."""
        total = self.estimate.sum()
        above = np.zeros(len(self.estimate))
        above[part] = 1.0
        if other is not None:
            above[other] -= 1.0
        value = float(above @ self.estimate / total)
        gradient = (above - value) / total
        error = float(np.sqrt(max(gradient @ self.covariance @ gradient, 0)))
        return contrast(value, error, self.df)


def mean_parts(values: np.ndarray, clusters: np.ndarray | None) -> Parts:
    """Means (q,) of columns (n, q)."""
    return difference_parts(values, np.ones(len(values), dtype=bool), None, clusters)


def difference_parts(
    values: np.ndarray, one: np.ndarray, other: np.ndarray | None, clusters: np.ndarray | None
) -> Parts:
    """Means of columns over the rows ``one``, less those over the rows ``other``.

    Parameters
    ----------
    values : ndarray of shape (n, q)
    one, other : ndarray of bool, shape (n,)
    clusters : array of shape (n,), optional

    Notes
    -----
    Each row's influence on the difference of two ratios, summed over clusters (CR1).
    """
    estimate, influence = np.zeros(values.shape[1]), np.zeros(values.shape)
    for rows, sign in ((one, 1.0), (other, -1.0)):
        if rows is None:
            continue
        mean = values[rows].mean(axis=0)
        estimate += sign * mean
        influence[rows] += sign * (values[rows] - mean) / rows.mean()
    return _with_errors(estimate, influence, clusters)


def _with_errors(estimate: np.ndarray, influence: np.ndarray, clusters: np.ndarray | None) -> Parts:
    n, q = influence.shape
    found = sandwich(np.eye(q) / n, [influence], n, clusters)
    return Parts(estimate, found.covariance, found.df, found.clusters, found.kind)


def quantile(values: np.ndarray, share: float, clusters: np.ndarray | None) -> Contrast:
    """A quantile with Woodruff's interval: where the clustered interval of the share below lies.

    Woodruff (1952), J. American Statistical Association 47.
    """
    point = float(np.quantile(values, share))
    below = mean_parts((values <= point)[:, None].astype(float), clusters)
    reach = float(stats.t.ppf(0.975, below.df)) * float(np.sqrt(below.covariance[0, 0]))
    low, high = np.quantile(values, np.clip([share - reach, share + reach], 0, 1))
    error = float(high - low) / (2 * float(stats.t.ppf(0.975, below.df)))
    return Contrast(point, error, float(low), float(high), np.nan, below.df)


def tail_parts(values: np.ndarray, clusters: np.ndarray | None) -> Parts | None:
    """What the slowest tenth of visits takes longer than the others, by stage.

    Parameters
    ----------
    values : ndarray of shape (n, q)
        Stages; visits are ranked by their sum.
    clusters : array of shape (n,), optional

    Returns
    -------
    Parts or None
        None where no visit is slower than the others.

    Notes
    -----
    Where the tenth begins is estimated too. With q that time and S(q) the stages of visits that take
    just as long, a visit in a tail of share a moves the tail's mean by (S − S(q)) / a, and all move
    it by S(q) less the mean (the influence function of an expected shortfall).
    """
    total = values.sum(axis=1)
    edge = np.quantile(total, 1 - SLOWEST)
    slow = total > edge
    if not slow.any():
        return None
    near = np.quantile(total, [1 - SLOWEST - NEAR, 1 - SLOWEST + NEAR])
    at_edge = values[(total >= near[0]) & (total <= near[1])].mean(axis=0)
    estimate, influence = np.zeros(values.shape[1]), np.zeros(values.shape)
    for rows, sign in ((slow, 1.0), (~slow, -1.0)):
        mean = values[rows].mean(axis=0)
        estimate += sign * mean
        influence += sign * (rows[:, None] * (values - at_edge) / rows.mean() - (mean - at_edge))
    return _with_errors(estimate, influence, clusters)


def busy_and_quiet(load: pd.Series, cells: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the busiest and of the quietest third of each branch's half hours.

    Parameters
    ----------
    load : Series
        Index ``branch, hour``: customers, for each open window where windows are known.
    cells : DataFrame
        ``branch, hour`` of every row (n,).

    Returns
    -------
    busy, quiet : ndarray of bool, shape (n,)
        A branch with fewer than three half hours has neither.
    """
    ranked = load.sort_values(kind="stable").groupby(level="branch")
    rank, count = ranked.cumcount(), ranked.transform("size")
    third = count // 3
    at = pd.MultiIndex.from_frame(cells[["branch", "hour"]])
    busy = (rank >= count - third).reindex(at, fill_value=False)
    quiet = (rank < third).reindex(at, fill_value=False)
    return busy.to_numpy(), quiet.to_numpy()
