"""How many topics: by a rule that is declared beforehand, over many starting points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from svcquality.causes.lda import fit_lda, processors
from svcquality.causes.topic_quality import (
    cosines,
    document_completion,
    exclusivity,
    hold_out,
    npmi,
    top_words,
)
from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress

CRITERIA = ("coherence", "exclusivity", "held_out", "stability")
"""What a rule may weigh; of all four, more is better."""
CANDIDATES = (5, 8, 12, 16)
"""Numbers of topics that are compared when none are asked for."""
STARTS = 20
SAMPLE = 2_000
"""Distinct texts by which the number is chosen; the topics reported are those of all texts."""
PASSES = 10
BETTER = 0.9
"""Quantile of the fits of a number of topics by which it is scored."""
WORD_PRIOR = 0.05


@dataclass(frozen=True)
class Rule:
    """How the number of topics is chosen: what each criterion weighs.

    Every fit of every candidate is ranked by each criterion among all fits, from 0 to 1, and the
    ranks are averaged by the weights; a candidate's score is what its best tenth of fits reaches.
    From random starts many fits end at poor topics, whatever their number: the better ones tell
    whether a number fits. The highest score wins, the smaller of equals.

    Parameters
    ----------
    weights : mapping of str to float
        By criterion (see `CRITERIA`); those not named weigh nothing.
    """

    weights: Mapping[str, float]

    @classmethod
    def of(cls, weights: Mapping[str, float] | None) -> Rule:
        """Check declared weights; none declared: all criteria weigh the same.

        Raises
        ------
        InputError
            If it is no mapping, a criterion is unknown, a weight is no number or negative, or none
            is positive.
        """
        if weights is None:
            return cls(dict.fromkeys(CRITERIA, 1.0))
        right = (
            isinstance(weights, Mapping)
            and all(name in CRITERIA for name in weights)
            and all(type(w) in (int, float) and 0 <= w < np.inf for w in weights.values())
            and any(weights.values())
        )
        if not right:
            raise InputError(
                f"The rule for the number of topics weighs {', '.join(CRITERIA)} by numbers of at "
                f"least 0, one of them positive; got {weights!r}.",
                f"选择主题数的规则应给 {'、'.join(CRITERIA)} 设置不小于 0 的权重，且至少一个为正；"
                f"现为 {weights!r}。",
            )
        return cls({name: float(weights.get(name, 0.0)) for name in CRITERIA})

    def scores(self, trials: pd.DataFrame) -> pd.Series:
        """Score of each number of topics.

        Parameters
        ----------
        trials : DataFrame
            One row a fit: ``k`` and the criteria. One that is missing (nothing could be held out)
            does not count.
        """
        ranks = trials[list(CRITERIA)].rank(pct=True)
        weights = pd.Series(self.weights).reindex(ranks.columns)
        score = (ranks * weights).sum(axis=1) / (ranks.notna() * weights).sum(axis=1)
        return score.groupby(trials["k"]).quantile(BETTER)


@dataclass(frozen=True, eq=False)
class Choice:
    """A number of topics, and what it rests on.

    Parameters
    ----------
    k : int
    table : DataFrame
        One row a candidate: ``k``, the mean over the starts of ``coherence`` (c_npmi),
        ``exclusivity``, ``held_out`` (log probability a hidden word) and ``stability`` (mean cosine
        of matched topics between starts), each with the standard deviation over the starts
        (``…_sd``) and the mean rank among all fits (``…_rank``); ``score``, ``chosen``.
    trials : DataFrame
        One row a fit: ``k, start``, and the criteria.
    topics : ndarray of shape (starts, topics, words)
        Probabilities of words in the topics of every start of the chosen number.
    prototype : int
        The start whose topics are most like those of all others.
    statistics : ndarray of shape (topics, words)
        Expected counts of the prototype, for a fit on more texts to start from.
    texts : int
        Distinct texts that it rests on.
    """

    k: int
    table: pd.DataFrame
    trials: pd.DataFrame
    topics: np.ndarray
    prototype: int
    statistics: np.ndarray
    texts: int


def choose_topics(
    counts: sparse.csr_matrix,
    candidates: Sequence[int],
    rule: Rule,
    *,
    seed: int,
    starts: int = STARTS,
    sample: int = SAMPLE,
    workers: int | None = None,
    progress: Progress = QUIET,
) -> Choice:
    """Fit every candidate from many starting points and choose by a rule.

    Parameters
    ----------
    counts : csr_matrix of shape (documents, words)
    candidates : sequence of int
        Numbers of topics, each at least 2.
    rule : Rule
    seed : int
    starts : int
        At least 2.
    sample : int
        With more documents than this, a random sample of so many is used.
    workers : int, optional
        Fits at a time, by default one a processor. They change no digit of the result.
    progress : Progress

    Returns
    -------
    Choice

    Notes
    -----
    Held-out likelihood by document completion (Wallach et al. 2009) in a tenth of the documents;
    topics of different starts are matched one to one by cosine (Greene et al. 2014); the prototype
    is that of Rieger, Rahnenführer & Jentsch (2020).
    """
    sequence = np.random.SeedSequence(seed)
    drawing, hiding, starting = sequence.spawn(3)
    if counts.shape[0] > sample:
        rng = np.random.default_rng(drawing)
        counts = counts[np.sort(rng.choice(counts.shape[0], sample, replace=False))]
    seen, hidden = hold_out(counts, int(hiding.generate_state(1)[0]))
    seeds = [int(s) for s in starting.generate_state(starts)]

    def fit(k: int, start: int) -> _Fit:
        eta = np.full((k, counts.shape[1]), WORD_PRIOR)
        model, gamma = fit_lda(seen, eta, seed=start, alpha=1.0 / k, passes=PASSES, workers=1)
        topics = model.get_topics()
        theta = gamma / gamma.sum(axis=1, keepdims=True)
        criteria = {
            "coherence": float(npmi(counts, top_words(topics)).mean()),
            "exclusivity": float(exclusivity(topics).mean()),
            "held_out": document_completion(hidden, theta, topics),
        }
        return _Fit(topics, model.state.sstats, criteria)

    tasks = [(k, start) for k in candidates for start in seeds]
    with ThreadPoolExecutor(workers or processors()) as pool:
        running = [pool.submit(fit, *task) for task in tasks]
        fits = [one.result() for one in progress.each(running, "topics")]
    by_k = {k: fits[i * starts : (i + 1) * starts] for i, k in enumerate(candidates)}
    trials = pd.concat([_trials(k, fits) for k, fits in by_k.items()], ignore_index=True)
    table = _table(trials, rule)
    k = int(table.loc[table["chosen"], "k"].iloc[0])
    prototype = int(trials.loc[trials["k"] == k, "stability"].to_numpy().argmax())
    topics = np.stack([fit.topics for fit in by_k[k]])
    return Choice(
        k, table, trials, topics, prototype, by_k[k][prototype].statistics, counts.shape[0]
    )


@dataclass(frozen=True, eq=False)
class _Fit:
    """One number of topics from one start."""

    topics: np.ndarray  # (topics, words)
    statistics: np.ndarray  # (topics, words)
    criteria: dict[str, float]


def _trials(k: int, fits: Sequence[_Fit]) -> pd.DataFrame:
    frame = pd.DataFrame([fit.criteria for fit in fits])
    frame["stability"] = agreement(np.stack([fit.topics for fit in fits]))
    frame.insert(0, "k", k)
    frame.insert(1, "start", np.arange(len(fits)))
    return frame


def agreement(topics: np.ndarray) -> np.ndarray:
    """How alike each start's topics are to those of all others.

    Parameters
    ----------
    topics : ndarray of shape (starts, topics, words)
        Of at least two starts.

    Returns
    -------
    ndarray of shape (starts,)
        Mean cosine of matched topics, from 0 to 1.
    """
    starts, k, size = topics.shape
    near = cosines(topics.reshape(-1, size), topics.reshape(-1, size))
    near = near.reshape(starts, k, starts, k).transpose(0, 2, 1, 3)
    alike = np.ones((starts, starts))
    for a, b in combinations(range(starts), 2):
        pairs = linear_sum_assignment(-near[a, b])
        alike[a, b] = alike[b, a] = near[a, b][pairs].mean()
    return (alike.sum(axis=1) - 1) / (starts - 1)


def _table(trials: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    by = trials.groupby("k")[list(CRITERIA)]
    ranks = trials[list(CRITERIA)].rank(pct=True).groupby(trials["k"]).mean()
    parts = [by.mean(), by.std().add_suffix("_sd"), ranks.add_suffix("_rank")]
    table = pd.concat([*parts, rule.scores(trials).rename("score")], axis=1).reset_index()
    # Equal up to rounding is equal: then the smaller number, which comes first.
    best = table["score"].round(9).to_numpy().argmax()
    return table.assign(chosen=np.arange(len(table)) == best)
