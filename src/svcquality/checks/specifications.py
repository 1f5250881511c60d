"""Does the sign of a finding hang on choices that could have been made otherwise?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

AGREED = 0.8


def specifications(
    same_sign: float,
    number: int,
    dissent: Text | None = None,
    *,
    failed: int = 0,
    clear: float | None = None,
) -> Check:
    """Stamp a finding exploratory when fewer than 80% of the specifications agree with it.

    To agree is to have the headline's sign; where the headline itself detects nothing, whose sign
    is chance, to detect nothing either.

    Parameters
    ----------
    same_sign : float
        Share of declared specifications with the headline's sign.
    number : int
        How many specifications were estimated.
    dissent : Text, optional
        The choice under which the fewest agree, as part of a sentence.
    failed : int
        Declared specifications that could not be estimated.
    clear : float, optional
        Share of specifications whose interval excludes zero, where the headline's does not.
    """
    agreed = same_sign if clear is None else 1 - clear
    few = agreed < AGREED
    if clear is None:
        zh = f"在预先声明的 {number} 种分析设定中，{agreed:.0%} 与主要结果方向相同"
        en = f"{agreed:.0%} of {number} declared specifications have the headline's sign"
    else:
        zh = f"在预先声明的 {number} 种分析设定中，{agreed:.0%} 与主要结果一样未检测到关联"
        en = f"{agreed:.0%} of {number} declared specifications detect nothing, like the headline"
    if dissent is not None:
        zh += f"；不一致者多见于{dissent.zh}"
        en += f"; the others are mostly those with {dissent.en}"
    if failed:
        zh += f"；另有 {failed} 种无法估计"
        en += f"; {failed} more could not be estimated"
    return Check(
        "specifications",
        "warn" if few else "passed",
        Text(
            f"探索性结果：{zh}。结论取决于分析选择，请先说明为何选用主要设定。",
            f"Exploratory: {en}. The answer hangs on choices of the analysis: say why the "
            "headline's are the right ones before relying on it.",
        )
        if few
        else Text(f"{zh}。", f"{en}."),
        agreed,
        AGREED,
    )
