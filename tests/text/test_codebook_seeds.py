"""Patterns of seeds, their matcher, and what stands before a seed."""

from __future__ import annotations

import re
import time

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.text.codebook import Codebook
from svcquality.text.codebook_file import load_codebook, parse_codebook
from svcquality.text.seed_patterns import GAP, GAP_LENGTH, GAP_LENGTH_LATIN, OPEN, forms_of


def book(*zh: str, en: tuple[str, ...] = (), **more: object) -> Codebook:
    cause = {"id": "A", "zh": "甲", "seeds_zh": list(zh), "seeds_en": list(en)}
    return parse_codebook(yaml.safe_dump({"causes": [cause], **more}).encode(), "mine")


def found(codebook: Codebook, text: str) -> list[str]:
    spans = codebook.find_spans(pd.Series([text]))
    return [text[s:e] for s, e in zip(spans["start"], spans["end"], strict=True)]


@pytest.mark.parametrize(
    ("seeds", "text", "says"),
    [
        (("等了…(小时|钟头)",), "等了足足两个钟头，等了半天", ["等了足足两个钟头"]),
        (("等了…小时",), "等了，两小时", []),
        (
            ("等了…小时",),
            "等了" + "长" * GAP_LENGTH + "小时",
            ["等了" + "长" * GAP_LENGTH + "小时"],
        ),
        (("等了…小时",), "等了" + "长" * (GAP_LENGTH + 1) + "小时", []),
        (("甲…乙…丙",), "甲乙了了了了了了了了了乙丙", []),
        (("甲…乙…丙",), "甲一乙二二二二二二乙三丙", ["甲一乙二二二二二二乙三丙"]),
        (("排队（太久｜很久）",), "排队很久", ["排队很久"]),
        (("转账（了｜）",), "转账了，转账", ["转账了", "转账"]),
        (("又要......又要",), "又要这又要那", ["又要这又要"]),
        (("VIP",), "vip卡", ["vip"]),
        (("排隊",), "排队", ["排队"]),
        (("帐户",), "账户", ["账户"]),
    ],
)
def test_what_a_seed_finds(seeds: tuple[str, ...], text: str, says: list[str]) -> None:
    assert found(book(*seeds), text) == says


@pytest.mark.parametrize(
    ("seed", "text", "says"),
    [
        ("charg*", "Charged twice, recharge, charges.", ["Charged", "charges"]),
        ("charg* … twice", "charged my card twice", ["charged my card twice"]),
        ("charg* twice", "charging twice", ["charging twice"]),
        ("fee*", "feelings, fees", ["feelings", "fees"]),
        ("late fee", "late fees and a late fee", ["late fee"]),
        ("won't load", "It won’t load", ["won’t load"]),
        ("no … reply", "no one ever sent a reply", ["no one ever sent a reply"]),
        ("no … reply", "no. reply", []),
    ],
)
def test_what_an_english_seed_finds(seed: str, text: str, says: list[str]) -> None:
    assert found(book("甲乙", en=(seed,)), text) == says


@pytest.mark.parametrize(
    "seed",
    ["…队", "队…", "(排|队", "排|队", "((排))", "*", "排*", "…", "()", "甲…乙…丙…丁",
     "(a|b|c|d)" * 5, " "],
)  # fmt: skip
def test_what_is_no_seed(seed: str) -> None:
    with pytest.raises(InputError, match="seed"):
        book(seed)


def test_mixed_texts_are_read_in_both_languages() -> None:
    mine = book("排队", en=("queue",))
    assert found(mine, "排队 is what they call a queue here") == ["排队", "queue"]
    assert found(mine, "大厅里排队的人很多，没有queue") == ["排队"]


