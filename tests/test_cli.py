"""The command line: one sentence and an exit code for whatever is wrong, never a traceback."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from svcquality.cli import main


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process; gives exit code, stdout, stderr."""

    def go(*arguments):
        monkeypatch.setattr(sys, "argv", ["svcquality", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        out, err = capsys.readouterr()
        return stopped.value.code or 0, out, err

    return go


SURVEYS = "survey_id,satisfaction,wait_minutes\n" + "".join(
    f"s{i},{1 + (i * 7) % 5},{(i * 13) % 60}\n" for i in range(200)
)


def study(folder, toml="", **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    if toml:
        (folder / "study.toml").write_text(toml, encoding="utf-8")
    return folder


BAD = {
    "missing study": ({}, "", "no study at"),
    "malformed TOML": ({"surveys": SURVEYS}, "[study\n", "not valid TOML"),
    "unknown design": ({"surveys": SURVEYS}, "[[question]]\ndesign='waitng'\n", "'waiting'"),
    "unknown option": (
        {"surveys": SURVEYS}, "[[question]]\ndesign='waiting'\noutcom='x'\n", "'outcome'",
    ),
    "missing file": ({}, "[records]\nsurveys='nowhere.csv'\n", "nowhere.csv"),
    "missing column": ({"surveys": "id,satisfaction\n1,5\n"}, "", "survey_id"),
    "empty table": ({"surveys": "survey_id,satisfaction\n"}, "", "surveys"),
    "empty file": ({"surveys": ""}, "", "surveys"),
    "duplicate keys": (
        {"surveys": "survey_id,satisfaction\ns1,5\ns1,4\n"}, "", "s1",
    ),
    "no tables": ({}, "[study]\nseed=1\n", "table"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(run, tmp_path, name):
    files, toml, said = BAD[name]
    folder = tmp_path / ("study" if name != "missing study" else "nowhere")
    if name != "missing study":
        folder.mkdir()
        study(folder, toml, **files)
    code, _, err = run("report", folder, "--out", tmp_path / "out", "--quiet")
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out*"))


def test_report_check_accept_and_a_second_run(run, tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    study(folder, "[[question]]\nid='wait'\ndesign='waiting'\n", surveys=SURVEYS)
    out, again, baseline = tmp_path / "out", tmp_path / "again", tmp_path / "baseline.csv"
    assert run("report", folder, "--out", out, "--quiet")[0] == 0
    assert run("accept", out, baseline)[0] == 0
    assert run("check", out, baseline)[0] == 0
    assert run("report", folder, "--out", again, "--quiet", "--no-cache")[0] == 0
    for name in ("report.html", "numbers.csv", "findings.json", "report.xlsx"):
        assert (out / name).read_bytes() == (again / name).read_bytes(), name

    numbers = pd.read_csv(baseline)
    numbers.loc[numbers["id"] == "wait.plus_10", "value"] += 0.1
    numbers.iloc[1:].to_csv(baseline, index=False)
    code, table, _ = run("check", out, baseline)
    assert code == 1
    assert "wait.plus_10" in table and numbers["id"].iloc[0] in table


def test_a_folder_that_is_not_a_report_is_never_replaced(run, tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    study(folder, surveys=SURVEYS)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").write_text("years of work")
    code, _, err = run("report", folder, "--out", tmp_path / "mine", "--quiet")
    assert code == 2 and "mine" in err
    assert (tmp_path / "mine" / "thesis.docx").read_text() == "years of work"


def test_help_is_in_both_languages():
    shown = subprocess.run(
        [sys.executable, "-m", "svcquality", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert "dissatisfied" in shown and "不满" in shown
    for command in ("report", "check", "accept", "simulate", "inspect", "notebooks", "lab"):
        assert command in shown
