"""Time inside the simulation: whole seconds since the first month began."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from svcquality.errors import InputError

DAY = 86_400
MISSING = np.int64(-1)


@dataclass(frozen=True)
class Calendar:
    """The months simulated.

    Parameters
    ----------
    start : datetime64[M]
        First month.
    months : int
        Number of months.
    """

    start: np.datetime64
    months: int

    @classmethod
    def from_text(cls, start: str, months: int) -> Calendar:
        """Read "2023-01".

        Raises
        ------
        InputError
            If it is not a month.
        """
        try:
            return cls(np.datetime64(start, "M"), months)
        except ValueError as error:
            raise InputError(
                f"{start!r} is not a month; write it as 2023-01.",
                f"{start!r} 不是月份；请写成 2023-01 的形式。",
            ) from error

    @cached_property
    def edges(self) -> np.ndarray:
        """Seconds at which each month begins, and the end of the last: (months + 1,)."""
        firsts = (self.start + np.arange(self.months + 1)).astype("datetime64[s]")
        return (firsts - firsts[0]).astype(np.int64)

    @cached_property
    def month_of_year(self) -> np.ndarray:
        """0 for January: (months,)."""
        return (self.start + np.arange(self.months)).astype(np.int64) % 12

    def month(self, seconds: np.ndarray) -> np.ndarray:
        """Index of the month in which each second falls."""
        return np.searchsorted(self.edges, seconds, side="right") - 1

    def dates(self, months: np.ndarray) -> np.ndarray:
        """First day of each month, ``datetime64[ns]``; months before the window are allowed."""
        return (self.start + np.asarray(months)).astype("datetime64[ns]")

    def times(self, seconds: np.ndarray) -> np.ndarray:
        """Seconds as ``datetime64[ns]``; `MISSING` becomes NaT."""
        first = self.start.astype("datetime64[s]")
        out = (first + np.asarray(seconds, dtype=np.int64).astype("timedelta64[s]")).astype(
            "datetime64[ns]"
        )
        out[np.asarray(seconds) == MISSING] = np.datetime64("NaT")
        return out

    def workday(self, month: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Second at which a random Monday to Friday of each month begins."""
        first = self.edges[month]
        length = (self.edges[np.asarray(month) + 1] - first) // DAY
        day = np.floor(rng.random(len(first)) * length).astype(np.int64)
        weekday = pd.DatetimeIndex(self.times(first + day * DAY)).day_of_week.to_numpy()
        over = np.maximum(weekday - 4, 0)
        # A Saturday or Sunday moves to the Friday before, or past the weekend at a month's start.
        moved = np.where(day - over >= 0, day - over, day + 7 - weekday)
        return first + moved * DAY
