"""What each cause costs: satisfaction after a complaint, by family of causes or by cause."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from svcquality.causes.measured import MeasuredCauses
from svcquality.checks.clusters import cluster_count
from svcquality.checks.hand_coded import hand_coded
from svcquality.checks.multiple_comparisons import holm, multiple_comparisons
from svcquality.designs import DESIGNS
from svcquality.designs._rows import CLUSTER_UNITS, Quantity, forest, table
from svcquality.errors import InputError
from svcquality.estimators.design_based import design_based_group_mean
from svcquality.estimators.marginal import Contrast
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.records.survey_rows import with_satisfied

FEWEST_CODED = 30
FEWEST_IN_GROUP = 5
"""Hand-coded answers needed inside a group, and outside it, for its difference to be told."""
OUTCOME = Text("投诉后满意客户的比例", "the share satisfied after the complaint")


def cause_cost(
    bank: Any,
    *,
    id: str = "cause_cost",
    causes: MeasuredCauses | None = None,
    outcome: Literal["satisfied"] = "satisfied",
    level: Literal["family", "cause"] = "family",
    seed: int = 0,
) -> Finding:
    """Compare satisfaction after a complaint between causes.

    Parameters
    ----------
    bank : Records
        Needs surveys that name the complaint they are about, and complaints with texts.
    causes : MeasuredCauses, optional
        Measured from the complaints' texts when not given.
    outcome : {"satisfied"}
    level : {"family", "cause"}
    seed : int
        For measuring the causes.

    Returns
    -------
    Finding
        ``<level>_<id>``: share satisfied minus that after all other complaints. With a hand-coded
        random sample the measured causes are corrected by it (`design_based_group_mean`) and
        errors are clustered by branch; without one the model's word stands uncorrected, and has
        no p-value.

    Raises
    ------
    InputError
        If no complaint has a text, or no answered survey names its complaint, or answers do not
        vary.
    """
    complaints = bank.complaints
    if complaints is None or complaints["text"].isna().all():
        raise InputError(
            "Causes are measured from complaint texts, and there are none; give complaints.text.",
            "原因由投诉文本测量，但没有任何投诉文本；请提供 complaints.text。",
        )
    if causes is None:
        from svcquality.causes.measure import measure_causes

        causes = measure_causes(complaints, seed=seed)
    rows, flow = _answers(bank, causes, outcome)
    model, coded = _groups(rows, causes, level)
    corrected = int(coded.notna().sum()) >= FEWEST_CODED
    cluster = rows["branch_id"] if rows["branch_id"].notna().all() else None
    if cluster is not None and cluster.nunique() < 2:
        cluster = None

    quantities, untold = [], 0
    names = causes.codebook.ids if level == "cause" else list(_families(causes))
    for name in names:
        found = _difference(rows, model == name, coded, name, cluster, outcome, corrected)
        if found is None:
            untold += int((model == name).any())
            continue
        value, share, clusters = found
        kind = ("design-based" if corrected else "plug-in, uncorrected") + (
            ", CR1 by branch_id" if clusters else ""
        )
        quantities.append(
            Quantity(
                f"{level}_{name}" if level == "family" else name,
                Text(f"因“{_label(causes, name).zh}”投诉", f"a complaint about “{_label(causes, name).en}”"),
                OUTCOME,
                value,
                round(share * len(rows)),
                "share_difference",
                kind,
                clusters,
            )
        )  # fmt: skip
    if not quantities:
        raise InputError(
            "No group of causes has enough answered surveys to be compared; collect more answers "
            "after complaints, or code more complaints by hand.",
            "没有任何一类原因有足够的投诉后答复可供比较；请增加投诉后调查的答复或人工编码的投诉。",
        )
    quantities.sort(key=lambda q: q.value.estimate)
    # The clearest difference is told first; that it was chosen is what Holm's adjustment is for.
    clearest = sorted(quantities, key=lambda q: -abs(q.value.estimate) / q.value.error)
    adjusted = holm([q.value.p for q in quantities])
    flow.append(
        flow_row(
            "其中投诉已人工编码", "of which the complaint is coded by hand", coded.notna().sum()
        )
    )
    return Finding(
        id=id,
        design="cause_cost",
        question=DESIGNS["cause_cost"].question,
        grade=Grade.ASSOCIATED if corrected else Grade.DESCRIBES,
        claims=tuple(q.claim() for q in clearest),
        table=table(quantities).assign(p_holm=adjusted),
        checks=(
            hand_coded(int(coded.notna().sum()), FEWEST_CODED),
            *([multiple_comparisons(adjusted)] if corrected else []),
            *([cluster_count(cluster.nunique(), CLUSTER_UNITS["branch_id"])] if cluster is not None else []),
        ),
        method=_method(corrected, untold),
        flow=pd.DataFrame(flow),
        figure="forest",
        frames={"forest": forest(quantities)},
    )  # fmt: skip


def _answers(
    bank: Any, causes: MeasuredCauses, outcome: str
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Answered surveys about a complaint whose text was measured."""
    about = bank.surveys.dropna(subset=["complaint_id"])
    flow = [flow_row("投诉后的问卷", "surveys that follow a complaint", len(about))]
    answered = with_satisfied(about).dropna(subset=[outcome])
    flow.append(flow_row("已答复", "answered", len(answered)))
    rows = answered[answered["complaint_id"].isin(causes.primary.index)]
    flow.append(flow_row("投诉有文本", "whose complaint has a text", len(rows)))
    if rows.empty:
        raise InputError(
            "No answered survey names the complaint it is about; give surveys.complaint_id.",
            "没有一份已答复的问卷注明所针对的投诉；请提供 surveys.complaint_id。",
        )
    if rows[outcome].nunique() < 2:
        raise InputError(
            "Every customer answered the same after a complaint, so causes cannot be compared.",
            "投诉后所有客户的答复相同，无法比较各类原因。",
        )
    branch = bank.complaints.set_index("complaint_id")["branch_id"]
    drawn = causes.coded.set_index("complaint_id")["probability"]
    complaint = rows["complaint_id"]
    rows = rows.assign(
        branch_id=complaint.map(branch), coding_probability=complaint.map(drawn).astype(float)
    )
    return rows.reset_index(drop=True), flow


