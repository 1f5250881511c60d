"""SPSS files: rating scales keep their numbers, kinds become their labels, no answer is missing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.records.inspect import draft_mapping, inspect_file
from svcquality.records.read import read_records
from svcquality.records.statistical import read_statistical
from svcquality.records.value_labels import coded

AGREE = {1: "非常不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "非常满意"}
CHANNELS = {1: "柜台", 2: "自助设备", 3: "客服电话", 4: "手机银行", 5: "网上银行"}


def read(folder: Path, columns: dict[str, list], labels: dict, **options) -> tuple:
    file = folder / "survey.sav"
    pyreadstat.write_sav(pd.DataFrame(columns), str(file), variable_value_labels=labels, **options)
    raw = read_statistical(file.read_bytes(), file, "", ".sav")
    return raw.frame, [note.text.en for note in raw.notes]


@pytest.mark.parametrize("declared", [False, True])
def test_does_not_apply_beside_a_scale_is_missing_and_counted(tmp_path, declared):
    options = {"missing_ranges": {"item_staff": [9]}} if declared else {}
    values = {"item_staff": [1.0, 2, 3, 4, 5, 9, 9, 4]}
    frame, notes = read(tmp_path, values, {"item_staff": {**AGREE, 9: "不适用"}}, **options)
    assert frame["item_staff"].dropna().tolist() == [1, 2, 3, 4, 5, 4]
    told = "item_staff: 2 answers beside the scale are missing: 9 = 不适用 (2)"
    assert (told in notes) is not declared


def test_every_code_outside_the_unbroken_run_is_named(tmp_path):
    labels = {-1: "跳过", 0: "不适用", **AGREE, 8: "乙", 98: "DK", 99: "refused"}
    frame, notes = read(tmp_path, {"q": [-1.0, 0, 1, 5, 8, 98, 98, 99]}, {"q": labels})
    assert frame["q"].dropna().tolist() == [1, 5]
    told = "-1 = 跳过 (1), 0 = 不适用 (1), 8 = 乙 (1), 98 = DK (2), 99 = refused (1)"
    assert any(f"6 answers beside the scale are missing: {told}" in note for note in notes)


@pytest.mark.parametrize("last", ["没用过", "本行无该项业务", "Don't know"])
def test_no_answer_right_behind_the_scale_is_no_sixth_point(tmp_path, last):
    frame, _ = read(tmp_path, {"q": [1.0, 5, 6]}, {"q": {**AGREE, 6: last}})
    assert frame["q"].dropna().tolist() == [1, 5]


def test_a_number_with_labelled_gaps_loses_only_these(tmp_path):
    frame, notes = read(tmp_path, {"age": [23.0, 47, 99, 30]}, {"age": {99: "拒答"}})
    assert frame["age"].dropna().tolist() == [23, 47, 30]
    assert any("99 = 拒答 (1)" in note for note in notes)


@pytest.mark.parametrize(
    "labels",
    [
        {1: "disagree", 2: "neither", 3: "agree"},
        {1: "very poor", 2: "poor", 3: "good", 4: "very good"},
        {0: "0 not at all likely", **{i: str(i) for i in range(1, 10)}, 10: "10 extremely likely"},
        {1: "满意", 2: "一般", 3: "不满意"},
        {1: "低", 2: "中", 3: "高"},
        {1: "失望透顶", 2: "不满意", 3: "一般", 4: "满意", 5: "很满意"},
        {1: "agree", 2: "not sure", 3: "disagree"},
        {1: "never", 2: "rarely", 3: "sometimes", 4: "always"},
        {1: "1 完全没有帮助", **{i: f"{i} 分" for i in range(2, 7)}, 7: "7 非常有帮助"},
        {1: "전혀 그렇지 않다", 2: "그렇지 않다", 3: "보통이다", 4: "그렇다", 5: "매우 그렇다"},
        {i: f"{i} stars" for i in range(1, 6)},
        {-2: "much worse", -1: "worse", 0: "same", 1: "better", 2: "much better"},
        AGREE,
    ],
)
def test_scales_of_any_length_keep_their_numbers(tmp_path, labels):
    codes = [float(code) for code in labels]
    frame, _ = read(tmp_path, {"q1": codes * 2}, {"q1": labels})
    assert frame["q1"].tolist() == codes * 2


@pytest.mark.parametrize(
    "labels",
    [
        {1: "男", 2: "女"},
        {0: "no", 1: "yes"},
        {1: "yes", 2: "no", 3: "don't know"},
        CHANNELS,
        {1: "1. 柜台", 2: "2. 自助设备", 3: "3. 手机银行"},
        {1: "1号网点", 2: "2号网点", 3: "3号网点"},
        {1: "初中及以下", 2: "高中", 3: "大专", 4: "本科", 5: "研究生"},
        {1: "Primary school", 2: "High school", 3: "College", 4: "Postgraduate"},
        {1: "18岁以下", 2: "18-24岁", 3: "25-34岁", 4: "35岁以上"},
        {1: "手续费比较低", 2: "网点比较多", 3: "朋友推荐", 4: "服务好"},
        {1: "普通", 2: "金卡", 3: "贵宾"},
        {i: f"{c}省" for i, c in enumerate("冀晋辽吉黑苏浙皖闽赣", 1)},
    ],
)
def test_kinds_become_their_labels(tmp_path, labels):
    codes = [float(code) for code in labels]
    frame, _ = read(tmp_path, {"q1": codes}, {"q1": labels})
    assert frame["q1"].tolist() == list(labels.values())


def test_a_battery_of_items_is_a_scale_whatever_its_words(tmp_path):
    labels = {i: f"档{c}" for i, c in enumerate("甲乙丙丁戊", 1)}
    names = ["a", "b", "c"]
    frame, _ = read(tmp_path, {n: [1.0, 3, 5] for n in names}, dict.fromkeys(names, labels))
    assert all(frame[n].tolist() == [1, 3, 5] for n in names)


def test_channels_asked_three_times_are_no_battery(tmp_path):
    names = ["a", "b", "c"]
    frame, _ = read(tmp_path, {n: [1.0, 5] for n in names}, dict.fromkeys(names, CHANNELS))
    assert frame["a"].tolist() == ["柜台", "网上银行"]


def study(folder: Path, labels: dict, columns: str) -> Path:
    """Four answers to one item in SPSS, mapped to a study."""
    frame = pd.DataFrame({"id": ["a", "b", "c", "d"], "q": [1.0, 2, 3, 9]})
    file = folder / "s.sav"
    pyreadstat.write_sav(frame, str(file), variable_value_labels={"q": labels})
    text = f'[surveys]\nsource = "s.sav"\n[surveys.columns]\nsurvey_id = "id"\n{columns}'
    (folder / "mapping.toml").write_text(text, encoding="utf-8")
    return folder


def test_what_is_mapped_to_ratings_gives_numbers_whatever_its_labels(tmp_path):
    kinds = {1: "甲", 2: "乙", 3: "丙", 9: "不适用"}
    bank = read_records(study(tmp_path, kinds, 'item_staff = "q"'))
    assert bank.surveys["item_staff"].dropna().tolist() == [1, 2, 3]


def test_a_code_named_by_its_label_in_the_mapping_is_found(tmp_path):
    words = {1: "good", 2: "fair", 3: "poor", 9: "n/a"}
    codes = '[surveys.codes.satisfaction]\ngood = 5\nfair = 3\npoor = 1\n"n/a" = ""'
    bank = read_records(study(tmp_path, words, f'satisfaction = "q"\n{codes}'))
    assert bank.surveys["satisfaction"].dropna().tolist() == [5, 3, 1]


def test_a_scale_from_best_to_worst_is_refused_until_it_is_turned_round(tmp_path):
    falling = {1: "满意", 2: "一般", 3: "不满意", 9: "不适用"}
    with pytest.raises(InputError, match="best to worst") as refused:
        read_records(study(tmp_path, falling, 'satisfaction = "q"'))
    codes = '{ "1" = 3, "2" = 2, "3" = 1 }'
    assert f"satisfaction = {codes}" in refused.value.en
    assert f"satisfaction = {codes}" in refused.value.zh
    columns = f'satisfaction = "q"\n[surveys.codes]\nsatisfaction = {codes}'
    bank = read_records(study(tmp_path, falling, columns))
    assert bank.surveys["satisfaction"].dropna().tolist() == [3, 2, 1]


def test_the_draft_turns_falling_items_round(tmp_path):
    falling = {1: "很满意", 2: "满意", 3: "一般", 4: "不满意", 5: "很不满意"}
    codes = [1.0, 2, 3, 4, 5] * 8
    items = {f"Q{j}": codes[j:] + codes[:j] for j in range(1, 5)}
    file = tmp_path / "survey.sav"
    ids = {"survey_id": [f"r{i}" for i in range(40)]}
    pyreadstat.write_sav(
        pd.DataFrame(ids | items), str(file), variable_value_labels=dict.fromkeys(items, falling)
    )
    draft = tomllib.loads(draft_mapping(inspect_file(file)))["surveys"]
    assert draft["codes"]["item_q1"] == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}


@given(
    st.dictionaries(st.integers(-3, 100), st.text(max_size=12), min_size=1, max_size=12), st.data()
)
def test_no_answer_is_lost_without_being_counted(labels, data):
    known = {float(code): label for code, label in labels.items()}
    values = pd.Series(data.draw(st.lists(st.sampled_from(list(known)), min_size=1, max_size=20)))
    column = coded(values, known)
    assert column.numbers.isna().sum() == sum(column.beside.values())
    kept = column.numbers.notna()
    assert column.numbers[kept].equals(values[kept])


def rated_survey(folder: Path) -> Path:
    """Four items of one battery in SPSS, the first about the wait."""
    names = {
        "Q0": "总体满意度",
        "Q1": "等候时间满意度",
        "Q2": "服务态度",
        "Q3": "环境",
        "Q4": "设备",
    }
    codes = [1.0, 2, 3, 4, 5] * 8
    items = {q: codes[j:] + codes[:j] for j, q in enumerate(names)}
    frame = pd.DataFrame({"RESPID": [float(i) for i in range(40)], **items})
    pyreadstat.write_sav(
        frame, str(folder / "s.sav"), column_labels={"RESPID": "问卷编号", **names},
        variable_value_labels=dict.fromkeys(names, AGREE),
    )  # fmt: skip
    return folder / "s.sav"


def test_how_a_wait_was_rated_is_no_wait_in_minutes(tmp_path):
    draft = tomllib.loads(draft_mapping(inspect_file(rated_survey(tmp_path))))["surveys"]
    assert "wait_minutes" not in draft["columns"]
    assert draft["columns"]["item_等候时间满意度"] == "Q1"
    assert draft["columns"]["item_设备"] == "Q4"


def test_whole_numbers_of_spss_are_whole(tmp_path):
    card = inspect_file(rated_survey(tmp_path))
    assert not card.odd["code"].eq("decimal").any()
    assert card.columns.set_index("column").at["RESPID", "example"] == "0"
