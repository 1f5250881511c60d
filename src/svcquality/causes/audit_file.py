"""What a hand-coding workbook carries out of sight: the draw, its probabilities, the codebook."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pandas as pd
from openpyxl import Workbook, load_workbook

from svcquality.causes.audit_sample import AuditSample
from svcquality.errors import InputError
from svcquality.storage import hash_key
from svcquality.text.codebook import RESIDUAL, Codebook
from svcquality.text.codebook_file import parse_codebook

FORM = "1"
"""Form of the workbook; another one is refused."""
ABOUT, TEXTS, COPIES, CODEBOOK, CHOICES = "_audit", "_texts", "_copies", "_codebook", "_choices"
_TEXT_COLUMNS = ["key", "complaint_id", "stratum", "probability", "copies", "weight"]
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_CHUNK = 30_000  # a cell holds at most 32,767 characters


@dataclass(frozen=True, eq=False)
class Draw:
    """A draw as it stands in a workbook.

    Parameters
    ----------
    id : str
        Hash of what was drawn with which probabilities and codebook: two workbooks with the same id
        hold the same texts.
    codebook : Codebook
    seed : int
    complaints : int
        Complaints with a text when it was drawn.
    texts : DataFrame
        ``key`` (names a row of the visible sheets), ``complaint_id, stratum, probability, copies,
        weight`` as in `AuditSample`.
    copies : DataFrame
        ``complaint_id, copy_id``.
    """

    id: str
    codebook: Codebook
    seed: int
    complaints: int
    texts: pd.DataFrame
    copies: pd.DataFrame


def draw_of(sample: AuditSample) -> Draw:
    """Give a sample its id and its rows their keys."""
    texts = sample.texts.drop(columns="text")
    texts.insert(0, "key", [f"t{i:05}" for i in range(1, len(texts) + 1)])
    identity = [
        sample.codebook.sha256,
        texts.to_csv(index=False),
        sample.copies.to_csv(index=False),
    ]
    return Draw(
        hash_key(identity)[:16], sample.codebook, sample.seed, sample.complaints, texts,
        sample.copies,
    )  # fmt: skip


def choices(codebook: Codebook) -> dict[str, str]:
    """What a coder picks from, by id: ``Q1 等候时间过长 Long waits``."""
    return {
        i: f"{i} {codebook.labels[i].zh} {codebook.labels[i].en}" for i in (*codebook.ids, RESIDUAL)
    }


def hide(book: Workbook, draw: Draw) -> None:
    """Add the hidden sheets."""
    about = {
        "form": FORM,
        "draw": draw.id,
        "codebook": draw.codebook.name,
        "codebook_version": draw.codebook.version,
        "codebook_sha256": draw.codebook.sha256,
        "seed": draw.seed,
        "complaints": draw.complaints,
    }
    packed = base64.b64encode(zlib.compress(draw.codebook.source, 9)).decode()
    chunks = [packed[i : i + _CHUNK] for i in range(0, len(packed), _CHUNK)]
    for name, rows in (
        (ABOUT, [[key, str(value)] for key, value in about.items()]),
        (TEXTS, [_TEXT_COLUMNS, *draw.texts[_TEXT_COLUMNS].astype(object).to_numpy().tolist()]),
        (COPIES, [["complaint_id", "copy_id"], *draw.copies.to_numpy().tolist()]),
        (CODEBOOK, [[chunk] for chunk in chunks]),
        (CHOICES, [[choice] for choice in choices(draw.codebook).values()]),
    ):
        sheet = book.create_sheet(name)
        sheet.sheet_state = "veryHidden"
        for row, values in enumerate(rows, 1):
            for column, value in enumerate(values, 1):
                put(sheet, row, column, value)


def put(sheet: Any, row: int, column: int, value: object) -> Any:
    """Write a cell in which a text is a text and never a formula, whatever it begins with."""
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in FORMULA
    return cell


def open_workbook(path: Path) -> tuple[Workbook, Draw]:
    """Open a hand-coding workbook.

    Raises
    ------
    InputError
        If it is missing, no Excel workbook, not made by ``svcquality audit draw``, or damaged.
    """
    if not path.is_file():
        raise InputError(
            f"There is no file {path}; give the workbooks that the coders filled in.",
            f"找不到文件 {path}；请给出编码员填好的工作簿。",
        )
    try:
        book = load_workbook(path, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise InputError(
            f"{path} is not an Excel workbook; save it as .xlsx and give it again.",
            f"{path} 不是 Excel 工作簿；请另存为 .xlsx 后重试。",
        ) from error
    except Exception as error:  # openpyxl has a family of its own for what it does not open
        if type(error).__module__.startswith("openpyxl"):
            raise InputError(
                f"{path} is not an .xlsx workbook; save it as .xlsx and give it again.",
                f"{path} 不是 .xlsx 工作簿；请另存为 .xlsx 后重试。",
            ) from error
        raise
    if not {ABOUT, TEXTS, COPIES, CODEBOOK} <= set(book.sheetnames):
        raise InputError(
            f"{path} was not made by 'svcquality audit draw', or its hidden sheets were removed; "
            "have the codes copied into the original workbook.",
            f"{path} 不是由 svcquality audit draw 生成，或隐藏工作表已被删除；请把编码复制回原工作簿。",
        )
    return book, _reveal(book, path)


def _reveal(book: Workbook, path: Path) -> Draw:
    try:
        about = {str(k): str(v) for k, v in book[ABOUT].iter_rows(max_col=2, values_only=True)}
        packed = "".join(str(row[0]) for row in book[CODEBOOK].iter_rows(values_only=True))
        codebook = _unpack(packed, about["codebook"])
        texts = _frame(book[TEXTS]).astype(
            {"key": "str", "complaint_id": "str", "stratum": "int64", "copies": "int64",
             "probability": "float64", "weight": "float64"}
        )  # fmt: skip
        draw = Draw(
            about["draw"], codebook, int(about["seed"]), int(about["complaints"]), texts,
            _frame(book[COPIES]).astype("str"),
        )  # fmt: skip
        whole = about["form"] == FORM and codebook.sha256 == about["codebook_sha256"]
    except (KeyError, ValueError, TypeError, zlib.error) as error:
        raise _damaged(path) from error
    if not whole:
        raise _damaged(path)
    return draw


@lru_cache(maxsize=4)
def _unpack(packed: str, name: str) -> Codebook:
    return parse_codebook(zlib.decompress(base64.b64decode(packed)), name)


def _frame(sheet: Any) -> pd.DataFrame:
    head, *rows = sheet.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=[str(name) for name in head])


def _damaged(path: Path) -> InputError:
    return InputError(
        f"The hidden sheets of {path} are damaged or of another version of svcquality; have the "
        "codes copied into the original workbook.",
        f"{path} 的隐藏工作表已损坏，或出自其他版本的 svcquality；请把编码复制回原工作簿。",
    )
