"""Which exposures cannot be told apart from what is held equal?"""

from __future__ import annotations

from collections.abc import Sequence

from svcquality.findings import Check
from svcquality.language import Text


def identified(lost: Sequence[Text]) -> Check:
    """Warn when an exposure does not vary once branch, period and customer are held equal.

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
            f"无法估计（控制网点、时间等之后不再变动，或某一取值没有结果差异）：{zh}。",
            f"Not estimable, because it does not vary beside what is held equal or leaves no "
            f"outcome to compare: {en}.",
        ),
        len(lost),
        0,
    )
