"""Does an exposure move every step of the answer scale alike?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

SURPRISING = 0.01


def proportional_odds(p: float, exposure: Text) -> Check:
    """Warn where a Brant-type test rejects equal coefficients at every threshold.

    Parameters
    ----------
    p : float
        From `svcquality.estimators.proportional_odds.brant_test`.
    exposure : Text
        What was tested, a noun phrase.
    """
    rejected = p < SURPRISING
    return Check(
        "proportional_odds",
        "warn" if rejected else "passed",
        Text(
            f"{exposure.zh}在满意度量表各档上的关联并不相同（Brant 型检验 p = {p:.3f}）；"
            "请另以“是否满意”为结果核对。",
            f"The association with {exposure.en} differs along the answer scale (Brant-type test, "
            f"p = {p:.3f}); compare with the plain satisfied-or-not outcome.",
        )
        if rejected
        else Text(
            f"{exposure.zh}在满意度量表各档上的关联大致相同（Brant 型检验 p = {p:.2f}）。",
            f"The association with {exposure.en} is alike along the answer scale "
            f"(Brant-type test, p = {p:.2f}).",
        ),
        p,
        SURPRISING,
    )
