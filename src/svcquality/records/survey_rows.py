"""One answered survey a row, with the visit, the customer and what had happened before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.records.tables import ITEM_PREFIX, SURVEYS
from svcquality.records.times import to_months
from svcquality.records.waits import first_training, with_waits

if TYPE_CHECKING:
    from svcquality.records.bank import Records

RECENT = pd.Timedelta(days=90)
"""A complaint this long before counts as recent."""

SATISFIED_FROM = 4
_LOST = ("unreadable_number", "not_whole", "out_of_range", "unknown_flag")

COLUMNS = (
    "survey_id", "branch_id", "customer_id", "month", "answered", "satisfaction", "satisfied",
    "recommendation", "effort", "wait_minutes", "perceived_wait_minutes", "service_type",
    "channel", "hour", "age", "segment", "branch_trained", "recent_complaint", "priority",
    "announced_minutes",
)  # fmt: skip

OF_THE_VISIT = {
    "service_type": "str", "channel": "str", "priority": "boolean", "announced_minutes": "float64",
}  # fmt: skip
"""What a visit tells, by kind; a survey may tell it itself where there is no ticket."""


def with_satisfied(surveys: pd.DataFrame) -> pd.DataFrame:
    """The answered surveys, ``satisfied`` filled from a satisfaction of 4 or 5 where not given.

    A survey is answered if it has a time of answer, a satisfaction or a verdict.
    """
    given = surveys[["answered", "satisfaction", "satisfied"]].notna().any(axis=1)
    answered = surveys[given]
    derived = (answered["satisfaction"] >= SATISFIED_FROM).astype("boolean")
    return answered.assign(satisfied=answered["satisfied"].fillna(derived))


def survey_rows(records: Records) -> pd.DataFrame:
    """One row an answered survey.

    Parameters
    ----------
    records : Records
        Needs surveys; visits, customers, training and complaints add what they know.

    Returns
    -------
    DataFrame
        `COLUMNS`, then rated items (``item_*``) and extra columns. ``month`` is the month of the
        answer; ``wait_minutes, service_type, channel, priority, announced_minutes`` and
        ``hour`` are the visit's, all but the hour the survey's own where there is no ticket; ``branch_trained`` says whether the branch had been
        trained, and ``recent_complaint`` whether the customer had complained in the 90 days
        before, both at the time of the visit (else of the invitation, else of the answer), and
        missing where that is not known.

    Raises
    ------
    InputError
        If there is no table surveys, or no survey was answered.
    """
    if records.surveys is None:
        raise InputError(
            "This needs the table surveys; add it to the records.",
            "此项需要满意度调查表（surveys）；请在数据中加入该表。",
        )
    rows = with_satisfied(records.surveys).reset_index(drop=True)
    if rows.empty:
        why = unread(records, "satisfaction")
        raise InputError(
            f"No survey was answered{why.en}; check satisfaction, satisfied and answered.",
            f"没有已答复的问卷{why.zh}；请检查 satisfaction、satisfied 与 answered 列。",
        )
    visit = _visits(records, rows["visit_id"])
    rows["wait_minutes"] = visit["wait_minutes"].fillna(rows["wait_minutes"])
    rows["branch_id"] = rows["branch_id"].fillna(visit["branch_id"])
    rows["customer_id"] = rows["customer_id"].fillna(visit["customer_id"])
    for name, kind in OF_THE_VISIT.items():
        if name not in rows:
            rows[name] = visit[name]
        elif visit[name].notna().any():
            rows[name] = visit[name].fillna(rows[name]) if kind == "str" else visit[name]
    rows["hour"] = visit["arrived"].dt.hour.astype("Int64")
    rows["month"] = to_months(rows["answered"])
    _add_customer(rows, records)
    moment = visit["arrived"].fillna(rows["invited"]).fillna(rows["answered"])
    rows["branch_trained"] = _trained(records, rows["branch_id"], moment)
    rows["recent_complaint"] = _complained(records, rows["customer_id"], moment)
    items = [name for name in rows.columns if name.startswith(ITEM_PREFIX)]
    extras = [n for n in rows.columns if n not in SURVEYS.columns and n not in (*COLUMNS, *items)]
    return rows[[*COLUMNS, *items, *extras]]


def _visits(records: Records, visit_ids: pd.Series) -> pd.DataFrame:
    kinds = {
        "wait_minutes": "float64", "branch_id": "str", "customer_id": "str",
        "arrived": "datetime64[ns]", **OF_THE_VISIT,
    }  # fmt: skip
    if records.visits is None:
        visits = pd.DataFrame(columns=list(kinds)).astype(kinds)
        return visits.reindex(range(len(visit_ids)))
    visits = with_waits(records.visits).set_index("visit_id")[list(kinds)]
    return visits.reindex(pd.Index(visit_ids)).reset_index(drop=True)


def _add_customer(rows: pd.DataFrame, records: Records) -> None:
    """Age and segment: the customer's, else the survey's own extra columns of that name."""
    kinds: dict[str, Any] = {"age": "Int64", "segment": "str"}
    for name, kind in kinds.items():
        own = rows[name] if name in rows else pd.Series(pd.NA, index=rows.index)
        own = own.astype(kind)
        if records.customers is not None:
            known = records.customers.set_index("customer_id")[name]
            own = known.reindex(pd.Index(rows["customer_id"])).reset_index(drop=True).fillna(own)
        rows[name] = own


def _trained(records: Records, branch: pd.Series, moment: pd.Series) -> pd.Series:
    answer = pd.Series(pd.NA, index=branch.index, dtype="boolean")
    if records.training is None:
        return answer
    since = branch.map(first_training(records)).astype("datetime64[ns]")
    known = branch.notna() & moment.notna()
    return answer.mask(known, (since <= moment).astype("boolean"))


def _complained(records: Records, customer: pd.Series, moment: pd.Series) -> pd.Series:
    answer = pd.Series(pd.NA, index=customer.index, dtype="boolean")
    if records.complaints is None or records.complaints["customer_id"].isna().all():
        return answer
    received = records.complaints[["customer_id", "received"]].dropna().sort_values("received")
    asked = pd.DataFrame({"customer_id": customer, "moment": moment, "place": customer.index})
    asked = asked.dropna().sort_values("moment")
    last = pd.merge_asof(
        asked, received, left_on="moment", right_on="received", by="customer_id",
        allow_exact_matches=False, tolerance=RECENT,
    )  # fmt: skip
    answer.loc[last["place"]] = last["received"].notna().to_numpy()
    return answer


def unread(records: Records, column: str) -> Text:
    """How many answers of a survey column could not be read, in brackets; empty where none."""
    repairs = records.repairs
    lost = repairs["table"].eq("surveys") & repairs["column"].eq(column)
    number = int((lost & repairs["rule"].isin(_LOST)).sum())
    if not number:
        return Text("", "")
    return Text(
        f"（另有 {number:,} 个值无法识别，见 bank.repairs）",
        f" ({number:,} more values could not be read: see bank.repairs)",
    )
