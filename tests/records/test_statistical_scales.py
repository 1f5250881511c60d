"""SPSS files: rating scales keep their numbers, kinds become their labels, no answer is missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from svcquality.records.statistical import read_statistical

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
    assert declared or any("2 answers beside the scale are missing" in note for note in notes)


@pytest.mark.parametrize(
    "labels",
    [
        {1: "disagree", 2: "neither", 3: "agree"},
        {1: "very poor", 2: "poor", 3: "good", 4: "very good"},
        {0: "0 not at all likely", **{i: str(i) for i in range(1, 10)}, 10: "10 extremely likely"},
        {-2: "much worse", -1: "worse", 0: "same", 1: "better", 2: "much better"},
        AGREE,
    ],
)
def test_scales_of_any_length_keep_their_numbers(tmp_path, labels):
    codes = [float(code) for code in labels]
    frame, _ = read(tmp_path, {"q1": codes * 2}, {"q1": labels})
    assert frame["q1"].tolist() == codes * 2


@pytest.mark.parametrize("labels", [{1: "男", 2: "女"}, {0: "no", 1: "yes"}, CHANNELS])
def test_kinds_become_their_labels(tmp_path, labels):
    codes = [float(code) for code in labels]
    frame, _ = read(tmp_path, {"q1": codes}, {"q1": labels})
    assert frame["q1"].tolist() == list(labels.values())


def test_a_battery_of_items_is_a_scale_whatever_its_words(tmp_path):
    labels = {i: f"档{c}" for i, c in enumerate("甲乙丙丁戊", 1)}
    names = ["a", "b", "c"]
    frame, _ = read(tmp_path, {n: [1.0, 3, 5] for n in names}, dict.fromkeys(names, labels))
    assert all(frame[n].tolist() == [1, 3, 5] for n in names)
