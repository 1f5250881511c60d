"""Worlds in which a naive method fails: small sets of overrides over the base world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svcquality.errors import InputError

WORLDS: dict[str, Mapping[str, Any]] = {
    "base": {},
    # Branches are trained when their recent count is high: they would have come down anyway.
    "worst_by_luck": {"trained_by": "recent", "staff_spread": 0.1, "other_spread": 0.05},
    # From the middle of the second half, contacts that were soothed on the spot count too.
    "definition_break": {"definition_ratio": 1.5},
    # Who is unhappy tends not to answer.
    "unhappy_silent": {"response_satisfaction": 0.6},
}


def find_world(name: str) -> Mapping[str, Any]:
    """The overrides of a world.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in WORLDS:
        raise InputError(
            f"There is no simulated world {name!r}; choose one of {', '.join(WORLDS)}.",
            f"没有名为 {name!r} 的模拟情景；可选：{'、'.join(WORLDS)}。",
        )
    return WORLDS[name]
