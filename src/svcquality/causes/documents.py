"""Complaint texts made ready for a topic model: normalised, cut, counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from svcquality.errors import InputError
from svcquality.text.normalise import is_chinese, normalise
from svcquality.text.segment import content_words, segment

MOST_COMMON = 0.5
"""A word in more than this share of the texts tells nothing apart."""


@dataclass(frozen=True, eq=False)
class Documents:
    """Texts as a topic model takes them.

    Parameters
    ----------
    table : DataFrame
        Index ``complaint_id``; ``text`` (masked, normalised), ``language`` (zh, en), ``tokens``
        (number of tokens), ``duplicate_of`` (id of the first complaint with the same words, or
        missing).
    words : Series of list of str
        Content words by complaint.
    repairs : DataFrame
        What normalising took.
    """

    table: pd.DataFrame
    words: pd.Series
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
            "language": np.where(is_chinese(text), "zh", "en"),
            "tokens": tokens.map(len).astype("int64"),
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


def count_words(words: pd.Series) -> tuple[sparse.csr_matrix, list[str]]:
    """Count words.

    Parameters
    ----------
    words : Series of list of str

    Returns
    -------
    counts : csr_matrix of shape (documents, vocabulary)
        Words in at least two texts (five, from a thousand texts on) and in at most half of them.
        A document may be left without words; it keeps its row.
    vocabulary : list of str
        Sorted.
    """
    lengths = words.map(len).to_numpy(dtype=np.int64)
    flat = pd.Series([word for row in words for word in row], dtype="object")
    codes, vocabulary = pd.factorize(flat, sort=True)
    rows = np.repeat(np.arange(len(words)), lengths)
    counts = sparse.coo_matrix(
        (np.ones(len(codes)), (rows, codes)), shape=(len(words), len(vocabulary))
    ).tocsr()
    in_texts = np.bincount(counts.indices, minlength=len(vocabulary))
    least = 5 if len(words) >= 1000 else 2
    kept = (in_texts >= least) & (in_texts <= max(least, MOST_COMMON * len(words)))
    return counts[:, np.flatnonzero(kept)], [str(word) for word in vocabulary[kept]]
