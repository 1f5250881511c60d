"""Which feelings a text shows, how strongly, by which words; and of how many texts this says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.text.emotion_lexicon import (
    EMOTIONS,
    MOST_FACTOR,
    POSITIVE,
    SCORES,
    EmotionLexicon,
    load_emotion_lexicon,
)
from svcquality.text.emotion_shares import share_of
from svcquality.text.emotion_weighing import OTHER, Matches, match

SIGN = 0.5
"""A score from which a text counts as showing a feeling: one clear word, or two mild ones."""
LEAST_COVERAGE = 0.30
"""Below this share of covered texts, shares are withheld."""
FAIR_COVERAGE = 0.60
"""Below this, shares carry a warning."""
INSULT_IS_ANGER = 0.7
"""Part of the strength of an insult that counts as anger."""
SIZE = 2_000_000  # characters a pass


@dataclass(frozen=True, eq=False)
class EmotionScores:
    """Feelings that texts show.

    Parameters
    ----------
    table : DataFrame
        Index of the texts. ``anger, anxiety, disappointment, frustration, urgency, insult,
        politeness``: ``1 − exp(−Σ strength × factor)``, from 0 (no word of it) towards 1;
        ``intensity``: the most emphatic word of feeling, 0 to 1; ``language``: zh, en, other, none;
        ``covered``: whether its words of feeling and of contentment, affirmed or denied, together
        weigh as much as a sign does. A text that is not covered is unknown, not calm.
    lexicon : EmotionLexicon
    texts : Series of str
    matches : Matches
    """

    table: pd.DataFrame
    lexicon: EmotionLexicon
    texts: pd.Series
    matches: Matches

    @cached_property
    def spans(self) -> pd.DataFrame:
        """Why: one row a word and score.

        ``document`` (label of the text), ``start``, ``end`` (character positions in the text as
        given), ``words`` (as they stand there), ``score``, ``strength`` (of the lexicon),
        ``factor`` (of its surroundings), ``denied`` (then it adds nothing).
        """
        m = self.matches
        raw = self.texts.tolist()
        cut = [raw[t][s:e] for t, s, e in zip(m.text, m.start, m.end, strict=True)]
        row, score = np.nonzero(self.lexicon.weights[m.term])
        return pd.DataFrame(
            {
                "document": self.texts.index[m.text[row]],
                "start": m.start[row],
                "end": m.end[row],
                "words": pd.Series(cut, dtype="str").to_numpy()[row],
                "score": pd.Series([*SCORES, POSITIVE], dtype="str").to_numpy()[score],
                "strength": self.lexicon.weights[m.term[row], score],
                "factor": m.factor[row],
                "denied": m.denied[row],
            }
        )

    @property
    def present(self) -> pd.Series:
        """Whether each text has anything in it but white space."""
        return self.texts.str.strip() != ""

    @property
    def signs(self) -> pd.DataFrame:
        """Whether each text shows each feeling: a score of at least `SIGN`."""
        return self.table[list(SCORES)] >= SIGN

    @property
    def coverage(self) -> float:
        """Share of the texts that are not empty that say enough of feelings."""
        present = self.present
        return float(self.table["covered"][present].mean()) if present.any() else float("nan")

    def shares(
        self,
        by: pd.Series | None = None,
        *,
        clusters: pd.Series | None = None,
        shows: pd.DataFrame | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """How many texts show each feeling.

        Parameters
        ----------
        by : Series, optional
            Group of each text, same index; texts without a group are left out.
        clusters : Series, optional
            Units whose texts go together (customers, branches), same index.
        shows : DataFrame of bool, optional
            Verdicts by score from a better instrument; by default scores of at least `SIGN`.
        level : float
            Nominal coverage of the intervals.

        Returns
        -------
        DataFrame
            ``group`` (with ``by``), ``score, label_zh, label_en, share, error, low, high, n,
            clusters, coverage, withheld``. ``n`` counts the texts that are not empty. Where
            ``coverage`` is below `LEAST_COVERAGE` the shares are ``withheld`` (missing). Shares are
            of texts that *show* a feeling; a feeling without a word of it is not seen.

        Notes
        -----
        Wilson's (1927) interval; with clusters, of the effective number of texts under the
        linearised (ultimate-cluster) variance, with t of clusters − 1 degrees of freedom.
        """
        signs = self.signs if shows is None else shows
        covered = self.table["covered"] if shows is None else pd.Series(True, self.table.index)
        usable = self.present & (by.reindex(self.table.index).notna() if by is not None else True)
        group = by.reindex(self.table.index) if by is not None else None
        unit = clusters.reindex(self.table.index) if clusters is not None else None
        names = sorted(group[usable].unique()) if group is not None else [None]
        rows = []
        for name in names:
            inside = usable & (group == name) if group is not None else usable
            known = float(covered[inside].mean()) if inside.any() else float("nan")
            withheld = not known >= LEAST_COVERAGE
            for score in signs.columns:
                label = SCORES[score]
                found = share_of(
                    signs.loc[inside, score].to_numpy(dtype=float),
                    unit[inside] if unit is not None else None,
                    level,
                )
                values = (np.nan,) * 4 if withheld else found[:4]
                rows.append((name, score, label.zh, label.en, *values, int(inside.sum()),
                             found[4], known, withheld))  # fmt: skip
        columns = ["group", "score", "label_zh", "label_en", "share", "error", "low", "high", "n",
                   "clusters", "coverage", "withheld"]  # fmt: skip
        frame = pd.DataFrame(rows, columns=columns).astype({"clusters": "Int64"})
        return frame if by is not None else frame.drop(columns="group")

    def read(self, score: str, n: int = 5) -> pd.DataFrame:
        """The texts that show a feeling most, each text once.

        Returns
        -------
        DataFrame
            ``document, value, text, words`` (those that say it).

        Raises
        ------
        InputError
            If there is no such score.
        """
        if score not in SCORES:
            raise InputError(
                f"There is no score {score!r}; choose one of {', '.join(SCORES)}.",
                f"没有名为“{score}”的得分；可选：{'、'.join(SCORES)}。",
            )
        distinct = self.table[~self.texts.duplicated() & (self.table[score] > 0)]
        top = distinct[score].nlargest(n)
        spans = self.spans[(self.spans["score"] == score) & ~self.spans["denied"]]
        words = spans.groupby("document")["words"].agg("、".join)
        return pd.DataFrame(
            {
                "document": top.index,
                "value": top.to_numpy(),
                "text": self.texts.loc[top.index].to_numpy(),
                "words": words.reindex(top.index).fillna("").to_numpy(),
            }
        )


def score_emotion(
    texts: pd.Series | Sequence[str],
    *,
    lexicon: EmotionLexicon | None = None,
    progress: Progress = QUIET,
) -> EmotionScores:
    """Score feelings in Chinese and English texts by a lexicon.

    No stop word is removed and nothing is cut into words first: denials and intensifiers are what
    stop lists drop. A denial or an intensifier counts when it stands before the word of feeling
    with nothing but words between them that pass it on (是, 会, 让 …), three tokens at most.

    Parameters
    ----------
    texts : Series of str, or sequence of str
        Masked texts, raw or normalised; the index is kept. Missing ones count as empty. Traditional
        characters, full-width letters and invisible characters are read as they are meant.
    lexicon : EmotionLexicon, optional
        By default that of the package.
    progress : Progress

    Returns
    -------
    EmotionScores

    Raises
    ------
    InputError
        If the texts are none, or two have the same label.
    """
    given = _as_texts(texts)
    words = lexicon or load_emotion_lexicon()
    parts = _parts(given)
    found = [match(given.iloc[a:b], words) for a, b in progress.each(parts, "score emotion")]
    shift = [a for a, _ in parts]
    whole = Matches(
        np.concatenate([np.zeros(0, np.int64), *(m.text + a for m, a in zip(found, shift, strict=True))]),
        *(
            np.concatenate([np.zeros(0, kind), *(getattr(m, name) for m in found)])
            for name, kind in (("start", int), ("end", int), ("term", int), ("factor", float),
                               ("denied", bool), ("language", object))
        ),
    )  # fmt: skip
    return EmotionScores(_table(given, words, whole), words, given, whole)


def _as_texts(texts: pd.Series | Sequence[str]) -> pd.Series:
    series = texts if isinstance(texts, pd.Series) else pd.Series(list(texts), dtype="object")
    known = series.dropna()
    if not all(isinstance(value, str) for value in known):
        raise InputError(
            "Emotions are scored in texts, but some values are numbers or dates; give the column "
            "with the words of the complaints.",
            "情绪分析需要文本，但部分取值是数字或日期；请给出投诉内容所在的列。",
        )
    if series.index.has_duplicates:
        raise InputError(
            "Two texts have the same label in the index; give every complaint its own.",
            "有两条文本的编号相同；请为每条投诉使用唯一编号。",
        )
    return series.astype("str").fillna("")


def _parts(texts: pd.Series) -> list[tuple[int, int]]:
    """Runs of texts of about `SIZE` characters."""
    ends = texts.str.len().cumsum().to_numpy(dtype=np.int64)
    if not len(ends):
        return []
    borders = np.unique(
        np.r_[np.searchsorted(ends, np.arange(SIZE, ends[-1], SIZE)) + 1, len(ends)]
    )
    return [(int(a), int(b)) for a, b in zip(np.r_[0, borders[:-1]], borders, strict=True)]


def _table(texts: pd.Series, lexicon: EmotionLexicon, m: Matches) -> pd.DataFrame:
    n = len(texts)
    strength = lexicon.weights[m.term] * m.factor[:, None] * ~m.denied[:, None]
    evidence = {s: np.bincount(m.text, strength[:, i], n) for i, s in enumerate(SCORES)}
    evidence["anger"] = evidence["anger"] + INSULT_IS_ANGER * evidence["insult"]
    content = lexicon.weights[m.term, -1]
    evidence["disappointment"] = evidence["disappointment"] + np.bincount(
        m.text, content * m.factor * m.denied, n
    )
    table = pd.DataFrame({s: -np.expm1(-e) for s, e in evidence.items()}, index=texts.index)
    felt = [*EMOTIONS, "insult"]
    columns = [list(SCORES).index(s) for s in felt]
    most = np.maximum(strength[:, columns].max(axis=1, initial=0.0), content * m.factor * m.denied)
    peak = np.zeros(n)
    np.maximum.at(peak, m.text, most)
    table["intensity"] = peak / (lexicon.weights.max(initial=1.0) * MOST_FACTOR)
    table["language"] = pd.array(m.language.tolist(), dtype="str")
    # Denied words count too: 'not angry' is an answer. Mild ones alone are not enough for one.
    said = lexicon.weights[:, [*columns, -1]].max(axis=1)[m.term] * m.factor
    heard = -np.expm1(-np.bincount(m.text, said, n)) >= SIGN
    table["covered"] = heard & (table["language"] != OTHER).to_numpy()
    return table
