"""Fit the logistic-normal topic model: what covariates do to topics, and the topics themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from svcquality.estimators import logistic_normal_loops
from svcquality.estimators.logistic_normal import draw_odds, laplace
from svcquality.estimators.logistic_normal_task import Task, in_threads
from svcquality.progress import QUIET, Progress

loops: Any = logistic_normal_loops  # the type checker cannot count starred arguments

RIDGE = 1.0
"""Documents' worth of prior evidence that a coefficient is zero."""
WARM, AVERAGED = 60, 40
"""Steps of `refine`."""
CHAINED, MOST_CHAINS = 3000, 4
"""Few documents are drawn several times a step, up to so many draws: it costs little there."""
REFINING_SLICES = 8
"""Slice steps between two of its draws: they go on from each other."""
STEADY = 3
"""Steps in a row that must gain next to nothing before the fit counts as converged."""

LEAST_SEEN = 0.01
"""Share of the information about a coefficient that words leave at least."""


@dataclass(frozen=True, eq=False)
class LogisticNormalFit:
    """A fitted model.

    Parameters
    ----------
    beta : ndarray of shape (K, V)
        Words of each topic; rows sum to 1.
    gamma : ndarray of shape (p, K − 1)
        Coefficients of the covariates on the log odds of each topic against the last.
    sigma : ndarray of shape (K − 1, K − 1)
        Covariance of the log odds around ``XΓ``.
    eta : ndarray of shape (D, K − 1)
        Modes of the documents' posteriors under these parameters.
    bound : float
        Laplace approximation of the log-likelihood under these parameters.
    objective : ndarray of shape (steps,)
        The same plus the log priors, before each step.
    converged : bool
    unfinished : int
        Documents whose mode was not found to full precision in the last step.
    """

    beta: np.ndarray
    gamma: np.ndarray
    sigma: np.ndarray
    eta: np.ndarray
    bound: float
    objective: np.ndarray
    converged: bool
    unfinished: int


def fit_logistic_normal(
    counts: sparse.csr_matrix,
    beta: np.ndarray,
    X: np.ndarray,
    *,
    topic_prior: np.ndarray | None = None,
    shares: np.ndarray | None = None,
    gamma: np.ndarray | None = None,
    sigma: np.ndarray | None = None,
    ridge: float = RIDGE,
    steps: int = 200,
    tolerance: float = 1e-6,
    progress: Progress = QUIET,
) -> LogisticNormalFit:
    """Fit by expectation-maximisation with a Laplace E-step.

    Parameters
    ----------
    counts : csr_matrix of shape (D, V)
        Counts of words; weights that are not whole numbers are allowed.
    beta : ndarray of shape (K, V)
        Starting topics; kept as they are unless there is a ``topic_prior``.
    X : ndarray of shape (D, p)
        Covariates; the first column is the intercept. Columns should be centred and scaled.
    topic_prior : ndarray of shape (K, V), optional
        Pseudo-counts added to the expected counts of each topic's words.
    shares : ndarray of shape (D, K), optional
        Positive starting shares. They help only to start near the right coefficients.
    gamma, sigma : ndarray, optional
        Starting coefficients (p, K − 1) and covariance (K − 1, K − 1).
    ridge : float
        Shrinks coefficients, except the intercept's, as so many documents that show no effect.
    steps : int
        At most.
    tolerance : float
        Converged when three steps in a row gain less than this share of the objective.
    progress : Progress

    Returns
    -------
    LogisticNormalFit

    Notes
    -----
    Roberts, Stewart & Airoldi (2016), J. American Statistical Association 111. With given topics,
    coefficients are fitted to posterior means (modes corrected for skewness), which takes away the
    bias towards zero that modes leave where texts are short. With topics that are estimated too,
    modes are used as in that paper: there the correction would feed on itself. Priors are
    conjugate and weak: Γ given Σ is matrix normal, Σ inverse Wishart around the identity with K
    documents' worth of evidence, so that few documents cannot make it singular.
    """
    D, p = X.shape
    K = len(beta)
    J = K - 1
    penalty = np.diag(np.r_[0.0, np.full(p - 1, float(ridge))])
    projection = np.linalg.solve(X.T @ X + penalty, X.T)
    eta = None
    if shares is not None:
        eta = np.log(shares[:, :-1]) - np.log(shares[:, -1:])
    if gamma is None:
        gamma = np.zeros((p, J)) if eta is None else projection @ eta
    sigma = np.eye(J) if sigma is None else sigma
    history: list[float] = []
    calm = 0
    for _ in progress.each(range(steps + 1), "topics and covariates"):
        found = laplace(counts, beta, X @ gamma, sigma, start=eta, words=topic_prior is not None)
        eta = found.eta
        bound = float(found.log_likelihood.sum())
        history.append(bound + _log_prior(beta, topic_prior, gamma, sigma, penalty))
        if len(history) > 1:
            gain = abs(history[-1] - history[-2])
            calm = calm + 1 if gain < tolerance * abs(history[-1]) else 0
        if calm >= STEADY or len(history) > steps:
            break
        centre = found.centre if topic_prior is None else eta
        gamma = projection @ centre
        residual = centre - X @ gamma
        scatter = found.covariance_sum + residual.T @ residual + gamma.T @ penalty @ gamma
        sigma = (scatter + K * np.eye(J)) / (D + (p - 1) * (ridge > 0) + K)
        if topic_prior is not None:
            assert found.word_sums is not None
            beta = found.word_sums + topic_prior
            beta /= beta.sum(axis=1, keepdims=True)
    return LogisticNormalFit(
        beta, gamma, sigma, found.eta, bound, np.array(history), calm >= STEADY, found.unfinished
    )


