"""What the texts speak of, without a codebook: exploratory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from svcquality.causes.shares import wilson
from svcquality.causes.topic_choice import STARTS
from svcquality.causes.topics import Topics, discover_topics
from svcquality.designs import DESIGNS
from svcquality.errors import InputError
from svcquality.findings import TABLE_COLUMNS, Check, Claim, Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.records.bank import Records

CRITERION_NAMES = {
    "coherence": Text("一致性（c_npmi）", "coherence (c_npmi)"),
    "exclusivity": Text("排他性", "exclusivity"),
    "held_out": Text("留出似然", "held-out likelihood"),
    "stability": Text("稳定性", "stability"),
}
LEAST_STABILITY = 0.5
"""Mean cosine with the matching topics of other starts, below which a topic may be chance."""
MOST_DUPLICATES = 0.10
DAY = 86_400  # seconds


def topics(
    bank: Records,
    *,
    id: str = "topics",
    seed: int = 0,
    k: int | Sequence[int] | None = None,
    rule: Mapping[str, float] | None = None,
    starts: int = STARTS,
) -> Finding:
    """Describe the topics of the complaint texts.

    Parameters
    ----------
    bank : Records
        Complaints with ``text``.
    id : str
        Identifier of the question.
    seed : int
    k : int or sequence of int, optional
        Number of topics, or numbers of which the rule chooses one.
    rule : mapping of str to float, optional
        What ``coherence``, ``exclusivity``, ``held_out`` and ``stability`` weigh in the choice; by
        default all the same.
    starts : int
        Starting points of each number of topics.

    Returns
    -------
    Finding
        Terms ``topic_<k>``, the largest first; extra columns ``coherence``, ``exclusivity``,
        ``stability``, ``example`` (the text that is most about it) and, where replies are recorded,
        ``median_days`` (received to first response).

    Raises
    ------
    InputError
        If there are no complaints with a text, or too few for that many topics.
    """
    complaints = bank.complaints
    if complaints is None or complaints.empty:
        raise InputError("This needs complaint records.", "此问题需要投诉记录。")
    texts = pd.Series(complaints["text"].to_numpy(), index=complaints["complaint_id"], dtype="str")
    found = discover_topics(texts, k=k, rule=rule, seed=seed, starts=starts)
    table = _table(found, complaints)
    first = table.iloc[0]
    return Finding(
        id=id,
        design="topics",
        question=DESIGNS["topics"].question,
        grade=Grade.DESCRIBES,
        claims=(
            Claim(
                Text(
                    f"最大的主题（{first['label_zh']}）",
                    f"the largest topic ({first['label_en']})",
                ),
                Text("占比", "the share of complaints"),
                float(first["estimate"]),
                float(first["low"]),
                float(first["high"]),
                "share",
                null=float("nan"),
            ),
        ),
        table=table,
        checks=_checks(found),
        method=_method(found),
        flow=pd.DataFrame(
            [
                flow_row("投诉记录", "complaints", len(complaints)),
                flow_row("有投诉文本", "with a text", len(found.documents)),
            ]
        ),
        figure="pareto",
        frames={"pareto": _pareto(table), "choice": found.choice.table},
    )


def _table(found: Topics, complaints: pd.DataFrame) -> pd.DataFrame:
    n = len(found.documents)
    share = found.shares
    ends = np.array([wilson(value, n) for value in share])
    labels = [found.labels[topic] for topic in share.index]
    table = pd.DataFrame(
        {
            "term": share.index,
            "label_zh": [label.zh for label in labels],
            "label_en": [label.en for label in labels],
            "estimate": share.to_numpy(),
            "error": np.sqrt(share * (1 - share) / n).to_numpy(),
            "error_kind": "binomial",
            "low": ends[:, 0],
            "high": ends[:, 1],
            "p": np.nan,
            "n": n,
            "clusters": pd.array([pd.NA] * len(share), dtype="Int64"),
            "unit": "share",
        }
    )[list(TABLE_COLUMNS)]
    quality = found.quality.set_index("topic").loc[share.index]
    table["coherence"] = quality["coherence"].to_numpy()
    table["exclusivity"] = quality["exclusivity"].to_numpy()
    table["stability"] = quality["stability"].to_numpy()
    examples = [found.read(topic, 1)["text"] for topic in share.index]
    table["example"] = [texts.iloc[0] if len(texts) else "" for texts in examples]
    if complaints["responded"].notna().any():
        table["median_days"] = (
            _median_days(found.primary, complaints).reindex(share.index).to_numpy()
        )
    return table


def _median_days(topic: pd.Series, complaints: pd.DataFrame) -> pd.Series:
    """Median days to the first response by topic; complaints not yet answered count as waiting.

    Kaplan & Meier (1958); an unanswered complaint is censored at the last time in the records.
    """
    rows = complaints.set_index("complaint_id").loc[topic.index]
    last = max(rows["received"].max(), rows["responded"].max())
    answered = rows["responded"].notna()
    days = (rows["responded"].where(answered, last) - rows["received"]).dt.total_seconds() / DAY
    usable = days.notna() & (days >= 0)  # a reply before the complaint is an error of the records
    return pd.Series(
        {
            name: SurvfuncRight(days[part], answered[part].astype(int)).quantile(0.5)
            for name in topic.unique()
            if (answered & (part := usable & (topic == name))).any()
        },
        dtype="float64",
    )


def _pareto(table: pd.DataFrame) -> pd.DataFrame:
    frame = table[["term", "label_zh", "label_en", "estimate", "low", "high"]]
    frame = frame.rename(columns={"term": "id", "estimate": "share"})
    return frame.assign(cumulative=frame["share"].cumsum().clip(upper=1.0))


def _checks(found: Topics) -> tuple[Check, ...]:
    stability = found.quality["stability"]
    shaky = int((stability < LEAST_STABILITY).sum())
    duplicates = float(found.documents["duplicate_of"].notna().mean())
    return (
        Check(
            "exploratory",
            "warn",
            Text(
                "主题由模型从文本中归纳，名称只是代表词；不能当作事先定义的投诉原因。",
                "Topics are what a model made of the texts, named by their words; they are not "
                "causes that were defined beforehand.",
            ),
        ),
        _number_check(found),
        Check(
            "topic_stability",
            "warn" if shaky else "passed",
            Text(
                f"换一个起点后，{len(stability)} 个主题中有 {shaky} 个与其对应主题的平均余弦相似度低于 "
                f"{LEAST_STABILITY}（最低 {stability.min():.2f}）；这些主题可能只是偶然。",
                f"From other starting points {shaky} of {len(stability)} topics come back with a "
                f"mean cosine below {LEAST_STABILITY} (the lowest {stability.min():.2f}); such "
                "topics may be chance.",
            ),
            float(stability.min()),
            LEAST_STABILITY,
        ),
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
    )


def _number_check(found: Topics) -> Check:
    """Whether the number of topics was chosen, and not at the edge of what was tried."""
    tried, k = found.choice.table["k"], found.choice.k
    if len(tried) == 1:
        text = Text(
            f"主题数 {k} 是指定的，没有与其他数目比较。",
            f"The number of topics ({k}) was set, not chosen among several.",
        )
    elif k in (tried.min(), tried.max()):
        edge = ("最小", "smallest") if k == tried.min() else ("最大", "largest")
        text = Text(
            f"规则选中了所试数目中{edge[0]}的 {k}；更{edge[0][1]}的数目可能更好，可在 k 中加入后再比较。",
            f"The rule chose the {edge[1]} number tried ({k}); one beyond it may be better: add some "
            "to k and compare again.",
        )
    else:
        text = Text(
            f"规则选中的主题数 {k} 位于所试数目之间。",
            f"The number of topics chosen ({k}) lies within those tried.",
        )
    inside = bool(tried.min() < k < tried.max())
    return Check("topic_number", "passed" if inside else "warn", text, float(k))


def _method(found: Topics) -> Text:
    choice = found.choice
    k, tried = choice.k, [str(n) for n in choice.table["k"]]
    starts = choice.trials["start"].nunique()
    if len(tried) == 1:
        how = Text(f"主题数 {k} 为事先指定", f"{k} topics, as asked for")
    else:
        weights = {name: f"{w:g}" for name, w in found.rule.weights.items() if w > 0}
        how = Text(
            f"主题数 {k} 按事先声明的规则从 {'、'.join(tried)} 中选出：在全部拟合中的平均名次，权重为"
            + "、".join(f"{CRITERION_NAMES[n].zh} {w}" for n, w in weights.items()),
            f"{k} topics, chosen from {', '.join(tried)} by a rule declared beforehand: the mean "
            "rank among all fits, weighing "
            + ", ".join(f"{CRITERION_NAMES[n].en} {w}" for n, w in weights.items()),
        )
    return Text(
        f"gensim LDA，无种子词；{how.zh}；每个数目 {starts} 个起点，依据 {choice.texts:,} 条不同文本；"
        "每条投诉取其最可能的主题；代表词按 FREX（Bischof 与 Airoldi，2012）；Wilson 区间，不含模型的"
        "不确定性；答复天数中位数按 Kaplan–Meier。",
        f"gensim LDA without seeds; {how.en}; {starts} starts of each number, on {choice.texts:,} "
        "distinct texts; the most probable topic of each complaint; words by FREX (Bischof & "
        "Airoldi 2012); Wilson intervals, without the model's uncertainty; median days to a reply "
        "by Kaplan–Meier.",
    )
