"""How right the instruments are where the cause of every text is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

import svcquality as sq
from svcquality.causes.measured import MeasuredCauses

CODED = 500


@pytest.fixture(scope="module")
def bank() -> tuple[pd.DataFrame, pd.Series]:
    made = sq.simulate_bank(seed=7, branches=60, months=36, customers_per_branch=60)
    complaints = made.records.complaints
    complaints = complaints[complaints["text"].notna()]
    truth = made.truth.complaints.set_index("complaint_id")["primary"]
    return complaints.drop(columns=["coded_cause", "coding_probability"]), truth


@pytest.fixture(scope="module")
def seeded(bank) -> MeasuredCauses:
    return sq.measure_causes(bank[0], seed=1)


def macro_f1(measured: MeasuredCauses, truth: pd.Series, *, family: bool = False) -> float:
    """Over the texts that were not coded by hand."""
    primary = measured.primary.drop(measured.coded["complaint_id"])
    true = truth.reindex(primary.index)
    if family:
        primary, true = primary.map(measured.family_of), true.map(measured.family_of)
    return f1_score(true, primary, labels=sorted(true.unique()), average="macro", zero_division=0)


def test_texts_are_not_made_of_the_codebooks_seeds(bank, seeded) -> None:
    spans = seeded.spans
    own = spans["cause"].astype("str").to_numpy() == bank[1].reindex(spans["complaint_id"])
    holding = spans["complaint_id"][own.to_numpy()].nunique() / len(seeded.documents)
    assert 0.35 < holding <= 0.5


def test_the_seeded_model(bank, seeded) -> None:
    assert macro_f1(seeded, bank[1]) >= 0.80
    assert macro_f1(seeded, bank[1], family=True) >= 0.90


def test_the_supervised_coder(bank, seeded) -> None:
    complaints, truth = bank
    # Half of the codes spread evenly over what the seeded model saw, half at random.
    rng = np.random.default_rng(0)
    by_cause = seeded.primary.sample(frac=1, random_state=rng)
    even = by_cause.groupby(by_cause).head(CODED // 2 // by_cause.nunique()).index
    rest = by_cause.index.difference(even).to_series().sample(CODED - len(even), random_state=rng)
    coded = even.union(pd.Index(rest))
    given = complaints["complaint_id"].map(truth).where(complaints["complaint_id"].isin(coded))
    found = sq.measure_causes(
        complaints.assign(coded_cause=given), instrument="supervised", seed=1, starts=1
    )
    assert len(found.coded) == CODED
    assert macro_f1(found, truth) >= 0.90
    assert macro_f1(found, truth, family=True) >= 0.90