letters = st.text("甲乙丙丁，", max_size=30)
pieces = st.lists(st.text("甲乙丙", min_size=1, max_size=2), min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(seeds=st.lists(pieces.map(GAP.join), min_size=1, max_size=6, unique=True), text=letters)
def test_the_matcher_agrees_with_a_regular_expression(seeds: list[str], text: str) -> None:
    ordered = sorted(seeds, key=lambda s: (-len(s), tuple(s.split(GAP))))
    gap = rf"[^，]{{0,{GAP_LENGTH}}}?"
    pattern = re.compile("|".join(gap.join(map(re.escape, s.split(GAP))) for s in ordered))
    assert found(book(*seeds), text) == [m[0] for m in pattern.finditer(text)]


@settings(max_examples=100, deadline=None)
@given(st.text("ab排(|)*… ", max_size=12))
def test_any_seed_is_read_or_refused(seed: str) -> None:
    try:
        forms = forms_of(seed)
    except ValueError as error:
        assert len(error.args) == 2
        return
    for form in forms:
        assert len(form.links) == len(form.pieces) - 1
        assert form.pieces[0]
        assert set(form.links) <= {OPEN, GAP_LENGTH, GAP_LENGTH_LATIN}


def test_no_seed_makes_the_search_explode() -> None:
    mine = book("啊…啊…错", en=("a* … a* … b",))
    texts = pd.Series(["啊" * 20_000, "a " * 20_000])
    mine.find_spans(texts[:0])
    begun = time.process_time()
    assert mine.find_spans(texts).empty
    assert time.process_time() - begun < 5


def test_spans_do_not_depend_on_the_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = load_codebook("bank-zh")
    texts = pd.Series(
        ["排队两小时", None, "态度恶劣", "", "app闪退😢"] * 3, index=list("abcdefghijklmno")
    )
    whole = bank.find_spans(texts)
    monkeypatch.setattr("svcquality.text.codebook.TEXTS_AT_ONCE", 2)
    pd.testing.assert_frame_equal(bank.find_spans(texts), whole)
    assert whole["document"].tolist()[:2] == ["a", "c"]


DENIED = [
    "没有排队", "不用排队", "不用去银行排队", "再也不用跑去网点排队了", "从来没有排队", "没有出现过闪退",
    "不会闪退", "无需排队", "免去排队的烦恼", "没排队", "一点也没有卡顿",
    "I never had to queue", "no queue at all", "The staff were not rude", "there wasn't any queue",
    "did not have to stand in a queue", "without a queue",
]  # fmt: skip
ASSERTED = [
    "排队", "不得不排队", "不仅闪退", "不停地排队", "不知道为什么闪退", "没人维护，一直闪退", "没有通知就闪退",
    "不是闪退就是卡顿", "没几天就闪退", "不让我排队", "无缘无故闪退", "不能登录还闪退", "没用多久就闪退",
    "没有不排队的", "没错，排队", "not only a queue", "could not avoid, a queue", "no wonder the queue is long",
    "They refused and were rude", "can't queue", "not helpful and rude",
]  # fmt: skip


@pytest.mark.parametrize("text", DENIED)
def test_a_denied_seed(text: str) -> None:
    spans = book("排队", "闪退", "卡顿", en=("queue", "rude")).find_spans(pd.Series([text]))
    assert spans["negated"].tolist() == [True]


@pytest.mark.parametrize("text", ASSERTED)
def test_what_only_looks_denied(text: str) -> None:
    spans = book("排队", "闪退", "卡顿", en=("queue", "rude")).find_spans(pd.Series([text]))
    assert len(spans) and not spans["negated"].any()


def test_denial_inside_a_seed_is_the_seed() -> None:
    spans = book("没人理", "不让投诉").find_spans(pd.Series(["没人理我，不让投诉"]))
    assert spans["seed"].tolist() == ["没人理", "不让投诉"]
    assert not spans["negated"].any()


def test_what_is_wanted_is_not_cancelled() -> None:
    text = pd.Series(["没有退款，没有排队"])
    assert book("退款", "排队").find_spans(text)["negated"].tolist() == [True, True]
    assert book("退款", "排队", wanted=["退款"]).find_spans(text)["negated"].tolist() == [
        False,
        True,
    ]
    assert not book("退款", "排队", wanted="all").find_spans(text)["negated"].any()
    with pytest.raises(InputError, match="no seed"):
        book("排队", wanted=["退款"])


@pytest.mark.parametrize(
    ("text", "factor"),
    [("卡顿", 1), ("非常卡顿", 1.5), ("有点卡顿", 0.7), ("特别特别卡顿", 2.0), ("非常慢，卡顿", 1),
     ("extremely rude", 1.8), ("a little rude", 0.7), ("very, very long. rude", 1)],
)  # fmt: skip
def test_intensity(text: str, factor: float) -> None:
    spans = book("卡顿", en=("rude",)).find_spans(pd.Series([text]))
    assert spans["intensity"].tolist() == pytest.approx([factor])


@settings(max_examples=100, deadline=None)
@given(st.text("不没有排队很，a no\n", max_size=40))
def test_reading_the_context_never_fails(text: str) -> None:
    spans = book("排队", en=("no",)).find_spans(pd.Series([text, text]))
    assert spans["intensity"].between(0.5, 2.0).all()
    half = len(spans) // 2
    assert spans["negated"][:half].tolist() == spans["negated"][half:].tolist()


def test_equal_spellings_count_once() -> None:
    cause = {"id": "A", "zh": "甲", "seeds_zh": {"strong": ["BUG"], "hint": ["bug"]}}
    mine = parse_codebook(yaml.safe_dump({"causes": [cause]}).encode(), "mine")
    spans = mine.find_spans(pd.Series(["有bug"]))
    assert spans["weight"].tolist() == [2.0]


@pytest.mark.real
def test_real_texts_are_placed(shared: object) -> None:
    from svcquality.causes.codebook_score import placed, score_codebook
    from svcquality.text.normalise import normalise

    data = shared / "data"  # type: ignore[operator]
    lines = (data / "icbc_app_reviews.txt").read_text("utf-8").splitlines()
    reviews = pd.Series([line.strip() for line in lines], dtype="str").drop_duplicates()
    letters = pd.read_excel(
        data / "public_complaints_with_replies_zh.xlsx", dtype="str", engine="openpyxl"
    )["留言详情"]
    loans = pd.read_csv(data / "cfpb_complaints_2025.csv", dtype="str")
    for texts, name in (
        (reviews, "app-reviews-zh"),
        (reviews, "bank-zh"),
        (letters, "public-services-zh"),
        (loans["Consumer complaint narrative"].dropna(), "consumer-finance-en"),
    ):
        codebook = load_codebook(name)
        text = normalise(texts.sample(min(len(texts), 2000), random_state=1)).text
        text = text[text.str.len() >= 10].reset_index(drop=True)
        score = score_codebook(codebook.find_spans(text), text.index, codebook)
        assert np.mean(placed(score, codebook) != "residual") >= 0.60, name
