"""The same table in every format: safe, well formed, numbers that stay numbers, no clock."""

from __future__ import annotations

import io
import math
import re
import time
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.report.publication import model_table
from svcquality.report.publication.cells import visible
from tests.report.side_by_side import HARM, harmful, linear, ordered, summary

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SUFFIXES = (".html", ".tex", ".md", ".csv", ".xlsx", ".docx")
HARMFUL = model_table(
    [harmful(), ordered()], caption=HARM[1], notes=HARM, show=("error", "interval", "p"), stars=True
)
TWO = model_table([ordered(), linear()], show=("error", "interval", "p"), language="zh", stars=True)
words_of_a_bank = st.text(
    alphabet=st.one_of(
        st.sampled_from("\\{}[]$&#%_^~<>|`*\"'=+-@\n\u202e网点（）"), st.characters(codec="utf-8")
    ),
    min_size=1,
    max_size=30,
)


def saved(table, tmp_path, suffix):
    return table.save(tmp_path / f"table{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("table", [HARMFUL, TWO])
def test_the_same_table_gives_the_same_bytes_at_any_time(table, suffix, tmp_path, monkeypatch):
    first = saved(table, tmp_path, suffix)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400 * 400)
    assert saved(table, tmp_path, suffix) == first


def test_an_unknown_ending_and_a_folder_that_is_a_file_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.docx"):
        TWO.save(tmp_path / "table.pdf")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="could not be written"):
        TWO.save(tmp_path / "file" / "table.md")


# HTML


