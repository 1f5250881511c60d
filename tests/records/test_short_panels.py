"""Panels of staff and of half hours: what is summed is what was counted, open is not shut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from svcquality.errors import InputError
from svcquality.records.panels import PANELS
from svcquality.records.read import Records
from svcquality.records.waits import with_waits

OPEN, SHUT = pd.Timedelta(hours=9), pd.Timedelta(hours=17)


@pytest.fixture(scope="module")
def bank() -> Records:
    rng = np.random.default_rng(11)
    days = pd.bdate_range("2024-04-01", "2024-05-31")
    n = 2_400
    arrived = (
        rng.choice(days, n) + pd.to_timedelta(rng.uniform(0, 8 * 3600, n).round(), unit="s") + OPEN
    )
    visits = pd.DataFrame(
        {"visit_id": [f"V{i}" for i in range(n)], "arrived": arrived,
         "branch_id": rng.choice(["B1", "B2", None], n, p=[0.5, 0.45, 0.05]),
         "staff_id": rng.choice(["S1", "S2", "S3", None], n, p=[0.3, 0.3, 0.3, 0.1])}
    )  # fmt: skip
    second = (visits["staff_id"] == "S2") & (rng.random(n) < 0.6)
    visits["branch_id"] = visits["branch_id"].mask(second, "B2")
    # B2 served nobody on the first Monday, and S3 was away for a week.
    away = (visits["staff_id"] == "S3") & visits["arrived"].between("2024-04-08", "2024-04-15")
    shut = (visits["branch_id"] == "B2") & visits["arrived"].between("2024-04-01", "2024-04-02")
    visits = visits[~away & ~shut].reset_index(drop=True)
    visits["called"] = visits["arrived"] + pd.to_timedelta(
        rng.integers(0, 2400, len(visits)), unit="s"
    )
    visits["ended"] = visits["called"] + pd.Timedelta(minutes=5)
    visits["abandoned"] = rng.random(len(visits)) < 0.1
    about = visits.sample(150, random_state=1)
    complaints = pd.DataFrame(
        {"complaint_id": range(150), "visit_id": about["visit_id"].to_numpy(), "received": about["ended"].to_numpy()}
    )  # fmt: skip
    asked = visits.sample(300, random_state=2)
    surveys = pd.DataFrame(
        {"survey_id": range(300), "visit_id": asked["visit_id"].to_numpy(), "satisfaction": rng.integers(1, 6, 300)}
    )  # fmt: skip
    surveys.loc[::4, "satisfaction"] = None
    training = pd.DataFrame({"training_id": ["T1", "T2"], "staff_id": ["S1", None],
                             "branch_id": [None, "B1"], "completed": ["2024-05-08", "2024-04-18"]})  # fmt: skip
    return Records.from_frames(
        visits=visits, complaints=complaints, surveys=surveys, training=training
    )


def test_staff_weeks_sum_to_the_tickets_that_name_somebody(bank):
    panel = bank.panel("staff_weeks")
    named = with_waits(bank.visits).dropna(subset=["staff_id"])
    assert panel["visits"].sum() == len(named)
    assert panel["abandoned"].sum() == named["abandoned"].sum()
    assert panel["complaints"].sum() == bank.complaints["visit_id"].isin(named["visit_id"]).sum()
    answered = bank.surveys[bank.surveys["satisfaction"].notna()]
    assert panel["answered"].sum() == answered["visit_id"].isin(named["visit_id"]).sum()
    assert (panel["week"].dt.day_name() == "Monday").all()
    for row in panel.sample(8, random_state=0).itertuples():
        mine = named[(named["staff_id"] == row.staff_id)
                     & named["arrived"].between(row.week, row.week + pd.Timedelta(days=7), "left")]  # fmt: skip
        assert row.visits == len(mine)
        assert row.days == mine["arrived"].dt.date.nunique()
        tickets = mine["branch_id"].value_counts()
        assert tickets[row.branch_id] == tickets.max()
        assert row.wait_minutes_mean == pytest.approx(mine["wait_minutes"].mean())
        scores = answered.loc[answered["visit_id"].isin(mine["visit_id"]), "satisfaction"]
        if len(scores):
            assert row.satisfaction_mean == pytest.approx(scores.astype(float).mean())
            assert row.satisfied_share == pytest.approx((scores >= 4).mean())
        assert row.complaints_per_1000_visits == pytest.approx(1000 * row.complaints / row.visits)


def test_a_week_away_is_no_week_of_zeros(bank):
    panel = bank.panel("staff_weeks")
    weeks = panel.groupby("staff_id")["week"].agg(["size", "nunique"])
    assert weeks.loc["S3"].tolist() == [8, 8] and weeks.loc["S1"].tolist() == [9, 9]
    assert pd.Timestamp("2024-04-08") not in panel.loc[panel["staff_id"] == "S3", "week"].tolist()


def test_staff_are_trained_by_their_own_record_or_their_branch(bank):
    trained = bank.panel("staff_weeks").groupby("staff_id")["first_trained"]
    assert trained.nunique(dropna=False).eq(1).all()  # a unit is first treated once
    home = bank.visits.groupby("staff_id")["branch_id"].agg(lambda s: s.value_counts().idxmax())
    assert set(home) == {"B1", "B2"}
    weeks = trained.first()
    assert weeks["S1"] == pd.Timestamp("2024-05-06")
    for person in ("S2", "S3"):
        by_branch = pd.Timestamp("2024-04-15") if home[person] == "B1" else pd.NaT
        assert weeks[person] is by_branch or weeks[person] == by_branch


def test_half_hours_sum_to_the_tickets_that_name_a_branch(bank):
    panel = bank.panel("branch_half_hours")
    named = with_waits(bank.visits).dropna(subset=["branch_id"])
    assert panel["visits"].sum() == len(named)
    assert panel["complaints"].sum() == bank.complaints["visit_id"].isin(named["visit_id"]).sum()
    assert not panel.duplicated(["branch_id", "start"]).any()
    weighted = (panel["wait_minutes_mean"] * (panel["visits"] - panel["abandoned"])).sum()
    assert weighted == pytest.approx(named["wait_minutes"].sum())
    at = named["arrived"].dt.floor("30min")
    for row in panel[panel["visits"] > 1].sample(8, random_state=0).itertuples():
        mine = named[(named["branch_id"] == row.branch_id) & (at == row.start)]
        assert (row.visits, row.staff) == (len(mine), mine["staff_id"].nunique())


def test_half_hours_are_zero_while_open_and_absent_while_shut(bank):
    panel = bank.panel("branch_half_hours")
    slots = panel.groupby(["branch_id", panel["start"].dt.normalize()]).size()
    assert slots.eq(16).all()  # 09:00 to 17:00 on every day that served anybody
    assert panel["visits"].eq(0).any()
    assert ("B2", pd.Timestamp("2024-04-01")) not in slots.index
    assert ("B1", pd.Timestamp("2024-04-01")) in slots.index
    assert not panel["start"].dt.day_of_week.isin([5, 6]).any()
    quiet = panel[panel["visits"] == 0]
    assert quiet[["complaints", "answered", "abandoned", "staff"]].eq(0).all().all()
    assert quiet["wait_minutes_mean"].isna().all() and quiet["satisfied_share"].isna().all()


def test_declared_hours_and_holidays_are_respected(bank):
    usual, longer = (
        bank.panel("branch_half_hours", **o) for o in ({}, {"hours": ("08:30", "17:00")})
    )
    days = usual.groupby("branch_id")["start"].apply(lambda s: s.dt.normalize().nunique()).sum()
    assert len(longer) == len(usual) + days
    holiday = pd.DatetimeIndex(["2024-05-01"])
    closed = replace(bank, holidays=holiday).panel("branch_half_hours")
    lost = usual.merge(closed[["branch_id", "start"]], how="left", indicator=True)
    gone = lost[lost["_merge"] == "left_only"]
    # A ticket on a holiday stays counted; only the zeros of that day go.
    assert (
        gone["start"].dt.normalize().eq(holiday[0]).all()
        and gone["visits"].eq(0).all()
        and len(gone)
    )
    weeks = replace(bank, holidays=holiday).panel("staff_weeks")
    assert set(weeks.loc[weeks["holidays"] == 1, "week"]) == {pd.Timestamp("2024-04-29")}


def test_what_is_not_recorded_is_missing_and_not_zero(bank):
    alone = Records.from_frames(visits=bank.visits.drop(columns=["staff_id", "abandoned"]))
    panel = alone.panel("branch_half_hours")
    assert panel[["complaints", "answered", "abandoned", "staff"]].isna().all().all()
    with pytest.raises(InputError, match="staff_id"):
        alone.panel("staff_weeks")


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("staff_week", {}, "did you mean 'staff_weeks'"),
        ("branch_months", {"were": {}}, "did you mean 'where'"),
        ("branch_half_hours", {"hours": ("17:00", "09:00")}, "two clock times"),
        ("branch_half_hours", {"hours": ("nine", "five")}, "two clock times"),
        ("customer_months", {}, "accounts"),
    ],
)
def test_a_panel_that_cannot_be_made_says_why(bank, name, options, words):
    with pytest.raises(InputError, match=words) as caught:
        bank.panel(name, **options)
    assert caught.value.zh != caught.value.en
    with pytest.raises(InputError, match="visits"):
        Records().panel("staff_weeks")


def test_every_panel_has_one_door(bank):
    assert list(PANELS) == ["surveys", "branch_months", "customer_months", "bank_months", "staff_weeks", "branch_half_hours"]  # fmt: skip
    assert len(bank.panel("surveys")) == bank.surveys["satisfaction"].notna().sum()


def test_months_name_the_definition_they_were_counted_under():
    complaints = pd.DataFrame(
        {"complaint_id": range(5), "branch_id": "B1", "definition_version": ["v1", "v1", "v2", "v2", None],
         "received": ["2024-01-05", "2024-02-03", "2024-02-20", "2024-03-02", "2024-04-01"]}
    )  # fmt: skip
    bank = Records.from_frames(complaints=complaints)
    for name in ("bank_months", "branch_months"):
        found = bank.panel(name)["definition_version"]
        assert found.tolist()[:3] == ["v1", "v1 + v2", "v2"] and found.isna().tolist() == [
            False
        ] * 3 + [True]
