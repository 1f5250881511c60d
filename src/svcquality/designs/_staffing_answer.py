"""The quantities of the staffing answer, from its draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from svcquality.designs._rows import Quantity
from svcquality.designs._staffing_draws import MEASURES, Draws, Scale, from_draws, quantile_of
from svcquality.designs._staffing_measure import BranchQueue
from svcquality.designs._staffing_simulate import BIN_MINUTES, open_hours
from svcquality.estimators.marginal import Contrast
from svcquality.language import Text

SHOWN_BRANCHES = 5
ERROR_KIND = "bootstrap of dates and simulation"
AT = {name: k for k, name in enumerate(MEASURES)}


@dataclass(frozen=True, eq=False)
class Answer:
    """Draws of all branches beside what they are draws of.

    Parameters
    ----------
    queues : sequence of BranchQueue
    draws : Draws
    added : tuple of int
        Windows more (or fewer) in the plans in common; the present comes before them.
    tickets : int
        Analysed.
    """

    queues: Sequence[BranchQueue]
    draws: Draws
    added: tuple[int, ...]
    target_minutes: float
    tickets: int

    @property
    def days(self) -> int:
        """Days recorded in the median branch."""
        return int(np.median(self.draws.days))

    def total(self, measure: str, plan: int) -> np.ndarray:
        """Of the bank, a day, (1 + draws,)."""
        return np.sum([v[:, plan, AT[measure]] for v in self.draws.values], axis=0)

    def per_customer(self, measure: str, plan: int) -> np.ndarray:
        """Of the bank, a customer, (1 + draws,)."""
        return self.total(measure, plan) / self.total("customers", plan)

    def quantity(
        self, term: str, subject: Text, words: Text, value: Contrast, unit: str, **more: Any
    ) -> Quantity:
        """A row of the table."""
        null = more.pop("null", np.nan)
        return Quantity(
            term, subject, words, value, self.tickets, unit, ERROR_KIND,
            clusters=int(self.draws.days.sum()), null=null,
        )  # fmt: skip


def _scale(windows: int) -> Scale:
    """Of minutes saved: positive where windows are added."""
    return "log" if windows > 0 else "plain"


def plan_name(windows: int) -> str:
    """How a term says that windows were added or taken away."""
    return f"plus_{windows}" if windows > 0 else f"minus_{-windows}"


def plan_words(windows: int) -> Text:
    """One more window at every branch, all day."""
    if windows > 0:
        count = Text(
            f"{windows} 个", "one more window" if windows == 1 else f"{windows} more windows"
        )
        return Text(f"每个网点全天多开 {count.zh}窗口", f"{count.en} at every branch, all day")
    fewer = "one window fewer" if windows == -1 else f"{-windows} windows fewer"
    return Text(f"每个网点全天少开 {-windows} 个窗口", f"{fewer} at every branch, all day")


NOW = Text("现行开窗（模拟）", "the present windows (simulated)")
WAIT = Text("人均等候时间", "the mean wait")
NINETIETH = Text("等候时间的 90% 分位数", "the wait that one customer in ten exceeds")
LEFT = Text("弃号比例", "the share who leave before being served")
SAVED = Text("人均少等的时间（模拟）", "the simulated time saved per customer")
HAPPY = Text("预计满意客户比例", "the expected share of satisfied customers")
PER_HOUR = Text(
    "每百窗口小时对应的满意客户增加数", "the further satisfied customers per 100 window-hours"
)


def late_words(minutes: float) -> Text:
    """Share above the target."""
    return Text(
        f"未在 {minutes:g} 分钟内叫到的比例（含弃号）",
        f"the share not called within {minutes:g} minutes (leavers included)",
    )


def bank_quantities(answer: Answer) -> list[Quantity]:
    """What every plan changes, then what customers meet now and under each, over the whole bank."""
    late = late_words(answer.target_minutes)
    changes: list[Quantity] = []
    levels: list[Quantity] = []
    ninetieth = quantile_of(answer.draws.waits, 0.9, BIN_MINUTES)
    for k, windows in enumerate((0, *answer.added)):
        name = plan_name(windows) if k else "now"
        words = plan_words(windows) if k else NOW
        if k:
            saved = answer.per_customer("waited", 0) - answer.per_customer("waited", k)
            changes.append(
                answer.quantity(
                    f"saved_minutes_{name}",
                    words,
                    SAVED,
                    from_draws(saved, answer.days, _scale(windows)),
                    "minutes",
                )
            )
            changes += _satisfied(answer, k, windows, name, words)
        for term, outcome, values, unit in (
            ("wait", WAIT, answer.per_customer("waited", k), "minutes"),
            ("p90", NINETIETH, ninetieth[:, k], "minutes"),
            ("late", late, answer.per_customer("late", k), "share"),
            ("abandoned", LEFT, answer.per_customer("left", k), "share"),
        ):
            value = from_draws(values, answer.days, "logit" if unit == "share" else "log")
            levels.append(answer.quantity(f"{term}_{name}", words, outcome, value, unit))
    return [*changes, *levels]


def _satisfied(answer: Answer, k: int, windows: int, name: str, words: Text) -> list[Quantity]:
    gain = answer.total("satisfied", k) - answer.total("satisfied", 0)
    if np.isnan(gain[0]):
        return []
    share = from_draws(gain / answer.total("customers", 0), answer.days)
    hours = sum(open_hours(q.plan) for q in answer.queues) * windows
    each = from_draws(100 * gain / hours, answer.days)
    return [
        answer.quantity(f"satisfied_{name}", words, HAPPY, share, "share_difference", null=0.0),
        answer.quantity(f"satisfied_per_100_hours_{name}", words, PER_HOUR, each, "count"),
    ]


def branch_frame(answer: Answer) -> pd.DataFrame:
    """One row a branch and plan: ``branch_id, added, measure, estimate, low, high``.

    Measures: ``wait_minutes``, ``late``, ``abandoned``, and for added windows ``saved_minutes`` and
    ``satisfied`` (difference in P(satisfied)).
    """
    rows = []
    for queue, values in zip(answer.queues, answer.draws.values, strict=True):
        size = values[:, 0, AT["customers"]]
        for k, windows in enumerate((0, *answer.added)):
            each = values[:, k] / size[:, None]
            measures: dict[str, tuple[np.ndarray, Scale]] = {
                "wait_minutes": (each[:, AT["waited"]], "log"),
                "late": (each[:, AT["late"]], "logit"),
                "abandoned": (each[:, AT["left"]], "logit"),
            }
            if k:
                now = values[:, 0] / size[:, None]
                measures["saved_minutes"] = ((now - each)[:, AT["waited"]], _scale(windows))
                measures["satisfied"] = ((each - now)[:, AT["satisfied"]], "plain")
            for name, (value, scale) in measures.items():
                found = from_draws(value, len(queue.dates), scale)
                rows.append(
                    {
                        "branch_id": queue.name, "added": windows, "measure": name,
                        "estimate": found.estimate, "error": found.error, "low": found.low,
                        "high": found.high, "customers": size[0], "df": found.df,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def branch_quantities(answer: Answer, branches: pd.DataFrame) -> list[Quantity]:
    """The branches in which the first plan saves most."""
    if not answer.added:
        return []
    saved = branches[
        (branches["measure"] == "saved_minutes") & (branches["added"] == answer.added[0])
    ]
    words = plan_words(answer.added[0])
    found = []
    for row in saved.nlargest(SHOWN_BRANCHES, "estimate").to_dict("records"):
        value = Contrast(row["estimate"], row["error"], row["low"], row["high"], np.nan, row["df"])
        subject = Text(
            f"{row['branch_id']}{words.zh.removeprefix('每个网点')}",
            words.en.replace("every branch", row["branch_id"]),
        )
        found.append(
            answer.quantity(f"saved[{row['branch_id']}]", subject, SAVED, value, "minutes")
        )
    return found
