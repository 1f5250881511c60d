"""Specification curves and sensitivity to the unrecorded, on banks whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.designs.small_bank import visit_bank

from svcquality.designs import _specification_fits
from svcquality.designs._adjusted import Adjusted, fit_answers
from svcquality.designs._answer_specifications import answer_specifications
from svcquality.designs._answers import Answers, visit_answers
from svcquality.designs._exposure import contrast_of
from svcquality.designs._linear_part import linear_part
from svcquality.designs._robustness import Robustness, robustness
from svcquality.designs._sensitivity import sensitivity
from svcquality.designs._specifications import (
    Choice,
    Setting,
    SpecificationCurve,
    crossed,
    specification_curve,
)
from svcquality.designs.satisfaction import satisfaction
from svcquality.errors import InputError
from svcquality.estimators.clustered import sandwich
from svcquality.estimators.marginal import Contrast, contrast
from svcquality.language import Text, plain
from svcquality.records.bank import Records

FORBIDDEN = ("effect", "影响", "导致", "caused", "because of")


@pytest.fixture(scope="module")
def bank() -> Records:
    return visit_bank(1)[0]


@pytest.fixture(scope="module")
def answers(bank: Records) -> Answers:
    return visit_answers(bank, "satisfaction")


@pytest.fixture(scope="module")
def model(answers: Answers) -> Adjusted:
    return fit_answers(answers, ["wait_minutes", "branch_trained", "recent_complaint"])


@pytest.fixture(scope="module")
def held(answers: Answers, model: Adjusted) -> Robustness:
    return robustness(answers, model, "wait_minutes")


COLOUR = Choice("colour", Text("颜色", "colour"), {"red": plain("red"), "blue": plain("blue")})
SHAPE = Choice("shape", Text("形状", "shape"), {"round": plain("round")})
SIZE = Choice("size", Text("大小", "size"), {v: plain(v) for v in ("s", "m", "l", "xl")})
TOY = {"s": 1.0, "m": 2.0, "l": -1.0, "xl": 3.0}


def toy(setting: Setting) -> tuple[Contrast, int]:
    if (setting["colour"], setting["size"]) == ("blue", "xl"):
        raise InputError("too few", "太少")
    blue = 0.5 if setting["colour"] == "blue" else 0.0
    return contrast(TOY[setting["size"]] + blue, 0.1, 50.0), 10


def toy_curve(**headline: str) -> SpecificationCurve:
    own = {"colour": "red", "shape": "round", "size": "m"} | headline
    choices = [COLOUR, SHAPE, SIZE]
    return specification_curve(choices, crossed(choices), toy, headline=own, unit="points")


def test_a_declared_grid_is_estimated_whole_and_its_failures_are_kept() -> None:
    curve = toy_curve()
    frame = curve.specifications
    assert frame["estimate"].tolist() == [-1.0, -0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    assert frame["specification"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert curve.headline["estimate"] == 2.0
    assert curve.failed[["choice_colour", "choice_size", "reason_en"]].to_numpy().tolist() == [
        ["blue", "xl", "too few"]
    ]
    assert "choice_shape" not in frame  # nothing was chosen there
    assert set(curve.choices["name"]) == {"colour", "size"}
    assert curve.same_sign == pytest.approx(5 / 7)
    assert curve.detected and curve.clear == 1.0
    assert curve.median == 1.5


def test_the_check_stamps_exploratory_and_names_what_could_not_be_estimated() -> None:
    check = toy_curve().check
    assert check.status == "warn"
    assert check.text.en.startswith("Exploratory: 71% of 7")
    assert check.text.zh.startswith("探索性")
    assert "1 more could not be estimated" in check.text.en
    # "l" stands in two specifications only, too few to be named.
    assert "blue" in check.text.en
    assert toy_curve(size="l").same_sign == pytest.approx(2 / 7)


def test_where_the_headline_detects_nothing_to_agree_is_to_detect_nothing() -> None:
    values = {"s": 0.05, "m": -0.05, "l": 0.1, "xl": 3.0}
    curve = specification_curve(
        [SIZE],
        crossed([SIZE]),
        lambda setting: (contrast(values[setting["size"]], 0.1, 50.0), 10),
        headline={"size": "m"},
        unit="points",
    )
    check = curve.check
    assert not curve.detected and curve.same_sign == 0.25
    assert check.number == 0.75 and check.status == "warn"
    assert "75% of 4 declared specifications detect nothing" in check.text.en


def test_a_headline_that_cannot_be_estimated_is_an_error() -> None:
    with pytest.raises(InputError, match="too few"):
        toy_curve(colour="blue", size="xl")


def test_restrictions_pass_over_values_that_a_choice_lacks() -> None:
    grid = crossed([COLOUR, SIZE], size=["m", "huge"])
    assert grid == [{"colour": "red", "size": "m"}, {"colour": "blue", "size": "m"}]


def test_the_headline_of_the_curve_is_the_number_of_the_finding(
    bank: Records, held: Robustness
) -> None:
    frame = held.frames["specifications"]
    (row,) = frame[frame["headline"]].to_dict("records")
    reported = satisfaction(bank).table.set_index("term").loc["wait_plus_10"]
    for name in ("estimate", "low", "high", "n"):
        assert row[name] == pytest.approx(reported[name], rel=1e-9)
    assert (row["choice_coding"], row["choice_held"]) == ("ordered", "period")
    assert (row["choice_sample"], row["choice_curve"]) == ("all", "knots_5")


def test_the_grid_is_bounded_and_every_value_has_words(held: Robustness) -> None:
    frame, words = held.frames["specifications"], held.frames["choices"]
    assert 80 < len(frame) + len(held.frames["failed_specifications"]) <= 121
    assert not frame.filter(like="choice_").duplicated().any()
    for name, values in words.groupby("name")["value"]:
        assert set(frame[f"choice_{name}"]) <= set(values)
    assert words[["label_zh", "label_en"]].ne("").all(axis=None)
    assert frame["low"].lt(frame["estimate"]).all() and frame["high"].gt(frame["estimate"]).all()


def test_samples_leave_out_what_they_say(held: Robustness, model: Adjusted) -> None:
    frame = held.frames["specifications"]
    rows = frame.groupby("choice_sample")["n"].first()
    assert rows["first_half"] + rows["second_half"] == rows["all"] == model.fit.n
    assert rows["all"] - rows["no_largest_branch"] == model.rows["branch_id"].value_counts().iloc[0]


def test_what_is_held_equal_moves_the_estimate(held: Robustness) -> None:
    """In this bank busy branches have better-liked staff: pooling them hides the wait."""
    frame = held.frames["specifications"]
    by_step = frame[frame["choice_sample"] == "all"].groupby("choice_held")["estimate"].median()
    assert by_step["none"] > by_step["branch"] + 0.01
    assert by_step["branch"] == pytest.approx(by_step["period"], abs=0.01)


def test_straight_liners_are_a_sample_where_items_are_rated(bank: Records) -> None:
    rng = np.random.default_rng(3)
    items = rng.integers(1, 6, size=(3000, 3)).astype(float)
    items[:400] = 3.0
    surveys = bank.surveys.assign(**{f"item_{j}": items[:, j] for j in range(3)})
    rated = Records.from_frames(**{**bank.tables, "surveys": surveys})
    found = visit_answers(rated, "satisfaction")
    fitted = fit_answers(found, ["wait_minutes"])
    curve = answer_specifications(fitted, "wait_minutes", contrast_of(fitted, "wait_minutes"))
    rows = curve.specifications.groupby("choice_sample")["n"].first()
    alike = pd.DataFrame(items).nunique(axis=1).eq(1).sum()
    assert rows["all"] - rows["no_straight_liners"] == alike


@pytest.mark.parametrize("exposure", ["branch_trained", "recent_complaint"])
def test_flags_have_no_curve(answers: Answers, model: Adjusted, exposure: str) -> None:
    held = robustness(answers, model, exposure)
    frame = held.frames["specifications"]
    assert "choice_curve" not in frame and len(frame) <= 40
    assert {c.name for c in held.checks} == {"specifications", "robust"}


def test_where_fits_are_long_only_linear_probability_is_refitted(
    model: Adjusted, held: Robustness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_specification_fits, "MOST_WORK", 0.0)
    curve = answer_specifications(model, "wait_minutes", contrast_of(model, "wait_minutes"))
    frame = curve.specifications
    assert (frame["choice_coding"] == "linear").sum() == len(frame) - 1
    assert curve.headline["choice_coding"] == "ordered"
    whole = held.frames["specifications"]
    linear = whole[whole["choice_coding"] == "linear"]
    np.testing.assert_allclose(
        np.sort(linear["estimate"]),
        np.sort(frame.loc[frame["choice_coding"] == "linear", "estimate"]),
    )


def test_a_plain_verdict_has_no_steps_to_order(bank: Records) -> None:
    plainly = bank.surveys.assign(satisfied=bank.surveys["satisfaction"] >= 4, satisfaction=pd.NA)
    records = Records.from_frames(**{**bank.tables, "surveys": plainly})
    found = visit_answers(records, "satisfaction")
    fitted = fit_answers(found, ["wait_minutes"])
    curve = answer_specifications(fitted, "wait_minutes", contrast_of(fitted, "wait_minutes"))
    assert set(curve.specifications["choice_coding"]) == {"logit", "linear"}
    assert curve.headline["choice_coding"] == "logit"


def test_the_linear_part_is_least_squares_of_satisfied_or_not(model: Adjusted) -> None:
    part = linear_part(model, "wait_minutes")
    y = (model.y >= 4).astype(float)
    others = [j for j in range(model.X.shape[1]) if j not in model.matrix.at["wait_minutes"]]
    wait = model.rows["wait_minutes"].to_numpy(float) / 10
    X = np.column_stack([np.ones(len(y)), wait, model.X[:, others]])
    assert part.estimate == pytest.approx(np.linalg.lstsq(X, y, rcond=None)[0][1], rel=1e-9)
    assert part.inflation >= 1


def test_few_branches_widen_the_interval_as_in_the_finding(model: Adjusted) -> None:
    """With 24 branches the finding leaves out one at a time; so does its linear part."""
    part = linear_part(model, "branch_trained")
    assert model.fit.inference.kind == "CR3"
    reach = stats.t.ppf(0.975, part.fit.df) * part.error * part.inflation
    plain_reach = stats.t.ppf(0.975, 23) * np.sqrt(
        sandwich(part.fit.bread, [part.fit.scores], part.fit.n, model.rows["branch_id"]).covariance[
            part.column, part.column
        ]
    )
    assert reach > plain_reach


def test_weights_reach_every_number(answers: Answers, held: Robustness) -> None:
    rng = np.random.default_rng(2)
    weighed = replace(answers, rows=answers.rows.assign(weight=rng.uniform(0.2, 3, 3000)))
    exposures = ["wait_minutes", "branch_trained", "recent_complaint"]
    model = fit_answers(weighed, exposures, weight="weight")
    again = robustness(weighed, model, "wait_minutes")
    for name in ("specifications", "sensitivity", "benchmarks"):
        column = "value" if name == "sensitivity" else "estimate"
        one, two = held.frames[name][column], again.frames[name][column]
        assert len(one) == len(two) and not np.isclose(one, two, rtol=1e-6).any()
    even = fit_answers(
        replace(answers, rows=answers.rows.assign(weight=2.0)), exposures, weight="weight"
    )
    same = robustness(weighed, even, "wait_minutes")
    pd.testing.assert_frame_equal(
        same.frames["specifications"], held.frames["specifications"], rtol=1e-6
    )
    pd.testing.assert_frame_equal(same.frames["sensitivity"], held.frames["sensitivity"])


def test_items_with_any_name_and_no_branches(bank: Records) -> None:
    rng = np.random.default_rng(7)
    surveys = bank.surveys.drop(columns="visit_id").assign(
        **{"item_环境（大厅） [x]": rng.integers(1, 6, 3000).astype(float), "item_b": 3.0}
    )
    surveys["item_b"] = np.clip(
        surveys["satisfaction"].to_numpy(int) + rng.integers(-1, 2, 3000), 1, 5
    )
    found = visit_answers(Records.from_frames(surveys=surveys), "satisfaction")
    fitted = fit_answers(found, ["item_b", "item_环境（大厅） [x]"])
    held = robustness(found, fitted, "item_b")
    assert held.frames["specifications"]["estimate"].gt(0).all()
    assert "“环境（大厅） [x]”评分" in set(held.frames["benchmarks"]["label_zh"])
    (robust,) = [c for c in held.checks if c.name == "robust"]
    assert robust.status == "passed" and "the rating of “b”" in robust.text.en


def test_contours_cross_zero_at_the_robustness_value(held: Robustness) -> None:
    values = held.frames["sensitivity"].set_index("quantity")["value"]
    contours = held.frames["contours"]
    origin = contours[(contours["r2_exposure"] == 0) & (contours["r2_outcome"] == 0)]
    assert origin["estimate"].iloc[0] == values["linear_estimate"]
    diagonal = contours[np.isclose(contours["r2_exposure"], contours["r2_outcome"])]
    crossed_at = np.interp(0, diagonal["estimate"], diagonal["r2_exposure"])
    assert crossed_at == pytest.approx(values["robustness_value"], rel=0.02)
    assert 0 < values["robustness_value_95"] < values["robustness_value"]


def test_benchmarks_are_single_factors_with_intervals(held: Robustness) -> None:
    marks = held.frames["benchmarks"]
    assert "age" in set(marks["term"]) and "branch_id" not in set(marks["term"])
    known = marks.dropna()
    assert (known["low"] < known["estimate"]).all() and (known["estimate"] < known["high"]).all()
    assert known["estimate"].abs().is_monotonic_increasing


def test_an_association_within_its_error_needs_no_unrecorded_factor(bank: Records) -> None:
    rng = np.random.default_rng(5)
    surveys = bank.surveys.assign(satisfaction=rng.integers(1, 6, 3000), satisfied=pd.NA)
    records = Records.from_frames(**{**bank.tables, "surveys": surveys})
    found = visit_answers(records, "satisfaction")
    fitted = fit_answers(found, ["wait_minutes"])
    result = sensitivity(found, fitted, "wait_minutes")
    assert result.value("robustness_value_95") == 0
    assert result.value("e_value_limit") == 1
    assert result.check.status == "warn"
    assert "holds zero already" in result.check.text.en


def test_no_word_says_more_than_an_association(held: Robustness) -> None:
    labels = held.frames["sensitivity"][["label_zh", "label_en"]].to_numpy().ravel()
    texts = [t for c in held.checks for t in (c.text.zh, c.text.en)]
    texts += [t for title in held.appendix.values() for t in (title.zh, title.en)]
    for text in [*texts, *labels]:
        assert not any(word in text for word in FORBIDDEN), text
    robust = next(c for c in held.checks if c.name == "robust")
    assert robust.threshold is None  # a number to think with, not a verdict
    assert "as strongly related to both as" in robust.text.en


def test_rows_go_into_a_table_without_intervals(held: Robustness) -> None:
    rows = [q.row() for q in held.rows]
    terms = [row["term"] for row in rows]
    assert len(set(terms)) == len(terms)
    assert all(term.startswith("wait_minutes_") for term in terms)
    assert all(np.isnan(row["low"]) and np.isnan(row["p"]) for row in rows)


def test_the_same_records_give_the_same_numbers(
    answers: Answers, model: Adjusted, held: Robustness
) -> None:
    again = robustness(answers, model, "wait_minutes", seed=9)
    for name, frame in held.frames.items():
        pd.testing.assert_frame_equal(frame, again.frames[name])
