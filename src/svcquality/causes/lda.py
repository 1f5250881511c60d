"""gensim's LDA with a compiled E-step, and a matrix prior that acts from the first step.

The variational updates are those of Hoffman, Blei & Bach (2010), as in gensim's `LdaModel`; only
the loop over documents is compiled. It stays a gensim model in everything else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
from gensim.matutils import corpus2csc, dirichlet_expectation
from gensim.models import LdaModel
from gensim.models.ldamodel import LdaState
from scipy import sparse


class CompiledLda(LdaModel):
    """An `LdaModel` whose documents may be rows of a sparse matrix of (weighted) counts."""

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
        gamma = gamma.astype(self.dtype, copy=False)
        theta, ratios = _infer(
            counts.indptr,
            counts.indices,
            counts.data.astype(self.dtype, copy=False),
            np.ascontiguousarray(self.expElogbeta.T),
            np.asarray(self.alpha, dtype=self.dtype),
            gamma,
            np.exp(dirichlet_expectation(gamma)),
            self.iterations,
            self.gamma_threshold,
        )
        if not collect_sstats:
            return gamma, None
        weights = sparse.csr_matrix((ratios, counts.indices, counts.indptr), shape=counts.shape)
        return gamma, (weights.T @ theta).T * self.expElogbeta


def fit_lda(
    counts: sparse.csr_matrix,
    eta: np.ndarray,
    *,
    seed: int,
    alpha: float | np.ndarray = 0.1,
    passes: int = 20,
    spread: float = 1.0,
    words: Sequence[str] | None = None,
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

    Returns
    -------
    model : CompiledLda
    gamma : ndarray of shape (documents, topics)
        Dirichlet parameters of each document's posterior under the fitted model.
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
    # The constructor builds its topics from random statistics alone; syncing lets eta in.
    model.state.sstats *= spread
    model.sync_state()
    model.state.numdocs = counts.shape[0]  # what gensim scales the statistics of a step to
    for _ in range(passes):
        fresh = LdaState(model.eta, model.state.sstats.shape, dtype=np.float64)
        model.do_estep(counts, fresh)
        model.do_mstep(1.0, fresh)
    gamma, _ = model.inference(counts)
    return model, gamma


@numba.njit(cache=True, nogil=True)
def _digamma(x):  # pragma: no cover - compiled
    """Recurrence up to 6, then the asymptotic series (Abramowitz & Stegun 6.3.5 and 6.3.18)."""
    shift = 0.0
    while x < 6.0:
        shift -= 1.0 / x
        x += 1.0
    f = 1.0 / (x * x)
    series = f * (1 / 12 - f * (1 / 120 - f * (1 / 252 - f * (1 / 240 - f / 132))))
    return shift + np.log(x) - 0.5 / x - series


@numba.njit(cache=True, nogil=True)
def _infer(
    indptr, indices, data, beta, alpha, gamma, theta, iterations, threshold
):  # pragma: no cover
    """Fixed point of every document; ``gamma`` and ``theta`` (exp E log θ) change in place."""
    documents, topics = gamma.shape
    ratios = np.zeros_like(data)
    tiny = np.finfo(np.float64).eps
    for d in range(documents):
        start, stop = indptr[d], indptr[d + 1]
        for _ in range(iterations):
            new = alpha.copy()
            for j in range(start, stop):
                row = beta[indices[j]]
                norm = tiny
                for k in range(topics):
                    norm += theta[d, k] * row[k]
                share = data[j] / norm
                for k in range(topics):
                    new[k] += theta[d, k] * share * row[k]
            total = 0.0
            change = 0.0
            for k in range(topics):
                change += abs(new[k] - gamma[d, k])
                gamma[d, k] = new[k]
                total += new[k]
            total = _digamma(total)
            for k in range(topics):
                theta[d, k] = np.exp(_digamma(new[k]) - total)
            if change / topics < threshold:
                break
        for j in range(start, stop):
            row = beta[indices[j]]
            norm = tiny
            for k in range(topics):
                norm += theta[d, k] * row[k]
            ratios[j] = data[j] / norm
    return theta, ratios
