"""Staggered difference-in-differences against published numbers (county teen employment)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.estimators.staggered_did import NEVER, GroupTimeEffects, group_time_effects
from svcquality.estimators.two_way import two_way_effect

pytestmark = pytest.mark.published
START = 2003


@pytest.fixture(scope="module")
def counties(cases: Path) -> tuple[np.ndarray, np.ndarray]:
    rows = pd.read_csv(cases / "c_mpdta.csv")
    outcome = rows.pivot(index="countyreal", columns="year", values="lemp")
    first = rows.groupby("countyreal")["first.treat"].first()
    return outcome.to_numpy(), np.where(first == 0, NEVER, first - START).astype(int)


@pytest.fixture(scope="module")
def fit(counties: tuple[np.ndarray, np.ndarray]) -> GroupTimeEffects:
    return group_time_effects(*counties)


def test_effects_by_cohort_and_year(fit: GroupTimeEffects) -> None:
    published = {
        (2004, 2004): -0.0105, (2004, 2005): -0.0704, (2004, 2006): -0.1373,
        (2004, 2007): -0.1008, (2006, 2004): 0.0065, (2006, 2005): -0.0028,
        (2006, 2006): -0.0046, (2006, 2007): -0.0412, (2007, 2004): 0.0305,
        (2007, 2005): -0.0027, (2007, 2006): -0.0311, (2007, 2007): -0.0261,
    }  # fmt: skip
    ours = dict(
        zip(
            zip(fit.cohort + START, fit.period + START, strict=True),
            fit.effects.estimate.round(4),
            strict=True,
        )
    )
    assert ours == published


def test_averages(fit: GroupTimeEffects) -> None:
    assert fit.simple().estimate[0] == pytest.approx(-0.03995, abs=5e-6)
    events = fit.dynamic()
    assert events.at.tolist() == [-3, -2, -1, 0, 1, 2, 3]
    np.testing.assert_allclose(
        events.estimate, [0.0305, -0.0006, -0.0245, -0.0199, -0.0510, -0.1373, -0.1008], atol=6e-5
    )
    assert fit.dynamic_overall().estimate[0] == pytest.approx(-0.0772, abs=5e-5)
    assert fit.group_overall().estimate[0] == pytest.approx(-0.0310, abs=5e-5)


def test_errors_are_those_of_the_published_bootstrap(fit: GroupTimeEffects) -> None:
    # The published errors are one draw of a bootstrap; ours are its analytic limit.
    assert fit.dynamic_overall().errors[0] == pytest.approx(0.0219, rel=0.1)
    assert fit.group_overall().errors[0] == pytest.approx(0.0126, rel=0.05)


def test_joint_pre_test(fit: GroupTimeEffects) -> None:
    assert fit.joint_test_before().p == pytest.approx(0.16812, abs=5e-6)


def test_two_way_fixed_effects_as_benchmark(counties: tuple[np.ndarray, np.ndarray]) -> None:
    outcome, first = counties
    treated = (np.arange(outcome.shape[1]) >= first[:, None]) & (first != NEVER)[:, None]
    benchmark = two_way_effect(outcome, treated)
    assert benchmark.effect.estimate == pytest.approx(-0.036549, abs=5e-7)
    assert benchmark.effect.error == pytest.approx(0.013265, abs=5e-7)
