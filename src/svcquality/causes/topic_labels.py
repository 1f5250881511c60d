"""Words that name a topic or a cause: the most probable, and three ways to the most telling.

Each method scores every word for every topic from the probabilities of words in topics alone
(FREX and lift also from how often a word occurs), so that one function serves discovered topics
and the seeded topics of a codebook alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.errors import InputError

Method = Literal["probability", "frex", "lift", "score"]
METHODS: tuple[Method, ...] = get_args(Method)


def label_words(
    topic_word: np.ndarray,
    vocabulary: Sequence[str],
    counts: np.ndarray,
    *,
    n: int = 10,
    methods: Sequence[Method] = METHODS,
    frex_weight: float = 0.5,
    among: int | None = None,
    names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Words that name each topic.

    Parameters
    ----------
    topic_word : ndarray of shape (topics, words)
        Probabilities of words in each topic; rows sum to 1.
    vocabulary : sequence of str
    counts : ndarray of shape (words,)
        How often each word occurs in the corpus.
    n : int
        Words a topic and method.
    methods : sequence of {"probability", "frex", "lift", "score"}
    frex_weight : float
        Weight of exclusivity in FREX, from 0 to 1.
    among : int, optional
        Let a topic be named by its so many most probable words only. Lift and FREX favour words
        that occur twice in the whole corpus; those tell a topic apart but do not name it.
    names : sequence of str, optional
        Of the topics; by default ``topic_1``, ``topic_2`` …

    Returns
    -------
    DataFrame
        ``topic, method, rank, word, value``: higher values are better; words with equal values
        stand in the order of the vocabulary.

    Raises
    ------
    InputError
        If shapes do not match, a method is unknown, a probability is negative or a word of the
        vocabulary never occurs.

    Notes
    -----
    Probability: p(w | topic). FREX: Bischof & Airoldi (2012), exclusivities shrunk towards equal
    ones by the James–Stein estimator of Hausser & Strimmer (2009), as R stm does. Lift: Taddy
    (2012), p(w | topic) / p(w). Score: Chang's (2015) R package lda, p(w | topic) times what its
    logarithm exceeds its mean over the topics by.
    """
    topic_word = np.asarray(topic_word, dtype=float)
    counts = np.asarray(counts, dtype=float)
    topics, size = topic_word.shape
    names = [f"topic_{k + 1}" for k in range(topics)] if names is None else list(names)
    _validate(topic_word, vocabulary, counts, methods, names)
    scorers = {
        "probability": lambda: topic_word,
        "frex": lambda: frex(topic_word, counts, weight=frex_weight),
        "lift": lambda: lift(topic_word, counts),
        "score": lambda: score(topic_word),
    }
    allowed = np.ones(topic_word.shape, dtype=bool)
    if among is not None and among < size:
        floor = np.sort(topic_word, axis=1)[:, -max(among, n)][:, None]
        allowed = topic_word >= floor
    words = np.asarray(vocabulary, dtype=object)
    n = min(n, size)
    parts = []
    for method in methods:
        value = np.where(allowed, scorers[method](), -np.inf)
        best = np.argsort(-value, axis=1, kind="stable")[:, :n]
        parts.append(
            pd.DataFrame(
                {
                    "topic": np.repeat(np.asarray(names, dtype=object), n),
                    "method": method,
                    "rank": np.tile(np.arange(1, n + 1), topics),
                    "word": words[best].ravel(),
                    "value": np.take_along_axis(value, best, axis=1).ravel(),
                }
            ).astype({"topic": "str", "method": "str", "word": "str"})
        )
    return pd.concat(parts, ignore_index=True)


def frex(
    topic_word: np.ndarray, counts: np.ndarray | None = None, *, weight: float = 0.5
) -> np.ndarray:
    """Frequency and exclusivity: the harmonic mean of a word's ranks in both.

    Parameters
    ----------
    topic_word : ndarray of shape (topics, words)
    counts : ndarray of shape (words,), optional
        With them, the exclusivity of rare words is shrunk: a word seen once tells nothing.
    weight : float
        Of exclusivity; the rest is that of frequency.

    Returns
    -------
    ndarray of shape (topics, words)
        Between 0 and 1; of tied words each has the mean rank.

    Notes
    -----
    Bischof & Airoldi (2012), with empirical distribution functions for their normal ones.
    """
    share = exclusive(topic_word)
    if counts is not None:
        share = _shrunk(share, counts)
    size = topic_word.shape[1]
    frequency = stats.rankdata(topic_word, axis=1) / size
    exclusivity = stats.rankdata(share, axis=1) / size
    return 1 / (weight / exclusivity + (1 - weight) / frequency)


def exclusive(topic_word: np.ndarray) -> np.ndarray:
    """Share of each word that falls to each topic, if topics were equally large; columns sum to 1."""
    total = topic_word.sum(axis=0)
    even = np.full_like(topic_word, 1 / len(topic_word))
    return np.divide(topic_word, total, out=even, where=total > 0)


def lift(topic_word: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """How many times as probable a word is in a topic as in the corpus; shape (topics, words)."""
    return topic_word / (counts / counts.sum())


def score(topic_word: np.ndarray) -> np.ndarray:
    """Probability times the excess of its logarithm over the mean over topics.

    A word of probability 0 in some topic excels without bound in the others; the smallest positive
    number stands for it.
    """
    logs = np.log(np.maximum(topic_word, np.finfo(float).tiny))
    return topic_word * (logs - logs.mean(axis=0))


def _shrunk(share: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """James–Stein estimates of each column, towards equal shares (Hausser & Strimmer 2009)."""
    even = 1 / len(share)
    variance = (share * (1 - share)).sum(axis=0) / np.maximum(counts - 1, 1e-300)
    distance = ((share - even) ** 2).sum(axis=0)
    intensity = np.ones_like(distance)
    np.divide(variance, distance, out=intensity, where=distance > 0)
    intensity = np.where(counts <= 1, 1.0, np.clip(intensity, 0, 1))
    return np.where(distance > 0, intensity * even + (1 - intensity) * share, share)


def _validate(
    topic_word: np.ndarray,
    vocabulary: Sequence[str],
    counts: np.ndarray,
    methods: Sequence[str],
    names: Sequence[str],
) -> None:
    topics, size = topic_word.shape
    if len(vocabulary) != size or counts.shape != (size,) or len(names) != topics:
        raise InputError(
            f"Topics over {size} words need {size} words and {size} counts, and {topics} names; "
            f"there are {len(vocabulary)}, {counts.size} and {len(names)}.",
            f"主题分布含 {size} 个词、{topics} 个主题，而词表有 {len(vocabulary)} 个词、"
            f"词频有 {counts.size} 个、名称有 {len(names)} 个；请使三者对应。",
        )
    if not (topic_word >= 0).all() or not (counts > 0).all():
        raise InputError(
            "Probabilities of words must not be negative or missing, and every word must occur; "
            "drop the words of the vocabulary that occur nowhere.",
            "词的概率不能为负或缺失，且每个词都必须出现过；请从词表中删去从未出现的词。",
        )
    for method in methods:
        if method not in METHODS:
            raise InputError(
                f"There is no way of labelling called {method!r}; use {', '.join(METHODS)}.",
                f"没有名为“{method}”的标签方法；可用：{'、'.join(METHODS)}。",
            )
