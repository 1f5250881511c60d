"""Texts to tokens: jieba with the bank's dictionary for Chinese, words for the rest."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

import jieba
import numpy as np
import pandas as pd

from svcquality.storage import hash_bytes
from svcquality.text.characters import lower_case
from svcquality.text.code_points import CodePoints, elements_of, intern_spans
from svcquality.text.cut import cut
from svcquality.text.english import content_form
from svcquality.text.jieba_tables import Tables, tables_of
from svcquality.text.languages import is_chinese
from svcquality.text.normalise import HAN
from svcquality.text.tokens import Tokens

CHARACTERS_AT_ONCE = 4_000_000
"""Texts are cut in portions of about so many characters, for a bounded memory."""

_CHINESE_WORD = re.compile(f"[{HAN}]{{2,}}")
_LATIN_WORD = re.compile(r"[^\W\d_][^\W_]*(?:[-'][^\W_]+)*")
_DICTIONARIES = ("bank.txt", "stopwords.txt", "stopwords_en.txt")


def _resource(name: str) -> bytes:
    return files("svcquality.text").joinpath("dictionaries", name).read_bytes()


def dictionary_hash() -> str:
    """SHA-256 of the bank dictionary and the stop words: other words, other results."""
    return hash_bytes(b"".join(map(_resource, _DICTIONARIES)))


@lru_cache(maxsize=1)
def bank_tokenizer() -> jieba.Tokenizer:
    """The tokenizer of jieba with the bank dictionary.

    It is read from jieba's own word list, never from the cache that jieba keeps in the common
    temporary folder, where any user may have put another one. The global tokenizer of jieba is
    left alone.
    """
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for line in _resource("bank.txt").decode("utf-8").splitlines():
        if line:
            tokenizer.add_word(line)
    return tokenizer


@lru_cache(maxsize=1)
def bank_tables() -> Tables:
    """The same words as arrays, as `svcquality.text.cut` reads them."""
    return tables_of(bank_tokenizer())


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Words that say nothing about a cause, Chinese and English."""
    lines = (_resource("stopwords.txt") + _resource("stopwords_en.txt")).decode().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def segment(texts: pd.Series) -> Tokens:
    """Cut texts into tokens.

    Parameters
    ----------
    texts : Series of str
        Normalised texts; a missing one has no tokens.

    Returns
    -------
    Tokens
        In the order of the texts. Chinese texts are cut as ``jieba.lcut`` with the bank dictionary
        cuts them, token for token; others into lower-case words, and what is Chinese in them as
        jieba cuts it.
    """
    return Tokens.joined([cut_texts(part, bank_tables()) for part in _portions(texts)])


def cut_texts(texts: CodePoints, tables: Tables) -> Tokens:
    """Cut texts with the dictionary of a tokenizer, all at once; see `segment`."""
    chinese = is_chinese(texts)
    points = texts.points
    if not chinese.all():
        points = np.where(np.repeat(chinese, texts.lengths), points, lower_case(points))
    starts, ends, offsets = cut(CodePoints(points, texts.offsets), chinese, tables)
    codes, first = intern_spans(points, starts, ends)
    where, edges = elements_of(starts[first], ends[first])
    return Tokens(codes, offsets, tuple(CodePoints(points[where], edges).strings()))


def _portions(texts: pd.Series) -> Iterator[CodePoints]:
    filled = texts.astype("str").fillna("")
    so_far = filled.str.len().cumsum().to_numpy() // CHARACTERS_AT_ONCE
    edges = np.searchsorted(so_far, np.arange(so_far[-1] + 2)) if len(filled) else [0]
    for start, end in pairwise(edges):
        if end > start:
            yield CodePoints.of(filled.iloc[start:end].tolist())


def content_words(tokens: Tokens) -> Tokens:
    """Words that can tell topics apart: neither stop words nor single letters or characters.

    Parameters
    ----------
    tokens : Tokens
        As `segment` gives them.

    Returns
    -------
    Tokens
        For the same texts, without numbers, punctuation, masks and emoji. Latin words are as
        `svcquality.text.english.content_form` gives them, negations kept.
    """
    names = {word: name for word in tokens.vocabulary if (name := _content_form(word))}
    return tokens.renamed(names)


def _content_form(word: str) -> str | None:
    if _CHINESE_WORD.fullmatch(word):
        return None if word in stop_words() else word
    if _LATIN_WORD.fullmatch(word) and not _CHINESE_WORD.search(word):
        return content_form(word, stop_words())
    return None
