"""Tokens of many texts as columns of numbers: a million complaints fit where lists would not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from svcquality.text.code_points import elements_of, offsets_of

MOST_COMMON = 0.5
"""A word in more than this share of the texts tells nothing apart."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """Tokens of texts.

    Parameters
    ----------
    codes : int32 array of shape (tokens,)
        Positions in ``vocabulary``, text after text.
    offsets : int64 array of shape (texts + 1,)
        The tokens of text ``i`` are ``codes[offsets[i]:offsets[i + 1]]``.
    vocabulary : tuple of str
        Distinct tokens in the order in which they first occurred; a selection of rows keeps all.
    """

    codes: np.ndarray
    offsets: np.ndarray
    vocabulary: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> Tokens:
        """Tokens given as lists."""
        flat = np.array(list(chain.from_iterable(rows)), dtype=object)
        codes, vocabulary = pd.factorize(flat)
        lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        return cls(codes.astype(np.int32), offsets_of(lengths), tuple(vocabulary))

    @classmethod
    def joined(cls, parts: Sequence[Tokens]) -> Tokens:
        """Texts of several parts, one part behind the other, in one vocabulary."""
        words = np.array(list(chain.from_iterable(part.vocabulary for part in parts)), dtype=object)
        number, vocabulary = pd.factorize(words)
        number = number.astype(np.int32)
        edges = offsets_of(np.array([len(part.vocabulary) for part in parts], dtype=np.int64))
        codes = [number[edges[i] : edges[i + 1]][part.codes] for i, part in enumerate(parts)]
        lengths = [part.lengths for part in parts]
        return cls(
            np.concatenate([np.empty(0, np.int32), *codes]),
            offsets_of(np.concatenate([np.empty(0, np.int64), *lengths])),
            tuple(vocabulary),
        )

    def __len__(self) -> int:
        """Number of texts."""
        return len(self.offsets) - 1

    def __getitem__(self, rows: Any) -> Tokens:
        """Some texts: a slice, positions, or one truth value a text (an array or a Series)."""
        if not isinstance(rows, slice):
            rows = np.asarray(rows)
            rows = rows if rows.dtype == bool else rows.astype(np.int64)
        places = np.arange(len(self))[rows]
        where, offsets = elements_of(self.offsets[places], self.offsets[places + 1])
        return Tokens(self.codes[where], offsets, self.vocabulary)

    def __iter__(self) -> Iterator[list[str]]:
        """The tokens of one text after the other."""
        edges = self.offsets.tolist()
        for start, end in pairwise(edges):
            yield [self.vocabulary[code] for code in self.codes[start:end].tolist()]

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each text, int64 of shape (texts,)."""
        return np.diff(self.offsets)

    def lists(self) -> list[list[str]]:
        """The tokens as lists, for few texts or other libraries."""
        return list(self)

    def renamed(self, names: Mapping[str, str]) -> Tokens:
        """Call tokens by other names and leave out those without one.

        Parameters
        ----------
        names : mapping of str to str
            From a token to its new name; several may share one.
        """
        known = [names.get(word) for word in self.vocabulary]
        number, vocabulary = pd.factorize(np.array(known, dtype=object))  # None becomes -1
        codes = number.astype(np.int32)[self.codes]
        kept = codes >= 0
        before = offsets_of(kept.astype(np.int64))  # kept tokens in front of each token
        return Tokens(codes[kept], before[self.offsets], tuple(vocabulary))

    def emptied(self, texts: np.ndarray) -> Tokens:
        """Take all tokens from the texts that are marked; they keep their rows.

        Parameters
        ----------
        texts : bool array of shape (texts,)
        """
        lengths = np.where(texts, 0, self.lengths)
        return Tokens(
            self.codes[np.repeat(~texts, self.lengths)], offsets_of(lengths), self.vocabulary
        )

    def count(self, words: frozenset[str]) -> np.ndarray:
        """How many tokens of each text are among ``words``, int64 of shape (texts,)."""
        among = np.fromiter((word in words for word in self.vocabulary), dtype=np.int64)
        return np.diff(offsets_of(among[self.codes])[self.offsets])


def count_words(tokens: Tokens) -> tuple[sparse.csr_matrix, list[str]]:
    """Count words.

    Parameters
    ----------
    tokens : Tokens

    Returns
    -------
    counts : csr_matrix of shape (texts, vocabulary)
        Words in at least two texts (five, from a thousand texts on) and in at most half of them.
        A text may be left without words; it keeps its row.
    vocabulary : list of str
        Sorted.
    """
    words = np.array(tokens.vocabulary, dtype=object)
    order = np.argsort(words)
    rank = np.empty(len(words), np.int32)
    rank[order] = np.arange(len(words))
    counts = sparse.csr_matrix(
        (np.ones(len(tokens.codes)), rank[tokens.codes], tokens.offsets),
        shape=(len(tokens), len(words)),
    )
    counts.sum_duplicates()
    in_texts = np.bincount(counts.indices, minlength=len(words))
    least = 5 if len(tokens) >= 1000 else 2
    kept = np.flatnonzero((in_texts >= least) & (in_texts <= max(least, MOST_COMMON * len(tokens))))
    return counts[:, kept], words[order][kept].tolist()
