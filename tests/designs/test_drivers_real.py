"""Key drivers in two public surveys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.conftest import ROOT
from tests.designs.driver_surveys import bank_of

from svcquality.designs.drivers import drivers
from svcquality.records.read import read_records

pytestmark = pytest.mark.real
ITEMS = ["Sat1", "Sat2", "Sat3", "Sat4"]


@pytest.fixture(scope="module")
def financial(real_data: Path) -> pd.DataFrame:
    raw = pd.read_csv(real_data / "financial_satisfaction_loyalty.csv")
    rated = raw[ITEMS].add_prefix("item_")
    return rated.assign(
        survey_id=[f"R{i}" for i in range(len(raw))],
        trigger="relationship",
        satisfaction=raw["Custloyalty"],
        mean=raw["CustSatMean"],
    )


def test_two_items_with_one_published_correlation_are_not_told_apart(
    financial: pd.DataFrame,
) -> None:
    rho = financial.filter(like="item_").corrwith(financial["satisfaction"], method="spearman")
    assert rho.round(2).tolist() == [0.49, 0.37, 0.49, 0.40]  # as published
    found = drivers(bank_of(financial), draws=200)
    share = found.table.set_index("term")["estimate"].filter(like="share_")
    assert found.frames["drivers"].query("leads")["driver"].tolist() == ["item_Sat1", "item_Sat3"]
    assert "cannot tell which of “Sat1” and “Sat3”" in found.sentence("en")
    assert share.sort_values().index.str[-4:].tolist() == ["Sat2", "Sat4", "Sat3", "Sat1"]
    flow = dict(zip(found.flow["step_en"], found.flow["rows"], strict=True))
    assert flow["answered surveys"] == financial["satisfaction"].notna().sum() == 2169
    assert flow["with every exposure recorded"] == 1925


def test_the_mean_of_the_items_is_no_driver_beside_them(financial: pd.DataFrame) -> None:
    items = [f"item_{name}" for name in ITEMS]
    found = drivers(bank_of(financial), drivers=[*items, "mean"], draws=100)
    assert set(found.frames["drivers"]["driver"]) == set(items)
    check = next(c for c in found.checks if c.name == "outcome_in_disguise")
    assert check.status == "warn" and "“mean” is the sum or mean of other items" in check.text.en


@pytest.mark.slow
def test_boarding_leads_among_airline_services(real_data: Path) -> None:
    bank = read_records(ROOT / "examples" / "airline")
    found = drivers(bank, outcome="satisfied", confounders=["travel", "class"], draws=100, seed=1)
    assert found.sentence("en").startswith("“boarding” has the largest share")
    frame = found.frames["drivers"].set_index("driver")
    assert len(frame) == 15 and frame["share"].sum() == pytest.approx(1)
    # What nobody rated (0) is missing, not a bad rating.
    raw = pd.read_csv(real_data / "airline_passenger_satisfaction.csv")
    zeros = (raw[raw.columns[raw.columns.get_indexer(["Inflight wifi service"])]] == 0).sum().sum()
    assert bank.surveys["item_wifi"].isna().sum() == zeros
    turned = next(c for c in found.checks if c.name == "reversed_items")
    assert turned.status == "warn" and "“gate”" in turned.text.en
    lines = next(c for c in found.checks if c.name == "straight_lining")
    same = (bank.surveys.filter(like="item_").nunique(axis=1) == 1).sum()
    assert round(lines.number * len(raw)) <= same and lines.status == "passed"
    assert np.isfinite(found.table["estimate"]).all()
