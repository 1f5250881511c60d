"""Does the sign of a finding hang on choices that could have been made otherwise?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

AGREED = 0.8


def specifications(
    same_sign: float, number: int, dissent: Text | None = None, *, failed: int = 0
) -> Check:
    """Stamp a finding exploratory when fewer than 80% of the specifications share its sign.

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
    """
    few = same_sign < AGREED
    zh = f"在预先声明的 {number} 种分析设定中，{same_sign:.0%} 与主要结果方向相同"
    en = f"{same_sign:.0%} of {number} declared specifications have the headline's sign"
    if dissent is not None:
        zh += f"；方向不同者多见于{dissent.zh}"
        en += f"; the others are mostly those with {dissent.en}"
    if failed:
        zh += f"；另有 {failed} 种无法估计"
        en += f"; {failed} more could not be estimated"
    return Check(
        "specifications",
        "warn" if few else "passed",
        Text(
            f"探索性结果：{zh}。方向取决于分析选择，请先说明为何选用主要设定。",
            f"Exploratory: {en}. The sign hangs on choices of the analysis: say why the headline's "
            "are the right ones before relying on it.",
        )
        if few
        else Text(f"{zh}。", f"{en}."),
        same_sign,
        AGREED,
    )
