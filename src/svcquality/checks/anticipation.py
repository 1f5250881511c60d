"""Was a change announced before it took effect?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text


def anticipation(announced: int, left_out: int) -> Check:
    """Say how many months between announcement and effect were left out.

    Parameters
    ----------
    announced : int
        Months of the series from the announcement to the effect.
    left_out : int
        Of these, months that were not fitted.
    """
    kept = announced > left_out
    if not announced:
        text = Text(
            "变动前没有单独的公告期。", "There was no time between announcement and effect."
        )
    elif kept:
        text = Text(
            f"公告后 {announced} 个月才生效，剔除后变动前的月份会不足，因此未剔除；客户可能已提前反应。",
            f"It was announced {announced} months before it took effect; without them too few "
            "months would be left before it, so they were kept: customers may have reacted early.",
        )
    else:
        text = Text(
            f"公告至生效之间的 {left_out} 个月未用于拟合。",
            "The month between announcement and effect was not fitted."
            if left_out == 1
            else f"The {left_out} months between announcement and effect were not fitted.",
        )
    return Check("anticipation", "warn" if kept else "passed", text, announced - left_out, 0)
