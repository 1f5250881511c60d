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
    # Busy branches are the well-liked ones, so that pooling the branches hides what a wait costs.
    "busy_branches_differ": {
        "branch_spread": 1.2,
        "branch_congestion": 0.95,
        "tightness_spread": 0.3,
    },
    # A bad mood lowers the rating and lengthens the wait in memory.
    "mood_colours_memory": {"memory_mood": 0.9, "perceived_spread": 0.6},
    # Errors clustered by branch rest on twelve of them.
    "few_branches": {"branches": 12},
    # Where the cost of a wait steepens, if it does.
    "kinked_early": {"wait_threshold": 12.0},
    "kinked_late": {"wait_threshold": 30.0},
    "no_kink": {"wait_steeper": 1.0},
    # One in five gives every item the same points as the whole.
    "straight_liners": {"straight_liners": 0.20},
    # A wait that is announced is borne much better.
    "strong_information": {"satisfaction_informed": 0.6},
    # Affluent customers are called before others who came earlier.
    "called_first": {"called_first": "affluent"},
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
