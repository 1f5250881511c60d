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

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from svcquality.estimators import logistic_normal_loops, logistic_normal_share_loops
from svcquality.estimators.blocks import row_blocks
from svcquality.estimators.logistic_normal_task import BLOCK, Task, in_threads

# The type checker cannot count starred arguments.
loops: Any = logistic_normal_loops
share_loops: Any = logistic_normal_share_loops

SLICES = 12
"""Slice steps of a draw. Without any, draws of the normal approximation miss mean shares by up to
.02; with six topics 8 steps leave nothing that shows, with thirty they leave .002."""
NUMBERS = 4_000_000
"""Random numbers held at once."""


@dataclass(frozen=True, eq=False)
class Laplace:
    """Modes of the documents' posteriors, and sums over documents.

    Parameters
    ----------
    eta : ndarray of shape (D, K − 1)
        Modes.
    centre : ndarray of shape (D, K − 1)
        Means, to first order: modes corrected by the skewness of the posterior.
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
    centre: np.ndarray
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
    task = Task(counts, beta, mu, sigma)
    eta = np.array(mu if start is None else start, dtype=float)
    D, J = eta.shape
    centre, bound = np.empty((D, J)), np.empty(D)
    ratios = np.empty(len(task.data) if words else 0)
    sums = [np.zeros((J, J)) for _ in task.blocks()]
    bad = np.zeros(len(sums), dtype=np.int64)

    def work(block: int, rows: slice) -> None:
        bad[block] = loops.modes(*task.arguments(rows), eta, centre, bound, sums[block], ratios)

    in_threads(work, task.blocks())
    bound -= 0.5 * np.linalg.slogdet(sigma)[1]
    expected = None
    if words:
        weight = sparse.csr_matrix((ratios, task.indices, task.indptr), shape=counts.shape)
        expected = (weight.T @ softmax(eta)).T * beta
    return Laplace(eta, centre, bound, np.sum(sums, axis=0), expected, int(bad.sum()))


def mean_shares(
    counts: sparse.csr_matrix, beta: np.ndarray, mu: np.ndarray, sigma: np.ndarray, eta: np.ndarray
) -> np.ndarray:
    """Posterior mean E[θ | words, covariates] of every document, without simulation.

    Parameters
    ----------
    counts, beta, mu, sigma
        As for `laplace`.
    eta : ndarray of shape (D, K − 1)
        Modes.

    Returns
    -------
    ndarray of shape (D, K)
        Rows sum to 1.

    Notes
    -----
    E[θ_k] is the ratio of two integrals, one with an additional word that only topic k has. Each
    is approximated by Laplace, so that their errors cancel (the fully exponential form of Tierney
    & Kadane 1986, J. American Statistical Association 81). The mean under the normal approximation
    at the mode is an order worse.
    """
    task = Task(counts, beta, mu, sigma)
    share = np.empty((len(mu), len(beta)))

    def work(_: int, rows: slice) -> None:
        share_loops.mean_shares(*task.arguments(rows), eta, share)

    in_threads(work, task.blocks())
    return share


def draw_shares(
    counts: sparse.csr_matrix,
    beta: np.ndarray,
    mu: np.ndarray,
    sigma: np.ndarray,
    eta: np.ndarray,
    *,
    X: np.ndarray,
    deviations: np.ndarray,
    seed: int | np.random.SeedSequence,
    groups: np.ndarray | None = None,
    slices: int = SLICES,
) -> np.ndarray:
    """Draw shares from the posterior of every document.

    Parameters
    ----------
    counts, beta, mu, sigma
        As for `laplace`.
    eta : ndarray of shape (D, K − 1)
        Modes.
    X : ndarray of shape (D, p)
        Covariates.
    deviations : ndarray of shape (M, p, K − 1)
        What to add to the coefficients in each of M draws: zeros, or draws of their doubt.
    seed : int or SeedSequence
    groups : ndarray of int, shape (K,), optional
        Group 0 … G − 1 of each topic, whose shares are summed.
    slices : int
        Steps away from the normal approximation.

    Returns
    -------
    ndarray of shape (M, D, K or G)

    Notes
    -----
    A draw starts at the normal approximation and takes elliptical slice steps (Murray, Adams &
    MacKay 2010) around it, which leave the exact posterior as it is (generalised as by Nishihara,
    Murray & Adams 2014, J. Machine Learning Research 15).
    """
    task = Task(counts, beta, mu, sigma)
    M, J = len(deviations), mu.shape[1]
    groups = np.arange(J + 1) if groups is None else groups
    sums = np.eye(groups.max() + 1)[groups]
    out = np.empty((M, len(mu), sums.shape[1]))

    def keep(rows: slice, odds: np.ndarray) -> None:
        out[:, rows] = softmax(odds) @ sums

    _draw(task, eta, X, deviations, seed, slices, keep)
    return out


def draw_odds(
    counts: sparse.csr_matrix,
    beta: np.ndarray,
    mu: np.ndarray,
    sigma: np.ndarray,
    eta: np.ndarray,
    *,
    chains: int = 1,
    begin: np.ndarray | None = None,
    seed: int | np.random.SeedSequence,
    slices: int = SLICES,
) -> np.ndarray:
    """Draws of the log odds η of every document, shape (chains, D, K − 1); see `draw_shares`.

    ``begin`` (chains, D, K − 1) holds earlier draws to go on from.
    """
    out = np.empty((chains, *eta.shape))

    def keep(rows: slice, odds: np.ndarray) -> None:
        out[:, rows] = odds

    X, none = np.ones((len(mu), 1)), np.zeros((chains, 1, mu.shape[1]))
    _draw(Task(counts, beta, mu, sigma), eta, X, none, seed, slices, keep, begin)
    return out


def _draw(
    task: Task,
    eta: np.ndarray,
    X: np.ndarray,
    deviations: np.ndarray,
    seed: int | np.random.SeedSequence,
    slices: int,
    keep: Callable[[slice, np.ndarray], None],
    begin: np.ndarray | None = None,
) -> None:
    """Draw block by block; ``keep`` takes the rows and their draws (M, rows, K − 1)."""
    M, _, J = deviations.shape
    size = max(1, min(BLOCK, NUMBERS // (M * (slices + 1) * (J + 2))))
    blocks = list(row_blocks(len(task.mu), size))
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    seeds = root.spawn(len(blocks))

    def work(block: int, rows: slice) -> None:
        rng = np.random.default_rng(seeds[block])
        n = rows.stop - rows.start
        odds = np.empty((M, n, J))
        share_loops.draw_odds(
            *task.arguments(rows), eta, X[rows] @ deviations,
            np.empty((0, n, J)) if begin is None else begin[:, rows],
            rng.standard_normal((M, n, slices + 1, J)), rng.random((M, n, slices, 2)), odds,
        )  # fmt: skip
        keep(rows, odds)

    in_threads(work, blocks)


def softmax(eta: np.ndarray) -> np.ndarray:
    """Shares of K topics from K − 1 log odds against the last, along the last axis."""
    full = np.concatenate([eta, np.zeros((*eta.shape[:-1], 1))], axis=-1)
    full = np.exp(full - full.max(axis=-1, keepdims=True))
    return full / full.sum(axis=-1, keepdims=True)
