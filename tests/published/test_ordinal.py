"""Ordered logit, Brant's test and clustered errors against published numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.estimators.clustered import sandwich
from svcquality.estimators.ordered_logit import ordered_logit
from svcquality.estimators.proportional_odds import brant_test

pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def ucla(cases: Path) -> tuple[np.ndarray, np.ndarray]:
    data = pd.read_csv(cases / "a_ologit_ucla.csv")
    order = {"unlikely": 0, "somewhat likely": 1, "very likely": 2}
    return data["apply"].map(order).to_numpy(), data[["pared", "public", "gpa"]].to_numpy(float)


def test_graduate_school_applications(ucla: tuple[np.ndarray, np.ndarray]) -> None:
    fit = ordered_logit(*ucla, errors="model")
    np.testing.assert_allclose(fit.coefficients, [1.0477, -0.0588, 0.6159], atol=5e-4)
    np.testing.assert_allclose(fit.inference.errors[:3], [0.2658, 0.2979, 0.2606], atol=5e-4)
    # The published thresholds come from an optimiser that stopped a little early.
    np.testing.assert_allclose(fit.thresholds, [2.2039, 4.2994], atol=1e-3)
    assert fit.log_likelihood == pytest.approx(-358.512, abs=1e-3)


def test_brant_test_of_applications(ucla: tuple[np.ndarray, np.ndarray]) -> None:
    table = brant_test(*ucla, names=("pared", "public", "gpa")).table.set_index("column")
    np.testing.assert_allclose(
        table["statistic"][["pared", "public", "gpa", "omnibus"]],
        [0.13, 3.44, 0.18, 4.34],
        atol=6e-3,
    )
    assert table.loc["omnibus", "df"] == 3
    assert table.loc["omnibus", "p"] == pytest.approx(0.227, abs=5e-4)


def test_bitterness_of_wine(cases: Path) -> None:
    data = pd.read_csv(cases / "a_wine_ordinal.csv")
    X = np.column_stack([data["temp"] == "warm", data["contact"] == "yes"]).astype(float)
    fit = ordered_logit(data["rating"].to_numpy(), X, errors="model")
    np.testing.assert_allclose(fit.coefficients, [2.5031, 1.5278], atol=1e-4)
    np.testing.assert_allclose(fit.inference.errors[:2], [0.5287, 0.4766], atol=1e-4)
    np.testing.assert_allclose(fit.thresholds, [-1.3444, 1.2508, 3.4669, 5.0064], atol=1e-4)
    assert fit.log_likelihood == pytest.approx(-86.492, abs=5e-4)


def test_clustered_errors_of_a_line(cases: Path) -> None:
    data = pd.read_csv(cases / "a_petersen_cl.csv")
    X = np.column_stack([np.ones(len(data)), data["x"]])
    bread = np.linalg.inv(X.T @ X)
    beta = bread @ (X.T @ data["y"].to_numpy())
    scores = X * (data["y"].to_numpy() - X @ beta)[:, None]
    assert beta[1] == pytest.approx(1.034833, abs=1e-6)
    for clusters, error in (("firm", 0.050596), ("year", 0.033389), (None, 0.028395)):
        found = sandwich(bread, [scores], len(X), None if clusters is None else data[clusters])
        assert found.errors[1] == pytest.approx(error, abs=1e-6)
    assert sandwich(bread, [scores], len(X), data["year"]).df == 9
