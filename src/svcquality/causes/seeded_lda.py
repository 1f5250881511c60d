"""A topic model whose topics are the causes of a codebook.

Every seed span enters beside the words as a pseudo-word of its cause ("«Q1»"), so that seeds of
several characters, found in the raw text, inform the model although a segmenter cuts them up. The
matrix prior ties each pseudo-word to its topic; a few residual topics take what belongs to none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from svcquality.causes.lda import CompiledLda, fit_lda

WORD_PRIOR = 0.05
SEED_STRENGTH = 3.0
"""Words that one clear seed counts for."""
AWAY = 1e-4
"""Prior of a pseudo-word in a topic that is not its own."""
REPEATS = 2
"""The same seed in one text counts at most so often."""


@dataclass(frozen=True, eq=False)
class SeededFit:
    """One start.

    Parameters
    ----------
    model : CompiledLda
        The gensim model; its first topics are the causes.
    gamma : ndarray of shape (documents, causes + 1)
        Dirichlet parameters of each document's posterior; the last column sums the residual topics.
    alpha : ndarray of shape (causes + 1,)
        Prior of the same.
    """

    model: CompiledLda
    gamma: np.ndarray
    alpha: np.ndarray


def count_seeds(spans: pd.DataFrame, documents: pd.Index, causes: list[str]) -> sparse.csr_matrix:
    """Weighted seeds by document and cause, as a csr_matrix of shape (documents, causes).

    Parameters
    ----------
    spans : DataFrame
        As `Codebook.find_spans` gives them.
    documents : Index
        Rows, in this order.
    causes : list of str
        Columns, in this order.
    """
    per_seed = spans.groupby(["document", "cause", "seed"], sort=False)["weight"].agg(
        ["size", "first"]
    )
    value = per_seed["size"].clip(upper=REPEATS) * per_seed["first"]
    rows = documents.get_indexer(per_seed.index.get_level_values("document"))
    columns = pd.Index(causes).get_indexer(per_seed.index.get_level_values("cause"))
    shape = (len(documents), len(causes))
    return sparse.coo_matrix((value.to_numpy(dtype=float), (rows, columns)), shape=shape).tocsr()


def fit_seeded(
    words: sparse.csr_matrix,
    seeds: sparse.csr_matrix,
    *,
    seed: int,
    vocabulary: list[str],
    causes: list[str],
    residual_topics: int = 4,
    alpha: float = 0.1,
    passes: int = 12,
) -> SeededFit:
    """Fit the seeded model from one starting point.

    Parameters
    ----------
    words : csr_matrix of shape (documents, vocabulary)
        Counts of words.
    seeds : csr_matrix of shape (documents, causes)
        Weighted seeds.
    seed : int
    vocabulary, causes : list of str
        Names of the columns.
    residual_topics : int
        Topics beside the causes.
    alpha : float
        Dirichlet prior of each document, a topic.
    passes : int
        E- and M-steps.

    Returns
    -------
    SeededFit

    Notes
    -----
    Seeds as an asymmetric prior on the topics: Jagarlamudi, Daumé & Udupa (2012); residual topics
    beside seeded ones: Eshima, Imai & Sasaki (2024).
    """
    k = len(causes)
    counts = sparse.hstack([words, seeds * SEED_STRENGTH], format="csr")
    eta = np.full((k + residual_topics, counts.shape[1]), WORD_PRIOR)
    eta[:, words.shape[1] :] = AWAY
    eta[np.arange(k), words.shape[1] + np.arange(k)] = 1.0
    names = [*vocabulary, *(f"«{cause}»" for cause in causes)]
    model, gamma = fit_lda(counts, eta, seed=seed, alpha=alpha, passes=passes, words=names)
    return SeededFit(
        model,
        np.column_stack([gamma[:, :k], gamma[:, k:].sum(axis=1)]),
        np.append(np.full(k, alpha), alpha * residual_topics),
    )
