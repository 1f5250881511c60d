"""A queue in which some are called first, and who is overtaken in it."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def serve_by_priority(
    arrivals: np.ndarray,
    offsets: np.ndarray,
    service: np.ndarray,
    patience: np.ndarray,
    first: np.ndarray,
    windows: np.ndarray,
    slot_minutes: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Serve the tickets of many days, those marked ``first`` before all others who wait.

    Service that has begun is not interrupted (a non-preemptive head-of-the-line queue with two
    classes: Cobham 1954), and each class is called in order of arrival. With nobody marked it is
    `svcquality.simulate.queue.serve`, whose other rules are the same.

    Parameters
    ----------
    arrivals : ndarray, (n,)
        Minutes after opening, ascending within a day.
    offsets : ndarray of int, (days + 1,)
        Day d holds tickets ``offsets[d]:offsets[d + 1]``.
    service, patience : ndarray, (n,)
        Minutes.
    first : ndarray of bool, (n,)
        Who is called first.
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
    there = np.ones(n, np.bool_)
    slots = windows.shape[1]
    for day in range(len(offsets) - 1):
        open_ = windows[day]
        free = np.zeros(open_.max())
        head, end = offsets[day], offsets[day + 1]
        while True:
            while head < end and not there[head]:
                head += 1
            if head == end:
                break
            # The next call falls where a window is first free for whoever has waited longest.
            best, at = -1, np.inf
            for w in range(len(free)):
                start = max(arrivals[head], free[w])
                slot = min(int(start / slot_minutes), slots - 1)
                while slot < slots - 1 and w >= open_[slot]:
                    slot += 1
                    start = slot * slot_minutes
                if w < open_[slot] and start < at:
                    best, at = w, start
            chosen = -1
            for i in range(head, end):
                if arrivals[i] > at:
                    break
                if not there[i]:
                    continue
                if at - arrivals[i] > patience[i]:
                    waits[i], window[i], there[i] = patience[i], -1, False
                elif first[i]:
                    chosen = i
                    break
                elif chosen < 0:
                    chosen = i
            if chosen >= 0:
                waits[chosen], window[chosen], there[chosen] = at - arrivals[chosen], best, False
                free[best] = at + service[chosen]
    return waits, window


@njit(cache=True)
def overtaken(
    offsets: np.ndarray, called: np.ndarray, left: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """Who was called after somebody who came later and was to be called first.

    Parameters
    ----------
    offsets : ndarray of int, (days + 1,)
        Day d holds tickets ``offsets[d]:offsets[d + 1]``, in order of arrival.
    called : ndarray of int, (n,)
        Seconds.
    left, first : ndarray of bool, (n,)
        Who left unserved, and who is called first.

    Returns
    -------
    ndarray of bool, (n,)
    """
    out = np.zeros(len(called), np.bool_)
    for day in range(len(offsets) - 1):
        earliest = np.iinfo(np.int64).max
        for i in range(offsets[day + 1] - 1, offsets[day] - 1, -1):
            if left[i]:
                continue
            if first[i]:
                earliest = min(earliest, called[i])
            else:
                out[i] = called[i] > earliest
    return out
