"""Key drivers: shares with intervals, a leader only where there is one, and nothing lost unseen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.designs.driver_surveys import bank_of, five_points, items_survey
from tests.designs.small_bank import visit_bank

from svcquality.designs.drivers import drivers
from svcquality.errors import InputError
from svcquality.estimators.key_drivers import key_drivers
from svcquality.findings import Finding, Grade
from svcquality.findings_store import load_finding, save_finding

CAUSAL = ("effect", "caused", "leads to", "影响", "导致", "使得", "造成", "作用于")


@pytest.fixture(scope="module")
def surveys() -> pd.DataFrame:
    return items_survey(1)


@pytest.fixture(scope="module")
def found(surveys: pd.DataFrame) -> Finding:
    return drivers(bank_of(surveys), draws=200)


def share(finding: Finding) -> pd.DataFrame:
    table = finding.table.set_index("term")
    return table[table.index.str.startswith("share_")].rename(index=lambda t: t[6:])


def check(finding: Finding, name: str):
    return next(c for c in finding.checks if c.name == name)


def test_shares_are_the_exact_ones_net_of_branches_and_sum_to_one(
    found: Finding, surveys: pd.DataFrame
) -> None:
    items = [c for c in surveys if c.startswith("item_")]
    careful = surveys[surveys[items].nunique(axis=1) > 1]
    columns = ["satisfaction", *items]
    net = careful[columns] - careful.groupby("branch_id")[columns].transform("mean")
    by_hand = key_drivers(net["satisfaction"].to_numpy(), net[items].to_numpy(), draws=0)
    table = share(found)
    np.testing.assert_allclose(table["estimate"], by_hand.table["percent"] / 100, atol=1e-9)
    assert table["estimate"].sum() == pytest.approx(1)
    assert (table["low"] < table["estimate"]).all() and (table["estimate"] < table["high"]).all()
    assert table["p"].isna().all() and (table["clusters"] == 12).all()
    r2 = found.effect("r2")
    part = net["satisfaction"].var() / careful["satisfaction"].var()
    assert r2.estimate == pytest.approx(by_hand.r2 * part, rel=1e-3)
    assert r2.low < r2.estimate < r2.high


def test_a_clear_leader_is_named_as_an_association(found: Finding) -> None:
    assert found.grade is Grade.ASSOCIATED
    assert found.sentence("en").startswith("“a” has the largest share of explained variance")
    assert found.sentence("zh").startswith("“a”的满意度解释份额最高")
    assert check(found, "driver_order").status == "passed"
    told = [
        found.claim_sentence(i, lang) for i in range(len(found.claims)) for lang in ("zh", "en")
    ]
    for words in [*told, found.method.en, found.method.zh, *(c.text.en for c in found.checks)]:
        assert not [w for w in CAUSAL if w in words.replace("not proof of cause", "")], words


def test_direction_and_size_stand_beside_each_share(found: Finding) -> None:
    change = found.effect("change_item_a")
    assert change.low > 0 and change.unit == "share_difference"
    none = found.effect("change_item_e")
    assert none.low < 0 < none.high
    p = found.table.set_index("term").loc["change_item_a"]
    assert p["p"] <= p["p_adjusted"] < 0.001


def test_leaders_that_cannot_be_told_apart_are_all_named() -> None:
    equal = items_survey(4, weights=(0.6, 0.6, 0.1, 0.0, 0.0))
    tied = drivers(bank_of(equal), draws=200)
    en = tied.sentence("en")
    assert en.startswith("The data cannot tell which of") and "“a”" in en and "“b”" in en
    assert "largest share" in en and "“c”" not in en
    assert tied.sentence("zh").startswith("现有数据无法分出")
    assert check(tied, "driver_order").status == "warn"
    assert tied.frames["drivers"].set_index("driver")["leads"].to_dict() == {
        "item_a": True, "item_b": True, "item_c": False, "item_d": False, "item_e": False
    }  # fmt: skip


def test_noise_has_no_leader() -> None:
    noise = drivers(bank_of(items_survey(5, weights=(0, 0, 0, 0, 0))), draws=200)
    assert noise.sentence("en").startswith("No detectable association of “a”, “b”")
    assert noise.sentence("zh").startswith("未发现")
    assert check(noise, "drivers_detectable").status == "warn"
    assert not noise.frames["drivers"]["leads"].any()


def test_the_wait_and_training_stand_beside_items() -> None:
    records, _ = visit_bank(1, n=2500)
    rng = np.random.default_rng(4)
    served = five_points(
        0.5 * (records.surveys["satisfaction"].to_numpy(float) - 3) + rng.normal(size=2500)
    )
    rated = type(records).from_frames(
        **{**records.tables, "surveys": records.surveys.assign(item_service=served)}
    )
    found = drivers(rated, draws=100)
    assert list(share(found).index) == [
        "item_service", "wait_minutes", "branch_trained", "recent_complaint"
    ]  # fmt: skip
    assert found.effect("change_wait_minutes").high < 0
    assert found.effect("change_wait_minutes").label.en == "10 more minutes of waiting"
    assert found.effect("change_branch_trained").low > 0
    assert "kano" in found.appendix and "importance_performance" not in found.appendix


def test_named_drivers_of_every_kind(surveys: pd.DataFrame) -> None:
    rng = np.random.default_rng(5)
    n = len(surveys)
    kind = np.where(
        surveys["satisfaction"] + rng.normal(size=n) > 3.5, "贵宾", rng.choice(["大众", "新客"], n)
    )
    bank = bank_of(
        surveys,
        **{"渠道 (Q3) [主要]": kind, "age": rng.integers(20, 80, n), "vip": rng.random(n) < 0.4},
    )
    found = drivers(bank, drivers=["item_a", "渠道 (Q3) [主要]", "age", "vip"], draws=100)
    table = share(found)
    assert list(table.index) == ["item_a", "渠道 (Q3) [主要]", "age", "vip"]
    assert table.loc["渠道 (Q3) [主要]", "low"] > 0.03
    terms = set(found.table["term"])
    assert "change_渠道 (Q3) [主要]" not in terms  # three levels have no one change
    assert {"change_age", "change_vip"} <= terms
    assert "年龄" not in found.method.zh.split("控制：")[1]  # it is a driver here, not held equal


def test_the_outcome_in_disguise_is_left_out_by_name(surveys: pd.DataFrame) -> None:
    top = (surveys["satisfaction"] >= 4).astype(int) + 1
    found = drivers(
        bank_of(surveys, item_happy=top, item_total=6 - surveys["satisfaction"]), draws=100
    )
    assert {"item_happy", "item_total"}.isdisjoint(share(found).index)
    warned = check(found, "outcome_in_disguise")
    assert warned.status == "warn" and "“happy”" in warned.text.en and "“total”" in warned.text.zh
    steps = dict(zip(found.flow["step_en"], found.flow["rows"], strict=True))
    (why,) = [s for s in steps if "the outcome in disguise" in s]
    assert "“happy”, “total”" in why and steps[why] == 2
    assert steps["candidate drivers (columns)"] == 7
    alone = drivers(bank_of(surveys), draws=100)
    np.testing.assert_allclose(share(found)["estimate"], share(alone)["estimate"])


def test_a_verdict_by_name_yields_to_the_analyst(surveys: pd.DataFrame) -> None:
    rng = np.random.default_rng(6)
    bank = bank_of(surveys, item_overall_comfort=rng.integers(1, 6, len(surveys)))
    assert "item_overall_comfort" not in share(drivers(bank, draws=100)).index
    asked = drivers(bank, drivers=["item_a", "item_overall_comfort"], draws=100)
    assert list(share(asked).index) == ["item_a", "item_overall_comfort"]


def test_an_outcome_that_was_added_up_is_refused(surveys: pd.DataFrame) -> None:
    mean = surveys[["item_a", "item_b"]].mean(axis=1)
    made = surveys.assign(recommendation=2 * mean, satisfaction=pd.NA, answered="2024-05-01")
    with pytest.raises(InputError, match="computed from the items"):
        drivers(bank_of(made), outcome="recommendation", draws=100)


def test_useless_columns_are_counted_and_named(surveys: pd.DataFrame) -> None:
    n = len(surveys)
    rng = np.random.default_rng(7)
    bank = bank_of(
        surveys,
        item_same=3,
        item_empty=np.nan,
        item_twin=surveys["item_a"],
        item_rare=np.where(rng.random(n) < 0.2, rng.integers(1, 6, n), np.nan),
    )
    found = drivers(bank, draws=100)
    steps = " | ".join(found.flow["step_en"])
    for words in (
        "always the same: “same”",
        "without values: “empty”",
        "the same as another column: “twin”",
        "recorded for too few of the answers: “rare”",
    ):
        assert words in steps
    assert len(share(found)) == 5
    assert "“twin”" in check(found, "left_out").text.en


def test_items_often_missing_give_way_before_too_few_answers_are_left(
    surveys: pd.DataFrame,
) -> None:
    rng = np.random.default_rng(10)
    few = surveys.head(150)
    holed = {
        f"item_h{j}": np.where(rng.random(150) < 0.05 * j, np.nan, rng.integers(1, 6, 150))
        for j in range(1, 10)
    }
    found = drivers(bank_of(few, **holed), draws=100)
    kept = set(share(found).index)
    assert {"item_a", "item_b", "item_h1"} <= kept and "item_h9" not in kept
    assert found.table["n"].iloc[0] >= 10 * len(kept)
    assert "too few of the answers" in check(found, "left_out").text.en


def test_beyond_fifteen_the_weakest_are_left_out_and_counted(surveys: pd.DataFrame) -> None:
    rng = np.random.default_rng(8)
    more = {f"item_x{i:02d}": rng.integers(1, 6, len(surveys)) for i in range(14)}
    found = drivers(bank_of(surveys, **more), draws=100)
    table = share(found)
    assert len(table) == 15 and {"item_a", "item_b"} <= set(table.index)
    (row,) = found.flow[found.flow["step_en"].str.contains("beyond 15")]["rows"]
    assert row == 4


def test_a_reversed_item_is_named_and_kept_out_of_the_map(surveys: pd.DataFrame) -> None:
    found = drivers(bank_of(surveys, item_b=6 - surveys["item_b"]), draws=100)
    warned = check(found, "reversed_items")
    assert warned.status == "warn" and "“b”" in warned.text.en
    assert found.effect("change_item_b").high < 0
    assert "item_b" not in set(found.frames["importance_performance"]["item"])
    assert "item_b" not in set(found.frames["kano"]["attribute"])


def test_penalty_and_reward_find_what_was_planted() -> None:
    rng = np.random.default_rng(9)
    rated = pd.DataFrame(
        rng.integers(1, 6, (6000, 3)), columns=["item_queue", "item_staff", "item_room"]
    )
    bad, good = (rated <= 2).astype(int), (rated >= 4).astype(int)
    index = 0.9 * (good["item_staff"] - bad["item_queue"]) + 0.4 * (
        good["item_room"] - bad["item_room"]
    )
    y = np.clip(np.round(3 + index + rng.normal(0, 0.6, 6000)), 1, 5)
    frame = rated.assign(survey_id=[f"S{i}" for i in range(6000)], trigger="visit", satisfaction=y)
    found = drivers(bank_of(frame), draws=100)
    kinds = found.frames["kano"].set_index("attribute")["kind"].to_dict()
    assert kinds == {"item_queue": "basic", "item_staff": "excitement", "item_room": "performance"}
    assert "必备型：“queue”" in found.appendix["kano"].zh
    assert found.effect("asymmetry_item_queue").high < 0


def test_a_place_on_the_map_is_stated_only_where_the_draws_agree(found: Finding) -> None:
    placed = found.frames["importance_performance"].set_index("item")
    sure = placed["quadrant"] != "undetermined"
    assert (placed.loc[sure, "certainty"] >= 0.95).all()
    for axis in ("importance", "performance"):
        line = placed[f"{axis}_line"]
        crosses = (placed[f"{axis}_low"] <= line) & (placed[f"{axis}_high"] >= line)
        assert not (crosses & sure).any()
    assert placed["importance"].sum() == pytest.approx(1)
    assert set(placed.loc[~sure, "quadrant_zh"]) <= {"未定"}


def test_models_stand_side_by_side(found: Finding) -> None:
    shares, changes = found.models
    assert shares.terms["term"].tolist() == changes.terms["term"].tolist()
    assert shares.facts["r_squared"] == found.effect("r2").estimate
    assert changes.facts["clusters"] == 12
    assert [t.en for t in changes.absorbed] == ["branch"]


def test_same_seed_same_numbers_and_the_store_keeps_them(
    found: Finding, surveys: pd.DataFrame, tmp_path
) -> None:
    again = drivers(bank_of(surveys), draws=200)
    pd.testing.assert_frame_equal(again.table, found.table)
    save_finding(found, tmp_path)
    back = load_finding(tmp_path)
    assert back.sentence("zh") == found.sentence("zh") and repr(back.claims) == repr(found.claims)


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({}, {"drivers": ["item_z"]}, "did you mean"),
        ({}, {"drivers": ["survey_id", "item_a"]}, "no column 'survey_id'"),
        ({}, {"drivers": ["item_a"]}, "at least two drivers"),
        ({}, {"drivers": ["item_a", "satisfied"]}, "at least two drivers"),
        ({}, {"drivers": ["item_a", "item_b"], "confounders": ["item_b"]}, "one role"),
        ({}, {"straight_liners": "ignore"}, "'drop' or 'keep'"),
        ({}, {"draws": 3}, "at least 100"),
        ({"satisfaction": 4}, {}, "alike"),
        ({f"item_{c}": 3 for c in "abcd"}, {}, "at least two drivers"),
        ({f"item_{c}": [4, 5] * 500 for c in "abcde"}, {}, "rate the items differently"),
        ({f"item_{c}": np.nan for c in "abcde"}, {}, "at least two drivers"),
        ({f"item_{c}": [1, 2, 3, 4, 5] * 200 for c in "abcde"}, {}, "rate the items differently"),
    ],
)
def test_hopeless_input_is_refused_with_a_reason(surveys, change, options, words) -> None:
    with pytest.raises(InputError, match=words) as refused:
        drivers(bank_of(surveys, **change), **options)
    assert any("\u4e00" <= c <= "\u9fff" for c in refused.value.zh)


def test_few_branches_and_perfect_separation_still_answer(surveys: pd.DataFrame) -> None:
    one = drivers(bank_of(surveys, branch_id="B1"), draws=100)
    assert one.table["clusters"].isna().all()
    split = np.where(
        surveys["satisfaction"] >= 4, surveys["item_a"].clip(3), surveys["item_a"].clip(upper=2)
    )
    try:
        apart = drivers(bank_of(surveys, item_a=split), draws=100)
    except InputError as refused:
        assert refused.zh
    else:
        assert "item_a" not in share(apart).index or np.isfinite(share(apart)["estimate"]).all()
