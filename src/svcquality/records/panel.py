"""Panels: unit by period, with outcomes, exposures and denominators, from validated records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.records.customer_panel import customer_months
from svcquality.records.survey_rows import survey_rows, with_satisfied
from svcquality.records.times import to_months
from svcquality.records.waits import first_training, with_waits

if TYPE_CHECKING:
    from svcquality.records.bank import Records

__all__ = ["bank_months", "branch_months", "customer_months", "survey_rows", "with_waits"]

Where = Mapping[str, Any]


def branch_months(records: Records, *, where: Where | None = None) -> pd.DataFrame:
    """Branch x month panel of complaints, visits, satisfaction, waits and training.

    Parameters
    ----------
    records : Records
        Needs complaints, visits or surveys with branches.
    where : mapping, optional
        Complaint column to a value or list of values: which complaints are counted.

    Returns
    -------
    DataFrame
        ``branch_id, month, visits, complaints, complaints_per_1000_visits, answered,
        satisfied_share, satisfaction_mean, wait_minutes_mean`` (minutes)``, first_trained`` (month
        or NaT)``, definition_version`` (under which the bank counted that month's complaints;
        ``v1 + v2`` where it changed within the month: months of two definitions do not
        compare). Balanced: a branch has a row for every month it was open in, with zeros where
        nothing happened. The months are those in which complaints, and visits where there are
        any, were both recorded.

    Raises
    ------
    InputError
        If no table names a branch, or ``where`` names an unknown column.
    """
    complaints = _complaints(records, where)
    tickets = None if records.visits is None else with_waits(records.visits)
    declared = _denominator(records, "branch", "visits")
    answered = _answered(records)
    units = _branches(records)
    counted = declared if len(declared) else tickets
    start, end = _overlap(
        _months_of(records.complaints, "received"),
        None if counted is None else counted["month"],
        otherwise=None if answered is None else answered["month"],
    )
    months = pd.date_range(start, end, freq="MS", unit="ns")
    grid = pd.MultiIndex.from_product([units, months], names=["branch_id", "month"])

    def per_cell(frame: pd.DataFrame | None) -> Any:
        rows = pd.DataFrame(columns=["branch_id", "month"]) if frame is None else frame
        return rows.dropna(subset=["branch_id", "month"]).groupby(["branch_id", "month"])

    panel = pd.DataFrame(index=grid)
    if len(declared):
        panel["visits"] = declared.set_index(["unit_id", "month"])["value"].reindex(grid)
    elif tickets is not None:
        panel["visits"] = per_cell(tickets).size().reindex(grid, fill_value=0).astype("float64")
    else:
        panel["visits"] = np.nan
    panel["complaints"] = _counts(per_cell(complaints), grid) if complaints is not None else np.nan
    visited = panel["visits"].where(panel["visits"] > 0)
    panel["complaints_per_1000_visits"] = 1000 * panel["complaints"] / visited
    surveyed = None if answered is None else per_cell(answered)
    panel["answered"] = 0 if surveyed is None else _counts(surveyed, grid)
    for name, column in (("satisfied_share", "satisfied"), ("satisfaction_mean", "satisfaction")):
        panel[name] = np.nan if surveyed is None else surveyed[column].mean().reindex(grid)
    waits = None if tickets is None else per_cell(tickets)["wait_minutes"].mean()
    panel["wait_minutes_mean"] = np.nan if waits is None else waits.reindex(grid)
    panel = panel.reset_index()
    trained = to_months(first_training(records))
    # Looked up by position: `map` over an empty series of times (nobody's branch known) fails.
    panel["first_trained"] = trained.reindex(pd.Index(panel["branch_id"])).to_numpy()
    floats = {c: "float64" for c in panel if c not in ("branch_id", "month", "first_trained")}
    panel = panel.astype({"branch_id": "str", **floats})
    panel["answered"] = panel["answered"].astype("int64")
    panel["definition_version"] = _versions(records).reindex(pd.Index(panel["month"])).to_numpy()
    return _while_open(panel.astype({"definition_version": "str"}), records)


def bank_months(records: Records, *, where: Where | None = None) -> pd.DataFrame:
    """Monthly series of the whole bank.

    Parameters
    ----------
    records : Records
        Needs complaints.
    where : mapping, optional
        Complaint column to a value or list of values: which complaints are counted.

    Returns
    -------
    DataFrame
        ``month, complaints, customers, outlets, visits`` over the months from the first to the last
        complaint (of any kind), and those of ``complaints_per_1000_visits,
        complaints_per_1000_outlets, complaints_per_10m_customers`` whose denominator is known,
        and ``definition_version`` as in `branch_months`. Undeclared outlets are the branches open; undeclared visits are summed over branches.

    Raises
    ------
    InputError
        If there are no complaints, or ``where`` names an unknown column.
    """
    complaints = _complaints(records, where)
    if complaints is None or records.complaints is None:
        raise InputError(
            "A monthly series needs the table complaints; add it to the records.",
            "按月序列需要投诉表（complaints）；请在数据中加入该表。",
        )
    every = _months_of(records.complaints, "received")
    start, end = _overlap(every, None, otherwise=None)
    months = pd.Index(pd.date_range(start, end, freq="MS", unit="ns"), name="month")
    panel = pd.DataFrame(index=months)
    panel["complaints"] = _counts(complaints.groupby("month"), months)
    for measure in ("customers", "outlets", "visits"):
        declared = _denominator(records, "bank", measure).groupby("month")["value"].sum()
        panel[measure] = declared.reindex(months)
    if panel["outlets"].isna().all() and records.branches is not None:
        panel["outlets"] = _open_branches(records.branches, months)
    if panel["visits"].isna().all():
        panel["visits"] = _summed_visits(records).reindex(months)
    for measure, rate, per in (
        ("visits", "complaints_per_1000_visits", 1_000),
        ("outlets", "complaints_per_1000_outlets", 1_000),
        ("customers", "complaints_per_10m_customers", 10_000_000),
    ):
        if panel[measure].gt(0).any():
            panel[rate] = per * panel["complaints"] / panel[measure].where(panel[measure] > 0)
    panel = panel.astype("float64").assign(definition_version=_versions(records).reindex(months))
    return panel.astype({"definition_version": "str"}).reset_index()


def _complaints(records: Records, where: Where | None) -> pd.DataFrame | None:
    """The complaints asked for, with their month."""
    if records.complaints is None:
        return None
    chosen = records.complaints
    for column, wanted in (where or {}).items():
        if column not in chosen:
            raise InputError(
                f"Complaints have no column {column!r} to select by; "
                f"they have {', '.join(chosen.columns)}.",
                f"投诉表没有可用于筛选的列 {column!r}；现有：{'、'.join(chosen.columns)}。",
            )
        values = wanted if isinstance(wanted, (list, tuple, set)) else [wanted]
        chosen = chosen[chosen[column].isin(list(values))]
    return chosen.assign(month=to_months(chosen["received"]))


def _versions(records: Records) -> pd.Series:
    """By month, the definitions under which its complaints were counted: ``v1``, or ``v1 + v2``."""
    if records.complaints is None:
        return pd.Series(dtype="str")
    seen = pd.DataFrame(
        {"month": to_months(records.complaints["received"]),
         "version": records.complaints["definition_version"]}
    ).dropna().drop_duplicates()  # fmt: skip
    return seen.sort_values(["month", "version"]).groupby("month")["version"].agg(" + ".join)


def _answered(records: Records) -> pd.DataFrame | None:
    if records.surveys is None:
        return None
    surveys = with_satisfied(records.surveys)
    return surveys.assign(
        month=to_months(surveys["answered"]),
        satisfied=surveys["satisfied"].astype("Float64"),
        satisfaction=surveys["satisfaction"].astype("Float64"),
    )


def _denominator(records: Records, unit: str, measure: str) -> pd.DataFrame:
    if records.denominators is None:
        return pd.DataFrame(
            {"month": pd.Series(dtype="datetime64[ns]"), "unit_id": [], "value": []}
        )
    table = records.denominators
    return table[(table["unit"] == unit) & (table["measure"] == measure)]


def _branches(records: Records) -> pd.Index:
    if records.branches is not None:
        return pd.Index(records.branches["branch_id"].sort_values())
    tables = (records.complaints, records.visits, records.surveys)
    named = [table["branch_id"].dropna() for table in tables if table is not None]
    units = pd.Index(sorted(pd.concat(named).unique())) if named else pd.Index([])
    if units.empty:
        raise InputError(
            "No table says which branch a record belongs to; map branch_id.",
            "没有任何表给出所属网点；请映射 branch_id 列。",
        )
    return units


def _months_of(table: pd.DataFrame | None, column: str) -> pd.Series | None:
    return None if table is None else to_months(table[column])


def _overlap(
    first: pd.Series | None, second: pd.Series | None, *, otherwise: pd.Series | None
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Months in which both were recorded: a month without tickets is not one without visits."""
    seen = [s for s in (first, second) if s is not None and s.notna().any()]
    if not seen and otherwise is not None and otherwise.notna().any():
        seen = [otherwise]
    start = max((s.min() for s in seen), default=None)
    end = min((s.max() for s in seen), default=None)
    if start is None or end is None or start > end:
        raise InputError(
            "Complaints and visits share no month; check their dates.",
            "投诉与到店记录没有共同的月份；请检查日期。",
        )
    return start, end


