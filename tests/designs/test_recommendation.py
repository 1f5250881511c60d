from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.designs.small_bank import visit_bank

from svcquality import simulate_bank
from svcquality.designs.recommendation import recommendation
from svcquality.errors import InputError
from svcquality.estimators.net_promoter import net_promoter, net_promoter_difference
from svcquality.estimators.proportions import wilson
from svcquality.findings import Finding, Grade
from svcquality.records.bank import Records


def with_scores(records: Records, **surveys: object) -> Records:
    """The same bank with other survey columns."""
    return Records.from_frames(**{**records.tables, "surveys": records.surveys.assign(**surveys)})


@pytest.fixture(scope="module")
def bank() -> Records:
    records, _ = visit_bank(1, n=2400, branches=24)
    rng = np.random.default_rng(2)
    liked = records.surveys["satisfaction"].to_numpy(float)
    score = np.clip(np.round(2 * liked + rng.normal(0.5, 1.5, 2400)), 0, 10)
    effort = np.clip(np.round(6 - liked + rng.normal(0, 0.7, 2400)), 1, 5)
    return with_scores(records, recommendation=score, effort=effort)


@pytest.fixture(scope="module")
def found(bank: Records) -> Finding:
    return recommendation(bank)


def status(finding: Finding) -> dict[str, str]:
    return {c.name: c.status for c in finding.checks}


def test_the_numbers_are_those_of_the_estimators(bank: Records) -> None:
    score = bank.surveys["recommendation"].to_numpy(float)
    branch = bank.visits.set_index("visit_id")["branch_id"].loc[bank.surveys["visit_id"]].to_numpy()
    found = recommendation(bank, branches="sampled")
    own = net_promoter(score, clusters=branch)
    row = found.effect("nps")
    assert (row.estimate, row.error) == pytest.approx((own.score.estimate, own.score.error))
    assert (row.low, row.high) == pytest.approx((own.score.low, own.score.high))
    assert found.effect("promoters").estimate == pytest.approx(own.promoters)
    satisfied = (bank.surveys["satisfaction"] >= 4).to_numpy(float)
    share, top = wilson(satisfied, branch), found.effect("top_two")
    assert (top.estimate, top.low, top.high) == pytest.approx(
        (share.estimate, share.low, share.high)
    )
    effort = bank.surveys["effort"].to_numpy(float)
    assert found.effect("effort").estimate == pytest.approx(effort.mean())
    assert found.effect("easy").estimate == pytest.approx((effort <= 2).mean())
    shares = [found.effect(t).estimate for t in ("promoters", "passives", "detractors")]
    assert sum(shares) == pytest.approx(1)
    assert found.grade is Grade.DESCRIBES
    assert (found.table["clusters"].dropna() == 24).all()


def test_branches_are_a_sample_only_where_some_are_not_surveyed(bank: Records) -> None:
    whole = recommendation(bank).table.set_index("term")
    assert whole.loc["nps", "error_kind"] == "CR1 by customer_id"
    names = [f"网点（{b}）" for b in range(60)]  # 24 of 60 are surveyed
    more = Records.from_frames(**{**bank.tables, "branches": pd.DataFrame({"branch_id": names})})
    part = recommendation(more)
    assert part.table.set_index("term").loc["nps", "error_kind"] == "CR1 by branch_id"
    assert "clustered by branch" in part.method.en
    given = recommendation(more, branches="given").table.set_index("term")
    assert given.loc["nps", "error"] == whole.loc["nps", "error"]
    assert given.loc["nps", "estimate"] == whole.loc["nps", "estimate"]
    with pytest.raises(InputError, match="'auto', 'given' or 'sampled'"):
        recommendation(bank, branches="all")  # type: ignore[arg-type]


def test_change_of_the_last_month(bank: Records) -> None:
    month = bank.surveys["invited"].dt.to_period("M")
    last = (month == month.max()).to_numpy()
    branch = bank.visits.set_index("visit_id")["branch_id"].loc[bank.surveys["visit_id"]].to_numpy()
    own = net_promoter_difference(
        bank.surveys["recommendation"].to_numpy(float), last, clusters=branch
    )
    found = recommendation(bank, branches="sampled")
    row = found.effect("nps_change")
    assert (row.estimate, row.error, row.p) == pytest.approx((own.estimate, own.error, own.p))
    assert row.unit == "nps_points"
    assert found.effect("top_two_change").unit == "share_difference"


