"""The ledger of repairs: one row for every damaged value that reading changed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from svcquality.language import Text
from svcquality.records.masking import mask

LEDGER_COLUMNS = ("table", "row", "column", "before", "after", "rule")

RULES: dict[str, Text] = {
    "whitespace": Text("去除多余空白与换行", "surplus spaces and line breaks removed"),
    "full_width": Text("全角字母数字转半角", "full-width letters and digits folded"),
    "number_format": Text("去除数字中的分隔符或货币符号", "separators or currency signs removed"),
    "unreadable_number": Text("无法识别的数字，记为缺失", "not a number, set missing"),
    "not_whole": Text("应为整数，记为缺失", "not a whole number, set missing"),
    "out_of_range": Text("超出取值范围，记为缺失", "outside the allowed range, set missing"),
    "whole_number_key": Text("编号去掉小数部分", "identifier stored as a decimal number"),
    "unknown_flag": Text("无法识别的是/否值，记为缺失", "neither yes nor no, set missing"),
    "category_case": Text("统一代码的大小写", "spelling of a code made uniform"),
    "unknown_code": Text("未知代码，归入“其他”或记为缺失", "unknown code, set to other or missing"),
    "time_format": Text(
        "时间写法与该列多数不同", "time written differently from most of its column"
    ),
    "excel_serial": Text("Excel 日期序号转为日期", "Excel serial number turned into a date"),
    "time_zone": Text("去除时区，保留当地时间", "time zone dropped, local time kept"),
    "placeholder_date": Text("占位日期，记为缺失", "placeholder date, set missing"),
    "unreadable_time": Text("无法识别的时间，记为缺失", "not a time, set missing"),
    "clock_change": Text(
        "时钟调整时不存在或出现两次的时间，记为缺失",
        "no time or two times when clocks changed, set missing",
    ),
    "time_of_day": Text("只取日期，去掉钟点", "time of day left out, the column holds days"),
    "word_for_nothing": Text(
        "表示“无”的字样（NULL 等），记为缺失", "word for nothing (NULL and the like), set missing"
    ),
    "unreadable_clock": Text("无法识别的钟点，记为缺失", "not a time of day, set missing"),
    "out_of_order": Text(
        "早于前一环节的时间，记为缺失", "earlier than the step before it, set missing"
    ),
}
"""Every rule of repair in words."""


DECLARED: dict[str, Text] = {
    "code": Text("按映射换算代码", "code, as the mapping declares"),
    "missing": Text("映射声明为缺失", "declared missing"),
    "key": Text("按映射统一编号写法", "spelling of a key, as declared"),
    "unit": Text("按映射换算单位", "unit, as declared"),
    "time_zone": Text("按映射换算时区", "time zone, as declared"),
}
"""What a mapping may do to a value: declared, so counted and not listed one by one."""

DECLARED_COLUMNS = ("table", "column", "rule", "before", "after", "values")


@dataclass
class Ledger:
    """Collects repairs while one table is read."""

    table: str
    parts: list[pd.DataFrame] = field(default_factory=list)

    def add(
        self, column: str, rows: pd.Series, before: pd.Series, after: pd.Series, rule: str
    ) -> None:
        """Note that the values where ``rows`` is true were changed.

        Parameters
        ----------
        column : str
            Declared name of the column.
        rows : Series of bool
            Which rows; its index holds the row numbers of the source, from 1.
        before, after : Series
            The column before and after, on the same index.
        rule : str
            A key of `RULES`.
        """
        if not rows.any():
            return
        self.parts.append(
            pd.DataFrame(
                {
                    "table": self.table,
                    "row": rows.index[rows].to_numpy(),
                    "column": column,
                    "before": before[rows].astype("str").to_numpy(),
                    "after": after[rows].astype("str").to_numpy(),
                    "rule": rule,
                }
            )
        )


def ledger_frame(ledgers: list[Ledger]) -> pd.DataFrame:
    """All repairs as one frame with the columns `LEDGER_COLUMNS`, in order of table and row."""
    parts = [part for ledger in ledgers for part in ledger.parts]
    if not parts:
        empty = pd.DataFrame({name: pd.Series(dtype="str") for name in LEDGER_COLUMNS})
        return empty.astype({"row": "int64"})
    frame = pd.concat(parts, ignore_index=True).astype(
        {"row": "int64", **{c: "str" for c in LEDGER_COLUMNS if c != "row"}}
    )
    # A value in the wrong column may be a telephone number.
    return frame.assign(before=mask(frame["before"])[0], after=mask(frame["after"])[0])
