from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.designs.small_bank import visit_bank

from svcquality import simulate_bank
from svcquality.designs.non_response import non_response
from svcquality.errors import InputError
from svcquality.findings import Finding, Grade
from svcquality.records.bank import Records
from svcquality.simulate.bank import SimulatedBank

SIZE = {"branches": 20, "months": 16, "texts": False}


def truth(bank: SimulatedBank) -> float:
    """Share satisfied among all who were invited after a visit, whether or not they answered."""
    surveys = bank.records.surveys
    asked = surveys.loc[surveys["trigger"] == "visit", "survey_id"]
    felt = bank.truth.surveys.set_index("survey_id")["satisfaction"]
    return float((felt.loc[asked] >= 4).mean())


@pytest.fixture(scope="module")
def silent() -> SimulatedBank:
    return simulate_bank(seed=3, world="unhappy_silent", **SIZE)


@pytest.fixture(scope="module")
def found(silent: SimulatedBank) -> Finding:
    return non_response(silent.records)


@pytest.fixture(scope="module")
def base() -> Finding:
    return non_response(simulate_bank(seed=3, **SIZE).records)


def value(finding: Finding, term: str) -> float:
    return finding.effect(term).estimate


def check(finding: Finding, name: str):
    return next(c for c in finding.checks if c.name == name)


def test_where_the_unhappy_are_silent_answers_mislead_and_bounds_hold(
    silent: SimulatedBank, found: Finding
) -> None:
    true = truth(silent)
    raw = found.effect("answered")
    assert raw.low > true + 0.1
    # What is recorded tells a part of it, and no more: the weighted share stays too high.
    assert true < value(found, "weighted") < raw.estimate - 0.01
    assert value(found, "low") < true < value(found, "high")
    assert check(found, "response_bias").status == "warn"
    assert "more than its own margin" in check(found, "response_bias").text.en
    # The true share of the silent lies where the tipping point says that it matters.
    rate = value(found, "response_rate")
    silent_share = (true - rate * raw.estimate) / (1 - rate)
    assert silent_share > value(found, "tipping")  # and most are satisfied indeed
    assert true > 0.5


def test_where_silence_is_explained_weights_restore_the_truth(base: Finding) -> None:
    bank = simulate_bank(seed=3, **SIZE)
    weighted = base.effect("weighted")
    assert weighted.low < truth(bank) < weighted.high
    assert check(base, "response_bias").status == "passed"
    assert check(base, "survivorship").status == "passed"
    assert abs(value(base, "late_minus_early")) < 0.1


def test_terms_units_and_order(found: Finding) -> None:
    assert found.grade is Grade.DESCRIBES
    assert list(found.table["term"]) == [
        "weighted", "answered", "late", "low", "high", "low_within", "high_within", "tipping",
        "weighted_minus_answered", "late_minus_early", "response_rate", "r_indicator",
        "effective_size",
    ]  # fmt: skip
    rows = found.table.set_index("term")
    assert rows.loc["low", "estimate"] == pytest.approx(
        value(found, "response_rate") * value(found, "answered")
    )
    assert rows.loc["high", "estimate"] == pytest.approx(
        rows.loc["low", "estimate"] + 1 - value(found, "response_rate")
    )
    # Holm over the two differences that are tested.
    tested = rows.loc[["weighted_minus_answered", "late_minus_early"]]
    assert tested["p_adjusted"].max() == pytest.approx(
        max(tested["p"].max(), 2 * tested["p"].min())
    )
    assert rows["p"].notna().sum() == 2
    assert rows.loc["effective_size", "estimate"] < rows.loc["answered", "n"]
    last = rows.loc["answered", "estimate"] + (1 - value(found, "response_rate")) * (
        found.frames["waves"]["estimate"].iloc[-1] - rows.loc["answered", "estimate"]
    )
    assert rows.loc["late", "estimate"] == pytest.approx(last)


def test_who_answers_is_told_with_intervals_and_as_a_model(found: Finding) -> None:
    (model,) = found.models
    terms = model.terms.set_index("term")
    assert terms.loc["age_plus_10", "low"] > 0  # the old answer more, by construction
    assert terms.loc["channel[mobile]", "estimate"] > 0
    assert terms.loc["wait_minutes_plus_10", "high"] < 0  # who waited long is unhappy and silent
    assert set(found.frames["forest"]["term"]) == set(terms.index)
    assert model.facts["n"] == found.table.set_index("term").loc["weighted", "n"]
    assert [a.en for a in model.absorbed] == ["hour of the visit", "branch", "month"]


def test_the_claim_does_not_pretend(found: Finding) -> None:
    assert found.sentence("en").startswith("All who were invited, were the silent like")
    assert "假定未答复者" in found.sentence("zh")
    assert "for nothing else" in found.method.en
    assert "不能校正未记录的差异" in found.method.zh
    for i in range(len(found.claims)):
        for language in ("zh", "en"):
            said = found.claim_sentence(i, language)
            assert not any(w in said for w in ("effect", "影响", "导致", "caused"))


