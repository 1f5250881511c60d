"""From seeds to the words that stand beside them: where a seeded topic model should start.

Seeds are in a part of the texts only, and in some of the wrong ones. Read as labels they teach a
model their own mistakes. Here every text asks the *other* texts: a mixture of unigrams, one cause
a text, in which a text's own words are taken out of the counts that judge it (leave-one-out), so
that a label which nothing else bears out fades, and texts without a seed are read by the company
that their words keep elsewhere. Tempering lets broad agreement settle before fine words decide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from scipy import sparse

SCHEDULE = ((0.07, 5), (0.1, 10), (0.15, 10), (0.2, 10), (0.3, 10), (0.5, 10))
"""Temperatures (powers of the likelihood) and steps at each."""
BACKGROUND = 10.0
"""Texts' worth of words that the corpus as a whole adds to what each cause was seen to say."""
RARE = 2.0
"""Texts added to each cause's number, so that a rare one is not lost."""
NOTHING = 0.3
"""Belief that a text without a seed is about no cause, before any other text was asked."""
FOLLOWERS = 1.0
"""Most that texts without a cause's seed weigh in its words, against those with one."""
LONG = 8
"""Words of a text beyond which its further words count less: they repeat its subject."""


@dataclass(frozen=True, eq=False)
class Propagated:
    """What the seeds spread to.

    Parameters
    ----------
    posterior : ndarray of shape (documents, causes + 1)
        Probability that each cause, last none, is what the text is about.
    counts : ndarray of shape (causes + 1, words)
        Words of the texts, divided over the causes and none.
    """

    posterior: np.ndarray
    counts: np.ndarray


def propagate(
    words: sparse.csr_matrix, evidence: np.ndarray, *, weights: np.ndarray | None = None
) -> Propagated:
    """Spread the evidence of seeds over texts that share words.

    Parameters
    ----------
    words : csr_matrix of shape (documents, words)
        Counts.
    evidence : ndarray of shape (documents, causes)
        Weighted seeds: the log odds that they speak for each cause.
    weights : ndarray of shape (documents,), optional
        How often each text counts; a Bayesian bootstrap (Rubin 1981) gives another start.

    Returns
    -------
    Propagated

    Notes
    -----
    Labelled and unlabelled texts in one mixture: Nigam, McCallum, Thrun & Mitchell (2000).
    Leave-one-out counts, as a collapsed update has them: Asuncion, Welling, Smyth & Teh (2009).
    Tempering: Ueda & Nakano (1998). Words of a cause are smoothed towards the whole corpus
    (Zhai & Lafferty 2004).
    """
    words = words.tocsr().astype(np.float64)
    documents, causes = evidence.shape
    weight = np.ones(documents) if weights is None else np.asarray(weights, dtype=np.float64)
    length = np.asarray(words.sum(axis=1)).ravel()
    less = np.sqrt(LONG / np.maximum(length, LONG))
    # None is a class like the others: texts without a seed begin there, and it learns their words.
    evidence = np.column_stack([evidence, np.zeros(documents)])
    seeds = evidence.sum(axis=1)
    posterior = evidence / np.maximum(seeds, 1e-9)[:, None]
    posterior[seeds == 0, causes] = 1.0
    belief = weight * np.where(seeds > 0, np.minimum(seeds, 1.0), NOTHING)
    said = np.minimum(evidence, 1.0)
    prior = background(words)
    likelihood = np.empty((documents, causes + 1))
    for temperature, steps in SCHEDULE:
        for _ in range(steps):
            share = _restrained(posterior * belief[:, None], said)
            counts = np.asarray(words.T @ share)
            _leave_one_out(
                words.indptr, words.indices, words.data, counts, np.log(counts + prior[:, None]),
                counts.sum(axis=0), prior, share, likelihood,
            )  # fmt: skip
            score = likelihood * (temperature * less)[:, None] + evidence
            score += np.log(np.maximum(share.sum(axis=0) - share, 0.0) + RARE)
            np.exp(score - score.max(axis=1, keepdims=True), out=posterior)
            posterior /= posterior.sum(axis=1, keepdims=True)
            belief = weight
    share = _restrained(posterior * weight[:, None], said)
    return Propagated(posterior, np.asarray(words.T @ share).T)


def background(words: sparse.csr_matrix) -> np.ndarray:
    """Words that the corpus adds to every cause: `BACKGROUND` texts of mean length and mix.

    Of few texts it adds a tenth of them, or the little they say would drown.

    Returns
    -------
    ndarray of shape (words,)
    """
    corpus = np.asarray(words.sum(axis=0)).ravel() + 0.5
    return min(BACKGROUND, words.shape[0] / 10) * corpus / words.shape[0]


def _restrained(share: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Let texts without a cause's seed weigh at most `FOLLOWERS` times those that have one.

    Else a cause of few seeds can drift off to whatever the corpus has most of (praise, say).
    """
    named = share[:, :-1] * said[:, :-1]
    followers = share[:, :-1] - named
    most = FOLLOWERS * named.sum(axis=0)
    kept = np.minimum(1.0, most / np.maximum(followers.sum(axis=0), 1e-9))
    return np.column_stack([named + followers * kept, share[:, -1]])


@numba.njit(cache=True, nogil=True, parallel=True)
def _leave_one_out(
    indptr, indices, data, counts, log_words, totals, prior, share, out
):  # pragma: no cover - compiled
    """Log likelihood of every text under every cause, its own words taken out of the counts."""
    documents, causes = out.shape
    mass = max(prior.sum(), 1e-12)
    log_totals = np.log(totals + mass)
    for d in numba.prange(documents):
        start, stop = indptr[d], indptr[d + 1]
        length = 0.0
        for j in range(start, stop):
            length += data[j]
        for k in range(causes):
            own, total = share[d, k], 0.0
            if own > 1e-6:
                for j in range(start, stop):
                    w, x = indices[j], data[j]
                    total += x * np.log(max(counts[w, k] - own * x, 0.0) + prior[w])
                total -= length * np.log(max(totals[k] - own * length, 0.0) + mass)
            else:
                for j in range(start, stop):
                    total += data[j] * log_words[indices[j], k]
                total -= length * log_totals[k]
            out[d, k] = total
