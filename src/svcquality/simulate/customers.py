"""The panel of customers, and their complaints, ratings and closings month after month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.simulate.loyalty import Closings
from svcquality.simulate.months import Calendar
from svcquality.simulate.network import Network, Schedule
from svcquality.simulate.panel import Panel
from svcquality.simulate.profile import Profile
from svcquality.simulate.satisfaction import REFERENCE_AGE
from svcquality.simulate.shared import value
from svcquality.simulate.surveys import after_complaints, after_visits
from svcquality.simulate.tickets import Tickets


@dataclass(frozen=True)
class Life:
    """What happened to the panel: who came, complained and answered, and who closed when."""

    ticket_customer: np.ndarray
    complaint_customer: np.ndarray
    surveys: pd.DataFrame
    closed_month: np.ndarray
    closings: Closings


def draw_customers(
    branch: np.ndarray, weights: np.ndarray, size: int, rng: np.random.Generator
) -> np.ndarray:
    """One customer of its branch for each event, with chances proportional to the weights.

    Parameters
    ----------
    branch : ndarray of int, (events,)
    weights : ndarray, (customers,)
        In order of branch, ``size`` customers a branch; not all zero in a branch.
    """
    edges = np.concatenate(([0.0], np.cumsum(weights)))
    low, high = edges[branch * size], edges[(branch + 1) * size]
    at = low + (high - low) * rng.random(len(branch))
    chosen = np.searchsorted(edges, at, side="right") - 1
    return np.clip(chosen, branch * size, (branch + 1) * size - 1)


def _visitors(
    tickets: Tickets,
    came: slice,
    weights: np.ndarray,
    is_first: np.ndarray,
    size: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Whose tickets they are; those called first belong to the segments that are."""
    branch, first = tickets.branch[came], tickets.first[came]
    if not first.any():
        return draw_customers(branch, weights, size, rng)
    who = np.empty(len(branch), dtype=np.int64)
    for group in (False, True):
        # A branch without such a customer still has the ticket: then it is anybody's.
        theirs = weights * np.where(is_first == group, 1.0, 1e-9)
        who[first == group] = draw_customers(branch[first == group], theirs, size, rng)
    return who


def live(
    panel: Panel,
    tickets: Tickets,
    complaints: pd.DataFrame,
    network: Network,
    plan: Schedule,
    profile: Profile,
    calendar: Calendar,
    rng: np.random.Generator,
) -> Life:
    """Go through the months: visits, complaints, ratings, then closings, each from what came before.

    A repeated complaint is from the customer of the first one.
    """
    size = profile.customers_per_branch
    closed = np.full(len(panel.branch), calendar.months)
    who_came = np.empty(len(tickets.branch), dtype=np.int64)
    who_complained = np.empty(len(complaints), dtype=np.int64)
    repeats = complaints["repeats"].to_numpy()
    branch = complaints["branch"].to_numpy()
    ticket_edges = tickets.month_edges(calendar.months)
    complaint_edges = np.searchsorted(
        complaints["month"].to_numpy(), np.arange(calendar.months + 1)
    )
    inclined = np.exp(
        profile.complains["age"] * (panel.age - REFERENCE_AGE) / 10
        + profile.complains["products"] * (panel.products - 2)
    )
    comes = rng.gamma(value("visiting_shape"), size=len(panel.branch))
    is_first = np.isin(panel.segment, profile.first_segments)
    surveys: list[pd.DataFrame] = []
    closings = Closings(profile, panel)
    for t in range(calendar.months):
        there = ((panel.joined <= t) & (closed >= t)).astype(float)
        present = np.maximum(there, 1e-12)  # a branch that lost everybody still is visited
        came = slice(ticket_edges[t], ticket_edges[t + 1])
        who_came[came] = _visitors(tickets, came, present * comes, is_first, size, rng)
        new = np.arange(complaint_edges[t], complaint_edges[t + 1])
        who_complained[new] = draw_customers(branch[new], present * inclined, size, rng)
        again = new[repeats[new] >= 0]
        who_complained[again] = who_complained[repeats[again]]
        known = complaints.iloc[: complaint_edges[t + 1]]
        who_known = who_complained[: complaint_edges[t + 1]]
        asked = [
            after_visits(
                came, tickets, who_came[came], panel, known, who_known, network, plan, profile,
                calendar, rng,
            ),
            after_complaints(new, complaints, who_complained[new], panel, profile, calendar, rng),
        ]  # fmt: skip
        surveys += asked
        before = slice(0, complaint_edges[t])
        leaves = closings.step(
            t, there > 0, complaints.iloc[before], who_complained[before], asked, calendar, rng
        )
        closed[leaves] = t
    every = pd.concat(surveys, ignore_index=True).sort_values("invited", kind="stable")
    return Life(who_came, who_complained, every.reset_index(drop=True), closed, closings)
