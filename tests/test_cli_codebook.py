"""The commands ``svcquality codebook …``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from svcquality.cli.codebook import codebook
from svcquality.errors import InputError
from svcquality.text.codebook_file import codebook_names, load_codebook


def run(*arguments: object) -> Result:
    return CliRunner().invoke(codebook, [*map(str, arguments)])


def test_list_and_show() -> None:
    listed = run("list", "--language", "zh")
    assert all(name in listed.output for name in codebook_names())
    shown = run("show", "bank-zh")
    assert "Long waits" in shown.output and load_codebook("bank-zh").sha256 in shown.output
    assert "等候时间过长" in run("show", "bank-zh", "--language", "zh").output


def test_a_new_codebook_can_be_used_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    assert run("new", path).exit_code == 0
    mine = load_codebook(path)
    assert mine.ids == ["S1", "S2", "H1"] and mine.second_order == ["H1"]
    spans = mine.find_spans(
        pd.Series(["等了两个小时，没有退款", "no refunds, I stood hours in line"])
    )
    assert spans["cause"].tolist() == ["S1", "S2", "S2", "S1"]
    assert not spans["negated"].any()
    assert isinstance(run("new", path).exception, InputError)


def test_check_without_texts(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("causes: [{id: a, en: Late, seeds_en: [late]}]", "utf-8")
    outcome = run("check", path)
    assert "can be used" in outcome.output and "a have fewer than three seeds" in outcome.output
    assert "种子词不足三个" in run("check", path, "--language", "zh").output


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "txt"])
def test_check_with_texts(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame(
        {"内容": ["排队两小时", "态度恶劣", "手机银行闪退"] * 3, "号": range(9)}
    ).astype("str")
    path = tmp_path / f"texts.{suffix}"
    if suffix == "csv":
        frame.to_csv(path, index=False, encoding="gb18030")
    elif suffix == "xlsx":
        frame.to_excel(path, index=False)
    elif suffix == "parquet":
        frame.to_parquet(path)
    else:
        path.write_text("\n".join(frame["内容"]), "gb18030")
    column = [] if suffix == "txt" else ["--column", "内容"]
    outcome = run("check", "bank-zh", "--texts", path, *column, "--out", tmp_path / "out", "-q")
    assert outcome.exit_code == 0, outcome.exception
    assert "3 distinct texts" in outcome.output
    seeds = pd.read_csv(tmp_path / "out" / "seeds.csv")
    assert seeds.loc[seeds["seed"] == "排队", "texts"].tolist() == [1]


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text("a,b\n排队,1\n", "utf-8")
    assert "--column" in str(run("check", "bank-zh", "--texts", path).exception)
    assert isinstance(run("check", "bank-zh", "--texts", tmp_path / "no.csv").exception, InputError)
    assert isinstance(run("show", "nothing").exception, InputError)
