"""Shares of emotions as rows of a finding's table: by the lexicon, or corrected by hand-coding."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.causes.emotion_coder import EmotionCoder
from svcquality.causes.emotion_labels import read_labels
from svcquality.causes.shares import FEWEST_CODED
from svcquality.estimators.design_based import design_based_mean
from svcquality.language import Text
from svcquality.text.emotion import EmotionScores
from svcquality.text.emotion_lexicon import EMOTIONS, SCORES

CODED, PROBABILITY = "coded_emotion", "emotion_probability"
FEWEST_IN_GROUP = 50
"""Complaints with a text that a group needs to be shown."""
REPORTED = [*EMOTIONS, "urgency", "insult"]


def from_lexicon(
    scores: EmotionScores,
    rows: pd.DataFrame,
    group: pd.Series | None,
    labels: dict[str, Text],
) -> pd.DataFrame:
    """Shares of texts that show a feeling by the lexicon, overall and by group.

    Parameters
    ----------
    scores : EmotionScores
    rows : DataFrame
        Complaints, same index; clustered by ``customer_id`` where customers complained twice.
    group : Series of str or None
    labels : dict of str to Text
        Words for the groups.
    """
    clusters = _clusters(rows)
    nobody = pd.Series(pd.NA, index=rows.index, dtype="str")
    parts = [scores.shares(clusters=clusters).assign(group=None)]
    shown = _shown(group)
    if group is not None and shown:
        inside = group.where(group.isin(shown))
        customers = (nobody if clusters is None else clusters).groupby(inside).nunique()
        parts.append(scores.shares(inside, clusters=clusters if customers.min() > 1 else None))
    found = pd.concat([p.astype({"group": "str"}) for p in parts], ignore_index=True)
    found = found[found["score"].isin(REPORTED)].rename(columns={"share": "estimate"})
    found["error_kind"] = np.where(
        found["clusters"].notna(), "linearised by customer_id", "binomial"
    )
    found = found[found["group"].isna() | found["estimate"].notna()]
    return _named(found, labels)


def from_coded(
    scores: EmotionScores,
    coder: EmotionCoder | None,
    coded: pd.DataFrame,
    probability: pd.Series,
    group: pd.Series | None,
    labels: dict[str, Text],
) -> pd.DataFrame:
    """Shares of hand-coded emotions: the instrument's, plus its mean mistake in the sample."""
    model = _predictions(scores, coder)
    wanted: list[tuple[str | None, pd.Series]] = [(None, pd.Series(True, index=coded.index))]
    if group is not None:
        wanted += [(name, (group == name).fillna(False)) for name in _shown(group)]
    rows = []
    for name, inside in wanted:
        if int(coded.loc[inside, "anger"].notna().sum()) < FEWEST_CODED:
            continue  # the check says how many groups are not shown
        for score in EMOTIONS:
            mean = design_based_mean(
                model.loc[inside, score].to_numpy(dtype=float),
                coded.loc[inside, score].to_numpy(dtype=float),
                probability[inside].to_numpy(dtype=float),
            )
            ends = (max(mean.low, 0.0), min(mean.high, 1.0))
            rows.append((name, score, min(max(mean.estimate, 0.0), 1.0), mean.error, *ends,
                         mean.n, float(scores.table.loc[inside, "covered"].mean())))  # fmt: skip
    columns = ["group", "score", "estimate", "error", "low", "high", "n", "coverage"]
    found = pd.DataFrame(rows, columns=columns).astype({"group": "str"})
    found["error_kind"] = "hand-coded sample, finite population"
    found["clusters"] = pd.Series(pd.NA, index=found.index, dtype="Int64")
    return _named(found, labels)


def coded_emotions(rows: pd.DataFrame) -> pd.DataFrame | None:
    """Hand-coded emotions as 0, 1 or missing; None without enough of them."""
    if CODED not in rows or int(rows[CODED].notna().sum()) < FEWEST_CODED:
        return None
    return read_labels(rows[CODED].dropna()).astype(float).reindex(rows.index)


def _shown(group: pd.Series | None) -> list[str]:
    """Groups that are large enough."""
    if group is None:
        return []
    count = group.value_counts()
    return sorted(str(name) for name in count.index[count >= FEWEST_IN_GROUP])


def _clusters(rows: pd.DataFrame) -> pd.Series | None:
    """Customers, where any of them complained twice."""
    customer = rows.get("customer_id")
    if customer is None or not customer.dropna().duplicated().any():
        return None
    return customer if customer.nunique() > 1 else None


def _predictions(scores: EmotionScores, coder: EmotionCoder | None) -> pd.DataFrame:
    """What the first choice says of each text; of the coded ones, what it said without them."""
    model = scores.signs[list(EMOTIONS)].astype(float)
    if coder is None:
        return model
    better = coder.choice.loc[coder.choice["first_choice"] == "coder", "emotion"].tolist()
    if better:
        learned = coder.probabilities(scores.texts)[better]
        learned.loc[coder.held_out.index] = coder.held_out[better]
        model[better] = learned
    return model


def _named(found: pd.DataFrame, labels: dict[str, Text]) -> pd.DataFrame:
    """Terms, words and the remaining columns of a finding's table."""
    group = found["group"]
    found = found.copy()
    found["term"] = found["score"].where(group.isna(), found["score"] + "[" + group + "]")
    for language, joint in (("zh", "："), ("en", ": ")):
        what = {score: text[language] for score, text in SCORES.items()}  # type: ignore[index]
        about = {name: joint + text[language] for name, text in labels.items()}  # type: ignore[index]
        found[f"label_{language}"] = [
            what[score] + about.get(name, "")
            for score, name in zip(found["score"], group, strict=True)
        ]
    return found.assign(p=np.nan, p_adjusted=np.nan, unit="share").astype({"n": "Int64"})


def drawn_with(rows: pd.DataFrame) -> pd.Series:
    """Probability of being drawn for coding."""
    equal = float(rows[CODED].notna().mean())
    given = rows.get(PROBABILITY, pd.Series(np.nan, index=rows.index))
    return pd.to_numeric(given).astype(float).fillna(equal)
