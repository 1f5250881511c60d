"""Which characters of a raw text a span of its normalised text comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

_ROW = 1 << 32
"""Texts are shorter than this, so that a text and a place in it make one number."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """Runs of characters that come from neighbouring raw characters, one by one.

    Texts that were left as they were have no runs: there, places are the same.

    Parameters
    ----------
    places : int64 array of shape (runs,)
        ``text << 32 | first character`` in the normalised text, increasing.
    raw_starts, raw_widths : int32 arrays of shape (runs,)
        Where the first character of a run comes from. A width other than 1 says that every
        character of the run comes from that many raw characters together.
    """

    places: np.ndarray
    raw_starts: np.ndarray
    raw_widths: np.ndarray

    @classmethod
    def of(
        cls, rows: np.ndarray, starts: Sequence[list[int]], ends: Sequence[list[int]]
    ) -> Alignment:
        """From the raw span of every character of some texts.

        Parameters
        ----------
        rows : int64 array of shape (texts,)
            Which texts, increasing.
        starts, ends : sequence of list of int
            For each, the raw span of each of its characters.
        """
        lengths = np.fromiter(map(len, starts), dtype=np.int64, count=len(starts))
        before = np.cumsum(lengths) - lengths
        text = np.repeat(np.arange(len(rows)), lengths)
        first = np.fromiter(chain.from_iterable(starts), dtype=np.int32, count=len(text))
        last = np.fromiter(chain.from_iterable(ends), dtype=np.int32, count=len(text))
        width = last - first
        follows = np.zeros(len(text), dtype=bool)
        follows[1:] = (
            (text[1:] == text[:-1])
            & (width[1:] == width[:-1])
            & (first[1:] - first[:-1] == (width[1:] == 1))
        )
        run = np.flatnonzero(~follows)
        places = rows[text[run]] * _ROW + run - before[text[run]]
        return cls(places, first[run], width[run])

    @classmethod
    def joined(cls, parts: Sequence[Alignment], texts: Sequence[int]) -> Alignment:
        """Parts of a corpus one behind the other, ``texts`` of each."""
        shift = np.cumsum([0, *texts])
        return cls(
            np.concatenate([part.places + s * _ROW for part, s in zip(parts, shift, strict=False)]),
            np.concatenate([part.raw_starts for part in parts]),
            np.concatenate([part.raw_widths for part in parts]),
        )

    def raw_spans(
        self, rows: np.ndarray, starts: np.ndarray, ends: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Raw spans of normalised ones.

        Parameters
        ----------
        rows, starts, ends : int64 arrays of shape (spans,)
            Text and span in the normalised text; an empty span stays empty.

        Returns
        -------
        starts, ends : int64 arrays of shape (spans,)
            The smallest raw span that holds every raw character that a character of the span
            comes from, with what was dropped between them.
        """
        first, _ = self._characters(rows, starts)
        _, last = self._characters(rows, np.maximum(ends - 1, starts))
        return first, np.where(ends > starts, last, first)

    def _characters(self, rows: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        run = np.searchsorted(self.places, rows * _ROW + at, side="right") - 1
        known = run >= 0
        known[known] = self.places[run[known]] // _ROW == rows[known]
        start, end = at.copy(), at + 1
        run = run[known]
        single = self.raw_widths[run] == 1
        start[known] = self.raw_starts[run] + (at[known] - self.places[run] % _ROW) * single
        end[known] = start[known] + self.raw_widths[run]
        return start, end
