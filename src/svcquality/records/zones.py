"""Times of another time zone, turned into the local times of the bank that a mapping declares."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from svcquality.records.ledger import Ledger
from svcquality.records.times import OFFSET, to_times


def is_zone(name: str) -> bool:
    """Whether a name is one of the IANA time zone database (``Asia/Shanghai``, ``UTC``)."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def to_local(
    values: pd.Series, ledger: Ledger, column: str, formats: Sequence[str], zone: str, local: str
) -> pd.Series:
    """Read times of one zone as local times of another.

    Parameters
    ----------
    values : Series
        Text or timestamps; an offset that a value carries (``Z``, ``+09:00``) wins over ``zone``.
    ledger : Ledger
        Takes what is repaired: among it times that do not exist or exist twice when clocks change
        in ``zone``, which are set missing.
    column : str
        Declared name.
    formats : sequence of str
        Declared formats.
    zone, local : str
        IANA names: of the export, and of the bank.

    Returns
    -------
    Series of datetime64[ns]
    """
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert(local).dt.tz_localize(None).astype("datetime64[ns]")
    text = values.astype("str").str.strip()
    own = text.str.contains(OFFSET, regex=True, na=False) & text.str.contains(r"\d:\d\d", na=False)
    aware = pd.to_datetime(text[own], utc=True, format="ISO8601", errors="coerce")
    naive = to_times(
        values.mask(own | aware.isna().reindex(text.index, fill_value=False)),
        ledger,
        column,
        formats,
    )
    placed = naive.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    ledger.add(column, naive.notna() & placed.isna(), naive, placed, "clock_change")
    ledger.add(
        column,
        aware.isna().reindex(text.index, fill_value=False),
        text,
        text.mask(own),
        "unreadable_time",
    )
    times = placed.dt.tz_convert(local).dt.tz_localize(None)
    return times.fillna(aware.dt.tz_convert(local).dt.tz_localize(None).reindex(text.index)).astype(
        "datetime64[ns]"
    )