def _log_prior(
    beta: np.ndarray,
    topic_prior: np.ndarray | None,
    gamma: np.ndarray,
    sigma: np.ndarray,
    penalty: np.ndarray,
) -> float:
    """Log priors up to constants, in the parametrisation in which the steps are their maxima."""
    K = len(beta)
    pull = np.linalg.solve(sigma, gamma.T @ penalty @ gamma + K * np.eye(K - 1))
    strength = K + (len(gamma) - 1) * (penalty[-1, -1] > 0)
    value = -0.5 * float(np.trace(pull)) - 0.5 * strength * np.linalg.slogdet(sigma)[1]
    if topic_prior is not None:
        value += float((topic_prior * np.log(np.maximum(beta, 1e-300))).sum())
    return float(value)


def refine(
    counts: sparse.csr_matrix,
    X: np.ndarray,
    fit: LogisticNormalFit,
    *,
    seed: int,
    ridge: float = RIDGE,
    warm: int = WARM,
    averaged: int = AVERAGED,
) -> LogisticNormalFit:
    """Free coefficients and Σ of what Laplace gets wrong, with the topics as they are.

    With many topics and few words the normal approximation takes Σ for too small, and coefficients
    with it. Here every step draws η from its exact posterior instead.

    Parameters
    ----------
    counts : csr_matrix of shape (D, V)
    X : ndarray of shape (D, p)
    fit : LogisticNormalFit
        Where to start; its modes are what draws start from.
    seed : int
    ridge : float
        As in the fit.
    warm, averaged : int
        Steps that follow the last draw alone, and steps after them that are averaged.

    Returns
    -------
    LogisticNormalFit

    Notes
    -----
    Stochastic approximation EM: Delyon, Lavielle & Moulines (1999), Annals of Statistics 27. What
    is left to chance in a coefficient is a fraction of its standard error, and fixed by ``seed``.
    """
    D, p = X.shape
    K = len(fit.beta)
    penalty = np.diag(np.r_[0.0, np.full(p - 1, float(ridge))])
    gamma, sigma, eta = fit.gamma, fit.sigma, fit.eta
    chains = int(np.clip(CHAINED // D, 1, MOST_CHAINS))
    linear, square = np.zeros_like(gamma), np.zeros_like(sigma)
    odds: np.ndarray | None = None
    for step, child in enumerate(np.random.SeedSequence(seed).spawn(warm + averaged)):
        odds = draw_odds(
            counts, fit.beta, X @ gamma, sigma, eta, chains=chains, begin=odds, seed=child,
            slices=REFINING_SLICES,
        )  # fmt: skip
        weight = 1.0 if step < warm else 1 / (step - warm + 1)
        linear += weight * (X.T @ odds.mean(axis=0) - linear)
        flat = odds.reshape(-1, K - 1)
        square += weight * (flat.T @ flat / chains - square)
        gamma = np.linalg.solve(X.T @ X + penalty, linear)
        # (η − XΓ)'(η − XΓ) + Γ'ΛΓ, of which η'XΓ is known from the sums.
        scatter = square - linear.T @ gamma
        scatter = (scatter + scatter.T) / 2
        sigma = (scatter + K * np.eye(K - 1)) / (D + (p - 1) * (ridge > 0) + K)
    found = laplace(counts, fit.beta, X @ gamma, sigma, start=eta)
    bound = float(found.log_likelihood.sum())
    return replace(
        fit, gamma=gamma, sigma=sigma, eta=found.eta, bound=bound, unfinished=found.unfinished
    )


def coefficient_covariance(
    counts: sparse.csr_matrix, X: np.ndarray, fit: LogisticNormalFit, *, ridge: float = RIDGE
) -> np.ndarray:
    """Covariance of the coefficients Γ, given the topics β and Σ.

    Parameters
    ----------
    counts : csr_matrix of shape (D, V)
    X : ndarray of shape (D, p)
    fit : LogisticNormalFit
    ridge : float
        As in the fit.

    Returns
    -------
    ndarray of shape (p (K − 1), p (K − 1))
        Coefficients in row-major order of ``fit.gamma``.

    Notes
    -----
    Inverse of the observed information of Louis (1982), J. Royal Statistical Society B 44: that
    of coefficients whose η were seen, ``(X'X + Λ) ⊗ Σ⁻¹``, less what the posterior covariances V
    of η take away, ``Σ xx' ⊗ Σ⁻¹VΣ⁻¹``. Where the words of few documents leave less than
    `LEAST_SEEN` of it in some direction, so much is taken to be left.
    """
    p, J = fit.gamma.shape
    task = Task(counts, fit.beta, X @ fit.gamma, fit.sigma)
    pairs = np.triu_indices(p)
    blocks = list(task.blocks())
    parts = np.empty((len(blocks), len(pairs[0]), J * J))

    def work(block: int, rows: slice) -> None:
        V = np.empty((rows.stop - rows.start, J, J))
        loops.covariances(*task.arguments(rows), fit.eta, V)
        parts[block] = (X[rows][:, pairs[0]] * X[rows][:, pairs[1]]).T @ V.reshape(len(V), -1)

    in_threads(work, blocks)
    upper = task.precision @ parts.sum(axis=0).reshape(-1, J, J) @ task.precision
    lost = np.empty((p, J, p, J))
    lost[pairs[0], :, pairs[1]] = upper
    lost[pairs[1], :, pairs[0]] = upper
    inner = X.T @ X + np.diag(np.r_[0.0, np.full(p - 1, ridge)])
    # In coordinates in which the complete information is the identity, eigenvalues are the shares
    # of it that the words leave.
    root = np.kron(np.linalg.inv(np.linalg.cholesky(inner)), np.linalg.cholesky(fit.sigma).T)
    left = np.eye(p * J) - root @ lost.reshape(p * J, p * J) @ root.T
    seen, directions = np.linalg.eigh((left + left.T) / 2)
    spread = root.T @ (directions / np.sqrt(np.maximum(seen, LEAST_SEEN)))
    return spread @ spread.T
