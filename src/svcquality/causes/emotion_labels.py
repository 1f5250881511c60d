"""Hand-coded emotions as a user writes them."""

from __future__ import annotations

import pandas as pd

from svcquality.errors import InputError
from svcquality.text.emotion_lexicon import EMOTIONS

NO_EMOTION = ("", "none", "无", "无情绪", "中性", "neutral")
"""What a coder writes where a text shows none of the emotions."""


def read_labels(labels: pd.Series) -> pd.DataFrame:
    """Labels as a column of flags an emotion.

    Raises
    ------
    InputError
        If a label is no emotion.
    """
    known = {e: e for e in EMOTIONS} | {t.zh: e for e, t in EMOTIONS.items()}
    parts = labels.astype("str").str.lower().str.split(r"\s*[;,|、；，]\s*", regex=True).explode()
    parts = parts.str.strip()
    unknown = parts[~parts.isin([*known, *NO_EMOTION])]
    if len(unknown):
        raise InputError(
            f"{unknown.iloc[0]!r} is no emotion; use {', '.join(EMOTIONS)} or none.",
            f"“{unknown.iloc[0]}”不是可用的情绪标签；请使用 {'、'.join(t.zh for t in EMOTIONS.values())} 或 无。",
        )
    found = parts.map(known)
    return pd.DataFrame(
        {e: (found == e).fillna(False).groupby(level=0).any().astype(bool) for e in EMOTIONS}
    ).reindex(labels.index)


def coded_rows(sample: pd.DataFrame) -> pd.DataFrame:
    """The rows of a sample that have a text and a label.

    Raises
    ------
    InputError
        If a column is missing or the index repeats.
    """
    missing = [c for c in ("text", "label") if c not in sample]
    if missing:
        raise InputError(
            f"The labelled sample lacks the column {missing[0]!r}; it needs 'text' and 'label'.",
            f"标注样本缺少列“{missing[0]}”；需要 text 和 label 两列。",
        )
    if sample.index.has_duplicates:
        raise InputError(
            "Two labelled texts have the same label in the index; give every text its own.",
            "有两条标注文本的编号相同；请为每条文本使用唯一编号。",
        )
    coded = sample[sample["label"].notna() & sample["text"].notna()]
    return coded[coded["text"].astype("str").str.strip() != ""]
