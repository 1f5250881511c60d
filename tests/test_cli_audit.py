"""The commands ``svcquality audit …``, from a study to codes that a study can use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from svcquality.causes.audit_file import choices, open_workbook
from svcquality.causes.audit_sheet import AGREED, coder_sheet
from svcquality.cli.audit import audit
from svcquality.errors import InputError
from svcquality.records.read import read_records

PHRASES = {
    "Q1": ["叫号叫了半天", "排队排了两小时", "取号之后前面还有三十多人", "只开了一个窗口"],
    "T1": ["手机银行一打开就闪退", "登录不上一直报错", "验证码收不到", "页面卡死"],
    "Z1": ["第三方催收威胁家人", "催收一天打十几个电话", "爆通讯录", "催款短信轰炸"],
    "E1": ["柜员态度恶劣", "爱理不理还翻白眼", "大声呵斥老人", "说话阴阳怪气"],
}
FILLER = ["上周三下午", "人民路网点", "真让人无语", "带着孩子过去", "本人持卡多年", "一肚子气回家"]
MANY = 180


def run(*arguments: object) -> Result:
    return CliRunner().invoke(audit, [*map(str, arguments)])


def complaints() -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(5)
    truth = rng.choice(list(PHRASES), MANY, p=[0.4, 0.3, 0.2, 0.1])
    ids = [f"c{i:03}" for i in range(MANY)]
    texts = [
        f"{rng.choice(FILLER)}，{'，'.join(rng.choice(PHRASES[c], 2))}，{chr(0x4E00 + i)}"
        for i, c in enumerate(truth)
    ]
    texts[0] = "=1+1，" + texts[0]
    frame = pd.DataFrame(
        {"complaint_id": ids, "received": "2025-03-01", "text": texts,
         "channel": np.where(np.arange(MANY) % 3, "online", "branch")}
    )  # fmt: skip
    return frame, pd.Series(truth, index=ids)


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    frame, _ = complaints()
    frame.to_csv(folder / "complaints.csv", index=False)
    pd.DataFrame(
        {"survey_id": [f"s{i}" for i in range(MANY)], "complaint_id": frame["complaint_id"],
         "satisfaction": 1 + np.arange(MANY) % 5}
    ).to_csv(folder / "surveys.csv", index=False)  # fmt: skip
    (folder / "study.toml").write_text("[study]\nseed = 3\n[causes]\nstarts = 1\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def drawn(study: Path) -> Path:
    path = study / "audit.xlsx"
    outcome = run("draw", study, "--n", 120, "--out", path, "-q")
    assert outcome.exit_code == 0, outcome.exception
    assert "120 distinct texts of 180 complaints" in outcome.output
    return path


def coded_by(path: Path, coder: str, out: Path, *, wrong: int) -> Path:
    """What a coder gives back: the truth, but for one text in so many."""
    _, truth = complaints()
    book, (_, draw) = openpyxl.load_workbook(path), open_workbook(path)
    shown, ids = choices(draw.codebook), draw.texts.set_index("key")["complaint_id"]
    for row in book[coder_sheet(coder)].iter_rows(min_row=2):
        key = row[-1].value
        cause = truth[ids[key]]
        row[2].value = "Q2" if int(key[1:]) % wrong == 0 and cause == "Q1" else shown[cause]
    book.save(out)
    return out


@pytest.fixture(scope="module")
def coded(drawn: Path, tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("coded")
    return [
        coded_by(drawn, "A", folder / "a.xlsx", wrong=10**6),
        coded_by(drawn, "B", folder / "b.xlsx", wrong=4),
    ]


def decide(path: Path, cause: str) -> Path:
    book = openpyxl.load_workbook(path)
    head = [cell.value for cell in book[AGREED][1]]
    for row in book[AGREED].iter_rows(min_row=2):
        row[head.index("裁定 Agreed cause")].value = cause
    book.save(path)
    return path


def test_the_help_keeps_its_examples_line_by_line() -> None:
    lines = [line.strip() for line in run("--help").output.splitlines()]
    assert "svcquality audit draw data/demo --n 500 --out audit.xlsx" in lines
    assert not any("\\b" in line for line in lines)


def test_a_drawn_workbook_hides_the_instrument_and_is_never_overwritten(study, drawn) -> None:
    book = openpyxl.load_workbook(drawn)
    shown = [s for s in book.worksheets if s.sheet_state == "visible"]
    assert [s.title for s in shown][2:] == [coder_sheet("A"), coder_sheet("B")]
    for sheet in shown[2:]:
        assert sheet.max_row == 121
        assert all(cell.value is None for (cell,) in sheet["C2:C121"])
    texts = [[cell.value for (cell,) in sheet["B2:B121"]] for sheet in shown[2:]]
    assert texts[0] != texts[1] and sorted(texts[0]) == sorted(texts[1])
    before = drawn.read_bytes()
    again = run("draw", study, "--n", 120, "--out", drawn, "-q")
    assert isinstance(again.exception, InputError) and drawn.read_bytes() == before


def test_a_column_may_be_the_strata(study, tmp_path) -> None:
    path = tmp_path / "by_channel.xlsx"
    outcome = run("draw", study, "--n", 40, "--out", path, "--strata", "channel",
                  "--doubtful", 1, "--language", "zh", "-q")  # fmt: skip
    assert "2 层" in outcome.output and "40 条不同文本" in outcome.output
    texts = open_workbook(path)[1].texts
    assert texts["weight"].sum() == pytest.approx(MANY)
    wrong = run("draw", study, "--n", 40, "--out", tmp_path / "x.xlsx", "--strata", "nothing", "-q")
    assert isinstance(wrong.exception, InputError) and "column" in wrong.exception.en


def test_two_coders_a_decision_and_every_instrument(study, coded, tmp_path) -> None:
    disputes, out = tmp_path / "disputes.xlsx", tmp_path / "codes.csv"
    first = run("read", *coded, "--adjudicate", disputes, "--out", out, "--language", "zh", "-q")
    assert isinstance(first.exception, InputError) and "--adjudicate" in first.exception.en
    assert "编码员一致性" in first.output and "已裁定 0 条" in first.output
    assert "Q1 等候时间过长 / Q2 办理流程繁琐" in first.output
    assert disputes.exists() and not out.exists()

    decide(disputes, "Q1")
    records = tmp_path / "second" / "complaints.csv"
    second = run("read", *coded, disputes, "--out", out, "--study", study, "--records", records,
                 "--tables", tmp_path / "tables", "-q")  # fmt: skip
    assert second.exit_code == 0, second.exception
    for words in (
        "Krippendorff's alpha",
        "Still to be decided: 0",
        "codebook score",
        "seeded topic model",
        "supervised coder",
        "calibration error",
    ):
        assert words in second.output

    _, truth = complaints()
    codes = pd.read_csv(out, encoding="utf-8-sig", dtype={"complaint_id": "str"})
    assert (codes["coded_cause"] == codes["complaint_id"].map(truth)).all()
    assert (1 / codes["coding_probability"]).sum() == pytest.approx(MANY)
    assert set(codes["decided"]) == {"unanimous", "agreed"}

    accuracy = pd.read_csv(tmp_path / "tables" / "accuracy.csv", encoding="utf-8-sig")
    assert set(accuracy["instrument"]) == {"codebook", "seeded", "supervised"}
    assert set(accuracy["measure"]) == {"accuracy", "macro_f1", "weighted_f1"}
    assert accuracy["estimate"].between(accuracy["low"], accuracy["high"]).all()
    supervised = accuracy[(accuracy["instrument"] == "supervised") & (accuracy["level"] == "cause")]
    assert supervised["estimate"].min() > 0.8
    by_class = pd.read_csv(tmp_path / "tables" / "accuracy_by_class.csv", encoding="utf-8-sig")
    assert {"precision", "recall", "f1"} <= set(by_class)
    confusion = pd.read_csv(tmp_path / "tables" / "confusion.csv", encoding="utf-8-sig")
    numbers = confusion.drop(columns=["instrument", "true"]).to_numpy()
    assert numbers.sum() == pytest.approx(3)  # one for each instrument

    read = read_records(records.parent).tables["complaints"].set_index("complaint_id")
    assert read["coded_cause"].notna().sum() == len(codes) >= 120 and len(read) == MANY
    known = codes.set_index("complaint_id")["coding_probability"]
    np.testing.assert_allclose(read.loc[known.index, "coding_probability"].astype(float), known)


def test_with_few_codes_the_supervised_coder_is_left_out_and_that_is_said(study, tmp_path) -> None:
    path = tmp_path / "few.xlsx"
    assert run("draw", study, "--n", 30, "--coders", 1, "--seed", 4, "--out", path, "-q").output
    assert open_workbook(path)[1].seed == 4
    coded_by(path, "A", path, wrong=10**6)
    outcome = run("read", path, "--study", study, "--language", "zh", "-q")
    assert outcome.exit_code == 0, outcome.exception
    assert "有监督编码（交叉拟合）未检验" in outcome.output and "种子主题模型" in outcome.output
    assert "一致性" not in outcome.output  # there is one coder


def test_codes_of_other_records_are_refused(coded, study, tmp_path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    frame = complaints()[0].assign(complaint_id=lambda f: "x" + f["complaint_id"])
    frame.to_csv(other / "complaints.csv", index=False)
    outcome = run("read", coded[0], "--study", other, "-q")
    assert isinstance(outcome.exception, InputError) and "not in these records" in str(
        outcome.exception.en
    )
    alone = run("read", coded[0], "--records", tmp_path / "all.csv")
    assert isinstance(alone.exception, InputError) and "--study" in alone.exception.en


def test_plans_say_what_to_do(study, coded, tmp_path) -> None:
    assumed = run("plan", study, "--half-width", 0.05, "--n", "60,120", "--draws", 10, "-q")
    assert assumed.exit_code == 0, assumed.exception
    assert "for ±0.05 everywhere. Assuming an accuracy of 0.8." in assumed.output
    assert "Simulated 10 times" in assumed.output
    out = tmp_path / "codes.csv"
    assert run("read", coded[0], "--out", out, "-q").exit_code == 0
    known = run("plan", study, "--pilot", out, "--half-width", 0.05, "--language", "zh",
                "--draws", 0, "--level", "family", "-q")  # fmt: skip
    many = len(pd.read_csv(out))
    assert f"依据 {many} 条已编码投诉" in known.output and "模拟核验" not in known.output
    cost = run("plan", study, "--for", "cost", "--half-width", 0.001, "--draws", 0, "-q")
    assert "ask for a wider --half-width" in cost.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--n", "a few"], "whole numbers"), (["--pilot", "nowhere.csv"], "cannot be read"),
     (["--pilot", "STUDY/surveys.csv"], "lacks")],
)  # fmt: skip
def test_what_a_plan_cannot_use_is_said(study, arguments, words) -> None:
    outcome = run("plan", study, "-q", *(a.replace("STUDY", str(study)) for a in arguments))
    assert isinstance(outcome.exception, InputError) and words in outcome.exception.en


def test_a_study_without_complaints_or_costs(tmp_path, study) -> None:
    (tmp_path / "surveys.csv").write_text("survey_id,satisfaction\ns1,3\ns2,4\n", "utf-8")
    outcome = run("draw", tmp_path, "--n", 10, "--out", tmp_path / "a.xlsx", "-q")
    assert isinstance(outcome.exception, InputError) and "no complaints" in outcome.exception.en
    frame = pd.read_csv(study / "complaints.csv")
    frame.to_csv(tmp_path / "complaints.csv", index=False)
    cost = run("plan", tmp_path, "--for", "cost", "-q")
    assert isinstance(cost.exception, InputError) and "--for share" in cost.exception.en
