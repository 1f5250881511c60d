"""Topics that the texts themselves suggest: exploratory, and never called causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse, stats
from scipy.optimize import linear_sum_assignment

from svcquality.causes.documents import count_words, prepare
from svcquality.causes.lda import fit_lda
from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.progress import QUIET, Progress

CANDIDATES = (5, 8, 12, 16)
"""Numbers of topics that are compared when none is asked for."""
TOP = 10
"""Words by which topics are compared."""
PRIOR = 0.05


@dataclass(frozen=True, eq=False)
class Topics:
    """Topics of texts, the largest first.

    Parameters
    ----------
    probabilities : DataFrame
        Index complaint id, a column a topic (``topic_1`` …); rows sum to 1.
    words : DataFrame
        ``topic, rank, word, probability``: words that are both frequent in a topic and peculiar
        to it.
    quality : DataFrame
        One row a topic: ``topic, share, coherence`` (c_npmi), ``stability`` (mean overlap of its
        words with its match from other starts).
    choice : DataFrame
        One row a number of topics tried: ``k, coherence, stability, chosen``.
    documents : DataFrame
        Index complaint id: ``text`` (masked, normalised), ``language``, ``tokens``,
        ``duplicate_of``.
    """

    probabilities: pd.DataFrame
    words: pd.DataFrame
    quality: pd.DataFrame
    choice: pd.DataFrame
    documents: pd.DataFrame

    @property
    def primary(self) -> pd.Series:
        """The most probable topic of each text; index complaint id."""
        names = self.probabilities.columns.to_numpy()[self.probabilities.to_numpy().argmax(axis=1)]
        return pd.Series(names, index=self.probabilities.index, name="topic", dtype="str")

    @property
    def shares(self) -> pd.Series:
        """Share of the texts whose primary topic it is, by topic."""
        counts = self.primary.value_counts(normalize=True)
        return counts.reindex(self.probabilities.columns, fill_value=0.0).rename("share")

    @property
    def labels(self) -> dict[str, Text]:
        """The four words that tell most about each topic."""
        top = self.words[self.words["rank"] <= 4].groupby("topic")["word"]
        return {str(topic): Text("、".join(words), ", ".join(words)) for topic, words in top}

    def read(self, topic: str, n: int = 5) -> pd.DataFrame:
        """The texts that are most about a topic: ``complaint_id, probability, text`` (masked).

        Raises
        ------
        InputError
            If there is no such topic.
        """
        if topic not in self.probabilities:
            names = list(self.probabilities.columns)
            raise InputError(
                f"There is no topic {topic!r}; there are {', '.join(names)}.",
                f"没有主题“{topic}”；可用：{'、'.join(names)}。",
            )
        top = self.probabilities.loc[self.documents["duplicate_of"].isna(), topic].nlargest(n)
        return pd.DataFrame(
            {
                "complaint_id": top.index,
                "probability": top.to_numpy(),
                "text": self.documents["text"].loc[top.index].to_numpy(),
            }
        )


@dataclass(frozen=True, eq=False)
class _Fit:
    """The same texts from several starts; the first is reported."""

    word_given_topic: np.ndarray  # (topics, words)
    gamma: np.ndarray  # (documents, topics)
    coherence: np.ndarray  # (topics,)
    stability: np.ndarray  # (topics,)


def discover_topics(
    texts: pd.Series,
    *,
    k: int | None = None,
    seed: int = 0,
    starts: int = 3,
    progress: Progress = QUIET,
) -> Topics:
    """Find topics in texts with an unseeded gensim LDA.

    Parameters
    ----------
    texts : Series of str
        Masked texts, indexed by complaint id; missing and empty ones are left out.
    k : int, optional
        Number of topics. By default the best of `CANDIDATES` by the sum of its ranks in coherence
        and stability, the smaller of equals.
    seed : int
    starts : int
        Starting points that are compared, at least 2.
    progress : Progress

    Returns
    -------
    Topics

    Raises
    ------
    InputError
        If ``k`` is below 2, or there are fewer distinct texts or words than topics.

    Notes
    -----
    Coherence: c_npmi (Bouma 2009; Aletras & Stevenson 2013) from the co-occurrence of words in
    texts, which for texts shorter than a window is what a window counts. Labels: FREX with equal
    weights (Bischof & Airoldi 2012).
    """
    documents = prepare(texts)
    distinct = documents.table["duplicate_of"].isna()
    counts, vocabulary = count_words(documents.words[distinct])
    limit = min(counts.shape[0] // 2, counts.shape[1] // 2)
    if limit < 2 or (k is not None and not 2 <= k <= limit):
        raise InputError(
            f"{'These' if k is None else f'{k} topics from these'} {counts.shape[0]} distinct "
            f"texts with {counts.shape[1]} usable words cannot be told apart; give at least 2 "
            "topics, and at least two texts and two words for each.",
            f"{counts.shape[0]} 条不同文本、{counts.shape[1]} 个可用词，无法区分"
            f"{'' if k is None else f' {k} 个'}主题；主题数至少为 2，每个主题至少需要两条文本和两个词。",
        )
    seeds = [int(s) for s in np.random.SeedSequence(seed).generate_state(max(2, starts))]
    tried = [k] if k else [c for c in CANDIDATES if c <= limit] or [limit]
    fits = [_fit(counts, size, seeds) for size in progress.each(tried, "topics")]
    choice = pd.DataFrame(
        {
            "k": tried,
            "coherence": [float(fit.coherence.mean()) for fit in fits],
            "stability": [float(fit.stability.mean()) for fit in fits],
        }
    )
    ranks = choice["coherence"].rank() + choice["stability"].rank()
    choice["chosen"] = np.arange(len(tried)) == ranks.to_numpy().argmax()
    fit = fits[int(ranks.to_numpy().argmax())]
    owner = pd.Index(
        documents.table["duplicate_of"].where(~distinct, documents.table.index.to_series())
    )
    theta = (fit.gamma / fit.gamma.sum(axis=1, keepdims=True))[
        documents.table.index[distinct].get_indexer(owner)
    ]
    return _in_order(fit, theta, vocabulary, documents.table, choice)


def _in_order(
    fit: _Fit,
    theta: np.ndarray,
    words: Sequence[str],
    documents: pd.DataFrame,
    choice: pd.DataFrame,
) -> Topics:
    """Name the topics from the largest to the smallest."""
    sizes = np.bincount(theta.argmax(axis=1), minlength=theta.shape[1])
    order = np.argsort(-sizes, kind="stable")
    names = [f"topic_{i + 1}" for i in range(len(order))]
    score = frex(fit.word_given_topic)[order]
    best = np.argsort(-score, axis=1, kind="stable")[:, :TOP]
    chance = fit.word_given_topic[order]
    rows = [
        (name, rank + 1, words[word], chance[topic, word])
        for topic, name in enumerate(names)
        for rank, word in enumerate(best[topic])
    ]
    quality = pd.DataFrame(
        {
            "topic": names,
            "share": sizes[order] / len(theta),
            "coherence": fit.coherence[order],
            "stability": fit.stability[order],
        }
    )
    return Topics(
        pd.DataFrame(theta[:, order], index=documents.index, columns=names),
        pd.DataFrame(rows, columns=["topic", "rank", "word", "probability"]),
        quality,
        choice,
        documents,
    )


def _fit(counts: sparse.csr_matrix, k: int, seeds: Sequence[int]) -> _Fit:
    eta = np.full((k, counts.shape[1]), PRIOR)
    fits = [fit_lda(counts, eta, seed=seed, alpha=1.0 / k, passes=15) for seed in seeds]
    topics = [model.get_topics() for model, _ in fits]
    tops = [np.argsort(-t, axis=1, kind="stable")[:, :TOP] for t in topics]
    matched = [_match(topics[0], other) for other in topics[1:]]
    overlap = [
        [
            len(np.intersect1d(mine, theirs)) / len(np.union1d(mine, theirs))
            for mine, theirs in zip(tops[0], top[match], strict=True)
        ]
        for top, match in zip(tops[1:], matched, strict=True)
    ]
    return _Fit(topics[0], fits[0][1], npmi(counts, tops[0]), np.mean(overlap, axis=0))


def _match(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """For each topic of the first fit its best partner in the second, one to one."""
    similarity = np.sqrt(first) @ np.sqrt(second).T  # Bhattacharyya
    return linear_sum_assignment(-similarity)[1]


def npmi(counts: sparse.csr_matrix, top: np.ndarray) -> np.ndarray:
    """Mean normalised pointwise mutual information of the word pairs of each topic.

    Parameters
    ----------
    counts : csr_matrix of shape (documents, words)
    top : ndarray of int of shape (topics, words a topic)

    Returns
    -------
    ndarray of shape (topics,)
        From -1 (never together) to 1 (only together).
    """
    present = (counts > 0).astype(float).tocsc()
    n = counts.shape[0]
    means = []
    for words in top:
        part = present[:, words]
        together = (part.T @ part).toarray() / n
        alone = np.diag(together)
        pairs = np.triu_indices(len(words), 1)
        joint, apart = together[pairs], np.outer(alone, alone)[pairs]
        seen = joint > 0
        value = np.full(len(joint), -1.0)
        # Words that stand in every text together say nothing; their log joint is 0.
        logs = np.minimum(np.log(joint[seen]), -1e-12)
        value[seen] = np.log(joint[seen] / apart[seen]) / -logs
        means.append(value.mean())
    return np.array(means)


def frex(word_given_topic: np.ndarray) -> np.ndarray:
    """Harmonic mean of the ranks of a word's frequency in a topic and of its exclusivity to it.

    Parameters
    ----------
    word_given_topic : ndarray of shape (topics, words)

    Returns
    -------
    ndarray of shape (topics, words)
        Higher is more telling. Words much rarer than a topic's top ones are ruled out.
    """
    exclusivity = word_given_topic / word_given_topic.sum(axis=0)
    size = word_given_topic.shape[1]
    frequent = stats.rankdata(word_given_topic, axis=1) / size
    exclusive = stats.rankdata(exclusivity, axis=1) / size
    score = 2 / (1 / frequent + 1 / exclusive)
    # In a large vocabulary every rank near the top looks alike: only a topic's frequent words name it.
    floor = np.sort(word_given_topic, axis=1)[:, -min(5 * TOP, size)][:, None]
    return np.where(word_given_topic >= floor, score, 0.0)
