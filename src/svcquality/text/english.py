"""English words as a topic model takes them: function words left out, negation kept."""

from __future__ import annotations

import re

NEGATIONS = frozenset(
    {"no", "not", "never", "nor", "neither", "none", "nobody", "nothing", "nowhere", "without"}
)
"""Words that turn a statement round; no list of stop words may take them."""

_MASK = re.compile("x{2,}")
_CONTRACTION = re.compile("'(?:s|re|ve|ll|d|m|em)$")
_SPELLED_TOGETHER = {"cannot": "not", "dont": "not", "didnt": "not", "wont": "not", "cant": "not"}


def content_form(word: str, stop_words: frozenset[str]) -> str | None:
    """The form under which an English word counts, or None where it says nothing about a cause.

    Parameters
    ----------
    word : str
        Letters with apostrophes or hyphens inside, in any case.
    stop_words : frozenset of str
        In lower case; negations among them are kept.

    Returns
    -------
    str or None
        In lower case, without ``'s`` and its like; a contraction with *not* counts as ``not``; the
        plural counts as the singular. None for stop words, single letters and masks (``XXXX``).

    Examples
    --------
    >>> content_form("Wasn't", frozenset({"was"}))
    'not'
    >>> content_form("banks'", frozenset())
    'bank'
    """
    plain = word.lower().strip("'-")
    if plain.endswith("n't"):
        return "not"
    plain = _SPELLED_TOGETHER.get(plain, _CONTRACTION.sub("", plain))
    if plain in NEGATIONS:
        return plain
    if len(plain) < 2 or plain in stop_words or _MASK.fullmatch(plain):
        return None
    stem = singular(plain)
    return None if stem in stop_words else stem


def singular(word: str) -> str:
    """Take the ending of the plural off (after the S-stemmer of Harman 1991, *JASIS* 42: 7–15).

    The lightest of stemmers: what it leaves is nearly always a word that can be read. Beyond
    Harman's rules, ``-es`` goes as a whole after a sibilant (``branches``).
    """
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word if word.endswith(("us", "ss")) else word[:-1]
