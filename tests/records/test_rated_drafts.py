"""Drafts of surveys as banks export them: codes beside the scale, seconds, names with brackets."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.records.inspect import draft_mapping, inspect_file
from svcquality.records.read import read_records

ITEMS = ["服务态度（1-5）", "业务熟练度 (1~5分)", "环境卫生【1-5】", "投诉渠道(畅通)"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    n = 400
    frame = pd.DataFrame(
        {
            "问卷编号": [f"W{i:05d}" for i in range(n)],
            "评价时间": pd.Timestamp("2025-03-01") + pd.to_timedelta(np.arange(n), unit="h"),
            "等候时长（秒）": rng.integers(30, 2400, n),
            "总体满意度[1-5]": rng.integers(1, 6, n),
            **{name: rng.integers(1, 6, n) for name in ITEMS},
        }
    )
    frame.loc[:9, "总体满意度[1-5]"] = 0
    frame.loc[10:24, "总体满意度[1-5]"] = 9
    frame.loc[:3, ITEMS[0]] = 9
    frame.to_csv(tmp_path / "2025年满意度.csv", index=False, encoding="gb18030")
    mapping = draft_mapping(inspect_file(tmp_path / "2025年满意度.csv"))
    (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
    return tmp_path


def test_the_draft_needs_no_correction(folder: Path):
    columns = tomllib.loads((folder / "mapping.toml").read_text("utf-8"))["surveys"]["columns"]
    assert columns["satisfaction"] == "总体满意度[1-5]"
    assert columns["wait_minutes"] == {"from": "等候时长（秒）", "unit": "seconds"}
    items = [name for name in columns if name.startswith("item_")]
    assert items == ["item_服务态度", "item_业务熟练度", "item_环境卫生", "item_投诉渠道_畅通"]


def test_codes_beside_the_scale_are_missing_and_counted(folder: Path):
    bank = read_records(folder)
    assert bank.surveys["satisfaction"].isna().sum() == 25
    lost = bank.repairs[bank.repairs["rule"] == "out_of_range"]["column"].value_counts()
    assert lost.to_dict() == {"satisfaction": 25, "item_服务态度": 4}
    assert bank.surveys["wait_minutes"].between(0.5, 40).all()
