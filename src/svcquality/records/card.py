"""The data card: what a bank's records hold, and what reading did to them."""

from __future__ import annotations

import html
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import pandas as pd

from svcquality.language import Language, Text
from svcquality.records.join_keys import even
from svcquality.records.ledger import DECLARED, RULES
from svcquality.records.masking import KINDS
from svcquality.records.mend import MENDING_RULES
from svcquality.records.tables import TABLES

if TYPE_CHECKING:
    from svcquality.records.bank import Records

_TITLES = {
    "tables": Text("数据表", "Tables"),
    "absent": Text("没有的数据表", "Tables that are not there"),
    "flow": Text("从读入到保留的行数", "From the rows read to the rows kept"),
    "repairs": Text("修正", "Repairs"),
    "declared": Text("按映射声明处理的值", "Values recoded as the mapping declares"),
    "links": Text("表间关联", "Links between tables"),
    "missing": Text("有缺失的列", "Columns with missing values"),
    "denominators": Text("分母", "Denominators"),
    "masked": Text("已屏蔽的个人信息", "Personal data masked"),
    "personal": Text("可能含个人信息的列", "Columns that may hold personal data"),
    "notes": Text("文件如何读取", "How the files were read"),
    "ignored": Text("未读取的列", "Columns of the sources that were not read"),
}

