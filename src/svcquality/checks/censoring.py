"""How much shorter would durations look if open cases were left out?"""

from __future__ import annotations

import math

from svcquality.findings import Check
from svcquality.language import Text

SHORTER = 0.05


def censoring(median: float, closed_only: float, open_cases: int, cases: int) -> Check:
    """Set the median of closed cases beside the one that counts open cases.

    Parameters
    ----------
    median, closed_only : float
        Days; the former may be infinite.
    open_cases, cases : int
    """
    short = 1 - closed_only / median if math.isfinite(median) and median > 0 else 1.0
    apart = open_cases > 0 and short > SHORTER
    shown = f"{median:.2f}" if math.isfinite(median) else "∞"
    return Check(
        "censoring",
        "warn" if apart else "passed",
        Text(
            f"{cases:,} 件中有 {open_cases:,} 件尚未答复，已按删失计入：中位数 {shown} 天；"
            f"只看已答复的为 {closed_only:.2f} 天" + ("，会低估时长。" if apart else "。"),
            f"{open_cases:,} of {cases:,} are not answered yet and count as open: median {shown} "
            f"days, against {closed_only:.2f} among the answered only"
            + (", which understates it." if apart else "."),
        ),
        short,
        SHORTER,
    )
