from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.designs.small_bank import visit_bank

from svcquality.designs.satisfaction import satisfaction
from svcquality.designs.waiting import waiting
from svcquality.errors import InputError
from svcquality.findings import Finding, Grade
from svcquality.records.bank import Records


@pytest.fixture(scope="module")
def bank() -> tuple[Records, pd.DataFrame]:
    return visit_bank(1)


@pytest.fixture(scope="module")
def found(bank: tuple[Records, pd.DataFrame]) -> Finding:
    return satisfaction(bank[0])


def changed(records: Records, **surveys: object) -> Records:
    """The same bank with other survey columns."""
    return Records.from_frames(**{**records.tables, "surveys": records.surveys.assign(**surveys)})


def test_intervals_hold_the_truth(found: Finding, bank: tuple[Records, pd.DataFrame]) -> None:
    table = found.table.set_index("term")
    assert list(table.index) == ["wait_plus_10", "branch_trained", "recent_complaint"]
    for term in table.index:
        truth = bank[1][term].mean()
        assert table.loc[term, "low"] < truth < table.loc[term, "high"]
    assert (table["unit"] == "share_difference").all()
    assert (table["clusters"] == 24).all()


def test_pooling_the_branches_would_hide_the_wait(bank: tuple[Records, pd.DataFrame]) -> None:
    records, truth = bank
    pooled = satisfaction(
        Records.from_frames(
            visits=records.visits.drop(columns="branch_id"), surveys=records.surveys
        )
    )
    row = pooled.table.set_index("term").loc["wait_plus_10"]
    assert row["high"] > row["low"] > truth["wait_plus_10"].mean()


def test_sentences_say_association_and_nothing_more(found: Finding) -> None:
    assert found.grade is Grade.ASSOCIATED
    words = [found.claim_sentence(i, lang) for i in range(3) for lang in ("zh", "en")]
    assert found.sentence("en").startswith("10 more minutes of waiting is associated with")
    assert found.sentence("zh").startswith("多等候 10 分钟与满意客户")
    for sentence in [*words, found.method.en, found.method.zh]:
        assert not any(w in sentence for w in ("effect", "影响", "导致", "caused"))


def test_flow_counts_every_row_that_is_left_out(bank: tuple[Records, pd.DataFrame]) -> None:
    records = bank[0]
    surveys = records.surveys.copy()
    surveys.loc[:99, ["satisfaction", "satisfied", "answered"]] = pd.NA  # never answered
    surveys.loc[100:149, "trigger"] = "complaint"
    surveys.loc[150:199, "visit_id"] = pd.NA  # no wait known
    surveys.loc[150:199, "branch_id"] = pd.NA
    found = satisfaction(Records.from_frames(**{**records.tables, "surveys": surveys}))
    rows = dict(zip(found.flow["step_en"], found.flow["rows"], strict=True))
    assert rows["surveys on record"] == 3000
    assert rows["answered surveys"] == 2900
    assert rows["without surveys that follow a complaint"] == 2850
    assert rows["with every exposure recorded"] == 2800
    assert found.table["n"].tolist() == [2800] * 3


def test_items_come_from_a_second_model(bank: tuple[Records, pd.DataFrame], found: Finding) -> None:
    rng = np.random.default_rng(5)
    rated = np.clip(bank[0].surveys["satisfaction"].to_numpy(int) + rng.integers(-1, 2, 3000), 1, 5)
    noise = rng.integers(1, 6, 3000)
    with_items = satisfaction(
        changed(bank[0], item_courtesy=rated, **{"item_环境 (大厅)": noise.astype(float)})
    )
    table = with_items.table.set_index("term")
    before = found.table.set_index("term")
    # The wait is estimated without what was rated after it.
    assert table.loc["wait_plus_10", "estimate"] == before.loc["wait_plus_10", "estimate"]
    assert table.loc["item_courtesy", "low"] > 0.1
    assert table.loc["item_环境 (大厅)", "low"] < 0 < table.loc["item_环境 (大厅)", "high"]
    assert "second model" in with_items.method.en
    assert list(with_items.frames["forest"]["term"]) == list(table.index)