_LINKS = {"customer_id": "customers", "branch_id": "branches", "visit_id": "visits",
          "complaint_id": "complaints"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Card:
    """Tidy frames that describe a bank's records; shows itself in a notebook.

    Parameters
    ----------
    tables : DataFrame
        ``table, meaning_zh, meaning_en, rows, first, last``: rows and period of each table.
    absent : DataFrame
        ``table, meaning_zh, meaning_en`` of the tables that this bank does not have.
    flow : DataFrame
        ``table, step_zh, step_en, rows``.
    repairs : DataFrame
        ``table, column, rule, rule_zh, rule_en, values``: how many values each rule changed.
    declared : DataFrame
        ``table, column, rule, rule_zh, rule_en, before, after, values``: what a mapping recoded.
    links : DataFrame
        ``table, column, to, empty, filled, matched, unmatched, respelled, why_zh, why_en``: rows
        without a key, with one, with one that the other table has or lacks, how many of the latter
        it would have if keys were spelled alike, and what to do.
    missing : DataFrame
        ``table, column, missing, share``: declared columns that are partly missing.
    denominators : DataFrame
        ``unit, measure, first, last, values``.
    masked : DataFrame
        ``table, column, kind, kind_zh, kind_en, found, texts``.
    personal : DataFrame
        ``table, column``.
    notes : DataFrame
        ``table, file, what_zh, what_en``: encoding, delimiter and what was set aside.
    ignored : DataFrame
        ``table, column``: columns of the sources that nothing asked for.
    """

    tables: pd.DataFrame
    absent: pd.DataFrame
    flow: pd.DataFrame
    repairs: pd.DataFrame
    declared: pd.DataFrame
    links: pd.DataFrame
    missing: pd.DataFrame
    denominators: pd.DataFrame
    masked: pd.DataFrame
    personal: pd.DataFrame
    notes: pd.DataFrame
    ignored: pd.DataFrame

    def html(self, language: Language = "en") -> str:
        """The card as a block of HTML in one language; empty parts are left out."""
        other = "_en" if language == "zh" else "_zh"
        parts = []
        for name in (field.name for field in fields(self)):
            frame: pd.DataFrame = getattr(self, name)
            if frame.empty:
                continue
            shown = frame[[c for c in frame.columns if not c.endswith(other)]]
            shown = shown.rename(columns=lambda c: c.removesuffix(f"_{language}"))
            shown = shown.loc[:, ~shown.columns.duplicated(keep="last")]
            table = shown.to_html(index=False, border=0, na_rep="—", float_format="{:.3f}".format)
            opened = " open" if name in ("tables", "repairs") else ""
            title = html.escape(_TITLES[name][language])
            parts.append(f"<details{opened}><summary><b>{title}</b></summary>{table}</details>")
        return f'<div lang="{language}">{"".join(parts)}</div>'

    def _repr_html_(self) -> str:
        return self.html("zh") + "<hr>" + self.html("en")


def make_card(records: Records) -> Card:
    """Describe records.

    Parameters
    ----------
    records : Records

    Returns
    -------
    Card
    """
    tables = records.tables
    repairs = records.repairs.groupby(["table", "column", "rule"], sort=True).size()
    counted = repairs.reset_index(name="values")
    counted = _worded(counted, "rule", RULES | MENDING_RULES)
    masked = records.masked[records.masked["found"] > 0].reset_index(drop=True)
    return Card(
        tables=_periods(tables),
        absent=_meanings([name for name in TABLES if name not in tables]),
        flow=records.flow,
        repairs=counted[["table", "column", "rule", "rule_zh", "rule_en", "values"]],
        declared=_worded(records.declared, "rule", DECLARED)[
            ["table", "column", "rule", "rule_zh", "rule_en", "before", "after", "values"]
        ],
        links=_links(tables),
        missing=_missing(tables),
        denominators=_denominators(records.denominators),
        masked=_worded(masked, "kind", KINDS),
        personal=pd.DataFrame(
            [(t, c) for t in tables for c, d in TABLES[t].columns.items() if d.personal],
            columns=["table", "column"],
        ),
        notes=records.notes[["table", "file", "what_zh", "what_en"]],
        ignored=records.ignored,
    )


def _worded(frame: pd.DataFrame, column: str, words: dict[str, Text]) -> pd.DataFrame:
    return frame.assign(
        **{
            f"{column}_zh": frame[column].map({k: t.zh for k, t in words.items()}),
            f"{column}_en": frame[column].map({k: t.en for k, t in words.items()}),
        }
    )


def _meanings(names: list[str]) -> pd.DataFrame:
    rows = [(name, TABLES[name].meaning.zh, TABLES[name].meaning.en) for name in names]
    return pd.DataFrame(rows, columns=["table", "meaning_zh", "meaning_en"])


def _periods(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows of each table and the period of its first time column that has values."""
    first: list[str] = []
    last: list[str] = []
    for name, frame in tables.items():
        timed = [
            frame[column]
            for column, declared in TABLES[name].columns.items()
            if declared.kind in ("time", "date", "month") and frame[column].notna().any()
        ]
        first.append(timed[0].min().strftime("%Y-%m-%d") if timed else "")
        last.append(timed[0].max().strftime("%Y-%m-%d") if timed else "")
    rows = [len(frame) for frame in tables.values()]
    return _meanings(list(tables)).assign(rows=rows, first=first, last=last)


def _links(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for name, frame in tables.items():
        for column, target in _LINKS.items():
            if column not in frame or target == name or target not in tables:
                continue
            counts = frame[column].value_counts()  # far fewer keys than rows to look up
            filled = int(counts.sum())
            theirs = pd.Index(tables[target][column])
            known = theirs.get_indexer(counts.index) >= 0
            matched = int(counts[known].sum())
            lost = counts[~known]
            alike = pd.Index(even(theirs.unique())).get_indexer(even(lost.index)) >= 0
            respelled = int(lost[alike].sum())
            why = _why(filled - matched, len(lost), respelled, target)
            if filled:
                rows.append(
                    (name, column, target, len(frame) - filled, filled, matched, filled - matched,
                     respelled, why.zh, why.en)
                )  # fmt: skip
    columns = ["table", "column", "to", "empty", "filled", "matched", "unmatched", "respelled", "why_zh", "why_en"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _why(unmatched: int, keys: int, respelled: int, target: str) -> Text:
    """Why keys found nothing, and what to do."""
    if not unmatched:
        return Text("", "")
    meaning = TABLES[target].meaning
    why = Text(
        f"{keys:,} 个编号不在{meaning.zh}表中",
        f"keys that are not in the table {target}: {keys:,}",
    )
    if respelled:
        why += Text(
            f"；统一写法（前缀、前导零、小数）后 {respelled:,} 行可匹配，请在映射的 keys 中声明",
            f"; {respelled:,} rows would match with prefix, zeros and decimals left out: declare it under keys of the mapping",
        )
    return why


def _missing(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    counts = [
        pd.DataFrame({"table": name, "missing": frame.isna().sum(), "share": frame.isna().mean()})
        for name, frame in tables.items()
    ]
    every = pd.concat(counts).rename_axis("column").reset_index()
    partly = every[(every["missing"] > 0) & (every["share"] < 1)]
    return partly[["table", "column", "missing", "share"]].reset_index(drop=True)


def _denominators(table: pd.DataFrame | None) -> pd.DataFrame:
    if table is None:
        return pd.DataFrame(columns=["unit", "measure", "first", "last", "values"])
    periods = table.groupby(["unit", "measure"])["month"].agg(["min", "max", "size"])
    periods = periods.set_axis(["first", "last", "values"], axis=1).reset_index()
    return periods.assign(
        first=periods["first"].dt.strftime("%Y-%m"), last=periods["last"].dt.strftime("%Y-%m")
    )
