"""Agreement coefficients against printed numbers."""

from __future__ import annotations

import numpy as np
import pytest

from svcquality.estimators.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha

pytestmark = pytest.mark.published

N = np.nan
FOUR_CODERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]
"""Krippendorff (2011), section C: four coders, twelve units, 5 values."""

TEN_SUBJECTS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
"""The usual example of Fleiss' kappa: fourteen coders, ten subjects, five categories."""


@pytest.mark.parametrize(
    ("metric", "printed"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_krippendorff_2011(metric, printed) -> None:
    found = krippendorff_alpha(FOUR_CODERS, metric=metric, resamples=10)
    assert round(found.estimate, 3) == printed
    assert found.units == 11  # the twelfth has one code only


def test_fleiss() -> None:
    assert round(fleiss_kappa(TEN_SUBJECTS).estimate, 3) == 0.210


def test_cohen() -> None:
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohen_kappa(first, second).estimate == pytest.approx(0.40, abs=1e-12)
