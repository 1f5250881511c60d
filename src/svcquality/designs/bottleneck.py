"""Where the time in the branch goes: stage by stage, branch by branch, half hour by half hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from svcquality.checks.dropped_rows import dropped_rows
from svcquality.checks.staffing_queue import enough_days, leavers_unseen
from svcquality.designs import DESIGNS
from svcquality.designs._bottleneck_answer import (
    BUSY,
    EVERYBODY,
    FEWEST_CLUSTERS,
    driver_quantities,
    excess_quantities,
    spread_quantities,
    stage_frame,
    stage_quantities,
    wait_quantities,
)
from svcquality.designs._bottleneck_cells import KEYS, cell_frame, cell_quantities, with_keys
from svcquality.designs._bottleneck_spread import wait_drivers
from svcquality.designs._bottleneck_stages import (
    STAGES,
    busy_and_quiet,
    difference_parts,
    mean_parts,
    stage_minutes,
    tail_parts,
)
from svcquality.designs._bottleneck_windows import UsedWindows, used_windows
from svcquality.designs._rows import table
from svcquality.errors import InputError
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text

THRESHOLD = 20.0
FEWEST = 50
LONGEST = 720.0
"""Minutes from which a visit is a ticket that nobody closed."""


def bottleneck(
    bank: Any,
    *,
    id: str = "bottleneck",
    by: Sequence[str] = ("branch_id", "hour"),
    threshold: float | None = None,
    seed: int = 0,
) -> Finding:
    """Take the time from arrival to the end of service apart.

    Parameters
    ----------
    bank : Records
        Needs visits with arrival, call (or start) and end.
    by : sequence of str
        One or two of ``branch_id``, ``hour`` (half hour of arrival), ``service_type``, ``channel``
        and ``weekday``: what the map shows.
    threshold : float, optional
        Minutes of waiting that are too many in the map; 20 by default.
    seed : int
        Of the bootstrap of the variance shares.

    Returns
    -------
    Finding
        Terms ``slow_share_<stage>`` (part of the extra time of the slowest tenth), ``slow_<stage>``
        and ``slow_total`` (minutes over the other visits), ``busy_<stage>`` and ``busy_total``
        (busiest minus quietest half hours), ``minutes_<stage>`` and ``minutes_total``, ``wait_p50``,
        ``wait_p90``, ``above_<limit>``, ``spread_<level>`` (shares of the variance of waits),
        ``driver_<name>``, and ``late[<cell>]`` of the worst cells.

    Raises
    ------
    InputError
        If an option is unknown, or fewer than 50 visits have all three times.
    """
    keys = _checked(by, threshold)
    limit = THRESHOLD if threshold is None else float(threshold)
    rows, flow, recorded = _rows(bank.visits)
    cluster = rows["branch"].astype(str) + "|" + rows["day"].astype(str)
    clusters = cluster.to_numpy() if cluster.nunique() >= FEWEST_CLUSTERS else None
    values = rows[list(STAGES)].to_numpy(dtype=float)
    wait = rows["waiting"].to_numpy(dtype=float)
    used = used_windows(bank.visits)
    excess = tail_parts(values, clusters)
    busy, quiet = busy_and_quiet(_load(rows, used), rows)
    rush = difference_parts(values, busy, quiet, clusters) if busy.any() else None
    means = mean_parts(values, clusters)
    quantities = [
        *(excess_quantities(excess, len(rows)) if excess is not None else []),
        *(stage_quantities("busy", BUSY, rush, len(rows)) if rush is not None else []),
        *stage_quantities("minutes", EVERYBODY, means, len(rows)),
        *wait_quantities(wait, clusters, means),
        *spread_quantities(rows, wait, seed),
    ]
    drivers = wait_drivers(used.cells, seed) if used is not None else None
    if drivers is not None and used is not None:
        quantities += driver_quantities(drivers, len(used.cells), used.cells["day"].nunique())
    cells = cell_frame(rows, keys, limit)
    quantities += cell_quantities(cells, limit)
    left = bank.visits["abandoned"].fillna(False).astype(bool)
    days = rows.groupby("branch")["day"].nunique()
    return Finding(
        id=id,
        design="bottleneck",
        question=DESIGNS["bottleneck"].question,
        grade=Grade.DESCRIBES,
        claims=tuple(q.claim() for q in quantities if "[" not in q.term),
        table=table(quantities),
        checks=(
            dropped_rows(
                recorded, len(rows), Text("时间缺失或先后颠倒", "times missing or out of order")
            ),
            leavers_unseen(float(left.mean())),
            enough_days(float(days.median())),
        ),
        method=_method(clusters is not None, keys, limit, drivers),
        flow=pd.DataFrame(flow),
        figure="bottleneck",
        frames={
            "stages": stage_frame(quantities),
            "cells": cells,
            "half_hours": used.frame if used is not None else pd.DataFrame({"branch_id": []}),
        },
    )


def _checked(by: Sequence[str] | str, threshold: float | None) -> list[str]:
    keys = [by] if isinstance(by, str) else list(by)
    unknown = [k for k in keys if k not in KEYS]
    if unknown or not 1 <= len(keys) <= 2 or len(set(keys)) < len(keys):
        raise InputError(
            f"`by` names one or two different ones of {', '.join(KEYS)}.",
            f"by 应为 {'、'.join(KEYS)} 中互不相同的一项或两项。",
        )
    if threshold is not None and not threshold > 0:
        raise InputError(
            "The threshold is a positive number of minutes, such as 20.",
            "threshold 应为正的分钟数，例如 20。",
        )
    return keys


def _rows(visits: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]], int]:
    """Visits with all stages, what was lost on the way, and how many were not abandoned."""
    left = visits["abandoned"].fillna(False).astype(bool)
    flow = [
        flow_row("登记的到店记录", "visits on record", len(visits)),
        flow_row("未弃号", "not abandoned", int((~left).sum())),
    ]
    stages = stage_minutes(visits)
    flow.append(flow_row("到达、叫号、办结时间齐全", "with arrival, call and end", len(stages)))
    stages = stages[(stages[list(STAGES)] >= 0).all(axis=1) & (stages["total"] < LONGEST)]
    flow.append(flow_row("先后有序且不足 12 小时", "in order and under twelve hours", len(stages)))
    if visits["branch_id"].isna().all():
        visits = visits.assign(branch_id="—")
    rows = with_keys(visits.loc[stages.index]).join(stages)
    rows = rows[rows["branch"].notna()].reset_index(drop=True)
    flow.append(flow_row("网点已知", "with a known branch", len(rows)))
    if len(rows) < FEWEST:
        raise InputError(
            f"Only {len(rows)} visits have the times of arrival, call and end; at least {FEWEST} are "
            "needed: map arrived, called (or started) and ended.",
            f"只有 {len(rows)} 条到店记录同时有取号、叫号与办结时间，至少需要 {FEWEST} 条；"
            "请映射 arrived、called（或 started）与 ended。",
        )
    return rows, flow, int((~left).sum())


def _load(rows: pd.DataFrame, used: UsedWindows | None) -> pd.Series:
    """Customers by branch and half hour, for each open window where the tickets tell how many."""
    load = rows.groupby(["branch", "hour"]).size().astype(float)
    if used is None:
        return load
    windows = used.frame.set_index(["branch_id", "time"])["windows"].reindex(load.index)
    return load[windows > 0] / windows[windows > 0]


def _method(
    clustered: bool, keys: Sequence[str], limit: float, drivers: pd.DataFrame | None
) -> Text:
    errors = (
        Text("标准误按网点与日期聚类（CR1）", "errors are clustered by branch and day (CR1)")
        if clustered
        else Text("标准误按各行独立计算（HC1）", "errors treat rows as independent (HC1)")
    )
    lmg = Text("", "")
    if drivers is not None:
        lmg = Text(
            "到达、办理与开窗的占比为各网点各日半小时平均等候回归的 LMG 分解（Grömping 2006），只是关联；"
            "开窗数由有人排队时同时办理的人数读出。",
            " The parts of arrivals, service and windows are LMG shares (Grömping 2006) in a regression "
            "of mean waits by branch, day and half hour, associations only; open windows are read off "
            "how many were served while somebody waited.",
        )
    shown = "、".join(KEYS[k].zh for k in keys), ", ".join(KEYS[k].en for k in keys)
    return Text(
        "时间 = 等候叫号 + 走到窗口 + 办理业务，三段逐笔相加等于总时间，因而各项差异可精确分解；"
        f"最慢一成与其余到店相比。{errors.zh}；分位数区间按 Woodruff（1952）；"
        f"等候方差按总方差公式逐层分解，区间为网点自助抽样。分布图按{shown[0]}给出等候超过 {limit:g} 分钟的比例。"
        f"弃号者没有总时间，不在其中。{lmg.zh}",
        "Time = waiting to be called + walking to the window + service; the stages of every visit add "
        "up to its total, so every difference splits exactly; the slowest tenth is compared with the "
        f"other visits. {errors.en[:1].upper() + errors.en[1:]}; quantiles have Woodruff's interval "
        "(1952); the variance of waits is split level by level (law of total variance, bootstrap of "
        f"branches). The map shows the share who waited over {limit:g} minutes by {shown[1]}. Who left "
        f"the queue has no total and is not in it.{lmg.en}",
    )
