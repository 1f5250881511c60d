"""Erlang's formulas against published numbers, and the simulated queue against Erlang's A."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from svcquality.estimators.erlang import erlang_a, erlang_b, erlang_c, servers_needed
from svcquality.estimators.queue_simulation import poisson_days, run_queue

pytestmark = pytest.mark.published


def test_erlang_b_and_c() -> None:
    assert erlang_b(10, 10) == pytest.approx(0.21458, abs=5e-6)
    q = erlang_c(0.2 * 60, 4.0, 55, threshold_minutes=0.25)
    assert q.p_wait == pytest.approx(0.23870, abs=5e-6)
    assert q.mean_wait_minutes * 60 == pytest.approx(8.184, abs=5e-4)
    assert q.service_level == pytest.approx(0.84588, abs=5e-6)


def test_windows_for_eighty_percent_in_twenty_seconds() -> None:
    found = servers_needed(100 / 30, 3.0, threshold_minutes=1 / 3, shrinkage=0.3)
    assert (found.servers, found.positions) == (14, 20)
    assert found.queue.service_level == pytest.approx(0.88835, abs=5e-6)
    assert found.queue.p_wait == pytest.approx(0.1741319, abs=5e-8)
    assert found.queue.occupancy == pytest.approx(0.7142857, abs=5e-8)


def test_impatient_callers() -> None:
    """Garnett, Mandelbaum & Reiman (2002), introduction."""
    q = erlang_a(48, 1, 2, 50)
    assert q.abandonment == pytest.approx(0.0309, abs=5e-5)
    assert q.mean_wait_minutes * 60 == pytest.approx(3.71, abs=5e-3)
    assert q.queue_length == pytest.approx(2.97, abs=5e-3)
    assert erlang_c(48, 1, 50).mean_wait_minutes * 60 == pytest.approx(20.83, abs=5e-3)


def test_the_simulated_queue_is_erlang_a() -> None:
    """Within the 99.9% interval of independent replications, after a warm-up."""
    rate, service, patience, servers = 1.0, 5.0, 8.0, 5
    exact = erlang_a(rate, service, patience, servers, threshold_minutes=3)
    found = []
    for seed in range(30):
        arrivals, _ = poisson_days(np.full(200, rate), 1, slot_minutes=60, seed=seed)
        rng = np.random.default_rng(1000 + seed)
        n = len(arrivals)
        path = run_queue(
            arrivals, rng.exponential(service, n), np.array([servers]),
            patience_minutes=rng.exponential(patience, n),
        )  # fmt: skip
        warm = arrivals > 600
        path = type(path)(path.wait_minutes[warm], path.served[warm])
        found.append(path.summary(3))
    for name in found[0]:
        values = np.array([f[name] for f in found])
        t = (values.mean() - getattr(exact, name)) / stats.sem(values)
        assert abs(t) < stats.t.ppf(0.9995, 29), name
        assert stats.sem(values) < 0.01 * abs(values.mean()) + 1e-3, name
