"""Groups of answers: which are large enough to be shown, their words and their clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.designs._non_response_clusters import CLUSTERS_NEEDED
from svcquality.designs._non_response_model import FLAG_WORDS, KINDS
from svcquality.errors import InputError
from svcquality.findings import Check
from svcquality.language import Text, plain
from svcquality.records.bank import Records
from svcquality.records.tables import CODE_WORDS

FEWEST = 30
"""Answers that a group needs to be shown."""
HIDDEN_SHARE = 0.10
NOT_GROUPS = ("survey_id", "customer_id", "answered", "invited", "days", "open", "answers")
OF_THE_BRANCH = ("region", "kind")
TITLES = {
    **KINDS,
    "branch_id": Text("网点", "branch"),
    "month": Text("月份", "month"),
    "region": Text("地区", "region"),
    "kind": Text("网点类型", "kind of branch"),
}


@dataclass(frozen=True)
class Groups:
    """The groups of a finding.

    Parameters
    ----------
    by : str
        What they are groups of; empty for none.
    of : Series of str, shape (n,)
        Group of each row; missing where it is not shown.
    labels : dict of str to Text
        The groups shown, in order: months in time, others by their number of answers.
    hidden : int
        Groups with too few answers, one for those without a group.
    hidden_answers : int
        Their answers.
    nested : bool
        Whether a group lies within few branches, which are then described as they are.
    """

    by: str
    of: pd.Series
    labels: dict[str, Text]
    hidden: int
    hidden_answers: int
    nested: bool

    @property
    def title(self) -> Text:
        """What the groups are groups of."""
        return TITLES.get(self.by, plain(self.by))

    def inside(self, name: str) -> np.ndarray:
        """Rows of one group, shape (n,)."""
        return (self.of == name).fillna(False).to_numpy(dtype=bool)


def grouped(bank: Records, rows: pd.DataFrame, by: str | None, told: np.ndarray) -> Groups:
    """Group rows; small groups are hidden and counted.

    Parameters
    ----------
    by : str or None
        A column of the answers, or ``region`` or ``kind`` of the branch.
    told : ndarray of bool, shape (n,)
        Rows with an answer.

    Raises
    ------
    InputError
        If there is no such column, or fewer than two groups are large enough.
    """
    if by is None:
        return Groups("", pd.Series(pd.NA, index=rows.index, dtype="str"), {}, 0, 0, False)
    of = _column(bank, rows, by)
    count = of[told].value_counts()
    shown = count.index[count >= FEWEST]
    if len(shown) < 2:
        raise InputError(
            f"Fewer than two groups of {by!r} have {FEWEST} answers; group by something coarser or "
            "use a longer period.",
            f"按“{by}”分组后，答复满 {FEWEST} 份的组不足两个；请改用较粗的分组或延长时间范围。",
        )
    order = sorted(shown) if by == "month" else list(shown)
    kept = of.where(of.isin(order))
    lost = told & kept.isna().to_numpy()
    hidden = int((count < FEWEST).sum()) + int(bool((told & of.isna().to_numpy()).any()))
    branches = rows["branch_id"].groupby(kept).nunique()
    nested = by == "branch_id" or bool((branches < CLUSTERS_NEEDED).any())
    labels = {name: FLAG_WORDS.get(name) or CODE_WORDS.get(name) or plain(name) for name in order}
    return Groups(by, kept, labels, hidden, int(lost.sum()), nested)


def _column(bank: Records, rows: pd.DataFrame, by: str) -> pd.Series:
    if by == "month":
        return rows["month"].dt.strftime("%Y-%m").astype("str")
    if by in OF_THE_BRANCH and by not in rows and bank.branches is not None:
        of_branch = bank.branches.set_index("branch_id")[by]
        return rows["branch_id"].map(of_branch).astype("str")
    if by not in rows or by in NOT_GROUPS:
        known = [str(c) for c in rows if c not in NOT_GROUPS]
        raise InputError(
            f"Answers cannot be grouped by {by!r}; use one of {', '.join(known)}, region or kind.",
            f"无法按“{by}”给答复分组；可用：{'、'.join(known)}、region 或 kind。",
        )
    values = rows[by]
    words = values.astype("string")
    return (words.str.lower() if values.dtype == "boolean" else words).astype("str")


def small_groups(groups: Groups, answers: int) -> Check:
    """Say how many groups are not shown; warn when they hold more than a tenth of the answers."""
    share = groups.hidden_answers / answers if answers else 0.0
    if not groups.hidden:
        text = Text(
            f"每组均有至少 {FEWEST} 份答复。", f"Every group has at least {FEWEST} answers."
        )
    else:
        text = Text(
            f"{groups.hidden:,} 组因答复少于 {FEWEST} 份或没有分组记录而不显示"
            f"（共 {groups.hidden_answers:,} 份，占 {share:.1%}）；总体数值包含它们。",
            f"{groups.hidden:,} groups with fewer than {FEWEST} answers, or without a group on "
            f"record, are not shown ({groups.hidden_answers:,} answers, {share:.1%}); the totals "
            "include them.",
        )
    return Check(
        "small_groups", "warn" if share > HIDDEN_SHARE else "passed", text, share, HIDDEN_SHARE
    )
