"""The title and the method of a finding on recommendation."""

from __future__ import annotations

from typing import Any

import pandas as pd

from svcquality.designs._non_response_invited import Invited
from svcquality.designs._recommendation_groups import Groups
from svcquality.designs._recommendation_measures import EFFORT, WORDS, Measures
from svcquality.designs._recommendation_weights import Weighing
from svcquality.language import Text
from svcquality.wording import number

ADJUSTED = 0.05


def title(found: pd.DataFrame, groups: Groups) -> Text:
    """What the groups show: how many are told apart from the others."""
    apart = found[found["term"].str.contains("_difference[", regex=False)]
    clear = int((apart["p_adjusted"] < ADJUSTED).sum())
    first = found.iloc[0]
    measure = WORDS[first["term"]]

    def said(language: Any) -> str:
        return number(float(first["estimate"]), first["unit"], language)

    return Text(
        f"{measure.zh}为 {said('zh')}；按{groups.title.zh}看，{len(apart)} 组中有 {clear} 组与其余"
        "答复的差异超出偶然（Holm 校正）",
        f"{measure.en[:1].upper() + measure.en[1:]} is {said('en')}; groups by {groups.title.en} that "
        f"differ from all other answers by more than chance (Holm): {clear} of {len(apart)}",
    )


def method(
    weighing: Weighing,
    invited: Invited,
    overall: Measures,
    inside: Measures,
    groups: Groups,
    changed: bool,
) -> Text:
    settled = invited.rows[~invited.rows["open"]]
    if invited.silence:
        rate = settled["answers"].mean()
        response = Text(f"答复率 {rate:.1%}。", f" Response rate {rate:.1%}.")
    else:
        response = Text(
            "答复率未知：数据中只有已答复的问卷。",
            " The response rate is unknown: only answered surveys are on record.",
        )
    effort = Text("", "")
    if EFFORT in overall.values:
        effort = Text(
            "费力度 1 为很低、5 为很高，数值越低越好。",
            " Effort runs from 1 (low) to 5 (high): low is good.",
        )
    of_groups = Text("", "")
    if groups.by:
        how = inside.clusters.words
        of_groups = Text(
            f"各组如实显示，不向总体收缩（{how.zh}）；差异为该组减其余答复，p 值经 Holm 校正。",
            f" Groups are shown as they are, without shrinkage ({how.en}); a difference is the group "
            "minus all other answers, with p-values adjusted by Holm.",
        )
    change = (
        Text("变化为最后一个月减此前各月。", " Changes are the last month minus the months before.")
        if changed
        else Text("", "")
    )
    parts = [response, weighing.words, effort, of_groups, change]
    return Text(
        "净推荐值为推荐者比例减贬损者比例，方差按多项分布计算，区间为调整的 Wald 区间（Rocks 2016）；"
        f"比例用 Wilson 区间；{overall.clusters.words.zh}。" + "".join(p.zh for p in parts),
        "The net promoter score is the share of promoters minus that of detractors, with its "
        "multinomial variance and adjusted Wald intervals (Rocks 2016); shares have "
        f"Wilson intervals; {overall.clusters.words.en}." + "".join(p.en for p in parts),
    )
