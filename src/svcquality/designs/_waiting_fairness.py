"""At equal wait: was it announced, and was somebody called first who came later?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from svcquality.designs._adjusted import Adjusted
from svcquality.designs._answers import Answers
from svcquality.designs._rows import Quantity, error_kind
from svcquality.estimators.clustered import mean_with_error
from svcquality.estimators.marginal import average_change, contrast
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
UNKNOWN = "_not_recorded"


@dataclass(frozen=True)
class Flagged:
    """Answers with 0/1 columns of what happened in the queue, and the names of these.

    ``unknown`` names columns that say where a flag is not recorded; the flag is 0 there.
    """

    answers: Answers
    flags: list[str]
    unknown: list[str]


def flagged(answers: Answers, of_visit: pd.DataFrame | None) -> Flagged:
    """Mark whose wait was announced and who was overtaken, where enough were and were not.

    Parameters
    ----------
    answers : Answers
        ``announced_minutes``, or a flag ``wait_announced``, says whose wait was announced.
    of_visit : DataFrame, optional
        As given by `_waiting_tickets.behind`; says who was overtaken.
    """
    known: dict[str, np.ndarray | None] = {"informed": _informed(answers.rows)}
    if of_visit is not None:
        known["overtaken"] = as_float(of_visit["overtaken"])
    columns: dict[str, Any] = {}
    flags, unknown = [], []
    for name, flag in known.items():
        if flag is None or min((flag == 1).sum(), (flag == 0).sum()) < LEVEL_ROWS:
            continue
        columns[name] = np.nan_to_num(flag)
        flags.append(name)
        if np.isnan(flag).any():
            columns[name + UNKNOWN] = np.isnan(flag)
            unknown.append(name + UNKNOWN)
    rows = answers.rows.assign(**columns)
    return Flagged(replace(answers, rows=rows), flags, unknown)


def _informed(rows: pd.DataFrame) -> np.ndarray | None:
    """1 where the wait was announced, NaN where that is not known; None without such records."""
    if "wait_announced" in rows and rows["wait_announced"].notna().any():
        return as_float(rows["wait_announced"])
    if "announced_minutes" in rows and rows["announced_minutes"].notna().any():
        return rows["announced_minutes"].notna().to_numpy(dtype=float)
    return None


def at_equal_wait(model: Adjusted, flags: list[str], outcome: Text) -> list[Quantity]:
    """The contrast of each flag that the model can tell from all else."""
    inference = model.fit.inference
    kind = error_kind(inference, model.cluster)
    quantities = []
    for name in flags:
        if name in model.lost:
            continue
        (column,) = model.matrix.at[name]
        value = average_change(model.fit, model.X, {column: 0.0}, {column: 1.0}, model.category)
        quantities.append(
            Quantity(
                name,
                FLAGS[name],
                outcome,
                value,
                model.fit.n,
                "share_difference",
                kind,
                inference.clusters,
            )
        )
    return quantities


def overtaken_share(log: pd.DataFrame) -> list[Quantity]:
    """How many of those called were overtaken; nothing where fewer than ten were."""
    known = log[log["overtaken"].notna()]
    flags = as_float(known["overtaken"])
    if flags.sum() < LEVEL_ROWS:
        return []
    branches = known["branch_id"].astype("string")
    clustered = bool(branches.notna().all() and branches.nunique() > 1)
    share, inference = mean_with_error(flags, branches if clustered else None)
    value = contrast(share, float(inference.errors[0]), inference.df)
    value = replace(value, low=max(value.low, 0.0), high=min(value.high, 1.0))
    kind = error_kind(inference, "branch_id")
    return [
        Quantity(
            "overtaken_share",
            CALLED,
            SHARE,
            value,
            len(flags),
            "share",
            kind,
            inference.clusters,
            null=np.nan,
        )
    ]
