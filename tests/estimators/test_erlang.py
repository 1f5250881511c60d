from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from svcquality.errors import InputError
from svcquality.estimators.erlang import erlang_a, erlang_b, erlang_c, servers_needed


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 300), st.integers(1, 300))
def test_erlang_b_follows_its_recursion(load: float, servers: int) -> None:
    before = erlang_b(load, servers - 1)
    assert erlang_b(load, servers) == pytest.approx(
        load * before / (servers + load * before), rel=1e-9, abs=1e-300
    )


def test_one_window_has_a_closed_form() -> None:
    found = erlang_c(0.5, 1.0, 1, threshold_minutes=2.0)
    assert found.p_wait == pytest.approx(0.5)
    assert found.mean_wait_minutes == pytest.approx(1.0)
    assert found.service_level == pytest.approx(1 - 0.5 * math.exp(-1))
    assert found.queue_length == pytest.approx(0.5)


@pytest.mark.parametrize("servers", [8, 10, 12])
def test_endless_patience_is_c_and_no_patience_is_b(servers: int) -> None:
    patient = erlang_a(2.0, 3.5, 1e9, servers, threshold_minutes=1.0)
    c = erlang_c(2.0, 3.5, servers, threshold_minutes=1.0)
    for name in ("p_wait", "mean_wait_minutes", "mean_wait_served_minutes", "service_level"):
        assert getattr(patient, name) == pytest.approx(getattr(c, name), rel=1e-5)
    assert erlang_a(2.0, 3.5, 1e-9, servers).abandonment == pytest.approx(erlang_b(7, servers))


@settings(max_examples=40, deadline=None)
@given(st.floats(0.2, 20), st.floats(0.5, 10), st.floats(0.2, 60), st.integers(1, 60))
def test_flows_balance(rate: float, service: float, patience: float, servers: int) -> None:
    q = erlang_a(rate, service, patience, servers, threshold_minutes=1e6)
    assert q.service_level == pytest.approx(1 - q.abandonment, abs=1e-8)  # all served, in the end
    assert q.mean_wait_minutes == pytest.approx(patience * q.abandonment)
    assert 0 <= q.occupancy <= 1 + 1e-12
    served = rate * service * (1 - q.abandonment) / servers
    assert q.occupancy == pytest.approx(served, abs=1e-8)
    at_once = erlang_a(rate, service, patience, servers)
    assert at_once.service_level == pytest.approx(1 - q.p_wait, abs=1e-8)
    more = erlang_a(rate, service, patience, servers + 1, threshold_minutes=1.0)
    assert (
        more.service_level
        >= erlang_a(rate, service, patience, servers, threshold_minutes=1.0).service_level - 1e-12
    )


def test_service_level_of_a_is_the_integral_over_offered_waits() -> None:
    """Against the density of the offered wait in Palm's form."""
    lam, mu, theta, n, limit = 2.0, 1 / 3.0, 1 / 5.0, 5, 1.5
    q = erlang_a(lam, 1 / mu, 1 / theta, n, threshold_minutes=limit)

    def density(t: float) -> float:
        return math.exp(lam / theta * (1 - math.exp(-theta * t)) - n * mu * t)

    everything = integrate.quad(density, 0, 200)[0]
    answered = integrate.quad(lambda t: density(t) * math.exp(-theta * t), 0, limit)[0]
    waited = integrate.quad(lambda t: t * density(t) * math.exp(-theta * t), 0, 200)[0]
    assert q.service_level == pytest.approx(1 - q.p_wait + q.p_wait * answered / everything)
    assert q.mean_wait_served_minutes == pytest.approx(
        q.p_wait * waited / everything / (1 - q.abandonment)
    )


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 20), st.floats(0.5, 10), st.floats(0.3, 0.99), st.booleans())
def test_one_window_fewer_misses_the_target(
    rate: float, service: float, level: float, leave: bool
) -> None:
    patience = 5.0 if leave else None
    found = servers_needed(
        rate, service, service_level=level, threshold_minutes=2.0, patience_minutes=patience
    )
    assert found.queue.service_level >= level
    n = found.servers - 1
    if n:
        fewer = (
            erlang_a(rate, service, 5.0, n, threshold_minutes=2.0)
            if leave
            else erlang_c(rate, service, n, threshold_minutes=2.0)
        )
        assert fewer.service_level < level


