"""Customers who left and who stayed, with the surveys that they were sent."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from svcquality.checks.survivorship import survivorship_table
from svcquality.language import Text
from svcquality.records.bank import Records


@dataclass(frozen=True)
class Leavers:
    """One row a customer with an account, and the same in two rows: stayed, left."""

    each: pd.DataFrame
    table: pd.DataFrame


def leavers(bank: Records, rows: pd.DataFrame) -> Leavers | None:
    """Surveys of customers by whether they closed their account; None without accounts.

    Only the months in which invitations were sent count, as months and as departures.

    Parameters
    ----------
    bank : Records
    rows : DataFrame
        Invitations: ``customer_id, month, answers``.
    """
    if bank.accounts is None or rows["customer_id"].isna().all():
        return None
    months = rows["month"].dropna()
    accounts = bank.accounts
    accounts = accounts[accounts["month"].between(months.min(), months.max())]
    if accounts.empty:
        return None
    closed = accounts["closed"].fillna(False).astype(bool)
    each = accounts.assign(left=closed).groupby("customer_id").agg(
        left=("left", "max"), months=("month", "size")
    )  # fmt: skip
    sent = rows.dropna(subset=["customer_id"]).groupby("customer_id")["answers"]
    each["invited"] = sent.size().reindex(each.index, fill_value=0)
    each["answered"] = sent.sum().reindex(each.index, fill_value=0).astype(int)
    each = each.reset_index()
    words = {False: Text("留下的客户", "stayed"), True: Text("离开的客户", "left")}
    table = survivorship_table(each)
    table.insert(0, "label_zh", [words[bool(v)].zh for v in table["left"]])
    table.insert(1, "label_en", [words[bool(v)].en for v in table["left"]])
    return Leavers(each, table)
