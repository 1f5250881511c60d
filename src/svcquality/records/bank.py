"""The records of one bank: validated tables, and an account of what reading did to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import pandas as pd

from svcquality.errors import InputError
from svcquality.records.card import Card, make_card
from svcquality.records.ledger import ledger_frame
from svcquality.records.panels import panel
from svcquality.records.tables import TABLES
from svcquality.records.validate import COUNTS, Validated, validate

NO_HOLIDAYS = pd.DatetimeIndex([])


class SourceFile(NamedTuple):
    """Where a table came from: the path as the study gives it, and the hash of its bytes."""

    path: str
    sha256: str


def _frame(*columns: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True, eq=False)
class Records:
    """The tables of one bank; a table that the bank does not have is None.

    Every table that is there has all columns of its declaration in `svcquality.records.tables`, in
    their declared types: ``str`` for ids, categories and texts, ``datetime64[ns]`` for times,
    days and months, ``boolean``, ``float64``, ``Int64``. Columns that a mapping keeps stand behind
    them. The text of complaints is masked.

    Parameters
    ----------
    customers, branches, visits, complaints, surveys, training, interventions, accounts, denominators
        DataFrames.
    repairs : DataFrame
        ``table, row, column, before, after, rule``: one row a changed value; ``row`` counts the
        rows of the source from 1.
    flow : DataFrame
        ``table, step_zh, step_en, rows``: from the rows of a source to the rows of its table.
    masked : DataFrame
        ``table, column, kind, found, texts``: personal data masked.
    ignored : DataFrame
        ``table, column``: columns of a source that nothing asked for.
    declared : DataFrame
        ``table, column, rule, before, after, values``: values that a mapping recoded as declared,
        counted; what was not declared is a repair.
    notes : DataFrame
        ``table, file, code, what_zh, what_en``: how each file was read (encoding, delimiter, rows
        set aside), each choice with its reason.
    holidays : DatetimeIndex
        Days on which the bank was closed, as the study declares them.
    sources : mapping of str to SourceFile
        Files by table, mapping files by ``<table>.mapping``; empty for frames in memory.
    """

    customers: pd.DataFrame | None = None
    branches: pd.DataFrame | None = None
    visits: pd.DataFrame | None = None
    complaints: pd.DataFrame | None = None
    surveys: pd.DataFrame | None = None
    training: pd.DataFrame | None = None
    interventions: pd.DataFrame | None = None
    accounts: pd.DataFrame | None = None
    denominators: pd.DataFrame | None = None
    repairs: pd.DataFrame = field(
        default_factory=lambda: _frame("table", "row", "column", "before", "after", "rule")
    )
    flow: pd.DataFrame = field(
        default_factory=lambda: _frame("table", "step_zh", "step_en", "rows")
    )
    masked: pd.DataFrame = field(
        default_factory=lambda: _frame("table", "column", "kind", "found", "texts")
    )
    ignored: pd.DataFrame = field(default_factory=lambda: _frame("table", "column"))
    declared: pd.DataFrame = field(
        default_factory=lambda: _frame("table", "column", "rule", "before", "after", "values")
    )
    notes: pd.DataFrame = field(
        default_factory=lambda: _frame("table", "file", "code", "what_zh", "what_en")
    )
    holidays: pd.DatetimeIndex = field(default_factory=lambda: NO_HOLIDAYS)
    sources: Mapping[str, SourceFile] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that are there, by name, in the order of their declaration."""
        present = {f.name: getattr(self, f.name) for f in fields(self) if f.name in TABLES}
        return {name: present[name] for name in TABLES if present[name] is not None}

    @classmethod
    def from_frames(cls, **frames: pd.DataFrame | None) -> Records:
        """Validate frames in memory, just as files are.

        Parameters
        ----------
        **frames : DataFrame or None
            By table name, with the declared column names. Optional columns may be absent; columns
            that are not declared are kept behind the declared ones.

        Raises
        ------
        InputError
            If a name is not a table's, a required column is missing, a table is empty, or a key
            occurs twice with different content.
        """
        for name in frames:
            if name not in TABLES:
                raise InputError(
                    f"{name!r} is not a table; the tables are {', '.join(TABLES)}.",
                    f"{name!r} 不是已定义的表；可用：{'、'.join(TABLES)}。",
                )
        present = {name: frame for name, frame in frames.items() if frame is not None}
        return assemble(
            [
                validate(frame.set_axis(pd.RangeIndex(1, len(frame) + 1)), TABLES[name], keep=None)
                for name, frame in present.items()
            ],
            {},
        )

    def card(self) -> Card:
        """What is in these records: rows, periods, missing values, repairs, masks, links."""
        return make_card(self)

    def panel(self, name: str, **options: Any) -> pd.DataFrame:
        """A panel of these records, ready to be looked at or modelled.

        Parameters
        ----------
        name : str
            ``surveys``, ``branch_months``, ``customer_months``, ``bank_months``, ``staff_weeks`` or
            ``branch_half_hours`` (`svcquality.records.panels.PANELS`).
        **options
            Of the panel: ``where`` (which complaints are counted), ``hours`` (opening hours) …

        Returns
        -------
        DataFrame
            One row a unit and period; the columns stand in the docstring of the panel.

        Raises
        ------
        InputError
            If there is no such panel or option, or a table that it needs is missing.

        Examples
        --------
        >>> bank.panel("branch_months", where={"business": "card"})  # doctest: +SKIP
        """
        return panel(self, name, **options)


def assemble(
    parts: Sequence[Validated],
    sources: Mapping[str, SourceFile],
    holidays: pd.DatetimeIndex = NO_HOLIDAYS,
) -> Records:
    """Validated tables as the records of one bank.

    Raises
    ------
    InputError
        If there is no table.
    """
    if not parts:
        raise InputError(
            "There is no table among these records; give at least one of complaints, surveys, "
            "visits.",
            "没有读到任何数据表；请至少提供投诉、满意度调查或到店记录之一。",
        )
    ignored = [(part.table.name, name) for part in parts for name in part.ignored]
    return Records(
        **{part.table.name: part.frame for part in parts},
        repairs=ledger_frame([part.ledger for part in parts]),
        flow=pd.concat([part.flow for part in parts], ignore_index=True),
        masked=_stack([part.masked for part in parts], COUNTS),
        ignored=pd.DataFrame(ignored, columns=["table", "column"], dtype="str"),
        declared=_stack(
            [part.declared for part in parts],
            ("table", "column", "rule", "before", "after", "values"),
        ),
        holidays=holidays,
        sources=dict(sources),
    )


def _stack(frames: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else _frame(*columns)
