"""Covariate-aware prevalence: shares of topics or causes given words and covariates, with draws.

What a text is about is judged from its words and from what is known about it (channel, branch,
month, satisfaction …): the prior of its shares is a logistic normal whose mean covariates shift.
A regression that later uses the shares needs all of its explanatory columns among the covariates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from svcquality.causes.corpus import prior_of_causes
from svcquality.causes.covariates import design_covariates
from svcquality.causes.prevalence_fit import PrevalenceFit
from svcquality.causes.seeded_lda import SEED_STRENGTH, fit_seeded
from svcquality.errors import InputError
from svcquality.estimators.logistic_normal import mean_shares
from svcquality.estimators.logistic_normal_em import (
    coefficient_covariance,
    fit_logistic_normal,
    refine,
)
from svcquality.progress import QUIET, Progress
from svcquality.text.codebook import RESIDUAL

__all__ = ["PrevalenceFit", "fit_prevalence", "fit_seeded_prevalence"]

MOST_COEFFICIENTS = 5000
"""Topics times columns, whose covariance is kept as one square matrix."""


def fit_prevalence(
    counts: sparse.csr_matrix,
    topics: np.ndarray | Sequence[np.ndarray],
    covariates: pd.DataFrame | np.ndarray | None,
    *,
    categories: Sequence[str] = (),
    groups: np.ndarray | None = None,
    topic_prior: Sequence[np.ndarray] = (),
    shares: Sequence[np.ndarray] = (),
    splines: Sequence[str] = (),
    seed: int = 0,
    refined: bool | None = None,
    steps: int = 200,
    tolerance: float = 1e-5,
    progress: Progress = QUIET,
) -> PrevalenceFit:
    """Measure shares of topics in documents from words and covariates.

    Parameters
    ----------
    counts : csr_matrix of shape (documents, V)
        Counts of words; weights that are not whole numbers are allowed.
    topics : ndarray of shape (K, V), or a sequence of them
        Words of each topic, of one or several starts; topics of several starts must correspond.
        The last topic is the one that log odds are taken against.
    covariates : DataFrame or ndarray, one row a document, or None
        See `causes.covariates.design_covariates`.
    categories : sequence of str, optional
        Names of the G categories, by default of the topics.
    groups : ndarray of int, shape (K,), optional
        Category of each topic, by default its own.
    topic_prior : sequence of ndarray of shape (K, V), optional
        Pseudo-counts with which the topics of each start are estimated again; without, they stay
        as given.
    shares : sequence of ndarray of shape (documents, K), optional
        Shares that each start begins with.
    splines : sequence of str
        Covariates that act by a curve.
    seed : int
        For the refinement.
    refined : bool, optional
        Whether coefficients are freed of what the Laplace approximation gets wrong, see
        `estimators.logistic_normal_em.refine`; by default where topics stay as given.
    steps, tolerance
        See `estimators.logistic_normal_em.fit_logistic_normal`.
    progress : Progress

    Returns
    -------
    PrevalenceFit

    Raises
    ------
    InputError
        If there are no documents, covariates cannot be used, or there are too many coefficients.
    """
    beginnings = [topics] if isinstance(topics, np.ndarray) else list(topics)
    K = len(beginnings[0])
    if not counts.shape[0] or K < 2:
        raise InputError(
            "Prevalence needs at least one document and two topics.",
            "估计主题占比至少需要一篇文本和两个主题。",
        )
    design, X = design_covariates(covariates, counts.shape[0], splines=splines)
    if X.shape[1] * (K - 1) > MOST_COEFFICIENTS:
        raise InputError(
            f"{X.shape[1]} columns of covariates for {K} topics are too many; merge levels or "
            "leave covariates out.",
            f"{K} 个主题配 {X.shape[1]} 列协变量，参数过多；请合并取值或减少协变量。",
        )
    groups = np.arange(K) if groups is None else np.asarray(groups)
    names = tuple(categories) or tuple(f"topic_{k + 1}" for k in range(K))
    if len(groups) != K or groups.max() + 1 != len(names):
        raise ValueError(f"{len(names)} categories and {len(groups)} groups do not fit {K} topics")
    fits = [
        fit_logistic_normal(
            counts, beta, X, topic_prior=topic_prior[s] if len(topic_prior) else None,
            shares=shares[s] if len(shares) else None, steps=steps, tolerance=tolerance,
        )
        for s, beta in enumerate(progress.each(beginnings, "topics and covariates"))
    ]  # fmt: skip
    if not len(topic_prior) if refined is None else refined:
        fits = [refine(counts, X, one, seed=seed) for one in fits]
    means = [mean_shares(counts, one.beta, X @ one.gamma, one.sigma, one.eta) for one in fits]
    covariances = tuple(coefficient_covariance(counts, X, one) for one in fits)
    return PrevalenceFit(
        names, groups, counts, design, X, tuple(fits), covariances,
        np.stack(means) @ np.eye(len(names))[groups],
    )  # fmt: skip


def fit_seeded_prevalence(
    words: sparse.csr_matrix,
    seeds: sparse.csr_matrix,
    covariates: pd.DataFrame | np.ndarray | None,
    *,
    starts: Sequence[int],
    vocabulary: list[str],
    causes: list[str],
    alpha: np.ndarray | None = None,
    splines: Sequence[str] = (),
    again: bool = False,
    steps: int = 60,
    progress: Progress = QUIET,
) -> PrevalenceFit:
    """Measure causes of a codebook from words, seeds and covariates.

    The seeded topic model finds the topics from each start, the logistic normal the shares.

    Parameters
    ----------
    words, seeds, vocabulary, causes, alpha
        As for `causes.seeded_lda.fit_seeded`; ``alpha`` by default `prior_of_causes`.
    covariates : DataFrame or ndarray, one row a document, or None
    starts : sequence of int
        A seed a starting point.
    splines : sequence of str
        Covariates that act by a curve.
    again : bool
        Estimate the topics again, with the seeded prior, together with the covariates.
    steps : int
    progress : Progress

    Returns
    -------
    PrevalenceFit
        Categories are the causes and ``residual``.
    """
    alpha = prior_of_causes(seeds) if alpha is None else alpha
    found = [
        fit_seeded(
            words, seeds, seed=s, vocabulary=vocabulary, causes=causes, alpha=alpha
        )
        for s in progress.each(list(starts), "seeded topic model")
    ]  # fmt: skip
    counts = sparse.csr_matrix(sparse.hstack([words, seeds * SEED_STRENGTH], format="csr"))
    # One residual is enough, and what log odds are taken against: several would differ in nothing
    # that a covariate could tell apart.
    k = len(causes)
    topics = [_merge(fit.model.get_topics(), k) for fit in found]
    topics = [rows / rows.sum(axis=1, keepdims=True) for rows in topics]
    return fit_prevalence(
        counts,
        topics,
        covariates,
        categories=(*causes, RESIDUAL),
        topic_prior=[_merge(np.asarray(fit.model.eta), k) for fit in found] if again else (),
        shares=[fit.gamma / fit.gamma.sum(axis=1, keepdims=True) for fit in found],
        splines=splines,
        seed=starts[0],
        steps=steps,
        progress=progress,
    )


def _merge(topics: np.ndarray, k: int) -> np.ndarray:
    """The first k rows, and the sum of the others."""
    return np.vstack([topics[:k], topics[k:].sum(axis=0)])
