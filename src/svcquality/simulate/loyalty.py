"""The monthly hazard of closing, and what it would be with and without each trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svcquality.simulate.months import MISSING, Calendar
from svcquality.simulate.profile import Profile
from svcquality.simulate.satisfaction import REFERENCE_AGE, logistic

if TYPE_CHECKING:
    from svcquality.simulate.panel import Panel

RECENT_MONTHS = 3
LOW_RATING = 2
ANSWER = ("answered", "customer", "satisfaction")
TROUBLES = ("recent_complaint", "unresolved", "dissatisfied")


class Closings:
    """Closings of one bank, month by month, keeping the sums behind the true differences.

    Parameters
    ----------
    profile : Profile
    panel : Panel
    """

    def __init__(self, profile: Profile, panel: Panel) -> None:
        self.profile = profile
        self.panel = panel
        self.rating = np.full(len(panel.branch), np.nan)
        self.coming = np.empty((0, len(ANSWER)), dtype=np.int64)
        self.at_risk = 0
        self.sums = dict.fromkeys(TROUBLES, 0.0)

    def step(
        self,
        t: int,
        there: np.ndarray,
        complaints: pd.DataFrame,
        complained: np.ndarray,
        surveys: list[pd.DataFrame],
        calendar: Calendar,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Customers who close during month t.

        Parameters
        ----------
        t : int
        there : ndarray of bool, (customers,)
            At risk in this month.
        complaints, complained : DataFrame, ndarray
            Complaints received before this month, and whose they are.
        surveys : list of DataFrame
            The invitations of this month.
        calendar : Calendar
        rng : Generator
        """
        self._remember_ratings(t, surveys, calendar)
        troubles = self.troubles(t, complaints, complained, calendar)
        plain = self._without_troubles(t)
        effects = self.profile.closing_effects
        predictor = plain + sum(effects[name] * troubles[name] for name in TROUBLES)
        for name in TROUBLES:
            rest = (predictor - effects[name] * troubles[name])[there]
            self.sums[name] += float((logistic(rest + effects[name]) - logistic(rest)).sum())
        self.at_risk += int(there.sum())
        return np.flatnonzero(there & (rng.random(len(there)) < logistic(predictor)))

    def differences(self) -> dict[str, float]:
        """Mean over customer-months at risk of the closing probability with minus without."""
        return {name: total / max(self.at_risk, 1) for name, total in self.sums.items()}

    def troubles(
        self, t: int, complaints: pd.DataFrame, complained: np.ndarray, calendar: Calendar
    ) -> dict[str, np.ndarray]:
        """The three indicators at the start of month t."""
        size = len(self.panel.branch)
        month = complaints["month"].to_numpy()
        recent, unresolved = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        recent[complained[(month >= t - RECENT_MONTHS) & (month < t)]] = True
        still_open = complaints["resolved"].to_numpy() >= calendar.edges[t]
        unresolved[complained[still_open & (month < t)]] = True
        return {
            "recent_complaint": recent,
            "unresolved": unresolved,
            "dissatisfied": self.rating <= LOW_RATING,
        }

    def _without_troubles(self, t: int) -> np.ndarray:
        p, panel = self.profile, self.panel
        effects = p.closing_effects
        # Balance as the month before left it; the first month's own where there is none.
        balance = panel.log_balance[:, max(t - 1, 0)]
        return (
            np.log(p.closing / (1 - p.closing))
            + effects["age"] * (panel.age - REFERENCE_AGE) / 10
            + effects["tenure"] * ((t - panel.joined) / 12 - p.tenure_years)
            + effects["products"] * (panel.products - 2)
            + effects["log_balance"] * (balance - p.log_balance["mass"])
        )

    def _remember_ratings(self, t: int, new: list[pd.DataFrame], calendar: Calendar) -> None:
        """Take in the answers given before month t; those still to come wait for their month."""
        asked = [frame[list(ANSWER)].to_numpy(dtype=np.int64) for frame in new]
        coming = np.concatenate([self.coming, *asked])
        coming = coming[coming[:, 0] != MISSING]
        given = coming[:, 0] < calendar.edges[t]
        last = coming[given][np.argsort(coming[given, 0], kind="stable")]
        self.rating[last[:, 1]] = last[:, 2]
        self.coming = coming[~given]
