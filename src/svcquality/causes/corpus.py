"""Complaint texts and the seeds of a codebook in them, as the instruments take both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from svcquality.causes.documents import Documents, count_words, prepare
from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.text.codebook import Codebook

FLAT = 0.1
"""Part of the prior over causes that is equal for all, beside that by frequency."""
SECOND_ORDER = 0.4
"""What a seed of handling weighs in a text that names what it was first about."""
REPEATS = 2
"""The same seed in one text counts at most so often."""


@dataclass(frozen=True, eq=False)
class Part:
    """Distinct texts of one language.

    Words of two languages never stand beside each other: one model would make a topic of each.

    Parameters
    ----------
    language : str
    rows : ndarray of int
        Positions among the distinct texts.
    counts : csr_matrix of shape (texts, vocabulary)
    vocabulary : list of str
    """

    language: str
    rows: np.ndarray
    counts: sparse.csr_matrix
    vocabulary: list[str]


@dataclass(frozen=True, eq=False)
class Corpus:
    """Texts, seeds and word counts.

    Parameters
    ----------
    documents : Documents
        All texts.
    spans : DataFrame
        Seeds in them, see `Codebook.find_spans`.
    ids : Index
        Complaints whose texts are distinct, ordered by text: the order of the records decides
        nothing.
    of : ndarray of int of shape (documents,)
        Position in ``ids`` of the text that each complaint shares.
    seeds : csr_matrix of shape (distinct texts, causes)
        Weighted seeds.
    parts : tuple of Part
    """

    documents: Documents
    spans: pd.DataFrame
    ids: pd.Index
    of: np.ndarray
    seeds: sparse.csr_matrix
    parts: tuple[Part, ...]


def read_corpus(
    texts: pd.Series, book: Codebook, *, workers: int = 1, progress: Progress = QUIET
) -> Corpus:
    """Normalise and cut texts, find seeds and count words.

    Parameters
    ----------
    texts : Series of str
        Masked texts; the index is the complaint id.
    book : Codebook
    workers : int
        Processes; see `prepare`.
    progress : Progress

    Raises
    ------
    InputError
        If there is no text, or no seed occurs in any.
    """
    documents = prepare(texts, workers=workers, progress=progress)
    table = documents.table
    spans = progress.stage("find seeds", lambda: book.find_spans(table["text"]))
    if not (~spans["negated"]).any():
        raise InputError(
            f"No seed word of the codebook {book.name} occurs in any text; use a codebook for this "
            "kind of text, or the design 'topics', which needs none.",
            f"编码本 {book.name} 的种子词没有出现在任何文本中；请换用适合此类文本的编码本，"
            "或使用无需编码本的 topics 设计。",
        )
    distinct = np.flatnonzero(table["duplicate_of"].isna())
    distinct = distinct[table["text"].iloc[distinct].argsort(kind="stable").to_numpy()]
    ids = table.index[distinct]
    owner = table["duplicate_of"].where(table["duplicate_of"].notna(), table.index.to_series())
    language = table["language"].iloc[distinct].to_numpy()
    parts = []
    for name in sorted(set(language)):
        rows = np.flatnonzero(language == name)
        counts, vocabulary = count_words(documents.words[distinct[rows]])
        parts.append(Part(str(name), rows, counts, vocabulary))
    return Corpus(
        documents,
        spans.rename(columns={"document": "complaint_id"}),
        ids,
        ids.get_indexer(pd.Index(owner)),
        _first_things_first(count_seeds(spans, ids, book.ids), book),
        tuple(parts),
    )


def count_seeds(spans: pd.DataFrame, documents: pd.Index, causes: list[str]) -> sparse.csr_matrix:
    """Weighted seeds by document and cause, as a csr_matrix of shape (documents, causes).

    Parameters
    ----------
    spans : DataFrame
        As `Codebook.find_spans` gives them. What is denied does not count, what is stressed counts
        by its intensity.
    documents : Index
        Rows, in this order; spans of other documents are passed over.
    causes : list of str
        Columns, in this order.
    """
    asserted = spans[~spans["negated"].to_numpy()]
    rows = documents.get_indexer(pd.Index(asserted["document"]))
    columns = pd.Index(causes).get_indexer(pd.Index(asserted["cause"].astype("str")))
    frame = pd.DataFrame(
        {
            "row": rows,
            "column": columns,
            "seed": pd.factorize(asserted["seed"])[0],
            "value": asserted["weight"].to_numpy() * asserted["intensity"].to_numpy(),
        }
    )
    frame = frame[frame["row"] >= 0]
    seen = frame.groupby(["row", "column", "seed"]).cumcount()
    frame = frame[seen < REPEATS]
    shape = (len(documents), len(causes))
    return sparse.coo_matrix((frame["value"], (frame["row"], frame["column"])), shape=shape).tocsr()


def _first_things_first(seeds: sparse.csr_matrix, book: Codebook) -> sparse.csr_matrix:
    """Let seeds of second-order causes (handling) say less where a text names another cause."""
    late = np.isin(book.ids, book.second_order)
    named = np.asarray((seeds[:, ~late] > 0).sum(axis=1)).ravel() > 0
    entries = seeds.tocoo()
    less = late[entries.col] & named[entries.row]
    value = np.where(less, SECOND_ORDER * entries.data, entries.data)
    return sparse.coo_matrix((value, (entries.row, entries.col)), shape=seeds.shape).tocsr()


def prior_of_causes(seeds: sparse.csr_matrix, total: float = 2.0) -> np.ndarray:
    """Dirichlet prior over causes: by the share of texts in which their seeds occur.

    A cause whose seeds are rare must not take the texts that have none.

    Parameters
    ----------
    seeds : csr_matrix of shape (documents, causes)
    total : float
        Its sum.

    Returns
    -------
    ndarray of shape (causes,)
    """
    frequency = np.asarray((seeds > 0).sum(axis=0)).ravel()
    prior = frequency / frequency.sum() + FLAT / len(frequency)
    return total * prior / prior.sum()
