from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from svcquality.text.code_points import CodePoints
from svcquality.text.english import NEGATIONS, content_form, singular
from svcquality.text.languages import is_chinese, language_of
from svcquality.text.segment import content_words, segment, stop_words


def languages(texts: list[str]) -> list[str]:
    return language_of(CodePoints.of(texts), segment(pd.Series(texts, dtype="str"))).tolist()


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("The", None), ("Branches", "branch"), ("fees", "fee"), ("policies", "policy"),
        ("bank's", None), ("teller's", "teller"), ("wasn't", "not"), ("CAN'T", "not"),
        ("cannot", "not"), ("never", "never"), ("I've", None), ("XXXX", None), ("a", None),
        ("third-party", "third-party"), ("process", "process"), ("status", "status"),
    ],
)  # fmt: skip
def test_content_forms(word: str, form: str | None) -> None:
    assert content_form(word, stop_words()) == form


def test_plurals() -> None:
    words = ["queries", "services", "cards", "business", "bus", "yes", "shoes", "trees", "gas"]
    assert [singular(w) for w in words] == [
        "query", "service", "card", "business", "bus", "yes", "shoe", "tree", "gas",
    ]  # fmt: skip


def test_no_stop_word_denies() -> None:
    assert not stop_words() & NEGATIONS
    assert not any(word.endswith("n't") for word in stop_words())


def test_an_english_text_keeps_its_negations() -> None:
    text = pd.Series(["The teller wasn't rude, but she didn't explain the fees and couldn’t help."])
    assert segment(text).lists()[0][:3] == ["the", "teller", "wasn't"]
    assert content_words(segment(text)).lists() == [
        ["teller", "not", "rude", "not", "explain", "fee", "not", "help"]
    ]


def test_mixed_texts_take_both_routes() -> None:
    texts = pd.Series(
        [
            "I tried to log in but the 手机银行 app always crashes when I pay",
            "手机银行的 Face ID 登录失败，显示 network error",
        ]
    )
    english, chinese = content_words(segment(texts)).lists()
    assert "手机银行" in english
    assert {"app", "crash", "log"} <= set(english)
    assert {"手机银行", "登录失败", "face", "network", "error"} <= set(chinese)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("排队太久", "zh"),
        ("慢", "zh"),
        ("ATM", "en"),
        ("Card swallowed twice", "en"),
        ("The branch was closed when I came", "en"),
        ("😡😡", "other"),
        ("12345", "other"),
        ("La banque ne répond pas au téléphone et je dois attendre une heure", "other"),
        ("El banco no me devuelve el dinero de la tarjeta", "other"),
        ("Die Bank hat mein Konto ohne Grund gesperrt und ich warte auf eine Antwort", "other"),
        ("Saya tidak bisa masuk ke aplikasi dan bank tidak menjawab", "other"),
        ("Ngân hàng không trả lời điện thoại của tôi", "other"),
        ("銀行の窓口で二時間も待たされました", "other"),
        ("은행에서 두 시간을 기다렸습니다", "other"),
        ("Банк не отвечает на звонки", "other"),
        ("الخدمة سيئة جدا", "other"),
        ("柜员の态度差", "zh"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert languages([text]) == [language]


@pytest.mark.real
def test_real_english_complaints_are_english(real_data: Path) -> None:
    table = pd.read_csv(real_data / "cfpb_complaints_2025.csv", dtype="str")
    texts = table["Consumer complaint narrative"].dropna().tolist()[:500]
    assert set(languages(texts)) == {"en"}


def test_the_route_follows_the_letters() -> None:
    texts = CodePoints.of(["手机银行app闪退", "The queue was long", "12345", "ATM", ""])
    assert is_chinese(texts).tolist() == [True, False, False, False, False]
