from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.text.emotion import LEAST_COVERAGE, SIGN, score_emotion
from svcquality.text.emotion_lexicon import EMOTIONS, SCORES, load_emotion_lexicon

SHOWN = {
    "我非常生气": "anger",
    "並不滿意，十分憤怒": "anger",
    "not bad, but I am livid": "anger",
    "生\u200b气": "anger",
    "ＡＰＰ烦人": "frustration",
    "投诉无门": "frustration",
    "I AM SO FRUSTRATED": "frustration",
    "不是很满意": "disappointment",
    "I am not very happy with it": "disappointment",
    "太让人失望了": "disappointment",
    "钱没了，急死我了": "anxiety",
    "We are worried sick": "anxiety",
    "请尽快处理": "urgency",
    "please call asap": "urgency",
    "一群骗子": "insult",
    "麻烦您看一下，谢谢": "politeness",
    "😡": "anger",
}


@pytest.mark.parametrize(("text", "score"), SHOWN.items())
def test_what_a_text_shows(text: str, score: str) -> None:
    assert score_emotion([text]).signs.loc[0, score]


@pytest.mark.parametrize(
    "text",
    ["一点也不生气", "不让我生气", "并没有感到生气", "天气人多", "I am not angry at all", "never angry",
     "态度不耐烦", "垃圾桶没人清理", "麻烦您了", "madly", "今天天很蓝", ""],
)  # fmt: skip
def test_what_a_text_does_not_show(text: str) -> None:
    assert not score_emotion([text]).signs[[*EMOTIONS, "insult"]].any(axis=None)


def test_denials_cancel_and_stop_at_other_words_and_clauses() -> None:
    scores = score_emotion(["不是不生气", "没处理我很生气", "不更新又不能 生气", "不能，生气"])
    assert scores.signs["anger"].all()
    spans = score_emotion(["不会让我感到生气"]).spans  # four tokens away
    assert not spans["denied"].any()


def test_stronger_words_weigh_more() -> None:
    texts = ["有点生气", "生气", "很生气", "非常生气", "极其生气", "生气死了", "生气！", "生气！！", "生气！！！"]  # fmt: skip
    factor = score_emotion(texts).spans.groupby("document")["factor"].first()
    assert factor.tolist() == pytest.approx([0.6, 1, 1.3, 1.6, 2, 2, 1, 1.2, 1.5])
    capitals = score_emotion(["I am ANGRY", "I am angry", "I AM ANGRY"]).spans["factor"]
    assert capitals.tolist() == pytest.approx([1.3, 1, 1])  # all in capitals says nothing
    assert score_emotion(["极其极其生气！！！"]).spans["factor"].max() == 2


def test_spans_lead_back_to_the_text_as_given() -> None:
    raw = pd.Series(["他們很憤怒，垃圾软件！！", "Never been so ANGRY."], index=["a", "b"])
    spans = score_emotion(raw).spans
    cut = [raw[d][s:e] for d, s, e in spans[["document", "start", "end"]].to_numpy()]
    assert cut == spans["words"].tolist()
    assert {"憤怒", "垃圾软件", "ANGRY"} <= set(spans["words"])


def test_texts_that_nobody_can_read() -> None:
    texts = ["", "  ", None, "😀", "12345", "안녕하세요 화가 나요", "Je suis très en colère contre cette banque ici"]  # fmt: skip
    scores = score_emotion(pd.Series(texts, dtype="str"))
    assert scores.table["language"].tolist() == ["none"] * 5 + ["other"] * 2
    assert scores.table["covered"].tolist() == [False] * 3 + [True] + [False] * 3
    assert scores.coverage == pytest.approx(1 / 4)
    assert scores.shares()["withheld"].all()
    assert scores.shares()["share"].isna().all()
    assert np.isnan(score_emotion([]).coverage)
    assert score_emotion([]).spans.empty


