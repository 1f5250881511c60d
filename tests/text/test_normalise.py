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


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="排队等候两小时态度差，。！？（）、abc 123", max_size=40))
def test_clean_text_keeps_every_character_but_white_space(raw: str) -> None:
    assert one(raw).replace(" ", "") == raw.replace(" ", "")


def test_language_by_script() -> None:
    texts = pd.Series(["手机银行app闪退", "The queue was long", "12345", "ATM", None])
    assert is_chinese(texts).tolist() == [True, False, False, False, False]
