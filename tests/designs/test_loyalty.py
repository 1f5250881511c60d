from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.designs.small_bank import account_bank

from svcquality.designs.loyalty import loyalty
from svcquality.errors import InputError
from svcquality.findings import Finding, Grade
from svcquality.records.bank import Records
from svcquality.records.panel import customer_months


@pytest.fixture(scope="module")
def bank() -> tuple[Records, dict[str, float]]:
    return account_bank(1)


@pytest.fixture(scope="module")
def found(bank: tuple[Records, dict[str, float]]) -> Finding:
    return loyalty(bank[0])


def test_the_interval_holds_the_truth_and_the_naive_difference_is_far(
    found: Finding, bank: tuple[Records, dict[str, float]]
) -> None:
    records, truth = bank
    row = found.table.set_index("term").loc["recent_complaint"]
    assert row["low"] < truth["recent_complaint"] < row["high"]
    assert row["unit"] == "per_1000_customers"
    months = customer_months(records)
    recent = months["complaint_last_3_months"].to_numpy(bool)
    closed = months["closed"].to_numpy(float)
    naive = closed[recent].mean() - closed[~recent].mean()
    # The young complain more and close more anyway.
    assert naive > truth["recent_complaint"] * 1.2
    assert naive > row["estimate"]


def test_share_closing_within_a_horizon(bank: tuple[Records, dict[str, float]]) -> None:
    closed = customer_months(bank[0])["closed"].to_numpy(float)
    table = loyalty(bank[0], horizon_months=6).table.set_index("term")
    row = table.loc["closing_within_6_months"]
    assert row["estimate"] == pytest.approx(1 - (1 - closed.mean()) ** 6)
    assert row["low"] < row["estimate"] < row["high"]
    with pytest.raises(InputError, match="horizon_months"):
        loyalty(bank[0], horizon_months=0)


def test_flow_and_words(found: Finding, bank: tuple[Records, dict[str, float]]) -> None:
    rows = dict(zip(found.flow["step_en"], found.flow["rows"], strict=True))
    closings = int(bank[0].accounts["closed"].sum())
    assert rows["account-months on record"] == len(bank[0].accounts)
    assert rows["of these, closings"] == closings
    assert found.grade is Grade.ASSOCIATED
    assert "customers (CR1)" in found.method.en  # 12 branches are too few to cluster by
    assert found.sentence("zh").startswith("近三个月内有投诉与每月销户数高")
    for words in (found.sentence("zh"), found.sentence("en"), found.method.zh, found.method.en):
        assert not any(w in words for w in ("effect", "影响", "导致", "caused"))
    assert list(found.frames["forest"]["term"]) == ["recent_complaint"]


def test_forty_branches_are_clustered_by(bank: tuple[Records, dict[str, float]]) -> None:
    records, _ = account_bank(3, branches=45)
    found = loyalty(records)
    assert (found.table["error_kind"] == "CR1 by branch_id").all()
    assert (found.table["clusters"] == 45).all()


def test_low_ratings_and_open_complaints(bank: tuple[Records, dict[str, float]]) -> None:
    records = bank[0]
    rng = np.random.default_rng(9)
    accounts, customers = records.accounts, records.customers
    # Half the customers rated once, before the first month; those who left rated lower.
    left = set(accounts.loc[accounts["closed"].fillna(False).astype(bool), "customer_id"])
    rated = customers["customer_id"][rng.random(len(customers)) < 0.5]
    low = rng.random(len(rated)) < np.where(rated.isin(left), 0.5, 0.2)
    surveys = pd.DataFrame(
        {
            "survey_id": [f"S{i}" for i in range(len(rated))],
            "customer_id": rated.to_numpy(),
            "answered": pd.Timestamp("2023-12-20"),
            "satisfaction": np.where(low, 1, 5),
        }
    )
    open_ended = records.complaints.assign(
        resolved=records.complaints["received"] + pd.Timedelta("70D")
    )
    found = loyalty(
        Records.from_frames(**{**records.tables, "surveys": surveys, "complaints": open_ended})
    )
    table = found.table.set_index("term")
    assert table.loc["dissatisfied", "low"] > 0
    assert "unresolved" in table.index
    assert "whether ever rated" in found.method.en
    assert {c.name: c.status for c in found.checks}["identified"] == "passed"


def test_hopeless_banks_are_refused_with_a_reason(bank: tuple[Records, dict[str, float]]) -> None:
    records = bank[0]
    with pytest.raises(InputError, match="Nobody closes"):
        loyalty(Records.from_frames(accounts=records.accounts.assign(closed=False)))
    with pytest.raises(InputError, match="No complaint or rating"):
        loyalty(Records.from_frames(accounts=records.accounts))
    alone = loyalty(Records.from_frames(accounts=records.accounts, complaints=records.complaints))
    assert {c.name: c.status for c in alone.checks}["confounders"] == "warn"
