"""Topics that rise: their shares month by month, and the last month against those before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.causes.shares import wilson
from svcquality.causes.topics import Topics
from svcquality.errors import InputError
from svcquality.estimators.multiplicity import adjusted_p

FEWEST_MONTHS = 4
"""Months that a test needs, to see how much shares vary from month to month anyway."""
FEWEST_EXPECTED = 5.0
"""Complaints of a topic expected in the last month, below which it is not tested."""
FEWEST_TEXTS = 10
"""Distinct texts in the last month, below which no topic is called rising."""
FALSE_FOUND = 0.05


@dataclass(frozen=True, eq=False)
class TopicTrends:
    """Topics over time.

    Parameters
    ----------
    monthly : DataFrame
        One row a topic and calendar month with complaints: ``topic, month`` (its first day), ``n``,
        ``total`` (complaints of the month), ``share, low, high``.
    changes : DataFrame
        One row a topic: ``topic``, ``last`` and ``before`` (shares in the last month and in all
        earlier ones), ``change`` (their difference) with ``low, high``, ``texts`` (distinct ones in
        the last month), ``p`` and ``p_adjusted`` (last month against those before),
        ``trend_p`` and ``trend_p_adjusted`` (steady rise or fall over all months), ``trend``
        (change of the share a year), ``rising``. Missing where there is too little to test.
    undated : int
        Complaints without a date, left out.
    """

    monthly: pd.DataFrame
    changes: pd.DataFrame
    undated: int

    @property
    def last_month(self) -> pd.Timestamp:
        """First day of the last month, which may not be over yet."""
        return pd.Timestamp(self.monthly["month"].max())

    @property
    def rising(self) -> list[str]:
        """Topics that rose in the last month, the steepest first."""
        found = self.changes[self.changes["rising"]]
        return found.sort_values("change", ascending=False)["topic"].tolist()


def topic_trends(topics: Topics, received: pd.Series, *, level: float = 0.95) -> TopicTrends:
    """Shares of topics by month, and which rose in the last one.

    Parameters
    ----------
    topics : Topics
    received : Series of datetime64
        When each complaint was received; index complaint id.
    level : float
        Nominal coverage of the intervals.

    Returns
    -------
    TopicTrends

    Raises
    ------
    InputError
        If no complaint has a date.

    Notes
    -----
    Score tests of a linear change of a share over ``x``, which is the month (Cochran 1954;
    Armitage 1955) or whether it is the last one; their statistic is divided by what is left of the
    chi-squared per degree of freedom where that is above 1, and held against Student's t: shares
    vary more from month to month than by chance alone. The interval of the change is Newcombe's
    (1998), with numbers of complaints divided by the same. p-values are adjusted over topics so that
    of the topics found at most 5% are expected to be false (Benjamini & Hochberg 1995). A topic is
    ``rising`` if its adjusted p-value is at most 0.05, its share is higher, and at least
    `FEWEST_TEXTS` different texts of the last month speak of it: copies of one text are one voice.
    """
    month = received.reindex(topics.primary.index).dt.to_period("M")
    dated = month.notna().to_numpy()
    if not dated.any():
        raise InputError(
            "No complaint has a date; name the column that holds it as 'received' in the mapping.",
            "投诉没有日期；请在映射文件中把收到日期所在的列对应为 received。",
        )
    topic, month = topics.primary[dated], month[dated]
    names = list(topics.probabilities.columns)
    counts = pd.crosstab(month, topic).reindex(columns=names, fill_value=0).sort_index()
    owner = topics.documents["duplicate_of"][dated]
    owner = owner.where(owner.notna(), owner.index.to_series())
    late = (month == counts.index[-1]).to_numpy()
    texts = owner[late].groupby(topic[late]).nunique().reindex(names, fill_value=0)
    return TopicTrends(_monthly(counts, level), _changes(counts, texts, level), int((~dated).sum()))


def _monthly(counts: pd.DataFrame, level: float) -> pd.DataFrame:
    totals = counts.sum(axis=1)
    frame = pd.DataFrame(
        {
            "topic": np.repeat(counts.columns.to_numpy(), len(counts)),
            "month": np.tile(pd.PeriodIndex(counts.index).to_timestamp(), counts.shape[1]),
            "n": counts.to_numpy().T.ravel(),
            "total": np.tile(totals.to_numpy(), counts.shape[1]),
        }
    )
    frame["share"] = frame["n"] / frame["total"]
    ends = [wilson(s, n, level=level) for s, n in zip(frame["share"], frame["total"], strict=True)]
    return frame.assign(low=[low for low, _ in ends], high=[high for _, high in ends])


def _changes(counts: pd.DataFrame, texts: pd.Series, level: float) -> pd.DataFrame:
    totals = counts.sum(axis=1).to_numpy(dtype=float)
    n = counts.to_numpy(dtype=float)
    months = len(counts)
    at = counts.index.astype("int64").to_numpy(dtype=float)  # months without complaints are gaps
    now = n[-1] / totals[-1]
    before = n[:-1].sum(axis=0) / totals[:-1].sum() if months > 1 else np.full(len(now), np.nan)
    expected = totals[-1] * n.sum(axis=0) / totals.sum()
    tested = (expected >= FEWEST_EXPECTED) & (months >= FEWEST_MONTHS)
    step, step_over, _ = _score_test(n, totals, (at == at[-1]).astype(float))
    slope, _, rate = _score_test(n, totals, at)
    df = max(months - 2, 1)
    p = np.where(tested, 2 * stats.t.sf(np.abs(step), df), np.nan)
    trend_p = np.where(tested, 2 * stats.t.sf(np.abs(slope), df), np.nan)
    adjusted = adjusted_p(p, "bh")
    low, high = np.full((2, len(now)), np.nan)
    for i in np.flatnonzero(tested):
        sizes = np.array([totals[-1], totals[:-1].sum()]) / step_over[i]
        low[i], high[i] = _difference((now[i], before[i]), sizes, df, level)
    return pd.DataFrame(
        {
            "topic": counts.columns.astype("str"),
            "last": now,
            "before": before,
            "change": now - before,
            "low": low,
            "high": high,
            "texts": texts.to_numpy(dtype="int64"),
            "p": p,
            "p_adjusted": adjusted,
            "trend": np.where(tested, 12 * rate, np.nan),
            "trend_p": trend_p,
            "trend_p_adjusted": adjusted_p(trend_p, "bh"),
            "rising": (adjusted <= FALSE_FOUND)
            & (now > before)
            & (texts >= FEWEST_TEXTS).to_numpy(),
        }
    )


def _difference(
    shares: tuple[float, float], sizes: np.ndarray, df: float, level: float
) -> tuple[float, float]:
    """Interval of the first share minus the second: Newcombe (1998), method 10."""
    a, b = shares
    (a_low, a_high), (b_low, b_high) = (
        wilson(share, n, df, level) for share, n in zip(shares, sizes, strict=True)
    )
    low = a - b - float(np.hypot(a - a_low, b_high - b))
    high = a - b + float(np.hypot(a_high - a, b - b_low))
    return low, high


def _score_test(
    n: np.ndarray, totals: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score test of shares on ``x``, allowing for more variation than the binomial's.

    Parameters
    ----------
    n : ndarray of shape (months, topics)
    totals, x : ndarray of shape (months,)

    Returns
    -------
    statistic, dispersion, slope : ndarray of shape (topics,)
        The statistic is scaled by the dispersion, which is at least 1; the slope is the change of
        the share with one more ``x``, by weighted least squares.
    """
    share = n.sum(axis=0) / totals.sum()
    variance = share * (1 - share)
    centred = x - np.average(x, weights=totals)
    spread = float((totals * centred**2).sum())
    slope = (centred @ n) / spread if spread > 0 else np.zeros(n.shape[1])
    explained = _over(slope**2 * spread, variance)
    rest = _over(((n - np.outer(totals, share)) ** 2 / totals[:, None]).sum(axis=0), variance)
    dispersion = np.maximum(1.0, (rest - explained) / max(len(totals) - 2, 1))
    return np.sign(slope) * np.sqrt(explained / dispersion), dispersion, slope


def _over(value: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Nothing varies where a share is 0 or 1."""
    return np.divide(value, variance, out=np.zeros_like(value), where=variance > 0)
