"""Who leaves: the monthly hazard of closing, by complaints and satisfaction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.checks.clusters import cluster_count
from svcquality.checks.confounders import missing_confounders
from svcquality.checks.dropped_rows import dropped_rows
from svcquality.checks.events_per_parameter import events_per_parameter
from svcquality.checks.identified import identified
from svcquality.designs import DESIGNS
from svcquality.designs._rows import (
    CLUSTER_UNITS,
    Quantity,
    error_kind,
    error_words,
    forest,
    joined,
    table,
)
from svcquality.errors import InputError
from svcquality.estimators.clustered import mean_with_error
from svcquality.estimators.hazard import hazard
from svcquality.estimators.marginal import Contrast, average_change
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.models.matrix import (
    Columns,
    as_float,
    category,
    comparable,
    confounder,
    dense,
    design_matrix,
    period,
)
from svcquality.records.panel import customer_months

CLOSINGS = Text("每月销户数", "the monthly number of closings")
EXPOSURES = {
    "recent_complaint": Text("近三个月内有投诉", "a complaint in the last three months"),
    "unresolved": Text("月初有未办结的投诉", "a complaint still open at the start of the month"),
    "dissatisfied": Text("最近一次评价为 1–2 分", "a last rating of 1 or 2 out of 5"),
}
CONFOUNDERS = {
    "age": Text("年龄", "age"),
    "segment": Text("客群", "customer segment"),
    "tenure_months": Text("开户时长", "tenure"),
    "products": Text("产品数", "products held"),
    "log_balance": Text("余额（对数）", "balance (log)"),
}
HELD_EQUAL = {
    **CONFOUNDERS,
    "rated": Text("有无评价", "whether ever rated"),
    "branch_id": Text("网点", "branch"),
    "month": Text("月份", "month"),
    "quarter": Text("季度", "quarter"),
    "year": Text("年份", "year"),
}
BRANCHES_NEEDED = 40
DISSATISFIED = 2
PERIOD_EVENTS = 10


def loyalty(bank: Any, *, id: str = "loyalty", horizon_months: int = 12, seed: int = 0) -> Finding:
    """Relate complaints and satisfaction to the closings of the month that follows.

    Parameters
    ----------
    bank : Records
        Needs accounts by month; complaints, surveys and customers where there are any.
    horizon_months : int
        The share closing within so many months is described beside the differences.
    seed : int
        Not used: nothing is drawn.

    Raises
    ------
    InputError
        If nobody closes, or no exposure has closings to compare.
    """
    if horizon_months < 1:
        raise InputError(
            f"horizon_months must be 1 or more, not {horizon_months}.",
            f"horizon_months 应不小于 1，而不是 {horizon_months}。",
        )
    at_risk = customer_months(bank)
    rows = at_risk[at_risk["closed"].notna()].reset_index(drop=True)
    flow = [
        flow_row("账户月记录", "account-months on record", len(bank.accounts)),
        flow_row("客户月（在户）", "customer-months at risk", len(at_risk)),
        flow_row("是否销户有记录", "with closing recorded", len(rows)),
    ]
    closed = as_float(rows["closed"]) > 0
    events = int(closed.sum())
    if not 0 < events < len(rows):
        raise InputError(
            "Nobody closes an account in these months (or everybody does), so nothing can be "
            "related to it; use a longer period.",
            "这些月份中无人销户（或全部销户），无法与任何因素建立关联；请延长时间范围。",
        )
    flow.append(flow_row("其中：销户", "of these, closings", events))
    exposures, lost = _exposures(rows, closed)
    if not exposures:
        raise InputError(
            "No complaint or rating has closings to compare with; give complaints or surveys with "
            "customer_id, over a longer period.",
            "没有可与销户对照的投诉或评价；请提供含 customer_id 的投诉或调查记录，并延长时间范围。",
        )
    held = _held(rows, closed)
    matrix = design_matrix(exposures, held, len(rows))
    lost += matrix.lost
    for term, pooled in matrix.pooled.items():
        label = HELD_EQUAL[term]
        flow.append(
            flow_row(
                f"其中：{label.zh}的稀少取值合并计算",
                f"of these, in pooled levels of {label.en}",
                pooled,
            )
        )
    by_branch = rows["branch_id"].nunique() >= BRANCHES_NEEDED
    cluster = "branch_id" if by_branch else "customer_id"
    groups = rows[cluster].astype("string").fillna("(missing)")
    fit = hazard(closed, matrix.values, clusters=groups, names=matrix.names)
    kind = error_kind(fit.inference, cluster)
    differences = [
        Quantity(
            part.term,
            EXPOSURES[part.term],
            CLOSINGS,
            average_change(
                fit, matrix.values, _set(matrix, part.term, 0.0), _set(matrix, part.term, 1.0)
            ),
            fit.n,
            "per_1000_customers",
            kind,
            fit.inference.clusters,
        )
        for part in exposures
        if part.term not in matrix.lost
    ]
    if not differences:
        raise InputError(
            "Complaints and ratings do not vary beside what is held equal, so there is nothing to "
            "report; use a longer period.",
            "控制其他变量之后投诉与评价不再变动，无可报告；请延长时间范围。",
        )
    level = _closing_within(closed, groups, horizon_months, cluster)
    quantities = [*differences, level]
    words = [HELD_EQUAL[c.term] for c in held if c is not None]
    return Finding(
        id=id,
        design="loyalty",
        question=DESIGNS["loyalty"].question,
        grade=Grade.ASSOCIATED,
        claims=tuple(q.claim() for q in quantities),
        table=table(quantities),
        checks=(
            cluster_count(fit.inference.clusters, CLUSTER_UNITS[cluster]),
            dropped_rows(
                len(at_risk), len(rows), Text("未记录是否销户", "closing is not recorded")
            ),
            missing_confounders(
                {name: float(rows[name].isna().mean()) for name in CONFOUNDERS}, CONFOUNDERS
            ),
            events_per_parameter(events, len(rows) - events, len(fit.coefficients)),
            identified([EXPOSURES[name] for name in lost]),
        ),
        method=_method(words, fit.n, error_words(fit.inference, cluster), horizon_months),
        flow=pd.DataFrame(flow),
        figure="forest",
        frames={"forest": forest(differences)},
    )


def _exposures(rows: pd.DataFrame, closed: np.ndarray) -> tuple[list[Columns], list[str]]:
    rating = as_float(rows["mean_satisfaction"])
    flags = {
        "recent_complaint": as_float(rows["complaint_last_3_months"]),
        "unresolved": as_float(rows["unresolved"]),
        "dissatisfied": (rating <= DISSATISFIED).astype(float),  # never rated: no, and see "rated"
    }
    flags = {name: np.nan_to_num(x) for name, x in flags.items()}
    good = [name for name, x in flags.items() if comparable(x, closed)]
    return [dense(name, flags[name]) for name in good], [n for n in flags if n not in good]


def _held(rows: pd.DataFrame, closed: np.ndarray) -> list[Columns | None]:
    # Calendar time by the finest period with closings enough.
    per_event = max(int(PERIOD_EVENTS / closed.mean()), 1)
    rated = rows["mean_satisfaction"].notna().astype("string")
    return [
        *(confounder(name, rows[name], closed) for name in CONFOUNDERS),
        category("rated", rated, closed),
        category("branch_id", rows["branch_id"], closed),
        period(rows["month"], closed, least=per_event),
    ]


def _set(matrix: Any, term: str, value: float) -> dict[int, float]:
    (column,) = matrix.at[term]
    return {column: value}


def _closing_within(closed: np.ndarray, groups: pd.Series, months: int, cluster: str) -> Quantity:
    """Share closing within ``months`` at the monthly rate seen, its interval carried over."""
    rate, inference = mean_with_error(closed.astype(float), groups)
    error = float(inference.errors[0])
    reach = stats.t.ppf(0.975, inference.df) * error
    within = [1 - (1 - np.clip(r, 0, 1)) ** months for r in (rate, rate - reach, rate + reach)]
    slope = months * (1 - rate) ** (months - 1)
    share, low, high = map(float, within)
    value = Contrast(share, slope * error, low, high, np.nan, inference.df)
    return Quantity(
        f"closing_within_{months}_months",
        Text("全部客户", "all customers"),
        Text(
            f" {months} 个月销户比例（按观测到的月销户率推算）",
            f"the share closing within {months} months at the monthly rate seen",
        ),
        value,
        len(closed),
        "share",
        error_kind(inference, cluster),
        inference.clusters,
        null=np.nan,
    )


def _method(held: list[Text], n: int, errors: Text, months: int) -> Text:
    words = joined(held) if held else Text("无", "nothing")
    return Text(
        f"离散时间风险模型（按客户月的 logit；Allison 1982），控制：{words.zh}。"
        f"数值为在全部 {n:,} 个客户月上平均的月销户概率差，delta 法误差，{errors.zh}。"
        "从未评价的客户计为“非不满意”，并另设指示变量。"
        f"{months} 个月销户比例按观测到的月销户率推算，仅作描述。",
        f"Discrete-time hazard (logit on customer-months; Allison 1982), held equal: {words.en}. "
        f"Numbers are differences in the monthly probability of closing averaged over the {n:,} "
        f"customer-months, with delta-method {errors.en}. Customers who never rated count as not "
        "dissatisfied, beside an indicator of their own. The share closing within "
        f"{months} months follows from the monthly rate seen and only describes.",
    )
