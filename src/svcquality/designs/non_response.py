"""Who answers, and what the silent could hide: raw, weighted, extrapolated and bounded shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from svcquality.checks.events_per_parameter import events_per_parameter
from svcquality.checks.response_bias import response_bias
from svcquality.checks.survivorship import survivorship
from svcquality.designs import DESIGNS
from svcquality.designs._answers import FEWEST_ANSWERS, OUTCOMES, Outcome
from svcquality.designs._non_response_clusters import Branches, clusters_of
from svcquality.designs._non_response_invited import Invited, invited_rows
from svcquality.designs._non_response_leavers import leavers
from svcquality.designs._non_response_model import MOST_WEIGHT, WhoAnswers, who_answers
from svcquality.designs._non_response_rows import bars, quantities
from svcquality.designs._non_response_shares import WITHIN, Shares, shares_of
from svcquality.designs._rows import joined, table
from svcquality.errors import InputError
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.models.matrix import as_float
from svcquality.records.bank import Records
from svcquality.wording import number

FEWEST_SILENT = 20
WHO = Text(
    "谁会答复：答复概率的差异（其余记录相同）",
    "Who answers: differences in the probability of answering, all else on record equal",
)


def non_response(
    bank: Records,
    *,
    id: str = "non_response",
    outcome: str = "satisfaction",
    target: float = 0.5,
    branches: Branches = "auto",
    seed: int = 0,
) -> Finding:
    """Say how far the answers speak for all who were invited.

    Parameters
    ----------
    bank : Records
        Surveys with the invitations that were not answered, too; visits and customers add what is
        known of everybody.
    id : str
        Identifier of the question.
    outcome : {"satisfaction", "satisfied", "recommendation"}
    target : float
        The share that the headline is held against: ``tipping`` is how few of the silent would have
        to be satisfied for the share of all to fall to it. By default a half: "most are satisfied".
    branches : {"auto", "given", "sampled"}
        Whether the branches are all there are, so that errors are those of customers, or a sample,
        so that errors are clustered by branch; by default all, where nine in ten known ones are
        surveyed.
    seed : int
        Not used: nothing is drawn.

    Returns
    -------
    Finding
        Terms ``weighted`` (inverse response propensity, weights cut at five times their mean),
        ``answered`` (the answers as they are), ``late`` (were the silent like the last third to
        answer), ``low, high`` (worst-case bounds), ``low_within, high_within`` (were the silent
        within 10 points), ``tipping``, ``weighted_minus_answered``, ``late_minus_early``,
        ``response_rate``, ``r_indicator``, ``effective_size``. Frames ``bounds`` and ``forest`` (who
        answers) of its figures, and ``waves``, ``survivors`` (where accounts are known).

    Raises
    ------
    InputError
        If the outcome is unknown, silence is not on record, fewer than 50 answered or 20 did not,
        answers are all alike, or nothing is recorded of those invited.
    """
    if not 0 < target < 1:
        raise InputError(
            f"The target is a share between 0 and 1, not {target}; use 0.5 for a majority.",
            f"target 应为 0 与 1 之间的比例，而不是 {target}；如要判断多数，请用 0.5。",
        )
    invited = invited_rows(bank)
    chosen, event, answered = _outcome(invited, outcome)
    who = who_answers(invited.rows, answered, clusters_of(bank, invited.rows, branches))
    shares = shares_of(event, answered, invited.rows, who, target)
    rows = quantities(shares, chosen.words)
    customers = leavers(bank, invited.rows)
    checks = [
        response_bias(
            shares.gap, (shares.raw.high - shares.raw.low) / 2, shares.waves_apart, shares.shift
        ),
        who.clusters.check(who.model.fit.inference.clusters),
        events_per_parameter(
            int(answered.sum()), int((~answered).sum()), len(who.model.fit.coefficients)
        ),
    ]
    frames = {"bounds": bars(shares), "forest": _forest(who), "waves": shares.waves}
    if customers is not None:
        checks.append(survivorship(customers.each))
        frames["survivors"] = customers.table
    flow = [
        *invited.flow,
        flow_row(
            f"结果 {chosen.column} 有记录",
            f"with the outcome {chosen.column} recorded",
            answered.sum(),
        ),
    ]
    return Finding(
        id=id,
        design="non_response",
        question=DESIGNS["non_response"].question,
        grade=Grade.DESCRIBES,
        claims=tuple(q.claim() for q in rows if q.unit == "share"),
        table=table(rows),
        checks=tuple(checks),
        method=_method(who, shares),
        flow=pd.DataFrame(flow),
        figure="bounds",
        frames=frames,
        title=_title(shares, chosen),
        appendix={} if who.differences.empty else {"forest": WHO},
        models=(who.summary(),),
    )


def _outcome(invited: Invited, outcome: str) -> tuple[Outcome, np.ndarray, np.ndarray]:
    """The outcome, whether each invited customer reached it, and who told."""
    if outcome not in OUTCOMES:
        raise InputError(
            f"There is no survey outcome {outcome!r}; choose one of {', '.join(OUTCOMES)}.",
            f"没有名为 {outcome!r} 的调查结果；请从 {'、'.join(OUTCOMES)} 中选择。",
        )
    rows = invited.rows
    if outcome == "satisfaction" and rows["satisfaction"].isna().all():
        outcome = "satisfied"
    chosen = OUTCOMES[outcome]
    values = as_float(rows[chosen.column])
    answered = ~np.isnan(values)
    if not invited.silence or (~answered).sum() < FEWEST_SILENT:
        raise InputError(
            "Only answered surveys are on record, so nothing can be said of those who were silent; "
            "add the invitations that were not answered (rows without 'answered').",
            "数据中只有已答复的问卷，无从了解未答复者；请补充未获答复的邀请（answered 为空的行）。",
        )
    if answered.sum() < FEWEST_ANSWERS:
        raise InputError(
            f"Only {answered.sum()} answers have the outcome {outcome!r}; at least "
            f"{FEWEST_ANSWERS} are needed: use a longer period or another outcome.",
            f"只有 {answered.sum()} 份答复有结果 {outcome!r}，至少需要 {FEWEST_ANSWERS} 份；"
            "请延长时间范围或更换结果变量。",
        )
    event = np.where(answered, values >= chosen.category, np.nan).astype(float)
    if np.ptp(event[answered]) == 0:
        raise InputError(
            "All answers are alike (all satisfied, or none), so they cannot be compared; use a "
            "longer period or another outcome.",
            "所有答复都相同（全部满意或全部不满意），无法比较；请延长时间范围或更换结果变量。",
        )
    return chosen, event, answered


def _forest(who: WhoAnswers) -> pd.DataFrame:
    columns = ["term", "label_zh", "label_en", "estimate", "low", "high"]
    return who.differences[columns].assign(unit="share_difference")


def _title(shares: Shares, chosen: Outcome) -> Text:
    def said(value: float, language: Any) -> str:
        return number(value, "share", language)

    bounds = shares.bounds
    return Text(
        f"{chosen.words.zh}：答复者中为 {said(shares.raw.estimate, 'zh')}，"
        f"加权后为 {said(shares.weighted.estimate, 'zh')}；"
        f"无论未答复者怎么想，全部受邀客户的比例在 {said(bounds.lower, 'zh')} 与 "
        f"{said(bounds.upper, 'zh')} 之间",
        f"{chosen.words.en[:1].upper() + chosen.words.en[1:]}: "
        f"{said(shares.raw.estimate, 'en')} of the answers, "
        f"{said(shares.weighted.estimate, 'en')} when weighted; whatever the silent think, between "
        f"{said(bounds.lower, 'en')} and {said(bounds.upper, 'en')} of all invited",
    )


def _method(who: WhoAnswers, shares: Shares) -> Text:
    rate = shares.rate.estimate
    known = joined(who.known)
    cut = int(who.model.trimmed.sum())
    turned = (
        Text(
            "无论未答复者怎么想，全部受邀客户的比例都不会越过目标值。",
            " No answer of the silent could carry the share of all across the target.",
        )
        if shares.tipping is None
        else Text("", "")
    )
    return Text(
        f"答复率 {rate:.1%}。答复模型为 logit，所用记录：{known.zh}；权重为答复概率的倒数，"
        f"超过均值 {MOST_WEIGHT:g} 倍者截断（{cut:,} 份），误差计入模型估计（Robins 等 1994），{who.clusters.words.zh}。"
        "加权只能校正已记录的差异，不能校正未记录的差异。R 指标：Schouten 等（2009）。"
        "late 假定未答复者与最后三分之一的答复者相同（Armstrong 和 Overton 1977）。"
        "界限对未答复者不作任何假定（Manski 1989），区间针对真实比例（Imbens 和 Manski 2004）；"
        f"较窄的界限假定未答复者的比例与答复者相差不超过 {WITHIN * 100:.0f} 个百分点。{turned.zh}",
        f"Response rate {rate:.1%}. Logit of answering on {known.en}; weights are inverse "
        f"propensities, cut at {MOST_WEIGHT:g} times their mean ({cut:,} cut), with the model's "
        f"estimation in the error (Robins et al. 1994), {who.clusters.words.en}. Weights correct for what is "
        "recorded and for nothing else. R-indicator: Schouten et al. (2009). 'late' takes the silent "
        "to be like the last third to answer (Armstrong & Overton 1977). The bounds assume nothing "
        "of the silent (Manski 1989), with intervals for the true share (Imbens & Manski 2004); the "
        f"narrower ones take them to be within {WITHIN * 100:.0f} points of the answers."
        + turned.en,
    )
