"""Sentences say what the grade carries, in both languages, and no more."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality import wording
from svcquality.findings import Claim, Grade
from svcquality.language import LANGUAGES, Text

CAUSAL = {
    "zh": ("影响", "导致", "造成", "使得", "改变了", "效应", "带来", "引起"),
    "en": ("effect", "cause ", "causes", "changed", "leads to", "impact", "because"),
}
SUBJECT = Text("等候每增加 10 分钟", "ten more minutes of waiting")
OUTCOME = Text("满意客户的比例", "the share of satisfied customers")


def claim(estimate: float, low: float, high: float, unit: str = "share_difference", null=0.0):
    return Claim(SUBJECT, OUTCOME, estimate, low, high, unit, null)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unit", sorted(wording.UNITS))
@pytest.mark.parametrize("grade", [Grade.DESCRIBES, Grade.ASSOCIATED])
@settings(max_examples=25)
@given(
    estimate=st.floats(-3, 3),
    width=st.floats(0, 3),
    null=st.sampled_from([0.0, 1.0, math.nan]),
)
def test_no_causal_word_below_the_grade_changed(language, unit, grade, estimate, width, null):
    said = wording.sentence(
        claim(estimate, estimate - width, estimate + width, unit, null), grade.value, language
    )
    said = said.replace("not proof of cause", "").replace("不等于因果", "")
    assert not [word for word in CAUSAL[language] if word in said], said
    assert "{" not in said


def test_an_interval_that_holds_the_null_is_not_detectable_rather_than_none():
    nothing = claim(-0.01, -0.03, 0.01)
    assert wording.sentence(nothing, "changed", "en").startswith("No detectable change")
    assert wording.sentence(nothing, "is associated with", "zh").startswith("未发现")


def test_direction_and_size_are_said_in_words():
    worse = claim(-0.042, -0.06, -0.02)
    assert "4.2 percentage points lower" in wording.sentence(worse, "is associated with", "en")
    assert "下降 4.2 个百分点" in wording.sentence(worse, "changed", "zh")
    ratio = claim(1.35, 1.2, 1.5, "ratio", null=1.0)
    assert "1.35 times" in wording.sentence(ratio, "changed", "en")


@pytest.mark.parametrize(
    ("value", "unit", "language", "shown"),
    [
        (0.1234, "share", "en", "12.3%"),
        (-0.00004, "share_difference", "zh", "0.0 个百分点"),
        (math.nan, "minutes", "en", "—"),
        (1234567.0, "count", "zh", "1,234,567"),
        (-2.5, "minutes", "en", "−2.5 minutes"),
    ],
)
def test_numbers_are_shown_as_a_reader_expects(value, unit, language, shown):
    assert wording.number(value, unit, language) == shown


def test_a_label_never_claims_a_change_that_is_not_detectable():
    nothing, something = claim(-0.01, -0.03, 0.01), claim(-0.04, -0.06, -0.02)
    assert wording.verdict(nothing, "changed").en == "no detectable change"
    assert wording.verdict(something, "changed").en == "changed"
    assert wording.verdict(nothing, "describes").en == "describes"


SHARE = Text("解释份额", "the share of explained variance")


def standing(kind: str) -> Claim:
    return Claim(SUBJECT, SHARE, 0.35, 0.30, 0.41, "share", math.nan, standing=kind)


@pytest.mark.parametrize("kind", ["first", "tied", "none"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("grade", [Grade.DESCRIBES, Grade.ASSOCIATED])
def test_a_claim_about_an_order_has_no_causal_word_and_shows_its_interval(kind, language, grade):
    said = wording.sentence(standing(kind), grade.value, language)
    assert "35.0%" in said and "30.0" in said and "41.0" in said and "{" not in said
    said = said.replace("not proof of cause", "").replace("不等于因果", "")
    assert not [word for word in CAUSAL[language] if word in said], said


def test_an_order_that_is_not_clear_is_not_claimed():
    first, tied = (wording.sentence(standing(k), Grade.ASSOCIATED, "en") for k in ("first", "tied"))
    assert "has the largest share of explained variance" in first
    assert tied.startswith("The data cannot tell which of") and "has the largest" not in tied
    assert "无法分出" in wording.sentence(standing("tied"), Grade.ASSOCIATED, "zh")
    assert wording.verdict(standing("tied"), Grade.ASSOCIATED).en == "order not told apart"
    assert wording.verdict(standing("none"), Grade.ASSOCIATED).en == "no detectable association"
    assert wording.verdict(standing("first"), Grade.ASSOCIATED).en == "is associated with"
