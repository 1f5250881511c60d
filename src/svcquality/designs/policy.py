"""Did a policy change complaints: an interrupted monthly series of the whole bank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from svcquality.checks.anticipation import anticipation
from svcquality.checks.autocorrelation import autocorrelation
from svcquality.checks.co_interventions import co_interventions
from svcquality.checks.definition_break import definition_break
from svcquality.checks.denominator import denominator
from svcquality.checks.series_length import FEWEST, season_length, series_length
from svcquality.designs import DESIGNS
from svcquality.designs._rows import Quantity, table
from svcquality.errors import InputError
from svcquality.estimators.interrupted_series import InterruptedSeries, interrupted_series
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text, plain
from svcquality.records.panel import bank_months
from svcquality.records.times import to_months

KINDS = ("policy", "pricing")
MEASURES = {
    "customers": Text("客户数", "customers"),
    "visits": Text("到店量", "visits"),
}

RIVALS = ("co_interventions", "season_length")
"""Checks whose warning names another reason for a change."""


def policy(
    bank: Any,
    *,
    id: str = "policy",
    intervention: str | None = None,
    where: Mapping[str, Any] | None = None,
    outcome: str = "complaints",
    seed: int = 0,
) -> Finding:
    """Set the months after a change against what the months before it let expect.

    Parameters
    ----------
    bank : Records
        Needs interventions and complaints; customers or visits as denominators.
    intervention : str, optional
        Its id; by default the first policy or change of price within the recorded period.
    where : mapping, optional
        Complaint column to a value or values: which complaints are counted. By default those of
        the line of business that the intervention names.
    outcome : {"complaints"}
    seed : int
        Not used: nothing is drawn.

    Returns
    -------
    Finding
        Terms ``level`` (ratio at the change) and ``slope`` (ratio by which the trend changed, a
        year).

    Raises
    ------
    InputError
        If there is no such intervention, it lies outside the recorded period, the outcome is
        unknown, or the series cannot carry the model.
    """
    if outcome != "complaints":
        raise InputError(
            f"There is no monthly series of {outcome!r}; use outcome = 'complaints'.",
            f"没有“{outcome}”的月度序列；请使用 outcome = 'complaints'。",
        )
    row = _chosen(bank, intervention)
    if where is None:
        where = {} if pd.isna(row["business"]) else {"business": row["business"]}
    series = bank_months(bank, where=where)
    months = pd.DatetimeIndex(series["month"])
    counts = series["complaints"].to_numpy(float)
    effect = to_months(pd.Series([row["date"]])).iloc[0]
    after = np.asarray(months >= effect)
    use, announced = _used(months, row, after)
    before = int((use & ~after).sum())
    measure = next((m for m in MEASURES if series[m].gt(0).all()), None)
    fit = interrupted_series(
        counts, after, use=use,
        exposure=None if measure is None else series[measure].to_numpy(float),
        position=months.month.to_numpy(),
    )  # fmt: skip
    name = _name(row)
    others = _others(bank, row, months)
    checks = (
        series_length(before, int((use & after).sum())),
        season_length(int(use.sum()), fit.harmonics),
        definition_break(_versions(bank, months, where)),
        co_interventions(others),
        autocorrelation(fit.autocorrelation),
        anticipation(announced, 0 if use[~after].all() else announced),
        denominator(None if measure is None else MEASURES[measure]),
    )
    # What else could have moved the series: then the design carries an association only.
    unclear = [c for c in checks if c.status == "warn" and c.name in RIVALS]
    quantities = _quantities(name, fit, int(use.sum()), measure)
    return Finding(
        id=id,
        design="policy",
        question=DESIGNS["policy"].question,
        grade=Grade.ASSOCIATED if unclear else Grade.CHANGED,
        claims=tuple(q.claim() for q in quantities),
        table=table(quantities),
        checks=checks,
        method=_method(fit, row, measure),
        flow=pd.DataFrame(
            [
                flow_row("记录期内的月份", "months recorded", len(months)),
                flow_row("用于拟合的月份", "months fitted", int(use.sum())),
            ]
        ),
        figure="series",
        frames={
            "series": pd.DataFrame(
                {
                    "month": months, "observed": counts, "fitted": fit.fitted,
                    "counterfactual": fit.counterfactual, "low": fit.low, "high": fit.high,
                }
            ),
            "events": pd.DataFrame(
                {"month": [row["date"]], "label_zh": [name.zh], "label_en": [name.en]}
            ),
        },
    )  # fmt: skip


def _chosen(bank: Any, wanted: str | None) -> pd.Series:
    rows = bank.interventions.sort_values("date", kind="stable")
    if wanted is not None:
        found = rows[rows["intervention_id"] == str(wanted)]
        if found.empty:
            known = [str(i) for i in rows["intervention_id"]]
            raise InputError(
                f"There is no intervention {wanted!r}; there are {', '.join(known)}.",
                f"没有编号为“{wanted}”的干预；现有：{'、'.join(known)}。",
            )
        return found.iloc[0]
    month = to_months(bank.complaints["received"])
    within = (rows["date"] > month.min()) & (rows["date"] <= month.max())
    found = rows[rows["kind"].isin(KINDS) & within]
    if found.empty:
        raise InputError(
            "No policy or change of price falls within the recorded complaints; give its "
            "intervention id, or records around it.",
            "投诉记录期内没有政策或定价变动；请指定干预编号，或提供变动前后的记录。",
        )
    return found.iloc[0]


def _used(months: pd.DatetimeIndex, row: pd.Series, after: np.ndarray) -> tuple[np.ndarray, int]:
    """Months to fit, and how many lie between announcement and effect.

    A month in the middle of which the change took effect belongs to neither side.
    """
    use = np.ones(len(months), dtype=bool)
    if row["date"].day > 1:
        use &= ~np.asarray(months == to_months(pd.Series([row["date"]])).iloc[0])
    if pd.isna(row["announced"]) or row["announced"] >= row["date"]:
        return use, 0
    start = to_months(pd.Series([row["announced"]])).iloc[0]
    waiting = np.asarray(months >= start) & ~after
    if (use & ~after & ~waiting).sum() >= FEWEST:
        use &= ~waiting
    return use, int(waiting.sum())


def _name(row: pd.Series) -> Text:
    if pd.isna(row["name"]):
        return Text("该项变动", "the change")
    return Text(f"“{row['name']}”", f"“{row['name']}”")


def _others(bank: Any, row: pd.Series, months: pd.DatetimeIndex) -> list[str]:
    """Other interventions of the period that concern the same line of business, or all."""
    rows = bank.interventions
    within = (rows["date"] >= months[0]) & (rows["date"] < months[-1] + pd.offsets.MonthBegin(1))
    other = rows["intervention_id"] != row["intervention_id"]
    same = rows["business"].isna() | (rows["business"] == row["business"])
    if pd.isna(row["business"]):
        same |= True
    found = rows[within & other & same.fillna(True).astype(bool)].sort_values("date")
    names = found["name"].fillna(found["intervention_id"])
    return [f"{n} ({d:%Y-%m-%d})" for n, d in zip(names, found["date"], strict=True)]


def _versions(bank: Any, months: pd.DatetimeIndex, where: Mapping[str, Any]) -> pd.Series:
    rows = bank.complaints
    for column, wanted in where.items():
        values = list(wanted) if isinstance(wanted, (list, tuple, set)) else [wanted]
        rows = rows[rows[column].isin(values)]
    month = to_months(rows["received"])
    return rows.loc[(month >= months[0]) & (month <= months[-1]), "definition_version"]


def _quantities(
    name: Text, fit: InterruptedSeries, months: int, measure: str | None
) -> list[Quantity]:
    rate = plain("")
    if measure is not None:
        rate = Text(f"（相对{MEASURES[measure].zh}）", f" relative to {MEASURES[measure].en}")
    level = Text(f"每月投诉量{rate.zh}", f"monthly complaints{rate.en}")
    trend = Text(
        f"每月投诉量{rate.zh}的年变化倍数", f"the yearly growth of monthly complaints{rate.en}"
    )
    common: dict[str, Any] = {
        "n": months, "unit": "ratio", "error_kind": "quasi-Poisson with AR(1)", "null": 1.0,
    }  # fmt: skip
    quantities = [Quantity("level", name, level, fit.level, **common)]
    if fit.slope is not None:
        later = Text(f"{name.zh}之后", f"the time after {name.en}")
        quantities.append(Quantity("slope", later, trend, fit.slope, **common))
    return quantities


def _method(fit: InterruptedSeries, row: pd.Series, measure: str | None) -> Text:
    split = row["date"].day > 1
    offset = (
        Text("不含分母", "without a denominator")
        if measure is None
        else Text(f"以{MEASURES[measure].zh}的对数为偏移量", f"offset log {MEASURES[measure].en}")
    )
    return Text(
        f"中断时间序列：泊松回归，{offset.zh}，含趋势、{fit.harmonics} 组季节谐波、变动时的水平与斜率变化"
        f"（Bernal 等，2017）。标准误计入过度离散（{fit.scale:.2f}）与一阶自相关（{fit.autocorrelation:.2f}，"
        f"按残差的矩校正拟合偏差），t 分布自由度 {fit.df:.0f}。"
        + ("变动发生当月不属于任何一侧，未用于拟合。" if split else "")
        + "注意：只有一个序列、没有对照，同期的其他变化无法排除。",
        f"Interrupted time series: Poisson regression, {offset.en}, with trend, {fit.harmonics} "
        f"harmonic{'' if fit.harmonics == 1 else 's'} of the season, and a change of level and slope (Bernal et al. 2017). Errors "
        f"allow for overdispersion ({fit.scale:.2f}) and lag-1 autocorrelation "
        f"({fit.autocorrelation:.2f}, matched to the moments of the residuals), t with "
        f"{fit.df:.0f} degrees of freedom. "
        + ("The month of the change belongs to neither side and is not fitted. " if split else "")
        + "Caution: a single series without a comparison cannot exclude anything else that changed "
        "at the same time.",
    )