def _groups(rows: pd.DataFrame, causes: MeasuredCauses, level: str) -> tuple[pd.Series, pd.Series]:
    """The group of each answer: by the model, and by hand (missing where not coded)."""
    model = rows["complaint_id"].map(causes.primary)
    coded = rows["complaint_id"].map(causes.coded.set_index("complaint_id")["cause"])
    if level == "family":
        model, coded = model.map(causes.family_of), coded.map(causes.family_of)
    return model, coded


def _families(causes: MeasuredCauses) -> dict[str, Text]:
    return {family.id: family.label for family in causes.codebook.families}


def _label(causes: MeasuredCauses, name: str) -> Text:
    return _families(causes).get(name) or causes.labels[name]


def _difference(
    rows: pd.DataFrame,
    inside: pd.Series,
    coded: pd.Series,
    name: str,
    cluster: pd.Series | None,
    outcome: str,
    corrected: bool,
) -> tuple[Contrast, float, int | None] | None:
    """The difference of one group to all others; None where it cannot be told."""
    hits = inside.fillna(False).to_numpy(float)
    if corrected:
        truth = np.where(coded.notna(), (coded == name).fillna(False).to_numpy(float), np.nan)
        probability = rows["coding_probability"].to_numpy(float)
    else:
        truth, probability = hits, np.ones(len(rows))  # the model's word taken for the truth
    counted = np.nansum(truth)
    if min(counted, np.isfinite(truth).sum() - counted) < FEWEST_IN_GROUP:
        return None
    found = design_based_group_mean(
        rows[outcome].to_numpy(float), hits, truth, probability,
        None if cluster is None else cluster.to_numpy(),
    )  # fmt: skip
    d = found.difference
    if not np.isfinite(d.error):
        return None
    p = d.p if corrected else np.nan
    return Contrast(d.estimate, d.error, d.low, d.high, p, d.df), found.share, found.clusters


def _method(corrected: bool, untold: int) -> Text:
    how = (
        Text(
            "每条投诉取其主因；原因的测量误差由随机抽取的人工编码样本按设计校正（Egami 等，2023），"
            "无论模型好坏都不偏，模型差只会使区间变宽。",
            "Each complaint counts by its primary cause; errors in measuring causes are corrected by "
            "design with a random hand-coded sample (Egami et al. 2023): a poor model widens the "
            "interval and does not bend the answer.",
        )
        if corrected
        else Text(
            "每条投诉取模型判定的主因，未经校正，因此不给出 p 值。",
            "Each complaint counts by the cause that the model says, uncorrected, hence no p-value.",
        )
    )
    left = (
        Text(
            f"另有 {untold} 类答复过少，不作比较。", f" {untold} more groups have too few answers."
        )
        if untold
        else Text("", "")
    )
    return Text(
        "比较投诉后调查中满意客户的比例：某类原因减去其余投诉。"
        + how.zh + left.zh + "只有答复者；未调整客户与网点的差异。",
        "Share satisfied in surveys after a complaint: those of a cause minus those of all other "
        "complaints. " + how.en + left.en + " Only those who answered; customers and branches are "
        "not held equal.",
    )  # fmt: skip
