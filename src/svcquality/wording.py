"""Sentences and numbers as a reader sees them, in Chinese and English, written from the grade.

A finding graded "associated" has no word for "effect" here, so it cannot print one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from svcquality.language import Language, Text

GradeName = Literal["describes", "is associated with", "changed"]
Standing = Literal["", "first", "tied", "none"]


@dataclass(frozen=True)
class Claim:
    """One quantity in the reader's words; sentences and number cards are written from it.

    Parameters
    ----------
    subject : Text
        What is compared or described, a noun phrase ("10 more minutes of waiting").
    outcome : Text
        What it is about, a noun phrase ("the share of satisfied customers").
    estimate, low, high : float
        On the natural scale, with the interval.
    unit : str
        A key of `UNITS`; decides how the number is shown.
    null : float
        The value that means "nothing there": 0 for differences, 1 for ratios; ``nan`` for a
        plain level that is only described.
    level : float
        Nominal coverage of the interval.
    standing : {"", "first", "tied", "none"}
        For a claim about an order: the subject is told apart from all others, the subjects cannot
        be told apart (the number is the largest of theirs), or all of them together have no
        detectable association (the number is what they explain).
    """

    subject: Text
    outcome: Text
    estimate: float
    low: float
    high: float
    unit: str
    null: float = 0.0
    level: float = 0.95
    standing: Standing = ""


class Unit:
    """How a number of one unit is shown.

    Parameters
    ----------
    factor : float
        Multiplies the number for display (100 for percentages).
    digits : int
        Decimals shown.
    name : Text
        Follows the number.
    ratio : bool
        A ratio is compared with 1 and spoken of as "times".
    """

    def __init__(self, factor: float, digits: int, name: Text, *, ratio: bool = False) -> None:
        self.factor = factor
        self.digits = digits
        self.name = name
        self.ratio = ratio


UNITS: dict[str, Unit] = {
    "share": Unit(100, 1, Text("%", "%")),
    "share_difference": Unit(100, 1, Text(" 个百分点", " percentage points")),
    "minutes": Unit(1, 1, Text(" 分钟", " minutes")),
    "days": Unit(1, 2, Text(" 天", " days")),
    "months": Unit(1, 1, Text(" 个月", " months")),
    "per_1000_visits": Unit(1, 2, Text(" 件/千次到店", " per 1,000 visits")),
    "per_1000_outlets": Unit(1, 1, Text(" 件/千网点", " per 1,000 outlets")),
    "per_10m_customers": Unit(1, 1, Text(" 件/千万客户", " per 10 million customers")),
    "per_1000_customers": Unit(1000, 2, Text(" 户/千户", " per 1,000 customers")),
    "per_month": Unit(1, 1, Text(" 件/月", " a month")),
    "points": Unit(1, 2, Text(" 分", " points")),
    "nps_points": Unit(1, 1, Text(" 分", " points")),
    "index": Unit(1, 2, Text("", "")),
    "ratio": Unit(1, 2, Text(" 倍", " times"), ratio=True),
    "count": Unit(1, 0, Text("", "")),
    "units": Unit(1, 3, Text("", "")),
}


def number(value: float, unit: str, language: Language, *, signed: bool = False) -> str:
    """A number with its unit, as shown ("+3.2 percentage points").

    Raises
    ------
    KeyError
        If the unit is not one of `UNITS`.
    """
    digits, name = number_and_unit(value, unit, language, signed=signed)
    return digits + name


def number_and_unit(
    value: float, unit: str, language: Language, *, signed: bool = False
) -> tuple[str, str]:
    """The digits of a number and the unit behind them, apart."""
    shown = UNITS[unit]
    if value is None or math.isnan(value):
        return "—", ""
    return _digits(value, shown, signed=signed), shown.name[language]


def interval(low: float, high: float, unit: str, language: Language) -> str:
    """An interval, without its unit ("1.0 to 5.4")."""
    shown = UNITS[unit]
    to = " 至 " if language == "zh" else " to "
    return f"{_digits(low, shown)}{to}{_digits(high, shown)}"


def _digits(value: float, unit: Unit, *, signed: bool = False) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    shown = round(value * unit.factor, unit.digits) + 0.0  # + 0.0 turns -0.0 into 0.0
    text = f"{abs(shown):,.{unit.digits}f}"
    sign = "−" if shown < 0 else "+" if signed and shown > 0 else ""
    return sign + text


_NOTHING = {
    "is associated with": Text(
        "未发现{subject}与{outcome}之间有可检测的关联（差异 {number}，{level}% 区间 {interval}）。",
        "No detectable association of {subject} with {outcome} "
        "(difference {number}, {level}% interval {interval}).",
    ),
    "changed": Text(
        "未检测到{subject}使{outcome}发生变化（估计 {number}，{level}% 区间 {interval}）。",
        "No detectable change in {outcome} from {subject} "
        "(estimate {number}, {level}% interval {interval}).",
    ),
}
_SOMETHING = {
    "is associated with": Text(
        "{subject}与{outcome}{direction} {number}相关联（{level}% 区间 {interval}）；这是关联，不等于因果。",
        "{Subject} is associated with {outcome} being {number} {direction} "
        "({level}% interval {interval}); an association, not proof of cause.",
    ),
    "changed": Text(
        "{subject}使{outcome}{direction} {number}（{level}% 区间 {interval}）。",
        "{Subject} changed {outcome} by {signed} ({level}% interval {interval}).",
    ),
}
_LEVEL = Text(
    "{subject}的{outcome}为 {number}（{level}% 区间 {interval}）。",
    "{Subject}: {outcome} is {number} ({level}% interval {interval}).",
)
_STANDING: dict[str, Text] = {
    "first": Text(
        "{subject}的{outcome}最高，为 {number}（{level}% 区间 {interval}）；这是关联，不等于因果。",
        "{Subject} has the largest {bare}: {number} ({level}% interval {interval}); "
        "an association, not proof of cause.",
    ),
    "tied": Text(
        "现有数据无法分出{subject}的先后：其中最高的{outcome}为 {number}（{level}% 区间 {interval}）。",
        "The data cannot tell which of {subject} comes first: the largest {bare} among them is "
        "{number} ({level}% interval {interval}).",
    ),
    "none": Text(
        "未发现{subject}与{outcome}之间有可检测的关联：合计解释其差异的 {number}（{level}% 区间 {interval}）。",
        "No detectable association of {subject} with {outcome}: together they explain {number} of "
        "its variance ({level}% interval {interval}).",
    ),
}
"""Claims about an order, the same words under every grade that speaks of association."""
_RATIO = {
    "is associated with": Text(
        "{subject}与{outcome}为原来的 {number}相关联（{level}% 区间 {interval}）；这是关联，不等于因果。",
        "{Subject} is associated with {outcome} at {number} the reference level "
        "({level}% interval {interval}); an association, not proof of cause.",
    ),
    "changed": Text(
        "{subject}使{outcome}变为原来的 {number}（{level}% 区间 {interval}）。",
        "{Subject} changed {outcome} to {number} its expected level ({level}% interval {interval}).",
    ),
}


def sentence(claim: Claim, grade: str, language: Language) -> str:
    """One honest sentence for a claim under a grade.

    An interval that contains the null value is worded as "not detectable", never as "no".
    """
    unit = UNITS[claim.unit]
    describes = grade == "describes" or math.isnan(claim.null)
    if claim.standing:
        template = _STANDING[claim.standing]
    elif describes:
        template = _LEVEL
    elif claim.low <= claim.null <= claim.high:
        template = _NOTHING[grade]
    else:
        template = (_RATIO if unit.ratio else _SOMETHING)[grade]
    higher = claim.estimate > claim.null
    direction = ("高" if higher else "低") if grade != "changed" else ("上升" if higher else "下降")
    subject = claim.subject[language]
    shown = claim.estimate
    if template in _SOMETHING.values():
        shown = abs(claim.estimate)
    return template[language].format(
        subject=subject,
        Subject=subject[:1].upper() + subject[1:],
        outcome=claim.outcome[language],
        bare=claim.outcome[language].removeprefix("the "),
        number=number(shown, claim.unit, language),
        signed=number(claim.estimate, claim.unit, language, signed=True),
        direction=direction if language == "zh" else ("higher" if higher else "lower"),
        level=round(claim.level * 100),
        interval=interval(claim.low, claim.high, claim.unit, language),
    )


def refusal(reasons: Sequence[str], language: Language) -> str:
    """The sentence of a finding whose numbers are withheld."""
    if language == "zh":
        return "不予报告：" + " ".join(reasons)
    return "Not reported: " + " ".join(reasons)


GRADE_NAMES: dict[str, Text] = {
    "describes": Text("描述", "describes"),
    "is associated with": Text("关联", "is associated with"),
    "changed": Text("改变", "changed"),
}

NOT_DETECTABLE: dict[str, Text] = {
    "is associated with": Text("未发现关联", "no detectable association"),
    "changed": Text("未检测到变化", "no detectable change"),
}
"""Said in place of the grade where the interval holds the null value."""
NOT_TOLD_APART = Text("先后难分", "order not told apart")
"""Said in place of the grade where the subjects cannot be put in an order."""


def verdict(claim: Claim, grade: str) -> Text:
    """The grade as a label, or that nothing is detectable."""
    if claim.standing == "tied":
        return NOT_TOLD_APART
    nothing = grade in NOT_DETECTABLE and (
        claim.standing == "none" or claim.low <= claim.null <= claim.high
    )
    return NOT_DETECTABLE[grade] if nothing else GRADE_NAMES[grade]


STATUS_NAMES: dict[str, Text] = {
    "passed": Text("通过", "passed"),
    "warn": Text("注意", "warning"),
    "block": Text("不予报告", "withheld"),
}
