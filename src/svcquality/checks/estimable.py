"""Which groups are too small to be compared?"""

from __future__ import annotations

from collections.abc import Sequence

from svcquality.findings import Check
from svcquality.language import Text


def estimable(left_out: Sequence[tuple[Text, int]], fewest: int) -> Check:
    """Warn and list the groups that are not reported.

    Parameters
    ----------
    left_out : sequence of (Text, int)
        Label and usable answers of each.
    fewest : int
        Needed in a group, and outside it.
    """
    zh = "、".join(f"{label.zh}（{n}）" for label, n in left_out)
    en = ", ".join(f"{label.en} ({n})" for label, n in left_out)
    return Check(
        "estimable",
        "warn" if left_out else "passed",
        Text(
            f"样本不足 {fewest} 份、无法比较：{zh}。" if left_out else "各类原因的样本都足够比较。",
            f"Too few to compare (fewer than {fewest}): {en}."
            if left_out
            else "Every group has enough answers to be compared.",
        ),
        len(left_out),
        0,
    )
