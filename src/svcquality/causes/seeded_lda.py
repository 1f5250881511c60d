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
FLAT = 0.1
"""Part of the prior over causes that is equal for all, beside that by frequency."""
SPREAD = 0.1
"""Random part of the starting topics, beside the prior."""
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


def fit_seeded(
    words: sparse.csr_matrix,
    seeds: sparse.csr_matrix,
    *,
    seed: int,
    vocabulary: list[str],
    causes: list[str],
    residual_topics: int = 4,
    alpha: np.ndarray,
    residual_alpha: float = 1.2,
    passes: int = 4,
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
    alpha : ndarray of shape (causes,)
        Dirichlet prior of each document over the causes, see `prior_of_causes`.
    residual_alpha : float
        Sum of the same over the residual topics.
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
    k, size = len(causes), words.shape[1]
    counts = sparse.hstack([words, seeds * SEED_STRENGTH], format="csr")
    eta = np.full((k + residual_topics, size + k), WORD_PRIOR)
    eta[:, size:] = AWAY
    eta[np.arange(k), size + np.arange(k)] = 1.0
    # The words that stand beside a cause's seeds say what it speaks of, those of texts without any
    # seed what the residual does. Without this anchor a cause with few seeds drifts off to
    # whatever the corpus has most of.
    total = np.asarray(seeds.sum(axis=1)).ravel()
    split = sparse.diags_array(1 / np.where(total > 0, total, 1)) @ seeds
    eta[:k, :size] += (split.T @ words).toarray()
    eta[k:, :size] += words[total == 0].sum(axis=0) / residual_topics
    prior = np.append(alpha, np.full(residual_topics, residual_alpha / residual_topics))
    names = [*vocabulary, *(f"«{cause}»" for cause in causes)]
    model, gamma = fit_lda(
        counts, eta, seed=seed, alpha=prior, passes=passes, spread=SPREAD, words=names
    )
    return SeededFit(
        model,
        np.column_stack([gamma[:, :k], gamma[:, k:].sum(axis=1)]),
        np.append(alpha, residual_alpha),
    )
