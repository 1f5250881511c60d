"""Models by formula: published numbers, identities, errors changed after the fit, imputation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit

from svcquality.errors import InputError
from svcquality.models.regress import regress


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    n = 2400
    branch = rng.integers(24, size=n)
    level = rng.normal(size=24) * 0.5
    wait = rng.exponential(12 + 6 * (level[branch] < 0), size=n)
    age = rng.normal(45, 12, size=n)
    latent = level[branch] - 0.05 * wait + 0.01 * (age - 45) + rng.logistic(size=n)
    return pd.DataFrame(
        {
            "satisfaction": 1 + np.digitize(latent, [-3, -2, -1, 1]),
            "wait_minutes": wait,
            "age": age,
            "segment": rng.choice(["mass", "affluent"], n),
            "recent": pd.array(rng.random(n) < 0.2, dtype="boolean"),
            "branch_id": branch.astype(str),
            "month": rng.integers(1, 13, n),
            "item_staff": rng.integers(1, 6, n),
        }
    )


@pytest.mark.published
def test_ucla_s_ordered_logit_by_formula(shared: Path):
    data = pd.read_csv(shared / "cases" / "a_ologit_ucla.csv")
    order = pd.CategoricalDtype(["unlikely", "somewhat likely", "very likely"], ordered=True)
    data["apply"] = data["apply"].astype(order)
    fit = regress("apply ~ pared + public + gpa", data)
    assert fit.family == "ordered_logit"
    np.testing.assert_allclose(fit.terms["estimate"], [1.0477, -0.0588, 0.6159], atol=5e-4)
    assert fit.summary().facts["log_likelihood"] == pytest.approx(-358.512, abs=5e-4)


@pytest.mark.published
def test_petersen_s_errors_by_formula(shared: Path):
    data = pd.read_csv(shared / "cases" / "a_petersen_cl.csv")
    names = {c.lower(): c for c in data.columns}
    firm = names.get("firm") or names["firmid"]
    year = names["year"]
    fit = regress("y ~ x", data, family="linear", cluster=[firm, year])
    assert fit.terms["estimate"][0] == pytest.approx(1.034833, abs=1e-6)
    assert fit.inference.errors[0] == pytest.approx(0.053558, abs=1e-6)
    assert "two-way (components)" in fit.summary().facts["error_kind"]
    assert fit.with_errors("cluster", firm).inference.errors[0] == pytest.approx(0.050596, abs=1e-6)
    assert fit.with_errors("cluster", year).inference.errors[0] == pytest.approx(0.033389, abs=1e-6)
    assert fit.with_errors("robust").inference.errors[0] == pytest.approx(0.028395, abs=1e-6)


def test_the_family_follows_the_outcome(answers):
    assert regress("satisfaction ~ wait_minutes", answers).family == "ordered_logit"
    two = answers.assign(satisfied=answers["satisfaction"] >= 4)
    assert regress("satisfied ~ wait_minutes", two).family == "logit"
    assert regress("wait_minutes ~ age", answers).family == "linear"


def test_a_linear_effect_is_its_coefficient_and_the_levels_are_compared(answers):
    fit = regress(
        "satisfaction ~ wait_minutes + recent + segment | branch_id", answers, family="linear"
    )
    assert fit.effect("wait_minutes", 10).estimate == pytest.approx(10 * fit.terms["estimate"][0])
    effects = fit.effects().set_index("term")
    assert list(effects.index) == ["wait_minutes", "recent", "segment = mass"]
    np.testing.assert_allclose(effects["estimate"], fit.terms["estimate"], rtol=1e-10)
    assert fit.absorbed == ("branch_id",)


def test_effects_of_an_ordered_logit_average_over_the_rows(answers):
    fit = regress("satisfaction ~ wait_minutes + age + recent", answers)
    beta, cut = fit.fit.coefficients, fit.fit.thresholds[2]
    index = fit.X @ beta - cut
    by_hand = (expit(index + 10 * beta[0]) - expit(index)).mean()
    assert fit.effect("wait_minutes", 10).estimate == pytest.approx(by_hand, rel=1e-10)
    assert fit.category == 4
    between = fit.effect("wait_minutes", (5.0, 25.0))
    assert between.estimate < fit.effect("wait_minutes", 10).estimate < 0


def test_interactions_move_with_the_column(answers):
    fit = regress("satisfaction ~ wait_minutes*recent", answers, family="linear")
    b = fit.terms.set_index("term")["estimate"]
    share = answers["recent"].astype(float).mean()
    expected = b["wait_minutes"] + share * b["wait_minutes × recent"]
    assert fit.effect("wait_minutes").estimate == pytest.approx(expected)


def test_few_clusters_are_left_out_one_at_a_time(answers):
    fit = regress(
        "satisfaction ~ wait_minutes | branch_id", answers, family="linear", cluster="branch_id"
    )
    assert (fit.inference.kind, fit.inference.df) == ("CR3", 23)
    plain = fit.with_errors("cluster")
    assert plain.inference.kind == "CR1"
    assert fit.inference.errors[0] > plain.inference.errors[0]
    wild = fit.wild_test("wait_minutes", draws=999)
    assert wild.low < fit.terms["estimate"][0] < wild.high
    assert wild.clusters == 24


def test_branch_effects_of_an_ordered_logit_remove_their_confounding(answers):
    naive = regress("satisfaction ~ wait_minutes", answers).terms["estimate"][0]
    within = regress("satisfaction ~ wait_minutes | branch_id", answers).terms["estimate"][0]
    assert abs(within + 0.05) < abs(naive + 0.05)
    assert within == pytest.approx(-0.05, abs=0.01)


def test_a_random_intercept_is_statsmodels_own(answers):
    fit = regress("satisfaction ~ wait_minutes + age | branch_id", answers, family="mixed")
    X = sm.add_constant(answers[["wait_minutes", "age"]])
    peer = sm.MixedLM(answers["satisfaction"].astype(float), X, answers["branch_id"]).fit()
    np.testing.assert_allclose(
        fit.terms["estimate"], peer.params[["wait_minutes", "age"]], rtol=1e-3
    )
    icc = float(peer.cov_re.iloc[0, 0]) / (float(peer.cov_re.iloc[0, 0]) + peer.scale)
    assert fit.summary().facts["intraclass_correlation"] == pytest.approx(icc, abs=1e-3)
    with pytest.raises(InputError, match="random effects"):
        fit.with_errors("robust")


def test_weights_repeat_rows(answers):
    some = answers.head(400).assign(w=np.tile([1.0, 2.0], 200))
    twice = pd.concat([some, some[some["w"] == 2]])
    for family in ("linear", "ordered_logit"):
        weighted = regress("satisfaction ~ wait_minutes + age", some, family=family, weight="w")
        repeated = regress("satisfaction ~ wait_minutes + age", twice, family=family)
        np.testing.assert_allclose(
            weighted.terms["estimate"], repeated.terms["estimate"], rtol=1e-6
        )
        ten = weighted.effect("wait_minutes", 10).estimate
        assert ten == pytest.approx(repeated.effect("wait_minutes", 10).estimate, rel=1e-6)


@pytest.mark.parametrize(
    ("formula", "options", "word"),
    [
        ("satisfaction ~ wait_minutes + item_staff", {}, "mediation"),
        ("satisfaction ~ wait_minutes", {"family": "logit"}, "two values"),
        ("satisfaction ~ wait_minutes", {"family": "poisson"}, "no family"),
        ("wait_minutes ~ age", {"family": "ordered_logit"}, "linear"),
        ("segment ~ age + wait_minutes | branch_id", {"family": "mixed", "cluster": "nowhere"}, "nowhere"),
        ("satisfaction ~ age", {"family": "mixed"}, "one group"),
        ("satisfaction ~ age", {"errors": "two_way", "cluster": "branch_id"}, "2 cluster"),
        ("satisfaction ~ age", {"errors": "hac"}, "no errors"),
        ("satisfaction ~ age", {"category": 9}, "never or always"),
        ("satisfaction ~ age", {"missing": "mean"}, "'complete' or 'impute'"),
        ("satisfaction ~ age", {"missing": "impute"}, "nothing to impute"),
        ("one ~ age", {}, "same value"),
        ("three ~ age", {}, "text with 3 values"),
        ("satisfaction ~ age", {"cluster": "one"}, "one cluster"),
        ("satisfied ~ twin", {}, "perfectly"),
        ("satisfaction ~ age + age_again", {"family": "linear"}, "repeat each other"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused_with_advice(answers, formula, options, word):
    data = answers.assign(
        one=1, three=np.resize(["a", "b", "c"], len(answers)),
        satisfied=(answers["satisfaction"] >= 4).astype(int),
        twin=np.where(answers["satisfaction"] >= 4, 2.0, 1.0), age_again=answers["age"] * 2,
    )  # fmt: skip
    with pytest.raises(InputError, match=word):
        regress(formula, data, **options)


def test_mediation_gives_the_direct_part_where_it_is_asked(answers):
    fit = regress("satisfaction ~ wait_minutes + item_staff", answers, mediation=True)
    assert len(fit.terms) == 2


def test_a_model_shows_itself_with_its_errors(answers):
    page = regress("satisfaction ~ wait_minutes", answers, cluster="branch_id")._repr_html_()
    assert "CR3 by branch_id" in page and "2,400" in page


def test_imputation_recovers_what_complete_cases_lose():
    """Waits missing more often for unhappy customers in the young: complete cases are biased."""
    misses, truth, held = [], -0.04, 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        n = 1500
        z = rng.normal(size=n)
        x = 20 + 6 * z + 6 * rng.normal(size=n)
        y = 4 + truth * x - 0.5 * z + rng.normal(size=n)
        gone = rng.random(n) < expit(-1.5 - 1.2 * (y - y.mean()))
        data = pd.DataFrame({"y": y, "x": np.where(gone, np.nan, x), "z": z})
        complete = regress("y ~ x + z", data, family="linear").terms
        filled = regress(
            "y ~ x + z", data, family="linear", missing="impute", imputations=8, seed=seed
        ).terms
        misses.append((complete["estimate"][0] - truth, filled["estimate"][0] - truth))
        held += filled["low"][0] <= truth <= filled["high"][0]
        assert filled["measurement"].between(0, 1).all()
    bias = np.abs(np.mean(misses, axis=0))
    assert bias[1] < 0.4 * bias[0]
    assert bias[1] < 0.002
    assert held >= 10


def test_an_imputed_model_has_what_a_model_has():
    rng = np.random.default_rng(2)
    data = pd.DataFrame(
        {"y": rng.integers(0, 2, 400), "x": rng.normal(size=400), "g": np.resize(list("abcd"), 400)}
    )
    data.loc[::7, "x"] = np.nan
    data.loc[::11, "g"] = None
    found = regress("y ~ x + g", data, missing="impute", imputations=4, seed=1)
    assert "g = a" in set(found.terms["term"])  # "(missing)" is the first level
    assert found.effect("x").estimate == pytest.approx(found.effects()["estimate"][0])
    summary = found.summary()
    assert summary.facts["n"] == 400 and "4 imputations" in summary.facts["error_kind"]
    again = regress("y ~ x + g", data, missing="impute", imputations=4, seed=1)
    pd.testing.assert_frame_equal(found.terms, again.terms)
