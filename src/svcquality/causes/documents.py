"""Complaint texts made ready for a topic model: normalised, cut, counted."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.progress import QUIET, Progress
from svcquality.text.code_points import CodePoints
from svcquality.text.languages import language_of
from svcquality.text.near_duplicates import first_of_its_kind
from svcquality.text.normalise import Normalised, normalise
from svcquality.text.segment import content_words, segment
from svcquality.text.tokens import Tokens, count_words

__all__ = ["LEFT_OUT", "Documents", "count_words", "prepare"]

TEXTS_AT_ONCE = 20_000
"""Texts in a partition: always as many, so that the number of workers changes nothing."""

LEFT_OUT: dict[str, Text] = {
    "missing": Text("没有文本", "no text"),
    "blank": Text("文本为空", "blank text"),
    "frame": Text("除坐席套话等之外没有内容", "nothing but agents' boilerplate and the like"),
}
"""Why a text is left out."""


@dataclass(frozen=True, eq=False)
class Documents:
    """Texts as a topic model takes them.

    Parameters
    ----------
    table : DataFrame
        Index ``complaint_id``; ``text`` (masked, normalised), ``language`` (zh, en, other: another
        language, or no letters at all), ``tokens`` (number of tokens), ``duplicate_of`` (id of the
        first complaint that says the same or nearly the same, or missing).
    words : Tokens
        Content words of each complaint, in the order of ``table``; none where the language is
        ``other``.
    left_out : DataFrame
        Complaints without a text: ``complaint_id, reason`` (a key of `LEFT_OUT`), ``label_zh``,
        ``label_en``.
    normalised : Normalised
        What normalising took, of all texts.
    """

    table: pd.DataFrame
    words: Tokens
    left_out: pd.DataFrame
    normalised: Normalised

    @property
    def repairs(self) -> pd.DataFrame:
        """One row a rule: ``rule, label_zh, label_en, found`` (places), ``texts``."""
        return self.normalised.repairs

    @property
    def ledger(self) -> pd.DataFrame:
        """One row a repair: ``rule, document, start, end`` (in the raw text), ``before, after``."""
        return self.normalised.ledger

    def raw_spans(self, spans: pd.DataFrame) -> pd.DataFrame:
        """Where spans of the normalised texts stand in the raw ones.

        Parameters
        ----------
        spans : DataFrame
            ``complaint_id``, ``start``, ``end`` (characters of ``table["text"]``).

        Returns
        -------
        DataFrame
            ``start, end`` in the raw texts; same index.

        Raises
        ------
        KeyError
            If there is no such complaint.
        """
        return self.normalised.raw_spans(spans.rename(columns={"complaint_id": "document"}))


def prepare(texts: pd.Series, *, workers: int = 1, progress: Progress = QUIET) -> Documents:
    """Normalise and cut texts, and find those that say the same.

    Parameters
    ----------
    texts : Series of str
        Masked texts; the index is the complaint id. Missing and blank ones are left out, and
        listed.
    workers : int
        Processes. The result is the same, to the byte, for any number. A script that asks for
        more than one needs the guard ``if __name__ == "__main__"``.
    progress : Progress

    Returns
    -------
    Documents

    Raises
    ------
    InputError
        If there is no text, an id occurs twice, or ``workers`` is below 1.
    """
    if workers < 1:
        raise InputError("workers must be at least 1.", "workers 至少为 1。")
    if texts.index.has_duplicates:
        raise InputError(
            "Two texts have the same complaint_id; give every complaint its own.",
            "有两条文本的 complaint_id 相同；请为每条投诉使用唯一编号。",
        )
    portions = [
        texts.iloc[start : start + TEXTS_AT_ONCE] for start in range(0, len(texts), TEXTS_AT_ONCE)
    ]
    done = list(progress.each(_each(portions, workers), f"{len(texts)} texts"))
    present = np.concatenate([np.empty(0, dtype=bool), *(part.present for part in done)])
    if not present.any():
        raise InputError(
            "The complaints have no text; name the column that holds it as 'text' in the mapping.",
            "投诉记录没有文本；请在映射文件中把投诉内容所在的列对应为 text。",
        )
    normalised = Normalised.joined([part.normalised for part in done])
    text = normalised.text[present]
    text.index = text.index.rename("complaint_id")
    first = first_of_its_kind(CodePoints.of(text.tolist()))
    ids = text.index.to_series()
    table = pd.DataFrame(
        {
            "text": text,
            "language": pd.concat([part.language for part in done]).to_numpy(),
            "tokens": np.concatenate([part.tokens for part in done]),
            "duplicate_of": ids.iloc[first]
            .set_axis(text.index)
            .where(first != np.arange(len(text))),
        }
    )
    words = Tokens.joined([part.words for part in done])
    return Documents(table, words, _left_out(texts, present), normalised)


@dataclass(frozen=True, eq=False)
class _Part:
    """What one process gives back for some texts; the last three of those that are present."""

    normalised: Normalised
    present: np.ndarray
    language: pd.Series
    tokens: np.ndarray
    words: Tokens


def _each(portions: list[pd.Series], workers: int) -> Iterator[_Part]:
    if workers == 1 or len(portions) < 2:
        yield from map(_prepare, portions)
        return
    # Forking a process that has threads is not safe; a fresh one behaves alike everywhere.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(portions)), mp_context=fresh) as pool:
        yield from pool.map(_prepare, portions)


def _prepare(texts: pd.Series) -> _Part:
    normalised = normalise(texts)
    present = (normalised.text.notna() & (normalised.text != "")).to_numpy(dtype=bool)
    text = normalised.text[present]
    tokens = segment(text)
    language = language_of(CodePoints.of(text.tolist()), tokens)
    known = (language != "other").to_numpy(dtype=bool)
    words = content_words(tokens).emptied(~known)
    return _Part(normalised, present, language, tokens.lengths, words)


def _left_out(texts: pd.Series, present: np.ndarray) -> pd.DataFrame:
    gone = texts[~present]
    blank = np.array([str(text).isspace() or text == "" for text in gone], dtype=bool)
    reason = np.select([gone.isna().to_numpy(dtype=bool), blank], ["missing", "blank"], "frame")
    return pd.DataFrame(
        {
            "complaint_id": gone.index,
            "reason": pd.Series(reason, dtype="str"),
            "label_zh": pd.Series([LEFT_OUT[r].zh for r in reason], dtype="str"),
            "label_en": pd.Series([LEFT_OUT[r].en for r in reason], dtype="str"),
        }
    )
