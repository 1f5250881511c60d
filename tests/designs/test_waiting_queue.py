"""What the ticket log adds to the question of waiting, in banks whose answer is known."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from tests.designs.small_bank import visit_bank
from tests.designs.wait_log_bank import wait_log_bank

from svcquality.designs.waiting import waiting
from svcquality.findings import Check, Finding
from svcquality.language import LANGUAGES
from svcquality.records.bank import Records


def checks(found: Finding) -> dict[str, Check]:
    return {check.name: check for check in found.checks}


def rows(found: Finding) -> pd.DataFrame:
    return found.table.set_index("term")


@pytest.fixture(scope="module")
def plain() -> tuple[Finding, float]:
    records, truth = wait_log_bank(1)
    return waiting(records, outcome="satisfied"), truth


@pytest.fixture(scope="module")
def troubled() -> tuple[Finding, float]:
    """Days that are bad in more than one way, and memories coloured by mood."""
    records, truth = wait_log_bank(2, bad_days=1.5, mood=0.4)
    return waiting(records, outcome="satisfied"), truth


def test_three_ways_to_the_same_ten_minutes(plain: tuple[Finding, float]) -> None:
    found, truth = plain
    for term in ("plus_10", "plus_10_within_branch_hour", "plus_10_instrumented"):
        assert rows(found).loc[term, "low"] < truth < rows(found).loc[term, "high"], term
    strength = checks(found)["instrument_strength"]
    assert strength.status == "passed"
    assert strength.number > 100
    assert "Anderson-Rubin" in rows(found).loc["plus_10_instrumented", "error_kind"]
    assert "only through the wait" in found.method.en
    assert checks(found)["placebo_future_wait"].status == "passed"
    assert checks(found)["wait_halo"].status == "passed"


def test_models_stand_side_by_side(plain: tuple[Finding, float]) -> None:
    found = plain[0]
    assert [model.name.en for model in found.models] == [
        "Logit, curve of waits", "Linear probability, branch by half hour",
        "Two-stage least squares",
    ]  # fmt: skip
    for model, term in zip(
        found.models, ("plus_10", "plus_10_within_branch_hour", "plus_10_instrumented"), strict=True
    ):
        own = model.terms.set_index("term").loc["plus_10"]
        assert own["estimate"] == rows(found).loc[term, "estimate"]
        assert model.facts["n"] == rows(found).loc[term, "n"]


def test_bad_days_are_seen_by_the_placebo_and_passed_by_the_instrument(
    troubled: tuple[Finding, float],
) -> None:
    found, truth = troubled
    table = rows(found)
    assert (
        table.loc["plus_10", "high"] < truth
    )  # days that are bad in other ways too count as waits
    placebo = checks(found)["placebo_future_wait"]
    assert placebo.status == "warn"
    assert placebo.number < 0.01
    assert "p = " in placebo.text.zh
    row = table.loc["plus_10_instrumented"]
    assert row["low"] < truth < row["high"]


def test_a_coloured_memory_is_named(troubled: tuple[Finding, float]) -> None:
    halo = checks(troubled[0])["wait_halo"]
    assert halo.status == "warn"
    assert halo.number < 0.001
    assert "cannot stand in" in halo.text.en


def test_an_instrument_that_moves_nothing_gives_no_number() -> None:
    found = waiting(wait_log_bank(3, days=20, congestion=0.0)[0], outcome="satisfied")
    assert checks(found)["instrument_strength"].status == "warn"
    assert "plus_10_within_branch_hour" in rows(found).index
    row = rows(found).reindex(["plus_10_instrumented"]).iloc[0]
    assert pd.isna(row["estimate"]) or row["high"] - row["low"] > 0.3


def test_announcements_and_turns_at_equal_wait() -> None:
    records, _ = wait_log_bank(4, informed=0.7, overtaken=-0.9)
    found = waiting(records, outcome="satisfied")
    table = rows(found)
    assert table.loc["informed", "low"] > 0
    assert table.loc["overtaken", "high"] < 0
    share = table.loc["overtaken_share"]
    assert 0.05 < share["low"] < share["high"] < 0.95
    assert "being overtaken" in found.method.en
    assert "是否预告等候时长" in found.method.zh
    for index, term in enumerate(found.table["term"]):
        if term in ("informed", "overtaken"):
            assert "effect" not in found.claim_sentence(index, "en").lower()


def test_a_flag_of_the_survey_says_who_was_told() -> None:
    records, _ = visit_bank(5)
    told = pd.Series(np.arange(3000) % 2 == 0)
    found = waiting(
        Records.from_frames(
            **{**records.tables, "surveys": records.surveys.assign(wait_announced=told)}
        )
    )
    row = rows(found).loc["informed"]
    assert row["low"] < 0 < row["high"]


def test_nobody_is_spoken_for_twice(plain: tuple[Finding, float]) -> None:
    """Without a ticket log there is nothing to say about the queue."""
    records, _ = visit_bank(2)
    alone = records.surveys.assign(
        wait_minutes=(records.visits["called"] - records.visits["arrived"]).dt.total_seconds() / 60
    ).drop(columns="visit_id")
    found = waiting(Records.from_frames(surveys=alone))
    gone = {"plus_10_instrumented", "plus_10_within_branch_hour", "overtaken_share", "informed"}
    assert not gone & set(found.table["term"])
    assert "instrument" not in found.method.en


def test_a_bend_is_reported_where_there_is_one() -> None:
    found = waiting(visit_bank(2)[0])
    row = rows(found).loc["threshold_minutes"]
    assert row["low"] < 20 < row["high"]
    assert row["unit"] == "minutes"
    assert len(found.frames["threshold"]) == 1
    assert checks(found)["threshold"].number < 0.05


def test_no_bend_is_made_up(plain: tuple[Finding, float]) -> None:
    assert "threshold_minutes" not in rows(plain[0]).index
    assert plain[0].frames["threshold"].empty
    assert "未检测到阈值" in checks(plain[0])["threshold"].text.zh


def test_intervals_own_up_to_the_bend_that_a_smooth_curve_rounds() -> None:
    """Where the curve bends, contrasts are wider than sampling alone makes them."""
    from svcquality.designs._adjusted import fit_answers
    from svcquality.designs._answers import visit_answers
    from svcquality.designs._waiting_curve import fitted_curve
    from svcquality.estimators.marginal import average_change

    model = fit_answers(visit_answers(visit_bank(2)[0], "satisfaction"), ["wait_minutes"])
    curve = fitted_curve(model)
    sampling = average_change(
        model.fit, model.X, curve.everyone(20), curve.everyone(30), model.category
    )
    honest = curve.between(20, 30)
    assert honest.error > sampling.error
    assert abs(honest.estimate - sampling.estimate) < 2 * sampling.error
    assert curve.weights.sum() == pytest.approx(1)
    assert curve.level(30).estimate - curve.level(20).estimate == pytest.approx(honest.estimate)


def impatient(seed: int, *, recorded: bool) -> Records:
    """A third of the customers leave a queue, at a moment that the log tells or not."""
    rng = np.random.default_rng(seed)
    n = 4000
    arrived = pd.Timestamp("2025-03-03 09:00") + pd.to_timedelta(
        np.arange(n) // 100 * 1440 + np.arange(n) % 100 * 4.5, unit="min"
    )
    offered = rng.gamma(4, 10, n)
    patience = rng.exponential(60, n)
    left = patience < offered
    frame = pd.DataFrame(
        {
            "visit_id": [f"V{i}" for i in range(n)],
            "branch_id": [f"B{i // 400}" for i in range(n)],
            "arrived": arrived,
            "called": (arrived + pd.to_timedelta(offered, unit="min")).where(
                ~left if recorded else np.ones(n, bool)
            ),
            "abandoned": left,
        }
    )
    if recorded:
        frame["ended"] = arrived + pd.to_timedelta(np.minimum(offered, patience) + 1e-3, unit="min")
    satisfied = rng.random(n) < expit(1 - 0.02 * offered)
    surveys = pd.DataFrame(
        {
            "survey_id": [f"S{i}" for i in range(n)],
            "visit_id": frame["visit_id"],
            "satisfied": pd.array(satisfied, dtype="boolean"),
            "trigger": "visit",
        }
    )[~left]
    return Records.from_frames(visits=frame, surveys=surveys)


@pytest.mark.parametrize("recorded", [True, False])
def test_patience_with_and_without_moments_of_leaving(recorded: bool) -> None:
    found = waiting(impatient(7, recorded=recorded), outcome="satisfied")
    row = rows(found).loc["patience_median"]
    assert row["low"] < 60 * np.log(2) < row["high"]
    assert row["error_kind"] == ("Kaplan-Meier" if recorded else "exponential")
    check = checks(found)["abandonment"]
    assert check.status == "warn"
    assert check.number == pytest.approx(rows(found).loc["abandoned", "estimate"])
    assert "whatever they think" in check.text.en


def test_every_claim_has_words_in_both_languages(
    plain: tuple[Finding, float], troubled: tuple[Finding, float]
) -> None:
    for found in (plain[0], troubled[0]):
        for language in LANGUAGES:
            said = [found.claim_sentence(i, language) for i in range(len(found.claims))]
            said += [check.text[language] for check in found.checks]
            assert all(said)
            assert not any(w in s for s in said for w in ("nan", "导致", "effect of", " cause "))


def test_the_figure_marks_the_bend_with_its_interval(plain: tuple[Finding, float]) -> None:
    bent = waiting(visit_bank(2)[0])
    for language, words in (("en", "bends at"), ("zh", "分钟处转折")):
        ax = bent.plot(language=language)
        assert any(words in text.get_text() for text in ax.texts)
        plt.close(ax.figure)
    ax = plain[0].plot()
    assert not ax.texts
    plt.close(ax.figure)
