"""Did training change complaints: staggered difference-in-differences over branches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from svcquality.checks.clusters import cluster_count
from svcquality.checks.comparison_units import FEWEST, never_trained, small_cohorts
from svcquality.checks.definition_break import definition_break
from svcquality.checks.dropped_rows import dropped_rows
from svcquality.checks.pre_trends import pre_trends
from svcquality.checks.twfe_gap import twfe_gap
from svcquality.designs import DESIGNS
from svcquality.designs._rows import CLUSTER_UNITS, Quantity, table
from svcquality.errors import InputError
from svcquality.estimators.effects import Effects, joint_test
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.staggered_did import NEVER, GroupTimeEffects, group_time_effects
from svcquality.estimators.two_way import TwoWayEffect, two_way_effect
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.records.panel import branch_months
from svcquality.records.times import to_months
from svcquality.records.waits import first_training

TRANSITION = 1
"""The month in which a branch is trained is neither treated nor compared with."""
EARLIEST, LATEST = -6, 12
FEWEST_BRANCHES = 10
SUBJECT = Text("网点员工培训", "staff training at a branch")

OUTCOMES = {
    "complaints_per_1000_visits": (
        Text("每千次到店投诉量", "complaints per 1,000 visits"), "per_1000_visits",
    ),
    "complaints": (Text("网点月投诉件数", "a branch's monthly complaints"), "per_month"),
    "satisfied_share": (
        Text("满意客户比例", "the share of satisfied customers"), "share_difference",
    ),
    "satisfaction_mean": (Text("平均满意度", "mean satisfaction"), "points"),
    "wait_minutes_mean": (Text("平均等候时间", "the mean wait"), "minutes"),
}  # fmt: skip


@dataclass(frozen=True)
class _Panel:
    """A balanced panel: branches x months, and the column of each branch's first full month."""

    outcome: np.ndarray
    first: np.ndarray
    months: pd.DatetimeIndex
    flow: list[dict[str, Any]]
    rows: int

    @property
    def treated(self) -> np.ndarray:
        return (np.arange(len(self.months)) >= self.first[:, None]) & self.ever[:, None]

    @property
    def ever(self) -> np.ndarray:
        return self.first != NEVER


def training(
    bank: Any,
    *,
    id: str = "training",
    outcome: str = "complaints_per_1000_visits",
    seed: int = 0,
) -> Finding:
    """Compare each trained branch with branches not trained yet, before and after its training.

    Exposure starts with the first full month after a branch's first training.

    Parameters
    ----------
    bank : Records
        Needs training, complaints and, for rates, visits or their denominators.
    outcome : str
        A column of the branch x month panel, one of `OUTCOMES`.
    seed : int
        For the multiplier bootstrap of the uniform band.

    Returns
    -------
    Finding
        Terms ``att`` and ``event_<k>`` (k months after the first full month; −1 is the month of
        training itself).

    Raises
    ------
    InputError
        If the outcome is unknown or not recorded, no branch of the training records is known, or
        too few branches are seen throughout.
    """
    if outcome not in OUTCOMES:
        raise InputError(
            f"There is no outcome {outcome!r} of training; choose one of {', '.join(OUTCOMES)}.",
            f"培训问题没有结果变量“{outcome}”；请从 {'、'.join(OUTCOMES)} 中选择。",
        )
    words, unit = OUTCOMES[outcome]
    panel = _balanced(bank, outcome)
    fit = group_time_effects(panel.outcome, panel.first, control="not_yet", anticipation=TRANSITION)
    average, events = fit.simple(), _shown(fit.dynamic())
    benchmark = two_way_effect(panel.outcome, panel.treated)
    tested = events.take((events.at < -TRANSITION) & (events.at >= EARLIEST))
    p_before = joint_test(tested).p_small
    branches = len(panel.first)
    common: dict[str, Any] = {
        "outcome": words,
        "n": panel.outcome.size,
        "unit": unit,
        "error_kind": "influence function by branch_id",
        "clusters": branches,
    }
    quantities = [Quantity("att", SUBJECT, value=_contrasts(average)[0], **common)]
    # Single months are read against the uniform band; twenty p-values would invite picking one.
    quantities += [
        Quantity(f"event_{k}", _event_label(int(k)), value=replace(value, p=np.nan), **common)
        for k, value in zip(events.at, _contrasts(events), strict=True)
    ]
    complained = outcome.startswith("complaints")
    return Finding(
        id=id,
        design="training",
        question=DESIGNS["training"].question,
        grade=Grade.CHANGED if p_before >= 0.05 else Grade.ASSOCIATED,
        claims=(quantities[0].claim(),),
        table=table(quantities),
        checks=(
            pre_trends(p_before, len(tested.at)),
            *([definition_break(_versions(bank, panel.months))] if complained else []),
            twfe_gap(
                average.estimate[0], average.errors[0], benchmark.effect.estimate,
                benchmark.negative_share,
            ),
            never_trained(int((~panel.ever).sum())),
            small_cohorts([int((panel.first == g).sum()) for g in np.unique(fit.cohort)]),
            cluster_count(branches, CLUSTER_UNITS["branch_id"]),
            dropped_rows(
                panel.rows,
                panel.outcome.size,
                Text(
                    "网点未贯穿全期、分母为零，或培训落在首尾月份",
                    "branches not seen throughout, without visits, or trained in the first or "
                    "last months",
                ),
            ),
        ),
        method=_method(panel, fit),
        flow=pd.DataFrame(panel.flow),
        figure="event_study",
        frames=_frames(events, average, benchmark, seed),
    )  # fmt: skip


