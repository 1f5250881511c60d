"""At equal wait: was it announced, and was somebody called first who came later?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from svcquality.designs._adjusted import fit_answers
from svcquality.designs._answers import Answers
from svcquality.designs._rows import Quantity, error_kind
from svcquality.errors import InputError
from svcquality.estimators.clustered import mean_with_error
from svcquality.estimators.marginal import average_change, contrast
from svcquality.findings import flow_row
from svcquality.language import Text
from svcquality.models.matrix import LEVEL_ROWS, as_float

FLAGS = {
    "informed": Text("同等等候时间下事先预告等候时长", "an announced wait, at equal length,"),
    "overtaken": Text(
        "同等等候时间下被后到者超前叫号", "being overtaken in the queue, at equal wait,"
    ),
}
CALLED = Text("已叫号客户中被后到者超前者", "queue tickets called")
SHARE = Text("占比", "the share overtaken by somebody who came later")
SECOND = Text(
    "informed 与 overtaken 来自另一个同样控制等候曲线的模型。",
    " informed and overtaken come from a second model that holds the curve of waits equal too.",
)


@dataclass(frozen=True)
class Fairness:
    """Rows of the table, exposures that could not be estimated, steps of the flow."""

    quantities: list[Quantity]
    lost: list[Text]
    flow: list[dict[str, Any]]


def fairness(
    answers: Answers, of_visit: pd.DataFrame | None, extra: Sequence[str], knots: int
) -> Fairness:
    """The contrasts at equal wait, of what is recorded.

    Parameters
    ----------
    answers : Answers
        ``announced_minutes``, or a flag ``wait_announced``, says whose wait was announced.
    of_visit : DataFrame, optional
        As given by `_waiting_tickets.behind`; says who was overtaken.
    extra : sequence of str
        Confounders beside the usual ones.
    knots : int
    """
    flags = {"informed": _informed(answers.rows)}
    if of_visit is not None:
        flags["overtaken"] = as_float(of_visit["overtaken"])
    used = {name: flag for name, flag in flags.items() if flag is not None and _common(flag)}
    if not used:
        return Fairness([], [], [])
    try:
        model = fit_answers(
            replace(answers, rows=answers.rows.assign(**used)),
            ["wait_minutes", *used],
            extra,
            knots=knots,
        )
    except InputError:  # this part of the answers is too thin
        return Fairness([], [FLAGS[name] for name in used], [])
    lost = [name for name in used if name in model.lost]
    quantities = []
    for name in [name for name in used if name not in lost]:
        (column,) = model.matrix.at[name]
        value = average_change(model.fit, model.X, {column: 0.0}, {column: 1.0}, model.category)
        quantities.append(
            Quantity(
                name,
                FLAGS[name],
                answers.outcome.words,
                value,
                model.fit.n,
                "share_difference",
                error_kind(model.fit.inference, model.cluster),
                model.fit.inference.clusters,
            )
        )
    step = flow_row("预告、超前模型", "model of announcements and overtaking", model.fit.n)
    return Fairness(quantities, [FLAGS[name] for name in lost], [step])


def _informed(rows: pd.DataFrame) -> np.ndarray | None:
    """1 where the wait was announced, NaN where that is not known; None without such records."""
    if "wait_announced" in rows and rows["wait_announced"].notna().any():
        return as_float(rows["wait_announced"].astype("boolean"))
    if "announced_minutes" in rows and rows["announced_minutes"].notna().any():
        return rows["announced_minutes"].notna().to_numpy(dtype=float)
    return None


def _common(flag: np.ndarray) -> bool:
    """Whether there are enough with and without it to be compared."""
    return bool(min((flag == 1).sum(), (flag == 0).sum()) >= LEVEL_ROWS)


def overtaken_share(log: pd.DataFrame) -> list[Quantity]:
    """How many of those called were overtaken; nothing where nobody was."""
    known = log[log["overtaken"].notna()]
    flags = as_float(known["overtaken"])
    if not flags.any():
        return []
    branches = known["branch_id"].astype("string")
    clustered = branches.notna().all() and branches.nunique() > 1
    share, inference = mean_with_error(flags, branches if clustered else None)
    value = contrast(share, float(inference.errors[0]), inference.df)
    value = replace(value, low=max(value.low, 0.0), high=min(value.high, 1.0))
    return [
        Quantity(
            "overtaken_share",
            CALLED,
            SHARE,
            value,
            len(flags),
            "share",
            error_kind(inference, "branch_id" if clustered else ""),
            inference.clusters,
            null=np.nan,
        )
    ]
