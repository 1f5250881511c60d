"""What moves together in a description of a bank's customers: customers, or branches where sampled.

Where every branch of the bank is surveyed, branches are no sample: how they differ is part of what
is described, not an error (Abadie, Athey, Imbens & Wooldridge 2023, Quarterly J. Economics 138).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from svcquality.checks.clusters import cluster_count
from svcquality.designs._rows import CLUSTER_UNITS
from svcquality.errors import InputError
from svcquality.findings import Check
from svcquality.language import Text
from svcquality.models.matrix import MISSING
from svcquality.records.bank import Records

Branches = Literal["auto", "given", "sampled"]
CLUSTERS_NEEDED = 8
ALL_BRANCHES = 0.9
"""Part of the known branches that must be surveyed for them to be taken as given."""


@dataclass(frozen=True)
class Clusters:
    """How errors are clustered.

    Parameters
    ----------
    column : str
        ``branch_id``, ``customer_id``, or empty for answers that are independent.
    given : bool
        Whether the branches are taken as given.
    once : bool
        Whether every customer is known to have been asked once only.
    """

    column: str
    given: bool
    once: bool

    @property
    def kind(self) -> str:
        """Kind of error, for the table."""
        return f"CR1 by {self.column}" if self.column else "HC1"

    @property
    def words(self) -> Text:
        """Kind of error, for the method."""
        how = {
            "branch_id": Text("误差按网点聚类（CR1）", "errors clustered by branch (CR1)"),
            "customer_id": Text("误差按客户聚类（CR1）", "errors clustered by customer (CR1)"),
            "": Text("误差按各份问卷相互独立计算（HC1）", "errors of independent surveys (HC1)"),
        }[self.column]
        if not self.given:
            return how
        return Text(f"{how.zh}，网点视为给定", f"{how.en}, the branches surveyed taken as given")

    def of(self, rows: pd.DataFrame) -> pd.Series | None:
        """Each row's cluster; a missing one is a cluster of its own kind."""
        return rows[self.column].astype("string").fillna(MISSING) if self.column else None

    def within_branches(self, rows: pd.DataFrame) -> Clusters:
        """For groups that lie within few branches, which cannot be clusters of their own."""
        return self if self.column != "branch_id" else _given(rows)

    def check(self, clusters: int | None) -> Check:
        """Whether there are enough."""
        if self.once and not self.column:
            return Check(
                "cluster_count",
                "passed",
                Text(
                    "每位客户只受访一次，误差按各份问卷相互独立计算。",
                    "Every customer was asked once: the errors treat surveys as independent.",
                ),
            )
        return cluster_count(clusters, CLUSTER_UNITS[self.column or "branch_id"])


def clusters_of(bank: Records, rows: pd.DataFrame, branches: Branches) -> Clusters:
    """Choose what errors are clustered by.

    Parameters
    ----------
    bank : Records
    rows : DataFrame
        Invitations or answers: ``branch_id``, ``customer_id``.
    branches : {"auto", "given", "sampled"}
        ``auto``: given where at least nine in ten known branches are surveyed. Sampled branches need
        to be at least eight to be clusters. Where customers are not known, branches are.

    Raises
    ------
    InputError
        If ``branches`` is none of these.
    """
    if branches not in get_args(Branches):
        raise InputError(
            f"Branches are 'auto', 'given' or 'sampled', not {branches!r}.",
            f"branches 应为 auto、given 或 sampled，而不是 {branches!r}。",
        )
    customers = rows["customer_id"]
    enough = rows["branch_id"].nunique() >= CLUSTERS_NEEDED
    sampled = branches == "sampled" or (branches == "auto" and not _complete(bank, rows))
    if enough and (sampled or customers.isna().any()):
        return Clusters("branch_id", False, False)
    return _given(rows)


def _given(rows: pd.DataFrame) -> Clusters:
    customers = rows["customer_id"]
    if customers.isna().any():
        return Clusters("", True, False)
    often = CLUSTERS_NEEDED <= customers.nunique() < len(rows)
    return Clusters("customer_id" if often else "", True, not customers.duplicated().any())


def _complete(bank: Records, rows: pd.DataFrame) -> bool:
    """Whether nearly all branches that the records know are surveyed."""
    tables = [bank.branches] if bank.branches is not None else [bank.visits, bank.complaints]
    known = set[str]().union(*(set(t["branch_id"].dropna()) for t in tables if t is not None))
    seen = known & set(rows["branch_id"].dropna())
    return len(seen) >= ALL_BRANCHES * len(known)
