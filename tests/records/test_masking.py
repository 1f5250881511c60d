"""Personal data in texts: masked, counted, length kept; what is none stays."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from svcquality.records.masking import mask

CASES = [
    ("身份证11010519491231002X，请核实", "resident_id", "11010519491231002X"),
    (
        "身份证１１０１０５１９４９１２３１００２Ｘ",
        "resident_id",
        "１１０１０５１９４９１２３１００２Ｘ",
    ),
    ("旧证130503670401001号", "resident_id", "130503670401001"),
    ("卡号6222021234567890128被扣款", "bank_card", "6222021234567890128"),
    ("卡号6222 0212 3456 7890 128被扣款", "bank_card", "6222 0212 3456 7890 128"),
    ("卡号6222021234567890127打错了", "long_number", "6222021234567890127"),
    ("电话13812345678", "mobile", "13812345678"),
    ("电话138 1234 5678，", "mobile", "138 1234 5678"),
    ("电话＋86 13812345678", "mobile", "13812345678"),
    ("座机010-62345678转3", "landline", "010-62345678"),
    ("座机（0755）26789012", "landline", "（0755）26789012"),
    ("邮箱zhang.san@qq.com", "email", "zhang.san"),
    ("客户张三丰先生来电", "name", "三丰"),
    ("李红女士反映", "name", "红"),
]


@pytest.mark.parametrize(("text", "kind", "secret"), CASES)
def test_masked_counted_and_of_the_same_length(text, kind, secret):
    masked, counts = mask(pd.Series([text, None]))
    assert secret not in masked[0]
    assert len(masked[0]) == len(text)
    assert pd.isna(masked[1])
    found = counts.set_index("kind")["found"]
    assert found[found > 0].to_dict() == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        "已有掩码138****5678，6222****0128", "一位先生态度不好", "等了120分钟，金额123456.78元",
        "工单20240105001", "2024-01-05 10:30:00", "拨打95588无人接听", "那位女士很耐心", "尊敬的女士：",
        "版本3.1.4.15", "@所有人",
    ],
)  # fmt: skip
def test_what_is_not_personal_stays(text):
    masked, counts = mask(pd.Series([text]))
    assert masked[0] == text
    assert counts["found"].sum() == 0


@settings(max_examples=60, deadline=None)
@given(
    st.integers(10**15, 10**18 - 1), st.sampled_from(["卡号{}，", "我的卡{}被锁", "{}", "a {} b"])
)
def test_every_card_number_is_masked(body, frame):
    card = f"{body}{luhn.calc_check_digit(str(body))}"
    if len(card) == 18 and ric.is_valid(card):
        return
    masked, counts = mask(pd.Series([frame.format(card)]))
    assert card not in masked[0]
    assert counts.set_index("kind").at["bank_card", "found"] == 1


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from("0123456789Xx-@. 张先生女士客户，a（）+*１"), max_size=60))
def test_masking_twice_changes_nothing_and_keeps_the_length(text):
    once, _ = mask(pd.Series([text], dtype="str"))
    twice, _counts = mask(once)
    assert len(once[0]) == len(text)
    assert twice[0] == once[0]


def test_only_texts_with_a_hit_are_touched():
    texts = pd.Series(["没有", "电话13812345678", "还是没有"], index=[7, 7, 9])
    masked, counts = mask(texts)
    assert masked.tolist() == ["没有", "电话***********", "还是没有"]
    assert counts["texts"].sum() == 1
