"""Checking a codebook against a corpus."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml

from svcquality.causes.codebook_check import CodebookCheck, check_codebook
from svcquality.causes.codebook_proposals import _log_likelihood, _log_odds_z
from svcquality.errors import InputError
from svcquality.text.codebook import Codebook
from svcquality.text.codebook_file import parse_codebook


def small() -> Codebook:
    raw = {
        "causes": [
            {"id": "Q", "zh": "排队", "seeds_zh": ["排队", "窗口", "叫号机坏", "从不出现", "取款"]},
            {"id": "T", "zh": "系统", "seeds_zh": ["闪退", "卡顿", "窗口", "手机银行"]},
            {"id": "M", "zh": "维护", "seeds_zh": ["手机银行升级", "也不出现"]},
        ]
    }
    return parse_codebook(yaml.safe_dump(raw).encode(), "mine")


@pytest.fixture(scope="module")
def checked() -> CodebookCheck:
    rng = np.random.default_rng(3)
    branch = [
        "大厅里排队的人太多",
        "柜员叫号机坏了还要排队",
        "保安让老人站着排队",
        "没有排队就办好了",
    ]
    app = [
        "手机银行闪退 <b>程序</b>崩溃",
        "界面卡顿程序崩溃",
        "更新以后闪退程序崩溃了",
        "登录卡顿程序崩溃",
    ]
    ends = ["，非常生气", "，希望改进", "，请尽快处理", "，体验不好", "，不想再来", "，已经三次"]
    texts = [
        f"{rng.choice(branch if i % 2 else app)}{rng.choice(ends)}{'甲乙丙丁戊己庚辛'[i % 8]}{i}号"
        for i in range(420)
    ]
    return check_codebook(small(), pd.Series(texts))


def test_what_is_absent_shared_split_contained_and_few(checked: CodebookCheck) -> None:
    assert set(checked.absent["seed"]) == {"从不出现", "取款", "窗口", "手机银行升级", "也不出现"}
    assert checked.shared.to_numpy().tolist() == [["窗口", "Q、T"]]
    assert "叫号机坏" in checked.split["seed"].tolist()
    assert ["手机银行", "T", "手机银行升级", "M"] in checked.contained.to_numpy().tolist()
    assert checked.few == ["Q", "M"]
    negated = checked.causes.set_index("cause")["negated"]
    assert 0 < negated["Q"] < 1 and negated["T"] == 0


def test_proposals_are_words_of_the_cause_and_new(checked: CodebookCheck) -> None:
    keys = checked.proposals[checked.proposals["by"] == "keyness"]
    words = keys.groupby("cause")["word"].agg(list)
    assert {"程序", "崩溃"} <= set(words["T"])
    assert "大厅" in words["Q"]
    assert "闪退" not in set(checked.proposals["word"])
    assert keys["score"].ge(2.58).all() and keys["inside"].between(0, 1).all()
    assert set(checked.proposals["by"]) == {"keyness", "vectors"}


def test_the_same_seed_proposes_the_same(checked: CodebookCheck) -> None:
    texts = pd.Series([f"闪退程序崩溃{i}" for i in range(20)] + [f"排队大厅{i}" for i in range(20)])
    first, second = (check_codebook(small(), texts, seed=1) for _ in range(2))
    pd.testing.assert_frame_equal(first.proposals, second.proposals)


def test_it_speaks_both_languages_and_escapes(checked: CodebookCheck) -> None:
    assert "编码本 mine" in checked.text("zh") and "codebook mine" in str(checked)
    assert "fewer than three seeds occur of Q, M" in checked.sentence.en
    assert "have no definition" in checked.text("en")
    assert "<b>" not in checked.html("zh")
    assert checked._repr_html_().startswith("<p>")


def test_keyness_by_hand() -> None:
    here, there = np.array([30.0, 70.0]), np.array([10.0, 90.0])
    expected = 2 * (30 * np.log(30 / 20) + 10 * np.log(10 / 20))
    assert _log_likelihood(here, there)[0] == pytest.approx(expected)
    z = _log_odds_z(here, there, here + there)
    assert z[0] > 0 > z[1]
    assert _log_odds_z(here, here, 2 * here) == pytest.approx([0, 0])


def test_no_texts() -> None:
    with pytest.raises(InputError, match="no text"):
        check_codebook(small(), pd.Series([None, ""], dtype="str"))