def test_open_invitations_are_not_silence() -> None:
    records, _ = visit_bank(2, n=1200)
    surveys = records.surveys.copy()
    rng = np.random.default_rng(4)
    quiet = rng.random(len(surveys)) < 0.5
    last = surveys["invited"].max()
    young = surveys["invited"] > last - pd.Timedelta("20D")
    surveys["answered"] = surveys["invited"] + pd.to_timedelta(
        rng.uniform(0, 20, len(surveys)), unit="D"
    )
    gone = quiet | (surveys["answered"] > last)
    gaps: dict[str, object] = {
        c: surveys[c].mask(gone) for c in ("answered", "satisfaction", "satisfied")
    }
    found = non_response(
        Records.from_frames(**{**records.tables, "surveys": surveys.assign(**gaps)})
    )
    rate = found.effect("response_rate")
    assert rate.low < 0.5 < rate.high
    rows = dict(zip(found.flow["step_en"], found.flow["rows"], strict=True))
    open_rows = rows["surveys on record"] - rows["invited long enough ago to have answered"]
    assert open_rows == pytest.approx(young.sum(), abs=10)


def test_one_branch_and_missing_columns_do_not_stop_it() -> None:
    records, _ = visit_bank(5, n=900)
    surveys = records.surveys.copy()
    quiet = np.random.default_rng(6).random(900) < 0.4
    for column in ("answered", "satisfaction", "satisfied"):
        surveys[column] = surveys[column].mask(quiet)
    visits = records.visits.assign(branch_id="网点 [甲]（1）")
    found = non_response(Records.from_frames(visits=visits, surveys=surveys))
    assert found.table["error_kind"].iloc[0] == "CR1 by customer_id"
    assert np.isfinite(found.table["estimate"]).all()
    assert check(found, "cluster_count").status in ("warn", "passed")
    assert "survivors" not in found.frames  # there are no accounts


def test_where_only_months_are_known_there_is_nobody_to_tell_of() -> None:
    records, _ = visit_bank(9, n=900)
    surveys = records.surveys.assign(visit_id=pd.NA, customer_id=pd.NA)
    quiet = np.random.default_rng(6).random(900) < 0.4
    for column in ("answered", "satisfaction", "satisfied"):
        surveys[column] = surveys[column].mask(quiet)
    found = non_response(Records.from_frames(surveys=surveys))
    assert not found.appendix
    assert [k.en for k in found.models[0].absorbed] == ["month"]
    assert check(found, "cluster_count").status == "warn"
    found.plot(language="zh")


def test_hopeless_banks_are_refused_with_a_reason(silent: SimulatedBank) -> None:
    records = silent.records
    answered = records.surveys[records.surveys["answered"].notna()]
    with pytest.raises(InputError, match="Only answered surveys"):
        non_response(Records.from_frames(**{**records.tables, "surveys": answered}))
    with pytest.raises(InputError, match="choose one of"):
        non_response(records, outcome="happiness")
    with pytest.raises(InputError, match="between 0 and 1"):
        non_response(records, target=50)
    alike = records.surveys.assign(satisfied=pd.NA)
    alike["satisfaction"] = alike["satisfaction"].mask(alike["satisfaction"].notna(), 5)
    with pytest.raises(InputError, match="alike"):
        non_response(Records.from_frames(**{**records.tables, "surveys": alike}))
    few = records.surveys.assign(trigger="visit").head(60)
    with pytest.raises(InputError, match="at least 50"):
        non_response(Records.from_frames(**{**records.tables, "surveys": few}))
    once = records.surveys[records.surveys["trigger"] == "visit"].drop_duplicates("customer_id")
    old = once["customer_id"][once["satisfaction"].notna()]
    ages = np.where(records.customers["customer_id"].isin(old), 70, 30)
    apart = {"customers": records.customers.assign(age=ages), "surveys": once}
    with pytest.raises(InputError, match="no age in common"):
        non_response(Records.from_frames(**{**records.tables, **apart}))
    about = records.surveys[records.surveys["trigger"] == "complaint"]
    with pytest.raises(InputError, match="Every survey follows a complaint"):
        non_response(Records.from_frames(**{**records.tables, "surveys": about}))
    none = records.surveys.assign(answered=pd.NaT, satisfaction=pd.NA, satisfied=pd.NA)
    with pytest.raises(InputError, match="No survey was answered"):
        non_response(Records.from_frames(**{**records.tables, "surveys": none}))


def test_it_draws_in_both_languages(found: Finding) -> None:
    axes = found.plot(language="zh")
    assert "无论未答复者怎么想" in [t.get_text() for t in axes.get_yticklabels()]
    assert found.plot(figure="forest").get_xlabel().startswith("difference in percentage points")
    bars = found.frames["bounds"].set_index("term")
    assert bars.loc["bounds", "low"] <= bars.loc["bounds", "lower"]
    assert bars.loc[["answered", "weighted", "late"], "estimate"].notna().all()
