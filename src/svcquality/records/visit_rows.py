"""One queue ticket a row with what came of it, and the same summed over any cells of visits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from svcquality.errors import InputError
from svcquality.records.survey_rows import with_satisfied
from svcquality.records.waits import with_waits

if TYPE_CHECKING:
    from svcquality.records.bank import Records

SUMMED = (
    "visits", "abandoned", "wait_minutes_mean", "service_minutes_mean", "complaints",
    "complaints_per_1000_visits", "answered", "satisfied_share", "satisfaction_mean",
)  # fmt: skip


def visit_rows(records: Records) -> pd.DataFrame:
    """Visits with their wait, the complaints about them and the answer to their survey.

    Parameters
    ----------
    records : Records
        Needs visits; complaints and surveys that name a ticket add what they know.

    Returns
    -------
    DataFrame
        `with_waits`, and ``complaints`` (about this visit), ``answered`` (surveys), and ``satisfied``
        and ``satisfaction``, means of these. Without a ``visit_id`` in complaints, or in surveys,
        what they would tell is missing and not zero.

    Raises
    ------
    InputError
        If there is no table visits.
    """
    if records.visits is None:
        raise InputError(
            "This panel needs the table visits; add it to the records.",
            "此面板需要到店与排队表（visits）；请在数据中加入该表。",
        )
    rows = with_waits(records.visits)
    ticket = pd.Index(rows["visit_id"])
    told = _about_visits(records.complaints)
    rows["complaints"] = (
        None
        if told is None
        else told.groupby("visit_id").size().reindex(ticket, fill_value=0).to_numpy()
    )
    rows["complaints"] = rows["complaints"].astype("float64")
    surveys = records.surveys
    asked = None if surveys is None else _about_visits(with_satisfied(surveys))
    if asked is None:
        return rows.assign(answered=float("nan"), satisfied=float("nan"), satisfaction=float("nan"))
    scored = asked.astype({"satisfied": "Float64", "satisfaction": "Float64"}).groupby("visit_id")
    found = scored.agg(answered=("survey_id", "size"), satisfied=("satisfied", "mean"),
                       satisfaction=("satisfaction", "mean")).reindex(ticket)  # fmt: skip
    found["answered"] = found["answered"].fillna(0)
    values = found.astype("float64")
    return rows.assign(
        **{name: values[name].to_numpy() for name in ("answered", "satisfied", "satisfaction")}
    )


def _about_visits(table: pd.DataFrame | None) -> pd.DataFrame | None:
    """Rows that name a ticket; None where the table never does."""
    if table is None or table["visit_id"].isna().all():
        return None
    return table.dropna(subset=["visit_id"])


def sum_visits(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Visits and what came of them by cell.

    Parameters
    ----------
    rows : DataFrame
        `visit_rows` and the keys.
    keys : sequence of str

    Returns
    -------
    DataFrame
        Index ``keys``; columns `SUMMED`. ``satisfied_share`` and ``satisfaction_mean`` weigh every
        surveyed visit alike; rates are per 1,000 visits of the cell.
    """
    left = rows["abandoned"].astype("Float64").astype("float64")
    cells = rows.assign(abandoned=left).groupby(list(keys), observed=True, sort=True)
    summed = cells.agg(
        visits=("visit_id", "size"),
        wait_minutes_mean=("wait_minutes", "mean"),
        service_minutes_mean=("service_minutes", "mean"),
        satisfied_share=("satisfied", "mean"),
        satisfaction_mean=("satisfaction", "mean"),
    )
    for name in ("abandoned", "complaints", "answered"):
        summed[name] = cells[name].sum(min_count=1)
    summed["complaints_per_1000_visits"] = 1000 * summed["complaints"] / summed["visits"]
    return summed[list(SUMMED)].astype("float64")
