from __future__ import annotations

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.causes.audit_agreement import agreement, confusions
from svcquality.causes.audit_cells import CauseReader
from svcquality.causes.audit_file import choices, open_workbook
from svcquality.causes.audit_read import read_audit
from svcquality.causes.audit_sample import AuditSample
from svcquality.causes.audit_sheet import AGREED, coder_sheet, write_adjudication, write_audit
from svcquality.errors import InputError
from svcquality.text.codebook import RESIDUAL
from svcquality.text.codebook_file import load_codebook, parse_codebook

BOOK = load_codebook("bank-zh")
CODES = np.array(["Q1", "T1", "E1", RESIDUAL])
TEXTS = ["排队两小时", "=HYPERLINK(\"http://x\",\"y\")", "+86 打不通", "@某行", "-1 分", "闪退\x00了"]  # fmt: skip


def sample(n: int = 24, seed: int = 3) -> AuditSample:
    texts = pd.DataFrame(
        {
            "complaint_id": [f"00{i}" for i in range(n)],
            "text": [f"{TEXTS[i % len(TEXTS)]}{i}" for i in range(n)],
            "stratum": np.arange(n) % 3 + 1,
            "probability": np.where(np.arange(n) == 0, 1.0, 1 / 3),
            "copies": np.where(np.arange(n) == 0, 3, 1),
            "weight": 3.0,
        }
    )
    copies = pd.DataFrame({"complaint_id": ["000", "000"], "copy_id": ["0901", "0902"]})
    strata = pd.DataFrame({"stratum": [1, 2, 3], "name": ["a", "b", "c"]})
    return AuditSample(texts, copies, strata, BOOK, seed, 3 * n)


TRUTH = [str(CODES[i % 4]) for i in range(24)]


def fill(path, coder: str, codes: dict[int, object], *, sort: bool = False, out=None, **others):
    """Enter codes by number of the text, as a person would; other columns by their name."""
    book = openpyxl.load_workbook(path)
    sheet = book[coder_sheet(coder)]
    head = [cell.value for cell in sheet[1]]
    for row in range(2, sheet.max_row + 1):
        number = int(sheet.cell(row, head.index("key") + 1).value[1:]) - 1
        sheet.cell(row, head.index("主因 Primary cause") + 1).value = codes.get(number)
        for name, values in others.items():
            column = next(i for i, h in enumerate(head) if name in h) + 1
            sheet.cell(row, column).value = values.get(number)
    if sort:
        rows = sorted(
            ([c.value for c in row] for row in sheet.iter_rows(min_row=2)), key=lambda r: str(r[1])
        )
        for i, row in enumerate(rows, 2):
            for j, value in enumerate(row, 1):
                sheet.cell(i, j).value = value
                if isinstance(value, str):
                    sheet.cell(i, j).data_type = "s"
    book.save(out or path)
    return out or path


@pytest.fixture
def path(tmp_path):
    return write_audit(sample(), tmp_path / "audit.xlsx")


def test_the_workbook_is_ready_for_coders(path) -> None:
    book = openpyxl.load_workbook(path)
    visible = [s.title for s in book.worksheets if s.sheet_state == "visible"]
    assert visible == ["说明 Guide", "编码本 Codebook", "编码员A Coder A", "编码员B Coder B"]
    first, second = (book[coder_sheet(c)] for c in "AB")
    texts = [[row[1] for row in s.iter_rows(min_row=2, values_only=True)] for s in (first, second)]
    assert sorted(texts[0]) == sorted(texts[1]) and texts[0] != texts[1]
    assert first.freeze_panes == "C2"
    assert first.column_dimensions["G"].hidden
    lists = [v for v in first.data_validations.dataValidation if "_choices" in v.formula1]
    assert [str(v.sqref) for v in lists] == ["C2:C25", "D2:D25"]
    shown = [row[0] for row in book["_choices"].iter_rows(values_only=True)]
    assert shown == list(choices(BOOK).values()) and shown[0] == "Q1 等候时间过长 Long waits"
    causes = [row[0] for row in book["编码本 Codebook"].iter_rows(min_row=2, values_only=True)]
    assert causes == [*BOOK.ids, RESIDUAL]
    # Nothing that a coder can see tells what was measured or how the text was drawn.
    seen = {str(c.value) for s in (first, second) for row in s.iter_rows() for c in row}
    assert not any("stratum" in v or "prob" in v for v in seen)


def test_no_text_is_a_formula(path) -> None:
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "@", "-")):
                    assert cell.quotePrefix


def test_what_was_drawn_comes_back_whole(path) -> None:
    _, draw = open_workbook(path)
    given_ = sample()
    pd.testing.assert_frame_equal(draw.texts.drop(columns="key"), given_.texts.drop(columns="text"))
    pd.testing.assert_frame_equal(draw.copies, given_.copies)
    assert draw.codebook.sha256 == BOOK.sha256
    assert (draw.seed, draw.complaints) == (3, 72)


