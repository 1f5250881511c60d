"""The outcome under another name is found; a strong driver of its own is left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.checks.outcome_in_disguise import (
    ADDED_UP,
    added_up,
    disguises,
    outcome_in_disguise,
)
from svcquality.language import plain

N = 1200


def five(latent: np.ndarray) -> np.ndarray:
    return np.digitize(latent, [-1.5, -0.5, 0.5, 1.5]) + 1


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    latent = rng.normal(size=N)
    y = five(latent)
    strong = 0.85 * latent + np.sqrt(1 - 0.85**2) * rng.normal(size=N)
    flips = rng.random(N) < 0.02
    labels = np.array(["", "很差", "差", "一般", "好", "很好"])
    return pd.DataFrame(
        {
            "satisfaction": y,
            # disguises
            "flag": y >= 4,
            "nearly_the_flag": (y >= 4) ^ flips,
            "shifted": y * 10 - 3,
            "reversed": 6 - y,
            "label": labels[y],
            "grouped": np.where(y >= 4, "promoter", np.where(y == 3, "passive", "detractor")),
            "noisy": y + rng.normal(0, 0.2, N),
            "twin_0_10": np.clip(np.round(2.4 * latent + 5 + rng.normal(0, 0.3, N)), 0, 10),
            # drivers of their own
            "strong": five(strong),
            "strong_fine": strong,
            "strong_flag": (strong > 0.5).astype(int),
            "weak": five(0.3 * latent + rng.normal(size=N)),
            "unrelated": rng.integers(1, 6, N),
            "segment": rng.choice(["a", "b", "c"], N),
            "many": rng.choice([f"网点{i}" for i in range(200)], N),
        }
    )


DISGUISES = [
    "flag", "nearly_the_flag", "shifted", "reversed", "label", "grouped", "noisy", "twin_0_10",
]  # fmt: skip
DRIVERS = ["strong", "strong_fine", "strong_flag", "weak", "unrelated", "segment", "many"]


def caught(rows: pd.DataFrame, outcome: str = "satisfaction", names: list[str] | None = None):
    found = disguises(rows, outcome, names or [*DISGUISES, *DRIVERS])
    return set(found.loc[found["disguise"], "column"])


def test_every_disguise_is_found_and_no_driver_is_accused(rows):
    assert np.corrcoef(rows["strong"], rows["satisfaction"])[0, 1] > 0.75  # a near miss
    assert caught(rows) == set(DISGUISES)


def test_a_coarse_outcome_does_not_hide_them(rows):
    verdict = rows.assign(satisfied=rows["satisfaction"] >= 4)
    names = ["shifted", "reversed", "label", "noisy", "flag", "strong", "strong_fine", "weak"]
    assert caught(verdict, "satisfied", names) == {"shifted", "reversed", "label", "noisy", "flag"}


def test_missing_answers_do_not_hide_them(rows):
    rng = np.random.default_rng(2)
    holes = rows.astype({"shifted": float}).mask(rng.random(rows.shape) < 0.3)
    assert {"shifted", "label", "reversed"} <= caught(holes)
    assert not set(DRIVERS) & caught(holes)


def test_a_survey_outcome_is_never_a_driver_of_another(rows):
    both = rows.assign(recommendation=np.random.default_rng(3).integers(0, 11, N))
    (found,) = disguises(both, "satisfaction", ["recommendation"]).to_dict("records")
    assert found["disguise"] and found["kind"] == "outcome"


def test_the_sum_of_others_is_found_and_its_parts_stay():
    rng = np.random.default_rng(4)
    parts = pd.DataFrame(rng.integers(1, 6, (400, 4)), columns=list("abcd")).astype(float)
    rows = parts.assign(
        mean=parts.mean(axis=1).round(2), y=five(parts["a"] - 3 + rng.normal(size=400))
    )
    for order in (["a", "b", "c", "d", "mean"], ["mean", "a", "b", "c", "d"]):
        found = disguises(rows, "y", order).set_index("column")
        assert found.index[found["disguise"]].tolist() == ["mean"]
        assert found.loc["mean", "kind"] == "total"


@pytest.mark.parametrize(
    "name", ["item_overall", "item_总体评价", "nps_group", "would_recommend", "综合评分"]
)
def test_an_overall_verdict_is_known_by_its_name(rows, name):
    (found,) = disguises(rows.rename(columns={"weak": name}), "satisfaction", [name]).to_dict(
        "records"
    )
    assert found["kind"] == "name" and found["disguise"]


@pytest.mark.parametrize("name", ["item_staff", "item_等候满意度", "item_satisfaction_with_fees"])
def test_satisfaction_with_a_part_is_no_overall_verdict(rows, name):
    assert not caught(rows.rename(columns={"weak": name}), names=[name])


@settings(max_examples=40, deadline=None)
@given(
    st.permutations(range(1, 6)),
    st.integers(60, 300),
    st.integers(0, 10_000),
)
def test_any_relabelling_is_found_and_chance_never_is(codes, n, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(1, 6, n)
    relabelled = np.array([0, *codes])[y]
    rows = pd.DataFrame({"y": y, "x": relabelled, "z": rng.integers(1, 6, n)})
    assert caught(rows, "y", ["x", "z"]) == {"x"}


def test_nothing_to_judge_is_no_verdict():
    rows = pd.DataFrame({"y": [1, 2, 3] * 20, "empty": np.nan, "same": 3, "few": np.nan})
    rows.loc[:5, "few"] = rows["y"]
    assert not caught(rows, "y", ["empty", "same", "few"])
    assert not caught(rows.assign(y=1), "y", ["same"])


def test_what_was_left_out_is_named_with_its_number(rows):
    names = ["flag", "noisy", "strong"]
    words = {name: plain(name) for name in names}
    check = outcome_in_disguise(
        disguises(rows, "satisfaction", names), plain("satisfaction"), words
    )
    assert check.status == "warn"
    assert "flag is a recoding of the outcome (1.00)" in check.text.en
    assert "noisy ranks the answers as the outcome does" in check.text.en
    assert "strong" not in check.text.en
    fine = outcome_in_disguise(
        disguises(rows, "satisfaction", ["strong"]), plain("satisfaction"), words
    )
    assert fine.status == "passed" and fine.number < 0.95


def test_an_outcome_that_was_added_up_is_seen():
    rng = np.random.default_rng(5)
    items = pd.DataFrame(rng.integers(1, 6, (300, 3)), columns=list("abc")).astype(float)
    rows = items.assign(
        mean=items.mean(axis=1).round(1),
        asked=five(items["a"] - 3 + rng.normal(size=300)),
        word="x",
    )
    assert added_up(rows, "mean", ["a", "b", "c", "word"]) > ADDED_UP
    assert added_up(rows, "asked", ["a", "b", "c"]) < ADDED_UP
    assert np.isnan(added_up(rows.head(10), "mean", ["a"]))
    assert not caught(items.assign(d=items["a"], e=items["a"], y=items["b"] * 2), "y", list("acde"))
