"""The ticket log: one sampled working day of every branch and month, through its queue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from svcquality.simulate.complaints import pick
from svcquality.simulate.months import Calendar
from svcquality.simulate.network import Network
from svcquality.simulate.priority import overtaken, serve_by_priority
from svcquality.simulate.profile import Profile
from svcquality.simulate.queue import OPENING_HOUR, SLOT_MINUTES, arrival_minutes, serve

FEWEST_TICKETS = 5


@dataclass(frozen=True)
class Tickets:
    """Queue tickets in order of month, branch and arrival; times in seconds, waits in minutes.

    ``called`` and ``ended`` hold the moment of leaving for who left; ``staff`` is -1 for them.
    ``first`` are those to be called before others, ``overtaken`` those who saw it happen;
    ``announced`` is the wait that the ticket foretold, NaN where it told none.
    """

    month: np.ndarray
    branch: np.ndarray
    arrived: np.ndarray
    called: np.ndarray
    started: np.ndarray
    ended: np.ndarray
    staff: np.ndarray
    abandoned: np.ndarray
    first: np.ndarray
    overtaken: np.ndarray
    service_type: np.ndarray
    channel: np.ndarray
    announced: np.ndarray

    @property
    def wait_minutes(self) -> np.ndarray:
        """From ticket to call (or to leaving)."""
        return (self.called - self.arrived) / 60

    def month_edges(self, months: int) -> np.ndarray:
        """Tickets of month t are rows ``edges[t]:edges[t + 1]``."""
        return np.searchsorted(self.month, np.arange(months + 1))


def make_tickets(
    network: Network,
    profile: Profile,
    calendar: Calendar,
    rng: np.random.Generator,
    rng_of_priority: np.random.Generator,
) -> Tickets:
    """Simulate the queue of each branch on one day a month."""
    b, t = profile.branches, calendar.months
    month, branch = np.repeat(np.arange(t), b), np.tile(np.arange(b), t)
    usual = network.visits[branch, month] / profile.working_days
    swing = np.exp(profile.load_noise * rng.standard_normal(b * t) - profile.load_noise**2 / 2)
    counts = np.maximum(rng.poisson(usual * swing), FEWEST_TICKETS)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    n = int(offsets[-1])

    arrivals = arrival_minutes(counts, rng)
    service_type = pick(dict(profile.service_mix), n, rng)
    names = np.array(list(profile.service_minutes), dtype=object)
    mean = np.zeros(n)
    for name in names:
        mean[service_type == name] = profile.service_minutes[name]
    spread = profile.service_spread
    service = np.maximum(mean * np.exp(spread * rng.standard_normal(n) - spread**2 / 2), 0.75)
    patience = profile.patience_minutes * rng.standard_exponential(n)
    windows = network.windows[branch]
    first = np.zeros(n, dtype=bool)
    if profile.first_segments:
        chance = sum(profile.segments[s] for s in profile.first_segments)
        first = rng_of_priority.random(n) < chance / sum(profile.segments.values())
        waits, window = serve_by_priority(
            arrivals, offsets, service, patience, first, windows, SLOT_MINUTES
        )
    else:
        waits, window = serve(arrivals, offsets, service, patience, windows, SLOT_MINUTES)
    day = np.repeat(np.arange(b * t), counts)
    opening = calendar.workday(month, rng) + OPENING_HOUR * 3600
    arrived = opening[day] + np.round(arrivals * 60).astype(np.int64)
    # Calling a ticket takes a moment even where a window is free.
    moment = profile.call_seconds * (0.5 + 0.5 * rng.standard_exponential(n))
    called = arrived + np.round(waits * 60 + moment).astype(np.int64)
    left = window < 0
    rotation = rng.integers(profile.staff_per_branch, size=b * t)
    return Tickets(
        month=month[day],
        branch=branch[day],
        arrived=arrived,
        called=called,
        started=called + rng.integers(5, 31, size=n),
        ended=called + np.round(service * 60).astype(np.int64),
        staff=np.where(left, -1, (window + rotation[day]) % profile.staff_per_branch),
        abandoned=left,
        first=first,
        overtaken=overtaken(offsets, called, left, first),
        service_type=service_type,
        channel=np.where(rng.random(n) < profile.mobile_tickets, "mobile", "counter").astype(
            object
        ),
        announced=np.full(n, np.nan),
    )
