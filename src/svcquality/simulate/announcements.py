"""The wait that the ticket machine announces: at some branches, from a month on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from svcquality.simulate.profile import Profile
from svcquality.simulate.tickets import Tickets


def announce(tickets: Tickets, profile: Profile, rng: np.random.Generator) -> Tickets:
    """The same tickets, with the wait that each announced.

    Branches are drawn at random, and all begin in the same month. Whole minutes, right but for a
    lognormal error; for who left, the wait of the next who did not.

    Parameters
    ----------
    tickets : Tickets
    profile : Profile
    rng : Generator
    """
    announcing = np.zeros(profile.branches, dtype=bool)
    share = round(profile.announced_share * profile.branches)
    announcing[rng.permutation(profile.branches)[:share]] = True
    error = np.exp(profile.announced_spread * rng.standard_normal(len(tickets.branch)))
    said = np.round(_offered(tickets) * error)
    begun = tickets.month >= round(profile.announced_from * profile.months)
    told = announcing[tickets.branch] & begun
    return replace(tickets, announced=np.where(told, said, np.nan))


def _offered(tickets: Tickets) -> np.ndarray:
    """The wait of each who stayed; for who left, that of the nearest of the day who stayed."""
    waits = pd.Series(tickets.wait_minutes).mask(tickets.abandoned)
    day = tickets.month * (tickets.branch.max() + 1) + tickets.branch
    offered = waits.groupby(day).bfill()
    return offered.groupby(day).ffill().fillna(0.0).to_numpy()