def test_too_few_windows_without_patience_never_catch_up() -> None:
    assert erlang_c(2, 3, 6).mean_wait_minutes == math.inf
    assert erlang_a(2, 3, 4, 3).mean_wait_minutes < 4
    assert np.isfinite(erlang_a(50, 10, 600, 3).mean_wait_minutes)
    hopeless = erlang_a(20, 10, 0.2, 1)  # one window for two hundred
    assert 1 - 2e-4 < hopeless.occupancy < 1  # idle only while nobody at all is there
    # Served is who has waited longest of about four: longer than patience lasts on average.
    assert 0.2 < hopeless.mean_wait_served_minutes < 0.45


def test_percent_for_share_is_explained() -> None:
    with pytest.raises(InputError, match=r"0\.8"):
        servers_needed(1, 3, service_level=80, threshold_minutes=1)
    with pytest.raises(ValueError, match="positive"):
        erlang_c(0, 3, 2)
    with pytest.raises(ValueError, match="one window"):
        erlang_c(1, 3, 0)


def exact(rate: float, service: float, patience: float, servers: int) -> dict[str, float]:
    """Erlang's A by its birth and death chain with sixty digits."""
    with localcontext() as context:
        context.prec = 60
        lam, leave = Decimal(rate), 1 / Decimal(patience)
        serve = 1 / Decimal(service)
        weight, total, chain = Decimal(1), Decimal(0), []
        k = 0
        while k <= servers or weight > chain[servers] * Decimal(10) ** -30:
            chain.append(weight)
            total += weight
            k += 1
            weight *= lam / (min(k, servers) * serve + max(k - servers, 0) * leave)
        p = [w / total for w in chain]
        queue = sum((max(k - servers, 0) * q for k, q in enumerate(p)), Decimal(0))
        busy = sum((min(k, servers) * q for k, q in enumerate(p)), Decimal(0))
        # A customer who meets k waiting is served after k + 1 steps, none of which is their leaving.
        c = servers * serve / leave
        waited, served = Decimal(0), sum(p[:servers], Decimal(0))
        harmonic = Decimal(0)
        for k, q in enumerate(p[servers:]):
            harmonic += 1 / (c + k + 1)
            share = c / (c + k + 1)
            served += q * share
            waited += q * share * harmonic / leave
        return {
            "mean_wait_served_minutes": float(waited / served),
            "abandonment": float(queue * leave / lam),
            "occupancy": float(busy / servers),
            "queue_length": float(queue),
            "p_wait": float(sum(p[servers:], Decimal(0))),
        }


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.01, 60), st.floats(0.05, 30), st.floats(0.005, 300), st.integers(1, 40)
)  # fmt: skip
def test_erlang_a_to_ten_digits(rate: float, service: float, patience: float, servers: int) -> None:
    q = erlang_a(rate, service, patience, servers)
    for name, value in exact(rate, service, patience, servers).items():
        assert getattr(q, name) == pytest.approx(value, rel=1e-10, abs=1e-300), name


@pytest.mark.parametrize("rate", [1e3, 1e5, 1e7])
def test_hopeless_queues_keep_their_digits(rate: float) -> None:
    """All but one in thousands leave: one minus the leavers would be rounding error."""
    q = erlang_a(rate, 30.0, 1e-3, 1)
    for name, value in exact(rate, 30.0, 1e-3, 1).items():
        assert getattr(q, name) == pytest.approx(value, rel=1e-10), name
