"""Does a customer's mood colour the memory of the wait?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text
from svcquality.wording import number

DOUBT = 0.05


def wait_halo(
    correlation: float, p: float, remembered_slope: float, actual_slope: float, n: int
) -> Check:
    """Warn when those less satisfied than expected remember longer waits.

    Parameters
    ----------
    correlation : float
        Of the log of the remembered over the actual wait with satisfaction beyond what the model
        expects.
    p : float
        Against none.
    remembered_slope, actual_slope : float
        Difference in the share satisfied for 10 more minutes, remembered and actual, by straight
        lines within branches: how far a study that knows memories only would go astray.
    n : int
        Answers with both waits.
    """
    coloured = p < DOUBT
    unit = "share_difference"
    slopes = Text(
        f"每 10 分钟对应的满意比例差异：按记忆 {number(remembered_slope, unit, 'zh', signed=True)}，"
        f"按实际 {number(actual_slope, unit, 'zh', signed=True)}",
        f"10 minutes go with {number(remembered_slope, unit, 'en', signed=True)} by memory and "
        f"{number(actual_slope, unit, 'en', signed=True)} by the record",
    )
    return Check(
        "wait_halo",
        "warn" if coloured else "passed",
        Text(
            (
                "记忆中的等候与情绪有关，不能代替实际等候"
                if coloured
                else "未见记忆中的等候与情绪有关"
            )
            + f"（超出预期的满意度与“感知/实际”之比的相关系数 {_signed(correlation)}，p = {p:.3f}，"
            f"{n:,} 份答复）。{slopes.zh}。",
            (
                "The remembered wait is coloured by mood and cannot stand in for the actual one"
                if coloured
                else "No sign that mood colours the memory of the wait"
            )
            + f" (correlation of the remembered over the actual wait with satisfaction beyond what "
            f"is expected: {_signed(correlation)}, p = {p:.3f}, {n:,} answers). {slopes.en}.",
        ),
        p,
        DOUBT,
    )


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
