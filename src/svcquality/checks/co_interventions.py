"""Did anything else happen within the period?"""

from __future__ import annotations

from collections.abc import Sequence

from svcquality.findings import Check
from svcquality.language import Text


def co_interventions(others: Sequence[str]) -> Check:
    """Warn and list other interventions of the period: they may explain the change as well.

    Parameters
    ----------
    others : sequence of str
        Name and day of each.
    """
    if not others:
        return Check(
            "co_interventions",
            "passed",
            Text(
                "期间没有涉及同类投诉的其他干预。",
                "No other intervention that concerns these complaints is recorded within the period.",
            ),
            0,
            0,
        )
    return Check(
        "co_interventions",
        "warn",
        Text(
            f"期间还有其他干预：{'；'.join(others)}。变化也可能来自它们，结果只能视为关联。",
            f"There were other interventions within the period: {'; '.join(others)}. They may be "
            "behind the change as well, so the result is an association only.",
        ),
        len(others),
        0,
    )
