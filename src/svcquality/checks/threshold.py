"""Does the curve of waits bend, and is it known where?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

DOUBT = 0.05


def threshold(
    knot: float, low: float, high: float, p: float, *, located: bool, steeper: bool
) -> Check:
    """Say whether a threshold is supported; never a reason to doubt the curve.

    Parameters
    ----------
    knot, low, high : float
        Minutes; the interval holds every knot that is not rejected.
    p : float
        Of a straight line against a bend anywhere.
    located : bool
        Whether the interval ends within the waits searched.
    steeper : bool
        Whether satisfaction falls faster beyond the knot.
    """
    if not p < DOUBT:
        text = Text(
            f"未检测到阈值：与一条直线相比没有可检测的转折（p = {p:.3f}）。",
            f"No threshold is detectable: the curve does not bend detectably (p = {p:.3f}).",
        )
    elif not located:
        text = Text(
            f"曲线有转折（p = {p:.3f}），但位置无法确定：{low:.0f} 至 {high:.0f} 分钟之间都有可能。",
            f"The curve bends (p = {p:.3f}), but where is not known: anywhere from {low:.0f} to "
            f"{high:.0f} minutes, and perhaps beyond.",
        )
    else:
        text = Text(
            f"曲线在约 {knot:.0f} 分钟处变{'陡' if steeper else '缓'}"
            f"（95% 区间 {low:.0f} 至 {high:.0f} 分钟，p = {p:.3f}）。",
            f"The curve gets {'steeper' if steeper else 'flatter'} at about {knot:.0f} minutes "
            f"(95% interval {low:.0f} to {high:.0f}, p = {p:.3f}).",
        )
    return Check("threshold", "passed", text, p, DOUBT)