def test_the_wait_is_the_same_number_in_both_designs(
    bank: tuple[Records, pd.DataFrame], found: Finding
) -> None:
    curve = waiting(bank[0]).table.set_index("term")
    assert curve.loc["plus_10", "estimate"] == pytest.approx(
        found.table["estimate"].iloc[0], rel=1e-6
    )


def test_a_branch_whose_customers_are_all_alike_is_pooled_and_counted(
    bank: tuple[Records, pd.DataFrame],
) -> None:
    records = bank[0]
    at = records.visits["branch_id"].isin(["网点（0）", "网点（1）"]).to_numpy()
    alike = records.surveys["satisfaction"].mask(at, 5)
    found = satisfaction(changed(records, satisfaction=alike, satisfied=pd.NA))
    rows = dict(zip(found.flow["step_en"], found.flow["rows"], strict=True))
    assert rows["of these, in pooled levels of branch"] == at.sum()
    assert np.isfinite(found.table["estimate"]).all()


def test_checks_name_what_is_weak(bank: tuple[Records, pd.DataFrame], found: Finding) -> None:
    status = {c.name: c.status for c in found.checks}
    assert status["cluster_count"] == "passed"  # 24 branches, left out one at a time
    assert (found.table["error_kind"] == "CR3 by branch_id").all()
    assert status["proportional_odds"] == "passed"
    assert status["response_rate"] == "warn"  # every survey sent was answered: unknown
    fewer = bank[0].surveys["invited"] > pd.Timestamp("2025-01-01")
    gone = fewer & (np.arange(3000) % 3 > 0)
    silent = bank[0].surveys[["satisfaction", "satisfied", "answered"]].mask(gone)
    later = satisfaction(changed(bank[0], **{str(c): silent[c] for c in silent}))
    check = next(c for c in later.checks if c.name == "response_rate")
    assert check.status == "warn"
    assert check.number == pytest.approx(-0.5, abs=0.2)


def test_extra_confounders_by_any_name(bank: tuple[Records, pd.DataFrame]) -> None:
    kind = np.where(np.arange(3000) % 4, "商务", "旅游 & other")
    found = satisfaction(
        changed(bank[0], **{"出行 目的（Q3）": kind}), confounders=["出行 目的（Q3）"]
    )
    assert "出行 目的（Q3）" in found.method.zh
    with pytest.raises(InputError, match="no column 'unknown'"):
        satisfaction(bank[0], confounders=["unknown"])


def test_other_outcomes(bank: tuple[Records, pd.DataFrame]) -> None:
    binary = satisfaction(bank[0], outcome="satisfied")
    assert "Logit (" in binary.method.en
    assert binary.table["estimate"].iloc[0] == pytest.approx(
        bank[1]["wait_plus_10"].mean(), abs=0.02
    )
    # A bank that only asks "satisfied?" answers the default question with that.
    only = satisfaction(
        changed(bank[0], satisfied=bank[0].surveys["satisfaction"] >= 4, satisfaction=pd.NA)
    )
    assert only.table["estimate"].iloc[0] == pytest.approx(binary.table["estimate"].iloc[0])
    with pytest.raises(InputError, match="choose one of"):
        satisfaction(bank[0], outcome="happiness")


def test_hopeless_banks_are_refused_with_a_reason(bank: tuple[Records, pd.DataFrame]) -> None:
    records = bank[0]
    with pytest.raises(InputError, match="alike"):
        satisfaction(changed(records, satisfaction=5, satisfied=pd.NA))
    with pytest.raises(InputError, match="at least 50"):
        satisfaction(Records.from_frames(surveys=records.surveys.head(20)))
    with pytest.raises(InputError, match="nothing to relate"):
        satisfaction(Records.from_frames(surveys=records.surveys))
