"""Keys that several files may share, spelled as they are: for the mapping to declare, never guessed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import pandas as pd

from svcquality.language import Text
from svcquality.records.mapping import KeyRule
from svcquality.records.synonyms import normalise

_KEY = re.compile(
    r"\b(?:id|client|customer|cust|branch|district|no|code)\b|编号|客户|网点|机构|号$|번호|고객|지점"
)
COLUMNS = (
    "file", "column", "other_file", "other_column", "values", "as_written", "evened", "example",
    "other_example",
)  # fmt: skip


def even(keys: pd.Series | pd.Index) -> pd.Series:
    """Keys without letters before the number, leading zeros and ``.0``."""
    text = pd.Series(keys, dtype="str").str.replace(r"\.0+$", "", regex=True)
    return text.str.replace(r"^[A-Za-z]*0*(?=\d)", "", regex=True)


def shared_keys(frames: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """Columns of different files that may be one key, as they are and with its spelling made even.

    Parameters
    ----------
    frames : sequence of (str, DataFrame)
        Name and columns of each file.

    Returns
    -------
    DataFrame
        ``file, column, other_file, other_column, values, as_written, evened, example,
        other_example``: distinct values of
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
                candidates.append((file, str(name), set(values), set(even(values))))
    rows = []
    for (file, name, raw, plain), (other, theirs, raw2, plain2) in itertools.permutations(
        candidates, 2
    ):
        if file == other:
            continue
        as_written, evened = len(raw & raw2), len(plain & plain2)
        if evened > 0.5 * len(plain) and len(plain2) >= len(plain) and _alike(name, theirs):
            rows.append(
                (
                    file,
                    name,
                    other,
                    theirs,
                    len(raw),
                    as_written,
                    evened,
                    _spelled(raw),
                    _spelled(raw2),
                )
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def key_rules(keys: pd.DataFrame) -> dict[tuple[str, str], KeyRule]:
    """How a key would have to be spelled to meet that of another file: a proposal for the mapping.

    Parameters
    ----------
    keys : DataFrame
        As `shared_keys` gives it.

    Returns
    -------
    dict of (str, str) to KeyRule
        By file and column, both sides of a pair; columns that join as written have none.
    """
    uneven = keys[keys["evened"] > keys["as_written"]]
    sides = pd.concat(
        [uneven[["file", "column", "example"]],
         uneven[["other_file", "other_column", "other_example"]].set_axis(["file", "column", "example"], axis=1)]
    ).drop_duplicates(["file", "column"])  # fmt: skip
    rules = {}
    for row in sides.itertuples():
        example = str(row.example)
        prefix = re.match(r"[A-Za-z]*", example)
        rest = example[len(prefix[0]) :] if prefix else example
        rule = KeyRule(
            prefix[0] if prefix else "",
            bool(re.match(r"0+\d", rest)),
            bool(re.search(r"\.0+$", rest)),
        )
        if rule != KeyRule():
            rules[str(row.file), str(row.column)] = rule
    return rules


def _alike(one: str, other: str) -> bool:
    """Two names that share a word besides ``id``."""
    words = set(normalise(one).split()) & set(normalise(other).split())
    return bool(words - {"id", "no", "code"}) or (normalise(one) == normalise(other))


def _spelled(values: set[str]) -> str:
    """The value that shows the spelling best: the first with a prefix, zeros or decimals."""
    marked = sorted(v for v in values if re.match(r"[A-Za-z]+\d|0\d|\d+\.0+$", v))
    return marked[0] if len(marked) > 0.5 * len(values) else min(values)


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
