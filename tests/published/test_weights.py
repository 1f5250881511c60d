"""A stratified sample of schools against the published estimates of R's survey package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.estimators.survey_weights import SurveyDesign, survey_mean, survey_regression

pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def schools(cases: Path) -> pd.DataFrame:
    return pd.read_csv(cases / "j_apistrat.csv")


def design(data: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(data["pw"].to_numpy(), data["stype"], population=data["fpc"].to_numpy())


def test_mean_performance(schools: pd.DataFrame) -> None:
    mean, inference = survey_mean(schools["api00"].to_numpy(), design(schools))
    assert mean == pytest.approx(662.29, abs=5e-3)
    assert inference.errors[0] == pytest.approx(9.4089, abs=5e-5)
    assert inference.df == 197


def test_performance_by_learners_meals_and_mobility(schools: pd.DataFrame) -> None:
    X = np.column_stack([np.ones(len(schools)), schools[["ell", "meals", "mobility"]]])
    fit, inference = survey_regression(schools["api00"].to_numpy(), X, design(schools))
    np.testing.assert_allclose(fit.coefficients, [820.8873, -0.4806, -3.1415, 0.2257], atol=5e-5)
    np.testing.assert_allclose(inference.errors, [10.0777, 0.3920, 0.2839, 0.3932], atol=6e-5)


def test_levels_of_schools_are_strata_of_their_own(schools: pd.DataFrame) -> None:
    """A domain that is a stratum: its own mean, and its own error with the population's factor."""
    y = schools["api00"].to_numpy()
    for level, rows in schools.groupby("stype"):
        mean, inference = survey_mean(y, design(schools), (schools["stype"] == level).to_numpy())
        n, N = len(rows), rows["fpc"].iloc[0]
        assert mean == pytest.approx(rows["api00"].mean())
        assert inference.errors[0] == pytest.approx(
            rows["api00"].std(ddof=1) * np.sqrt((1 - n / N) / n)
        )
