"""Were only those customers surveyed who stayed?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.errors import InputError
from svcquality.findings import Check
from svcquality.language import Text

LEAST_RATIO = 0.8
"""Leavers invited at less than this part of the stayers' rate are under-represented."""
FEWEST_LEAVERS = 20
NEEDED = ("customer_id", "left", "months", "invited", "answered")


def survivorship_table(customers: pd.DataFrame) -> pd.DataFrame:
    """How often those who left and those who stayed were surveyed, per month as customers.

    Parameters
    ----------
    customers : DataFrame
        One row a customer: ``customer_id``, ``left`` (closed within the period), ``months`` (as a
        customer within the period), ``invited`` and ``answered`` (surveys).

    Returns
    -------
    DataFrame
        ``left, customers, months, invited, answered, invited_per_100_months,
        answered_per_100_months``, one row for those who stayed and one for those who left.

    Raises
    ------
    InputError
        If a column is missing.
    """
    missing = [name for name in NEEDED if name not in customers]
    if missing:
        raise InputError(
            f"To see whether leavers were surveyed, the column {missing[0]!r} is needed.",
            f"要判断离开的客户是否被调查，需要列 {missing[0]!r}。",
        )
    left = customers["left"].astype(bool)
    table = customers.groupby(left)[["months", "invited", "answered"]].sum()
    table.insert(0, "customers", customers.groupby(left).size())
    table = table.reindex(pd.Index([False, True], name="left"), fill_value=0).astype(float)
    at_risk = table["months"].where(table["months"] > 0)
    for name in ("invited", "answered"):
        table[f"{name}_per_100_months"] = 100 * table[name] / at_risk
    return table.reset_index()


def survivorship(customers: pd.DataFrame) -> Check:
    """Warn when those who left were invited clearly less often while they were customers.

    The ratio of the two rates of invitation per month as a customer, with an interval on its
    logarithm whose variance is that of the sums over customers, so that a customer invited many
    times counts once.

    Parameters
    ----------
    customers : DataFrame
        As for `survivorship_table`.

    Raises
    ------
    InputError
        As `survivorship_table`.
    """
    stayed, left = survivorship_table(customers).to_dict("records")
    if left["customers"] < FEWEST_LEAVERS or stayed["invited"] == 0:
        return Check(
            "survivorship",
            "passed",
            Text(
                f"观察期内离开的客户只有 {left['customers']:,.0f} 名，无从比较。",
                f"Only {left['customers']:,.0f} customers left within the period: too few to "
                "compare.",
            ),
        )
    ratio = left["invited_per_100_months"] / stayed["invited_per_100_months"]
    facts = Text(
        f"离开的 {left['customers']:,.0f} 名客户在离开前每百客户月受邀 "
        f"{left['invited_per_100_months']:.1f} 次，留下的客户为 "
        f"{stayed['invited_per_100_months']:.1f} 次",
        f"The {left['customers']:,.0f} customers who left were invited "
        f"{left['invited_per_100_months']:.1f} times per 100 months as customers, those who stayed "
        f"{stayed['invited_per_100_months']:.1f} times",
    )
    few = ratio == 0 or _log_ratio_high(customers, ratio) < LEAST_RATIO
    return Check(
        "survivorship",
        "warn" if few else "passed",
        Text(
            facts.zh + ("：调查主要反映留下的客户，满意度可能偏高。" if few else "。"),
            facts.en
            + (
                ": the survey speaks mainly of those who stayed, and may look too good."
                if few
                else "."
            ),
        ),
        float(ratio),
        LEAST_RATIO,
    )


def _log_ratio_high(customers: pd.DataFrame, ratio: float) -> float:
    """Upper end of the 95% interval of the ratio of rates."""
    variance = 0.0
    for _, rows in customers.groupby(customers["left"].astype(bool)):
        rate = rows["invited"].sum() / rows["months"].sum()
        rest = rows["invited"] - rate * rows["months"]
        variance += float((rest**2).sum() / rows["invited"].sum() ** 2)
    return float(ratio * np.exp(stats.norm.ppf(0.975) * np.sqrt(variance)))