def _balanced(bank: Any, outcome: str) -> _Panel:
    known = first_training(bank)
    rows = None if known.empty else branch_months(bank)
    if rows is None or rows["first_trained"].isna().all():
        raise InputError(
            "The training records name no branch that is known, nor staff who served a ticket "
            "there; give branch_id in training, or staff_id in visits.",
            "培训记录没有已知网点，其员工也没有在任何网点办理过业务；请在培训表中提供 branch_id，或在到店记录中提供 staff_id。",
        )
    if rows[outcome].isna().all():
        raise InputError(
            f"The outcome {outcome!r} cannot be computed; rates need visits or denominators, "
            "satisfaction needs surveys.",
            f"无法计算结果变量“{outcome}”；比率需要到店记录或分母，满意度需要调查数据。",
        )
    wide = rows.pivot(index="branch_id", columns="month", values=outcome)
    flow = [flow_row("网点×月", "branch-months", len(rows))]
    wide = wide.dropna()
    flow.append(
        flow_row("每月都有数据的网点", "of branches with the outcome in every month", wide.size)
    )
    months = pd.DatetimeIndex(wide.columns)
    trained = rows.groupby("branch_id")["first_trained"].first().reindex(wide.index)
    # The first full month is the one after the month of training.
    index = 12 * trained.dt.year + trained.dt.month - (12 * months[0].year + months[0].month)
    ever = (trained <= months[-1]).to_numpy()
    first = np.where(ever, (index + 1).fillna(0), NEVER).astype(int)
    usable = ~ever | ((first > TRANSITION) & (first < len(months)))
    flow.append(
        flow_row(
            "去掉首月或更早、末月才培训的网点",
            "without branches trained by the first month or only in the last",
            int(usable.sum()) * len(months),
        )
    )
    if usable.sum() < FEWEST_BRANCHES:
        raise InputError(
            f"Only {usable.sum()} branches are seen in every month and trained within the period "
            f"or never; at least {FEWEST_BRANCHES} are needed: use a longer or fuller period.",
            f"只有 {usable.sum()} 个网点每月都有数据且在期内受训或从未受训，至少需要 {FEWEST_BRANCHES} 个；"
            "请延长时间范围或补全数据。",
        )
    return _Panel(wide.to_numpy(float)[usable], first[usable], months, flow, len(rows))


def _shown(events: Effects) -> Effects:
    """Months near training with enough branches on both sides."""
    enough = (events.treated >= FEWEST) & (events.controls >= FEWEST)
    return events.take(enough & (events.at >= EARLIEST) & (events.at <= LATEST))


def _contrasts(effects: Effects) -> list[Contrast]:
    low, high = effects.interval()
    columns = (effects.estimate, effects.errors, low, high, effects.p, effects.df)
    return [Contrast(*map(float, values)) for values in zip(*columns, strict=True)]


def _event_label(k: int) -> Text:
    if k < -TRANSITION:
        return Text(f"培训前第 {-k - TRANSITION} 个月", f"month {-k - TRANSITION} before training")
    if k < 0:
        return Text("培训当月", "the month of training")
    return Text(f"培训后第 {k + 1} 个月", f"month {k + 1} after training")


def _versions(bank: Any, months: pd.DatetimeIndex) -> pd.Series:
    month = to_months(bank.complaints["received"])
    return bank.complaints.loc[(month >= months[0]) & (month <= months[-1]), "definition_version"]


def _frames(
    events: Effects, average: Effects, benchmark: TwoWayEffect, seed: int
) -> dict[str, pd.DataFrame]:
    low, high = events.interval()
    band_low, band_high = events.uniform_band(seed=seed)
    ours, theirs = _contrasts(average)[0], benchmark.effect
    return {
        "event": pd.DataFrame(
            {
                "k": events.at, "estimate": events.estimate, "low": low, "high": high,
                "band_low": band_low, "band_high": band_high,
            }
        ),
        "benchmark": pd.DataFrame(
            {
                "label_zh": ["本设计", "双向固定效应（仅作对照）"],
                "label_en": ["this design", "two-way fixed effects (benchmark only)"],
                "estimate": [ours.estimate, theirs.estimate],
                "low": [ours.low, theirs.low],
                "high": [ours.high, theirs.high],
            }
        ),
    }  # fmt: skip


def _method(panel: _Panel, fit: GroupTimeEffects) -> Text:
    trained = int(panel.ever.sum())
    cohorts = len(np.unique(fit.cohort))
    return Text(
        f"交错双重差分（Callaway 和 Sant’Anna，2021）：{trained} 个受训网点分 {cohorts} 批，各批以培训前最后一个"
        f"完整月份为基准，与尚未受训的网点比较；培训当月既不算处理期也不作基准。共 {len(panel.first)} 个网点、"
        f"{len(panel.months)} 个月。att 为全部受训网点月的平均；标准误由影响函数按网点聚类，含批次权重的误差，"
        "t 分布自由度为较小一侧网点数减一；各月的同时置信带用乘数自助法。培训前各月与其前一月比较。"
        "前提是：若无培训，各网点走势平行。",
        f"Staggered difference-in-differences (Callaway & Sant'Anna 2021): {trained} trained "
        f"branches in {cohorts} cohorts, each compared from its last full month before training "
        "with branches not trained yet; the month of training is neither treated nor base. "
        f"{len(panel.first)} branches, {len(panel.months)} months. att averages all trained "
        "branch-months; errors from influence functions clustered by branch, with those of the "
        "cohort weights, t with the smaller side's branches less one as degrees of freedom; "
        "uniform band over months by multiplier bootstrap. Months before training are compared "
        "with the month before each. It assumes that, without training, branches would have moved "
        "in parallel.",
    )
