"""Answers after visits, with the outcome known: what two designs start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from svcquality.errors import InputError
from svcquality.findings import flow_row
from svcquality.language import Text
from svcquality.records.panel import survey_rows
from svcquality.records.survey_rows import unread
from svcquality.records.tables import ITEM_PREFIX

FEWEST_ANSWERS = 50
LONGEST_MEDIAN = 180.0
"""Half of the customers waiting longer than this many minutes are customers waiting seconds."""
FEWEST_OTHER_WAITS = 30
"""Answers that differ from the most frequent wait; with fewer, a handful would speak for all."""


@dataclass(frozen=True)
class Outcome:
    """A survey outcome: its column, from which value on it counts as satisfied, its words."""

    column: str
    category: float
    words: Text


OUTCOMES = {
    "satisfaction": Outcome(
        "satisfaction",
        4,
        Text("满意客户（4–5 分）比例", "the share of satisfied customers (4 or 5)"),
    ),
    "satisfied": Outcome("satisfied", 1, Text("满意客户比例", "the share of satisfied customers")),
    "recommendation": Outcome(
        "recommendation", 9, Text("推荐者（9–10 分）比例", "the share of promoters (9 or 10)")
    ),
}


@dataclass(frozen=True)
class Answers:
    """Answered surveys about visits, with the outcome known.

    ``sent`` is the surveys table, answered or not, without those about a complaint.
    """

    rows: pd.DataFrame
    outcome: Outcome
    sent: pd.DataFrame
    flow: list[dict[str, Any]]


def visit_answers(bank: Any, outcome: str) -> Answers:
    """Answers after visits; those after a complaint belong to another question.

    Where a bank asks only whether the customer was satisfied, ``outcome="satisfaction"`` means
    that.

    Raises
    ------
    InputError
        If the outcome is unknown, or fewer than 50 answers have it.
    """
    if outcome not in OUTCOMES:
        raise InputError(
            f"There is no survey outcome {outcome!r}; choose one of {', '.join(OUTCOMES)}.",
            f"没有名为 {outcome!r} 的调查结果；请从 {'、'.join(OUTCOMES)} 中选择。",
        )
    rows = survey_rows(bank)
    flow = [
        flow_row("登记的问卷", "surveys on record", len(bank.surveys)),
        flow_row("已答复的问卷", "answered surveys", len(rows)),
    ]
    about_complaint = bank.surveys["trigger"].eq("complaint").fillna(False).astype(bool)
    skipped = set(bank.surveys.loc[about_complaint, "survey_id"])
    rows = rows[~rows["survey_id"].isin(skipped)]
    flow.append(flow_row("不含投诉后的调查", "without surveys that follow a complaint", len(rows)))
    known = rows[["satisfaction", "satisfied"]].notna().any()
    if outcome == "satisfaction" and known["satisfied"] and not known["satisfaction"]:
        outcome = "satisfied"
    chosen = OUTCOMES[outcome]
    rows = rows[rows[chosen.column].notna()].reset_index(drop=True)
    flow.append(
        flow_row(f"结果变量 {outcome} 有记录", f"with the outcome {outcome} recorded", len(rows))
    )
    if len(rows) < FEWEST_ANSWERS:
        why = unread(bank, chosen.column)
        if rows.empty and not why.en:
            raise InputError(
                f"No answer has the outcome {outcome!r}; map its column in the mapping file, or "
                "choose another outcome.",
                f"没有一份答复记录了结果 {outcome!r}；请在映射文件中映射该列，或更换结果变量。",
            )
        raise InputError(
            f"Only {len(rows)} answers have the outcome {outcome!r}{why.en}; "
            f"at least {FEWEST_ANSWERS} are needed: use a longer period or another outcome.",
            f"只有 {len(rows)} 份答复有结果 {outcome!r}{why.zh}，至少需要 {FEWEST_ANSWERS} 份；"
            "请延长时间范围或更换结果变量。",
        )
    return Answers(rows, chosen, bank.surveys[~about_complaint], flow)


def item_columns(rows: pd.DataFrame) -> list[str]:
    """Rated service items that anybody rated."""
    return [
        c for c in map(str, rows.columns) if c.startswith(ITEM_PREFIX) and rows[c].notna().any()
    ]


def refuse_seconds(waits: pd.Series) -> None:
    """Refuse waits that can only be seconds.

    Raises
    ------
    InputError
        If half of the recorded waits are longer than three hours.
    """
    median = float(waits.median())
    if median > LONGEST_MEDIAN:
        raise InputError(
            f"Half of the waits are longer than {median:,.0f} minutes; if they are seconds, say so "
            'in the mapping: wait_minutes = { from = "…", unit = "seconds" }.',
            f"半数等候时间超过 {median:,.0f} 分钟；若单位是秒，请在映射文件中写明："
            'wait_minutes = { from = "…", unit = "seconds" }。',
        )


def nearly_all_alike(waits: pd.Series) -> bool:
    """Whether hardly any answer has another wait than the most frequent one."""
    counts = waits.value_counts()
    if len(counts) < 2 or counts.sum() < FEWEST_ANSWERS:
        return False  # another fault, told by others
    return int(counts.sum() - counts.iloc[0]) < FEWEST_OTHER_WAITS
