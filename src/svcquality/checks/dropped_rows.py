"""How many rows could not be used?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

MANY = 0.10


def dropped_rows(before: int, after: int, reason: Text) -> Check:
    """Warn when more than a tenth of the rows that belong to the question were lost.

    Parameters
    ----------
    before, after : int
        Rows that belong to the question, and rows analysed.
    reason : Text
        Why rows are lost, a noun phrase ("no recorded wait").
    """
    lost = before - after
    share = lost / before if before else 0.0
    return Check(
        "dropped_rows",
        "warn" if share > MANY else "passed",
        Text(
            f"{before:,} 行中有 {lost:,} 行（{share:.1%}）因{reason.zh}未能使用。"
            if lost
            else "没有因缺失而弃用的行。",
            f"{lost:,} of {before:,} rows ({share:.1%}) could not be used: {reason.en}."
            if lost
            else "No row was lost to missing values.",
        ),
        share,
        MANY,
    )
