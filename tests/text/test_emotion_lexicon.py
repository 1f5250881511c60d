from __future__ import annotations

import re

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.text.emotion_lexicon import parse_emotion_lexicon
from svcquality.text.trie import Trie, fold


def small(**changes: object) -> bytes:
    raw = {
        "version": "1", "language": "en", "strengths": {"clear": "1"},
        "scores": {"anger": {"clear": ["mad"]}}, "positive": {"clear": ["happy"]},
        "negators": ["no"], "carriers": ["so"], "neutral": ["mad money"],
        "amplifiers": {"1.6": ["very"]}, "after": {"2": ["as hell"]},
    } | changes  # fmt: skip
    return yaml.safe_dump(raw).encode()


def test_a_lexicon_is_read_as_words() -> None:
    lexicon = parse_emotion_lexicon(small())
    terms = {term.word: term for term in lexicon.terms}
    assert terms["no"].negates  # not the truth value that YAML makes of it
    assert terms["very"].factor == 1.6 and terms["as hell"].after == 2
    assert lexicon.sha256 != parse_emotion_lexicon(small(version="2")).sha256


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a: [", "not valid YAML"),
        (b"- 1", "missing or unknown"),
        (small(colour=["red"]), "colour"),
        (small(scores={"joy": {"clear": ["glad"]}}), "no score 'joy'"),
        (small(scores={"anger": {"huge": ["mad"]}}), "unknown strength 'huge'"),
        (small(scores={"anger": {"clear": ["mad", "Mad"]}}), "twice"),
        (small(scores={"anger": {"clear": [""]}}), "list of words"),
        (small(strengths={"clear": "much"}), "must be a number"),
        (small(amplifiers={"3": ["very"]}), "from 0.6 to 2"),
        (small(neutral=["mad"]), "neutral and something else"),
    ],
)
def test_what_is_wrong_is_named(data: bytes, says: str) -> None:
    with pytest.raises(InputError) as error:
        parse_emotion_lexicon(data)
    assert says in error.value.en


def codes(*texts: str) -> tuple[np.ndarray, np.ndarray]:
    found = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4")
    return fold(found), np.r_[0, np.cumsum([len(t) for t in texts])]


WORDS = ["不", "不满", "不满意", "满", "ab", "abc d", "c*", "意x"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(alphabet="不满意abcdx ", max_size=12), min_size=1, max_size=4))
def test_matches_are_those_of_a_regular_expression(texts: list[str]) -> None:
    """The same words, leftmost and longest, by an instrument that nobody here wrote."""
    latin = r"(?<![a-z])" + "{}" + r"(?![a-z])"
    branches = [
        rf"(?<![a-z]){word[:-1]}[a-z]*" if word.endswith("*")
        else latin.format(word) if word.isascii() else word + ("(?![a-z])" if word[-1].isascii() else "")
        for word in sorted(WORDS, key=len, reverse=True)
    ]  # fmt: skip
    pattern = re.compile("|".join(branches))
    found, starts = codes(*texts)
    ours = [
        (t, a - starts[t], b - starts[t]) for t, a, b, _ in Trie.build(WORDS).find(found, starts)
    ]
    theirs = [(i, *m.span()) for i, text in enumerate(texts) for m in pattern.finditer(text)]
    assert ours == theirs


def test_folding_is_one_for_one() -> None:
    found, _ = codes("ＡＢ　憤怒ABé’")
    assert "".join(map(chr, found)) == "ab 愤怒abé'"
