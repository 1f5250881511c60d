from __future__ import annotations

from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import jieba
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.storage import hash_bytes
from svcquality.text import segment as module
from svcquality.text.code_points import CodePoints
from svcquality.text.cut import cut
from svcquality.text.jieba_tables import Tables, tables_of
from svcquality.text.languages import is_chinese
from svcquality.text.segment import (
    bank_tables,
    bank_tokenizer,
    content_words,
    dictionary_hash,
    segment,
)
from svcquality.text.tokens import Tokens

DICTIONARIES = files("svcquality.text").joinpath("dictionaries")


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> jieba.Tokenizer:
    """The tokenizer of jieba as its documentation sets it up."""
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    tokenizer.load_userdict(str(DICTIONARIES.joinpath("bank.txt")))
    return tokenizer


def cut_by_tables(texts: list[str], tables: Tables) -> list[list[str]]:
    """All texts by the Chinese route, whatever their letters."""
    points = CodePoints.of(texts)
    starts, ends, offsets = cut(points, np.ones(len(texts), dtype=bool), tables)
    whole = "".join(texts)
    tokens = [whole[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    return [tokens[a:b] for a, b in pairwise(offsets.tolist())]


PIECES = st.sampled_from(
    ["手机银行", "排队", "叫号机", "理财经理", "不", "的", "了", "龘", "䶮", "𠮷", "伍", "鑫淼", "A", "APP", "ATM机",
     "T恤", "C++", "AT&T", "1.5%", "3.14.15", "100%%", ".5", "-", "--", "+86-", "a.b", "#", "_x", "%", "_-+",
     "\r\n", "\r", "\n", " ", "\u3000", "\u00a0", "\x1c", "，", "！", "😡", "👨‍👩‍👧", "é", "ｶ", "の", "ETC卡", "欧拉闪贷"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    texts=st.lists(
        st.one_of(
            st.lists(st.one_of(PIECES, st.text(max_size=2)), max_size=12).map("".join),
            st.text(
                alphabet=st.characters(min_codepoint=0x4DF0, max_codepoint=0x9FE0), max_size=25
            ),
        ),
        max_size=6,
    )
)
def test_compiled_tokens_are_those_of_jieba(texts: list[str], reference: jieba.Tokenizer) -> None:
    assert cut_by_tables(texts, bank_tables()) == [reference.lcut(text) for text in texts]


def test_words_of_ones_own_are_followed(tmp_path: Path) -> None:
    own = jieba.Tokenizer()
    own.tmp_dir = str(tmp_path)
    for word, frequency in [
        ("ETC卡", 10),
        ("欧拉闪贷", None),
        ("c++", 3),
        ("的了", 900_000),
        ("排", 0),
    ]:
        own.add_word(word, frequency)
    texts = ["我的ETC卡和欧拉闪贷", "c++的了的了", "排队排队排", "他的了", "杭研大厦c++ ETC"]
    assert cut_by_tables(texts, tables_of(own)) == [own.lcut(text) for text in texts]


@pytest.mark.real
def test_real_texts_are_cut_as_jieba_cuts_them(real_data: Path, reference: jieba.Tokenizer) -> None:
    lines = (real_data / "icbc_app_reviews.txt").read_text("utf-8").splitlines()[:3_000]
    chinese = is_chinese(CodePoints.of(lines))
    texts = [line for line, zh in zip(lines, chinese, strict=True) if zh]
    assert len(texts) > 2_900
    assert segment(pd.Series(texts)).lists() == [reference.lcut(text) for text in texts]


def test_portions_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pd.Series(["手机银行闪退", "", None, "The app crashed", "叫号机坏了" * 5, "慢"] * 3)
    whole = segment(texts)
    monkeypatch.setattr(module, "CHARACTERS_AT_ONCE", 7)
    parts = segment(texts)
    assert parts.lists() == whole.lists()
    assert parts.vocabulary == whole.vocabulary


def test_a_megabyte_without_a_stop() -> None:
    text = "排队太久没人管" * 60_000
    assert "".join(segment(pd.Series([text])).lists()[0]) == text


@settings(max_examples=100, deadline=None)
@given(
    text=st.text(
        alphabet="手机银行排队叫号机坏理财经理等了两小时没人Ab1.5%，。 \n的存款变保险催收",
        min_size=1,
    )
)
def test_tokens_are_those_of_jieba(text: str, reference: jieba.Tokenizer) -> None:
    assert bank_tokenizer().lcut(text) == reference.lcut(text)


def test_texts_are_cut_as_jieba_cuts_them(reference: jieba.Tokenizer) -> None:
    texts = pd.Series(
        [
            "手机银行闪退，理财经理不接电话",
            "叫号机坏了，排队2小时。",
            "手机银行闪退，理财经理不接电话",
        ]
    )
    assert segment(texts).lists() == [reference.lcut(t) for t in texts]
    assert "理财经理" in segment(texts).lists()[0]
    assert "叫号机" in segment(texts).lists()[1]


def test_english_and_missing_texts() -> None:
    tokens = segment(pd.Series(["The queue wasn't short: 2 hours!", None, "😢", ""]))
    assert tokens.lists() == [["the", "queue", "wasn't", "short", "hours"], [], [], []]


def test_content_words_leave_out_what_says_nothing() -> None:
    tokens = Tokens.of([["我们", "排队", "，", "***", "2", "APP", "的", "小时", "😡", "138"]])
    assert content_words(tokens).lists() == [["排队", "app", "小时"]]


def test_the_hash_covers_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dictionary_hash()
    names = ("bank.txt", "stopwords.txt", "stopwords_en.txt")
    data = b"".join(DICTIONARIES.joinpath(name).read_bytes() for name in names)
    assert before == hash_bytes(data)
    monkeypatch.setattr(module, "_resource", lambda name: name.encode())
    assert dictionary_hash() != before


def test_the_dictionary_has_no_word_twice() -> None:
    words = DICTIONARIES.joinpath("bank.txt").read_text("utf-8").split()
    assert len(words) == len(set(words))


def test_no_cache_is_left_in_the_common_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    bank_tokenizer.cache_clear()
    bank_tokenizer().lcut("排队")
    assert list(tmp_path.iterdir()) == []
