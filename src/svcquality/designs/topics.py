"""What the texts speak of, without a codebook: exploratory."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from svcquality.causes.shares import wilson
from svcquality.causes.topics import Topics, discover_topics
from svcquality.designs import DESIGNS
from svcquality.errors import InputError
from svcquality.findings import TABLE_COLUMNS, Check, Claim, Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.records.bank import Records

LEAST_STABILITY = 0.3
MOST_DUPLICATES = 0.10
DAY = 86_400  # seconds


def topics(
    bank: Records,
    *,
    id: str = "topics",
    seed: int = 0,
    k: int | None = None,
) -> Finding:
    """Describe the topics of the complaint texts.

    Parameters
    ----------
    bank : Records
        Complaints with ``text``.
    id : str
        Identifier of the question.
    seed : int
    k : int, optional
        Number of topics; chosen by coherence and stability when not given.

    Returns
    -------
    Finding
        Terms ``topic_<k>``, the largest first; extra columns ``coherence``, ``stability``,
        ``example`` (the text that is most about it) and, where replies are recorded,
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
    found = discover_topics(texts, k=k, seed=seed)
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
        method=_method(found, chosen=k is None),
        flow=pd.DataFrame(
            [
                flow_row("投诉记录", "complaints", len(complaints)),
                flow_row("有投诉文本", "with a text", len(found.documents)),
            ]
        ),
        figure="pareto",
        frames={"pareto": _pareto(table), "choice": found.choice},
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
    stability = float(found.quality["stability"].min())
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
        Check(
            "topic_stability",
            "warn" if stability < LEAST_STABILITY else "passed",
            Text(
                f"换一个起点后，最不稳定的主题其代表词的重合度为 {stability:.0%}。",
                f"From another starting point the least stable topic keeps {stability:.0%} of its "
                "words.",
            ),
            stability,
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


def _method(found: Topics, *, chosen: bool) -> Text:
    k = len(found.quality)
    tried = [str(value) for value in found.choice["k"]]
    how = Text(
        f"主题数 {k} 由一致性（c_npmi）与稳定性从 {'、'.join(tried)} 中选出"
        if chosen
        else f"主题数 {k} 为事先指定",
        f"{k} topics, chosen from {', '.join(tried)} by coherence (c_npmi) and stability"
        if chosen
        else f"{k} topics, as asked for",
    )
    return Text(
        f"gensim LDA，无种子词；{how.zh}；每条投诉取其最可能的主题；代表词按 FREX"
        "（Bischof 与 Airoldi，2012）；Wilson 区间，不含模型的不确定性；答复天数中位数按 Kaplan–Meier。",
        f"gensim LDA without seeds; {how.en}; the most probable topic of each complaint; words by "
        "FREX (Bischof & Airoldi 2012); Wilson intervals, without the model's uncertainty; median "
        "days to a reply by Kaplan–Meier.",
    )
