"""The design `regression`: a formula or roles from a study file, answered in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.designs.regression import regression
from svcquality.errors import InputError
from svcquality.models.regress import regress
from svcquality.records.panel import survey_rows
from svcquality.records.read import Records


@pytest.fixture(scope="module")
def bank() -> Records:
    rng = np.random.default_rng(4)
    n = 1600
    branch = rng.integers(16, size=n)
    wait = rng.exponential(15, n)
    age = rng.integers(20, 80, n)
    latent = rng.normal(size=16)[branch] / 2 - 0.06 * wait + rng.logistic(size=n) + 2
    surveys = pd.DataFrame(
        {
            "survey_id": np.arange(n).astype(str),
            "branch_id": branch.astype(str),
            "customer_id": np.arange(n).astype(str),
            "answered": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 360, n), "D"),
            "satisfaction": 1 + np.digitize(latent, [-1, 0, 1, 2.5]),
            "wait_minutes": np.where(rng.random(n) < 0.1, np.nan, wait),
            "item_staff": rng.integers(1, 6, n),
            "age": age,
        }
    )
    return Records.from_frames(surveys=surveys)


def test_a_formula_and_roles_give_the_same_answer(bank):
    formula = regression(
        bank, formula="satisfaction ~ wait_minutes + age | branch_id + month", cluster="branch_id"
    )
    roles = regression(
        bank, outcome="satisfaction", exposures=["wait_minutes"], confounders=["age"],
        fixed=["branch_id", "month"], cluster="branch_id",
    )  # fmt: skip
    pd.testing.assert_frame_equal(formula.table, roles.table)
    assert formula.sentence("en") == roles.sentence("en")


def test_the_design_is_the_engine_of_the_formula_interface(bank):
    text = "satisfaction ~ wait_minutes + age | branch_id"
    found = regression(bank, formula=text, cluster="branch_id", changes={"age": 1})
    fit = regress(text, survey_rows(bank), cluster="branch_id")
    assert found.effect("wait_minutes").estimate == fit.effect("wait_minutes", 10).estimate
    assert found.effect("age").estimate == fit.effect("age", 1).estimate
    pd.testing.assert_frame_equal(found.models[0].terms, fit.terms)


def test_the_answer_is_worded_and_counted(bank):
    found = regression(bank, formula="satisfaction ~ wait_minutes", cluster="branch_id")
    assert found.sentence("zh").startswith("多等候 10 分钟与满意客户（4–5 分）比例低")
    assert "10 more minutes of waiting is associated" in found.sentence("en").lower()
    assert found.flow["rows"].tolist()[0] == 1600
    assert found.flow["rows"].tolist()[-1] == len(survey_rows(bank).dropna(subset=["wait_minutes"]))
    assert {c.name for c in found.checks} == {"dropped_rows", "cluster_count"}
    assert (found.table["error_kind"] == "CR3 by branch_id").all()


def test_missing_waits_can_be_imputed(bank):
    found = regression(
        bank, formula="satisfaction ~ wait_minutes + age", missing="impute", imputations=3, seed=2
    )
    assert found.flow["rows"].tolist() == [1600]
    assert "3 imputations" in found.models[0].facts["error_kind"]


def test_what_cannot_be_asked_is_refused_with_the_way_out(bank):
    with pytest.raises(InputError, match="mediation"):
        regression(bank, formula="satisfaction ~ wait_minutes + item_staff")
    with pytest.raises(InputError, match="formula"):
        regression(bank)
    with pytest.raises(InputError, match="no panel"):
        regression(bank, formula="a ~ b", data="weeks")
