"""What a cause costs: corrected by a hand-coded sample where there is one, plain about it where not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality import measure_causes, simulate_bank
from svcquality.designs.cause_cost import cause_cost
from svcquality.errors import InputError
from svcquality.findings import Grade
from svcquality.records.bank import Records


@pytest.fixture(scope="module")
def bank():
    return simulate_bank("state", 5, branches=40, months=24, customers_per_branch=120)


@pytest.fixture(scope="module")
def causes(bank):
    return measure_causes(bank.records.complaints, seed=5, starts=1)


def test_the_correction_holds_the_truth(bank, causes):
    finding = cause_cost(bank.records, causes=causes)
    truth = bank.truth.estimands.query("design == 'cause_cost'").set_index("term")["value"]
    table = finding.table.set_index("term")
    held = table.assign(truth=truth).dropna(subset=["truth"])
    assert len(held) >= 4
    assert ((held["low"] <= held["truth"]) & (held["truth"] <= held["high"])).mean() >= 0.8
    assert finding.grade is Grade.ASSOCIATED
    assert (table["p_holm"] >= table["p"] - 1e-12).all()
    assert finding.claims[0].estimate in set(table["estimate"])


def test_without_hand_coding_nothing_has_a_p_value(bank, causes):
    complaints = bank.frames["complaints"].assign(coded_cause=None, coding_probability=np.nan)
    records = Records.from_frames(complaints=complaints, surveys=bank.frames["surveys"])
    finding = cause_cost(records, causes=measure_causes(records.complaints, seed=5, starts=1))
    assert finding.table["p"].isna().all()
    assert finding.grade is Grade.DESCRIBES
    assert any(c.name == "hand_coded" and c.status == "warn" for c in finding.checks)
    assert "plug-in" in finding.table["error_kind"].iloc[0]


def test_what_cannot_be_compared_is_said(bank, causes):
    surveys = bank.frames["surveys"]
    same = surveys.assign(
        satisfaction=surveys["satisfaction"].where(surveys["satisfaction"].isna(), 5)
    )
    records = Records.from_frames(
        complaints=bank.frames["complaints"],
        surveys=same.drop(columns="satisfied", errors="ignore"),
    )
    with pytest.raises(InputError, match="answered the same"):
        cause_cost(records, causes=causes)
    no_link = Records.from_frames(
        complaints=bank.frames["complaints"],
        surveys=surveys.assign(complaint_id=pd.Series(pd.NA, surveys.index, dtype="str")),
    )
    with pytest.raises(InputError, match="names the complaint"):
        cause_cost(no_link, causes=causes)
