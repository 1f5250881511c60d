"""Which exposures leave nothing to estimate?"""

from __future__ import annotations

from collections.abc import Sequence

from svcquality.findings import Check
from svcquality.language import Text


def identified(lost: Sequence[Text]) -> Check:
    """Warn when an exposure is not recorded, or does not vary beside what is held equal.

    Parameters
    ----------
    lost : sequence of Text
        Labels of the exposures that no estimate could be given for.
    """
    if not lost:
        return Check(
            "identified",
            "passed",
            Text(
                "各项因素都能与所控制的变量区分开。",
                "Every exposure varies beside what is held equal.",
            ),
            0,
            0,
        )
    zh, en = "、".join(t.zh for t in lost), ", ".join(t.en for t in lost)
    return Check(
        "identified",
        "warn",
        Text(
            f"无法估计（没有记录，或控制网点、时间等之后不再变动）：{zh}。",
            f"Not estimable (not recorded, or without variation beside what is held equal): {en}.",
        ),
        len(lost),
        0,
    )
