"""Corrected means are right whatever the classifier; the plug-in is not."""

from __future__ import annotations

import numpy as np
import pytest

from svcquality.estimators.design_based import design_based_group_mean, design_based_mean

REPLICATIONS = 400
BAND = 3.5 * np.sqrt(0.95 * 0.05 / REPLICATIONS)
"""A coverage of 95% strays further than this from .95 once in two thousand tests."""


def draw(rng: np.random.Generator, probability: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.where(rng.random(len(truth)) < probability, truth, np.nan)


@pytest.mark.parametrize("tuned", [False, True])
def test_the_share_of_a_population_is_covered_where_the_plug_in_fails(tuned: bool) -> None:
    rng = np.random.default_rng(1)
    n = 3000
    truth = (rng.random(n) < 0.15).astype(float)
    model = np.where(truth == 1, rng.random(n) < 0.7, rng.random(n) < 0.15).astype(float)
    probability = np.where(model == 1, 0.15, 0.05)
    fits = [
        design_based_mean(model, draw(rng, probability, truth), probability, tuned=tuned)
        for _ in range(REPLICATIONS)
    ]
    estimates = np.array([f.estimate for f in fits])
    covered = np.mean([f.low <= truth.mean() <= f.high for f in fits])
    assert abs(estimates.mean() - truth.mean()) < 4 * estimates.std() / np.sqrt(REPLICATIONS) + 5e-4
    assert abs(covered - 0.95) < BAND
    assert abs(model.mean() - truth.mean()) > 0.05  # the plug-in


def test_the_share_of_a_superpopulation_is_covered() -> None:
    rng = np.random.default_rng(2)
    n = 800
    covered = []
    for _ in range(REPLICATIONS):
        truth = (rng.random(n) < 0.3).astype(float)
        model = np.clip(0.2 + 0.4 * truth + 0.1 * rng.normal(size=n), 0, 1)
        probability = np.full(n, 0.4)
        fit = design_based_mean(model, draw(rng, probability, truth), probability, population=False)
        covered.append(fit.low <= 0.3 <= fit.high)
    assert abs(np.mean(covered) - 0.95) < BAND


def test_a_rare_cause_without_a_mistake_in_the_sample_is_not_certain() -> None:
    rng = np.random.default_rng(3)
    n, covered, certain = 4000, [], 0
    truth = (rng.random(n) < 0.02).astype(float)
    model = np.where(rng.random(n) < 0.01, 1 - truth, truth)
    probability = np.full(n, 0.05)
    for _ in range(REPLICATIONS):
        coded = draw(rng, probability, truth)
        fit = design_based_mean(model, coded, probability)
        certain += bool(np.nanmax(np.abs(coded - model)) == 0)
        covered.append(fit.low <= truth.mean() <= fit.high)
    assert certain > 20  # such samples do occur
    assert np.mean(covered) > 0.93


def test_a_better_model_gives_a_shorter_interval_and_tuning_forgives_a_useless_one() -> None:
    rng = np.random.default_rng(4)
    n = 4000
    truth = rng.normal(size=n)
    probability = np.full(n, 0.1)
    coded = draw(rng, probability, truth)
    good = design_based_mean(truth + 0.3 * rng.normal(size=n), coded, probability)
    none = design_based_mean(np.zeros(n), coded, probability)
    noise = 2 * rng.normal(size=n)
    useless = design_based_mean(noise, coded, probability)
    tuned = design_based_mean(noise, coded, probability, tuned=True)
    assert good.error < 0.4 * none.error < none.error < useless.error
    assert tuned.error == pytest.approx(none.error, rel=0.02)


def test_a_simple_random_sample_without_a_model_is_the_textbook_mean() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(10, 2, size=500)
    coded = np.full(500, np.nan)
    chosen = rng.choice(500, size=100, replace=False)
    coded[chosen] = values[chosen]
    fit = design_based_mean(np.zeros(500), coded, np.full(500, 0.2))
    assert fit.estimate == pytest.approx(values[chosen].mean())
    textbook = np.sqrt((1 - 0.2) * values[chosen].var(ddof=1) / 100)
    assert fit.error == pytest.approx(textbook)
    whole = design_based_mean(np.zeros(500), values, np.ones(500))
    assert whole.error == 0
    assert whole.estimate == pytest.approx(values.mean())


def test_coded_units_need_their_probability() -> None:
    with pytest.raises(ValueError, match="probability"):
        design_based_mean(np.zeros(3), np.array([1.0, 0.0, np.nan]), np.array([0.5, np.nan, 0.5]))
    with pytest.raises(ValueError, match="two units"):
        design_based_mean(np.zeros(2), np.array([1.0, np.nan]), np.array([0.5, 0.5]))


@pytest.mark.parametrize("clustered", [False, True])
def test_group_differences_are_covered_where_the_predicted_group_is_diluted(
    clustered: bool,
) -> None:
    rng = np.random.default_rng(6)
    n, branches, gap = 2000, 50, -0.25
    covered, corrected, plugged = [], [], []
    for _ in range(REPLICATIONS):
        member = rng.random(n) < 0.25
        branch = rng.integers(branches, size=n)
        level = 0.6 + (0.12 * rng.normal(size=branches)[branch] if clustered else 0.0)
        outcome = (rng.random(n) < level + gap * member).astype(float)
        # The classifier errs more often where the customer was satisfied.
        wrong = rng.random(n) < np.where(outcome == 1, 0.25, 0.1)
        model = np.where(wrong, ~member, member).astype(float)
        probability = np.full(n, 0.3)
        coded = draw(rng, probability, member.astype(float))
        fit = design_based_group_mean(
            outcome, model, coded, probability, branch if clustered else None
        )
        corrected.append(fit.difference.estimate)
        covered.append(fit.difference.low <= gap <= fit.difference.high)
        plugged.append(outcome[model == 1].mean() - outcome[model == 0].mean())
    assert abs(np.mean(corrected) - gap) < 0.01
    assert abs(np.mean(covered) - 0.95) < BAND
    assert abs(np.mean(plugged) - gap) > 0.05


def test_coding_every_unit_gives_plain_group_means() -> None:
    rng = np.random.default_rng(7)
    member = (rng.random(300) < 0.4).astype(float)
    outcome = rng.normal(size=300) + member
    fit = design_based_group_mean(outcome, rng.random(300), member, np.ones(300))
    inside, outside = outcome[member == 1], outcome[member == 0]
    assert fit.group.estimate == pytest.approx(inside.mean())
    assert fit.others.estimate == pytest.approx(outside.mean())
    assert fit.share == pytest.approx(member.mean())
    assert (fit.coded_in, fit.coded_out) == (len(inside), len(outside))
    robust = np.sqrt(inside.var() / len(inside) + outside.var() / len(outside))
    assert fit.difference.error == pytest.approx(robust, rel=0.01)


def test_a_category_that_the_correction_removes_has_no_mean() -> None:
    model = np.array([1.0, 0, 0, 0])
    coded = np.array([0.0, 0, np.nan, np.nan])
    fit = design_based_group_mean(np.arange(4.0), model, coded, np.full(4, 0.5))
    assert np.isnan(fit.difference.estimate)
    assert np.isnan(fit.difference.p)