def test_two_coders_in_two_copies_sorted_and_in_any_spelling(path, tmp_path) -> None:
    spellings = [
        lambda i: i, lambda i: f"  {i.lower()} ", lambda i: choices(BOOK)[i],
        lambda i: BOOK.labels[i].zh, lambda i: BOOK.labels[i].en.upper(),
        lambda i: i.translate({c: c + 0xFEE0 for c in range(0x30, 0x7B)}),
    ]  # fmt: skip
    a = {i: spellings[i % 6](c) for i, c in enumerate(TRUTH)}
    fill(path, "A", a, sort=True, out=tmp_path / "a.xlsx", Doubt={1: "是 yes", 2: "否"})
    fill(path, "B", dict(enumerate(TRUTH)), out=tmp_path / "b.xlsx", Notes={1: " 难 "})
    reading = read_audit([tmp_path / "a.xlsx", tmp_path / "b.xlsx"])
    assert reading.coders == ["A", "B"]
    assert reading.by_coder["A"].tolist() == reading.by_coder["B"].tolist() == TRUTH
    coded = reading.codes.set_index(["coder", "key"])
    assert coded.loc[("A", "t00002"), "doubt"] and not coded.loc[("A", "t00003"), "doubt"]
    assert coded.loc[("B", "t00002"), "notes"] == "难"
    rows = reading.coded().set_index("complaint_id")
    assert len(rows) == 26  # 24 texts and two copies of the one drawn for certain
    assert rows.loc[["000", "0901", "0902"], "coding_probability"].tolist() == [1, 1, 1]
    assert rows.loc["0902", "coded_cause"] == TRUTH[0]
    assert rows.loc["003", "coding_probability"] == pytest.approx(1 / 3)
    assert set(rows["decided"]) == {"unanimous"}


def test_disputes_are_written_out_decided_and_read_back(path, tmp_path) -> None:
    differing = dict(enumerate(TRUTH)) | {0: "E3", 4: "Q2"}
    fill(path, "A", dict(enumerate(TRUTH)), Second={0: "C1"})
    fill(path, "B", differing, Notes={0: "慢"})
    reading = read_audit([path])
    disputes = reading.disputes()
    assert disputes["key"].tolist() == ["t00001", "t00005"]
    assert disputes.loc[0, ["A", "B", "notes"]].tolist() == ["Q1", "E3", "B: 慢"]
    with pytest.raises(InputError, match="differ on 2 texts"):
        reading.coded()
    out = write_adjudication(reading.draw, disputes, tmp_path / "agreed.xlsx")
    book = openpyxl.load_workbook(out)
    sheet = book[AGREED]
    column = next(c.column for c in sheet[1] if c.value == "裁定 Agreed cause")
    sheet.cell(2, column).value = "E3"
    book.save(out)
    half = read_audit([path, out])
    assert half.disputes()["key"].tolist() == ["t00005"]
    sheet.cell(3, column).value = "等候时间过长"
    book.save(out)
    rows = read_audit([path, out]).coded().set_index("complaint_id")
    assert rows.loc[["000", "004"], "coded_cause"].tolist() == ["E3", "Q1"]
    assert rows.loc["0901", "coded_cause"] == "E3"
    assert rows["decided"].value_counts()["agreed"] == 4


def test_agreement_and_confusion(path) -> None:
    second = dict(enumerate(TRUTH)) | {0: "E3", 4: "E3", 8: "T1"}
    fill(path, "A", dict(enumerate(TRUTH)))
    fill(path, "B", second)
    reading = read_audit([path])
    table = agreement(reading, resamples=100).set_index(["level", "id"])
    overall = table.loc[("causes", "causes")]
    assert overall["observed"] == pytest.approx(21 / 24)
    # By hand: 6/24 of each cause for A; 3, 7, 6, 6, 2 of 24 for B.
    by_chance = 6 * (3 + 7 + 6 + 6) / 24**2
    assert overall["kappa"] == pytest.approx((21 / 24 - by_chance) / (1 - by_chance))
    assert overall["kappa_low"] < overall["kappa"] < overall["kappa_high"] <= 1
    assert overall["alpha_low"] <= overall["alpha"] <= overall["alpha_high"]
    assert table.loc[("family", "Q"), "with_it"] == 6
    assert ("family", "X") not in table.index  # nobody used it
    pairs = confusions(reading)
    first = pairs.iloc[0]
    assert (first["first"], first["second"], first["split"]) == ("Q1", "E3", 2)
    assert first["neighbours"] and first["both_first"] == 3
    assert first["agreement"] == pytest.approx(3 / 5)
    other = pairs[(pairs["first"] == "Q1") & (pairs["second"] == "T1")].iloc[0]
    assert other["split"] == 1 and not other["neighbours"]


def test_one_coder_and_an_unfinished_one(path) -> None:
    fill(path, "A", dict(enumerate(TRUTH)))
    reading = read_audit([path])
    assert set(reading.coded()["decided"]) == {"one coder"}
    with pytest.raises(InputError, match="by two coders"):
        agreement(reading)
    fill(path, "A", dict(enumerate(TRUTH[:20])))
    with pytest.raises(InputError, match="4 of 24 texts have no code"):
        read_audit([path]).coded()
    fill(path, "A", {})
    with pytest.raises(InputError, match="24 of 24"):
        read_audit([path]).coded()


