"""The queue of a branch on one day: tickets arrive over the day, windows serve in order of arrival.

A discrete-event queue with a time-varying arrival rate, windows that open and close by the half
hour, and customers who leave when their patience ends (the G/G/c+G queue; with constant rates it
is Erlang's A, and C when nobody leaves: Garnett, Mandelbaum and Reiman 2002).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from svcquality.simulate.profile import Profile

OPENING_HOUR = 9
SLOT_MINUTES = 30.0
ARRIVALS = np.array(
    [1.45, 1.50, 1.30, 1.10, 0.95, 0.95, 1.30, 1.35, 1.00, 0.85, 0.85, 0.90, 0.85, 0.70, 0.55, 0.40]
)
"""Arrival rate by half hour from 9:00, relative to the day's mean: opening and noon peaks."""
LUNCH = slice(6, 9)
"""Half hours from 12:00 in which one window in two closes for lunch."""


def arrival_minutes(counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Arrival times of an inhomogeneous Poisson process, given the tickets of each day.

    Parameters
    ----------
    counts : ndarray of int, (days,)
        Tickets a day.
    rng : Generator

    Returns
    -------
    ndarray of float, (counts.sum(),)
        Minutes after opening, ascending within a day, days in order. Given their number, arrivals
        are independent draws from the normalised rate.
    """
    share = np.concatenate(([0.0], np.cumsum(ARRIVALS / ARRIVALS.sum())))
    edges = np.arange(len(share)) * SLOT_MINUTES
    minutes = np.interp(rng.random(int(counts.sum())), share, edges)
    day = np.repeat(np.arange(len(counts)), counts)
    return minutes[np.lexsort((minutes, day))]


def staffing(tickets: np.ndarray, tightness: np.ndarray, profile: Profile) -> np.ndarray:
    """Open windows by branch and half hour, planned for the branch's usual day.

    Parameters
    ----------
    tickets : ndarray, (branches,)
        Usual tickets a day.
    tightness : ndarray, (branches,)
        Load planned for, relative to the bank's; above 1 the branch has too few windows.
    profile : Profile

    Returns
    -------
    ndarray of int, (branches, half hours)
        At least 1 everywhere.
    """
    mean = sum(profile.service_minutes[k] * share for k, share in profile.service_mix.items())
    arrivals = ARRIVALS / ARRIVALS.sum() * tickets[:, None]
    needed = arrivals * mean / SLOT_MINUTES / (profile.planned_utilisation * tightness[:, None])
    # What rounding takes from one half hour it gives to the next.
    whole = np.floor(np.cumsum(needed, axis=1) + 0.5)
    windows = np.maximum(np.diff(whole, axis=1, prepend=0), 1).astype(np.int64)
    windows[:, LUNCH] = np.maximum(windows[:, LUNCH] - windows[:, LUNCH] // 2, 1)
    return windows


@njit(cache=True)
def serve(
    arrivals: np.ndarray,
    offsets: np.ndarray,
    service: np.ndarray,
    patience: np.ndarray,
    windows: np.ndarray,
    slot_minutes: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Serve the tickets of many days, first come first served.

    A ticket takes the window that is free first; whoever would wait longer than their patience
    leaves at its end and takes no window. Since tickets are called in order, the calls of a day
    never go back in time and one pass over the arrivals is exact. Windows that close in a half
    hour finish who they serve; those of the last half hour serve until the queue is empty.

    Parameters
    ----------
    arrivals : ndarray, (n,)
        Minutes after opening, ascending within a day.
    offsets : ndarray of int, (days + 1,)
        Day d holds tickets ``offsets[d]:offsets[d + 1]``.
    service, patience : ndarray, (n,)
        Minutes.
    windows : ndarray of int, (days, slots)
        Open windows by slot.
    slot_minutes : float
        Length of a slot.

    Returns
    -------
    waits : ndarray, (n,)
        Minutes to the call, or to leaving.
    window : ndarray of int, (n,)
        The window that served; -1 for who left.
    """
    n = len(arrivals)
    waits = np.empty(n)
    window = np.empty(n, np.int64)
    slots = windows.shape[1]
    for day in range(len(offsets) - 1):
        open_ = windows[day]
        free = np.zeros(open_.max())
        for i in range(offsets[day], offsets[day + 1]):
            best, at = -1, np.inf
            for w in range(len(free)):
                start = max(arrivals[i], free[w])
                slot = min(int(start / slot_minutes), slots - 1)
                while slot < slots - 1 and w >= open_[slot]:
                    slot += 1
                    start = slot * slot_minutes
                if w < open_[slot] and start < at:
                    best, at = w, start
            wait = at - arrivals[i]
            if wait > patience[i]:
                waits[i], window[i] = patience[i], -1
            else:
                waits[i], window[i] = wait, best
                free[best] = at + service[i]
    return waits, window
