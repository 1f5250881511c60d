"""LMG shares of R² against published numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.estimators.key_drivers import key_drivers

pytestmark = pytest.mark.published


def test_fertility_in_swiss_provinces(cases: Path) -> None:
    """Grömping's relaimpo on R's ``swiss``."""
    data = pd.read_csv(cases / "g_swiss.csv").iloc[:, 1:].to_numpy(float)
    found = key_drivers(data[:, 0], data[:, 1:], draws=0)
    np.testing.assert_allclose(
        found.table["share"], [0.05709, 0.17117, 0.26013, 0.10557, 0.11277], atol=5e-6
    )
    assert found.r2 == pytest.approx(0.70674, abs=5e-6)
