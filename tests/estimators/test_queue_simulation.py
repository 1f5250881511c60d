from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.estimators.queue_simulation import (
    compare_staffing,
    poisson_days,
    run_queue,
)


def test_a_queue_by_hand() -> None:
    path = run_queue(
        np.array([0.0, 1, 2, 3]), np.array([5.0, 5, 5, 5]), np.array([1]),
        patience_minutes=np.array([9.0, 9, 2, 9]),
    )  # fmt: skip
    np.testing.assert_allclose(path.wait_minutes, [0, 4, 2, 7])
    np.testing.assert_array_equal(path.served, [True, True, False, True])
    found = path.summary(threshold_minutes=5)
    assert found["service_level"] == 0.5
    assert found["abandonment"] == 0.25
    assert found["mean_wait_served_minutes"] == pytest.approx(11 / 3)


def test_windows_open_and_close_by_the_slot() -> None:
    arrivals, service = np.zeros(4), np.full(4, 25.0)
    opening = run_queue(arrivals, service, np.array([1, 3]), slot_minutes=10)
    np.testing.assert_allclose(opening.wait_minutes, [0, 10, 10, 25])
    # Two begin; one window closes at 10 and its customer is finished first.
    closing = run_queue(arrivals, service, np.array([2, 1]), slot_minutes=10)
    np.testing.assert_allclose(closing.wait_minutes, [0, 0, 25, 50])
    closed_first = run_queue(arrivals, service, np.array([0, 0, 4]), slot_minutes=10)
    np.testing.assert_allclose(closed_first.wait_minutes, 20)


def test_every_day_begins_empty_with_its_own_windows() -> None:
    path = run_queue(
        np.array([0.0, 0, 0, 0]), np.full(4, 7.0), np.array([[1], [2]]), day=np.array([0, 0, 1, 1])
    )
    np.testing.assert_allclose(path.wait_minutes, [0, 7, 0, 0])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0, 20)), min_size=1, max_size=40
    ),
    st.integers(1, 4),
)  # fmt: skip
def test_agrees_with_a_heap_of_windows(customers: list[tuple[float, float]], servers: int) -> None:
    customers.sort()
    arrivals, service = (np.array(column) for column in zip(*customers, strict=True))
    free, waits = [0.0] * servers, []
    for a, s in customers:
        start = max(a, heapq.heappop(free))
        waits.append(start - a)
        heapq.heappush(free, start + s)
    path = run_queue(arrivals, service, np.array([servers]))
    np.testing.assert_allclose(path.wait_minutes, waits, atol=1e-9)
    assert path.served.all()


def test_plans_meet_the_same_customers_and_a_window_helps() -> None:
    arrivals, day = poisson_days(np.full(8, 0.9), 20, seed=1)
    rng = np.random.default_rng(2)
    service = rng.gamma(2, 1.6, size=500)
    table = compare_staffing(
        arrivals, day, service, {"3": np.full(8, 3), "again": np.full(8, 3), "4": np.full(8, 4)},
        benefit=lambda wait: 0.9 - 0.02 * wait, replications=40, seed=3,
    ).set_index(["plan", "measure"])  # fmt: skip
    assert (table.loc["again", "difference"] == 0).all()
    wait, gain = table.loc[("4", "mean_wait_minutes")], table.loc[("4", "benefit")]
    assert wait["difference_high"] < 0 < gain["difference_low"]
    assert gain["difference"] == pytest.approx(-0.02 * wait["difference"])
    width = wait["difference_high"] - wait["difference_low"]
    alone = table.loc[("3", "mean_wait_minutes")]
    assert width < 1.2 * (alone["high"] - alone["low"])


def test_poisson_days_keep_their_rates() -> None:
    minutes, day = poisson_days(np.array([1.0, 3.0]), 500, seed=5)
    assert (minutes < 30).mean() == pytest.approx(0.25, abs=0.01)
    assert len(minutes) == pytest.approx(500 * 120, rel=0.02)
    assert (np.diff(minutes)[np.diff(day) == 0] >= 0).all()


def test_bad_input_is_refused() -> None:
    one = np.array([1.0])
    with pytest.raises(ValueError, match="order"):
        run_queue(np.array([2.0, 1.0]), np.ones(2), np.array([1]))
    with pytest.raises(ValueError, match="last slot"):
        run_queue(one, one, np.array([1, 0]))
    with pytest.raises(ValueError, match="not negative"):
        run_queue(one, -one, np.array([1]))
    with pytest.raises(InputError, match="at least one plan"):
        compare_staffing(one, np.array([0]), one, {})


def test_a_window_that_stays_open_serves_on_while_another_finishes() -> None:
    path = run_queue(np.zeros(4), np.array([12.0, 40, 5, 5]), np.array([2, 1]), slot_minutes=10)
    np.testing.assert_allclose(path.wait_minutes, [0, 0, 12, 17])
