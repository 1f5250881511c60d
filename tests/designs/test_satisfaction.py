from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from tests.designs.small_bank import visit_bank

from svcquality.designs.satisfaction import satisfaction
from svcquality.designs.waiting import waiting
from svcquality.errors import InputError
from svcquality.findings import Finding, Grade
from svcquality.records.bank import Records

headline = partial(satisfaction, appendix=False)
"""Without what does not touch the headline, for speed."""


@pytest.fixture(scope="module")
def bank() -> tuple[Records, pd.DataFrame]:
    return visit_bank(1)


@pytest.fixture(scope="module")
def found(bank: tuple[Records, pd.DataFrame]) -> Finding:
    return headline(bank[0])


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
    pooled = headline(
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
    found = headline(Records.from_frames(**{**records.tables, "surveys": surveys}))
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
    with_items = headline(
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
    found = headline(changed(records, satisfaction=alike, satisfied=pd.NA))
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
    later = headline(changed(bank[0], **{str(c): silent[c] for c in silent}))
    check = next(c for c in later.checks if c.name == "response_rate")
    assert check.status == "warn"
    assert check.number == pytest.approx(-0.5, abs=0.2)


def test_extra_confounders_by_any_name(bank: tuple[Records, pd.DataFrame]) -> None:
    kind = np.where(np.arange(3000) % 4, "商务", "旅游 & other")
    found = headline(changed(bank[0], **{"出行 目的（Q3）": kind}), confounders=["出行 目的（Q3）"])
    assert "出行 目的（Q3）" in found.method.zh
    with pytest.raises(InputError, match="no column 'unknown'"):
        headline(bank[0], confounders=["unknown"])


def test_other_outcomes(bank: tuple[Records, pd.DataFrame]) -> None:
    binary = headline(bank[0], outcome="satisfied")
    assert "Logit (" in binary.method.en
    assert binary.table["estimate"].iloc[0] == pytest.approx(
        bank[1]["wait_plus_10"].mean(), abs=0.02
    )
    # A bank that only asks "satisfied?" answers the default question with that.
    only = headline(
        changed(bank[0], satisfied=bank[0].surveys["satisfaction"] >= 4, satisfaction=pd.NA)
    )
    assert only.table["estimate"].iloc[0] == pytest.approx(binary.table["estimate"].iloc[0])
    with pytest.raises(InputError, match="choose one of"):
        headline(bank[0], outcome="happiness")


def test_hopeless_banks_are_refused_with_a_reason(bank: tuple[Records, pd.DataFrame]) -> None:
    records = bank[0]
    with pytest.raises(InputError, match="alike"):
        headline(changed(records, satisfaction=5, satisfied=pd.NA))
    with pytest.raises(InputError, match="at least 50"):
        headline(Records.from_frames(surveys=records.surveys.head(20)))
    with pytest.raises(InputError, match="nothing to relate"):
        headline(Records.from_frames(surveys=records.surveys))


def test_the_appendix_holds_the_headline_against_other_models(
    bank: tuple[Records, pd.DataFrame], found: Finding
) -> None:
    whole = satisfaction(bank[0], seed=3)
    shared = whole.table.iloc[: len(found.table)]
    pd.testing.assert_frame_equal(shared[found.table.columns], found.table)
    width = found.table["high"] - found.table["low"]
    assert (shared["boot_low"] - found.table["low"]).abs().lt(0.35 * width).all()
    assert [m.name.en for m in whole.models] == [
        "Ordered logit", "Ordered probit", "Linear", "Random intercept",
    ]  # fmt: skip
    assert whole.models[0].terms["estimate"][0] == whole.table["estimate"][0]
    spread = np.ptp([m.terms["estimate"][0] for m in whole.models])
    assert spread < 2 * whole.table["error"][0]
    assert set(whole.appendix) == {"specification_curve", "sensitivity"}
    assert {"specifications", "robust"} <= {c.name for c in whole.checks}


def test_a_mediator_is_no_control_unless_the_direct_part_is_asked_for(
    bank: tuple[Records, pd.DataFrame],
) -> None:
    rng = np.random.default_rng(0)
    rated = changed(bank[0], item_staff=rng.integers(1, 6, len(bank[0].surveys)))
    with pytest.raises(InputError, match="mediation"):
        headline(rated, confounders=["item_staff"])
    direct = headline(rated, confounders=["item_staff"], mediation=True)
    assert "direct part" in direct.method.en


def test_weights_move_the_average_and_are_refused_where_they_are_not_positive(
    bank: tuple[Records, pd.DataFrame], found: Finding
) -> None:
    same = headline(changed(bank[0], w=2.0), weight="w")
    np.testing.assert_allclose(same.table["estimate"], found.table["estimate"], rtol=1e-6)
    with pytest.raises(InputError, match="positive"):
        headline(changed(bank[0], w=0.0), weight="w")
