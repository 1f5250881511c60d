"""Customer x month panel for hazards of leaving.

Months are numbered from the first of the panel, and what happens to a customer in a month is put
into a dense array (customer x month): lags, sums over earlier months and "the last before" are
then shifts of that array.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svcquality.errors import InputError

if TYPE_CHECKING:
    from svcquality.records.bank import Records

RECENT_MONTHS = 3
"""A complaint counts as recent in the three months after the month it was received in."""


def customer_months(records: Records) -> pd.DataFrame:
    """One row a customer at risk of leaving and month, for hazards of closing.

    Parameters
    ----------
    records : Records
        Needs accounts; customers, complaints and surveys add their columns.

    Returns
    -------
    DataFrame
        ``customer_id, branch_id, month, closed`` (during the month)``, age, segment,
        tenure_months, products, log_balance`` (log of 1 + yuan; both as the month before left
        them, so missing in a customer's first month)``, complaint_last_3_months`` (received in the
        three months before this month)``, unresolved`` (a complaint open at the start of the
        month)``, mean_satisfaction`` (of the last answered survey before the month). Months after
        the closing are not at risk and are left out.

    Raises
    ------
    InputError
        If there is no table accounts.
    """
    if records.accounts is None:
        raise InputError(
            "A panel of customers needs the table accounts; add it to the records.",
            "客户面板需要账户表（accounts）；请在数据中加入该表。",
        )
    accounts = records.accounts.dropna(subset=["closed"]).sort_values(
        ["customer_id", "month"], ignore_index=True
    )
    codes, customers = pd.factorize(accounts["customer_id"])
    numbers = _month_number(accounts["month"])
    first = int(numbers.min())
    month = (numbers - first).to_numpy(dtype=np.int64)
    shape = (len(customers), int(month.max()) + 1)
    closed = accounts["closed"].to_numpy(dtype=bool)

    gone = np.zeros(shape, dtype=bool)
    gone[codes, month] = closed
    at_risk = ~_before(np.maximum.accumulate(gone, axis=1), False)[codes, month]

    def month_before(values: pd.Series) -> np.ndarray:
        dense = np.full(shape, np.nan)
        dense[codes, month] = values.to_numpy(dtype=float, na_value=np.nan)
        return _before(dense, np.nan)[codes, month]

    rows = accounts[["customer_id", "month", "closed"]].copy()
    rows["products"] = month_before(accounts["products"])
    rows["log_balance"] = np.log1p(np.maximum(month_before(accounts["balance"]), 0))
    recent, unresolved = _complaint_history(records.complaints, customers, first, shape)
    rows["complaint_last_3_months"] = recent[codes, month]
    rows["unresolved"] = unresolved[codes, month]
    rows["mean_satisfaction"] = _last_satisfaction(records, customers, first, shape)[codes, month]
    about = _about_customers(records, customers)
    for name in ("branch_id", "age", "segment"):
        rows[name] = about[name].take(codes).to_numpy()
    joined = _month_number(about["joined"]).take(codes).to_numpy(dtype=float, na_value=np.nan)
    rows["tenure_months"] = np.maximum(month + first - joined, 0)
    order = [
        "customer_id", "branch_id", "month", "closed", "age", "segment", "tenure_months",
        "products", "log_balance", "complaint_last_3_months", "unresolved", "mean_satisfaction",
    ]  # fmt: skip
    types = {"branch_id": "str", "segment": "str", "age": "Int64", "closed": "bool"}
    return rows.loc[at_risk, order].astype(types).reset_index(drop=True)


def _month_number(times: pd.Series) -> pd.Series:
    """Months since year 0; missing where the time is."""
    return times.dt.year * 12 + times.dt.month - 1


def _before(dense: np.ndarray, fill: Any) -> np.ndarray:
    """Each unit's value in the month before."""
    shifted = np.full_like(dense, fill)
    shifted[:, 1:] = dense[:, :-1]
    return shifted


def _complaint_history(
    complaints: pd.DataFrame | None, customers: pd.Index, first: int, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Which customer-months follow a recent complaint, and which begin with an open one."""
    recent, unresolved = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    if complaints is None:
        return recent, unresolved
    known = complaints[complaints["received"].notna()]
    who = customers.get_indexer(pd.Index(known["customer_id"]))
    known, who = known[who >= 0], who[who >= 0]
    received = (_month_number(known["received"]) - first).to_numpy(dtype=np.int64)
    for lag in range(1, RECENT_MONTHS + 1):
        inside = (received + lag >= 0) & (received + lag < shape[1])
        recent[who[inside], received[inside] + lag] = True
    # Where a bank does not record the end of a complaint, its answer ends it.
    ended = known["resolved"] if known["resolved"].notna().any() else known["responded"]
    last = (_month_number(ended) - first).fillna(shape[1] - 1).to_numpy(dtype=np.int64)
    # Open at the start of each month after the one it came in, up to the one it ended in: +1 at
    # the first, -1 after the last, and a running sum counts the open complaints.
    from_month = np.clip(received + 1, 0, shape[1])
    to_month = np.clip(last + 1, 0, shape[1])
    lasting = to_month > from_month
    change = np.zeros((shape[0], shape[1] + 1), dtype=np.int32)
    np.add.at(change, (who[lasting], from_month[lasting]), 1)
    np.add.at(change, (who[lasting], to_month[lasting]), -1)
    return recent, change.cumsum(axis=1)[:, :-1] > 0


def _last_satisfaction(
    records: Records, customers: pd.Index, first: int, shape: tuple[int, int]
) -> np.ndarray:
    dense = np.full(shape, np.nan)
    if records.surveys is None:
        return dense
    surveys = records.surveys.dropna(subset=["answered", "satisfaction"]).sort_values("answered")
    who = customers.get_indexer(pd.Index(surveys["customer_id"]))
    month = (_month_number(surveys["answered"]) - first).to_numpy(dtype=np.int64)
    # A survey before the first month still is the last one before it.
    month = np.maximum(month, -1)
    inside = (who >= 0) & (month < shape[1] - 1)
    score = surveys["satisfaction"].to_numpy(dtype=float)
    dense[who[inside], month[inside] + 1] = score[inside]  # sorted: the last one written stays
    return pd.DataFrame(dense).ffill(axis=1).to_numpy()


def _about_customers(records: Records, customers: pd.Index) -> pd.DataFrame:
    if records.customers is None:
        empty = {"branch_id": pd.Series(dtype="str"), "age": pd.Series(dtype="Int64"),
                 "segment": pd.Series(dtype="str"),
                 "joined": pd.Series(dtype="datetime64[ns]")}  # fmt: skip
        return pd.DataFrame(empty).reindex(range(len(customers)))
    return records.customers.set_index("customer_id").reindex(customers).reset_index(drop=True)
