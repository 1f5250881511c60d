"""Does a wait that had not happened yet go with the answer?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from svcquality.findings import Check
from svcquality.language import Text
from svcquality.wording import number

DOUBT = 0.05
UNIT = "share_difference"


@dataclass(frozen=True)
class Placebo:
    """A later wait beside the present one.

    Parameters
    ----------
    name : Text
        Whose wait, and when.
    estimate : float
        Difference in the share satisfied for 10 minutes more of it.
    p : float
        Against none.
    detectable : float
        Difference that the test would find four times in five.
    n : int
    """

    name: Text
    estimate: float
    p: float
    detectable: float
    n: int


def placebo_future_wait(placebos: Sequence[Placebo]) -> Check:
    """Warn when a later wait predicts satisfaction given the present one.

    What has not happened cannot have mattered, so the present wait then carries more than itself:
    bad days, or customers of another kind.

    Parameters
    ----------
    placebos : sequence of Placebo
        At least one; with several, the smallest p-value counts times their number (Bonferroni).
    """
    p = min(1.0, len(placebos) * min(each.p for each in placebos))
    found = p < DOUBT
    zh = "；".join(
        f"{each.name.zh}多 10 分钟对应 {number(each.estimate, UNIT, 'zh', signed=True)}"
        f"（p = {each.p:.3f}，{each.n:,} 份答复，八成把握可测出 {number(each.detectable, UNIT, 'zh')}）"
        for each in placebos
    )
    en = "; ".join(
        f"10 minutes more of {each.name.en} go with {number(each.estimate, UNIT, 'en', signed=True)} "
        f"(p = {each.p:.3f}, {each.n:,} answers; {number(each.detectable, UNIT, 'en')} would be "
        "found four times in five)"
        for each in placebos
    )
    verdict = (
        Text(
            "尚未发生的等候也与满意度有关，当前等候可能代表了其他差异",
            "Waits that had not happened yet go with the answer, so the present wait may stand for "
            "something else",
        )
        if found
        else Text(
            "未见尚未发生的等候与满意度有关",
            "No sign that waits which had not happened yet go with the answer",
        )
    )
    return Check(
        "placebo_future_wait",
        "warn" if found else "passed",
        Text(f"{verdict.zh}。安慰剂检验：{zh}。", f"{verdict.en}. Placebo: {en}."),
        p,
        DOUBT,
    )
