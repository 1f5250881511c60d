"""Erlang's formulas against published numbers, and the simulated queue against Erlang's A."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from svcquality.estimators.arrivals import arrival_rates
from svcquality.estimators.erlang import erlang_a, erlang_b, erlang_c, servers_needed
from svcquality.estimators.queue_simulation import poisson_days, run_queue
from svcquality.estimators.wait_distributions import fit_waits

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


def test_the_published_call_centre_simulated_is_erlang_a() -> None:
    """48 a minute, service 1 minute, patience 2, 50 agents: the printed digits within the interval."""
    found = []
    for seed in range(20):
        arrivals, _ = poisson_days(np.full(6, 48.0), 1, slot_minutes=60, seed=seed)
        rng = np.random.default_rng(500 + seed)
        path = run_queue(
            arrivals, rng.exponential(1.0, len(arrivals)), np.array([50]),
            patience_minutes=rng.exponential(2.0, len(arrivals)),
        )  # fmt: skip
        warm = arrivals > 20
        wait, served = path.wait_minutes[warm], path.served[warm]
        found.append([1 - served.mean(), 60 * wait.mean(), wait.sum() / (6 * 60 - 20)])
    for values, printed in zip(np.array(found).T, (0.0309, 3.71, 2.97), strict=True):
        low, high = stats.t.interval(0.99, 19, values.mean(), stats.sem(values))
        assert low < printed < high
        assert high - low < 0.2 * printed


def test_waits_of_a_hundred_bank_customers(cases: Path) -> None:
    """Ghitany, Atieh & Nadarajah (2008)."""
    minutes = pd.read_csv(cases / "e_bank_wait_ghitany.csv")["wait_min"].to_numpy()
    found = fit_waits(minutes).set_index("parameter")
    assert minutes.mean() == pytest.approx(9.877, abs=5e-4)
    assert found.loc["rate", "value"] == pytest.approx(0.10125, abs=5e-6)
    assert found.loc["theta", "value"] == pytest.approx(0.18657, abs=5e-6)
    assert found.loc["shape", "value"] == pytest.approx(1.4585, abs=5e-5)
    assert found.loc["scale", "value"] == pytest.approx(10.955, abs=5e-4)
    assert found["log_likelihood"].idxmax() == "shape"


def test_a_banks_calls_vary_beyond_chance_and_so_do_the_simulated_days(cases: Path) -> None:
    """27,716 five-minute volumes: mixed Poisson days have the spread of the recorded ones."""
    calls = pd.read_csv(cases / "e_bank_calls.csv.gz", parse_dates=["DateTime"])
    at = calls["DateTime"]
    half_hour = at.dt.hour * 2 + at.dt.minute // 30
    days = calls.groupby([at.dt.date, half_hour])["Calls"].sum().unstack(fill_value=0)
    days = days.loc[:, days.columns < 42].to_numpy()  # 21:00 holds five minutes only
    found = arrival_rates(days)
    assert found.day_variance > 10 / found.rates.sum()  # far beyond Poisson's 1 / mean
    _, day = poisson_days(
        found.rates / 30, 200, day_variance=found.day_variance, slot_variance=found.slot_variance,
        seed=1,
    )  # fmt: skip
    simulated, recorded = (
        totals.std(ddof=1) / totals.mean()
        for totals in (np.bincount(day, minlength=200), days.sum(axis=1))
    )
    assert simulated == pytest.approx(recorded, rel=0.2)
