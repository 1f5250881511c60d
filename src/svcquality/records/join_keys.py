"""Keys that several files may share, spelled as they are: for the mapping to declare, never guessed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import pandas as pd

from svcquality.language import Text
from svcquality.records.synonyms import normalise

_KEY = re.compile(
    r"\b(?:id|client|customer|cust|branch|district|no|code)\b|编号|客户|网点|机构|号$"
)
COLUMNS = ("file", "column", "other_file", "other_column", "values", "as_written", "evened")


def shared_keys(frames: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """Columns of different files that may be one key, as they are and with its spelling made even.

    Parameters
    ----------
    frames : sequence of (str, DataFrame)
        Name and columns of each file.

    Returns
    -------
    DataFrame
        ``file, column, other_file, other_column, values, as_written, evened``: distinct values of
        the first, and how many of them the second has, as written and with letters before the
        number, leading zeros and ``.0`` left out. Nothing is joined by this: a mapping declares it.
    """
    candidates: list[tuple[str, str, set[str], set[str]]] = []
    for file, frame in frames:
        for name in frame.columns:
            if not _KEY.search(normalise(str(name))):
                continue
            values = pd.Series(frame[name].dropna().astype("str").str.strip().unique(), dtype="str")
            if len(values) > 20:
                even = values.str.replace(r"\.0+$", "", regex=True)
                even = even.str.replace(r"^[A-Za-z]*0*(?=\d)", "", regex=True)
                candidates.append((file, str(name), set(values), set(even)))
    rows = []
    for (file, name, raw, plain), (other, theirs, raw2, plain2) in itertools.permutations(
        candidates, 2
    ):
        if file == other:
            continue
        as_written, evened = len(raw & raw2), len(plain & plain2)
        if evened > 0.5 * len(plain) and len(plain2) >= len(plain) and _alike(name, theirs):
            rows.append((file, name, other, theirs, len(raw), as_written, evened))
    return pd.DataFrame(
        rows,
        columns=["file", "column", "other_file", "other_column", "values", "as_written", "evened"],
    )


def _alike(one: str, other: str) -> bool:
    """Two names that share a word besides ``id``."""
    words = set(normalise(one).split()) & set(normalise(other).split())
    return bool(words - {"id", "no", "code"}) or (normalise(one) == normalise(other))


def sentence(row: pd.Series) -> Text:
    """One row of `shared_keys` in words."""
    how = Text("写法相同", "as written") if row["as_written"] else Text(
        "须统一写法（去前缀、前导零与小数）", "once spelled alike: prefix, zeros and decimals left out"
    )  # fmt: skip
    return Text(
        "{column} 的 {values} 个值中有 {evened} 个见于 {file} 的 {other}（{how}）",
        "{evened} of the {values} values of {column} are in {other} of {file} ({how})",
    ).format(
        column=row["column"], values=f"{row['values']:,}", evened=f"{row['evened']:,}",
        file=row["other_file"], other=row["other_column"], how=how,
    )  # fmt: skip
