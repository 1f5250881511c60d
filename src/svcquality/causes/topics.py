"""Topics that the texts themselves suggest: exploratory, and never called causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.causes.documents import count_words, prepare
from svcquality.causes.lda import fit_lda
from svcquality.causes.topic_choice import (
    CANDIDATES,
    PASSES,
    STARTS,
    WORD_PRIOR,
    Choice,
    Rule,
    choose_topics,
)
from svcquality.causes.topic_labels import label_words
from svcquality.causes.topic_quality import (
    TOP,
    cosines,
    exclusivity,
    matched,
    npmi,
    overlap,
    top_words,
)
from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.progress import QUIET, Progress

NAMING = 5 * TOP
"""A topic is named by its most probable words only, of which there are so many."""


@dataclass(frozen=True, eq=False)
class Topics:
    """Topics of texts, the largest first.

    Parameters
    ----------
    probabilities : DataFrame
        Index complaint id, a column a topic (``topic_1`` …); rows sum to 1.
    words : DataFrame
        ``topic, rank, word, probability``: words that are both frequent in a topic and peculiar
        to it (FREX).
    quality : DataFrame
        One row a topic: ``topic, share, coherence`` (c_npmi), ``exclusivity``, ``stability`` (mean
        cosine with its match from each start), ``overlap`` (mean share of common top words).
    choice : Choice
        How the number was chosen: ``choice.table`` has one row a number that was tried.
    rule : Rule
    documents : DataFrame
        Index complaint id: ``text`` (masked, normalised), ``language``, ``tokens``,
        ``duplicate_of``.
    topic_word : ndarray of shape (topics, words)
        Probabilities of words in each topic; rows sum to 1.
    vocabulary : tuple of str
    word_counts : ndarray of shape (words,)
        How often each word occurs in the distinct texts.
    """

    probabilities: pd.DataFrame
    words: pd.DataFrame
    quality: pd.DataFrame
    choice: Choice
    rule: Rule
    documents: pd.DataFrame
    topic_word: np.ndarray
    vocabulary: tuple[str, ...]
    word_counts: np.ndarray

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

    def read(self, topic: str, n: int = 5, *, among: pd.Index | None = None) -> pd.DataFrame:
        """The texts that are most about a topic.

        Parameters
        ----------
        topic : str
        n : int
            How many; the same text is shown once.
        among : Index, optional
            Complaints to which to keep.

        Returns
        -------
        DataFrame
            ``complaint_id, probability, text`` (masked).

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
        shown = self.documents["duplicate_of"].isna()
        if among is not None:
            shown &= shown.index.isin(among)
        top = self.probabilities.loc[shown, topic].nlargest(n)
        return pd.DataFrame(
            {
                "complaint_id": top.index,
                "probability": top.to_numpy(),
                "text": self.documents["text"].loc[top.index].to_numpy(),
            }
        )

    def label_words(self, n: int = 10, *, among: int | None = NAMING) -> pd.DataFrame:
        """Words of each topic by probability, FREX, lift and score.

        See `svcquality.causes.topic_labels.label_words`.
        """
        return label_words(
            self.topic_word, self.vocabulary, self.word_counts, n=n, among=among,
            names=list(self.probabilities.columns),
        )  # fmt: skip


