"""What a character is, as tables over the Basic Multilingual Plane; what lies beyond is no letter."""

from __future__ import annotations

import unicodedata

import numpy as np

PLANE = 0x10000
NO_LETTER, HAN_LETTER, LATIN_LETTER, FOREIGN_LETTER = range(4)


def _script(character: str) -> int:
    if not character.isalpha():
        return NO_LETTER
    name = unicodedata.name(character, "")
    if name.startswith("CJK UNIFIED"):
        return HAN_LETTER
    return LATIN_LETTER if name.startswith(("LATIN", "FULLWIDTH LATIN")) else FOREIGN_LETTER


def _lower(code: int) -> int:
    lower = chr(code).lower()
    return ord(lower) if len(lower) == 1 else code


_SCRIPT = np.array([_script(chr(code)) for code in range(PLANE)], dtype=np.uint8)
_LOWER = np.array([_lower(code) for code in range(PLANE)], dtype=np.int32)
_LOWER[0x2019] = ord("'")  # the typographic apostrophe is one


def script_of(points: np.ndarray) -> np.ndarray:
    """``NO_LETTER``, ``HAN_LETTER``, ``LATIN_LETTER`` or ``FOREIGN_LETTER`` of each code point."""
    return _SCRIPT[np.minimum(points, PLANE - 1)]


def lower_case(points: np.ndarray) -> np.ndarray:
    """Code points in lower case, where that is one letter too, with plain apostrophes."""
    return np.where(points < PLANE, _LOWER[np.minimum(points, PLANE - 1)], points)
