"""Times and days as exports write them: text in several formats, Excel serials, placeholders."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from svcquality.errors import InputError
from svcquality.records.ledger import Ledger

FORMATS = (
    "ISO8601",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y. %m. %d. %H:%M:%S",
    "%Y. %m. %d. %H:%M",
    "%Y. %m. %d.",
    "%Y. %m. %d",
    "%Y년 %m월 %d일",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日%H时%M分%S秒",
    "%Y年%m月%d日%H时%M分",
    "%Y年%m月%d日",
    "%Y年%m月",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%Y/%m",
    "%Y%m%d%H%M%S",
)
"""Unambiguous formats, year first; a format that starts with a day or month must be declared."""

DAY_OR_MONTH_FIRST = ("%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m/%d/%y")

EXCEL_EPOCH = pd.Timestamp("1899-12-30")
SERIAL_RANGE = (20_000, 60_000)
"""Days since `EXCEL_EPOCH` that may be a date: 1954 to 2064."""

OFFSET = r"(?:Z|[+-]\d{2}:?\d{2})$"
"""How a time ends that says its own zone."""

PLAUSIBLE = (pd.Timestamp("1901-01-01"), pd.Timestamp("2200-01-01"))
"""Outside these an export means "no date" (1900-01-01, 9999-12-31)."""


def to_times(
    values: pd.Series, ledger: Ledger, column: str, formats: Sequence[str] = ()
) -> pd.Series:
    """Read a column of times.

    The format that fits most values is the column's own; values in another format are read too and
    counted as repairs. Placeholders (1900-01-01) and unreadable values become missing.

    Parameters
    ----------
    values : Series
        Text, numbers (Excel serials) or timestamps.
    ledger : Ledger
        Takes the repairs.
    column : str
        Declared name, for the ledger and for errors.
    formats : sequence of str
        Declared `strptime` formats, tried before `FORMATS`.

    Returns
    -------
    Series of datetime64[ns]

    Raises
    ------
    InputError
        If values begin with a day or a month and no format was declared: 03-07-2014 has two
        readings, and guessing one is not safe.
    """
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        ledger.add(column, values.notna(), values, values.dt.tz_localize(None), "time_zone")
        values = values.dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return _without_placeholders(values, values, ledger, column)
    # A column of whole numbers and one with gaps (1.0) must read alike: 45000.0 is a serial too.
    text = values.astype("str").str.strip().str.replace(r"^(\d+)\.0$", r"\1", regex=True)
    text = text.mask(text == "")
    own_zone = text.str.contains(r"\d{1,2}:\d{2}", na=False) & text.str.contains(OFFSET, na=False)
    read, used = read_formats(text, tuple(formats) or ())
    _refuse_ambiguous(text[read.isna() & text.notna()], ledger.table, column)

    ledger.add(column, own_zone & read.notna(), text, read, "time_zone")
    serial = pd.to_numeric(text.where(read.isna()), errors="coerce")
    serial = serial.where(serial.between(*SERIAL_RANGE))
    read = read.fillna(EXCEL_EPOCH + pd.to_timedelta(serial.round(8), unit="D").dt.round("s"))
    ledger.add(column, serial.notna(), text, read, "excel_serial")
    if used.notna().any():
        main = used.mode().iloc[0]
        ledger.add(column, used.notna() & (used != main), text, read, "time_format")
    ledger.add(column, read.isna() & text.notna(), text, read, "unreadable_time")
    return _without_placeholders(read, text, ledger, column)


def to_clock(values: pd.Series) -> pd.Series:
    """The time of day in a text such as ``1900-01-01 13:34:11`` or ``13:34``, as a timedelta."""
    parts = values.astype("str").str.extract(r"(\d{1,2}):(\d{2})(?::(\d{2}))?").astype("Float64")
    seconds = parts[0] * 3600 + parts[1] * 60 + parts[2].fillna(0)
    return pd.to_timedelta(seconds.astype("float64"), unit="s")


def to_months(times: pd.Series) -> pd.Series:
    """First day of each time's month."""
    days = times.astype("datetime64[ns]").dt.normalize()
    return days - pd.to_timedelta(days.dt.day - 1, unit="D")


def read_formats(text: pd.Series, declared: tuple[str, ...]) -> tuple[pd.Series, pd.Series]:
    """Values read, and the format that read each; later formats see only what is left."""
    read = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    used = pd.Series(pd.NA, index=text.index, dtype="str")
    # Eight digits are a day, six a month; ISO8601 would take them too, but also four-digit years.
    left = text.str.replace(OFFSET, "", regex=True).where(
        text.str.contains(r"\d{1,2}:\d{2}", na=False), text
    )
    for form in (*declared, "%Y%m%d", "%Y%m", *FORMATS):
        open_rows = read.isna() & left.notna()
        if not open_rows.any():
            break
        candidates = left[open_rows]
        if form in ("ISO8601", "%Y%m%d", "%Y%m"):
            shape = {"ISO8601": r"\d{4}-", "%Y%m%d": r"\d{8}$", "%Y%m": r"(?:19|20)\d{4}$"}[form]
            candidates = candidates[candidates.str.match(shape)]
        if candidates.empty:
            continue
        found = pd.to_datetime(candidates, format=form, errors="coerce").dropna()
        read.loc[found.index] = found.astype("datetime64[us]")
        used.loc[found.index] = form
    return read, used


def _refuse_ambiguous(left: pd.Series, table: str, column: str) -> None:
    """Day-first and month-first dates need a declared format."""
    unclear = left[left.str.match(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")]
    if unclear.empty:
        return
    day = unclear.str.split(" ").str[0]
    fits = [
        f
        for f in DAY_OR_MONTH_FIRST
        if pd.to_datetime(day, format=f, errors="coerce").notna().all()
    ]
    hint = " or ".join(f'"{f}"' for f in fits) or '"%d/%m/%Y"'
    example = unclear.iloc[0]
    raise InputError(
        f"Times in {table}.{column} begin with a day or a month (such as {example}); declare how "
        f'to read them in the mapping file: {column} = {{ from = "…", format = {hint} }}.',
        f"{table}.{column} 的时间以日或月开头（如 {example}），有两种读法；"
        f'请在映射文件中写明：{column} = {{ from = "…", format = {hint.replace(" or ", " 或 ")} }}。',
    )


def _without_placeholders(
    read: pd.Series, before: pd.Series, ledger: Ledger, column: str
) -> pd.Series:
    wrong = read.notna() & ((read < PLAUSIBLE[0]) | (read >= PLAUSIBLE[1]))
    kept = read.mask(wrong)
    ledger.add(column, wrong, before, kept, "placeholder_date")
    return kept.astype("datetime64[ns]")
