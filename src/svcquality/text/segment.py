"""Texts to tokens: jieba with the bank's dictionary for Chinese, words for the rest."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

import jieba
import pandas as pd

from svcquality.storage import hash_bytes
from svcquality.text.normalise import HAN, is_chinese

_WORD = re.compile(rf"[{HAN}]+|[a-z][a-z0-9]*(?:[-'][a-z0-9]+)*", re.IGNORECASE)
_ENGLISH = re.compile(r"[a-z]+(?:['-][a-z]+)*")


def _resource(name: str) -> bytes:
    return files("svcquality.text").joinpath("dictionaries", name).read_bytes()


def dictionary_hash() -> str:
    """SHA-256 of the bank dictionary and the stop words: other words, other results."""
    return hash_bytes(_resource("bank.txt") + _resource("stopwords.txt"))


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
def stop_words() -> frozenset[str]:
    """Words that say nothing about a cause."""
    lines = _resource("stopwords.txt").decode("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def segment(texts: pd.Series) -> pd.Series:
    """Cut texts into tokens.

    Parameters
    ----------
    texts : Series of str
        Normalised texts.

    Returns
    -------
    Series of list of str
        Same index. Chinese texts are cut as ``jieba.lcut`` with the bank dictionary cuts them,
        others into lower-case words; a missing text has no tokens. Identical texts are cut once.
    """
    codes, unique = pd.factorize(texts)
    distinct = pd.Series(unique, dtype="str")
    chinese = is_chinese(distinct)
    tokens: list[list[str]] = [[] for _ in range(len(distinct))]
    cut: Callable[[str], list[str]] = bank_tokenizer().lcut if chinese.any() else _ENGLISH.findall
    for position, (text, zh) in enumerate(zip(distinct, chinese, strict=True)):
        tokens[position] = cut(text) if zh else _ENGLISH.findall(text.lower())
    tokens.append([])  # code -1: missing
    return pd.Series([tokens[code] for code in codes], index=texts.index, dtype="object")


def content_words(tokens: pd.Series) -> pd.Series:
    """Tokens that can tell topics apart: words of at least two letters that are no stop words.

    Parameters
    ----------
    tokens : Series of list of str
        As `segment` gives them; numbers, punctuation, masks and emoji are left out.
    """
    stop = stop_words()
    distinct = set().union(*tokens) if len(tokens) else set()
    kept = {
        token: token.lower()
        for token in distinct
        if len(token) > 1 and _WORD.fullmatch(token) and token.lower() not in stop
    }
    return tokens.map(lambda row: [kept[token] for token in row if token in kept])
