"""Would customers recommend the bank, are they satisfied, and how much effort did it take them?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from svcquality.checks.response_bias import moved, response_trend
from svcquality.designs import DESIGNS
from svcquality.designs._answers import FEWEST_ANSWERS
from svcquality.designs._non_response_clusters import Branches, Clusters, clusters_of
from svcquality.designs._non_response_invited import Invited, invited_rows
from svcquality.designs._non_response_shares import rate_shift
from svcquality.designs._recommendation_groups import FEWEST, Groups, grouped, small_groups
from svcquality.designs._recommendation_measures import (
    EFFORT,
    NPS,
    TOP_TWO,
    Measures,
    values_of,
)
from svcquality.designs._recommendation_weights import weigh
from svcquality.designs._recommendation_words import method, title
from svcquality.designs._rows import Quantity, forest, table
from svcquality.estimators.marginal import Contrast
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.records.bank import Records

CUSTOMERS = Text("答复的客户", "customers who answered")
WEIGHTED = Text("客户（加权后）", "customers, weighted")
LAST = Text("最后一个月相对于此前各月", "the last month against the months before")
CHANGES = {
    NPS: Text("净推荐值之差", "the difference in the net promoter score"),
    TOP_TWO: Text("满意客户比例之差", "the difference in the share of satisfied customers"),
    EFFORT: Text("费力度均值之差（越低越好）", "the difference in mean effort (low is good)"),
}


def recommendation(
    bank: Records,
    *,
    id: str = "recommendation",
    by: str | None = None,
    weights: str | None = None,
    branches: Branches = "auto",
    seed: int = 0,
) -> Finding:
    """Describe recommendation, satisfaction and effort, overall, by group and in the last month.

    Parameters
    ----------
    bank : Records
        Surveys with ``recommendation`` (0 to 10), ``satisfaction`` or ``satisfied``, ``effort`` (1 low
        to 5 high); those that follow a complaint belong to another question.
    id : str
        Identifier of the question.
    by : str, optional
        Groups: ``branch_id``, ``segment``, ``channel``, ``month``, another column of the answers, or
        ``region`` or ``kind`` of the branch. Groups with fewer than 30 answers are hidden and
        counted; each is shown as it is, not shrunk towards the others.
    weights : str, optional
        ``"response"`` weights by the inverse propensity to answer (see `non_response`); any other
        word names a survey column of positive weights.
    branches : {"auto", "given", "sampled"}
        As for `non_response`.
    seed : int
        Not used: nothing is drawn.

    Returns
    -------
    Finding
        Terms ``nps``, ``promoters``, ``passives``, ``detractors``, ``top_two``, ``effort`` (the mean:
        low is good), ``easy`` (1 or 2); ``nps_change``, ``top_two_change``, ``effort_change`` (last
        month minus the months before); by group ``nps[<group>]``, ``top_two[<group>]``,
        ``effort[<group>]`` and ``nps_difference[<group>]``, the group minus all others (of
        ``top_two`` where recommendation was not asked). Blocked for ``by="month"``, and without terms
        of change otherwise, where the response rate moved and answers are not weighted.

    Raises
    ------
    InputError
        If no measure has 50 answers, recommendation was asked on five points, ``by`` or ``weights``
        names no usable column, or fewer than two groups are large enough.
    """
    invited = invited_rows(bank, keep_open=weights != "response")
    clusters = clusters_of(bank, invited.rows, branches)
    weighing = weigh(invited.rows, weights, clusters)
    rows = weighing.rows
    values = values_of(rows, FEWEST_ANSWERS)
    told = np.any([np.isfinite(v) for v in values.values()], axis=0)
    groups = grouped(bank, rows, by, told)
    overall = Measures(values, weighing.mean, clusters.of(rows), clusters)
    within = clusters.within_branches(rows) if groups.nested else clusters
    inside = Measures(values, weighing.mean, within.of(rows), within)

    everyone = np.ones(len(rows), dtype=bool)
    subject = WEIGHTED if weights else CUSTOMERS
    quantities = [overall.quantity(term, everyone, subject) for term in values]
    last = (rows["month"] == rows["month"].max()).to_numpy()
    shift = _shift(invited, by, clusters)
    withheld = moved(shift) and weights is None
    trend = [response_trend(shift, weighted=weights is not None, block=by == "month")]
    if rows["month"].nunique() < 2:  # there is no time to compare
        trend = []
    changes = [] if withheld or by == "month" else _changes(overall, last)
    apart = _differences(inside, groups)
    rest = [*changes, *_by_group(inside, groups), *apart]
    found = table([*quantities, *rest])
    frames = {"forest": forest([q for q in [*quantities, *rest] if q.unit == "share"])}
    if NPS in values:
        bars = _bars(overall, inside, groups, everyone, subject)
        frames = {"net_promoter": bars, **frames}
    return Finding(
        id=id,
        design="recommendation",
        question=DESIGNS["recommendation"].question,
        grade=Grade.DESCRIBES,
        claims=tuple(q.claim() for q in [*quantities, *changes]),
        table=found,
        checks=(
            *trend,
            clusters.check(quantities[0].clusters),
            *((small_groups(groups, int(told.sum())),) if by else ()),
        ),
        method=method(weighing, invited, overall, inside, groups, bool(changes)),
        flow=pd.DataFrame([*invited.flow, *weighing.flow, *_flow(values, groups)]),
        figure=next(iter(frames)),
        frames=frames,
        title=title(found, groups) if by else None,
    )


def _shift(invited: Invited, by: str | None, clusters: Clusters) -> Contrast | None:
    """Response rate of the periods that are compared; None where silence is not on record."""
    rows = invited.rows[~invited.rows["open"] & invited.rows["invited"].notna()]
    if not invited.silence or rows.empty:
        return None
    months = rows["month"]
    later = (months > months.median() if by == "month" else months == months.max()).to_numpy()
    return rate_shift(rows["answers"].to_numpy(), later, ~later, clusters.of(rows))


def _changes(measures: Measures, last: np.ndarray) -> list[Quantity]:
    """The last month against the months before, where both have enough answers."""
    return [
        measures.difference(term, last, ~last, f"{term}_change", LAST, words)
        for term, words in CHANGES.items()
        if term in measures.values
        and min(measures.answers(term, side).sum() for side in (last, ~last)) >= FEWEST
    ]


def _by_group(measures: Measures, groups: Groups) -> list[Quantity]:
    """Each measure in each group that has enough answers to it."""
    return [
        measures.quantity(term, groups.inside(name), label, f"[{name}]")
        for term in CHANGES
        if term in measures.values
        for name, label in groups.labels.items()
        if measures.answers(term, groups.inside(name)).sum() >= FEWEST
    ]


def _differences(measures: Measures, groups: Groups) -> list[Quantity]:
    """Each group minus all other answers, the hidden groups' among them."""
    term = next(term for term in CHANGES if term in measures.values)
    return [
        measures.difference(
            term,
            groups.inside(name),
            ~groups.inside(name),
            f"{term}_difference[{name}]",
            Text(f"{label.zh}相对于其余", f"{label.en} against all others"),
            CHANGES[term],
        )
        for name, label in groups.labels.items()
        if measures.answers(term, groups.inside(name)).sum() >= FEWEST
    ]


