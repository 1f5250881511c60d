"""Errors clustered by firm, by year and by both: Petersen's simulated panel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.estimators.clustered import sandwich
from svcquality.estimators.least_squares import LeastSquares, least_squares
from svcquality.estimators.two_way_clustered import two_way_sandwich
from svcquality.estimators.wild_bootstrap import wild_cluster_bootstrap

pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def petersen(cases: Path) -> tuple[LeastSquares, pd.DataFrame]:
    data = pd.read_csv(cases / "a_petersen_cl.csv")
    X = np.column_stack([np.ones(len(data)), data["x"]])
    return least_squares(data["y"].to_numpy(), X), data


def test_one_way_errors(petersen: tuple[LeastSquares, pd.DataFrame]) -> None:
    fit, data = petersen
    assert fit.coefficients[1] == pytest.approx(1.034833, abs=5e-7)
    assert np.sqrt(fit.classical_covariance[1, 1]) == pytest.approx(0.028583, abs=5e-7)
    for clusters, error in ((None, 0.028395), ("firm", 0.050596), ("year", 0.033389)):
        rows = None if clusters is None else data[clusters]
        found = sandwich(fit.bread, [fit.scores], fit.n, rows)
        assert found.errors[1] == pytest.approx(error, abs=5e-7)


def test_two_way_errors_by_both_conventions(petersen: tuple[LeastSquares, pd.DataFrame]) -> None:
    fit, data = petersen
    for convention, error in (("components", 0.053558), ("smallest", 0.055297)):
        found = two_way_sandwich(
            fit.bread, fit.scores, data["firm"], data["year"], convention=convention
        )  # type: ignore[arg-type]
        assert found.errors[1] == pytest.approx(error, abs=5e-7)


def test_ten_years_are_few_clusters(petersen: tuple[LeastSquares, pd.DataFrame]) -> None:
    fit, data = petersen
    y = data["y"].to_numpy()
    found = wild_cluster_bootstrap(y, fit.X, 1, data["year"], null=1.0, weights="rademacher")
    assert found.enumerated
    assert found.t == pytest.approx(0.034833 / 0.033389, abs=1e-4)
    assert found.low < 1.0 < found.high
