"""The list of places where to add a window first, with what cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from svcquality.designs._rows import Quantity
from svcquality.designs._staffing_answer import AT, Answer
from svcquality.designs._staffing_draws import from_draws
from svcquality.designs._staffing_search import BLOCK, Step
from svcquality.designs._staffing_tickets import SLOT_MINUTES
from svcquality.estimators.marginal import Contrast
from svcquality.language import Text

SAVED_HERE = Text("每天为客户节省的等候总时长", "the customers' waiting time saved a day")
TO_BUILD = Text("（需增设窗口）", " (beyond its windows)")
COLUMNS = (
    "rank", "branch_id", "hours", "label_zh", "label_en", "estimate", "error", "low", "high", "df",
    "satisfied", "satisfied_low", "satisfied_high", "windows_then", "tied_to",
)  # fmt: skip


def first_frame(
    answer: Answer,
    steps: Sequence[Step],
    at: Sequence[tuple[int, int]],
    built: Mapping[str, float],
) -> pd.DataFrame:
    """The best hours of the bank, one after the other.

    Parameters
    ----------
    answer : Answer
    steps : sequence of Step
        Steps of one branch build on each other.
    at : sequence of (int, int)
        Where each step's plans before and after stand in the draws of its branch.
    built : mapping of str to float
        Windows that a branch has, staffed or not, where known.

    Returns
    -------
    DataFrame
        `COLUMNS`: customer-minutes a day with their interval, satisfied customers a day, windows
        then open, and ``tied_to``, the last rank that cannot be told from this one.
    """
    saved = [-_change(answer, step, where, "waited") for step, where in zip(steps, at, strict=True)]
    rows = []
    order = _order(steps, saved)
    for rank, j in enumerate(order, start=1):
        step, queue = steps[j], answer.queues[steps[j].queue]
        value = from_draws(saved[j], len(queue.dates), "log")
        happy = from_draws(_change(answer, step, at[j], "satisfied"), len(queue.dates))
        tied = rank
        while tied < len(order):
            if from_draws(saved[j] - saved[order[tied]], answer.days).low > 0:
                break
            tied += 1
        hours = clock(queue.first, step.slot)
        then = int(step.after[..., step.slot : step.slot + BLOCK].max())
        beyond = TO_BUILD if then > built.get(queue.name, np.inf) else Text("", "")
        name = f"{queue.name} {hours}"
        rows.append(
            (
                rank, queue.name, hours, name + beyond.zh, name + beyond.en, value.estimate,
                value.error, value.low, value.high, value.df, happy.estimate, happy.low, happy.high,
                then, tied,
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _order(steps: Sequence[Step], saved: Sequence[np.ndarray]) -> list[int]:
    """By minutes saved, where a step never comes before one that it builds on."""
    least: dict[int, float] = {}
    keys = []
    for step, values in zip(steps, saved, strict=True):
        least[step.queue] = min(least.get(step.queue, np.inf), float(values[0]))
        keys.append(-least[step.queue])
    return [int(j) for j in np.argsort(keys, kind="stable")]


def _change(answer: Answer, step: Step, at: tuple[int, int], measure: str) -> np.ndarray:
    """What a step changes a day, (1 + draws,)."""
    values = answer.draws.values[step.queue][:, :, AT[measure]]
    return values[:, at[1]] - values[:, at[0]]


def clock(first: int, slot: int) -> str:
    """The hours of a step ("09:30–10:30")."""
    start, end = ((first + s) * SLOT_MINUTES for s in (slot, slot + BLOCK))
    return f"{start // 60:02d}:{start % 60:02d}–{end // 60:02d}:{end % 60:02d}"


def first_quantities(answer: Answer, first: pd.DataFrame) -> list[Quantity]:
    """The list as rows of the table."""
    found = []
    for row in first.to_dict("records"):
        value = Contrast(row["estimate"], row["error"], row["low"], row["high"], np.nan, row["df"])
        subject = Text(
            f"{row['branch_id']} 在 {row['hours']} 多开 1 个窗口",
            f"one more window at {row['branch_id']}, {row['hours']}",
        )
        found.append(answer.quantity(f"first_{row['rank']}", subject, SAVED_HERE, value, "minutes"))
    return found
