"""How many window-hours a day it takes until enough customers are called in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.designs._rows import Quantity
from svcquality.designs._staffing_answer import Answer
from svcquality.designs._staffing_draws import MEASURES, from_draws
from svcquality.designs._staffing_measure import BranchQueue
from svcquality.designs._staffing_search import towards_target
from svcquality.designs._staffing_simulate import sample
from svcquality.estimators.marginal import Contrast
from svcquality.language import Text


@dataclass(frozen=True, eq=False)
class Goal:
    """The way of one branch to the target.

    Parameters
    ----------
    late : ndarray of shape (hours + 1,)
        Share not called in time after each window-hour added.
    hours : int
        Window-hours that reach it; as many as were tried where none does.
    plan : ndarray
        The plan with them.
    """

    late: np.ndarray
    hours: int
    plan: np.ndarray


def goal_of(
    queue: BranchQueue,
    way: Sequence[np.ndarray],
    target_minutes: float,
    target_share: float,
    days: int,
    seed: np.random.SeedSequence,
) -> Goal:
    """Where on the way a branch reaches the target, on days that did not choose the way."""
    drawn = sample(queue, queue.fit(), days, np.random.default_rng(seed))
    plans, late = towards_target(queue, drawn, target_minutes, target_share, way)
    hours = _first_below(late, 1 - target_share)
    return Goal(late, hours, plans[hours])


def _first_below(late: np.ndarray, most: float) -> int:
    below = np.flatnonzero(late <= most)
    return int(below[0]) if len(below) else len(late) - 1


def target_frame(answer: Answer, goals: Sequence[Goal], target_share: float) -> pd.DataFrame:
    """Window-hours a day by branch: ``branch_id, hours, low, high, late_now, late_then, reached``.

    The interval holds the numbers of hours at which the target lies within the interval of the
    share of customers called in time.
    """
    rows = []
    late = MEASURES.index("late")
    for queue, values, goal in zip(answer.queues, answer.draws.values, goals, strict=True):
        share = values[:, -1, late] / values[:, -1, 0]
        value = from_draws(share, len(queue.dates))
        reach = value.error * float(stats.t.ppf(0.975, value.df))
        rows.append(
            {
                "branch_id": queue.name,
                "hours": goal.hours,
                "low": _first_below(goal.late - reach, 1 - target_share),
                "high": _first_below(goal.late + reach, 1 - target_share),
                "late_now": goal.late[0],
                "late_then": goal.late[goal.hours],
                "reached": bool(goal.late[goal.hours] <= 1 - target_share),
            }
        )
    return pd.DataFrame(rows)


def target_quantity(answer: Answer, target: pd.DataFrame, target_share: float) -> list[Quantity]:
    """Window-hours of all branches; left out where a branch does not reach the target at all."""
    if not target["reached"].all():
        return []
    hours = float(target["hours"].sum())
    # Errors of single branches, a quarter of their intervals at least half an hour wide.
    error = float(np.sqrt((np.maximum(target["high"] - target["low"], 1) ** 2).sum())) / 3.92
    reach = 1.96 * error
    value = Contrast(hours, error, max(hours - reach, 0.0), hours + reach, np.nan, np.inf)
    subject = Text(
        f"各网点 {target_share:.0%} 的客户在 {answer.target_minutes:g} 分钟内叫到",
        f"{target_share:.0%} of customers called within {answer.target_minutes:g} minutes at every "
        "branch",
    )
    words = Text("全行每天需增加的窗口小时数", "the further window-hours a day it takes in all")
    return [answer.quantity("window_hours_for_target", subject, words, value, "count")]
