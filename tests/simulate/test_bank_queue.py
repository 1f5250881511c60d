"""The queue kernel against closed forms, and by its own rules."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.simulate.priority import overtaken, serve_by_priority
from svcquality.simulate.queue import ARRIVALS, SLOT_MINUTES, arrival_minutes, serve

FOREVER = 1e9


def poisson_arrivals(rate: float, minutes: float, rng: np.random.Generator) -> np.ndarray:
    n = rng.poisson(rate * minutes)
    return np.sort(rng.random(n) * minutes)


def run(arrivals, service, patience, windows):
    return serve(
        arrivals,
        np.array([0, len(arrivals)]),
        service,
        patience,
        np.atleast_2d(np.asarray(windows, dtype=np.int64)),
        SLOT_MINUTES,
    )


def erlang_c(load: float, servers: int) -> float:
    """Probability of waiting in an M/M/c queue (Erlang 1917)."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def erlang_a(rate: float, service: float, patience: float, servers: int) -> tuple[float, float]:
    """Share who leave and mean time in queue of an M/M/c+M queue, from its birth-death chain."""
    weights = [1.0]
    for k in range(1, 4000):
        death = min(k, servers) / service + max(k - servers, 0) / patience
        weights.append(weights[-1] * rate / death)
        if weights[-1] < 1e-16 * max(weights):
            break
    p = np.array(weights) / sum(weights)
    queue = float((np.maximum(np.arange(len(p)) - servers, 0) * p).sum())
    return queue / patience / rate, queue / rate


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (2, 1.5), (4, 3.2)])
def test_with_constant_rates_and_no_leaving_it_is_erlang_c(servers, load):
    rng = np.random.default_rng(servers)
    mean, minutes = 6.0, 1_500_000.0
    arrivals = poisson_arrivals(load / mean, minutes, rng)
    service = mean * rng.standard_exponential(len(arrivals))
    waits, _ = run(arrivals, service, np.full(len(arrivals), FOREVER), [servers])
    chance = erlang_c(load, servers)
    assert (waits > 1e-9).mean() == pytest.approx(chance, rel=0.02)
    assert waits.mean() == pytest.approx(chance * mean / (servers - load), rel=0.05)


