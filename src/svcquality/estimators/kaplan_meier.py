"""Times to an event when some have not happened yet: Kaplan & Meier's curve and its quantiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from svcquality.errors import InputError


@dataclass(frozen=True)
class Point:
    """An estimate with its interval; ``inf`` or NaN where the curve does not reach it."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class KaplanMeier:
    """The share that has not had the event yet, by time.

    Parameters
    ----------
    times : ndarray of shape (m,)
        Distinct times of events, ascending.
    survival, low, high : ndarray of shape (m,)
        Share without the event just after each time, with its pointwise interval.
    n, events : int
    longest : float
        The longest time observed, of an event or not.
    """

    times: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: int
    events: int
    longest: float

    def quantile(self, share: float) -> Point:
        """Time by which ``share`` of all have had the event.

        Where the curve is flat at exactly that share, the middle of the flat part; ``inf`` where
        it never gets there. The interval inverts the pointwise intervals of the curve (Brookmeyer
        & Crowley 1982, Biometrics 38).
        """
        left = 1 - share
        return Point(
            _crossing(self.times, self.survival, left),
            _crossing(self.times, self.low, left),
            _crossing(self.times, self.high, left),
        )

    def happened_by(self, time: float) -> Point:
        """Share that has had the event by ``time``; NaN where nobody was watched that long."""
        if time > self.longest and self.survival[-1] > 0:
            return Point(np.nan, np.nan, np.nan)
        at = int(np.searchsorted(self.times, time, side="right")) - 1
        if at < 0:  # nothing yet: the interval of 0 out of n
            return Point(0.0, 0.0, 1 - 0.05 ** (1 / self.n))
        return Point(
            float(1 - self.survival[at]), float(1 - self.high[at]), float(1 - self.low[at])
        )


def kaplan_meier(time: np.ndarray, event: np.ndarray, *, level: float = 0.95) -> KaplanMeier:
    """Estimate the distribution of a time of which some are only known to be longer.

    Parameters
    ----------
    time : ndarray of shape (n,)
        Time to the event, or to the end of observation; not negative.
    event : ndarray of shape (n,)
        Whether the event happened at that time.
    level : float
        Nominal coverage of the pointwise intervals: Greenwood's variance on the scale of
        ``log(−log S)``, which keeps them within 0 and 1.

    Raises
    ------
    ValueError
        If a time is missing or negative.
    InputError
        If nothing has happened to anyone.

    Notes
    -----
    Kaplan & Meier (1958), J. Amer. Statist. Assoc. 53; Kalbfleisch & Prentice (2002), section 1.4.
    """
    time, event = np.asarray(time, dtype=float), np.asarray(event, dtype=bool)
    if not (time >= 0).all():
        raise ValueError("times must be known and not negative")
    if not event.any():
        raise InputError(
            "No case has had the event yet, so no duration can be described; check the response "
            "times.",
            "没有任何案例已发生该事件，无法描述时长；请检查答复时间。",
        )
    times, happened = np.unique(time[event], return_counts=True)
    at_risk = len(time) - np.searchsorted(np.sort(time), times, side="left")
    survival = np.cumprod(1 - happened / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(happened / (at_risk * (at_risk - happened)))
        log = np.log(survival)
        reach = stats.norm.ppf((1 + level) / 2) * np.sqrt(greenwood) / np.abs(log)
        low, high = survival ** np.exp(reach), survival ** np.exp(-reach)
    ended = survival <= 0  # the scale has no value there: keep the interval before it
    if ended.any() and not ended.all():
        last = np.flatnonzero(~ended)[-1]
        low[ended], high[ended] = 0.0, high[last]
    elif ended.all():
        low[:], high[:] = 0.0, 1.0
    return KaplanMeier(times, survival, low, high, len(time), int(event.sum()), float(time.max()))


def _crossing(times: np.ndarray, curve: np.ndarray, share: float) -> float:
    """First time at which a falling curve is at or below ``share``."""
    below = np.flatnonzero(curve <= share + 1e-12)
    if not len(below):
        return float("inf")
    first = below[0]
    flat = abs(curve[first] - share) < 1e-12 and first + 1 < len(times)
    return float((times[first] + times[first + 1]) / 2) if flat else float(times[first])
