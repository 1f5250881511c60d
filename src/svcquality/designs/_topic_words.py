"""What is said of topics: how their number was chosen, which may be chance, which rose."""

from __future__ import annotations

import pandas as pd

from svcquality.causes.crosswalk import Crosswalk
from svcquality.causes.topic_trends import TopicTrends
from svcquality.causes.topics import Topics
from svcquality.findings import Check
from svcquality.language import Text

LEAST_STABILITY = 0.5
"""Mean cosine with the matching topics of other starts, below which a topic may be chance."""
MOST_DUPLICATES = 0.10
NAMED = 3
"""Topics that a sentence names."""

CRITERION_NAMES = {
    "coherence": Text("一致性（c_npmi）", "coherence (c_npmi)"),
    "exclusivity": Text("排他性", "exclusivity"),
    "held_out": Text("留出似然", "held-out likelihood"),
    "stability": Text("稳定性", "stability"),
}


def change_label(topic: Text, month: pd.Timestamp) -> Text:
    """Name of a topic's change in the last month."""
    return Text(
        f"{topic.zh}：{month:%Y-%m} 占比减此前占比",
        f"{topic.en}: share in {month:%Y-%m} minus that before",
    )


def without_cause_label(topic: Text) -> Text:
    """Name of the share of a topic's complaints that have no cause."""
    return Text(f"{topic.zh}：无对应原因的比例", f"{topic.en}: share without a cause")


def choice_title(found: Topics) -> Text:
    """Title of the figure of the choice."""
    k, tried = found.choice.k, len(found.choice.table)
    return Text(
        f"所试 {tried} 个主题数中，按规则得分最高的是 {k}",
        f"Of {tried} numbers of topics tried, {k} scores best by the rule",
    )


def checks(
    found: Topics, trends: TopicTrends | None, crossed: Crosswalk | None
) -> tuple[Check, ...]:
    """What a reader must know before using the topics."""
    duplicates = float(found.documents["duplicate_of"].notna().mean())
    made = [
        Check(
            "exploratory",
            "warn",
            Text(
                "主题由模型从文本中归纳，名称只是代表词；不能当作事先定义的投诉原因。",
                "Topics are what a model made of the texts, named by their words; they are not "
                "causes that were defined beforehand.",
            ),
        ),
        _number(found),
        _stability(found),
        Check(
            "duplicates",
            "warn" if duplicates > MOST_DUPLICATES else "passed",
            Text(
                f"{duplicates:.1%} 的投诉与另一条文字相同（不计数字与标点）。",
                f"{duplicates:.1%} of the complaints repeat the words of another one (digits and "
                "punctuation aside).",
            ),
            duplicates,
            MOST_DUPLICATES,
        ),
    ]
    if trends is not None:
        made.append(_rising(found, trends))
    if crossed is not None:
        made.append(_uncovered(found, crossed))
    return tuple(made)


def _number(found: Topics) -> Check:
    """Whether the number of topics was chosen, and not at the edge of what was tried."""
    tried, k = found.choice.table["k"], found.choice.k
    if len(tried) == 1:
        text = Text(
            f"主题数 {k} 是指定的，没有与其他数目比较。",
            f"The number of topics ({k}) was set, not chosen among several.",
        )
    elif k == tried.max():
        text = Text(
            f"规则选中了所试数目中最大的 {k}；更多主题可能更好，可在 k 中加入更大的数再比较。",
            f"The rule chose the largest number of topics tried ({k}); more may be better: add "
            "larger numbers to k and compare again.",
        )
    elif k == tried.min():
        text = Text(
            f"规则选中了所试数目中最小的 {k}；更少主题可能更好，可在 k 中加入更小的数再比较。",
            f"The rule chose the smallest number of topics tried ({k}); fewer may be better: add "
            "smaller numbers to k and compare again.",
        )
    else:
        text = Text(
            f"规则选中的主题数 {k} 位于所试数目之间。",
            f"The number of topics chosen ({k}) lies within those tried.",
        )
    inside = bool(tried.min() < k < tried.max())
    return Check("topic_number", "passed" if inside else "warn", text, float(k))


def _stability(found: Topics) -> Check:
    stability = found.quality["stability"]
    shaky, least = int((stability < LEAST_STABILITY).sum()), float(stability.min())
    return Check(
        "topic_stability",
        "warn" if shaky else "passed",
        Text(
            f"换成其他起点后，{len(stability)} 个主题中有 {shaky} 个与对应主题的平均余弦相似度低于 "
            f"{LEAST_STABILITY}（最低 {least:.2f}）；低于此值的主题可能出于偶然。",
            f"From other starting points {shaky} of {len(stability)} topics come back with a mean "
            f"cosine below {LEAST_STABILITY} (the lowest {least:.2f}); topics below that may be "
            "chance.",
        ),
        least,
        LEAST_STABILITY,
    )