def test_a_text_of_a_megabyte() -> None:
    scores = score_emotion(["很生气，" * 250_000, "不" * 1_000_000, "a" * 1_000_000])
    assert scores.table["anger"].tolist() == [1, 0, 0]
    assert len(scores.spans) == 250_000


def test_many_parts_give_what_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pd.Series(["很生气", "", "失望", "not happy", "谢谢您"] * 40)
    whole = score_emotion(texts)
    monkeypatch.setattr("svcquality.text.emotion.SIZE", 7)
    parts = score_emotion(texts)
    pd.testing.assert_frame_equal(whole.table, parts.table)
    pd.testing.assert_frame_equal(whole.spans, parts.spans)


def test_shares_by_group_are_withheld_where_little_is_covered() -> None:
    texts = pd.Series(["很生气"] * 30 + ["查余额"] * 10 + ["查余额"] * 40)
    by = pd.Series(["a"] * 40 + ["b"] * 39 + [None], dtype="str")
    shares = score_emotion(texts).shares(by).set_index(["group", "score"])
    assert shares.loc[("a", "anger"), ["share", "n", "coverage"]].tolist() == [0.75, 40, 0.75]
    low, high = shares.loc[("a", "anger"), ["low", "high"]]
    assert low == pytest.approx(0.5981, abs=1e-4) and high == pytest.approx(0.8581, abs=1e-4)
    assert shares.loc["b", "withheld"].all() and shares.loc["b", "share"].isna().all()
    assert shares.loc[("b", "anger"), "coverage"] < LEAST_COVERAGE


def test_clusters_widen_the_interval() -> None:
    texts = pd.Series((["很生气"] * 10 + ["不生气"] * 10) * 6)
    customer = pd.Series(np.repeat(np.arange(12), 10)).astype(str)
    plain, clustered = (
        score_emotion(texts).shares(clusters=c).set_index("score").loc["anger"]
        for c in (None, customer)
    )
    assert plain["share"] == clustered["share"] == 0.5
    assert clustered["clusters"] == 12
    # All texts of a customer agree, so twelve customers are all there is.
    assert clustered["error"] == pytest.approx(np.sqrt(0.25 / 11))
    assert clustered["high"] - clustered["low"] > 2 * (plain["high"] - plain["low"])
    with pytest.raises(InputError, match="one cluster"):
        score_emotion(texts).shares(clusters=pd.Series("x", index=texts.index))


def test_read_shows_the_words() -> None:
    scores = score_emotion(
        pd.Series(["很生气", "愤怒，气死了", "好", "很生气"], index=list("abcd"))
    )
    read = scores.read("anger", 5)
    assert read["document"].tolist() == ["b", "a"]
    assert read["words"].tolist() == ["愤怒、气死", "生气"]
    with pytest.raises(InputError, match="joy"):
        scores.read("joy")


def test_input_that_is_no_text() -> None:
    with pytest.raises(InputError, match="numbers or dates"):
        score_emotion(pd.Series([1, 2]))
    with pytest.raises(InputError, match="same label"):
        score_emotion(pd.Series(["a", "b"], index=[1, 1]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="不很生气死了！? aNgry😡\n\u200b憤", max_size=30), max_size=5))
def test_any_text_is_scored_within_bounds(texts: list[str]) -> None:
    scores = score_emotion(texts)
    numbers = scores.table[[*SCORES, "intensity"]]
    assert ((numbers >= 0) & (numbers <= 1)).all(axis=None)
    assert scores.spans["factor"].between(0.6, 2).all()
    for row in scores.spans.itertuples():
        assert texts[row.document][row.start : row.end] == row.words


def test_the_lexicon_is_as_large_as_its_card_says() -> None:
    lexicon = load_emotion_lexicon()
    assert sum(bool(set(t.weights) & set(EMOTIONS)) for t in lexicon.terms) > 800
    assert SIGN == 0.5
    assert (lexicon.factors >= 0.6).all() and (lexicon.factors <= 2).all()
