"""Which of the usual confounders are not there to be held equal?"""

from __future__ import annotations

from collections.abc import Mapping

from svcquality.findings import Check
from svcquality.language import Text

OFTEN_MISSING = 0.05


def missing_confounders(missing_share: Mapping[str, float], labels: Mapping[str, Text]) -> Check:
    """Warn when a usual confounder is absent, or missing in more than 5% of the rows.

    Parameters
    ----------
    missing_share : mapping of str to float
        Confounder → share of rows without it; 1 where the bank does not record it.
    labels : mapping of str to Text
    """
    poor = [name for name, share in missing_share.items() if share > OFTEN_MISSING]
    if not poor:
        return Check(
            "confounders",
            "passed",
            Text("常见的混杂因素均有记录。", "The usual confounders are all recorded."),
            0,
            0,
        )
    zh = "、".join(labels[name].zh for name in poor)
    en = ", ".join(labels[name].en for name in poor)
    return Check(
        "confounders",
        "warn",
        Text(
            f"以下因素没有记录或缺失较多，未能充分控制：{zh}。",
            f"Not recorded, or often missing, and so not fully held equal: {en}.",
        ),
        len(poor),
        0,
    )
