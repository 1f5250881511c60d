"""What the texts speak of, without a codebook: exploratory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from svcquality.causes.crosswalk import Crosswalk, crosswalk
from svcquality.causes.measure import measure_causes
from svcquality.causes.shares import wilson
from svcquality.causes.topic_choice import STARTS
from svcquality.causes.topic_trends import TopicTrends, topic_trends
from svcquality.causes.topics import Topics, discover_topics
from svcquality.designs import DESIGNS
from svcquality.designs._topic_words import (
    change_label,
    checks,
    choice_title,
    method,
    without_cause_label,
)
from svcquality.errors import InputError
from svcquality.findings import TABLE_COLUMNS, Claim, Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.records.bank import Records

DAY = 86_400  # seconds
FIGURES = {"shares": "pareto", "choice": "topic_choice"}


def topics(
    bank: Records,
    *,
    id: str = "topics",
    causes: Any = None,
    seed: int = 0,
    k: int | Sequence[int] | None = None,
    rule: Mapping[str, float] | None = None,
    starts: int = STARTS,
    by: Literal["cause"] | None = None,
    figure: str = "shares",
) -> Finding:
    """Describe the topics of the complaint texts.

    Parameters
    ----------
    bank : Records
        Complaints with ``text``.
    id : str
        Identifier of the question.
    causes : MeasuredCauses, optional
        Laid beside the topics where given.
    seed : int
    k : int or sequence of int, optional
        Number of topics, or numbers of which the rule chooses one.
    rule : mapping of str to float, optional
        What ``coherence``, ``exclusivity``, ``held_out`` and ``stability`` weigh in the choice; by
        default all the same.
    starts : int
        Starting points of each number of topics.
    by : {"cause"}, optional
        Lay measured causes beside the topics; they are measured where ``causes`` is not given.
    figure : {"shares", "choice"}
        What to draw: the topics, or how their number was chosen.

    Returns
    -------
    Finding
        Terms ``topic_<k>``, the largest first, with extra columns ``coherence``, ``exclusivity``,
        ``stability``, ``example`` (the text that is most about it), where replies are recorded
        ``median_days`` (received to first response), and beside causes ``cause`` (the one that
        most of its complaints have) and ``cause_share``. Then ``topic_<k>_change``: share in the
        last month minus that before, ``p`` adjusted over topics; and ``topic_<k>_without_cause``
        of the topics that no cause covers. Frames ``choice``, ``words``, ``monthly``, ``changes``,
        ``crosswalk``, ``matches``, ``candidates`` and ``candidate_texts``.

    Raises
    ------
    InputError
        If there are no complaints with a text, or too few for that many topics, or an option is
        none.
    """
    complaints = bank.complaints
    if complaints is None or complaints.empty:
        raise InputError("This needs complaint records.", "此问题需要投诉记录。")
    if by not in (None, "cause") or figure not in FIGURES:
        raise InputError(
            f"Topics take by = 'cause' or none, and figure = 'shares' or 'choice'; got {by!r} and "
            f"{figure!r}.",
            f"topics 设计的 by 只能为 'cause' 或不设置，figure 只能为 'shares' 或 'choice'；"
            f"现为 {by!r} 与 {figure!r}。",
        )
    rows = complaints.set_index("complaint_id")
    found = discover_topics(rows["text"].astype("str"), k=k, rule=rule, seed=seed, starts=starts)
    if by == "cause" and causes is None:
        causes = measure_causes(complaints, seed=seed)
    crossed = None if causes is None else crosswalk(found, causes)
    dated = rows["received"].reindex(found.documents.index).notna().any()
    trends = topic_trends(found, rows["received"]) if dated else None
    shares = _shares(found, complaints, crossed)
    table = pd.concat([shares, *_further(found, trends, crossed)], ignore_index=True)
    return Finding(
        id=id,
        design="topics",
        question=DESIGNS["topics"].question,
        grade=Grade.DESCRIBES,
        claims=_claims(shares, table, trends),
        table=table,
        checks=checks(found, trends, crossed),
        method=method(found, trends, crossed),
        flow=pd.DataFrame(
            [
                flow_row("投诉记录", "complaints", len(complaints)),
                flow_row("有投诉文本", "with a text", len(found.documents)),
            ]
        ),
        figure=FIGURES[figure],
        title=choice_title(found) if figure == "choice" else None,
        frames={
            "pareto": _pareto(shares),
            "choice": found.choice.table,
            "words": found.label_words(),
            **({"monthly": trends.monthly, "changes": trends.changes} if trends else {}),
            **(_frames(crossed) if crossed else {}),
        },
    )


def _shares(found: Topics, complaints: pd.DataFrame, crossed: Crosswalk | None) -> pd.DataFrame:
    share = found.shares
    n = len(found.documents)
    ends = np.array([wilson(value, n) for value in share])
    table = _rows(
        share.index.tolist(),
        [found.labels[topic] for topic in share.index],
        estimate=share.to_numpy(),
        error=np.sqrt(share * (1 - share) / n).to_numpy(),
        error_kind="binomial",
        low=ends[:, 0],
        high=ends[:, 1],
        n=n,
        unit="share",
    )
    quality = found.quality.set_index("topic").loc[share.index]
    for name in ("coherence", "exclusivity", "stability"):
        table[name] = quality[name].to_numpy()
    examples = [found.read(topic, 1)["text"] for topic in share.index]
    table["example"] = [texts.iloc[0] if len(texts) else "" for texts in examples]
    if complaints["responded"].notna().any():
        table["median_days"] = (
            _median_days(found.primary, complaints).reindex(share.index).to_numpy()
        )
    if crossed is not None:
        best = crossed.matches.set_index("topic").loc[share.index]
        table["cause"] = best["cause"].astype("str").to_numpy()
        table["cause_share"] = best["of_topic"].to_numpy()
    return table


def _further(
    found: Topics, trends: TopicTrends | None, crossed: Crosswalk | None
) -> list[pd.DataFrame]:
    """Rows beside the shares: changes in the last month, and topics without a cause."""
    parts = []
    if trends is not None:
        tested = trends.changes[trends.changes["p"].notna()]
        parts.append(
            _rows(
                (tested["topic"] + "_change").tolist(),
                [change_label(found.labels[t], trends.last_month) for t in tested["topic"]],
                estimate=tested["change"].to_numpy(),
                error_kind="newcombe",
                low=tested["low"].to_numpy(),
                high=tested["high"].to_numpy(),
                p=tested["p"].to_numpy(),
                p_adjusted=tested["p_adjusted"].to_numpy(),
                n=len(found.documents) - trends.undated,
                unit="share_difference",
            )
        )
    if crossed is not None:
        some = crossed.candidates
        parts.append(
            _rows(
                (some["topic"] + "_without_cause").tolist(),
                [without_cause_label(found.labels[t]) for t in some["topic"]],
                estimate=some["without_cause"].to_numpy(),
                error_kind="wilson",
                low=some["low"].to_numpy(),
                high=some["high"].to_numpy(),
                n=some["n"].to_numpy(),
                unit="share",
            )
        )
    return [part for part in parts if len(part)]


def _rows(terms: list[str], labels: list[Text], **columns: Any) -> pd.DataFrame:
    """Rows of a finding's table; what is not given is missing."""
    given = {
        "term": terms,
        "label_zh": [label.zh for label in labels],
        "label_en": [label.en for label in labels],
        "error": np.nan,
        "p": np.nan,
        "p_adjusted": np.nan,
        "clusters": pd.array([pd.NA] * len(terms), dtype="Int64"),
        **columns,
    }
    return pd.DataFrame(given)[list(TABLE_COLUMNS)]


def _claims(
    shares: pd.DataFrame, table: pd.DataFrame, trends: TopicTrends | None
) -> tuple[Claim, ...]:
    """The largest topic, then those that rose."""
    first = shares.iloc[0]
    subject = Text(f"最大的主题（{first['label_zh']}）", f"the largest topic ({first['label_en']})")
    claims = [_level(subject, Text("占比", "the share of complaints"), first)]
    for topic in trends.rising if trends else []:
        row = table.loc[table["term"] == f"{topic}_change"].iloc[0]
        subject = Text(row["label_zh"], row["label_en"])
        claims.append(_level(subject, Text("变化", "the change of its share of complaints"), row))
    return tuple(claims)


def _level(subject: Text, outcome: Text, row: pd.Series) -> Claim:
    """A quantity that is only described."""
    estimate, low, high = (float(row[name]) for name in ("estimate", "low", "high"))
    return Claim(subject, outcome, estimate, low, high, str(row["unit"]), null=float("nan"))


def _frames(crossed: Crosswalk) -> dict[str, pd.DataFrame]:
    return {
        "crosswalk": crossed.table,
        "matches": crossed.matches,
        "candidates": crossed.candidates,
        "candidate_texts": crossed.examples,
    }


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
