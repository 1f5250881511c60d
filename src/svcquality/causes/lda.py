"""gensim's LDA with a compiled E-step, and a matrix prior that acts from the first step.

The variational updates are those of Hoffman, Blei & Bach (2010), as in gensim's `LdaModel`; only
the loop over documents is compiled. It stays a gensim model in everything else.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from gensim.matutils import corpus2csc
from gensim.models import LdaModel
from gensim.models.ldamodel import LdaState
from scipy import sparse

MOST_BLOCKS = 16
"""Parts of a corpus whose statistics are summed apart, which bounds the threads of use."""
BLOCK_ENTRIES = 20_000
"""A part has at least so many counts: a smaller one is not worth a thread."""


class CompiledLda(LdaModel):
    """An `LdaModel` whose documents may be rows of a sparse matrix of (weighted) counts."""

    workers = 1
    """Threads of the E-step; results do not depend on it."""

    def inference(self, chunk, collect_sstats=False):
        """Topic weights of documents; see `LdaModel.inference`.

        Parameters
        ----------
        chunk : scipy.sparse.csr_matrix of shape (documents, words), or list of (word, count) lists

        Returns
        -------
        gamma : ndarray of shape (documents, topics)
            Dirichlet parameters of each document's posterior.
        sstats : ndarray of shape (topics, words) or None
        """
        counts = chunk
        if not sparse.issparse(chunk):
            counts = corpus2csc(list(chunk), num_terms=self.num_terms, dtype=self.dtype).T.tocsr()
        gamma = self.random_state.gamma(100.0, 1.0 / 100.0, (counts.shape[0], self.num_topics))
        data = counts.data.astype(np.float64, copy=False)
        beta = np.ascontiguousarray(self.expElogbeta.T, dtype=np.float64)
        alpha = np.asarray(self.alpha, dtype=np.float64)

        def infer(block: tuple[int, int]) -> np.ndarray:
            sstats = np.zeros(beta.shape if collect_sstats else (0, len(alpha)))
            _infer(
                *block, counts.indptr, counts.indices, data, beta, alpha, gamma, sstats,
                self.iterations, self.gamma_threshold,
            )  # fmt: skip
            return sstats

        blocks = _blocks(counts.indptr)
        if min(self.workers, len(blocks)) > 1:
            with ThreadPoolExecutor(self.workers) as pool:
                parts = list(pool.map(infer, blocks))
        else:
            parts = [infer(block) for block in blocks]
        gamma = gamma.astype(self.dtype, copy=False)
        if not collect_sstats:
            return gamma, None
        # Always the same parts in the same order, so that threads cannot change a digit.
        return gamma, sum(parts[1:], parts[0]).T * self.expElogbeta


def fit_lda(
    counts: sparse.csr_matrix,
    eta: np.ndarray,
    *,
    seed: int,
    alpha: float | np.ndarray = 0.1,
    passes: int = 20,
    spread: float = 1.0,
    words: Sequence[str] | None = None,
    start: np.ndarray | None = None,
    workers: int | None = None,
) -> tuple[CompiledLda, np.ndarray]:
    """Fit LDA by batch variational Bayes.

    Parameters
    ----------
    counts : csr_matrix of shape (documents, words)
        Counts; weights that are not whole numbers are allowed.
    eta : ndarray of shape (topics, words)
        Dirichlet prior of each topic over the words.
    seed : int
        Decides the starting point.
    alpha : float or ndarray of shape (topics,)
        Dirichlet prior of each document over the topics.
    passes : int
        E- and M-steps.
    spread : float
        Scales the random part of the starting topics; below 1 the prior decides more of them.
    words : sequence of str, optional
        The vocabulary, for the labels of the gensim model.
    start : ndarray of shape (topics, words), optional
        Expected counts of each word in each topic to start from, instead of random ones.
    workers : int, optional
        Threads of the E-step, by default one a processor. They change no digit of the result.

    Returns
    -------
    model : CompiledLda
    gamma : ndarray of shape (documents, topics)
        Dirichlet parameters of each document's posterior under the fitted model.

    Notes
    -----
    Every pass starts its documents afresh. Starting them from the pass before would take a third
    of the time, but documents then stay with the topics they first fell to: on short complaints
    it ended at a far worse bound.
    """
    topics, size = eta.shape
    model = CompiledLda(
        None,
        num_topics=topics,
        id2word=dict(enumerate(words if words is not None else map(str, range(size)))),
        eta=np.asarray(eta, dtype=np.float64),
        alpha=np.broadcast_to(np.asarray(alpha, dtype=np.float64), (topics,)).copy(),
        random_state=np.random.RandomState(seed),  # the only kind gensim takes
        dtype=np.float64,
        eval_every=None,
        gamma_threshold=0.01,
        iterations=30,
    )
    model.workers = workers or processors()
    # The constructor builds its topics from random statistics alone; syncing lets eta in.
    model.state.sstats = model.state.sstats * spread if start is None else start.copy()
    model.sync_state()
    model.state.numdocs = counts.shape[0]  # what gensim scales the statistics of a step to
    for _ in range(passes):
        fresh = LdaState(model.eta, model.state.sstats.shape, dtype=np.float64)
        model.do_estep(counts, fresh)
        model.do_mstep(1.0, fresh)
    gamma, _ = model.inference(counts)
    return model, gamma


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _blocks(indptr: np.ndarray) -> list[tuple[int, int]]:
    """Runs of documents with about as many counts each; a property of the corpus alone."""
    parts = int(np.clip(indptr[-1] // BLOCK_ENTRIES, 1, MOST_BLOCKS))
    inner = np.searchsorted(indptr, np.linspace(0, indptr[-1], parts + 1)[1:-1])
    edges = np.concatenate([[0], inner, [len(indptr) - 1]])
    return [(int(a), int(b)) for a, b in itertools.pairwise(edges)]


_REASSOCIATE = {"reassoc", "contract", "nsz"}  # lets sums over topics run in vector registers


@numba.njit(cache=True, nogil=True)
def _digamma(x):  # pragma: no cover - compiled
    """Recurrence up to 6, then the asymptotic series (Abramowitz & Stegun 6.3.5 and 6.3.18)."""
    shift = 0.0
    while x < 6.0:
        shift -= 1.0 / x
        x += 1.0
    return shift + np.log(x) - 0.5 / x - _series(1.0 / (x * x))


@numba.njit(cache=True, nogil=True)
def _series(f):  # pragma: no cover - compiled
    """Tail of the asymptotic series of digamma, ``f`` being the inverse square of its argument."""
    return f * (1 / 12 - f * (1 / 120 - f * (1 / 252 - f * (1 / 240 - f / 132))))


@numba.njit(cache=True, nogil=True, fastmath=_REASSOCIATE)
def _exp_digamma(x, out):  # pragma: no cover - compiled
    """``exp(digamma(x))`` with no branch and no logarithm: always six steps of the recurrence.

    Their sum 1/x + … + 1/(x + 5) is one fraction, by pairing the first with the last term and so on.
    """
    for k in range(x.size):
        u = x[k] * (x[k] + 5.0)
        steps = (2.0 * x[k] + 5.0) * ((3.0 * u + 20.0) * u + 24.0) / (u * (u + 4.0) * (u + 6.0))
        inverse = 1.0 / (x[k] + 6.0)
        out[k] = -(steps + 0.5 * inverse + _series(inverse * inverse))
    for k in range(x.size):
        out[k] = np.exp(out[k]) * (x[k] + 6.0)


@numba.njit(cache=True, nogil=True, fastmath=_REASSOCIATE)
def _infer(
    first, last, indptr, indices, data, beta, alpha, gamma, sstats, iterations, threshold
):  # pragma: no cover - compiled
    """Fixed point of documents ``first`` to ``last``: ``gamma`` changes in place, ``sstats`` grows.

    ``sstats`` has shape (words, topics), or (0, topics) where none are wanted.
    """
    topics = alpha.size
    tiny = np.finfo(np.float64).eps
    longest = 1
    for d in range(first, last):
        longest = max(longest, indptr[d + 1] - indptr[d])
    rows = np.empty((longest, topics))  # this document's rows of beta, side by side
    theta, new, pull = np.empty(topics), np.empty(topics), np.empty(topics)
    for d in range(first, last):
        start, size = indptr[d], indptr[d + 1] - indptr[d]
        for j in range(size):
            rows[j] = beta[indices[start + j]]
        _exp_digamma(gamma[d], theta)
        theta /= np.exp(_digamma(gamma[d].sum()))
        for _ in range(iterations):
            pull[:] = 0.0
            for j in range(size):
                norm = tiny
                for k in range(topics):
                    norm += theta[k] * rows[j, k]
                ratio = data[start + j] / norm
                for k in range(topics):
                    pull[k] += ratio * rows[j, k]
            total = change = 0.0
            for k in range(topics):
                new[k] = alpha[k] + theta[k] * pull[k]
                change += abs(new[k] - gamma[d, k])
                total += new[k]
                gamma[d, k] = new[k]
            _exp_digamma(new, theta)
            scale = np.exp(-_digamma(total))
            for k in range(topics):
                theta[k] *= scale
            if change / topics < threshold:
                break
        if len(sstats):
            for j in range(size):
                norm = tiny
                for k in range(topics):
                    norm += theta[k] * rows[j, k]
                ratio = data[start + j] / norm
                for k in range(topics):
                    sstats[indices[start + j], k] += ratio * theta[k]
