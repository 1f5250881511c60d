from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.designs.small_bank import visit_bank

from svcquality.designs.waiting import waiting
from svcquality.errors import InputError
from svcquality.findings import Finding
from svcquality.records.bank import Records


@pytest.fixture(scope="module")
def bank() -> tuple[Records, pd.DataFrame]:
    return visit_bank(2)


@pytest.fixture(scope="module")
def found(bank: tuple[Records, pd.DataFrame]) -> Finding:
    return waiting(bank[0])


def test_intervals_hold_the_truth(found: Finding, bank: tuple[Records, pd.DataFrame]) -> None:
    table = found.table.set_index("term")
    for term, name in (("plus_10", "wait_plus_10"), ("from_5", "from_5"), ("from_20", "from_20")):
        truth = bank[1][name].mean()
        assert table.loc[term, "low"] < truth < table.loc[term, "high"]
    ratio = table.loc["perceived_ratio"]
    assert ratio["low"] < 1.36 < ratio["high"]
    assert ratio["unit"] == "ratio"


def test_the_curve_bends_where_the_truth_does(found: Finding) -> None:
    curve = found.frames["curve"]
    share = np.interp([5, 15, 40, 50], curve["wait_minutes"], curve["estimate"])
    assert share[2] - share[3] > 2 * (share[0] - share[1])
    assert ((curve["low"] < curve["estimate"]) & (curve["estimate"] < curve["high"])).all()
    support = found.frames["support"]
    assert support["count"].sum() == pytest.approx(3000, abs=31)  # up to the 99th percentile
    assert (support["left"] < support["right"]).all()


def test_a_contrast_of_the_curve_is_the_row_of_the_table(found: Finding) -> None:
    curve = found.frames["curve"]
    at = np.interp([20, 30], curve["wait_minutes"], curve["estimate"])
    row = found.table.set_index("term").loc["from_20"]
    assert row["estimate"] == pytest.approx(at[1] - at[0], abs=2e-3)


def test_waits_that_nobody_had_are_not_spoken_of(bank: tuple[Records, pd.DataFrame]) -> None:
    records = bank[0]
    short = records.visits["called"] - records.visits["arrived"] < pd.Timedelta("22min")
    few = waiting(Records.from_frames(**{**records.tables, "visits": records.visits[short]}))
    assert "from_5" in set(few.table["term"])
    assert "from_40" not in set(few.table["term"])


def test_surveys_alone_are_enough(bank: tuple[Records, pd.DataFrame]) -> None:
    records = bank[0]
    wait = (records.visits["called"] - records.visits["arrived"]).dt.total_seconds() / 60
    surveys = records.surveys[["survey_id", "satisfaction"]].assign(wait_minutes=wait)
    found = waiting(Records.from_frames(surveys=surveys))
    row = found.table.set_index("term").loc["plus_10"]
    assert row["error_kind"] == "HC1"
    assert pd.isna(row["clusters"])
    assert "month" not in found.method.en
    assert {c.name: c.status for c in found.checks}["confounders"] == "warn"


def test_abandoned_tickets_are_described(bank: tuple[Records, pd.DataFrame]) -> None:
    records = bank[0]
    left = np.arange(len(records.visits)) % 20 == 0
    visits = records.visits.assign(abandoned=left)
    found = waiting(Records.from_frames(**{**records.tables, "visits": visits}))
    row = found.table.set_index("term").loc["abandoned"]
    assert row["estimate"] == pytest.approx(0.05)
    assert row["low"] < 0.05 < row["high"]
    assert np.isnan(row["p"])
    place = list(found.table["term"]).index("abandoned")
    assert found.claim_sentence(place, "zh").startswith("取号客户的弃号比例为 5.0%")


def test_zero_waits_and_few_different_ones() -> None:
    rng = np.random.default_rng(3)
    wait = np.where(rng.random(6000) < 0.6, 0, rng.integers(1, 90, 6000)).astype(float)
    satisfied = rng.random(6000) < 0.7 - 0.004 * wait
    surveys = pd.DataFrame(
        {"survey_id": np.arange(6000).astype(str), "satisfied": satisfied, "wait_minutes": wait}
    )
    found = waiting(Records.from_frames(surveys=surveys), outcome="satisfied")
    row = found.table.set_index("term").loc["plus_10"]
    assert row["low"] < -0.04 < row["high"] < 0
    coarse = surveys.assign(wait_minutes=np.minimum(wait // 30 * 30, 60))
    line = waiting(Records.from_frames(surveys=coarse), outcome="satisfied")
    assert "straight line" in line.method.en


def test_hopeless_waits_are_refused_with_a_reason(bank: tuple[Records, pd.DataFrame]) -> None:
    records = bank[0]
    with pytest.raises(InputError, match="has a wait"):
        waiting(Records.from_frames(surveys=records.surveys))
    with pytest.raises(InputError, match="same"):
        waiting(Records.from_frames(surveys=records.surveys.assign(wait_minutes=5.0)))
    with pytest.raises(InputError, match="3 to 7"):
        waiting(records, knots=12)


@pytest.mark.real
def test_flight_delays(real_data: object) -> None:
    """Delays in minutes and a verdict: the share satisfied falls from 46% to 39% beyond an hour."""
    raw = pd.read_csv(real_data / "airline_passenger_satisfaction.csv")  # type: ignore[operator]
    surveys = pd.DataFrame(
        {
            "survey_id": raw["id"].astype(str),
            "satisfied": raw["satisfaction"] == "satisfied",
            "wait_minutes": raw["Departure Delay in Minutes"],
            "age": raw["Age"],
            "segment": raw["Customer Type"],
            "Type of Travel": raw["Type of Travel"],
            "Class": raw["Class"],
        }
    )
    found = waiting(Records.from_frames(surveys=surveys), confounders=["Type of Travel", "Class"])
    table = found.table.set_index("term")
    assert table.loc["plus_10", "n"] == 20_000
    assert table.loc["plus_10", "high"] < 0
    curve = found.frames["curve"]
    assert curve["wait_minutes"].iloc[0] == 0
    assert curve["estimate"].iloc[-1] < curve["estimate"].iloc[0]


def test_a_split_of_the_scale_that_is_too_thin_does_not_stop_the_finding(
    found: Finding, bank: tuple[Records, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    from svcquality.designs import _answer_checks

    def refuse(*_, **__):
        raise InputError("separated", "完全分离")

    assert any(c.name == "proportional_odds" for c in found.checks)
    monkeypatch.setattr(_answer_checks, "brant_test", refuse)
    finding = waiting(bank[0])
    assert "plus_10" in finding.table["term"].tolist()
    assert all(c.name != "proportional_odds" for c in finding.checks)
