"""Rated items as exposures: none that is the outcome in disguise, none that rests on straight-liners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from svcquality.checks.outcome_in_disguise import disguises, outcome_in_disguise
from svcquality.checks.straight_lining import items_of_straight_liners, straight_liners
from svcquality.designs._answers import FEWEST_ANSWERS, Answers
from svcquality.designs._exposure import variable_words
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast
from svcquality.findings import Check, flow_row
from svcquality.language import Text
from svcquality.models.matrix import as_float

_OUTCOME = {
    "satisfaction": Text("满意度", "satisfaction"),
    "satisfied": Text("满意度", "satisfaction"),
    "recommendation": Text("推荐意愿", "recommendation"),
}
_SAME = ("outcome", "recoding", "twin")


def without_disguises(answers: Answers, items: Sequence[str]) -> tuple[list[str], list[Check]]:
    """The items that are not the outcome under another name, and the check that names the others.

    Judged without straight-liners, for whom every item is a copy of the verdict.
    """
    if not items:
        return [], []
    lines = _straight(answers.rows, items)
    judged = answers.rows[~lines["straight"]]
    found = disguises(judged, answers.outcome.column, items)
    words = {name: variable_words(name) for name in items}
    kept = found.loc[~found["disguise"], "column"].tolist()
    return kept, [outcome_in_disguise(found, _OUTCOME[answers.outcome.column], words)]


def refuse_disguises(answers: Answers, held: Sequence[str]) -> None:
    """Refuse to hold the outcome itself equal.

    Raises
    ------
    InputError
        If a confounder repeats the outcome, whatever its name and coding.
    """
    known = [name for name in held if name in answers.rows]
    found = disguises(answers.rows, answers.outcome.column, known)
    same = found.loc[found["kind"].isin(_SAME), "column"].tolist()
    if same:
        raise InputError(
            f"The confounder {same[0]!r} is the outcome {answers.outcome.column!r} under another "
            "name; held equal, it would hide every association: take it out of confounders.",
            f"控制变量 {same[0]!r} 与结果变量 {answers.outcome.column!r} 是同一回事，"
            "控制它会掩盖一切关联；请将其从 confounders 中去掉。",
        )


def careful_answers(answers: Answers, items: Sequence[str]) -> Answers | None:
    """The answers without those that give one rating to every item; None where nobody does so.

    None as well where too few would be left.
    """
    lines = _straight(answers.rows, items)["straight"].to_numpy()
    rows = answers.rows[~lines].reset_index(drop=True)
    if not lines.any() or len(rows) < FEWEST_ANSWERS:
        return None
    step = flow_row(
        "各项目评分不全相同（项目的估计）", "items not all rated alike (for the items)", len(rows)
    )
    return replace(answers, rows=rows, flow=[*answers.flow, step])


def resting_on_lines(
    answers: Answers,
    items: Sequence[str],
    everyone: Mapping[str, Contrast],
    careful: Mapping[str, Contrast],
) -> Check:
    """Whether an item's association is there only, or turns round, with straight-liners.

    Parameters
    ----------
    answers : Answers
        With straight-liners.
    items : sequence of str
    everyone, careful : mapping of str to Contrast
        Each item's change with all answers, and without straight-liners.
    """
    return items_of_straight_liners(
        _straight(answers.rows, items),
        pd.DataFrame(
            [
                (everyone[n].estimate, _sign(everyone[n]), careful[n].estimate, _sign(careful[n]))
                for n in everyone
                if n in careful
            ],
            index=[n for n in everyone if n in careful],
            columns=["all", "all_sign", "without", "without_sign"],
        ),
        {name: variable_words(name) for name in items},
    )


def _straight(rows: pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    return straight_liners(pd.DataFrame({n: as_float(rows[n]) for n in items}, rows.index))


def _sign(contrast: Contrast) -> int:
    """Direction of a detectable change; 0 where none is."""
    return int(np.sign(contrast.estimate)) if not contrast.low <= 0 <= contrast.high else 0
