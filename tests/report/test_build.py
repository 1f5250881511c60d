"""A report is whole or absent, the same bytes each time, and harmless whatever the records say."""

import csv
import io
import itertools
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
from openpyxl import load_workbook

from svcquality.errors import InputError
from svcquality.findings import Grade
from svcquality.report import build
from svcquality.report.build import write_report
from svcquality.report.workbook import csv_bytes, harmless, workbook_bytes
from tests.plots import fabricated
from tests.report import made_up

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return write_report(made_up.result(), tmp_path_factory.mktemp("built") / "report")


@pytest.fixture(scope="module")
def page(report):
    return (report / "report.html").read_text("utf-8")


class Page(HTMLParser):
    """Tags with their attributes, and the text outside of styles."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.inside = [], "", ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data):
        if self.inside != "style":
            self.text += data


def files(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def small():
    return made_up.result(fabricated.pareto(), fabricated.series(), fabricated.withheld())


def test_another_process_writes_the_same_bytes(tmp_path):
    one = files(write_report(small(), tmp_path / "one"))
    code = (
        "import sys, pathlib; from tests.report import test_build as t;"
        "t.write_report(t.small(), pathlib.Path(sys.argv[1]))"
    )
    other = {"PYTHONHASHSEED": "5", "TZ": "Asia/Shanghai", "LC_ALL": "C", "MPLBACKEND": "Agg"}
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "two")],
        check=True,
        cwd=ROOT,
        env={**os.environ, **other},
    )
    two = files(tmp_path / "two")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


def test_every_file_is_there(report):
    names = set(files(report))
    assert {
        "report.html",
        "findings.json",
        "numbers.csv",
        "report.xlsx",
        "provenance.json",
    } <= names
    drawn = [f.id for f in made_up.result().findings if not f.blocked]
    for name in drawn:
        assert f"tables/{name}.csv" in names
        for language in ("zh", "en"):
            assert {f"figures/{name}.{language}.png", f"figures/{name}.{language}.svg"} <= names
    assert not any("blocked" in name for name in names)


def test_the_page_is_at_most_three_megabytes(report):
    assert (report / "report.html").stat().st_size < 3_000_000


def test_an_interrupted_run_leaves_the_old_report_and_nothing_else(tmp_path, monkeypatch):
    out = write_report(made_up.result(fabricated.forest()), tmp_path / "report")
    before = files(out)

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "render", stop)
    with pytest.raises(KeyboardInterrupt):
        write_report(made_up.result(fabricated.curve()), out)
    assert files(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["report"]


def test_a_report_replaces_a_report(tmp_path):
    out = write_report(made_up.result(fabricated.forest()), tmp_path / "report")
    write_report(made_up.result(fabricated.curve()), out)
    assert (out / "tables" / "wait.csv").exists()
    assert not (out / "tables" / "satisfaction.csv").exists()


@pytest.mark.parametrize("name", ["thesis.txt", "report.html"])
def test_anything_but_a_report_is_not_overwritten(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(InputError, match=r"not a report|不是"):
        write_report(made_up.result(fabricated.forest()), tmp_path)
    assert (tmp_path / name).read_text() == "mine"


def test_findings_json_is_strict_and_withholds_what_is_blocked(report):
    def refuse(word):
        raise ValueError(word)

    read = json.loads((report / "findings.json").read_text("utf-8"), parse_constant=refuse)
    blocked = {f["id"]: f for f in read["findings"]}["blocked"]
    assert blocked["blocked"] and blocked["table"] == [] and blocked["claims"] == []
    assert "definition changed" in blocked["sentence"]["en"]
    assert [q["id"] for q in read["not_asked"]] == ["leave"]
    assert [q["id"] for q in read["failed"]] == ["cost"]


# The page -----------------------------------------------------------------------------------


def test_what_was_not_asked_or_withheld_is_said(page):
    text = Page(page).text
    for words in ("未提问：缺少账户记录。", "Only one kind of answer is there.", "不予报告",
                  "The complaint definition changed in the window"):  # fmt: skip
        assert words in text


def test_numbers_of_a_withheld_finding_are_nowhere(page):
    section = page.split('id="q.blocked"')[1].split("</section>")[0]
    assert "<table>" not in section and "<img" not in section
    assert "0.50" not in section


def test_hostile_words_are_inert(page):
    tags = Page(page).tags
    assert not [t for t, _ in tags if t in {"script", "iframe", "object", "form", "link", "b2"}]
    assert not [
        a for _, attributes in tags for a in attributes if a.startswith("on") or a == "style"
    ]
    assert "&lt;script&gt;" in page
    assert "<b>v2" not in page


def test_invisible_and_turning_characters_do_not_reach_the_page(page):
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", page)


def test_nothing_is_fetched_from_anywhere(page):
    sources = [v for _, a in Page(page).tags for k, v in a.items() if k in {"src", "href"}]
    kinds = ("data:image/svg+xml,", "data:image/png;base64,", "#")
    assert all(v.startswith(kinds) for v in sources)
    style = page.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style and "@import" not in style


def test_policy_allows_only_images_and_this_style(page):
    (policy,) = [a["content"] for t, a in Page(page).tags
                 if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"]  # fmt: skip
    assert "default-src 'none'" in policy and "unsafe" not in policy and "script" not in policy


def test_headings_go_down_one_step_at_a_time(page):
    levels = [int(t[1]) for t, _ in Page(page).tags if re.fullmatch("h[1-6]", t)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_every_link_has_its_target_and_ids_are_unique(page):
    tags = Page(page).tags
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for t, a in tags if t == "a"} <= set(ids)


OWN = ["findings", "brief", "examples", "unanswered", "about-records", "choose-zh", "forest-title"]


@pytest.mark.parametrize("name", OWN)
def test_no_question_takes_an_id_of_the_page(tmp_path, name):
    other = replace(fabricated.forest(), id="forest", figure="")
    result = made_up.result(other, replace(other, id=name))
    tags = Page((write_report(result, tmp_path / "r") / "report.html").read_text("utf-8")).tags
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_a_heading_never_calls_undetectable_a_change(tmp_path):
    claim = replace(fabricated.forest().claims[0], low=-0.1, high=0.1)
    unclear = replace(fabricated.forest(), grade=Grade.CHANGED, claims=(claim,))
    page = (write_report(made_up.result(unclear), tmp_path / "r") / "report.html").read_text(
        "utf-8"
    )
    (heading,) = re.findall(r'<h2 id="q.satisfaction.title">.*?</h2>', page)
    assert "no detectable change" in heading and ">changed<" not in heading


def test_rows_about_the_records_that_are_left_out_are_counted(tmp_path):
    flow = pd.DataFrame({"table": "surveys", "step_zh": "步", "step_en": "step", "rows": range(47)})
    records = replace(made_up.records(), flow=flow)
    out = write_report(made_up.result(fabricated.forest(), records=records), tmp_path / "r")
    assert "7 further rows are not listed." in (out / "report.html").read_text("utf-8")


def test_images_say_the_finding_and_tables_name_their_columns(page):
    tags = Page(page).tags
    alts = [a.get("alt", "") for t, a in tags if t == "img"]
    assert alts and all(alts)
    assert fabricated.curve().sentence("zh") in alts and fabricated.curve().sentence("en") in alts
    assert all("scope" in a for t, a in tags if t == "th")
    assert page.count("<table") == page.count("<caption")


def test_drawing_on_the_page_leaves_out_the_headline(page):
    svg = unquote(re.search(r"data:image/svg\+xml,([^\"]+)", page).group(1))
    top, _, height = map(float, re.search(r"viewBox='0 ([\d.]+) ([\d.]+) ([\d.]+)'", svg).groups())
    assert 10 < top < 60 and height > 100


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_opens_in_the_study_language(tmp_path, language):
    out = write_report(made_up.result(fabricated.forest(), language=language), tmp_path / "r")
    page = (out / "report.html").read_text("utf-8")
    tags = Page(page).tags
    assert dict(tags)["html"]["lang"] == {"zh": "zh-Hans", "en": "en"}[language]
    checked = [a["id"] for t, a in tags if t == "input" and "checked" in a]
    assert checked == [f"choose-{language}"]


def test_a_study_without_times_has_no_period(tmp_path):
    records = made_up.Records.from_frames(
        surveys=pd.DataFrame({"survey_id": ["a", "b"], "satisfaction": [1, 5]})
    )
    out = write_report(made_up.result(fabricated.forest(), records=records), tmp_path / "r")
    assert "数据截止" not in (out / "report.html").read_text("utf-8")


def test_a_study_without_answers_still_makes_a_report(tmp_path):
    empty = made_up.examples(())
    result = made_up.result(fabricated.withheld(), examples=empty, not_asked=(), failed=())
    page = (write_report(result, tmp_path / "r") / "report.html").read_text("utf-8")
    assert "Every question was answered." in Page(page).text


# Tables for spreadsheets --------------------------------------------------------------------

FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1+1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_become_text(text):
    assert harmless(pd.DataFrame({"a": [text]})).loc[0, "a"].startswith("'")


def test_numbers_stay_numbers():
    frame = pd.DataFrame({"estimate": [-0.5, 2.0], "label": ["-", "a"]})
    sheet = load_workbook(io.BytesIO(workbook_bytes([("t", frame)])))["t"]
    assert sheet["A2"].value == -0.5 and sheet["B2"].value == "'-"


def test_no_cell_of_the_workbook_is_a_formula(report):
    book = load_workbook(report / "report.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet for cell in row}
    assert "f" not in kinds
    assert {"summary", "satisfaction", "numbers"} <= set(book.sheetnames)


def test_no_question_takes_the_sheet_of_another(tmp_path):
    names = ["summary", "Numbers", "q" * 40 + "1", "q" * 40 + "2"]
    result = made_up.result(*(replace(fabricated.forest(), id=name) for name in names))
    raw = (write_report(result, tmp_path / "r") / "report.xlsx").read_bytes()
    sheets = load_workbook(io.BytesIO(raw)).worksheets
    titles = [sheet.title for sheet in sheets]
    assert len({t.lower() for t in titles}) == 6 and max(map(len, titles)) <= 31
    assert [s["A1"].value for s in sheets] == ["question", "id", *["term"] * 4]


def test_csv_opens_as_unicode_in_a_spreadsheet(report):
    raw = (report / "tables" / "hostile.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0]["label_zh"] == "中位数"
    assert rows[2]["label_en"].startswith("'=")


def test_control_characters_and_giant_cells_do_not_break_a_workbook():
    frame = pd.DataFrame({"a": ["x\x00\x0b\x1fy", "z" * 40_000]})
    sheet = load_workbook(io.BytesIO(workbook_bytes([("a/b[c]" * 9, frame)]))).worksheets[0]
    assert sheet["A2"].value == "xy" and len(sheet["A3"].value) < 32_768
    assert csv_bytes(frame).decode("utf-8-sig").splitlines()[1] == "xy"


def test_examples_of_many_causes_unfold(tmp_path):
    rows = [(f"c{i}", f"原因{i}", f"cause {i}", "x", f"text {i}") for i in range(8)]
    examples = pd.DataFrame(rows, columns=made_up.examples().columns)
    out = write_report(made_up.result(fabricated.forest(), examples=examples), tmp_path / "r")
    shown, folded = (out / "report.html").read_text("utf-8").split("Further causes</span> (2)")
    assert "text 5" in shown and "text 6" not in shown and "text 7" in folded
