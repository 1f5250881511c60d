"""The shares of a finding on silence as rows of its table and bars of its figure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.designs._non_response_shares import Shares
from svcquality.designs._rows import Quantity
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.survey_weights import effective_size
from svcquality.language import Text

NAN = float("nan")
INVITED = Text("全部受邀客户", "all who were invited")
SUBJECTS = {
    "weighted": Text(
        "全部受邀客户（假定未答复者与记录相同的答复者一样）",
        "all who were invited, were the silent like those who answered with the same records",
    ),
    "answered": Text("已答复的客户", "those who answered"),
    "late": Text(
        "全部受邀客户（假定未答复者与最晚三分之一的答复者一样）",
        "all who were invited, were the silent like the last third to answer",
    ),
    "low": Text(
        "全部受邀客户（假定未答复者全都不满意）",
        "all who were invited, were none of the silent satisfied",
    ),
    "high": Text(
        "全部受邀客户（假定未答复者全都满意）",
        "all who were invited, were all of the silent satisfied",
    ),
    "low_within": Text(
        "全部受邀客户（假定未答复者的比例低 10 个百分点）",
        "all who were invited, were the silent 10 points lower",
    ),
    "high_within": Text(
        "全部受邀客户（假定未答复者的比例高 10 个百分点）",
        "all who were invited, were the silent 10 points higher",
    ),
}
BARS = {
    "answered": Text("答复者", "those who answered"),
    "weighted": Text("按已有记录加权", "weighted by what is recorded"),
    "late": Text("若未答复者如同最晚的答复者", "were the silent like the late"),
    "within": Text("若未答复者相差不超过 10 个百分点", "were the silent within 10 points"),
    "bounds": Text("无论未答复者怎么想", "whatever the silent think"),
}


GAP = Text("加权值减答复者的比例", "weighted minus unweighted")
LATE_MINUS_EARLY = Text(
    "最晚三分之一减最早三分之一的答复者", "the last third to answer minus the first"
)
R_INDICATOR = Text(
    "R 指标（1 表示答复者如同随机抽取）", "the R-indicator (1: answering is as good as chance)"
)


def quantities(shares: Shares, outcome: Text) -> list[Quantity]:
    """Rows of the table, the headline first; what could not be computed is not there."""
    model = shares.who.model
    inference = model.fit.inference
    kind, clusters = shares.who.clusters.kind, inference.clusters
    n, answers = len(model.answered), int(model.answered.sum())

    def level(
        term: str, value: Contrast, rows: int = n, *, subject: Text = INVITED, what: Text = outcome
    ) -> Quantity:
        return Quantity(
            term, SUBJECTS.get(term, subject), what, value, rows, "share", kind, clusters, null=NAN
        )

    def difference(term: str, subject: Text, value: Contrast, rows: int) -> Quantity:
        return Quantity(term, subject, outcome, value, rows, "share_difference", kind, clusters)

    found = [level("weighted", shares.weighted), level("answered", shares.raw, answers)]
    if shares.late is not None:
        found.append(level("late", shares.late))
    found += [level(term, end) for term, end in _ends(shares).items()]
    if shares.tipping is not None:
        subject = Text(
            f"若全部受邀客户的比例恰为 {shares.target:.0%}，未答复者",
            f"the silent, were the share of all who were invited {shares.target:.0%}",
        )
        found.append(level("tipping", shares.tipping, subject=subject))
    found.append(difference("weighted_minus_answered", GAP, shares.gap, n))
    if shares.waves_apart is not None:
        found.append(difference("late_minus_early", LATE_MINUS_EARLY, shares.waves_apart, answers))
    r = model.representativity
    size = effective_size(model.weights[model.answered])
    return [
        *found,
        level("response_rate", shares.rate, what=Text("答复率", "the response rate")),
        Quantity(
            "r_indicator", INVITED, R_INDICATOR,
            Contrast(r.estimate, NAN, r.low, r.high, NAN, np.inf), n, "index",
            "normal, variance of propensities", clusters, null=NAN,
        ),
        Quantity(
            "effective_size", Text("加权答复", "the weighted answers"),
            Text("有效样本量", "the effective number"),
            Contrast(size, NAN, NAN, NAN, NAN, np.inf), answers, "count", "", None, null=NAN,
        ),
    ]  # fmt: skip


def _ends(shares: Shares) -> dict[str, Contrast]:
    """Each end of the bounds; their outer limits are the interval of the true share."""
    found = {}
    for name, bounds in (("", shares.bounds), ("_within", shares.near)):
        off = bounds.lower - bounds.low, bounds.high - bounds.upper
        for end, value, error, reach in zip(
            ("low", "high"), (bounds.lower, bounds.upper), bounds.errors, off, strict=True
        ):
            found[end + name] = Contrast(
                value, error, max(value - reach, 0.0), min(value + reach, 1.0), NAN, shares.raw.df
            )
    return found


def bars(shares: Shares) -> pd.DataFrame:
    """Frame of the figure: ``term, label_zh, label_en, estimate, lower, upper, low, high``.

    A point has an estimate, a band two ends; both have an interval.
    """
    points = {"answered": shares.raw, "weighted": shares.weighted, "late": shares.late}
    rows = [
        (name, p.estimate, NAN, NAN, p.low, p.high) for name, p in points.items() if p is not None
    ]
    rows += [
        (name, NAN, b.lower, b.upper, b.low, b.high)
        for name, b in (("within", shares.near), ("bounds", shares.bounds))
    ]
    frame = pd.DataFrame(rows, columns=["term", "estimate", "lower", "upper", "low", "high"])
    frame.insert(1, "label_zh", [BARS[t].zh for t in frame["term"]])
    frame.insert(2, "label_en", [BARS[t].en for t in frame["term"]])
    return frame
