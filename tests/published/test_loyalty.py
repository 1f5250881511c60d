"""Binary hazards against published numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.estimators.hazard import hazard
from svcquality.estimators.marginal import average_contrast
from svcquality.estimators.ordered_logit import ordered_logit

pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def spector(cases: Path) -> pd.DataFrame:
    return pd.read_csv(cases / "b_spector_logit.csv", sep=r"\s+", quotechar="'")


def test_grades_by_logit(spector: pd.DataFrame) -> None:
    X = spector[["GPA", "TUCE", "PSI"]].to_numpy(float)
    fit = hazard(spector["GRADE"].to_numpy(), X, errors="model")
    np.testing.assert_allclose(fit.coefficients, [-13.0213, 2.8261, 0.0952, 2.3787], atol=6e-5)
    # The published effects are derivatives: a small finite change comes to the same.
    step = 1e-5
    for column, effect in enumerate((0.3626, 0.0122)):
        more = X.copy()
        more[:, column] += step
        assert average_contrast(fit, X, more).estimate / step == pytest.approx(effect, abs=1e-4)


def test_the_binary_case_of_the_ordered_logit_is_the_logit(spector: pd.DataFrame) -> None:
    X = spector[["GPA", "TUCE", "PSI"]].to_numpy(float)
    fit = ordered_logit(spector["GRADE"].to_numpy(), X, errors="model")
    np.testing.assert_allclose(fit.coefficients, [2.8261, 0.0952, 2.3787], atol=6e-5)
    assert fit.thresholds[0] == pytest.approx(13.0213, abs=6e-5)


def test_beetles_by_complementary_log_log(cases: Path) -> None:
    data = pd.read_csv(cases / "b_beetle_cloglog.csv")
    fit = hazard(
        data["killed"].to_numpy(), data[["dose"]].to_numpy(), trials=data["n"].to_numpy(),
        link="cloglog", errors="model",
    )  # fmt: skip
    np.testing.assert_allclose(fit.coefficients, [-39.5723, 22.0412], atol=1e-4)
    np.testing.assert_allclose(fit.inference.errors, [3.2403, 1.7994], atol=1e-4)
    assert fit.deviance == pytest.approx(3.4464, abs=1e-4)
