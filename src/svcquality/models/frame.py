"""One frame a model: every row complete in every role, and every dropped row counted by reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.models.roles import Roles

FEWEST_ROWS = 20

_REASONS = {
    "outcome": Text("缺少结果变量", "without the outcome"),
    "exposures": Text("缺少暴露", "without the exposure"),
    "confounders": Text("缺少控制变量", "without the confounder"),
    "mediators": Text("缺少中介", "without the mediator"),
    "fixed": Text("缺少固定效应的分组", "without the group"),
    "cluster": Text("缺少聚类单元", "without the cluster"),
    "weight": Text("缺少权重", "without the weight"),
}


@dataclass(frozen=True)
class AnalysisFrame:
    """The rows of one model.

    Parameters
    ----------
    rows : DataFrame
        Index 0 … n−1, the columns with a role; nothing is missing.
    roles : Roles
    dropped : DataFrame
        Columns ``column, reason_zh, reason_en, rows``: each row left out, counted once under the
        first column that it lacks.
    offered : int
        Rows before.
    """

    rows: pd.DataFrame
    roles: Roles
    dropped: pd.DataFrame
    offered: int

    @property
    def steps(self) -> list[tuple[Text, int]]:
        """The way from the rows offered to the rows analysed: what, and how many are left."""
        left = self.offered
        steps = [(Text("提供的数据行", "rows given"), left)]
        for row in self.dropped.to_dict("records"):
            left -= int(row["rows"])
            steps.append((Text(f"剔除：{row['reason_zh']}", f"left out: {row['reason_en']}"), left))
        return steps


def analysis_frame(data: pd.DataFrame, roles: Roles) -> AnalysisFrame:
    """Complete cases over every role, clusters and weights included.

    Errors, fixed effects and weights so always belong to the rows that are fitted.

    Parameters
    ----------
    data : DataFrame
        Has every column of ``roles``.
    roles : Roles

    Raises
    ------
    InputError
        If fewer than `FEWEST_ROWS` rows are complete; the column that costs most is named. If a
        weight is not positive.
    """
    kept = np.ones(len(data), dtype=bool)
    dropped = []
    for role, reason in _REASONS.items():
        for name in roles.names(role):
            lacks = kept & data[name].isna().to_numpy()
            if lacks.any():
                dropped.append(
                    (name, f"{reason.zh} {name}", f"{reason.en} {name}", int(lacks.sum()))
                )
                kept &= ~lacks
    rows = data.loc[kept, list(roles.columns)].reset_index(drop=True)
    counts = pd.DataFrame(dropped, columns=["column", "reason_zh", "reason_en", "rows"])
    if len(rows) < FEWEST_ROWS:
        raise _too_few(len(rows), len(data), counts)
    if roles.weight:
        positive_weights(rows[roles.weight], roles.weight)
    return AnalysisFrame(rows, roles, counts, len(data))


def _too_few(left: int, offered: int, dropped: pd.DataFrame) -> InputError:
    worst = dropped.sort_values("rows", ascending=False).head(1)
    en = zh = ""
    for row in worst.to_dict("records"):
        en = f" {row['rows']:,} rows have no {row['column']!r}: leave it out or impute it."
        zh = f"有 {row['rows']:,} 行缺少 {row['column']!r}：请去掉该列或进行插补。"
    return InputError(
        f"Only {left:,} of {offered:,} rows have all columns of the model; at least "
        f"{FEWEST_ROWS} are needed.{en}",
        f"{offered:,} 行中只有 {left:,} 行的模型变量齐全，至少需要 {FEWEST_ROWS} 行。{zh}",
    )


def positive_weights(weights: pd.Series, name: str) -> np.ndarray:
    """Weights as numbers (n,).

    Raises
    ------
    InputError
        If one is missing, infinite or not positive.
    """
    values = pd.to_numeric(weights, errors="coerce").to_numpy(dtype=float)
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise InputError(
            f"The weights {name!r} must be positive numbers; leave out rows with a weight of 0.",
            f"权重 {name!r} 必须为正数；请剔除权重为 0 的行。",
        )
    return values
