"""Who answers, by the exposures of a question about the answers."""

from __future__ import annotations

from typing import Any

from svcquality.checks.selective_answers import selective_answers
from svcquality.designs._non_response_clusters import clusters_of
from svcquality.designs._non_response_invited import invited_rows
from svcquality.designs._non_response_model import who_answers
from svcquality.errors import InputError
from svcquality.findings import Check

TERMS = {"wait_minutes": "wait_minutes_plus_10", "recent_complaint": "recent_complaint[yes]"}


def answering(bank: Any, exposures: list[str]) -> list[Check]:
    """The check, or nothing where silence or the exposures of the silent are not on record."""
    terms = [TERMS[name] for name in exposures if name in TERMS]
    if not terms:
        return []
    try:
        invited = invited_rows(bank)
        if not invited.silence:
            return []
        answered = invited.rows["answers"].to_numpy(dtype=bool)
        who = who_answers(invited.rows, answered, clusters_of(bank, invited.rows, "auto"))
    except InputError:  # too little is known of the silent; the response rate is checked elsewhere
        return []
    told = who.differences[who.differences["term"].isin(terms) & who.differences["p"].notna()]
    return [selective_answers(told)] if len(told) else []
