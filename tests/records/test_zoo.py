"""A zoo of nasty files: encodings x delimiters x damage, read without loss or refused in words."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.records.files import read_file

NAMES = ["ticket", "day", "clock", "branch", "amount", "note"]
NOTES = {
    "latin": ["Queue too long, no one helped", "The café was closed; naïve staff", "Fine",
              "He said \"wait\" twice", "Line one\nline two", "It's ok"],
    "zh": ["排队两个小时，没有人解释", "叫号机坏了；请尽快修理", "服务很好", "他说\"等着\"，就走了",
           "第一行\n第二行", "手机银行转账失败"],
    "zh_tw": ["排隊兩個小時，沒有人解釋", "叫號機壞了；請盡快修理", "服務很好", "他說\"等著\"，就走了",
              "第一行\n第二行", "手機銀行轉帳失敗"],
    "ko": ["창구에서 두 시간을 기다렸습니다", "직원의 설명이 부족했습니다; 불만", "만족합니다",
           "그는 \"기다리세요\" 라고 말했다", "첫째 줄\n둘째 줄", "앱 이체가 실패했습니다"],
}  # fmt: skip
ENCODINGS = {
    "utf-8": "zh", "utf-8-sig": "zh", "utf-16": "zh", "utf-16-le": "zh", "gb18030": "zh",
    "gbk": "zh", "big5": "zh_tw", "cp949": "ko", "latin-1": "latin", "cp1252": "latin",
}  # fmt: skip
DELIMITERS = [",", ";", "\t", "|", "^", "||", ", "]
ENDS = ["\n", "\r\n", "\r"]


def rows_of(language: str, number: int = 24) -> list[list[str]]:
    notes = NOTES[language]
    return [
        [f"T-{1000 + i}", f"2024-01-{1 + i:02d}", f"{9 + i % 8:02d}:{i * 7 % 60:02d}",
         f"B{i % 4}", f"{i * 3.25:.2f}", notes[i % len(notes)]]
        for i in range(number)
    ]  # fmt: skip


def written(rows: list[list[str]], delimiter: str, end: str = "\n", quote: str = '"') -> str:
    """Text with the fields quoted that need it; line breaks inside fields stay as they are."""

    def field(cell: str) -> str:
        needs = any(c in cell for c in (delimiter, quote, "\n"))
        return quote + cell.replace(quote, quote * 2) + quote if needs else cell

    return end.join(delimiter.join(map(field, row)) for row in rows) + end


def cells(path) -> list[list[str]]:
    frame = read_file(path).frame
    return [list(frame.columns), *frame.fillna("").astype("str").to_numpy().tolist()]


@pytest.mark.parametrize("encoding", list(ENCODINGS))
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_every_encoding_with_every_delimiter(tmp_path, encoding, delimiter):
    rows = rows_of(ENCODINGS[encoding])
    path = tmp_path / "export.csv"
    path.write_bytes(written([NAMES, *rows], delimiter).encode(encoding))
    assert cells(path) == [NAMES, *rows]
    assert read_file(path).mended.empty


@pytest.mark.parametrize("end", ENDS, ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_record_ends_and_quotes(tmp_path, end, quote):
    rows = rows_of("zh")
    path = tmp_path / "export.csv"
    path.write_bytes(written([NAMES, *rows], ",", end, quote).encode("gb18030"))
    assert cells(path) == [NAMES, *rows]


def lines_of(rows: list[list[str]]) -> list[str]:
    return [",".join(row) for row in rows]


def plain_rows() -> list[list[str]]:
    return [
        [c.replace(",", " ").replace('"', "").replace("\n", " ") for c in r]
        for r in rows_of("latin")
    ]


DAMAGE = {
    "lost delimiter": (lambda line: line.replace(",B", "B", 1), "lost_delimiter"),
    "surplus delimiter": (lambda line: line.replace(",B", ",,B", 1), "surplus_delimiter"),
    "other delimiter": (lambda line: line.replace(",", ";"), "other_delimiter"),
    "cut off": (lambda line: line.rsplit(",", 1)[0], "short_row"),
    "stray quote": (lambda line: line.replace(",B", ',"B', 1), "stray_quote"),
}  # fmt: skip


@pytest.mark.parametrize("row", [1, 7, 23])
@pytest.mark.parametrize("damage", list(DAMAGE))
def test_one_damaged_row_is_mended_and_no_other_touched(tmp_path, damage, row):
    rows = plain_rows()
    change, rule = DAMAGE[damage]
    lines = lines_of([NAMES, *rows])
    before = lines[row + 1]
    lines[row + 1] = change(before)
    path = tmp_path / "export.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    raw = read_file(path)
    expected = [list(r) for r in rows]
    if rule == "short_row":
        expected[row][-1] = ""
    if rule == "stray_quote":
        expected[row][3] = '"' + expected[row][3]
    assert cells(path) == [NAMES, *expected]
    assert raw.mended[["row", "rule"]].values.tolist() == [[row + 1, rule]]
    assert raw.mended["before"].tolist() == [change(before)]


def test_a_preamble_footnotes_and_a_repeated_header_are_set_aside_and_counted(tmp_path):
    lines = lines_of([NAMES, *plain_rows()])
    lines.insert(12, lines[0])
    text = "\n".join(["某银行投诉明细", "", *lines, "", "注：仅供内部使用"])
    path = tmp_path / "export.csv"
    path.write_text(text, "utf-8")
    raw = read_file(path)
    assert raw.frame.to_numpy().tolist() == plain_rows()
    aside = {note.code: note.rows for note in raw.notes if note.rows}
    assert aside == {"preamble": 1, "repeated_header": 1, "footnotes": 1}


def test_a_header_of_two_rows_and_a_missing_one(tmp_path):
    rows = plain_rows()
    path = tmp_path / "export.csv"
    path.write_text("\n".join([",".join(NAMES), ",,,,(yuan),", *lines_of(rows)]), "utf-8")
    assert cells(path)[0] == [*NAMES[:4], "amount (yuan)", "note"]
    path.write_text("\n".join(lines_of(rows)), "utf-8")
    assert cells(path) == [[f"col_{i}" for i in range(6)], *rows]


def test_a_second_table_is_named_and_not_mixed_in(tmp_path):
    rows = plain_rows()
    second = ["branch,staff", *(f"B{i},{i}" for i in range(6))]
    path = tmp_path / "export.csv"
    path.write_text("\n".join([*lines_of([NAMES, *rows]), "", *second]), "utf-8")
    raw = read_file(path)
    assert raw.frame.to_numpy().tolist() == rows
    assert {n.code: n.rows for n in raw.notes if n.rows} == {"second_table": 7}


@pytest.mark.parametrize("blank", ["", ",,,,,"])
def test_a_second_table_as_wide_as_the_first_is_named(tmp_path, blank):
    rows = plain_rows()
    names = [f"{name}_next" for name in NAMES]
    path = tmp_path / "export.csv"
    path.write_text(
        "\n".join([*lines_of([NAMES, *rows]), blank, *lines_of([names, *rows[:6]])]), "utf-8"
    )
    raw = read_file(path)
    assert raw.frame.to_numpy().tolist() == rows
    aside = {n.code: n.rows for n in raw.notes if n.rows}
    assert aside == {"second_table": 7} | ({"blank_rows": 1} if blank else {})


def test_exports_glued_together_are_one_table(tmp_path):
    rows = plain_rows()
    path = tmp_path / "export.csv"
    path.write_text("\n".join([*lines_of([NAMES, *rows]), "", *lines_of([NAMES, *rows])]), "utf-8")
    raw = read_file(path)
    assert raw.frame.to_numpy().tolist() == rows + rows
    assert {n.code: n.rows for n in raw.notes if n.rows} == {"repeated_header": 1}


def test_empty_rows_before_footnotes_go_with_them_and_others_stay(tmp_path):
    rows = plain_rows()
    lines = lines_of([NAMES, *rows])
    lines.insert(9, ",,,,,")
    path = tmp_path / "export.csv"
    path.write_text("\n".join([*lines, ",,,,,", ",,,,,", "Note: provisional,,,,,"]), "utf-8")
    raw = read_file(path)
    assert len(raw.frame) == len(rows) + 1
    assert raw.frame.isna().all(axis=1).tolist().index(True) == 8
    assert {n.code: n.rows for n in raw.notes if n.rows} == {"footnotes": 1, "blank_rows": 2}


@pytest.mark.parametrize("line", ["Branches, counters and staff", "a, b", "x"])
def test_a_preamble_that_holds_the_delimiter_is_no_header(tmp_path, line):
    path = tmp_path / "export.csv"
    path.write_text("\n".join([line, *lines_of([NAMES, *plain_rows()])]), "utf-8")
    raw = read_file(path)
    assert list(raw.frame.columns) == NAMES
    assert {n.code: n.rows for n in raw.notes if n.rows} == {"preamble": 1}


@pytest.mark.parametrize("delimiter", [", ", "||", "，", "¦"])
def test_a_delimiter_inside_quotes_is_text(tmp_path, delimiter):
    rows = [[*row[:-1], f"first{delimiter}second {i}"] for i, row in enumerate(plain_rows())]
    path = tmp_path / "export.csv"
    path.write_text(written([NAMES, *rows], delimiter), "utf-8")
    assert cells(path) == [NAMES, *rows]


def test_the_mark_of_a_delimiter_of_two_characters_is_text(tmp_path):
    """Decimal commas between fields that a comma and a space part."""
    rows = [[f"K{i}", f"{i},25", f"{i * 3},5 %", "Köln"] for i in range(20)]
    path = tmp_path / "export.csv"
    path.write_text(written([["id", "saldo", "zins", "ort"], *rows], ", "), "utf-8")
    assert cells(path)[1:] == rows


@pytest.mark.parametrize("column", [5, 4])
def test_a_row_broken_over_two_lines_is_joined(tmp_path, column):
    rows = [[*row[:4], f"text of {row[4]}", row[5]] for row in plain_rows()]
    rows[7][column] = "long text\nthat goes on"
    path = tmp_path / "export.csv"
    path.write_text("\n".join(lines_of([NAMES, *rows])), "utf-8")
    assert cells(path) == [NAMES, *rows]
    assert read_file(path).mended[["row", "rule"]].values.tolist() == [[8, "broken_row"]]


def test_two_short_rows_are_not_one_broken_row(tmp_path):
    rows = plain_rows()
    lines = lines_of([NAMES, *rows])
    lines[5], lines[6] = lines[5].rsplit(",", 2)[0], lines[6].rsplit(",", 3)[0]
    path = tmp_path / "export.csv"
    path.write_text("\n".join(lines), "utf-8")
    raw = read_file(path)
    assert len(raw.frame) == len(rows)
    assert raw.mended["rule"].tolist() == ["short_row", "short_row"]


def test_a_text_a_line_is_one_column_and_keeps_every_line(tmp_path):
    lines = ["不错，很好用", "每次都闪退；气死了", '他说"好"', "还行", "垃圾"] * 5
    path = tmp_path / "reviews.txt"
    path.write_text("\n".join(lines), "utf-8")
    assert read_file(path).frame["col_0"].tolist() == lines


def test_bytes_without_sense_are_refused(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(InputError):
        read_file(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_bytes(data)
    try:
        read_file(path)
    except InputError as error:
        assert error.en and error.zh


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(st.text(st.sampled_from('ab1,;"\'\n \t|é文'), max_size=6), min_size=1, max_size=5),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_any_rows_however_ragged_lose_no_letter(tmp_path_factory, rows):
    """Whatever the layout is taken to be, letters are in the table, its names or what is set aside."""
    path = tmp_path_factory.mktemp("ragged") / "x.csv"
    text = "\n".join(",".join(row) for row in rows)
    path.write_text(text, "utf-8")
    try:
        raw = read_file(path)
    except InputError:
        return
    kept = "".join(raw.frame.columns) + "".join(raw.frame.fillna("").to_numpy().ravel().tolist())
    if raw.set_aside == 0:
        assert kept.count("文") >= text.count("文")


def test_a_mended_row_stands_in_the_ledger_of_the_bank(tmp_path):
    from svcquality.records.read import read_records

    lines = [
        "complaint_id,received,text",
        *(f"K{i},2024-01-{i + 1:02d},queue {i}" for i in range(20)),
    ]
    lines[5] = lines[5].replace(",queue", ",,queue")
    (tmp_path / "complaints.csv").write_text("\n".join(["某银行", *lines]), "utf-8")
    bank = read_records(tmp_path)
    assert bank.repairs[["row", "column", "rule"]].values.tolist() == [
        [5, "*", "surplus_delimiter"]
    ]
    steps = dict(zip(bank.flow["step_en"], bank.flow["rows"], strict=True))
    assert steps["rows of the file"] == 21 and steps["rows kept"] == 20
    assert "surplus delimiter" in bank.card().html("en")


def test_numbers_of_parts_stay_exact(tmp_path):
    frame = pd.DataFrame({"id": ["007", "1e5", "00501"], "zip": ["01", "+1", "1.0"]})
    path = tmp_path / "x.csv"
    frame.to_csv(path, index=False)
    assert read_file(path).frame.to_numpy().tolist() == frame.to_numpy().tolist()
