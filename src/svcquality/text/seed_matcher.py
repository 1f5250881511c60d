"""Find thousands of seeds in millions of characters in one compiled pass of bounded time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np

from svcquality.text.code_points import CodePoints, offsets_of
from svcquality.text.seed_patterns import MOST_LINKS, OPEN, Form
from svcquality.text.trie import fold

CLAUSE_ENDS = np.array([ord(c) for c in "，。；！？,.;!?\n"], dtype=np.int32)
"""Characters that a gap does not cross."""


@dataclass(frozen=True, eq=False)
class WordTree:
    """A prefix tree as sorted rows: small even for an alphabet of thousands of characters.

    Parameters
    ----------
    root : int32 array
        Node below the root by code point, 0 for none.
    offsets, letters, nodes : int32 arrays
        Children of a node ``n``: ``letters[offsets[n]:offsets[n + 1]]`` and their ``nodes``.
    end_offsets, ends : int32 arrays
        Numbers of the words that end at a node, in the same way.
    """

    root: np.ndarray
    offsets: np.ndarray
    letters: np.ndarray
    nodes: np.ndarray
    end_offsets: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, words: Sequence[Sequence[int]]) -> WordTree:
        """Build from words given as folded code points; none is empty."""
        children: list[dict[int, int]] = [{}]
        ends: list[list[int]] = [[]]
        for number, word in enumerate(words):
            node = 0
            for letter in word:
                if letter not in children[node]:
                    children[node][letter] = len(children)
                    children.append({})
                    ends.append([])
                node = children[node][letter]
            ends[node].append(number)
        root = np.zeros(max([*children[0], 0]) + 1, dtype=np.int32)
        root[list(children[0])] = list(children[0].values())
        rows = [sorted(below.items()) for below in children]
        flat = np.array([pair for row in rows for pair in row], dtype=np.int32).reshape(-1, 2)
        return cls(
            root,
            offsets_of(np.array([len(row) for row in rows])).astype(np.int32),
            flat[:, 0].copy(),
            flat[:, 1].copy(),
            offsets_of(np.array([len(row) for row in ends])).astype(np.int32),
            np.array([number for row in ends for number in row], dtype=np.int32),
        )


@dataclass(frozen=True, eq=False)
class SeedMatcher:
    """Forms of seeds made ready for a search.

    Parameters
    ----------
    tree : WordTree
        First pieces of the forms.
    seed : int32 array of shape (forms,)
        Number of the seed that each form spells; forms are ordered, the winner of rivals first.
    latin : bool array of shape (forms,)
        Forms that are looked for in texts with enough Latin letters only.
    pieces, piece_offsets, form_offsets, links : int32 arrays
        Code points of all pieces; where each starts; where each form's pieces start; the link
        before each piece.
    """

    tree: WordTree
    seed: np.ndarray
    latin: np.ndarray
    pieces: np.ndarray
    piece_offsets: np.ndarray
    form_offsets: np.ndarray
    links: np.ndarray

    @classmethod
    def of(cls, forms: Sequence[tuple[Form, int, bool]]) -> SeedMatcher:
        """Build from forms, each with the number of its seed and whether it is English."""
        ordered = sorted(forms, key=lambda entry: (-entry[0].length, entry[0].pieces))
        pieces = [_folded(piece) for form, _, _ in ordered for piece in form.pieces]
        points = [form.pieces[0] for form, _, _ in ordered]
        return cls(
            tree=WordTree.of([_folded(head).tolist() for head in points]),
            seed=np.array([seed for _, seed, _ in ordered], dtype=np.int32),
            latin=np.array([latin for _, _, latin in ordered], dtype=np.bool_),
            pieces=np.concatenate([*pieces, np.empty(0, np.int32)]).astype(np.int32),
            piece_offsets=offsets_of(np.array([len(piece) for piece in pieces], dtype=np.int64)),
            form_offsets=offsets_of(
                np.array([len(form.pieces) for form, _, _ in ordered], dtype=np.int64)
            ),
            links=np.array(
                [link for form, _, _ in ordered for link in (0, *form.links)], dtype=np.int32
            ),
        )

    def find(self, texts: CodePoints, latin: np.ndarray) -> np.ndarray:
        """Find the forms, from left to right; of those that start at one place the first wins.

        Parameters
        ----------
        texts : CodePoints
            Folded.
        latin : bool array of shape (texts,)
            Texts in which Latin forms are looked for.

        Returns
        -------
        int64 array of shape (found, 4)
            Text, start and end within all code points, seed.
        """
        if not len(self.seed):
            return np.empty((0, 4), dtype=np.int64)
        tree = self.tree
        found: np.ndarray = _find(
            texts.points, texts.offsets, latin, tree.root, tree.offsets, tree.letters, tree.nodes,
            tree.end_offsets, tree.ends, self.seed, self.latin, self.pieces, self.piece_offsets,
            self.form_offsets, self.links,
        )  # fmt: skip
        return found


def latin_share(texts: CodePoints) -> np.ndarray:
    """Share of Latin letters among the Latin and Han ones of each text; 0 where it has neither."""
    points = texts.points
    latin = texts.count((points >= ord("a")) & (points <= ord("z")))
    han = texts.count((points >= 0x3400) & (points <= 0x9FFF))
    share: np.ndarray = latin / np.maximum(latin + han, 1)
    return share


def _folded(word: str) -> np.ndarray:
    return fold(np.array([ord(c) for c in word], dtype=np.int32))


@numba.njit(cache=True, nogil=True)
def latin_letter(code: int) -> bool:
    """Whether a folded code point is part of a Latin word or a number."""
    return 97 <= code <= 122 or 48 <= code <= 57 or code == 95 or 0xC0 <= code <= 0x24F


@numba.njit(cache=True, nogil=True)
def child(
    node: int, letter: int, offsets: np.ndarray, letters: np.ndarray, nodes: np.ndarray
) -> int:
    """The node below another by a letter, 0 for none."""
    low, high = offsets[node], offsets[node + 1]
    while low < high:
        middle = (low + high) // 2
        if letters[middle] < letter:
            low = middle + 1
        else:
            high = middle
    if low < offsets[node + 1] and letters[low] == letter:
        return nodes[low]
    return 0


@numba.njit(cache=True, nogil=True)
def ends_clause(code: int) -> bool:
    """Whether a clause ends with a character."""
    for end in CLAUSE_ENDS:  # noqa: SIM110 (compiled)
        if code == end:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _border(points, at, first, stop):  # pragma: no cover - compiled
    """Whether no Latin word goes on across a place."""
    return at <= first or at >= stop or not (
        latin_letter(points[at - 1]) and latin_letter(points[at])
    )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def _literal(points, at, stop, pieces, start, end):  # pragma: no cover - compiled
    if at + end - start > stop:
        return False
    for i in range(end - start):  # noqa: SIM110 (compiled)
        if points[at + i] != pieces[start + i]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _tail(
    points, at, first, stop, pieces, piece_offsets, links, piece, last, gaps, places
):  # pragma: no cover - compiled
    """Where the pieces after the first end, gaps as short as can be; -1 if they do not follow.

    ``gaps[d]`` is the gap tried and ``places[d]`` where it starts, by depth: a search with at most
    `MOST_LINKS` levels, of which gaps alone can be tried again, each within bounds.
    """
    places[0] = at
    gaps[0] = 0
    depth = 0
    while depth >= 0:
        if piece + depth == last:
            return places[depth]
        number = piece + depth
        begin = places[depth]
        limit = links[number]
        if limit == OPEN:
            place = begin
            if gaps[depth] > 0:
                depth -= 1
                if depth >= 0:
                    gaps[depth] += 1
                continue
            while place < stop and latin_letter(points[place]):
                place += 1
        else:
            place = begin + gaps[depth]
            if gaps[depth] > limit or place > stop or (
                gaps[depth] > 0 and ends_clause(points[place - 1])
            ):  # fmt: skip
                depth -= 1
                if depth >= 0:
                    gaps[depth] += 1
                continue
        low, high = piece_offsets[number], piece_offsets[number + 1]
        end = place + high - low
        if (
            _literal(points, place, stop, pieces, low, high)
            and (limit == OPEN or _border(points, place, first, stop))
            and (
                (number + 1 < last and links[number + 1] == OPEN)
                or _border(points, end, first, stop)
            )
        ):
            depth += 1
            places[depth] = end
            gaps[depth] = 0
        else:
            gaps[depth] += 1
    return -1


@numba.njit(cache=True, nogil=True)
def _find(
    points, offsets, latin_text, root, child_offsets, letters, nodes, end_offsets, ends, seed,
    latin_form, pieces, piece_offsets, form_offsets, links,
):  # fmt: skip # pragma: no cover - compiled
    found = np.empty((1024, 4), np.int64)
    gaps = np.zeros(MOST_LINKS + 1, np.int64)
    places = np.zeros(MOST_LINKS + 1, np.int64)
    n = 0
    for text in range(len(offsets) - 1):
        first, stop = offsets[text], offsets[text + 1]
        at = first
        while at < stop:
            code = points[at]
            node = root[code] if code < len(root) else 0
            if node == 0 or not _border(points, at, first, stop):
                at += 1
                continue
            best, best_end = len(seed), at
            place = at + 1
            while node:
                for i in range(end_offsets[node], end_offsets[node + 1]):
                    form = ends[i]
                    if form >= best or (latin_form[form] and not latin_text[text]):
                        continue
                    piece, last = form_offsets[form] + 1, form_offsets[form + 1]
                    open_head = piece < last and links[piece] == OPEN
                    if not open_head and not _border(points, place, first, stop):
                        continue
                    end = place
                    if piece < last:
                        end = _tail(
                            points, place, first, stop, pieces, piece_offsets, links, piece, last,
                            gaps, places,
                        )  # fmt: skip
                    if end >= 0:
                        best, best_end = form, end
                if place >= stop:
                    break
                node = child(node, points[place], child_offsets, letters, nodes)
                place += 1
            if best == len(seed):
                at += 1
                continue
            if n == len(found):
                found = np.concatenate((found, np.empty_like(found)))
            found[n, 0], found[n, 1], found[n, 2], found[n, 3] = text, at, best_end, seed[best]
            n += 1
            at = best_end
    return found[:n].copy()