def discover_topics(
    texts: pd.Series,
    *,
    k: int | Sequence[int] | None = None,
    rule: Mapping[str, float] | None = None,
    seed: int = 0,
    starts: int = STARTS,
    workers: int | None = None,
    progress: Progress = QUIET,
) -> Topics:
    """Find topics in texts with an unseeded gensim LDA.

    Parameters
    ----------
    texts : Series of str
        Masked texts, indexed by complaint id; missing and empty ones are left out.
    k : int or sequence of int, optional
        Number of topics, or numbers of which one is chosen; by default those of `CANDIDATES` that
        the texts are enough for.
    rule : mapping of str to float, optional
        What ``coherence``, ``exclusivity``, ``held_out`` and ``stability`` weigh in the choice; by
        default all the same. See `svcquality.causes.topic_choice.Rule`.
    seed : int
    starts : int
        Starting points that are compared, at least 2.
    workers : int, optional
        Threads, by default one a processor. They change no digit of the result.
    progress : Progress

    Returns
    -------
    Topics

    Raises
    ------
    InputError
        If ``k``, ``rule`` or ``starts`` is no such thing, or there are fewer distinct texts or
        words than topics.

    Notes
    -----
    The number is chosen, and the stability of topics told, by a sample of the texts (see
    `svcquality.causes.topic_choice`). The topics reported start from those of the most typical fit
    and are fitted to all distinct texts.
    """
    weighed = Rule.of(rule)
    documents = prepare(texts)
    distinct = documents.table["duplicate_of"].isna().to_numpy()
    counts, vocabulary = count_words(documents.words[distinct])
    tried = _candidates(k, counts.shape)
    if type(starts) is not int or starts < 2:
        raise InputError(
            f"starts must be a whole number of at least 2, not {starts!r}.",
            f"starts 应为不小于 2 的整数，现为 {starts!r}。",
        )
    choice = choose_topics(
        counts, tried, weighed, seed=seed, starts=starts, workers=workers, progress=progress
    )
    model, gamma = fit_lda(
        counts, np.full((choice.k, counts.shape[1]), WORD_PRIOR), seed=seed, alpha=1.0 / choice.k,
        passes=PASSES, start=choice.statistics * (counts.shape[0] / choice.texts), workers=workers,
    )  # fmt: skip
    theta = gamma / gamma.sum(axis=1, keepdims=True)
    ids = documents.table.index
    owner = documents.table["duplicate_of"].where(~distinct, ids.to_series())
    theta = theta[ids[distinct].get_indexer(pd.Index(owner))]
    sizes = np.bincount(theta.argmax(axis=1), minlength=choice.k)
    order = np.argsort(-sizes, kind="stable")
    names = [f"topic_{i + 1}" for i in range(choice.k)]
    topic_word = model.get_topics()[order]
    word_counts = np.asarray(counts.sum(axis=0)).ravel()
    words = label_words(
        topic_word, vocabulary, word_counts, n=TOP, methods=["frex"], among=NAMING, names=names
    )
    place = {word: column for column, word in enumerate(vocabulary)}
    row = words["topic"].str.removeprefix("topic_").astype(int) - 1
    words["probability"] = topic_word[row, words["word"].map(place)]
    quality = pd.DataFrame(
        {
            "topic": names,
            "share": sizes[order] / len(theta),
            "coherence": npmi(counts, top_words(topic_word)),
            "exclusivity": exclusivity(topic_word),
            **_stability(topic_word, choice.topics),
        }
    )
    return Topics(
        pd.DataFrame(theta[:, order], index=ids, columns=names),
        words[["topic", "rank", "word", "probability"]],
        quality, choice, weighed, documents.table, topic_word, tuple(vocabulary), word_counts,
    )  # fmt: skip


def _candidates(k: int | Sequence[int] | None, shape: tuple[int, int]) -> list[int]:
    """Numbers of topics to try, in rising order; by default those that the texts can carry."""
    texts, words = shape
    limit = min(texts, words) // 2
    if k is None:
        wanted = [n for n in CANDIDATES if n <= limit] or [limit]
    else:
        wanted = list(k) if isinstance(k, Sequence) else [k]
    if not wanted or any(type(n) is not int for n in wanted):
        raise InputError(
            f"k is a whole number of topics or a list of them, such as [5, 8, 12]; got {k!r}.",
            f"k 应为主题数（整数）或整数列表，例如 [5, 8, 12]；现为 {k!r}。",
        )
    wrong = [n for n in wanted if not 2 <= n <= limit]
    if wrong:
        some, some_zh = ("Topics", "") if k is None else (f"{wrong[0]} topics", f" {wrong[0]} 个")
        raise InputError(
            f"{some} cannot be told apart in {texts} distinct texts with {words} usable words; ask "
            "for at least 2 topics, and give at least two texts and two words for each.",
            f"{texts} 条不同文本、{words} 个可用词，无法区分{some_zh}主题；主题数至少为 2，"
            "每个主题至少需要两条文本和两个词。",
        )
    return sorted(set(wanted))


def _stability(topic_word: np.ndarray, others: np.ndarray) -> dict[str, np.ndarray]:
    """How much of each topic comes back from every other start."""
    top = top_words(topic_word)
    rows = np.arange(len(topic_word))
    pairs = [(other, matched(topic_word, other)) for other in others]
    return {
        "stability": np.mean([cosines(topic_word, o)[rows, m] for o, m in pairs], axis=0),
        "overlap": np.mean([overlap(top, top_words(o)[m]) for o, m in pairs], axis=0),
    }
