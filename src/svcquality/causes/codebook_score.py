"""The codebook score: what the seeds found in a text say for each cause, without any model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from svcquality.text.codebook import RESIDUAL, Codebook

REPEATS = 2
"""The same seed in one text counts at most so often: whoever shouts does not have more causes."""
SECOND_ORDER = 0.4
"""What a seed of handling weighs in a text that names what it was first about."""
ENOUGH = 1.0
"""Score from which a text is placed: one clear seed, or three hints."""


def score_codebook(
    spans: pd.DataFrame, documents: pd.Index, codebook: Codebook
) -> sparse.csr_matrix:
    """Evidence for each cause in each text.

    Parameters
    ----------
    spans : DataFrame
        As `Codebook.find_spans` gives them. A denied seed says nothing, a stressed one counts by
        its intensity, and the same seed in one text counts `REPEATS` times at most.
    documents : Index
        Rows of the result, in this order; spans of other documents are passed over.
    codebook : Codebook

    Returns
    -------
    csr_matrix of shape (documents, causes)
        Sums of weight × intensity, in units of a clear seed, columns as ``codebook.ids``: evidence
        to add to the parameters of a Dirichlet prior. Causes of second-order families weigh
        `SECOND_ORDER` where a text names another.
    """
    asserted = spans[~spans["negated"].to_numpy()]
    row = documents.get_indexer(pd.Index(asserted["document"]))
    column = pd.Index(codebook.ids).get_indexer(pd.Index(asserted["cause"].astype("str")))
    seed, seeds = pd.factorize(asserted["seed"])
    value = asserted["weight"].to_numpy() * asserted["intensity"].to_numpy()
    shape = (len(documents), len(codebook.ids))
    kept = row >= 0
    same = (row.astype(np.int64) * shape[1] + column) * max(len(seeds), 1) + seed
    kept &= _earlier_equals(same) < REPEATS
    score = sparse.coo_matrix((value[kept], (row[kept], column[kept])), shape=shape).tocsr()
    return _first_things_first(score, codebook)


def placed(score: sparse.csr_matrix, codebook: Codebook, least: float = ENOUGH) -> np.ndarray:
    """The cause with most evidence in each text.

    Parameters
    ----------
    score : csr_matrix of shape (documents, causes)
        See `score_codebook`.
    codebook : Codebook
    least : float
        Score below which a text is about none of the causes.

    Returns
    -------
    ndarray of str, shape (documents,)
        Ids of causes, or ``residual``; of equal ones the first of the codebook.
    """
    if not score.shape[0]:
        return np.empty(0, dtype=object)
    most = score.max(axis=1).toarray().ravel()
    first = np.asarray(score.argmax(axis=1)).ravel()
    names = np.array([*codebook.ids, RESIDUAL], dtype=object)
    chosen: np.ndarray = names[np.where(most >= least, first, len(codebook.ids))]
    return chosen


def _earlier_equals(keys: np.ndarray) -> np.ndarray:
    """How many equal keys stand before each one."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    begins = np.r_[True, ordered[1:] != ordered[:-1]][: len(keys)]
    start = np.maximum.accumulate(np.where(begins, np.arange(len(keys)), 0))
    earlier = np.empty(len(keys), dtype=np.int64)
    earlier[order] = np.arange(len(keys)) - start
    return earlier


def _first_things_first(score: sparse.csr_matrix, codebook: Codebook) -> sparse.csr_matrix:
    late = np.isin(codebook.ids, codebook.second_order)
    names_another = np.asarray((score[:, ~late] > 0).sum(axis=1)).ravel() > 0
    entries = score.tocoo()
    less = late[entries.col] & names_another[entries.row]
    value = np.where(less, SECOND_ORDER * entries.data, entries.data)
    return sparse.coo_matrix((value, (entries.row, entries.col)), shape=score.shape).tocsr()
