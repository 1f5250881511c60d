"""The answers a hurried analyst would give: what each design is held against.

Every function returns a frame indexed by term with estimate, low, high.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from svcquality.records.panel import bank_months, branch_months, customer_months, survey_rows


def _frame(rows: dict[str, tuple[float, float, float]]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "low", "high"])


def _slope(y: pd.Series, x: pd.Series, times: float = 1.0) -> tuple[float, float, float]:
    """Least squares of y on x alone, independent errors."""
    both = pd.DataFrame({"y": y, "x": x}).astype(float).dropna()
    fit = sm.OLS(both["y"], sm.add_constant(both["x"])).fit()
    low, high = fit.conf_int().loc["x"]
    return fit.params["x"] * times, low * times, high * times


def satisfaction(records: Any, causes: Any) -> pd.DataFrame:
    """One linear regression a driver, all branches pooled."""
    rows = survey_rows(records)
    satisfied = rows["satisfied"].astype(float)
    return _frame(
        {
            "wait_plus_10": _slope(satisfied, rows["wait_minutes"], 10),
            "branch_trained": _slope(satisfied, rows["branch_trained"]),
            "recent_complaint": _slope(satisfied, rows["recent_complaint"]),
        }
    )


def waiting(records: Any, causes: Any) -> pd.DataFrame:
    """One straight line for every wait."""
    rows = survey_rows(records)
    line = _slope(rows["satisfied"].astype(float), rows["wait_minutes"], 10)
    return _frame(dict.fromkeys(("plus_10", "from_5", "from_20"), line))


def training(records: Any, causes: Any) -> pd.DataFrame:
    """Trained against untrained branch-months, as if training had been drawn by lot."""
    panel = branch_months(records)
    trained = (panel["month"] > panel["first_trained"]).astype(float)
    return _frame({"att": _slope(panel["complaints_per_1000_visits"], trained)})


def policy(records: Any, causes: Any) -> pd.DataFrame:
    """After against before, no trend and no season."""
    row = records.interventions.query("kind == 'policy'").iloc[0]
    months = bank_months(records, where={"business": row["business"]})
    after = (months["month"] >= row["date"]).astype(float)
    fit = sm.GLM(
        months["complaints"].astype(float),
        sm.add_constant(after),
        family=sm.families.Poisson(),
        offset=np.log(months["customers"].astype(float)),
    ).fit()
    low, high = fit.conf_int().iloc[1]
    return _frame({"level": tuple(np.exp([fit.params.iloc[1], low, high]))})


def loyalty(records: Any, causes: Any) -> pd.DataFrame:
    """Closing rates of those with and without, nothing held equal."""
    rows = customer_months(records)
    closed = rows["closed"].astype(float)
    return _frame(
        {
            "recent_complaint": _slope(closed, rows["complaint_last_3_months"]),
            "unresolved": _slope(closed, rows["unresolved"]),
        }
    )


def cause_shares(records: Any, causes: Any) -> pd.DataFrame:
    """Count what the model says, as if it never erred."""
    family = causes.primary.map(causes.family_of)
    n = len(family)
    rows = {}
    for name, count in family.value_counts().items():
        low, high = proportion_confint(count, n, method="wilson")
        rows[f"family_{name}"] = (count / n, low, high)
    return _frame(rows)


def cause_cost(records: Any, causes: Any) -> pd.DataFrame:
    """Compare satisfaction by the model's cause, as if it never erred."""
    surveys = records.surveys.dropna(subset=["complaint_id", "satisfied"])
    family = surveys["complaint_id"].map(causes.primary.map(causes.family_of))
    satisfied = surveys["satisfied"].astype(float)
    return _frame(
        {f"family_{name}": _slope(satisfied, family == name) for name in family.dropna().unique()}
    )


METHODS = {
    "satisfaction": satisfaction,
    "waiting": waiting,
    "training": training,
    "policy": policy,
    "loyalty": loyalty,
    "cause_shares": cause_shares,
    "cause_cost": cause_cost,
}
