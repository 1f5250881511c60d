"""Is the leading driver told apart from its rivals, and does every item point the same way?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from svcquality.findings import Check
from svcquality.language import Text


def driver_order(rivals: pd.DataFrame, words: dict[str, Text], leader: str) -> Check:
    """Warn where the largest share may not be the largest.

    Parameters
    ----------
    rivals : DataFrame
        ``name, difference, low, high, apart``: the leader's share minus each other's, with
        simultaneous intervals (`svcquality.estimators.leading.Leading`).
    words : dict of str to Text
        The drivers in a reader's words.
    leader : str
    """
    nearest = rivals.sort_values("low").to_dict("records")[0]
    rival, low = words[nearest["name"]], float(nearest["low"])
    gap = (
        f"{100 * nearest['difference']:.1f}",
        f"{100 * low:.1f}".replace("-", "−"),
        f"{100 * nearest['high']:.1f}",
    )
    apart = bool(rivals["apart"].all())
    verdict = (
        Text("可以分出先后", "told apart from every rival")
        if apart
        else Text("尚不能分出先后", "not told apart from its nearest rival")
    )
    return Check(
        "driver_order",
        "passed" if apart else "warn",
        Text(
            f"{words[leader].zh}与其他驱动因素同时比较：{verdict.zh}；与{rival.zh}相差 {gap[0]} 个百分点"
            f"（联合 95% 区间 {gap[1]} 至 {gap[2]}）。",
            f"{words[leader].en}, compared with all other drivers at once, is {verdict.en}: "
            f"{rival.en} is {gap[0]} percentage points behind (simultaneous 95% interval {gap[1]} "
            f"to {gap[2]}).",
        ),
        low,
        0.0,
    )


def drivers_detectable(p: float, statistic: str) -> Check:
    """Warn where all drivers together explain no more than chance would.

    Parameters
    ----------
    p : float
        Of the joint test that every driver's slope is zero.
    statistic : str
        The test in short ("F(3, 23) = 8.1").
    """
    clear = p < 0.05
    shown = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    return Check(
        "drivers_detectable",
        "passed" if clear else "warn",
        Text(
            f"各驱动因素合在一起与结果变量{'有' if clear else '没有'}可检测的关联"
            f"（联合检验 {statistic}，{shown}）。",
            f"The drivers together have {'a' if clear else 'no'} detectable association with the "
            f"outcome (joint test {statistic}, {shown}).",
        ),
        p,
        0.05,
    )


def left_out(reasons: Sequence[tuple[Text, int]]) -> Check:
    """Warn of candidates that could not be compared.

    Parameters
    ----------
    reasons : sequence of (Text, int)
        Each with the names it concerns, and how many they are.
    """
    number = float(sum(count for _, count in reasons))
    return Check(
        "left_out",
        "warn" if reasons else "passed",
        Text(
            f"未参与比较的变量：{'；'.join(t.zh for t, _ in reasons)}。",
            f"Not compared: {'; '.join(t.en for t, _ in reasons)}.",
        )
        if reasons
        else Text("全部候选变量均参与比较。", "Every candidate is compared."),
        number,
        0.0,
    )


def reversed_items(against: Sequence[Text]) -> Check:
    """Warn of rated items that go with lower satisfaction the better they are rated.

    Parameters
    ----------
    against : sequence of Text
        Items whose association is negative by itself and beside the others.
    """
    zh, en = "、".join(t.zh for t in against), ", ".join(t.en for t in against)
    return Check(
        "reversed_items",
        "warn" if against else "passed",
        Text(
            f"{zh}评分越高，满意程度反而越低；若该项目为反向措辞，请在映射文件中声明。"
            "这些项目不进入重要性—表现图和惩罚—奖励分析。",
            f"{en}: the higher the rating, the lower the satisfaction. If the item is worded the "
            "other way round, declare so in the mapping; it is left out of the "
            "importance–performance map and of penalty and reward.",
        )
        if against
        else Text("所有评分项目的方向一致。", "No rated item points the other way."),
        float(len(against)),
        0.0,
    )