class Reader(HTMLParser):
    """Collects tags and the words of each row's cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.rows: list[list[str]] = []
        self.width: list[int] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append([])
            self.width.append(0)
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.width[-1] += int(dict(attrs).get("colspan", 1))

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.rstrip("\n")


def read_html(text):
    reader = Reader()
    reader.feed(text)
    return reader


def test_html_holds_only_its_own_tags():
    reader = read_html(HARMFUL.html())
    assert set(reader.tags) == {
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "br",
    }
    assert reader.attributes == {"lang", "style", "scope", "colspan"}
    assert len(set(reader.width)) == 1
    labels = {row[0] for row in reader.rows}
    assert {visible(word) for word in HARM} <= labels


def test_html_says_what_the_notebook_shows():
    assert TWO._repr_html_() == TWO.html()
    assert ["父母上过大学", "1.048***", "0.362***"] in read_html(TWO.html()).rows


@given(words_of_a_bank)
@settings(max_examples=25, deadline=None)
def test_any_word_comes_back_from_html(word):
    rows = [("x", word, word, 1.0, 0.1, 0.8, 1.2, 0.5)]
    table = model_table(summary(rows))
    assert visible(word).strip() in {row[0].strip() for row in read_html(table.html()).rows}


# LaTeX

COMMANDS = {
    "begin", "end", "centering", "caption", "toprule", "midrule", "bottomrule", "cmidrule",
    "multicolumn", "item", "footnotesize", "textbackslash", "textasciicircum", "textasciitilde",
    "textless", "textgreater", "textbar", "textasciigrave", "ensuremath", "infty", "times",
    "Delta", "textsuperscript", "geq", "leq", "quad", "par", "smallskip", "raggedright", "label",
}  # fmt: skip


def check_latex(text):
    """Only known commands, balanced braces and environments, as many columns in every row."""
    code = "\n".join(line for line in text.split("\n") if not line.startswith("% "))
    bare = re.sub(r"\\[\\{}$&#%_]", "", code)
    assert set(re.findall(r"\\([A-Za-z]+)", bare)) <= COMMANDS
    assert not re.search(r"[$#_^~%]", bare)
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    opened = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", code):
        opened.append(name) if kind == "begin" else opened.pop() == name or pytest.fail(name)
    assert not opened
    body = code.split(r"\toprule")[1].split(r"\bottomrule")[0]
    columns = len(re.search(r"begin\{tabular\}\{(\w+)\}", code)[1])
    for row in body.split(r"\\")[:-1]:
        spans = [int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d+)\}", row)]
        assert len(re.findall(r"(?<!\\)&", row)) + 1 + sum(spans) == columns
        # What follows a line break must not look like its option.
        assert not re.match(r"\s*[\[*]", row)


@pytest.mark.parametrize("threeparttable", [True, False])
@pytest.mark.parametrize("table", [HARMFUL, TWO])
def test_latex_is_balanced_and_runs_no_command_of_a_bank(table, threeparttable):
    text = table.latex(threeparttable=threeparttable, label="tab:two_\\input{x}")
    check_latex(text)
    assert r"\label{tab:twoinputx}" in text
    assert ("threeparttable" in text) == threeparttable


def test_latex_names_what_it_needs_and_ctex_only_for_chinese():
    assert TWO.latex().startswith("% \\usepackage{booktabs,threeparttable}\n% XeLaTeX")
    assert "ctex" in TWO.latex()
    assert "ctex" not in model_table([ordered()]).latex()
    assert r"\multicolumn{2}{c}{申请意愿}" in TWO.latex()
    assert r"\cmidrule(lr){2-3}" in TWO.latex()
    assert r"\ensuremath{-}0.059" in TWO.latex()


@given(words_of_a_bank)
@settings(max_examples=25, deadline=None)
def test_any_word_leaves_latex_balanced(word):
    rows = [("x", word, word, 1.0, 0.1, 0.8, 1.2, 0.5)]
    check_latex(model_table(summary(rows), caption=word, notes=[word]).latex())


# Markdown


@given(words_of_a_bank)
@settings(max_examples=25, deadline=None)
def test_any_word_leaves_markdown_in_its_columns(word):
    rows = [("x", word, word, 1.0, 0.1, 0.8, 1.2, 0.5)]
    text = model_table([summary(rows), ordered()], caption=word).markdown()
    table = [line for line in text.split("\n") if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in table} == {4}
    assert "<" not in text


def test_markdown_has_no_html_of_a_bank():
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in HARMFUL.markdown()
    assert r"\\input{/etc/passwd}" in HARMFUL.markdown()


# Spreadsheets


def sheets(table, tmp_path):
    return openpyxl.load_workbook(io.BytesIO(saved(table, tmp_path, ".xlsx"))).worksheets


def test_excel_holds_numbers_that_look_as_printed(tmp_path):
    printed, tidy = sheets(TWO, tmp_path)
    rows = {row[0].value: row for row in printed.iter_rows() if row[0].value}
    estimate = rows["父母上过大学"][1]
    assert (estimate.value, estimate.number_format) == (1.0477, '#,##0.000"***";"−"#,##0.000"***"')
    at = estimate.row
    error, low, high, p = (printed.cell(at + i, j) for i, j in ((1, 2), (2, 2), (2, 3), (3, 2)))
    assert [c.value for c in (error, low, high, p)] == [0.2658, 0.5267, 1.5686, 0.00008]
    assert p.number_format == '"p < 0.001"'
    assert low.number_format.startswith('"["#,##0.000",";')
    assert rows["观测数"][1].value == 400
    assert printed.title == "表"
    back = pd.DataFrame([[c.value for c in row] for row in tidy.iter_rows(min_row=2)])
    assert len(back) == 7
    assert back[10].tolist() == TWO.frame["estimate"].tolist()


def test_every_printed_number_of_excel_is_a_number(tmp_path):
    printed, _ = sheets(TWO, tmp_path)
    texts = [
        c.value for row in printed.iter_rows(min_col=2) for c in row if isinstance(c.value, str)
    ]
    assert not [t for t in texts if re.fullmatch(r"[(\[−]*\d+[.,]\d+.*", t)]


def test_nothing_in_excel_or_csv_is_a_formula(tmp_path):
    for sheet in sheets(HARMFUL, tmp_path):
        for row in sheet.iter_rows():
            assert not [c for c in row if c.data_type == "f"]
            assert not [c for c in row if isinstance(c.value, str) and c.value[:1] in "=+@-\t"]
    text = saved(HARMFUL, tmp_path, ".csv").decode("utf-8-sig")
    assert not re.search(r"(^|,)\"?[=@+]", text)
    assert math.isclose(pd.read_csv(io.StringIO(text))["estimate"][0], 0.5)


# Word


def document(table, tmp_path):
    archive = zipfile.ZipFile(io.BytesIO(saved(table, tmp_path, ".docx")))
    assert archive.testzip() is None
    parts = {name: archive.read(name) for name in archive.namelist()}
    for content in parts.values():
        ElementTree.fromstring(content)  # every part is well formed
    return ElementTree.fromstring(parts["word/document.xml"])


def cells(row):
    return ["".join(t.text or "" for t in cell.iter(f"{W}t")) for cell in row.iter(f"{W}tc")]


def test_word_holds_the_table(tmp_path):
    body = document(TWO, tmp_path)
    rows = list(body.iter(f"{W}tr"))
    assert cells(rows[0]) == ["结果变量", "申请意愿"]
    assert ["父母上过大学", "1.048***", "0.362***"] in [cells(row) for row in rows]
    spans = [
        sum(
            int(s.get(f"{W}val")) if (s := c.find(f"{W}tcPr/{W}gridSpan")) is not None else 1
            for c in row.iter(f"{W}tc")
        )
        for row in rows
    ]
    assert set(spans) == {len(list(body.iter(f"{W}gridCol")))} == {3}
    heads = [row for row in rows if row.find(f"{W}trPr/{W}tblHeader") is not None]
    assert len(heads) == 4
    paragraphs = ["".join(t.text or "" for t in p.iter(f"{W}t")) for p in body.iter(f"{W}p")]
    assert TWO.grid.notes[-1] in paragraphs


def test_a_wide_word_table_lies_on_its_side(tmp_path):
    def orientation(models):
        body = document(model_table([ordered()] * models), tmp_path)
        return next(body.iter(f"{W}pgSz")).get(f"{W}orient")

    assert orientation(3) is None
    assert orientation(7) == "landscape"


def test_word_holds_harmful_words_as_words(tmp_path):
    rows = [cells(row) for row in document(HARMFUL, tmp_path).iter(f"{W}tr")]
    assert {visible(word) for word in HARM} <= {row[0] for row in rows}


def test_another_reader_opens_the_document(tmp_path):
    docx = pytest.importorskip("docx", reason="python-docx is not installed")
    opened = docx.Document(str(TWO.save(tmp_path / "table.docx")))
    (table,) = opened.tables
    assert [c.text for c in table.rows[4].cells] == ["父母上过大学", "1.048***", "0.362***"]
    assert opened.paragraphs[-1].style.name == "Table Note"
