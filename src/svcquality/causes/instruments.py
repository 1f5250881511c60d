"""Instruments that measure causes, behind one interface: texts in, a distribution a text out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from svcquality.causes.corpus import Corpus, prior_of_causes
from svcquality.causes.fitted_topics import FittedTopics
from svcquality.causes.prevalence import fit_seeded_prevalence
from svcquality.causes.prevalence_fit import PrevalenceFit
from svcquality.causes.seeded_lda import RESIDUAL_ALPHA, SEED_STRENGTH, SeededFit, fit_seeded
from svcquality.progress import QUIET, Progress

FOLDS = 5
"""A hand-coded text is measured by a coder that saw the codes of the other folds only."""


@dataclass(frozen=True, eq=False)
class LogisticPart:
    """Texts measured by a logistic normal given words and covariates.

    Parameters
    ----------
    rows : ndarray of int
        Their positions among all.
    fit : PrevalenceFit
    place : ndarray of int of the shape of ``rows``
        Which document of ``fit`` each is.
    """

    rows: np.ndarray
    fit: PrevalenceFit
    place: np.ndarray

    def to_directory(self, path: Path) -> None:
        """Write into a new directory."""
        path.mkdir()
        self.fit.to_directory(path)
        with (path / "rows.npy").open("wb") as out:
            np.save(out, np.stack([self.rows, self.place]), allow_pickle=False)

    @classmethod
    def from_directory(cls, path: Path) -> LogisticPart:
        """Read what `to_directory` wrote."""
        rows, place = np.load(path / "rows.npy", allow_pickle=False)
        return cls(rows, PrevalenceFit.from_directory(path), place)


@dataclass(frozen=True, eq=False)
class Measurement:
    """What an instrument found.

    Parameters
    ----------
    posterior : ndarray of shape (starts, distinct texts, causes + 1)
        Dirichlet parameters; the last column is the residual.
    prior : ndarray of shape (causes + 1,)
        The same before any text was read.
    topics : tuple of FittedTopics
        One a language; empty where the instrument has none.
    logistic : LogisticPart, optional
        The texts that were measured by a logistic normal; for those ``posterior`` is the Dirichlet
        distribution with the same means, and draws come from here.
    """

    posterior: np.ndarray
    prior: np.ndarray
    topics: tuple[FittedTopics, ...] = ()
    logistic: LogisticPart | None = None


def by_codebook(corpus: Corpus) -> Measurement:
    """The codebook's own score: seeds found, weighted, denied ones left out.

    The instrument without a model: what any other must beat.
    """
    causes = corpus.seeds.shape[1]
    prior = np.append(np.full(causes, 0.5 / causes), 0.5)
    evidence = np.column_stack([corpus.seeds.toarray(), np.zeros(len(corpus.ids))])
    return Measurement((prior + evidence)[None], prior)


def by_seeds(
    corpus: Corpus, causes: list[str], starting: Sequence[int], *, progress: Progress = QUIET
) -> Measurement:
    """The seeded topic model, from several starts."""
    unknown = np.full(len(corpus.ids), -1)
    return _fit(corpus, causes, starting, unknown, progress)


def by_prevalence(
    corpus: Corpus,
    causes: list[str],
    starting: Sequence[int],
    covariates: pd.DataFrame,
    *,
    progress: Progress = QUIET,
) -> Measurement:
    """The seeded topics, and shares given words and covariates (Roberts et al. 2014).

    Texts in the language of most complaints are measured so; others by the seeded model.

    Parameters
    ----------
    corpus : Corpus
    causes : list of str
    starting : sequence of int
    covariates : DataFrame
        One row a distinct text, in their order.
    progress : Progress
    """
    whole = by_seeds(corpus, causes, starting, progress=progress)
    part = max(corpus.parts, key=lambda part: len(part.rows))
    fit = fit_seeded_prevalence(
        part.counts, sparse.csr_matrix(corpus.seeds[part.rows]), covariates.iloc[part.rows],
        starts=starting, vocabulary=part.vocabulary, causes=causes,
        alpha=prior_of_causes(corpus.seeds), progress=progress,
    )  # fmt: skip
    posterior = whole.posterior.copy()
    weight = posterior[:, part.rows].sum(axis=2, keepdims=True)
    posterior[:, part.rows] = np.maximum(fit.shares * weight, 1e-9)
    return Measurement(
        posterior,
        whole.prior,
        whole.topics,
        LogisticPart(part.rows, fit, np.arange(len(part.rows))),
    )


def by_coder(
    corpus: Corpus,
    causes: list[str],
    starting: Sequence[int],
    labels: np.ndarray,
    *,
    seed: int,
    progress: Progress = QUIET,
) -> Measurement:
    """The supervised coder: hand-given codes spread over the texts together with the seeds.

    Parameters
    ----------
    corpus : Corpus
    causes : list of str
    starting : sequence of int
    labels : ndarray of int of shape (distinct texts,)
        Position of the cause that a person gave, -1 where nobody did.
    seed : int
        Divides the coded texts into `FOLDS`.
    progress : Progress

    Notes
    -----
    The posterior of a coded text comes from a fit without its fold's codes (Chernozhukov et al.
    2018), so that comparing it with its code is honest, and so is a correction by the difference.
    """
    whole = _fit(corpus, causes, starting, labels, progress)
    coded = np.flatnonzero(labels >= 0)
    fold = np.random.default_rng(seed).permutation(np.arange(len(coded)) % FOLDS)
    posterior = whole.posterior.copy()
    for held in progress.each(range(FOLDS), "supervised coder, fold by fold"):
        out = coded[fold == held]
        if len(out):
            others = labels.copy()
            others[out] = -1
            found = _fit(corpus, causes, starting, others, QUIET)
            posterior[:, out] = found.posterior[:, out]
    return Measurement(posterior, whole.prior, whole.topics)


def _fit(
    corpus: Corpus,
    causes: list[str],
    starting: Sequence[int],
    labels: np.ndarray,
    progress: Progress,
) -> Measurement:
    alpha = prior_of_causes(corpus.seeds)
    prior = np.append(alpha, RESIDUAL_ALPHA)
    posterior = np.empty((len(starting), len(corpus.ids), len(causes) + 1))
    topics = []
    for part in corpus.parts:
        seeds = sparse.csr_matrix(corpus.seeds[part.rows])
        if not part.vocabulary:  # another language, emoji alone: only a seed can say something
            posterior[:, part.rows] = prior
            posterior[:, part.rows, :-1] += SEED_STRENGTH * seeds.toarray()
            continue
        fits: list[SeededFit] = []
        for start, s in enumerate(
            progress.each(list(starting), f"seeded topic model ({part.language})")
        ):
            # The first start takes the texts as they are; the others say what chance could change.
            fit = fit_seeded(
                part.counts, seeds, seed=s, vocabulary=part.vocabulary, causes=causes, alpha=alpha,
                labels=labels[part.rows], resample=start > 0,
            )  # fmt: skip
            posterior[start, part.rows] = fit.gamma
            fits.append(fit)
        topics.append(
            FittedTopics(
                part.language,
                tuple(part.vocabulary),
                np.stack([one.model.state.get_lambda() for one in fits]),
                np.asarray(fits[0].model.alpha, dtype=np.float64),
            )
        )
    return Measurement(posterior, prior, tuple(topics))
