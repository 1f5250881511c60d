"""Customers who left the queue: how many, how patient they were, and what their silence hides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from svcquality.checks.abandonment import abandonment
from svcquality.designs._adjusted import Adjusted
from svcquality.designs._rows import Quantity
from svcquality.errors import InputError
from svcquality.estimators.kaplan_meier import kaplan_meier
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.patience import (
    Patience,
    exponential_patience,
    patience_without_moments,
)
from svcquality.findings import Check
from svcquality.language import Text
from svcquality.models.matrix import as_float

MORE_MINUTES = 10.0
FEWEST_LEAVERS = 10
SHORTEST = 1 / 60
"""Minutes; a ticket that would have been called at once is taken to have waited a second."""

TICKETS = Text("取号客户", "queue tickets")
LEFT = Text("弃号比例", "the share abandoned before being served")
CUSTOMERS = Text("取号客户", "patience")
MEDIAN = Text(
    "耐心中位数（半数客户会离开的等候时间{assumed}）",
    "the wait after which half of the customers would have left{assumed}",
)
ASSUMED = Text("，假定服从指数分布", " (an exponential patience assumed)")


@dataclass(frozen=True)
class Leavers:
    """Rows of the table and checks; both empty where nobody left or it is not recorded."""

    quantities: list[Quantity]
    checks: list[Check]


def leavers(bank: Any, model: Adjusted) -> Leavers:
    """Describe those who left, and bound what counting them could do to ten more minutes.

    Being served hides how long a customer would have waited: it is a censored observation of
    patience. Where the log says when customers left, the median is Kaplan & Meier's, if the curve
    gets there; else that of an exponential distribution.
    """
    visits = bank.visits
    if visits is None or visits["abandoned"].notna().sum() == 0:
        return Leavers([], [])
    rows = visits[visits["abandoned"].notna()]
    left = rows["abandoned"].to_numpy(dtype=bool)
    if not left.any():
        return Leavers([], [])
    quantities = [_share(left)]
    patience = None
    if left.sum() >= FEWEST_LEAVERS:
        median, patience = _patience(rows, left)
        quantities += median
    bounds = None if patience is None else _bounds(model, patience)
    return Leavers(quantities, [abandonment(float(left.mean()), bounds)])


def _share(left: np.ndarray) -> Quantity:
    """Share of tickets abandoned, with Wilson's interval."""
    n, share = len(left), float(left.mean())
    low, high = proportion_confint(int(left.sum()), n, method="wilson")
    error = float(np.sqrt(share * (1 - share) / n))
    value = Contrast(share, error, float(low), float(high), np.nan, np.inf)
    return Quantity("abandoned", TICKETS, LEFT, value, n, "share", "Wilson", null=np.nan)


def _patience(rows: pd.DataFrame, left: np.ndarray) -> tuple[list[Quantity], Patience | None]:
    """The median patience as a row, and the exponential distribution nearest to the log."""
    called = rows["called"].fillna(rows["started"])
    arrived = rows["arrived"]
    moment = rows["ended"].where(left & called.isna().to_numpy())
    waited = _minutes(called - arrived)
    leaving = _minutes(moment - arrived)
    served = ~left & ~np.isnan(waited)
    known = left & ~np.isnan(leaving)
    try:
        if known.sum() >= left.sum() / 2:
            times = np.where(served, waited, leaving)
            seen = served | known
            patience = exponential_patience(times[seen], served[seen])
            curve = kaplan_meier(times[seen], known[seen])
            middle = curve.quantile(0.5)
            if np.isfinite(middle.estimate):
                value = Contrast(middle.estimate, np.nan, middle.low, middle.high, np.nan, np.inf)
                return [
                    _median(value, int(seen.sum()), "Kaplan-Meier", MEDIAN.format(assumed=""))
                ], patience
            n = int(seen.sum())
        else:
            offered = _offered(rows, called)[left]
            offered = np.maximum(offered[~np.isnan(offered)], SHORTEST)
            patience = patience_without_moments(waited[served], offered)
            n = int(served.sum()) + len(offered)
    except InputError:  # nobody waited, or no leaver's wait is known
        return [], None
    half = np.log(2)
    value = Contrast(
        half * patience.mean_minutes, np.nan, half * patience.low, half * patience.high,
        np.nan, np.inf,
    )  # fmt: skip
    words = MEDIAN.format(assumed=ASSUMED)
    return [_median(value, n, "exponential", words)], patience


def _median(value: Contrast, n: int, kind: str, words: Text) -> Quantity:
    return Quantity("patience_median", CUSTOMERS, words, value, n, "minutes", kind, null=np.nan)


def _minutes(span: pd.Series) -> np.ndarray:
    minutes = span.dt.total_seconds().to_numpy(dtype=float) / 60
    return np.where(minutes >= 0, minutes, np.nan)


def _offered(rows: pd.DataFrame, called: pd.Series) -> np.ndarray:
    """The wait of each ticket had it stayed: to its own call, else to that of the next called."""
    frame = pd.DataFrame(
        {"branch": rows["branch_id"], "day": rows["arrived"].dt.normalize(),
         "arrived": rows["arrived"], "called": called}
    ).sort_values("arrived", kind="stable")  # fmt: skip
    next_call = frame.groupby(["branch", "day"], dropna=False)["called"].bfill()
    return _minutes(next_call.reindex(rows.index) - rows["arrived"])


def _bounds(model: Adjusted, patience: Patience) -> tuple[float, float, float]:
    """Ten more minutes among all who came, whatever those who left think.

    At each wait the share that stays is known; of the others the worst and the best are taken, each
    in the way that moves the difference most (Manski 1989). The first number counts them as not
    satisfied, the others are the bounds.
    """
    waits = as_float(model.rows["wait_minutes"])
    p_now, p_later = (_probabilities(model, minutes) for minutes in (waits, waits + MORE_MINUTES))
    stay_now, stay_later = (
        np.exp(-minutes / patience.mean_minutes) for minutes in (waits, waits + MORE_MINUTES)
    )
    came = 1 / stay_now  # each who stayed stands for those who left after as long a wait
    known = np.average(p_later * stay_later - p_now * stay_now, weights=came)
    gone_now, gone_later = (
        float(np.average(1 - stay, weights=came)) for stay in (stay_now, stay_later)
    )
    return float(known), float(known) - gone_now, float(known) + gone_later


def _probabilities(model: Adjusted, minutes: np.ndarray) -> np.ndarray:
    X = model.X.copy()
    for column, values in model.waits(minutes).items():
        X[:, column] = values
    return model.fit.probability(X, model.category)