def test_with_leaving_it_is_erlang_a():
    rng = np.random.default_rng(1)
    rate, mean, patience, servers = 0.5, 6.0, 12.0, 3
    arrivals = poisson_arrivals(rate, 600_000.0, rng)
    n = len(arrivals)
    waits, window = run(
        arrivals,
        mean * rng.standard_exponential(n),
        patience * rng.standard_exponential(n),
        [servers],
    )
    left, in_queue = erlang_a(rate, mean, patience, servers)
    assert (window < 0).mean() == pytest.approx(left, rel=0.03)
    assert waits.mean() == pytest.approx(in_queue, rel=0.03)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    windows=st.lists(st.integers(1, 4), min_size=16, max_size=16),
    n=st.integers(1, 120),
)
def test_order_of_arrival_capacity_and_patience_are_kept(seed, windows, n):
    rng = np.random.default_rng(seed)
    arrivals = np.sort(rng.random(n) * 480)
    service = 1 + 12 * rng.standard_exponential(n)
    patience = 40 * rng.standard_exponential(n)
    waits, window = run(arrivals, service, patience, windows)
    served = window >= 0
    called = (arrivals + waits)[served]
    assert (np.diff(called) >= -1e-9).all()
    assert (waits[served] <= patience[served]).all()
    assert np.allclose(waits[~served], patience[~served])
    slot = np.minimum((called / SLOT_MINUTES + 1e-12).astype(int), 15)
    assert (window[served] < np.asarray(windows)[slot]).all()
    for w in range(max(windows)):
        mine = window[served] == w
        end = called[mine] + service[served][mine]
        assert (called[mine][1:] >= end[:-1] - 1e-9).all()


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    windows=st.lists(st.integers(1, 4), min_size=16, max_size=16),
    n=st.integers(1, 120),
    share=st.sampled_from([0.0, 0.3, 1.0]),
)
def test_priority_changes_who_is_called_and_nothing_else(seed, windows, n, share):
    rng = np.random.default_rng(seed)
    arrivals = np.sort(rng.random(n) * 480)
    service = 1 + 12 * rng.standard_exponential(n)
    patience = 60 * rng.standard_exponential(n)
    first = rng.random(n) < share
    offsets, open_ = np.array([0, n // 3, n]), np.array([windows, windows[::-1]])
    plain = serve(arrivals, offsets, service, patience, open_, SLOT_MINUTES)
    waits, window = serve_by_priority(
        arrivals, offsets, service, patience, first, open_, SLOT_MINUTES
    )
    if share in (0.0, 1.0):  # one class: the same queue
        assert np.array_equal(waits, plain[0]) and np.array_equal(window, plain[1])
    served = window >= 0
    assert (waits[served] <= patience[served]).all()
    assert np.array_equal(waits[~served], patience[~served])
    for day in (slice(0, n // 3), slice(n // 3, n)):
        called = (arrivals + waits)[day]
        for group in (first[day], ~first[day]):  # each class in order of arrival
            assert (np.diff(called[group & served[day]]) >= 0).all()
        # Nobody is called while somebody who goes first is waiting.
        for i in np.flatnonzero(served[day] & ~first[day]):
            until = called[first[day]]
            waiting = (arrivals[day][first[day]] <= called[i]) & (until > called[i])
            assert not waiting.any()
        for w in range(max(windows)):
            mine = np.flatnonzero(window[day] == w)
            mine = mine[np.argsort(called[mine])]
            assert (called[mine][1:] >= (called + service[day])[mine][:-1] - 1e-9).all()


def test_with_two_classes_it_is_cobhams_queue():
    """Mean waits of a non-preemptive M/M/c queue with two classes (Cobham 1954)."""
    rng = np.random.default_rng(3)
    servers, mean, load, share = 3, 6.0, 2.4, 0.4
    arrivals = poisson_arrivals(load / mean, 600_000.0, rng)
    n = len(arrivals)
    first = rng.random(n) < share
    waits, _ = serve_by_priority(
        arrivals, np.array([0, n]), mean * rng.standard_exponential(n), np.full(n, FOREVER), first,
        np.full((1, 16), servers), SLOT_MINUTES,
    )  # fmt: skip
    busy = erlang_c(load, servers) * mean / servers
    ahead = 1 - share * load / servers
    assert waits[first].mean() == pytest.approx(busy / ahead, rel=0.04)
    assert waits[~first].mean() == pytest.approx(busy / ahead / (1 - load / servers), rel=0.06)


def test_overtaken_are_those_called_after_a_later_ticket_that_goes_first():
    called = np.array([50, 40, 60, 30, 10, 5])
    left = np.array([False, False, True, False, False, False])
    first = np.array([False, False, False, True, False, True])
    seen = overtaken(np.array([0, 4, 6]), called, left, first)
    assert seen.tolist() == [True, True, False, False, True, False]


def test_arrivals_follow_the_rate_of_the_day():
    rng = np.random.default_rng(2)
    counts = rng.poisson(80, size=800)
    minutes = arrival_minutes(counts, rng)
    seen = np.bincount((minutes / SLOT_MINUTES).astype(int), minlength=16) / counts.sum()
    expected = ARRIVALS / ARRIVALS.sum()
    error = np.sqrt(expected * (1 - expected) / counts.sum())
    assert (np.abs(seen - expected) < 4 * error).all()
    days = np.split(minutes, np.cumsum(counts)[:-1])
    assert all((np.diff(day) >= 0).all() for day in days)


def test_erlang_c_of_one_window_is_its_load():
    assert math.isclose(erlang_c(0.7, 1), 0.7)
