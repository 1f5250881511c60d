from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.text.normalise import RULES, is_chinese, normalise


def one(text: str) -> str:
    return normalise(pd.Series([text])).text.iloc[0]


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("服務(wù)態度很差", "服务态度很差"),
        ("排了（le）两小时队", "排了两小时队"),
        ("手机银行(app)打不开", "手机银行(app)打不开"),
        ("ＡＴＭ吞卡，取了１００元", "ATM吞卡，取了100元"),
        ("收费！不合理？（年费）", "收费！不合理？（年费）"),  # punctuation is not folded
        ("帐户登陆不上", "账户登录不上"),
        ("著名银行，效果显著", "著名银行，效果显著"),  # simplified 著 is right as it is
        ("等著排隊", "等着排队"),
        ("a&amp;b&nbsp;&lt;c<br/>d", "a&b <c d"),
        ("登\u200b录\ufeff失\ue123败", "登录失败"),
        ("客户来电反映：柜员态度差。请核实处理。", "柜员态度差。"),
        ("工单编号：GD2024-0101，柜员态度差", "柜员态度差"),
        ("投诉工单一拖再拖", "投诉工单一拖再拖"),  # a customer's own word stays
        ("  等了\t\t很久 \n\n 没人  ", "等了 很久\n没人"),
        ("138****5678来电", "138****5678来电"),
        ("气死了😡", "气死了😡"),
        ("", ""),
        ("锟斤拷锟斤拷柜员态度差锟斤", "柜员态度差"),
        ("烫烫烫烫死机", "死机"),
        ("卡号6.22E+18，金额1.5E+4", "卡号6.22E+18，金额1.5E+4"),  # lost digits cannot be told
        ("⼈⼯服务⾏不⾏", "人工服务行不行"),  # radicals that PDF copies leave
        ("您好&nbsp;_x000D_登录&#22833;败", "您好 登录失败"),
        ("確??蛻户等着", "确??蜕户等着"),  # lost bytes stay visible
        ("住帐篷，帐单错了", "住帐篷，账单错了"),
        ("👨‍👩‍👧❤️1️⃣👍🏽🏳️‍🌈", "👨‍👩‍👧❤️1️⃣👍🏽🏳️‍🌈"),  # one emoji of several characters
        ("登\u200d录\ufe0f失败", "登录失败"),
        ("客户经理反映：不能退", "客户经理反映：不能退"),  # a customer on a manager
        ("客户张女士反映：柜员差，请尽快联系客户。", "柜员差，"),
        ("张**（138****5678）来电，柜员差。请3个工作日内回复客户。", "柜员差。"),
        ("客户（尾号1234）于2024年3月1日10:20致电客服热线反映：柜员差", "柜员差"),
        ("【转办】群众反映柜员差。请依规办理并于15日内反馈。", "柜员差。"),
        ("a" + " " * 20_000 + "b", "a b"),
    ],
)
def test_repairs(raw: str, normal: str) -> None:
    assert one(raw) == normal


def test_repairs_are_counted_by_place_and_by_text() -> None:
    found = normalise(pd.Series(["帐户和帐单", "帐户", "没有"])).repairs.set_index("rule")
    assert list(found.index) == list(RULES)
    assert found.loc["alias", ["found", "texts"]].tolist() == [3, 2]
    assert found.loc["pinyin", ["found", "texts"]].tolist() == [0, 0]


def test_missing_stays_missing_and_the_index_stays() -> None:
    raw = pd.Series(["帐户", None, "好"], index=["b", "a", "c"])
    text = normalise(raw).text
    assert list(text.index) == ["b", "a", "c"]
    assert text.isna().tolist() == [False, True, False]
    assert text["b"] == "账户"


def test_broken_halves_of_characters_are_joined_or_dropped_and_listed() -> None:
    raw = pd.Series(["气死\ud83d\ude21了\ud800"], dtype=object)
    normal = normalise(raw)
    assert normal.text[0] == "气死😡了"
    assert normal.ledger[["start", "end", "before", "after"]].to_numpy().tolist() == [
        [2, 4, "\\ud83d\\ude21", "😡"],
        [5, 6, "\\ud800", ""],
    ]


def test_every_repair_is_listed_with_its_place_in_the_raw_text() -> None:
    raw = pd.Series(["客户来电反映：服務(wù)差", "帐户&amp;帐单"], index=["a", "b"])
    ledger = normalise(raw).ledger
    assert ledger.to_numpy().tolist() == [
        ["pinyin", "a", 9, 13, "(wù)", ""],
        ["traditional", "a", 8, 9, "務", "务"],
        ["boilerplate", "a", 0, 7, "客户来电反映：", ""],
        ["entity", "b", 2, 7, "&amp;", "&"],
        ["alias", "b", 0, 1, "帐", "账"],
        ["alias", "b", 7, 8, "帐", "账"],
    ]


def test_spans_are_read_back_to_the_raw_text() -> None:
    raw = pd.Series(["服務(wù)態度&amp;很差", "很好"], index=["a", "b"])
    normal = normalise(raw)
    spans = pd.DataFrame(
        {"document": ["a", "a", "a", "b", "a"], "start": [0, 2, 4, 1, 7], "end": [2, 4, 5, 2, 7]}
    )
    back = normal.raw_spans(spans)
    found = [
        raw[d][s:e] for d, s, e in zip(spans["document"], back["start"], back["end"], strict=True)
    ]
    assert found == ["服務", "態度", "&amp;", "好", ""]
    with pytest.raises(KeyError, match="c"):
        normal.raw_spans(spans.assign(document="c"))


PIECES = st.sampled_from(
    ["服務", "(wù)", "（le）", "&amp;", "&amp;amp;", "&#8203;", "\u200b", "<br>", "帐", "著", "显著",
     "客户来电反映：", "请核实处理。", "Ａ", "　", "  ", "\n", "\ue000", "amp;", "&", "<", "8203;", "#", "户"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=12).map("".join)))
def test_normalising_again_changes_nothing_and_nothing_grows(raw: str) -> None:
    once = one(raw)
    assert one(once) == once
    assert len(once) <= len(raw)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join))
def test_every_difference_is_a_listed_repair(raw: str) -> None:
    """What a character comes from is itself, or lies in a repair; what comes to nothing does too."""
    normal = normalise(pd.Series([raw]))
    text = normal.text[0]
    places = pd.DataFrame(
        {"document": 0, "start": range(len(text)), "end": range(1, len(text) + 1)}
    )
    back = normal.raw_spans(places)
    repaired = {p for s, e in normal.ledger[["start", "end"]].to_numpy() for p in range(s, e)}
    seen: set[int] = set()
    for character, start, end in zip(text, back["start"], back["end"], strict=True):
        assert 0 <= start < end <= len(raw)
        assert raw[start:end] == character or set(range(start, end)) <= repaired
        seen |= set(range(start, end))
    assert set(range(len(raw))) - seen <= repaired
    assert back["start"].is_monotonic_increasing
    assert back["end"].is_monotonic_increasing


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="排队等候两小时态度差，。！？（）、abc 123", max_size=40))
def test_clean_text_keeps_every_character_but_white_space(raw: str) -> None:
    assert one(raw).replace(" ", "") == raw.replace(" ", "")


def test_language_by_script() -> None:
    texts = pd.Series(["手机银行app闪退", "The queue was long", "12345", "ATM", None])
    assert is_chinese(texts).tolist() == [True, False, False, False, False]