def _bars(
    overall: Measures, inside: Measures, groups: Groups, everyone: np.ndarray, subject: Text
) -> pd.DataFrame:
    """Frame of the figure: ``group, label_zh, label_en, promoters, passives, detractors`` (shares)
    ``, estimate, low, high`` (points)``, n``.
    """
    rows = []
    for measures, name, label, domain in [
        (overall, "", subject, everyone),
        *((inside, name, label, groups.inside(name)) for name, label in groups.labels.items()),
    ]:
        if measures.answers(NPS, domain).sum() < FEWEST:
            continue
        value, n, _ = measures.level(NPS, domain)
        kinds = {
            kind: measures.mean(measures.values[kind], measures.answers(kind, domain)).estimate
            for kind in ("promoters", "passives", "detractors")
        }
        rows.append(
            {
                "group": name, "label_zh": label.zh, "label_en": label.en, **kinds,
                "estimate": value.estimate, "low": value.low, "high": value.high, "n": n,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _flow(values: dict[str, np.ndarray], groups: Groups) -> list[dict[str, Any]]:
    words = {
        NPS: Text("推荐意愿有记录", "with a recommendation recorded"),
        TOP_TWO: Text("满意与否有记录", "with satisfaction recorded"),
        EFFORT: Text("费力度有记录", "with effort recorded"),
    }
    rows = [
        flow_row(text.zh, text.en, int(np.isfinite(values[term]).sum()))
        for term, text in words.items()
        if term in values
    ]
    if groups.hidden:
        rows.append(
            flow_row("所在分组不显示", "in groups that are not shown", groups.hidden_answers)
        )
    return rows
