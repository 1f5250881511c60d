"""The method and the title of the staffing answer in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from svcquality import wording
from svcquality.designs._rows import Quantity
from svcquality.designs._staffing_answer import Answer
from svcquality.designs._staffing_benefit import Benefit
from svcquality.designs._staffing_draws import DRAWS
from svcquality.errors import InputError
from svcquality.language import Text


def method(
    answer: Answer,
    shared: Mapping[str, float],
    slots: pd.DataFrame,
    benefit: Benefit | InputError,
    days: int,
    windows: str | None,
    unlike: int,
) -> Text:
    """How the numbers were made, with what was measured on the way."""
    parts = [
        _queue(answer, shared, days, windows),
        _erlang(slots),
        _patience(answer, shared),
        _satisfaction(benefit),
    ]
    if unlike:
        parts.append(
            Text(
                f"{unlike} 个网点的模拟未能再现其记录，未列入加开清单。",
                f" {unlike} branches whose simulation is unlike their records are not on the list.",
            )
        )
    return Text("".join(p.zh for p in parts), "".join(p.en for p in parts))


def _queue(answer: Answer, shared: Mapping[str, float], days: int, windows: str | None) -> Text:
    models = [q.fit() for q in answer.queues]
    spread = float(np.sqrt(np.mean([m.arrivals.day_variance for m in models])))
    service = float(np.mean([m.services.mean() for m in models]))
    source = Text(f"开窗数取自列“{windows}”", f"open windows are those of the column {windows!r}")
    if windows is None:
        source = Text(
            "开窗数由有人排队时同时办理的人数读出",
            "open windows were read off how many were served while somebody waited",
        )
    return Text(
        f"逐日模拟先到先办的排队（G/G/c(t)+G），各方案面对同一批客户；到达为按半小时变化的混合泊松过程"
        f"（各日客流在均值上下的标准差 {spread:.0%}），办理时长从实测值抽取（平均 {service:.1f} 分钟，其中"
        f"换客 {shared['turnaround_minutes']:.1f} 分钟），{source.zh}。区间来自 {DRAWS} 次按日期的贝叶斯自助"
        f"抽样（Rubin 1981），每次重新测量并模拟 {days} 天，兼含测量与模拟误差。",
        f"Days of a first-come queue (G/G/c(t)+G) in which every plan meets the same customers: mixed "
        f"Poisson arrivals by half hour (days vary by {spread:.0%} around their mean), service times "
        f"drawn from the measured ones (mean {service:.1f} minutes, of which "
        f"{shared['turnaround_minutes']:.1f} between customers); {source.en}. Intervals: {DRAWS} "
        f"Bayesian bootstrap draws of dates (Rubin 1981), each measured anew and simulated for {days} "
        "days, so that they hold the doubt of measuring and of simulating.",
    )


def _erlang(slots: pd.DataFrame) -> Text:
    known = slots.dropna(subset=["erlang_wait", "simulated_wait"])
    known = known[np.isfinite(known["erlang_wait"]) & (known["arrivals"] > 0)]
    if known.empty:
        return Text("", "")
    steady, moving = (
        float(np.average(known[c], weights=known["arrivals"]))
        for c in ("erlang_wait", "simulated_wait")
    )
    return Text(
        f"若每个半小时都自成稳态，Erlang A（无人弃号时为 C）给出平均等候 {steady:.1f} 分钟，模拟为 "
        f"{moving:.1f} 分钟：真实队列会带入下一个半小时，高峰也来不及达到稳态，且各日客流不同。",
        f" Were each half hour steady, Erlang's A (C where nobody leaves) would give a mean wait of "
        f"{steady:.1f} minutes, the simulation gives {moving:.1f}: queues are carried into the next half "
        "hour, peaks end before they are steady, and days differ.",
    )


def _patience(answer: Answer, shared: Mapping[str, float]) -> Text:
    if not shared["patience_rate"] > 0:
        return Text(
            "记录中无人弃号，假定客户一直等候。",
            " Nobody is recorded to have left, so customers are taken to wait as long as it takes.",
        )
    mean = 1 / shared["patience_rate"]
    known = shared["left_moment_known"]
    unknown = Text("", "")
    if known < 1:
        unknown = Text(
            "（离开时刻未记录者只知其早于本应叫到的时刻，按现状数据的似然计入）",
            " (who left at an unknown moment is known only to have left before being called: "
            "current-status likelihood)",
        )
    return Text(
        f"耐心时长按指数分布估计，全行平均 {mean:.0f} 分钟{unknown.zh}。",
        f" Patience is exponential with a mean of {mean:.0f} minutes over the bank{unknown.en}.",
    )


def _satisfaction(benefit: Benefit | InputError) -> Text:
    if isinstance(benefit, InputError):
        return Text(
            f"未换算为满意客户：{benefit.zh}", f" Not told in satisfied customers: {benefit.en}"
        )
    return Text(
        f"满意客户由“等候与满意度”同一模型的曲线换算（每人的等候对应其满意概率；弃号者按离开时的等候，"
        f"超过 {benefit.longest_minutes:.0f} 分钟按该处取值），曲线的误差一并计入；这是关联，不保证加窗后必然如此。",
        " Satisfied customers are read off the curve of the design “waiting” (everybody at their wait, "
        "leavers at the wait at which they left, flat beyond "
        f"{benefit.longest_minutes:.0f} minutes), with the doubt of the curve; it is an association, "
        "no promise of what a window does.",
    )


def title(quantities: Sequence[Quantity], tied: int) -> Text:
    """What the figure shows: the wait now and with the first plan."""
    by_term = {q.term: q for q in quantities}
    now = by_term["wait_now"]
    saved = next(q for q in quantities if q.term.startswith("saved_minutes_"))
    then = by_term[saved.term.replace("saved_minutes_", "wait_")]

    def minutes(q: Quantity, language: str) -> str:
        return wording.number(q.value.estimate, q.unit, "zh" if language == "zh" else "en")

    list_zh = f"；加开清单前 {tied} 位难分先后" if tied > 1 else ""
    list_en = f"; the first {tied} places to add are alike" if tied > 1 else ""
    return Text(
        f"{saved.subject.zh}，人均等候由 {minutes(now, 'zh')}变为 {minutes(then, 'zh')}（模拟）{list_zh}",
        f"With {saved.subject.en}, the mean wait goes from {minutes(now, 'en')} to "
        f"{minutes(then, 'en')} (simulated){list_en}",
    )
