"""Posterior of a document's topic shares under a logistic-normal prior that covariates shift.

A document with covariates x has ``η ~ N(μ, Σ)`` with ``μ = xΓ``, shares ``θ = softmax(η, 0)`` (the
last topic is the reference) and words drawn from ``θ'β`` (Blei & Lafferty 2007, Annals of Applied
Statistics 1; Roberts, Stewart & Airoldi 2016, J. American Statistical Association 111). Topic
assignments are summed out, so what is left is a smooth function of η with K − 1 arguments: Newton
steps find its mode, the curvature there gives a normal approximation (Laplace).

Documents are independent given the parameters. They are walked in fixed blocks, so that sums do
not depend on how many threads share the work.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numba
import numpy as np
from scipy import sparse

from svcquality.estimators.blocks import row_blocks

BLOCK = 1024
"""Documents that are worked on at once: bounds memory, and fixes the order of sums."""
STEPS = 100
"""Newton steps at most."""
CONVERGED = 1e-12
"""Stop when a step gains less than this in twice the log posterior."""


@dataclass(frozen=True, eq=False)
class Parameters:
    """What all documents share.

    Parameters
    ----------
    beta : ndarray of shape (K, V)
        Words of each topic; rows sum to 1.
    gamma : ndarray of shape (p, K − 1)
        Coefficients of the covariates on the log odds of each topic against the last.
    sigma : ndarray of shape (K − 1, K − 1)
        Covariance of the log odds around ``xΓ``.
    """

    beta: np.ndarray
    gamma: np.ndarray
    sigma: np.ndarray


@dataclass(frozen=True, eq=False)
class Laplace:
    """Modes of the documents' posteriors, and sums over documents.

    Parameters
    ----------
    eta : ndarray of shape (D, K − 1)
        Modes.
    log_likelihood : ndarray of shape (D,)
        Laplace approximation of log p(words | covariates); the order of words does not count.
    covariance_sum : ndarray of shape (K − 1, K − 1)
        Posterior covariances summed over documents.
    word_sums : ndarray of shape (K, V) or None
        Expected counts of words by topic.
    unfinished : int
        Documents whose steps ran out, or whose curvature had to be replaced by its upper bound.
    """

    eta: np.ndarray
    log_likelihood: np.ndarray
    covariance_sum: np.ndarray
    word_sums: np.ndarray | None
    unfinished: int


def laplace(
    counts: sparse.csr_matrix,
    beta: np.ndarray,
    mu: np.ndarray,
    sigma: np.ndarray,
    *,
    start: np.ndarray | None = None,
    words: bool = False,
) -> Laplace:
    """Mode and curvature of every document's posterior.

    Parameters
    ----------
    counts : csr_matrix of shape (D, V)
        Counts of words; weights that are not whole numbers are allowed.
    beta : ndarray of shape (K, V)
        Words of each topic.
    mu : ndarray of shape (D, K − 1)
        Prior means.
    sigma : ndarray of shape (K − 1, K − 1)
        Prior covariance.
    start : ndarray of shape (D, K − 1), optional
        Where to start, by default at ``mu``.
    words : bool
        Sum expected counts of words by topic, too.

    Raises
    ------
    ValueError
        If shapes do not fit, or a word that occurs has probability 0 in every topic.

    Notes
    -----
    Where the curvature is not positive definite away from the mode, the step uses the curvature
    without the words' share, which bounds it from above; steps are halved until they gain.
    """
    task = _Task(counts, beta, mu, sigma)
    eta = np.array(mu if start is None else start, dtype=float)
    D, J = eta.shape
    bound = np.empty(D)
    ratios = np.empty(len(task.data) if words else 0)
    sums = [np.zeros((J, J)) for _ in task.blocks()]
    bad = np.zeros(len(sums), dtype=np.int64)

    def work(block: int, rows: slice) -> None:
        bad[block] = _modes(
            *task.words, task.mu, task.precision, rows.start, rows.stop, eta, bound, sums[block],
            ratios,
        )  # fmt: skip

    _in_threads(work, task.blocks())
    bound -= 0.5 * np.linalg.slogdet(sigma)[1]
    expected = None
    if words:
        weight = sparse.csr_matrix((ratios, task.indices, task.indptr), shape=counts.shape)
        expected = (weight.T @ softmax(eta)).T * beta
    return Laplace(eta, bound, np.sum(sums, axis=0), expected, int(bad.sum()))


def softmax(eta: np.ndarray) -> np.ndarray:
    """Shares of K topics from K − 1 log odds against the last, along the last axis."""
    full = np.concatenate([eta, np.zeros((*eta.shape[:-1], 1))], axis=-1)
    full = np.exp(full - full.max(axis=-1, keepdims=True))
    return full / full.sum(axis=-1, keepdims=True)


class _Task:
    """Arrays as the compiled loops want them, checked."""

    def __init__(
        self, counts: sparse.csr_matrix, beta: np.ndarray, mu: np.ndarray, sigma: np.ndarray
    ) -> None:
        K, V = beta.shape
        if counts.shape != (len(mu), V) or mu.shape[1:] != (K - 1,) or sigma.shape != (K - 1, K - 1):
            raise ValueError(
                f"counts {counts.shape}, beta {beta.shape}, mu {mu.shape} and sigma {sigma.shape} "
                "do not fit"
            )
        used = np.flatnonzero(np.bincount(counts.indices, minlength=V))
        if not (beta[:, used].sum(axis=0) > 0).all():
            raise ValueError("a word that occurs has probability 0 in every topic")
        self.indptr, self.indices = counts.indptr, counts.indices
        self.data = counts.data.astype(np.float64, copy=False)
        self.beta = np.ascontiguousarray(beta.T, dtype=np.float64)
        self.mu = np.ascontiguousarray(mu, dtype=np.float64)
        self.precision = np.linalg.inv(sigma)

    @property
    def words(self) -> tuple[np.ndarray, ...]:
        return self.indptr, self.indices, self.data, self.beta

    def blocks(self) -> Iterator[slice]:
        return row_blocks(len(self.mu), BLOCK)


def _in_threads(work: Callable[[int, slice], None], blocks: Iterator[slice]) -> None:
    """Call ``work(number, rows)`` for every block; the compiled loops let threads run at once."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(work, number, rows) for number, rows in enumerate(blocks)]:
            done.result()


