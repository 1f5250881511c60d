"""Whether the wait's association turns round within branches, segments or channels."""

from __future__ import annotations

from svcquality.checks.simpson import simpson
from svcquality.designs._answers import Answers
from svcquality.findings import Check
from svcquality.language import Text

GROUPS = ("branch_id", "segment", "channel")


def wait_simpson(answers: Answers) -> list[Check]:
    """The checks, one a grouping; all groupings are held equal by the designs that ask."""
    return simpson(
        answers.rows,
        answers.outcome.column,
        "wait_minutes",
        GROUPS,
        at_least=answers.outcome.category,
        label=Text("等候时间", "the wait"),
        held=GROUPS,
    )
