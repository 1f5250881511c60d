"""Instruments behind one interface: what each adds, and that it can be kept and used again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

import svcquality as sq
from svcquality.causes.measure import MeasuredCauses, measure_causes
from svcquality.errors import InputError


@pytest.fixture(scope="module")
def bank() -> tuple[pd.DataFrame, pd.Series]:
    made = sq.simulate_bank(seed=3, branches=30, months=24, customers_per_branch=60)
    complaints = made.records.complaints
    complaints = complaints[complaints["text"].notna()]
    truth = made.truth.complaints.set_index("complaint_id")["primary"]
    return complaints.drop(columns=["coded_cause", "coding_probability"]), truth


def macro_f1(measured: MeasuredCauses, truth: pd.Series, among: pd.Index | None = None) -> float:
    primary = measured.primary if among is None else measured.primary.loc[among]
    true = truth.reindex(primary.index)
    family = measured.family_of
    return f1_score(true.map(family), primary.map(family), average="macro", zero_division=0)


@pytest.fixture(scope="module")
def seeded(bank) -> MeasuredCauses:
    return measure_causes(bank[0], seed=1, starts=2)


def test_the_seeded_model_beats_the_plain_count_of_seeds(bank, seeded) -> None:
    plain = measure_causes(bank[0], instrument="codebook")
    assert macro_f1(seeded, bank[1]) > macro_f1(plain, bank[1]) + 0.2


def test_codes_help_texts_that_were_not_coded(bank, seeded) -> None:
    complaints, truth = bank
    coded = complaints.sample(300, random_state=1)["complaint_id"]
    given = complaints["complaint_id"].map(truth).where(complaints["complaint_id"].isin(coded))
    found = measure_causes(
        complaints.assign(coded_cause=given), instrument="supervised", seed=1, starts=1
    )
    rest = found.primary.index.difference(coded)
    assert macro_f1(found, truth, rest) > macro_f1(seeded, truth, rest)
    # A coded text is measured without its own code: it is right as often as the others are.
    own = (found.primary.loc[coded] == truth.reindex(coded)).mean()
    others = (found.primary.loc[rest] == truth.reindex(rest)).mean()
    assert abs(own - others) < 0.08


def test_a_coder_needs_codes(bank) -> None:
    with pytest.raises(InputError, match="at least 50"):
        measure_causes(bank[0], instrument="supervised")


def test_prevalence_takes_covariates_and_draws_from_its_own_posterior(bank) -> None:
    few = bank[0].head(250)
    with pytest.raises(InputError, match="covariates"):
        measure_causes(few, instrument="prevalence", covariates=["no such column"])
    found = measure_causes(few, instrument="prevalence", covariates=["channel"], starts=1)
    draws = found.draws(60, seed=1)
    np.testing.assert_allclose(draws.sum(axis=2), 1.0)
    assert found.logistic is not None
    rows = found.logistic.rows
    gap = np.abs(draws.mean(axis=0)[rows] - found.probabilities.to_numpy()[rows])
    assert gap.mean() < 0.005


def test_an_unknown_instrument_is_named(bank) -> None:
    with pytest.raises(InputError, match="seeded"):
        measure_causes(bank[0], instrument="magic")  # type: ignore[arg-type]


def test_new_complaints_are_measured_by_the_same_topics(bank, seeded) -> None:
    again = seeded.apply(bank[0].head(200))
    same = seeded.primary.reindex(again.primary.index)
    assert (again.primary == same).mean() > 0.98
    assert again.coded.empty


def test_written_and_read_back(tmp_path: Path, bank, seeded) -> None:
    seeded.to_directory(tmp_path)
    back = MeasuredCauses.from_directory(tmp_path)
    pd.testing.assert_series_equal(back.primary, seeded.primary)
    again = back.apply(bank[0].head(20)).posterior
    np.testing.assert_array_equal(again, seeded.apply(bank[0].head(20)).posterior)


def test_it_stays_a_gensim_model(seeded) -> None:
    chinese = next(fitted for fitted in seeded.topics if fitted.language == "zh")
    words = dict(chinese.model(seeded.codebook.ids).show_topic(0, topn=30))
    assert "«Q1»" in words