@numba.njit(cache=True, nogil=True)
def _modes(
    indptr, indices, data, beta, mu, precision, first, last, eta, bound, covariance_sum, ratios
):  # pragma: no cover - compiled
    """Modes of documents ``first`` … ``last`` − 1, written into ``eta`` and the other arrays."""
    J = mu.shape[1]
    theta = np.empty(J + 1)
    H = np.empty((J, J))
    U = np.empty((J, J))
    gradient = np.empty(J)
    step = np.empty(J)
    trial = np.empty(J)
    inverse = np.empty((J, J))
    bad = 0
    for d in range(first, last):
        w, c = indices[indptr[d] : indptr[d + 1]], data[indptr[d] : indptr[d + 1]]
        here = eta[d]
        value = _value(w, c, beta, mu[d], precision, here, theta)
        finished = False
        for _ in range(STEPS):
            _derivatives(w, c, beta, mu[d], precision, here, theta, gradient, H, True)
            if not _cholesky(H, U):
                _derivatives(w, c, beta, mu[d], precision, here, theta, gradient, H, False)
                _cholesky(H, U)
            _solve(U, gradient, step)
            gain = 0.0
            for j in range(J):
                gain += gradient[j] * step[j]
            if gain < CONVERGED * max(1.0, abs(value)):
                finished = True
                break
            size = 1.0
            while True:
                for j in range(J):
                    trial[j] = here[j] + size * step[j]
                new = _value(w, c, beta, mu[d], precision, trial, theta)
                if new > value or size < 1e-6:
                    break
                size /= 2
            if not new > value:  # nothing to gain within the precision of floats
                _value(w, c, beta, mu[d], precision, here, theta)
                finished = True
                break
            value = new
            for j in range(J):
                here[j] = trial[j]
        _derivatives(w, c, beta, mu[d], precision, here, theta, gradient, H, True)
        if not _cholesky(H, U):
            _derivatives(w, c, beta, mu[d], precision, here, theta, gradient, H, False)
            _cholesky(H, U)
            finished = False
        bad += not finished
        bound[d] = value
        for j in range(J):
            bound[d] -= np.log(U[j, j])
        _invert(U, inverse)
        for i in range(J):
            for j in range(J):
                covariance_sum[i, j] += inverse[i, j]
        if len(ratios):
            for n in range(len(w)):
                total = 0.0
                for k in range(J + 1):
                    total += theta[k] * beta[w[n], k]
                ratios[indptr[d] + n] = c[n] / total
    return bad


