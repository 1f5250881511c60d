"""A topic model whose topics are the causes of a codebook.

Every seed span enters beside the words as a pseudo-word of its cause ("«Q1»"), so that seeds of
several characters, found in the raw text, inform the model although a segmenter cuts them up. The
matrix prior ties each pseudo-word to its topic; a few residual topics take what belongs to none.
What decides such a model is where it starts: see `svcquality.causes.propagate`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from svcquality.causes.lda import CompiledLda, fit_lda
from svcquality.causes.propagate import background, propagate

WORD_PRIOR = 0.01
SEED_STRENGTH = 2.0
"""Words that one clear seed counts for."""
AWAY = 1e-4
"""Prior of a pseudo-word in a topic that is not its own."""
SPREAD = 1e-3
"""Random part of the starting topics, beside the prior."""
SPREAD_FROM = 100_000
"""Texts from which seeds spread; of more, a random part: the topics do not gain from the rest."""
RESIDUAL_ALPHA = 1.2
"""Dirichlet prior of each document over the residual topics together."""
LABEL = 8.0
"""Log odds that a person's code speaks for its cause."""


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


def fit_seeded(
    words: sparse.csr_matrix,
    seeds: sparse.csr_matrix,
    *,
    seed: int,
    vocabulary: list[str],
    causes: list[str],
    alpha: np.ndarray,
    labels: np.ndarray | None = None,
    residual_topics: int = 2,
    residual_alpha: float = RESIDUAL_ALPHA,
    passes: int = 1,
    resample: bool = True,
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
    alpha : ndarray of shape (causes,)
        Dirichlet prior of each document over the causes, see `corpus.prior_of_causes`.
    labels : ndarray of int of shape (documents,), optional
        The cause that a person gave, -1 where nobody did: what makes it a supervised coder.
    residual_topics : int
        Topics beside the causes.
    residual_alpha : float
        Sum of the prior over the residual topics.
    passes : int
        E- and M-steps after the seeds have spread.
    resample : bool
        Whether the texts from which the seeds spread are a Bayesian bootstrap of all: what makes
        one start differ from another.

    Returns
    -------
    SeededFit

    Notes
    -----
    Seeds as an asymmetric prior on the topics: Jagarlamudi, Daumé & Udupa (2012); residual topics
    beside seeded ones: Eshima, Imai & Sasaki (2024); Bayesian bootstrap: Rubin (1981).
    """
    k, size = len(causes), words.shape[1]
    rng = np.random.default_rng(seed)
    documents = words.shape[0]
    chosen = np.arange(documents)
    if documents > SPREAD_FROM:
        chosen = np.sort(rng.choice(documents, SPREAD_FROM, replace=False))
    weights = rng.standard_gamma(1.0, len(chosen)) if resample else np.ones(len(chosen))
    evidence = seeds[chosen].toarray()
    if labels is not None:
        known = np.flatnonzero(labels[chosen] >= 0)
        evidence[known] = 0.0
        evidence[known, labels[chosen][known]] = LABEL
    counts = propagate(words[chosen], evidence, weights=weights).counts
    common = background(words)
    eta = np.full((k + residual_topics, size + k), WORD_PRIOR)
    eta[:, size:] = AWAY
    eta[np.arange(k), size + np.arange(k)] = 1.0
    eta[:k, :size] += counts[:k] + common
    # One residual topic says what texts without a cause do, the others what the whole corpus does.
    eta[k:, :size] += max(counts.sum(), 1.0) / residual_topics * common / max(common.sum(), 1e-12)
    eta[k, :size] = WORD_PRIOR + counts[k] + common
    prior = np.append(alpha, np.full(residual_topics, residual_alpha / residual_topics))
    names = [*vocabulary, *(f"«{cause}»" for cause in causes)]
    model, gamma = fit_lda(
        sparse.hstack([words, seeds * SEED_STRENGTH], format="csr"),
        eta, seed=seed, alpha=prior, passes=passes, spread=SPREAD, words=names,
    )  # fmt: skip
    return SeededFit(
        model,
        np.column_stack([gamma[:, :k], gamma[:, k:].sum(axis=1)]),
        np.append(alpha, residual_alpha),
    )