def test_groups_are_shown_as_they_are_and_compared_with_the_others(bank: Records) -> None:
    channel = np.where(
        np.arange(2400) < 20, "自助（新）", np.where(np.arange(2400) % 2, "柜台", "mobile")
    )
    by = recommendation(with_scores(bank, 渠道=channel), by="渠道")
    score = bank.surveys["recommendation"].to_numpy(float)
    inside = channel == "柜台"
    assert by.effect("nps[柜台]").estimate == pytest.approx(
        net_promoter(score[inside]).score.estimate
    )
    gap = by.effect("nps_difference[柜台]")
    assert gap.estimate == pytest.approx(net_promoter_difference(score, inside).estimate)
    assert not by.table["term"].str.contains("自助").any()  # 20 answers are too few
    check = next(c for c in by.checks if c.name == "small_groups")
    assert check.number == pytest.approx(20 / 2400)
    assert "1 groups" in check.text.en
    tested = by.table[by.table["p"].notna()]
    assert (tested["p_adjusted"] >= tested["p"]).all()
    assert tested["p_adjusted"].max() <= 1
    assert list(by.frames["net_promoter"]["group"]) == ["", "mobile", "柜台"]
    flow = dict(zip(by.flow["step_en"], by.flow["rows"], strict=True))
    assert flow["in groups that are not shown"] == 20


def test_a_branch_is_described_by_its_own_customers(bank: Records) -> None:
    by = recommendation(bank, by="branch_id", branches="sampled")
    rows = by.table.set_index("term")
    group = rows.filter(like="nps[网点", axis=0)
    assert (group["error_kind"] == "CR1 by customer_id").all()
    assert (group["error"] > 1).all()  # clustered by branch, it would be nought
    assert rows.loc["nps", "error_kind"] == "CR1 by branch_id"
    assert "taken as given" in by.method.en


def test_a_branch_that_is_better_is_told_apart_and_like_ones_are_not() -> None:
    records, _ = visit_bank(7, n=2400, branches=12)
    rng = np.random.default_rng(8)
    better = records.visits["branch_id"].eq("网点（3）").to_numpy()
    score = np.where(better, rng.integers(7, 11, 2400), rng.integers(4, 11, 2400))
    by = recommendation(with_scores(records, recommendation=score), by="branch_id")
    gaps = by.table[by.table["term"].str.startswith("nps_difference")].set_index("term")
    clear = gaps.index[gaps["p_adjusted"] < 0.05]
    assert list(clear) == ["nps_difference[网点（3）]"]
    assert "1 of 12" in by.title.en
    assert "12 组中有 1 组" in by.title.zh


def test_weights_move_the_score_towards_the_silent() -> None:
    bank = simulate_bank(
        seed=5, branches=16, months=14, texts=False, world="unhappy_silent"
    ).records
    plain, weighted = recommendation(bank), recommendation(bank, weights="response")
    assert weighted.effect("nps").estimate < plain.effect("nps").estimate
    assert "what is recorded only" in weighted.method.en
    assert "Response rate" in plain.method.en
    assert "答复率" in plain.method.zh


def test_weights_of_a_column(bank: Records) -> None:
    score = bank.surveys["recommendation"].to_numpy(float)
    heavy = np.where(score >= 9, 2.0, 1.0)
    found = recommendation(with_scores(bank, 权重=heavy), weights="权重")
    assert found.effect("nps").estimate == pytest.approx(
        net_promoter(score, weights=heavy).score.estimate
    )
    with pytest.raises(InputError, match="no column 'w'"):
        recommendation(bank, weights="w")
    with pytest.raises(InputError, match="positive numbers"):
        recommendation(with_scores(bank, 权重=heavy - 1.0), weights="权重")
    with pytest.raises(InputError, match="no response to weigh for"):
        recommendation(bank, weights="response")