@numba.njit(cache=True, nogil=True)
def _value(w, c, beta, mu, precision, eta, theta):  # pragma: no cover - compiled
    """log p(words | η) + log p(η) without constants; ``theta`` becomes softmax(η)."""
    J = len(eta)
    top = 0.0
    for j in range(J):
        top = max(top, eta[j])
    norm = np.exp(-top)
    theta[J] = norm
    for j in range(J):
        theta[j] = np.exp(eta[j] - top)
        norm += theta[j]
    for k in range(J + 1):
        theta[k] /= norm
    value = 0.0
    for n in range(len(w)):
        total = 0.0
        for k in range(J + 1):
            total += theta[k] * beta[w[n], k]
        value += c[n] * np.log(total)
    for i in range(J):
        pull = 0.0
        for j in range(J):
            pull += precision[i, j] * (eta[j] - mu[j])
        value -= 0.5 * pull * (eta[i] - mu[i])
    return value


@numba.njit(cache=True, nogil=True)
def _derivatives(
    w, c, beta, mu, precision, eta, theta, gradient, H, exact
):  # pragma: no cover - compiled
    """Gradient of the log posterior and minus its Hessian (upper triangle), or a bound of it."""
    J = len(eta)
    total = 0.0
    for n in range(len(w)):
        total += c[n]
    for i in range(J):
        pull = 0.0
        for j in range(J):
            pull += precision[i, j] * (eta[j] - mu[j])
        gradient[i] = -pull - total * theta[i]
        for j in range(i, J):
            H[i, j] = precision[i, j] - total * theta[i] * theta[j]
        H[i, i] += total * theta[i]
    phi = np.empty(J)
    for n in range(len(w)):
        norm = theta[J] * beta[w[n], J]
        for k in range(J):
            phi[k] = theta[k] * beta[w[n], k]
            norm += phi[k]
        for k in range(J):
            phi[k] /= norm
            gradient[k] += c[n] * phi[k]
        if exact:
            for i in range(J):
                weight = c[n] * phi[i]
                H[i, i] -= weight
                for j in range(i, J):
                    H[i, j] += weight * phi[j]


@numba.njit(cache=True, nogil=True)
def _cholesky(H, U):  # pragma: no cover - compiled
    """U with U'U = H from the upper triangle of H; False if H is not positive definite."""
    J = len(H)
    for i in range(J):
        for j in range(i, J):
            U[i, j] = H[i, j]
        for j in range(i):
            U[i, j] = 0.0
    for k in range(J):
        if not U[k, k] > 1e-10 * H[k, k]:
            return False
        root = np.sqrt(U[k, k])
        for j in range(k, J):
            U[k, j] /= root
        for i in range(k + 1, J):
            weight = U[k, i]
            for j in range(i, J):
                U[i, j] -= weight * U[k, j]
    return True


@numba.njit(cache=True, nogil=True)
def _solve(U, b, x):  # pragma: no cover - compiled
    """``x`` with U'U x = b."""
    J = len(b)
    for i in range(J):
        x[i] = b[i]
    for i in range(J):
        x[i] /= U[i, i]
        for j in range(i + 1, J):
            x[j] -= U[i, j] * x[i]
    _back(U, x)


@numba.njit(cache=True, nogil=True)
def _back(U, x):  # pragma: no cover - compiled
    """``x`` becomes the solution of U y = x."""
    for i in range(len(x) - 1, -1, -1):
        total = x[i]
        for j in range(i + 1, len(x)):
            total -= U[i, j] * x[j]
        x[i] = total / U[i, i]


@numba.njit(cache=True, nogil=True)
def _invert(U, inverse):  # pragma: no cover - compiled
    """Inverse of U'U."""
    J = len(U)
    unit = np.empty(J)
    column = np.empty(J)
    for j in range(J):
        for i in range(J):
            unit[i] = 1.0 if i == j else 0.0
        _solve(U, unit, column)
        for i in range(J):
            inverse[i, j] = column[i]
