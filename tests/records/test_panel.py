"""Panels against answers worked out row by row on small random banks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.errors import InputError
from svcquality.records.panel import (
    bank_months,
    branch_months,
    customer_months,
    survey_rows,
    with_waits,
)
from svcquality.records.read import Records

MONTHS = pd.date_range("2024-01-01", periods=8, freq="MS")
SPAN = (pd.Timestamp("2024-09-01") - MONTHS[0]).total_seconds()


def moments(rng, n):
    return MONTHS[0] + pd.to_timedelta((rng.random(n) * (SPAN - 86400)).round(), unit="s")


@pytest.fixture(scope="module")
def bank():
    rng = np.random.default_rng(5)
    people, n = [f"C{i}" for i in range(25)], 160
    branches = pd.DataFrame(
        {
            "branch_id": ["B1", "B2", "B3"],
            "opened": ["2010-01-01", "2024-03-15", None],
            "closed": [None, None, "2024-06-10"],
        }
    )
    customers = pd.DataFrame(
        {"customer_id": people, "branch_id": rng.choice(["B1", "B2", "B3"], 25),
         "joined": "2023-11-20", "age": rng.integers(20, 80, 25), "segment": "mass"}
    )  # fmt: skip
    arrived = moments(rng, n)
    visits = pd.DataFrame(
        {"visit_id": [f"V{i}" for i in range(n)], "branch_id": rng.choice(["B1", "B2", "B3"], n),
         "customer_id": rng.choice(people, n), "staff_id": rng.choice(["S1", "S2"], n),
         "arrived": arrived, "called": arrived + pd.to_timedelta(rng.integers(0, 3000, n), unit="s"),
         "abandoned": rng.random(n) < 0.1, "service_type": "cash", "channel": "counter"}
    )  # fmt: skip
    visits["ended"] = visits["called"] + pd.Timedelta(minutes=4)
    received = moments(rng, 60)
    complaints = pd.DataFrame(
        {"complaint_id": [f"K{i}" for i in range(60)], "customer_id": rng.choice(people, 60),
         "branch_id": rng.choice(["B1", "B2", "B3"], 60), "received": received,
         "resolved": received + pd.to_timedelta(rng.integers(1, 70, 60), unit="D"),
         "business": rng.choice(["card", "loan"], 60)}
    )  # fmt: skip
    complaints.loc[::7, "resolved"] = pd.NaT
    picked = visits.sample(70, random_state=2)
    surveys = pd.DataFrame(
        {"survey_id": [f"Q{i}" for i in range(70)], "visit_id": picked["visit_id"].to_numpy(),
         "invited": picked["ended"].to_numpy(), "satisfaction": rng.integers(1, 6, 70)}
    )  # fmt: skip
    surveys["answered"] = surveys["invited"] + pd.Timedelta(hours=3)
    surveys.loc[::5, ["answered", "satisfaction"]] = None
    surveys["customer_id"] = picked["customer_id"].to_numpy()
    surveys["branch_id"] = picked["branch_id"].to_numpy()
    training = pd.DataFrame(
        {"training_id": ["T1", "T2"], "branch_id": ["B1", "B1"],
         "completed": ["2024-05-20", "2024-04-10"]}
    )  # fmt: skip
    grid = pd.MultiIndex.from_product([people, MONTHS], names=["customer_id", "month"])
    accounts = grid.to_frame(index=False)
    accounts["balance"] = rng.lognormal(9, 1, len(grid)).round(2)
    accounts["products"] = rng.integers(1, 6, len(grid))
    accounts["closed"] = rng.random(len(grid)) < 0.04
    return Records.from_frames(
        branches=branches, customers=customers, visits=visits, complaints=complaints,
        surveys=surveys, training=training, accounts=accounts.sample(frac=1, random_state=3),
    )  # fmt: skip


def test_waits(bank):
    rows = with_waits(bank.visits)
    left = bank.visits["abandoned"].fillna(False).to_numpy(dtype=bool)
    assert rows.loc[left, "wait_minutes"].isna().all() and left.any()
    stayed = rows[~left]
    expected = (stayed["called"] - stayed["arrived"]).dt.total_seconds() / 60
    np.testing.assert_allclose(stayed["wait_minutes"], expected)
    assert stayed["service_minutes"].eq(4).all()
    assert (rows["month"].dt.day == 1).all()


def test_branch_months_are_balanced_while_a_branch_is_open(bank):
    panel = branch_months(bank).set_index(["branch_id", "month"])
    assert not panel.index.duplicated().any()
    months = panel.reset_index().groupby("branch_id")["month"].agg(["min", "max", "size"])
    assert months.loc["B1"].tolist() == [MONTHS[0], MONTHS[7], 8]
    assert months.loc["B2"].tolist() == [MONTHS[2], MONTHS[7], 6]
    assert months.loc["B3"].tolist() == [MONTHS[0], MONTHS[5], 6]
    trained = panel["first_trained"].groupby("branch_id").first()
    assert trained["B1"] == pd.Timestamp("2024-04-01") and trained[["B2", "B3"]].isna().all()


def test_branch_months_count_what_is_there(bank):
    panel = branch_months(bank)
    surveys = bank.surveys[bank.surveys["answered"].notna()]
    for row in panel.itertuples():
        end = row.month + pd.offsets.MonthBegin(1)
        inside = {
            name: frame[(frame["branch_id"] == row.branch_id) & frame[time].between(row.month, end, "left")]
            for name, frame, time in (
                ("visits", with_waits(bank.visits), "arrived"),
                ("complaints", bank.complaints, "received"),
                ("surveys", surveys, "answered"),
            )
        }  # fmt: skip
        assert (row.visits, row.complaints, row.answered) == tuple(map(len, inside.values()))
        wait = inside["visits"]["wait_minutes"].mean()
        np.testing.assert_allclose(row.wait_minutes_mean, wait)
        if row.answered:
            scores = inside["surveys"]["satisfaction"].astype(float)
            assert row.satisfaction_mean == pytest.approx(scores.mean())
            assert row.satisfied_share == pytest.approx((scores >= 4).mean())
        if row.visits:
            assert row.complaints_per_1000_visits == pytest.approx(
                1000 * row.complaints / row.visits
            )


def test_a_selection_counts_fewer_complaints_in_the_same_months(bank):
    every, cards = branch_months(bank), branch_months(bank, where={"business": "card"})
    assert len(every) == len(cards)
    assert every["visits"].equals(cards["visits"])
    loans = branch_months(bank, where={"business": ["loan"]})
    assert (every["complaints"] == cards["complaints"] + loans["complaints"]).all()
    with pytest.raises(InputError, match="'busines'"):
        branch_months(bank, where={"busines": "card"})


def test_declared_denominators_win_and_nothing_is_invented_outside_them(bank):
    declared = pd.DataFrame(
        {"month": MONTHS[1:5], "unit": "branch", "unit_id": "B1", "measure": "visits",
         "value": [100, 200, 300, 400]}
    )  # fmt: skip
    panel = branch_months(Records.from_frames(**bank.tables, denominators=declared))
    ours = panel[panel["branch_id"] == "B1"]
    assert ours["month"].tolist() == list(MONTHS[1:5])
    assert ours["visits"].tolist() == [100, 200, 300, 400]
    assert panel.loc[panel["branch_id"] == "B3", "visits"].isna().all()


def test_bank_months(bank):
    panel = bank_months(bank)
    assert panel["month"].tolist() == list(MONTHS)
    assert panel["complaints"].sum() == len(bank.complaints)
    assert panel["visits"].sum() == len(bank.visits)
    assert panel["outlets"].tolist() == [2, 2, 3, 3, 3, 3, 2, 2]
    assert "complaints_per_10m_customers" not in panel
    declared = pd.DataFrame(
        {"month": MONTHS, "unit": "bank", "unit_id": "all", "measure": "customers", "value": 2e6}
    )
    rich = bank_months(Records.from_frames(**bank.tables, denominators=declared))
    np.testing.assert_allclose(rich["complaints_per_10m_customers"], 5 * rich["complaints"])
    with pytest.raises(InputError, match="complaints"):
        bank_months(Records.from_frames(branches=bank.branches))


def test_survey_rows_know_the_visit_and_what_came_before(bank):
    rows = survey_rows(bank)
    assert len(rows) == bank.surveys["answered"].notna().sum()
    visits = with_waits(bank.visits).set_index("visit_id")
    about = bank.surveys.set_index("survey_id")["visit_id"]
    people = bank.customers.set_index("customer_id")
    seen = set()
    for row in rows.itertuples():
        visit = visits.loc[about[row.survey_id]]
        assert row.hour == visit["arrived"].hour
        np.testing.assert_equal(row.wait_minutes, visit["wait_minutes"])
        assert row.satisfied == (row.satisfaction >= 4)
        assert row.age == people.at[row.customer_id, "age"]
        trained = row.branch_id == "B1" and visit["arrived"] >= pd.Timestamp("2024-04-10")
        assert row.branch_trained == trained
        own = bank.complaints.loc[bank.complaints["customer_id"] == row.customer_id, "received"]
        lag = visit["arrived"] - own
        recent = ((lag > pd.Timedelta(0)) & (lag <= pd.Timedelta(days=90))).any()
        assert row.recent_complaint == recent
        seen.add((trained, bool(recent)))
    assert len(seen) == 4  # every combination was met


def test_survey_rows_of_a_bare_survey():
    bare = pd.DataFrame(
        {"survey_id": [1, 2, 3], "satisfied": ["Y", "N", None], "wait_minutes": [3, 8, 9],
         "item_staff": [5, 0, 3], "age": [30, 40, 50], "class": ["Eco", "Eco", "Business"]}
    )  # fmt: skip
    rows = survey_rows(Records.from_frames(surveys=bare))
    assert rows["satisfied"].tolist() == [True, False]
    assert rows["wait_minutes"].tolist() == [3, 8]
    assert rows["age"].tolist() == [30, 40]
    assert rows["branch_trained"].isna().all() and rows["recent_complaint"].isna().all()
    assert list(rows.columns)[-2:] == ["item_staff", "class"]
    with pytest.raises(InputError, match="surveys"):
        survey_rows(Records())


def test_survey_rows_carry_what_the_ticket_foretold_and_who_went_first():
    visits = pd.DataFrame(
        {
            "visit_id": ["V1", "V2"], "arrived": ["2024-01-02 09:00", "2024-01-02 09:05"],
            "priority": ["true", "false"], "announced_minutes": [12, None],
        }
    )  # fmt: skip
    surveys = pd.DataFrame(
        {"survey_id": ["S1", "S2", "S3"], "visit_id": ["V2", "V1", None], "satisfaction": [3, 4, 5]}
    )
    rows = survey_rows(Records.from_frames(visits=visits, surveys=surveys))
    assert rows["priority"].tolist() == [False, True, pd.NA]
    assert rows["announced_minutes"].fillna(-1).tolist() == [-1, 12, -1]
    # A survey without a ticket may say so itself, in its own words.
    own = surveys.assign(priority=["VIP", None, "VIP"], announced_minutes=[5, 6, 7])
    rows = survey_rows(Records.from_frames(surveys=own))
    assert rows["priority"].eq("VIP").tolist() == [True, False, True]
    assert rows["announced_minutes"].tolist() == [5, 6, 7]


def test_customer_months(bank):
    rows = customer_months(bank)
    accounts = bank.accounts.set_index(["customer_id", "month"]).sort_index()
    surveys = bank.surveys.dropna(subset=["answered", "satisfaction"])
    at_risk = 0
    for _customer, history in accounts.groupby("customer_id"):
        gone = history["closed"].to_numpy(dtype=bool)
        at_risk += int(gone.argmax()) + 1 if gone.any() else len(gone)
    assert len(rows) == at_risk < len(accounts)
    met = set()
    for row in rows.itertuples():
        account = accounts.loc[(row.customer_id, row.month)]
        assert row.closed == account["closed"]
        before = row.month - pd.offsets.MonthBegin(1)
        if row.month == MONTHS[0]:
            assert np.isnan(row.log_balance) and np.isnan(row.products)
        else:
            earlier = accounts.loc[(row.customer_id, before)]
            assert row.log_balance == pytest.approx(np.log1p(earlier["balance"]))
            assert row.products == earlier["products"]
        own = bank.complaints[bank.complaints["customer_id"] == row.customer_id]
        recent = own["received"].between(row.month - pd.offsets.MonthBegin(3), row.month, "left")
        assert row.complaint_last_3_months == recent.any()
        still = (own["received"] < row.month) & (
            own["resolved"].isna() | (own["resolved"] > row.month)
        )
        assert row.unresolved == still.any()
        mine = surveys[
            (surveys["customer_id"] == row.customer_id) & (surveys["answered"] < row.month)
        ]
        last = mine.sort_values("answered")["satisfaction"]
        np.testing.assert_equal(
            row.mean_satisfaction, float(last.iloc[-1]) if len(last) else np.nan
        )
        assert row.tenure_months == (row.month.year - 2023) * 12 + row.month.month - 11
        met.add((row.closed, row.complaint_last_3_months, row.unresolved))
    assert len(met) >= 6


def test_staff_training_belongs_to_the_branch_where_the_person_serves(bank):
    visits = bank.visits.assign(
        staff_id=bank.visits["branch_id"].map({"B1": "S1", "B2": "S2", "B3": "S3"})
    )
    training = pd.DataFrame({"training_id": ["T"], "staff_id": ["S2"], "completed": ["2024-05-02"]})
    tables = bank.tables | {"visits": visits, "training": training}
    panel = branch_months(Records.from_frames(**tables))
    trained = panel.groupby("branch_id")["first_trained"].first()
    assert trained["B2"] == pd.Timestamp("2024-05-01") and trained[["B1", "B3"]].isna().all()


def test_a_large_customer_panel_is_quick():
    people, months = 12_000, 36
    rng = np.random.default_rng(1)
    accounts = pd.DataFrame(
        {"customer_id": np.repeat([f"C{i}" for i in range(people)], months),
         "month": np.tile(pd.date_range("2022-01-01", periods=months, freq="MS"), people),
         "balance": rng.lognormal(9, 1, people * months),
         "closed": rng.random(people * months) < 0.003}
    )  # fmt: skip
    bank = Records.from_frames(accounts=accounts)
    started = pd.Timestamp.now()
    rows = customer_months(bank)
    assert (pd.Timestamp.now() - started).total_seconds() < 5  # about 0.4 s on one core
    assert rows["closed"].sum() == rows.loc[rows["closed"], "customer_id"].nunique()


def test_training_of_staff_only_is_no_branch_s_without_visits():
    bank = Records.from_frames(
        complaints=pd.DataFrame(
            {"complaint_id": ["a", "b"], "received": ["2024-01-05", "2024-02-05"],
             "branch_id": ["x", "y"]}
        ),
        training=pd.DataFrame(
            {"training_id": ["t"], "staff_id": ["s"], "completed": ["2024-01-05"]}
        ),
    )  # fmt: skip
    panel = branch_months(bank)
    assert panel["first_trained"].isna().all()
    assert panel["first_trained"].dtype == "datetime64[ns]"
    assert panel["complaints"].tolist() == [1, 0, 0, 1]
