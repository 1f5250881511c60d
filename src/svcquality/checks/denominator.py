"""Is a count set against those who could have complained?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text


def denominator(measure: Text | None) -> Check:
    """Warn about bare counts.

    Parameters
    ----------
    measure : Text or None
        What the counts are set against ("customers").
    """
    if measure is None:
        return Check(
            "denominator",
            "warn",
            Text(
                "没有客户数或到店量作分母，只比较件数；客户增减也会使件数变化。",
                "There are no customers or visits to set the counts against; a growing bank gets "
                "more complaints by itself.",
            ),
        )
    return Check(
        "denominator",
        "passed",
        Text(f"件数以{measure.zh}为分母。", f"Counts are set against {measure.en}."),
    )
