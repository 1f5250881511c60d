"""Hold a report's numbers to the accepted ones: what moved, appeared, vanished."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Language, Text
from svcquality.report.numbers import COLUMNS
from svcquality.storage import write_atomic

DRIFT_COLUMNS = ["number", "part", "baseline", "now", "allowed", "kind"]
KINDS = {
    "moved": Text("变动", "moved"),
    "appeared": Text("新增", "appeared"),
    "vanished": Text("消失", "vanished"),
}
_HEADER = {
    "number": Text("数字", "number"),
    "part": Text("部分", "part"),
    "baseline": Text("基线", "baseline"),
    "now": Text("当前", "now"),
    "allowed": Text("允许偏差", "allowed"),
    "kind": Text("类型", "kind"),
}
_SAME = Text("{n} 个数字均与基线一致。", "All {n} numbers agree with the baseline.")
_DRIFTED = Text(
    "{k} 个数字偏离基线（共 {n} 个）。确认无误后运行 svcquality accept。",
    "{k} of {n} numbers drifted from the baseline. If that is meant, run svcquality accept.",
)


@dataclass(frozen=True)
class Drift:
    """Numbers outside their tolerance; true when there is one.

    Parameters
    ----------
    table : DataFrame
        ``number, part (value, low or high), baseline, now, allowed, kind``.
    numbers : int
        How many numbers were compared.
    """

    table: pd.DataFrame
    numbers: int

    def __bool__(self) -> bool:
        return len(self.table) > 0

    def table_text(self, language: Language = "en") -> str:
        """The drifted numbers as an aligned table, and what to do."""
        if not self:
            return _SAME[language].format(n=self.numbers)
        shown = self.table.assign(
            number=self.table["number"].map(_printable),
            kind=self.table["kind"].map({k: t[language] for k, t in KINDS.items()}),
            **{c: self.table[c].map(_shown) for c in ("baseline", "now", "allowed")},
        )
        rows = [[_HEADER[c][language] for c in DRIFT_COLUMNS], *shown.to_numpy().tolist()]
        widths = [max(_width(str(row[i])) for row in rows) for i in range(len(DRIFT_COLUMNS))]
        lines = [
            "  ".join(_padded(str(v), w) for v, w in zip(r, widths, strict=True)) for r in rows
        ]
        said = _DRIFTED[language].format(k=self.table["number"].nunique(), n=self.numbers)
        return "\n".join([*(line.rstrip() for line in lines), "", said])


def compare(now: pd.DataFrame, baseline: pd.DataFrame) -> Drift:
    """Compare numbers with their baseline, value and both interval ends.

    Parameters
    ----------
    now, baseline : DataFrame
        As `read_numbers` gives them. Tolerances are the baseline's.
    """
    both = baseline.merge(now, on="id", how="outer", suffixes=("_then", "_now"), indicator=True)
    parts = []
    for part in ("value", "low", "high"):
        then, here = both[f"{part}_then"], both[f"{part}_now"]
        # NaN stands for "has none": only one of two having it is a move.
        moved = (both["_merge"] == "both") & (
            (then.isna() != here.isna()) | ((then - here).abs() > both["tolerance_then"])
        )
        only = both["_merge"] != "both" if part == "value" else pd.Series(False, both.index)
        parts.append(
            pd.DataFrame(
                {
                    "number": both["id"],
                    "part": part,
                    "baseline": then,
                    "now": here,
                    "allowed": both["tolerance_then"],
                    "kind": np.select(
                        [both["_merge"] == "left_only", both["_merge"] == "right_only"],
                        ["vanished", "appeared"],
                        "moved",
                    ),
                }
            )[moved | only]
        )
    table = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    return Drift(table[DRIFT_COLUMNS], len(both))


def read_numbers(path: Path) -> pd.DataFrame:
    """Read ``numbers.csv`` or a baseline.

    Raises
    ------
    InputError
        If the file is missing, not such a table, holds a word for a number or an id twice.
    """
    try:
        table = pd.read_csv(path, dtype={"id": "str", "unit": "str"}, encoding="utf-8-sig")
        table = table.astype(dict.fromkeys(("value", "low", "high", "tolerance"), float))
        table["n"] = table["n"].astype("Int64")
    except FileNotFoundError as error:
        raise InputError(
            f"There is no {path}; make the report first, or the baseline with svcquality accept.",
            f"{path} 不存在；请先生成报告，或用 svcquality accept 建立基线。",
        ) from error
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise InputError(
            f"{path} is not a table of numbers with the columns {', '.join(COLUMNS)}.",
            f"{path} 不是包含 {'、'.join(COLUMNS)} 各列的数字表。",
        ) from error
    if table["id"].isna().any() or table["id"].duplicated().any():
        raise InputError(
            f"{path}: every number needs its own id; one is missing or stands there twice.",
            f"{path}：每个数字须有唯一的 id；存在缺失或重复。",
        )
    if not (table["tolerance"] >= 0).all():
        raise InputError(
            f"{path}: every tolerance must be a number of at least 0.",
            f"{path}：每个 tolerance 须为不小于 0 的数值。",
        )
    return table[COLUMNS]


def write_numbers(table: pd.DataFrame, path: Path) -> None:
    """Write numbers as CSV, sorted as they are, for reading and for diffs."""
    write_atomic(path, table.to_csv(index=False, lineterminator="\n", float_format="%.10g"))


def accept_numbers(numbers: Path, baseline: Path) -> Drift:
    """Make the numbers of a report the baseline; tolerances that were set in it stay.

    The baseline is sorted by id, so that asking in another order changes nothing in it.

    Returns
    -------
    Drift
        What was accepted: the difference to the old baseline (empty for a first one).

    Raises
    ------
    InputError
        If either file is not a table of numbers.
    """
    now = read_numbers(numbers).sort_values("id", ignore_index=True)
    if not baseline.exists():
        write_numbers(now, baseline)
        return Drift(pd.DataFrame(columns=DRIFT_COLUMNS), len(now))
    old = read_numbers(baseline)
    drift = compare(now, old)
    kept = now["id"].map(old.set_index("id")["tolerance"])
    write_numbers(now.assign(tolerance=kept.fillna(now["tolerance"])), baseline)
    return drift


def _shown(value: float) -> str:
    return "—" if pd.isna(value) else f"{value:.6g}"


def _printable(name: str) -> str:
    """A bank's group names are part of ids: none may steer the terminal or break the table."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
