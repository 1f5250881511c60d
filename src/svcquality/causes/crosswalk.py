"""Topics that the texts suggest beside causes that the codebook defines: which speak of the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.causes.measured import MeasuredCauses
from svcquality.causes.shares import wilson
from svcquality.causes.topics import Topics
from svcquality.errors import InputError
from svcquality.text.codebook import RESIDUAL

FEWEST = 10
"""Distinct texts below which a topic is no candidate."""
EXAMPLES = 3


@dataclass(frozen=True, eq=False)
class Crosswalk:
    """Topics against causes, by the primary topic and the primary cause of each complaint.

    Parameters
    ----------
    table : DataFrame
        One row a topic and cause, ``residual`` (no cause) included: ``topic, cause, label_zh,
        label_en, n`` (complaints), ``joint`` (their share of all), ``of_topic`` (share of the
        topic's complaints that have the cause) with ``of_topic_low, of_topic_high``, ``of_cause``
        (share of the cause's complaints that have the topic) with ``of_cause_low,
        of_cause_high``, ``lift`` (times as frequent together as if they had nothing to do with
        each other) with ``lift_low, lift_high``.
    matches : DataFrame
        One row a topic, by the cause that most of its complaints have: ``topic, cause, label_zh,
        label_en, of_topic, of_topic_low, of_topic_high, of_cause, lift``; ``lead`` is how much
        more of the topic it has than the next cause, with ``lead_low, lead_high``. Missing where
        no complaint of the topic has a cause.
    candidates : DataFrame
        Topics that no cause covers, the largest first: ``topic, words_zh, words_en, n,
        without_cause`` (share of its complaints) with ``low, high``, ``stability``. More of their
        complaints have no cause than any one cause, and more than of complaints at large: what a
        reader might add to the codebook.
    examples : DataFrame
        Of each candidate the texts without a cause that are most about it: ``topic, rank,
        complaint_id, probability, text`` (masked).
    n : int
        Complaints that have both.
    """

    table: pd.DataFrame
    matches: pd.DataFrame
    candidates: pd.DataFrame
    examples: pd.DataFrame
    n: int

    def matrix(self, value: str = "of_topic") -> pd.DataFrame:
        """One column of ``table`` as topics × causes."""
        order = self.table.drop_duplicates("cause")["cause"]
        rows = self.table.drop_duplicates("topic")["topic"]
        wide = self.table.pivot(index="topic", columns="cause", values=value)
        return wide.loc[rows.tolist(), order.tolist()]


def crosswalk(topics: Topics, measured: MeasuredCauses, *, level: float = 0.95) -> Crosswalk:
    """Lay topics and measured causes of the same complaints side by side.

    Parameters
    ----------
    topics : Topics
    measured : MeasuredCauses
    level : float
        Nominal coverage of the intervals.

    Returns
    -------
    Crosswalk

    Raises
    ------
    InputError
        If they have no complaint in common.

    Notes
    -----
    Intervals are Wilson's (1927) with Kish's (1965) effective number: complaints that repeat one
    text count as one draw of its weight. Those of ``lift`` take the share of the cause as known;
    those of ``lead`` are of the difference of two shares of one multinomial. All of them are about
    these complaints as a sample, and say nothing of what topics and causes get wrong.
    """
    ids = topics.primary.index.intersection(measured.primary.index)
    if ids.empty:
        raise InputError(
            "Topics and causes were found in different complaints; take both from the same records.",
            "主题与原因来自不同的投诉；请用同一批记录得出二者。",
        )
    topic, cause = topics.primary.loc[ids], measured.primary.loc[ids]
    rows, columns = list(topics.probabilities.columns), [*measured.codebook.ids, RESIDUAL]
    crossed = pd.crosstab(topic.to_numpy(), cause.to_numpy())
    counts = crossed.reindex(index=rows, columns=columns, fill_value=0).to_numpy(dtype=float)
    text = topics.documents["duplicate_of"].loc[ids]
    text = text.where(text.notna(), ids.to_series())
    effective = (_effective(topic, text, rows), _effective(cause, text, columns))
    table = _table(counts, effective, rows, columns, level)
    labels = measured.labels
    table.insert(2, "label_zh", [labels[c].zh for c in table["cause"]])
    table.insert(3, "label_en", [labels[c].en for c in table["cause"]])
    candidates = _candidates(table, topics, topic, text)
    return Crosswalk(
        table,
        _matches(table, effective[0], level),
        candidates,
        _examples(candidates["topic"].tolist(), topics, cause),
        len(ids),
    )


def _effective(group: pd.Series, text: pd.Series, order: list[str]) -> np.ndarray:
    """Kish's effective number of texts of each group: (Σ copies)² / Σ copies²."""
    copies = pd.DataFrame({"group": group, "text": text}).value_counts().astype(float)
    by = copies.groupby("group")
    effective = by.sum() ** 2 / (copies**2).groupby("group").sum()
    return effective.reindex(order, fill_value=0.0).to_numpy()


def _table(
    counts: np.ndarray,
    effective: tuple[np.ndarray, np.ndarray],
    rows: list[str],
    columns: list[str],
    level: float,
) -> pd.DataFrame:
    total = counts.sum()
    sizes, marginal = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    of_topic, of_cause = _ratio(counts, sizes), _ratio(counts, marginal)
    topic_low, topic_high = _intervals(of_topic, effective[0][:, None], level)
    cause_low, cause_high = _intervals(of_cause, effective[1][None, :], level)
    frame = {
        "n": counts,
        "joint": counts / total,
        "of_topic": of_topic, "of_topic_low": topic_low, "of_topic_high": topic_high,
        "of_cause": of_cause, "of_cause_low": cause_low, "of_cause_high": cause_high,
        "lift": _ratio(of_topic, marginal / total),
        "lift_low": _ratio(topic_low, marginal / total),
        "lift_high": _ratio(topic_high, marginal / total),
    }  # fmt: skip
    keys = pd.MultiIndex.from_product([rows, columns], names=["topic", "cause"])
    table = pd.DataFrame({k: v.ravel() for k, v in frame.items()}, index=keys).reset_index()
    return table.astype({"n": "int64", "topic": "str", "cause": "str"})


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Missing where there is nothing to be part of."""
    whole = np.broadcast_to(whole, part.shape)
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def _intervals(
    share: np.ndarray, effective: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    number = np.broadcast_to(effective, share.shape)
    ends = [
        wilson(s, n, level=level) if n > 0 else (np.nan, np.nan)
        for s, n in zip(share.ravel(), number.ravel(), strict=True)
    ]
    low, high = np.array(ends).T
    return low.reshape(share.shape), high.reshape(share.shape)


def _matches(table: pd.DataFrame, effective: np.ndarray, level: float) -> pd.DataFrame:
    """The leading cause of each topic, and how far it leads."""
    named = table[table["cause"] != RESIDUAL].sort_values("n", ascending=False, kind="stable")
    by = named.groupby("topic", sort=False)
    order = table["topic"].drop_duplicates().tolist()
    best = by.nth(0).set_index("topic").loc[order]
    first = best["of_topic"]
    second = by.nth(1).set_index("topic")["of_topic"].reindex(order, fill_value=0.0)
    lead = first - second
    error = np.sqrt((first + second - lead**2) / np.maximum(effective, 1))
    reach = stats.norm.ppf((1 + level) / 2) * error
    best = best.assign(
        lead=lead, lead_low=(lead - reach).clip(lower=-1.0), lead_high=(lead + reach).clip(upper=1)
    )
    columns = ["cause", "label_zh", "label_en", "of_topic", "of_topic_low", "of_topic_high",
               "of_cause", "lift", "lead", "lead_low", "lead_high"]  # fmt: skip
    best = best[columns]
    none = (best["of_topic"].fillna(0) == 0).to_numpy()
    best.loc[none, ["cause", "label_zh", "label_en"]] = pd.NA
    best.loc[none, columns[3:]] = np.nan
    return best.reset_index()


def _candidates(
    table: pd.DataFrame, topics: Topics, topic: pd.Series, text: pd.Series
) -> pd.DataFrame:
    named = table[table["cause"] != RESIDUAL].groupby("topic")["of_topic"].max()
    without = table[table["cause"] == RESIDUAL].set_index("topic")
    sizes = topic.value_counts()
    texts = text.groupby(topic).nunique()
    quality = topics.quality.set_index("topic")
    words = topics.words.groupby("topic")["word"]
    uncovered = (without["of_topic"] > named) & (without["lift_low"] > 1)
    enough = texts.reindex(without.index, fill_value=0) >= FEWEST
    kept = without.index[uncovered & enough].tolist()
    shown = without.loc[kept]
    return pd.DataFrame(
        {
            "topic": pd.Series(kept, dtype="str"),
            "words_zh": words.agg("、".join).reindex(kept).to_numpy(),
            "words_en": words.agg(", ".join).reindex(kept).to_numpy(),
            "n": sizes.reindex(kept).to_numpy(dtype="int64"),
            "without_cause": shown["of_topic"].to_numpy(),
            "low": shown["of_topic_low"].to_numpy(),
            "high": shown["of_topic_high"].to_numpy(),
            "stability": quality["stability"].reindex(kept).to_numpy(),
        }
    ).astype({"words_zh": "str", "words_en": "str"})


def _examples(candidates: list[str], topics: Topics, cause: pd.Series) -> pd.DataFrame:
    without = cause.index[cause == RESIDUAL]
    columns = ["topic", "rank", "complaint_id", "probability", "text"]
    parts = []
    for name in candidates:
        found = topics.read(name, EXAMPLES, among=without)
        parts.append(found.assign(topic=name, rank=np.arange(1, len(found) + 1))[columns])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