def _rising(found: Topics, trends: TopicTrends) -> Check:
    month, rising = trends.last_month, trends.rising
    named = _named(found, rising)
    if rising:
        text = Text(
            f"{month:%Y-%m} 有 {len(rising)} 个主题的占比高于此前各月：{named.zh}。",
            f"In {month:%Y-%m} the share of {len(rising)} topics was higher than before: "
            f"{named.en}.",
        )
    elif trends.changes["p"].notna().any():
        text = Text(
            f"{month:%Y-%m} 未发现占比上升的主题。",
            f"No topic was found to have risen in {month:%Y-%m}.",
        )
    else:
        text = Text(
            "月份或投诉太少，无法判断哪些主题在上升。",
            "There are too few months or complaints to tell which topics rise.",
        )
    return Check("rising_topics", "warn" if rising else "passed", text, float(len(rising)))


def _uncovered(found: Topics, crossed: Crosswalk) -> Check:
    some = crossed.candidates["topic"].tolist()
    named = _named(found, some)
    if some:
        text = Text(
            f"有 {len(some)} 个主题，其中无对应原因的投诉多于任何单一原因，可考虑补入编码本：{named.zh}。",
            f"In {len(some)} topics more complaints have no cause than any one cause of the "
            f"codebook; candidates for it: {named.en}.",
        )
    else:
        text = Text(
            "没有发现编码本未能覆盖的主题。",
            "No topic stands out as without a cause in the codebook.",
        )
    return Check("uncovered_topics", "warn" if some else "passed", text, float(len(some)))


def _named(found: Topics, names: list[str]) -> Text:
    shown = [found.labels[name] for name in names[:NAMED]]
    more = Text("等", " and others") if len(names) > NAMED else Text("", "")
    return Text(
        "；".join(label.zh for label in shown) + more.zh,
        "; ".join(label.en for label in shown) + more.en,
    )


def method(found: Topics, trends: TopicTrends | None, crossed: Crosswalk | None) -> Text:
    """How the topics were found, in one sentence of parts."""
    choice = found.choice
    starts = choice.trials["start"].nunique()
    parts = [
        Text("gensim LDA，无种子词", "gensim LDA without seeds"),
        _how_many(found),
        Text(
            f"每个数目 {starts} 个起点，依据 {choice.texts:,} 条不同文本",
            f"{starts} starts of each number, on {choice.texts:,} distinct texts",
        ),
        Text("每条投诉取其最可能的主题", "the most probable topic of each complaint"),
        Text("代表词按 FREX（Bischof 与 Airoldi，2012）", "words by FREX (Bischof & Airoldi 2012)"),
        Text(
            "Wilson 区间，不含模型的不确定性", "Wilson intervals, without the model's uncertainty"
        ),
        Text("答复天数中位数按 Kaplan–Meier", "median days to a reply by Kaplan–Meier"),
    ]
    if trends is not None:
        parts.append(
            Text(
                "最近一月与此前之比较用计分检验，计入月际过度离散，p 值按 Benjamini–Hochberg 校正",
                "last month against those before by score tests that allow for overdispersion "
                "between months, p-values adjusted after Benjamini & Hochberg",
            )
        )
    if crossed is not None:
        parts.append(
            Text(
                "主题与原因按各投诉的首要主题和首要原因对照",
                "topics against causes by the primary ones of each complaint",
            )
        )
    return Text("；".join(p.zh for p in parts) + "。", "; ".join(p.en for p in parts) + ".")


def _how_many(found: Topics) -> Text:
    k, tried = found.choice.k, [str(n) for n in found.choice.table["k"]]
    if len(tried) == 1:
        return Text(f"主题数 {k} 为事先指定", f"{k} topics, as asked for")
    used = {CRITERION_NAMES[n]: f"{w:g}" for n, w in found.rule.weights.items() if w > 0}
    return Text(
        f"主题数 {k} 按事先声明的规则从 {'、'.join(tried)} 中选出（各拟合按加权名次比较，取较好的十分之一，权重："
        + "、".join(f"{name.zh} {w}" for name, w in used.items())
        + "）",
        f"{k} topics, chosen from {', '.join(tried)} by a rule declared beforehand (the rank that "
        "its best tenth of fits reaches, weighing "
        + ", ".join(f"{name.en} {w}" for name, w in used.items())
        + ")",
    )
