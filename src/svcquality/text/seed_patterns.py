"""What a codebook may write as a seed: words, gaps, choices and open endings; no regular expression.

The language is small on purpose. Every seed is a handful of literal forms that are matched in time
bounded by its own length, so that no file of a user can make a search explode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

GAP = "…"
"""In a seed: a few characters of the same clause."""
GAP_LENGTH = 8
"""The most characters of a gap in a seed without Latin letters."""
GAP_LENGTH_LATIN = 24
"""The same in a seed of Latin letters: about four words."""
MOST_GAPS = 2
MOST_LINKS = 5
"""The most gaps and stars of a seed together."""
MOST_FORMS = 256
"""The most forms that the choices of one seed may spell out."""
OPEN = -1
"""Link that takes the rest of a Latin word (``charg*``)."""

_CHOICE = re.compile(r"\(([^()]*)\)")
_TYPED = str.maketrans({"（": "(", "）": ")", "｜": "|", "＊": "*"})
_LATIN = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling of a seed.

    Parameters
    ----------
    pieces : tuple of str
        Literal parts; the last is empty where the seed ends with a star.
    links : tuple of int
        What may stand between neighbours: the most characters of a gap, or `OPEN`.
    """

    pieces: tuple[str, ...]
    links: tuple[int, ...]

    @property
    def length(self) -> int:
        """Characters as written, a gap or a star counted as one: of rival forms the longest wins."""
        return sum(map(len, self.pieces)) + len(self.links)


def tidy_seed(seed: str) -> str:
    """A seed as it is stored: half-width signs, ``...`` and ``……`` as one gap, single spaces."""
    plain = re.sub(r"\.{3,}|…+", GAP, re.sub(r"\*+", "*", seed.translate(_TYPED)))
    return re.sub(rf"\s*{GAP}\s*", GAP, " ".join(plain.split()))


def forms_of(seed: str) -> list[Form]:
    """Spell a seed out.

    Parameters
    ----------
    seed : str
        ``排队``; ``等了…小时`` (a gap within a clause); ``(等|排)了…(小时|分钟)`` (choices, not
        nested; an empty one may be left out: ``转账(了|)``); ``charg* twice`` (any ending).

    Raises
    ------
    ValueError
        With a phrase in English and one in Chinese, if the seed cannot be read.
    """
    spelled = _spell_out(seed)
    forms = [_form(words) for words in dict.fromkeys(spelled)]
    if not forms:
        raise ValueError("which has no letters", "没有文字")
    return forms


def _spell_out(seed: str) -> list[str]:
    parts = _CHOICE.split(seed)  # literal, choice, literal, choice, …, literal
    if any(sign in part for part in parts[::2] for sign in "()|"):
        raise ValueError("whose brackets or bars do not pair up", "括号或竖线不配对")
    choices = [[part] if i % 2 == 0 else part.split("|") for i, part in enumerate(parts)]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST_FORMS:
        raise ValueError(
            f"whose choices spell out {count} forms; the most are {MOST_FORMS}",
            f"的选项展开为 {count} 种写法，最多 {MOST_FORMS} 种",
        )
    return [tidy_seed("".join(words)) for words in product(*choices)]


def _form(words: str) -> Form:
    pieces = [""]
    links: list[int] = []
    gap = GAP_LENGTH_LATIN if _LATIN.search(words) else GAP_LENGTH
    for character in words:
        if character not in (GAP, "*"):
            pieces[-1] += character
            continue
        if not pieces[-1] and not (character == GAP and links and links[-1] == OPEN):
            raise ValueError(
                "which has a gap or a star without letters before it", "的空位或星号前没有文字"
            )
        if character == "*" and not _LATIN.match(pieces[-1][-1]):
            raise ValueError("whose star does not follow a Latin letter", "的星号前不是拉丁字母")
        links.append(OPEN if character == "*" else gap)
        pieces.append("")
    if not pieces[-1] and (not links or links[-1] != OPEN):
        raise ValueError("which does not end in letters", "不是以文字结尾")
    if links.count(gap) > MOST_GAPS or len(links) > MOST_LINKS:
        raise ValueError(
            f"which has more than {MOST_GAPS} gaps, or {MOST_LINKS} gaps and stars",
            f"的空位多于 {MOST_GAPS} 个，或空位与星号合计多于 {MOST_LINKS} 个",
        )
    return Form(tuple(pieces), tuple(links))
