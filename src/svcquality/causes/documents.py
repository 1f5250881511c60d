"""Complaint texts made ready for a topic model: normalised, cut, counted."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from svcquality.errors import InputError
from svcquality.text.code_points import CodePoints
from svcquality.text.languages import language_of
from svcquality.text.normalise import normalise
from svcquality.text.segment import content_words, segment
from svcquality.text.tokens import Tokens, count_words

__all__ = ["Documents", "count_words", "prepare"]


@dataclass(frozen=True, eq=False)
class Documents:
    """Texts as a topic model takes them.

    Parameters
    ----------
    table : DataFrame
        Index ``complaint_id``; ``text`` (masked, normalised), ``language`` (zh, en), ``tokens``
        (number of tokens), ``duplicate_of`` (id of the first complaint with the same words, or
        missing).
    words : Tokens
        Content words of each complaint, in the order of ``table``.
    repairs : DataFrame
        What normalising took.
    """

    table: pd.DataFrame
    words: Tokens
    repairs: pd.DataFrame


def prepare(texts: pd.Series) -> Documents:
    """Normalise and cut texts.

    Parameters
    ----------
    texts : Series of str
        Masked texts; the index is the complaint id. Missing and empty ones are left out.

    Raises
    ------
    InputError
        If there is no text, or an id occurs twice.
    """
    if texts.index.has_duplicates:
        raise InputError(
            "Two texts have the same complaint_id; give every complaint its own.",
            "有两条文本的 complaint_id 相同；请为每条投诉使用唯一编号。",
        )
    normal = normalise(texts)
    text = normal.text[normal.text.notna() & (normal.text != "")]
    if text.empty:
        raise InputError(
            "The complaints have no text; name the column that holds it as 'text' in the mapping.",
            "投诉记录没有文本；请在映射文件中把投诉内容所在的列对应为 text。",
        )
    text.index = text.index.rename("complaint_id")
    tokens = segment(text)
    table = pd.DataFrame(
        {
            "text": text,
            "language": language_of(CodePoints.of(text.tolist()), tokens).to_numpy(),
            "tokens": tokens.lengths,
            "duplicate_of": _first_of_equals(text),
        }
    )
    return Documents(table, content_words(tokens), normal.repairs)


def _first_of_equals(text: pd.Series) -> pd.Series:
    """Id of the first text with the same letters; digits, masks and punctuation do not count."""
    letters = text.str.replace(r"[\W\d_*]+", "", regex=True).str.lower()
    letters = letters.where(letters != "", text)
    ids = pd.Series(text.index, index=text.index)
    first = ids.groupby(letters).transform("first")
    return first.where(first != ids)
