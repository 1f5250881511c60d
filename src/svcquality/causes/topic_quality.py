"""How good topics are: coherent, exclusive, predictive of words held out, the same from any start."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from svcquality.causes.topic_labels import frex

TOP = 10
"""Words by which a topic is judged."""


def top_words(topic_word: np.ndarray, n: int = TOP) -> np.ndarray:
    """Columns of the most probable words of each topic, int array of shape (topics, n)."""
    return np.argsort(-topic_word, axis=1, kind="stable")[:, :n]


def npmi(counts: sparse.csr_matrix, top: np.ndarray) -> np.ndarray:
    """Mean normalised pointwise mutual information of the word pairs of each topic (c_npmi).

    Words count as together when they stand in one text: complaints are short, and what stands in
    one of them belongs together.

    Parameters
    ----------
    counts : csr_matrix of shape (documents, words)
    top : ndarray of int of shape (topics, words a topic)

    Returns
    -------
    ndarray of shape (topics,)
        From -1 (never together) to 1 (only together).

    Notes
    -----
    Bouma (2009); Aletras & Stevenson (2013). Words that never meet get -1, the limit; gensim's
    ``c_npmi`` adds a small constant there, which makes them look a little less far apart.
    """
    words, place = np.unique(top, return_inverse=True)
    present = (counts[:, words] > 0).astype(float)
    together = (present.T @ present).toarray() / counts.shape[0]
    alone = np.diag(together)
    seen = together > 0
    joint = np.log(together, where=seen, out=np.zeros_like(together))
    apart = np.log(np.outer(alone, alone), where=seen, out=np.zeros_like(together))
    # Words that stand in every text together say nothing: 0 / 0, which is to be 0.
    value = np.where(seen, (joint - apart) / np.maximum(-joint, 1e-12), -1.0)
    place = place.reshape(top.shape)
    row, column = np.triu_indices(top.shape[1], 1)
    return value[place[:, row], place[:, column]].mean(axis=1)


def exclusivity(topic_word: np.ndarray, n: int = TOP, *, weight: float = 0.7) -> np.ndarray:
    """Mean FREX of each topic's most probable words, shape (topics,), from 0 to 1.

    Roberts et al. (2014); R stm reports the sum over ten words with the same weight.
    """
    best = top_words(topic_word, n)
    return np.take_along_axis(frex(topic_word, weight=weight), best, axis=1).mean(axis=1)


def hold_out(
    counts: sparse.csr_matrix, seed: int, *, share: float = 0.1
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Hide half of the words of some documents.

    Parameters
    ----------
    counts : csr_matrix of int of shape (documents, words)
    seed : int
    share : float
        Of the documents with at least two words.

    Returns
    -------
    seen, hidden : csr_matrix
        They add up to ``counts``; each hidden document keeps about half of its words.
    """
    rng = np.random.default_rng(seed)
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    able = np.flatnonzero(lengths >= 2)
    chosen = np.zeros(counts.shape[0], dtype=bool)
    chosen[rng.choice(able, int(np.ceil(share * len(able))), replace=False)] = True
    of = np.repeat(chosen, np.diff(counts.indptr))
    whole = counts.data.astype(np.int64)
    hidden = np.where(of, rng.binomial(whole, 0.5), 0)
    return tuple(  # type: ignore[return-value]
        _without_zeros(counts, data) for data in (whole - hidden, hidden)
    )


def _without_zeros(like: sparse.csr_matrix, data: np.ndarray) -> sparse.csr_matrix:
    made = sparse.csr_matrix(
        (data.astype(float), like.indices.copy(), like.indptr.copy()), shape=like.shape
    )
    made.eliminate_zeros()
    return made


def document_completion(
    hidden: sparse.csr_matrix, theta: np.ndarray, topic_word: np.ndarray
) -> float:
    """Mean log probability of a hidden word, given the topics of the seen rest of its document.

    Parameters
    ----------
    hidden : csr_matrix of shape (documents, words)
    theta : ndarray of shape (documents, topics)
        Topics of each document as inferred from its seen words.
    topic_word : ndarray of shape (topics, words)

    Returns
    -------
    float
        Natural logarithm a word; missing where nothing is hidden.

    Notes
    -----
    Wallach et al. (2009), section 5.1 ("document completion").
    """
    where = hidden.tocoo()
    if where.data.sum() == 0:
        return float("nan")
    chance = np.einsum("ij,ij->i", theta[where.row], topic_word.T[where.col])
    return float((where.data * np.log(np.maximum(chance, 1e-300))).sum() / where.data.sum())


def cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosines between the topics of two models, shape (topics, topics)."""
    one, two = (t / np.linalg.norm(t, axis=1, keepdims=True) for t in (first, second))
    return one @ two.T


def matched(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """For each topic of the first model its partner in the second, one to one, by cosine."""
    return linear_sum_assignment(-cosines(first, second))[1]


def overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Share of common words (Jaccard) of pairs of topics.

    Parameters
    ----------
    first, second : ndarray of int of shape (topics, n)
        Top words; row by row, none twice in a row.

    Returns
    -------
    ndarray of shape (topics,)
    """
    common = (first[:, :, None] == second[:, None, :]).sum(axis=(1, 2))
    return common / (first.shape[1] + second.shape[1] - common)
