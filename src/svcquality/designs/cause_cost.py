"""Satisfaction after a complaint, by what the complaint was about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from svcquality.causes.measure import MeasuredCauses, measure_causes
from svcquality.checks.clusters import cluster_count
from svcquality.checks.dropped_rows import dropped_rows
from svcquality.checks.estimable import estimable
from svcquality.checks.hand_coded import hand_coded
from svcquality.checks.response_rate import response_rate_shift
from svcquality.designs import DESIGNS
from svcquality.designs._rows import CLUSTER_UNITS, Quantity, forest, table
from svcquality.errors import InputError
from svcquality.estimators.design_based import GroupMeans, design_based_group_mean
from svcquality.estimators.marginal import Contrast
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.records.survey_rows import with_satisfied

FEWEST = 10
"""Answers (hand-coded ones where there is a sample) needed in a group and outside it."""
FEWEST_ANSWERS = 50
FEWEST_CODED = 50
FEWEST_BRANCHES = 10
"""Branches below which answers are taken as independent instead of clustered."""
OUTCOMES = {
    "satisfied": (
        Text("投诉后的满意客户比例", "the share of satisfied customers afterwards"),
        "share_difference",
    ),
    "satisfaction": (Text("投诉后的平均满意度", "mean satisfaction afterwards"), "points"),
}


@dataclass(frozen=True)
class _Answers:
    """Answered surveys about complaints whose cause was measured."""

    rows: pd.DataFrame
    cluster: np.ndarray | None
    flow: list[dict[str, Any]]
    about: pd.DataFrame
    with_outcome: int

    @property
    def coded(self) -> bool:
        """Whether enough of them were coded by hand to correct the measured causes."""
        return int(self.rows["coded"].notna().sum()) >= FEWEST_CODED


def cause_cost(
    bank: Any,
    *,
    id: str = "cause_cost",
    causes: MeasuredCauses | None = None,
    outcome: str = "satisfied",
    level: Literal["family", "cause"] = "family",
    seed: int = 0,
) -> Finding:
    """Compare satisfaction after complaints about one family of causes with all others.

    Where enough answers belong to complaints of the random hand-coded sample, membership is
    corrected by it, which keeps estimates and intervals right however the causes were measured;
    otherwise the measured causes are plugged in, without p-values.

    Parameters
    ----------
    bank : Records
        Needs complaints with texts, and surveys that name the complaint they are about.
    causes : MeasuredCauses, optional
        Measured here, with the default codebook, when not given.
    outcome : {"satisfied", "satisfaction"}
    level : {"family", "cause"}
    seed : int
        For measuring.

    Returns
    -------
    Finding
        Terms ``family_<id>``, or ids of causes, the one with most answers first; in the table
        its ``p_adjusted`` allows for the number of comparisons.

    Raises
    ------
    InputError
        If an option is unknown, no survey names a complaint, or too few are answered.
    """
    if outcome not in OUTCOMES or level not in ("family", "cause"):
        raise InputError(
            f"outcome must be one of {', '.join(OUTCOMES)} and level 'family' or 'cause'.",
            f"outcome 只能为 {'、'.join(OUTCOMES)}，level 只能为 family 或 cause。",
        )
    measured = causes if causes is not None else measure_causes(bank.complaints, seed=seed)
    answers = _answers(bank, measured, outcome, level)
    found, left_out = _compare(answers, measured, level)
    if not found:
        raise InputError(
            f"No group of complaints has {FEWEST} usable answers; use a longer period or code more "
            "complaints by hand.",
            f"没有任何一类投诉达到 {FEWEST} 份可用答复；请延长时间范围或增加人工编码。",
        )
    quantities = _quantities(found, answers, measured, outcome, level)
    clusters = next(iter(found.values())).clusters
    return Finding(
        id=id,
        design="cause_cost",
        question=DESIGNS["cause_cost"].question,
        grade=Grade.ASSOCIATED,
        claims=tuple(_compared(q).claim() for q in quantities),
        table=table(quantities),
        checks=(
            hand_coded(int(answers.rows["coded"].notna().sum()), FEWEST_CODED),
            estimable(left_out, FEWEST),
            response_rate_shift(answers.about),
            cluster_count(clusters, CLUSTER_UNITS["branch_id"]),
            dropped_rows(
                answers.with_outcome,
                len(answers.rows),
                Text("投诉没有文本", "the complaint has no text"),
            ),
        ),
        method=_method(answers, clusters),
        flow=pd.DataFrame(answers.flow),
        figure="forest",
        frames={"forest": forest(quantities)},
    )


def _answers(bank: Any, measured: MeasuredCauses, outcome: str, level: str) -> _Answers:
    about = bank.surveys[bank.surveys["complaint_id"].notna()]
    if about.empty:
        raise InputError(
            "No survey names the complaint it is about; map complaint_id in the surveys.",
            "没有问卷注明所涉投诉；请在调查表中映射 complaint_id 列。",
        )
    rows = with_satisfied(about)
    flow = [
        flow_row("涉及投诉的问卷", "surveys about a complaint", len(about)),
        flow_row("已答复", "answered", len(rows)),
    ]
    rows = rows[rows[outcome].notna()].drop_duplicates("complaint_id")
    flow.append(
        flow_row("结果有记录，每件投诉一份", "with the outcome, one a complaint", len(rows))
    )
    with_outcome = len(rows)
    rows = rows[rows["complaint_id"].isin(measured.primary.index)].reset_index(drop=True)
    flow.append(flow_row("投诉有文本", "of complaints with a text", len(rows)))
    if len(rows) < FEWEST_ANSWERS:
        raise InputError(
            f"Only {len(rows)} answers follow a complaint with a text; at least {FEWEST_ANSWERS} "
            "are needed: use a longer period.",
            f"只有 {len(rows)} 份答复对应有文本的投诉，至少需要 {FEWEST_ANSWERS} 份；请延长时间范围。",
        )
    key = pd.Index(rows["complaint_id"])
    sample = measured.coded.drop_duplicates("complaint_id").set_index("complaint_id").reindex(key)
    group, coded = measured.primary.reindex(key), sample["cause"]
    if level == "family":
        group, coded = group.map(measured.family_of), coded.map(measured.family_of)
    flow.append(flow_row("其中人工编码", "of which coded by hand", int(coded.notna().sum())))
    branch = bank.complaints.set_index("complaint_id")["branch_id"].reindex(key)
    branch = rows["branch_id"].fillna(branch.set_axis(rows.index))
    frame = pd.DataFrame(
        {
            "outcome": rows[outcome].astype("Float64").to_numpy(float),
            "group": group.to_numpy(),
            "coded": coded.to_numpy(),
            "probability": sample["probability"].to_numpy(float),
        }
    )
    clustered = branch.nunique() >= FEWEST_BRANCHES
    cluster = branch.fillna("(missing)").to_numpy() if clustered else None
    return _Answers(frame, cluster, flow, about, with_outcome)


def _compare(
    answers: _Answers, measured: MeasuredCauses, level: str
) -> tuple[dict[str, GroupMeans], list[tuple[Text, int]]]:
    """Difference of each group with enough answers, and the groups without."""
    rows = answers.rows
    book = measured.codebook
    ids = [family.id for family in book.families] if level == "family" else list(book.ids)
    y = rows["outcome"].to_numpy()
    found: dict[str, GroupMeans] = {}
    left_out = []
    for name in ids:
        model = (rows["group"] == name).to_numpy(float)
        if answers.coded:
            truth = np.where(rows["coded"].isna(), np.nan, (rows["coded"] == name).astype(float))
            probability = rows["probability"].to_numpy()
        else:  # taking the measured cause for the true one is what plugging in means
            truth, probability = model, np.ones(len(rows))
        inside = int(np.nansum(truth))
        if min(inside, int((~np.isnan(truth)).sum()) - inside) < FEWEST:
            if inside or model.any():
                left_out.append((measured.labels[name], inside))
            continue
        fit = design_based_group_mean(y, model, truth, probability, answers.cluster)
        if np.isfinite(fit.difference.estimate):
            found[name] = fit
        else:
            left_out.append((measured.labels[name], inside))
    found = dict(sorted(found.items(), key=lambda item: -item[1].share))
    return found, left_out


def _quantities(
    found: dict[str, GroupMeans],
    answers: _Answers,
    measured: MeasuredCauses,
    outcome: str,
    level: str,
) -> list[Quantity]:
    words, unit = OUTCOMES[outcome]
    kind = "design-based" if answers.coded else "plug-in, causes taken as known"
    quantities = []
    for name, fit in found.items():
        d, label = fit.difference, measured.labels[name]
        p = d.p if answers.coded else np.nan
        quantities.append(
            Quantity(
                f"family_{name}" if level == "family" else name,
                Text(f"“{label.zh}”类投诉", f"a complaint about “{label.en}”"),
                words,
                Contrast(d.estimate, d.error, d.low, d.high, p, d.df),
                d.n,
                unit,
                f"{kind}, by branch_id" if fit.clusters else kind,
                fit.clusters,
            )
        )
    return quantities


def _compared(quantity: Quantity) -> Quantity:
    """The same, saying in its sentence what it is compared with."""
    label = quantity.subject
    return replace(
        quantity,
        subject=Text(
            f"{label.zh}（与其他投诉相比）", f"{label.en}, rather than about anything else,"
        ),
    )


def _method(answers: _Answers, clusters: int | None) -> Text:
    if answers.coded:
        n = int(answers.rows["coded"].notna().sum())
        how = Text(
            f"归类由 {n} 条随机抽取、人工编码的投诉按逆概率加权校正（Egami 等，2023），无论模型判定对错都无偏",
            f"membership corrected by {n} randomly drawn, hand-coded complaints weighted by their "
            "inverse probability (Egami et al. 2023), right however well the model classifies",
        )
    else:
        how = Text(
            "归类直接采用模型判定的主因，其误差未计入，不给出 p 值",
            "membership is the measured primary cause; its errors are not accounted for and no "
            "p-value is given",
        )
    errors = (
        Text("各答复视为独立", "answers taken as independent")
        if clusters is None
        else Text(f"标准误按 {clusters} 个网点聚类", f"errors clustered by {clusters} branches")
    )
    return Text(
        f"投诉后满意度：每类投诉的均值减去其余投诉的均值；{how.zh}；{errors.zh}。p_adjusted 按比较个数校正（Holm）。"
        "只包括提出投诉并答复了调查的客户。",
        f"Mean after complaints of each group minus that of all others; {how.en}; {errors.en}. "
        "p_adjusted allows for the number of comparisons (Holm). It speaks of customers who complained "
        "and answered the survey only.",
    )