def test_changes_are_withheld_where_other_kinds_of_customers_answer(bank: Records) -> None:
    month = bank.surveys["invited"].dt.to_period("M")
    early = (month < month.max()).to_numpy()
    gone = early & (np.random.default_rng(9).random(2400) < 0.5)
    names = ("answered", "satisfaction", "satisfied", "recommendation", "effort")
    moved = with_scores(bank, **{c: bank.surveys[c].mask(gone) for c in names})
    found = recommendation(moved)
    assert status(found)["response_trend"] == "warn"
    assert not found.table["term"].str.endswith("_change").any()
    assert "not reported" in next(c for c in found.checks if c.name == "response_trend").text.en
    half = (month > month.sort_values().iloc[1200]).to_numpy()
    gone = ~half & (np.random.default_rng(9).random(2400) < 0.5)
    moved = with_scores(bank, **{c: bank.surveys[c].mask(gone) for c in names})
    monthly = recommendation(moved, by="month")
    assert monthly.blocked
    assert monthly.sentence("zh").startswith("不予报告")
    weighted = recommendation(moved, by="month", weights="response")
    assert not weighted.blocked
    assert weighted.table["term"].str.startswith("nps[20").any()


def test_without_times_of_invitation_the_rate_over_time_is_not_claimed(bank: Records) -> None:
    quiet = np.random.default_rng(3).random(2400) < 0.4
    names = ("answered", "satisfaction", "satisfied", "recommendation", "effort")
    gone = {c: bank.surveys[c].mask(quiet) for c in names}
    found = recommendation(with_scores(bank, invited=pd.NaT, **gone))
    assert status(found)["response_trend"] == "warn"
    assert "response rate is unknown" in found.checks[0].text.en
    one = bank.surveys["invited"].mask(bank.surveys["invited"].notna(), pd.Timestamp("2024-05-02"))
    month = recommendation(with_scores(bank, invited=one, answered=one))
    assert "response_trend" not in status(month)  # there is one month only
    assert not month.table["term"].str.endswith("_change").any()


def test_a_bank_that_asks_only_one_thing(bank: Records) -> None:
    only = recommendation(with_scores(bank, recommendation=pd.NA, effort=pd.NA))
    assert list(only.table["term"]) == ["top_two", "top_two_change"]
    assert only.figure == "forest"
    assert only.sentence("en").startswith("Customers who answered: the share of satisfied")
    effort = recommendation(
        with_scores(bank, recommendation=pd.NA, satisfaction=pd.NA, satisfied=pd.NA)
    )
    assert effort.effect().term == "effort"
    effort.plot()


def test_sentences_describe_and_nothing_more(found: Finding) -> None:
    for i in range(len(found.claims)):
        for language in ("zh", "en"):
            said = found.claim_sentence(i, language)
            assert not any(w in said for w in ("effect", "影响", "导致", "caused", "associated"))
    assert "low is good" in found.method.en
    assert "越低越好" in found.method.zh


def test_hopeless_banks_are_refused_with_a_reason(bank: Records) -> None:
    with pytest.raises(InputError, match="Fewer than 50"):
        recommendation(Records.from_frames(surveys=bank.surveys.head(30)))
    five = bank.surveys["satisfaction"]
    with pytest.raises(InputError, match="five points"):
        recommendation(with_scores(bank, recommendation=five))
    with pytest.raises(InputError, match="cannot be grouped by"):
        recommendation(bank, by="部门")
    with pytest.raises(InputError, match="cannot be grouped by"):
        recommendation(bank, by="customer_id")
    with pytest.raises(InputError, match="Fewer than two groups"):
        recommendation(with_scores(bank, kind="[一]"), by="kind")


def test_everybody_alike_has_an_interval_all_the_same(bank: Records) -> None:
    alike = recommendation(with_scores(bank, recommendation=10))
    row = alike.effect("nps")
    assert (row.estimate, row.error, row.high) == (100, 0, 100)
    assert row.low < 100
    assert alike.effect("nps_change").estimate == 0
    alike.plot(language="zh")