def edit(path, change):
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def replaced_codebook(path):
    changed = parse_codebook(BOOK.source.replace(b'version: "1.2"', b'version: "9.9"'), "bank-zh")
    assert changed.version == "9.9"
    other = sample()
    return write_audit(
        AuditSample(other.texts, other.copies, other.strata, changed, 3, 72),
        path.parent / "other.xlsx",
    )


def test_what_is_wrong_is_said_in_one_sentence(path, tmp_path) -> None:
    fill(path, "A", dict(enumerate(TRUTH)) | {3: "T9", 5: "排队时间长"})
    with pytest.raises(InputError, match=r"'T9' is no cause of the codebook bank-zh|2 more") as bad:
        read_audit([path])
    assert "1 more like it" in bad.value.en and "另有 1 处" in bad.value.zh
    fill(path, "A", dict(enumerate(TRUTH)))
    other = fill(path, "A", dict(enumerate(TRUTH)) | {7: "Q1"}, out=tmp_path / "old.xlsx")
    with pytest.raises(InputError, match="different codes to the same text"):
        read_audit([path, other])
    with pytest.raises(InputError, match="another version of the codebook"):
        read_audit([path, replaced_codebook(path)])
    second = write_audit(sample(20), tmp_path / "draw2.xlsx")
    with pytest.raises(InputError, match="another draw"):
        read_audit([path, second])
    lost = edit(fill(path, "A", dict(enumerate(TRUTH)), out=tmp_path / "lost.xlsx"),
                lambda b: b[coder_sheet("A")].delete_rows(5, 3))  # fmt: skip
    with pytest.raises(InputError, match="3 of 24 rows are missing"):
        read_audit([lost])
    twice = edit(fill(path, "A", dict(enumerate(TRUTH)), out=tmp_path / "twice.xlsx"),
                 lambda b: b[coder_sheet("A")].append(
                     [c.value for c in b[coder_sheet("A")][2]]))  # fmt: skip
    with pytest.raises(InputError, match="row 26 repeats"):
        read_audit([twice])
    bare = edit(fill(path, "A", {}, out=tmp_path / "bare.xlsx"), lambda b: b.remove(b["_texts"]))
    with pytest.raises(InputError, match="hidden sheets were removed"):
        read_audit([bare])
    broken = edit(fill(path, "A", {}, out=tmp_path / "broken.xlsx"),
                  lambda b: b["_codebook"].cell(1, 1, "AAAA"))  # fmt: skip
    with pytest.raises(InputError, match="damaged"):
        read_audit([broken])
    (tmp_path / "no.xlsx").write_text("not a workbook")
    with pytest.raises(InputError, match="not an Excel workbook"):
        read_audit([tmp_path / "no.xlsx"])
    with pytest.raises(InputError, match="There is no file"):
        read_audit([tmp_path / "absent.xlsx"])
    with pytest.raises(InputError, match="at least one"):
        read_audit([])


def test_codes_are_never_overwritten(path) -> None:
    before = path.read_bytes()
    with pytest.raises(InputError, match="exists already"):
        write_audit(sample(), path)
    assert path.read_bytes() == before
    with pytest.raises(InputError, match=r"\.xlsx"):
        write_audit(sample(), path.with_suffix(".csv"))
    with pytest.raises(InputError, match="1 to 4"):
        write_audit(sample(), path.with_name("x.xlsx"), coders=5)


WIDE = {c: c + 0xFEE0 for c in range(0x21, 0x7F)}
READER = CauseReader(BOOK)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([*BOOK.causes]),
    st.sampled_from(["id", "key", "zh", "en", "entry", "id and zh"]),
    st.booleans(), st.booleans(), st.text(" \t\u3000\u200b\n", max_size=3),
    st.sampled_from(["", "。", "-", "：", "'"]),
)  # fmt: skip
def test_every_reasonable_spelling_is_understood(cause, how, wide, upper, space, mark) -> None:
    written = {
        "id": cause.id, "key": cause.key, "zh": cause.label.zh, "en": cause.label.en,
        "entry": choices(BOOK)[cause.id], "id and zh": f"{cause.id}：{cause.label.zh}",
    }[how]  # fmt: skip
    written = written.upper() if upper else written
    written = written.translate(WIDE) if wide else written
    assert READER.read(f"{space}{mark}{written}{space}") == cause.id


@pytest.mark.parametrize("value", ["Q1 T1", "Q", "Q11", "Q1/T1", "什么", "1", 7, "Q1,E3"])
def test_what_names_no_one_cause_is_not_guessed(value) -> None:
    with pytest.raises(KeyError):
        READER.read(value)


@pytest.mark.parametrize(
    ("value", "cause"),
    [(None, None), ("", None), ("　", None), ("其他", RESIDUAL), ("Other", RESIDUAL),
     ("RESIDUAL", RESIDUAL), ("Q1 等候", "Q1"), ("q1", "Q1"), ("Ｑ１", "Q1")],
)  # fmt: skip
def test_cells(value, cause) -> None:
    assert READER.read(value) == cause
