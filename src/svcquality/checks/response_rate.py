"""Did another share of customers answer later than earlier?"""

from __future__ import annotations

import pandas as pd

from svcquality.findings import Check
from svcquality.language import Text

SHIFT = 0.05


def response_rate_shift(surveys: pd.DataFrame) -> Check:
    """Compare the response rate of the first and the second half of the period.

    Parameters
    ----------
    surveys : DataFrame
        One survey sent a row, with ``invited`` and ``answered``; answers alone are known by
        ``satisfaction`` or ``satisfied`` too.
    """
    replied = pd.Series(False, index=surveys.index)
    for column in ("answered", "satisfaction", "satisfied"):
        if column in surveys:
            replied |= surveys[column].notna()
    sent = surveys["invited"] if "invited" in surveys else pd.Series(pd.NaT, index=surveys.index)
    known = sent.notna()
    if not known.any() or replied[known].all():
        return Check(
            "response_rate",
            "warn",
            Text(
                "数据中只有已答复的问卷，无法得知答复率及其变化；未答复的客户可能更不满意。",
                "Only answered surveys are recorded, so the response rate is unknown; those who "
                "did not answer may be less satisfied.",
            ),
        )
    late = sent[known] > sent[known].median()
    earlier, later = replied[known][~late].mean(), replied[known][late].mean()
    shift = float(later - earlier) if late.any() else 0.0
    moved = abs(shift) > SHIFT
    return Check(
        "response_rate",
        "warn" if moved else "passed",
        Text(
            f"答复率由前半期的 {earlier:.0%} 变为后半期的 {later:.0%}"
            + ("，前后答复者可能不是同一类客户。" if moved else "，基本稳定。"),
            f"The response rate went from {earlier:.0%} in the first half to {later:.0%} in the "
            "second" + (": other kinds of customers may be answering." if moved else ": steady."),
        ),
        shift,
        SHIFT,
    )
