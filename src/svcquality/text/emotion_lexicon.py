"""The lexicons of feeling: what they hold, read from YAML, and where their words stand in texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.storage import hash_bytes
from svcquality.text.trie import Trie

EMOTIONS: dict[str, Text] = {
    "anger": Text("愤怒", "anger"),
    "anxiety": Text("焦虑", "anxiety"),
    "disappointment": Text("失望", "disappointment"),
    "frustration": Text("挫败", "frustration"),
}
"""The emotions that are told apart."""

OTHER_SCORES: dict[str, Text] = {
    "urgency": Text("紧迫", "urgency"),
    "insult": Text("辱骂", "insults"),
    "politeness": Text("礼貌", "politeness"),
}
"""What is scored in the same way and is no emotion."""

SCORES: dict[str, Text] = EMOTIONS | OTHER_SCORES

POSITIVE = "positive"
"""Words of contentment: no score of their own, but denied they are a disappointment."""

LEAST_FACTOR, MOST_FACTOR = 0.6, 2.0
_WORD_LISTS = ("neutral", "negators", "carriers")
_FACTOR_LISTS = ("amplifiers", "after")
_KEYS = {"version", "language", "strengths", "scores", POSITIVE, *_WORD_LISTS, *_FACTOR_LISTS}


@dataclass
class Term:
    """One entry: all that its lists say of it.

    Parameters
    ----------
    word : str
        Lower case; a star at the end stands for the rest of a Latin word.
    weights : dict of str to float
        Strength by score (keys of `SCORES`, or ``positive``).
    factor, after : float
        Multiplies the strength of a word that it precedes, or follows; 1 for none.
    negates, carries, neutral : bool
        It denies what follows; it passes on what precedes it; it only hides shorter entries.
    """

    word: str
    weights: dict[str, float] = field(default_factory=dict)
    factor: float = 1.0
    after: float = 1.0
    negates: bool = False
    carries: bool = False
    neutral: bool = False


@dataclass(frozen=True, eq=False)
class EmotionLexicon:
    """Terms of all languages as arrays, ready for matching.

    Parameters
    ----------
    terms : tuple of Term
    version : str
    sha256 : str
        Hash of the files; stands in every result that rests on them.
    """

    terms: tuple[Term, ...]
    version: str
    sha256: str

    @cached_property
    def trie(self) -> Trie:
        """The words, for one pass over a text."""
        return Trie.build([term.word for term in self.terms])

    @cached_property
    def weights(self) -> np.ndarray:
        """Strengths, shape (terms, scores + 1); the last column is ``positive``."""
        columns = [*SCORES, POSITIVE]
        return np.array([[t.weights.get(c, 0.0) for c in columns] for t in self.terms])

    @cached_property
    def factors(self) -> np.ndarray:
        """Factors, shape (terms, 2): on what follows, on what precedes."""
        return np.array([[t.factor, t.after] for t in self.terms])

    @cached_property
    def negates(self) -> np.ndarray:
        """Whether each term denies, shape (terms,)."""
        return np.array([t.negates for t in self.terms])

    @cached_property
    def chains(self) -> np.ndarray:
        """Whether a denial or a factor reaches across each term, shape (terms,)."""
        return np.array([t.negates or t.carries or t.factor != 1 for t in self.terms])


@lru_cache(maxsize=1)
def load_emotion_lexicon() -> EmotionLexicon:
    """The lexicons of the package, Chinese and English together."""
    folder = files("svcquality.text").joinpath("lexicons")
    return parse_emotion_lexicon(
        *(folder.joinpath(f"emotion-{language}.yaml").read_bytes() for language in ("zh", "en"))
    )


def parse_emotion_lexicon(*sources: bytes) -> EmotionLexicon:
    """Read lexicons from the bytes of their YAML files and put them together.

    Raises
    ------
    InputError
        If a file is not YAML, lacks a list or has an unknown one, a number is none or a factor is
        outside 0.6 to 2, or a word stands twice in one list or is neutral and something else.
    """
    terms: dict[str, Term] = {}
    versions = []
    for source in sources:
        raw = _read(source)
        versions.append(f"{raw['language']} {raw['version']}")
        for role, value, word in _entries(raw):
            _add(terms.setdefault(word, Term(word)), role, value)
    for term in terms.values():
        others = term.weights or term.negates or term.carries or (term.factor, term.after) != (1, 1)
        if term.neutral and others:
            raise _bad(f"{term.word!r} is neutral and something else",
                       f"“{term.word}”既为中性词又属于其他词表")  # fmt: skip
    return EmotionLexicon(
        tuple(terms.values()), ", ".join(versions), hash_bytes(b"\0".join(sources))
    )


def _read(source: bytes) -> dict[str, Any]:
    try:
        # The base loader keeps every word a string: 'no' is a word here, not a truth value.
        raw = yaml.load(source, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problem = " ".join(str(error).split())
        raise _bad(f"it is not valid YAML ({problem})", f"不是有效的 YAML（{problem}）") from error
    if not isinstance(raw, dict) or set(raw) != _KEYS:
        wrong = sorted(_KEYS ^ set(raw)) if isinstance(raw, dict) else sorted(_KEYS)
        raise _bad(f"these entries are missing or unknown: {', '.join(wrong)}",
                   f"以下条目缺失或未知：{'、'.join(wrong)}")  # fmt: skip
    return raw


def _entries(raw: dict[str, Any]) -> Iterator[tuple[str, float, str]]:
    """Role, number and word of every entry."""
    strengths = {name: _number(value, 0.1, 3) for name, value in raw["strengths"].items()}
    for score, lists in [*raw["scores"].items(), (POSITIVE, raw[POSITIVE])]:
        if score not in SCORES and score != POSITIVE:
            raise _bad(f"there is no score {score!r}", f"没有名为“{score}”的得分")
        for name, words in lists.items():
            if name not in strengths:
                raise _bad(
                    f"{score} has the unknown strength {name!r}", f"{score} 的强度“{name}”未定义"
                )
            for word in _words(f"{score}.{name}", words):
                yield score, strengths[name], word
    for role in _FACTOR_LISTS:
        for name, words in raw[role].items():
            factor = _number(name, LEAST_FACTOR, MOST_FACTOR)
            for word in _words(f"{role}.{name}", words):
                yield role, factor, word
    for role in _WORD_LISTS:
        for word in _words(role, raw[role]):
            yield role, 1.0, word


def _words(where: str, raw: Any) -> list[str]:
    words = [word.strip().lower() for word in raw] if isinstance(raw, list) else [""]
    if not all(word.strip("*") for word in words):
        raise _bad(f"{where} must be a list of words", f"{where} 须为词语列表")
    for word in words:
        if words.count(word) > 1:
            raise _bad(f"{where} has {word!r} twice", f"{where} 的“{word}”重复出现")
    return words


def _add(term: Term, role: str, value: float) -> None:
    if role in SCORES or role == POSITIVE:
        if role in term.weights:
            raise _bad(f"{role} has {term.word!r} twice", f"{role} 的“{term.word}”重复出现")
        term.weights[role] = value
    elif role == "amplifiers":
        term.factor = value
    elif role == "after":
        term.after = value
    elif role == "negators":
        term.negates = True
    elif role == "carriers":
        term.carries = True
    else:
        term.neutral = True


def _number(raw: str, least: float, most: float) -> float:
    try:
        value = float(raw)
    except ValueError:
        value = np.nan
    if not least <= value <= most:
        raise _bad(f"{raw!r} must be a number from {least} to {most}",
                   f"“{raw}”须为 {least} 至 {most} 之间的数")  # fmt: skip
    return value


def _bad(en: str, zh: str) -> InputError:
    return InputError(
        f"The emotion lexicon cannot be used: {en}; correct the file and run again.",
        f"情绪词典无法使用：{zh}；请修改后重新运行。",
    )
