"""Interrupted series against published numbers (heart attacks and a smoking ban in Sicily)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from svcquality.estimators.interrupted_series import InterruptedSeries, interrupted_series

pytestmark = pytest.mark.published
Z = 1.959964


@pytest.fixture(scope="module")
def sicily(cases: Path) -> pd.DataFrame:
    return pd.read_csv(cases / "d_sicily_ace.csv")


def fit(rows: pd.DataFrame, **options: Any) -> InterruptedSeries:
    return interrupted_series(
        rows["aces"].to_numpy(), rows["smokban"].to_numpy(),
        exposure=rows["stdpop"].to_numpy(), position=rows["month"].to_numpy(), **options,
    )  # fmt: skip


def normal_interval(series: InterruptedSeries) -> np.ndarray:
    """The published intervals use the normal distribution, ours t."""
    level = series.level
    return level.estimate * np.exp(np.array([-Z, Z]) * level.error / level.estimate)


def test_poisson(sicily: pd.DataFrame) -> None:
    series = fit(sicily, harmonics=0, slope=False, errors="poisson")
    assert series.level.estimate == pytest.approx(0.8944, abs=5e-5)
    assert (series.level.low, series.level.high) == pytest.approx((0.8647, 0.9251), abs=5e-5)


def test_overdispersion(sicily: pd.DataFrame) -> None:
    series = fit(sicily, harmonics=0, slope=False, errors="quasi")
    assert series.scale == pytest.approx(3.559, abs=5e-4)
    assert normal_interval(series) == pytest.approx((0.8392, 0.9532), abs=5e-5)


def test_season(sicily: pd.DataFrame) -> None:
    series = fit(sicily, harmonics=2, slope=False, errors="quasi")
    assert series.level.estimate == pytest.approx(0.8851, abs=5e-5)
    assert series.scale == pytest.approx(2.262, abs=5e-4)
    assert normal_interval(series) == pytest.approx((0.8394, 0.9332), abs=5e-5)


def test_slope(sicily: pd.DataFrame) -> None:
    series = fit(sicily, harmonics=2, errors="quasi")
    assert series.slope is not None
    assert series.slope.p == pytest.approx(0.42, abs=0.01)