def _counts(groups: Any, index: pd.Index) -> pd.Series:
    return groups.size().reindex(index, fill_value=0)


def _while_open(panel: pd.DataFrame, records: Records) -> pd.DataFrame:
    if records.branches is None:
        return panel
    branches = records.branches.set_index("branch_id")
    opened = panel["branch_id"].map(branches["opened"])
    closed = panel["branch_id"].map(branches["closed"])
    month_end = panel["month"] + pd.offsets.MonthBegin(1)
    shut = (opened >= month_end) | (closed < panel["month"])
    return panel[~shut].reset_index(drop=True)


def _open_branches(branches: pd.DataFrame, months: pd.Index) -> np.ndarray:
    """Branches open in each month; a branch without dates was open all the time."""
    start = to_months(branches["opened"]).fillna(months[0]).to_numpy()
    end = to_months(branches["closed"]).fillna(months[-1]).to_numpy()
    at = months.to_numpy()[:, None]
    return ((start <= at) & (at <= end)).sum(axis=1).astype(float)


def _summed_visits(records: Records) -> pd.Series:
    declared = _denominator(records, "branch", "visits")
    if len(declared):
        return declared.groupby("month")["value"].sum()
    if records.visits is None:
        return pd.Series(dtype="float64")
    return with_waits(records.visits).groupby("month").size().astype("float64")
