"""The wait within branch and half hour, and as other customers' arrivals move it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg

from svcquality.checks.instrument_strength import instrument_strength
from svcquality.designs._adjusted import Adjusted, groups
from svcquality.designs._rows import Quantity
from svcquality.errors import InputError
from svcquality.estimators.absorb import absorb, absorbed_levels
from svcquality.estimators.clustered import sandwich
from svcquality.estimators.instrument import InstrumentedEffect, instrumented_effect
from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.marginal import Contrast, contrast
from svcquality.findings import Check, flow_row
from svcquality.language import Text
from svcquality.models.matrix import as_float

MORE_MINUTES = 10.0
FEWEST = 200
"""Answers with a ticket, and of these with others in their cell, below which nothing is said."""
_RANK = 1e-8

WITHIN = Text(
    "同一网点、同一时段内多等候 10 分钟",
    "10 more minutes of waiting within the same branch and half hour",
)
INSTRUMENTED = Text(
    "因其他客户到达较多而多等候的 10 分钟",
    "10 more minutes of waiting that other customers' arrivals brought",
)
ASSUMPTION = Text(
    "plus_10_within_branch_hour 与 plus_10_instrumented 为线性概率模型，扣除网点×半小时的差异。"
    "后者以取号前一小时内其他客户的取号数（与该网点、该半小时、该星期几的通常水平之差）为工具变量，"
    "两阶段最小二乘，区间为 Anderson–Rubin；前提是他人到达的多少只通过等候时间与满意度有关。",
    "plus_10_within_branch_hour and plus_10_instrumented are linear probability models with effects "
    "of branch by half hour. The latter takes the tickets that others took in the hour before, beyond "
    "what is usual for the branch, half hour and weekday, as an instrument (two-stage least squares, "
    "interval by Anderson & Rubin); it assumes that how many others come goes with satisfaction only "
    "through the wait.",
)


@dataclass(frozen=True)
class Within:
    """Rows of the table, checks and steps of the flow; all empty without a ticket log."""

    quantities: list[Quantity]
    checks: list[Check]
    flow: list[dict[str, Any]]


def within_half_hours(model: Adjusted, of_visit: pd.DataFrame, outcome: Text) -> Within:
    """Compare waits within branch and half hour, plainly and by the instrument.

    Parameters
    ----------
    model : Adjusted
        Whose columns but branch and hour are held equal here too.
    of_visit : DataFrame
        As given by `_waiting_tickets.behind`, for the rows of the model.
    outcome : Text
    """
    of_visit = of_visit.reset_index(drop=True)
    cell = _cells(model, of_visit)
    alone = cell.groupby(cell).transform("size").eq(1)
    used = (cell.notna() & of_visit["congestion"].notna() & ~alone).to_numpy()
    if used.sum() < FEWEST:
        return Within([], [], [])
    flow = [
        flow_row(
            "其中：同一网点、同一半小时内有可比答复（敏感性分析）",
            "of these, with another answer at the branch and half hour (sensitivity)",
            int(used.sum()),
        )
    ]
    data = _Held(model, of_visit, cell.to_numpy(), used)
    facts: dict[str, Any] = {
        "n": int(used.sum()),
        "unit": "share_difference",
        "clusters": data.clusters_used,
    }
    how = f"by {model.cluster}" if data.clusters is not None else ""
    quantities = []
    within = data.within()
    if within is not None:
        kind = "CR1" if data.clusters is not None else "HC1"
        quantities.append(
            Quantity(
                "plus_10_within_branch_hour",
                WITHIN,
                outcome,
                within,
                error_kind=f"{kind} {how}".strip(),
                **facts,
            )
        )
    found = data.instrumented()
    if found is None:
        return Within(quantities, [], flow)
    ends = found.anderson_rubin
    bounded = len(ends) == 1 and bool(np.isfinite(ends[0]).all())
    if bounded:
        low, high = ends[0]
        value = Contrast(
            MORE_MINUTES * found.effect.estimate, MORE_MINUTES * found.effect.error,
            MORE_MINUTES * low, MORE_MINUTES * high, found.anderson_rubin_p, found.effect.df,
        )  # fmt: skip
        quantities.append(
            Quantity(
                "plus_10_instrumented",
                INSTRUMENTED,
                outcome,
                value,
                error_kind=f"2SLS, Anderson-Rubin {how}".strip(),
                **facts,
            )
        )
    check = instrument_strength(found.effective_f, found.critical_f, bounded=bounded)
    return Within(quantities, [check], flow)


def _cells(model: Adjusted, of_visit: pd.DataFrame) -> pd.Series:
    """Branch and half hour of each row; missing without either."""
    half_hour = of_visit["half_hour"].astype("Int64").astype("string")
    return model.rows["branch_id"].astype("string") + " " + half_hour


class _Held:
    """Outcome, waits and instrument with cells and confounders ready to be taken out."""

    def __init__(
        self, model: Adjusted, of_visit: pd.DataFrame, cell: np.ndarray, used: np.ndarray
    ) -> None:
        at = model.matrix.at
        gone = [*at["wait_minutes"], *at.get("branch_id", []), *at.get("hour", [])]
        weekday = pd.get_dummies(of_visit["weekday"][used]).to_numpy(dtype=float)
        controls = np.column_stack([np.delete(model.X, gone, axis=1)[used], weekday])
        self.cell = cell[used]
        self.clusters = groups(model.rows[used], model.cluster)
        self.clusters_used = None if self.clusters is None else int(self.clusters.nunique())
        waits = as_float(model.rows["wait_minutes"])[used]
        self.controls = _independent(absorb(controls, [self.cell]), controls)
        self.outcome, self.wait, self.congestion = absorb(
            np.column_stack(
                [model.y[used] >= model.category, waits, of_visit["congestion"].to_numpy()[used]]
            ).astype(float),
            [self.cell],
        ).T
        self.spread = bool(np.ptp(waits) > 0)
        spline = model.spline
        self.basis = spline.transform(waits) if spline else waits[:, None]
        more = spline.transform(waits + MORE_MINUTES) if spline else waits[:, None] + MORE_MINUTES
        self.more = (more - self.basis).mean(axis=0)
        # Cells within the clusters are not counted; the intercept that stands for one is.
        self.absorbed = absorbed_levels([self.cell], self.clusters) - 1

    def within(self) -> Contrast | None:
        """Ten more minutes along the same curve, linear in probability."""
        X = np.column_stack([absorb(self.basis, [self.cell]), self.controls])
        try:
            fit = least_squares(self.outcome, X)
            inference = sandwich(
                fit.bread, [fit.scores], fit.n, self.clusters,
                parameters=X.shape[1] + 1 + self.absorbed,
            )  # fmt: skip
        except InputError:  # waits do not vary within the cells
            return None
        k = len(self.more)
        variance = self.more @ inference.covariance[:k, :k] @ self.more
        return contrast(
            float(self.more @ fit.coefficients[:k]), float(np.sqrt(variance)), inference.df
        )

    def instrumented(self) -> InstrumentedEffect | None:
        """A minute more, by the instrument."""
        try:
            return instrumented_effect(
                self.outcome, self.wait, self.congestion[:, None], self.controls,
                clusters=self.clusters, absorbed=self.absorbed,
            )  # fmt: skip
        except InputError:  # nothing varies within the cells
            return None


def _independent(left: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Columns of ``left`` that the others, and what was taken out, do not determine already."""
    scale = np.sqrt((before**2).sum(axis=0))
    scaled = left / np.where(scale > 0, scale, 1.0)
    _, R, order = linalg.qr(scaled, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(R))
    rank = int((diagonal > _RANK * max(1.0, diagonal.max(initial=0.0))).sum())
    return left[:, np.sort(order[:rank])]
