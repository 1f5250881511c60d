from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.causes import documents as module
from svcquality.causes.documents import LEFT_OUT, count_words, prepare
from svcquality.errors import InputError


def series(*texts: str | None) -> pd.Series:
    return pd.Series(list(texts), index=[f"c{i}" for i in range(len(texts))], dtype="str")


TEXTS = series(
    "客户来电反映：帐户被冻结了三天没人管，请核实处理。",
    "The teller wasn't polite &amp; the queue was long",
    "手机银行 app 登陆失败，提示 network error",
    "账户被冻结了3天没人管！！",
    None,
    "  ",
    "请核实处理。",
    "😡😡😡",
    "慢",
    "La banque ne répond pas et je ne sais pas quoi faire avec ma carte",
)


def test_a_row_a_text_and_every_text_accounted_for() -> None:
    found = prepare(TEXTS)
    assert found.table.index.name == "complaint_id"
    assert list(found.table.columns) == ["text", "language", "tokens", "duplicate_of"]
    assert found.table["text"].tolist()[:4] == [
        "账户被冻结了三天没人管，",
        "The teller wasn't polite & the queue was long",
        "手机银行 app 登录失败，提示 network error",
        "账户被冻结了3天没人管！！",
    ]
    assert found.table["language"].tolist() == ["zh", "en", "zh", "zh", "other", "zh", "other"]
    assert found.table["tokens"].dtype == np.int64
    reasons = found.left_out.set_index("complaint_id")["reason"].to_dict()
    assert reasons == {"c4": "missing", "c5": "blank", "c6": "frame"}
    assert found.left_out["label_zh"].tolist() == [LEFT_OUT[r].zh for r in reasons.values()]
    assert len(found.table) + len(found.left_out) == len(TEXTS)


def test_words_stand_in_the_order_of_the_table() -> None:
    found = prepare(TEXTS)
    words = dict(zip(found.table.index, found.words.lists(), strict=True))
    assert words["c1"] == ["teller", "not", "polite", "queue", "long"]
    assert {"手机银行", "app", "network", "error"} <= set(words["c2"])
    assert words["c7"] == words["c8"] == words["c9"] == []  # emoji, one character, other language
    assert found.table["tokens"]["c9"] > 0


def test_near_duplicates_name_the_first() -> None:
    long = "我在城东支行排队等了两个小时都没有人叫号，大堂经理也不管，只开了一个窗口"
    found = prepare(
        series(long, "别的事情", f"客户来电反映：{long.replace('城东', '城西')}。请核实处理。")
    )
    assert found.table["duplicate_of"].isna().tolist() == [True, True, False]
    assert found.table["duplicate_of"]["c2"] == "c0"


def test_spans_go_back_to_the_raw_texts_and_repairs_are_listed() -> None:
    found = prepare(TEXTS)
    spans = pd.DataFrame({"complaint_id": ["c0", "c2"], "start": [0, 9], "end": [2, 13]})
    back = found.raw_spans(spans)
    raw = [
        TEXTS[c][s:e]
        for c, s, e in zip(spans["complaint_id"], back["start"], back["end"], strict=True)
    ]
    assert raw == ["帐户", "登陆失败"]
    repairs = found.repairs.set_index("rule")
    assert repairs.loc[["alias", "entity", "boilerplate"], "found"].tolist() == [2, 1, 3]
    assert len(found.ledger) == repairs["found"].sum()


@pytest.mark.parametrize("workers", [1, 2])
def test_neither_partitions_nor_workers_change_a_byte(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = prepare(TEXTS)
    monkeypatch.setattr(module, "TEXTS_AT_ONCE", 4)
    parts = prepare(TEXTS, workers=workers)
    pd.testing.assert_frame_equal(whole.table, parts.table)
    pd.testing.assert_frame_equal(whole.ledger, parts.ledger)
    pd.testing.assert_frame_equal(whole.repairs, parts.repairs)
    pd.testing.assert_frame_equal(whole.left_out, parts.left_out)
    assert whole.words.vocabulary == parts.words.vocabulary
    np.testing.assert_array_equal(whole.words.codes, parts.words.codes)
    np.testing.assert_array_equal(whole.words.offsets, parts.words.offsets)
    spans = pd.DataFrame({"complaint_id": ["c2"], "start": [9], "end": [13]})
    pd.testing.assert_frame_equal(whole.raw_spans(spans), parts.raw_spans(spans))


def test_one_text_of_a_megabyte_and_many_equal_ones() -> None:
    long = "叫号机坏了，排队两小时没人管。" * 24_000
    found = prepare(series(long, "叫号机坏了"))
    assert found.table["tokens"]["c0"] > 100_000
    assert set(found.words.lists()[0]) == {"叫号机", "排队", "小时", "没人管"} | (
        set(found.words.lists()[0]) & {"坏了", "没人"}
    )
    same = prepare(pd.Series(["排队太久"] * 3_000, index=range(3_000), dtype="str"))
    assert set(same.table["duplicate_of"].dropna()) == {0}
    assert same.table["duplicate_of"].isna().sum() == 1
    counts, vocabulary = count_words(same.words)
    assert counts.shape == (3_000, len(vocabulary))


def test_one_document_and_texts_without_words() -> None:
    assert len(prepare(series("排队")).table) == 1
    found = prepare(series("😡", "？？？", "1"))
    assert found.table["language"].tolist() == ["other"] * 3
    assert count_words(found.words)[0].shape == (3, 0)


@pytest.mark.parametrize("texts", [series(), series(None, None), series("  ", "请核实处理。")])
def test_no_text_is_a_clear_message(texts: pd.Series) -> None:
    with pytest.raises(InputError, match="text"):
        prepare(texts)


def test_two_texts_with_one_id_are_refused() -> None:
    with pytest.raises(InputError, match="complaint_id"):
        prepare(pd.Series(["a", "b"], index=["c", "c"], dtype="str"))
    with pytest.raises(InputError, match="workers"):
        prepare(TEXTS, workers=0)
