from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import jieba
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.storage import hash_bytes
from svcquality.text import segment as module
from svcquality.text.segment import bank_tokenizer, content_words, dictionary_hash, segment
from svcquality.text.tokens import Tokens

DICTIONARIES = files("svcquality.text").joinpath("dictionaries")


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> jieba.Tokenizer:
    """The tokenizer of jieba as its documentation sets it up."""
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    tokenizer.load_userdict(str(DICTIONARIES.joinpath("bank.txt")))
    return tokenizer


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
