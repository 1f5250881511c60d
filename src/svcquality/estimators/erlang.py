"""Erlang's B, C and A: how long a queue is with so many windows, and how many windows it takes.

Arrivals are Poisson, service times exponential; B turns customers away when all windows are busy,
C lets them wait for ever, A lets them leave when their (exponential) patience ends. Real service
times and changing rates belong to `queue_simulation`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from svcquality.errors import InputError


@dataclass(frozen=True)
class Queue:
    """A queue in its steady state.

    Parameters
    ----------
    servers : int
    p_wait : float
        Share of arrivals that find every window busy.
    mean_wait_minutes : float
        Of all arrivals, those who leave included; infinite where the queue only grows.
    mean_wait_served_minutes : float
        Of those who are served.
    service_level : float
        Share of all arrivals whose service begins within the threshold.
    abandonment : float
        Share of arrivals who leave before their service begins.
    queue_length : float
        Mean number waiting.
    occupancy : float
        Share of the open windows' time that is spent serving.
    """

    servers: int
    p_wait: float
    mean_wait_minutes: float
    mean_wait_served_minutes: float
    service_level: float
    abandonment: float
    queue_length: float
    occupancy: float


@dataclass(frozen=True)
class Staffing:
    """Windows that reach a target.

    Parameters
    ----------
    servers : int
        Open windows.
    positions : int
        People to roster, so that this many are at their windows after ``shrinkage``.
    queue : Queue
        What the customers then meet.
    """

    servers: int
    positions: int
    queue: Queue


def erlang_b(load: float, servers: int) -> float:
    """Share of arrivals that are turned away when nobody can wait.

    Parameters
    ----------
    load : float
        Offered load in Erlangs: arrivals a minute times minutes of service.
    servers : int
        Zero or more.

    Notes
    -----
    Erlang (1917), as one over the sum of Poisson weights relative to that of ``servers``: neither
    overflows with many windows nor underflows with hopelessly few.
    """
    _require(load >= 0 and servers >= 0, "load and servers must not be negative")
    if load == 0:
        return float(servers == 0)
    return math.exp(-float(special.logsumexp(_log_weights(load, servers))))


def _log_weights(load: float, servers: int) -> np.ndarray:
    """Logs of the chances of 0 … servers busy windows relative to that of all, (servers + 1,)."""
    k = np.arange(servers + 1)
    return special.gammaln(servers + 1) - special.gammaln(k + 1) - (servers - k) * math.log(load)


def erlang_c(
    arrivals_per_minute: float,
    service_minutes: float,
    servers: int,
    *,
    threshold_minutes: float = 0.0,
) -> Queue:
    """Queue in which everybody waits as long as it takes (M/M/n).

    Parameters
    ----------
    arrivals_per_minute, service_minutes : float
        Positive.
    servers : int
        At least 1. With no more than the offered load the queue grows without end: waits are
        infinite and the service level is 0.
    threshold_minutes : float
        Of the service level.
    """
    _check(arrivals_per_minute, service_minutes, servers, threshold_minutes)
    load = arrivals_per_minute * service_minutes
    if servers <= load:
        return Queue(servers, 1.0, math.inf, math.inf, 0.0, 0.0, math.inf, 1.0)
    blocked = erlang_b(load, servers)
    busy = load / servers
    p_wait = blocked / (1 - busy * (1 - blocked))
    spare = (servers - load) / service_minutes  # rate at which a queue empties, per minute
    wait = p_wait / spare
    level = 1 - p_wait * math.exp(-spare * threshold_minutes)
    return Queue(servers, p_wait, wait, wait, level, 0.0, arrivals_per_minute * wait, busy)


def erlang_a(
    arrivals_per_minute: float,
    service_minutes: float,
    patience_minutes: float,
    servers: int,
    *,
    threshold_minutes: float = 0.0,
) -> Queue:
    """Queue that customers leave when their patience ends (M/M/n+M).

    Parameters
    ----------
    arrivals_per_minute, service_minutes, patience_minutes : float
        Positive; ``patience_minutes`` is the mean of an exponential distribution.
    servers : int
        At least 1. The queue is stable with any number.
    threshold_minutes : float
        Of the service level.

    Notes
    -----
    Palm (1957); Garnett, Mandelbaum & Reiman (2002), Manufacturing & Service Operations Management
    4. An arrival that meets k customers waiting is offered a wait that is a sum of exponential
    times with rates ``nμ + jθ, j = 0 … k``, which is ``−log(B) / θ`` with B of a
    Beta(nμ/θ, k + 1) distribution: service levels follow from the incomplete beta function.
    """
    _check(arrivals_per_minute, service_minutes, servers, threshold_minutes)
    _require(patience_minutes > 0, "patience must be positive")
    leave, serve = 1 / patience_minutes, servers / service_minutes
    load = arrivals_per_minute * service_minutes
    # Queues beyond this have no weight: 12 standard deviations above the likeliest length.
    longest = math.ceil(
        max(0.0, (arrivals_per_minute - serve) / leave)
        + 12 * math.sqrt(arrivals_per_minute / leave)
        + 60
    )
    waiting = np.arange(longest + 1)
    log_ratio = np.log(arrivals_per_minute) - np.log(serve + waiting[1:] * leave)
    log_weight = np.concatenate([[0.0], np.cumsum(log_ratio)])  # relative to: all busy, none waits
    log_idle = float(special.logsumexp(_log_weights(load, servers)[:-1]))
    log_total = special.logsumexp(np.append(log_weight, log_idle))
    p = np.exp(log_weight - log_total)
    at_once = math.exp(log_idle - log_total)
    c = serve / leave
    stays = c / (c + waiting + 1)  # share served of those who meet so many waiting
    late = -np.expm1(-leave * threshold_minutes)
    in_time = stays * special.betainc(waiting + 1, c + 1, late)
    # Sums of positive parts only: in a hopeless queue nearly everybody leaves, and one minus the
    # leavers, or a difference of digamma functions, would be rounding error.
    served = at_once + float(p @ stays)
    offered = stays * np.cumsum(1 / (c + waiting + 1)) / leave
    queue = float(p @ waiting)
    return Queue(
        servers=servers,
        p_wait=float(p.sum()),
        mean_wait_minutes=queue / arrivals_per_minute,
        mean_wait_served_minutes=float(p @ offered) / served,
        service_level=at_once + float(p @ in_time),
        abandonment=queue * leave / arrivals_per_minute,
        queue_length=queue,
        occupancy=load * served / servers,
    )


def servers_needed(
    arrivals_per_minute: float,
    service_minutes: float,
    *,
    service_level: float = 0.8,
    threshold_minutes: float,
    patience_minutes: float | None = None,
    shrinkage: float = 0.0,
) -> Staffing:
    """Fewest windows with which enough customers are called in time.

    Parameters
    ----------
    arrivals_per_minute, service_minutes : float
    service_level : float
        Share of arrivals to be called within the threshold, below 1.
    threshold_minutes : float
    patience_minutes : float, optional
        With it Erlang's A, else C.
    shrinkage : float
        Share of the rostered time not spent at a window, within [0, 1).

    Raises
    ------
    InputError
        If the service level is not between 0 and 1, or the shrinkage not within [0, 1).
    """
    if not (0 < service_level < 1 and 0 <= shrinkage < 1):
        raise InputError(
            "A service level lies between 0 and 1 and shrinkage from 0 to below 1; "
            "for 80% write 0.8.",
            "服务水平应在 0 与 1 之间，缩减率应大于等于 0 且小于 1；80% 请写作 0.8。",
        )

    def queue(servers: int) -> Queue:
        if patience_minutes is None:
            return erlang_c(
                arrivals_per_minute, service_minutes, servers, threshold_minutes=threshold_minutes
            )
        return erlang_a(
            arrivals_per_minute, service_minutes, patience_minutes, servers,
            threshold_minutes=threshold_minutes,
        )  # fmt: skip

    low, high = 0, 1  # low never suffices; double high until it does, then halve between
    while queue(high).service_level < service_level:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if queue(middle).service_level < service_level:
            low = middle
        else:
            high = middle
    positions = math.ceil(high / (1 - shrinkage) - 1e-9)  # 14 / 0.7 is 20, not 20.000…004
    return Staffing(high, positions, queue(high))


def _check(arrivals: float, service: float, servers: int, threshold: float) -> None:
    _require(arrivals > 0 and service > 0, "arrivals and service time must be positive")
    _require(servers >= 1 and threshold >= 0, "at least one window, and no negative threshold")


def _require(fulfilled: bool, message: str) -> None:
    if not fulfilled:
        raise ValueError(message)
