"""The answers a hurried analyst would give: what each design is held against.

Every function returns a frame indexed by term with estimate, low, high. `METHODS` holds one for each
design, `IN_WORLD` those for a world whose trap is another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from svcquality.records.panel import bank_months, branch_months, customer_months, survey_rows

Method = Callable[[Any, Any], pd.DataFrame]


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
    return _drivers(records, "wait_minutes")


def satisfaction_as_remembered(records: Any, causes: Any) -> pd.DataFrame:
    """The same, with the wait that the customer remembers."""
    return _drivers(records, "perceived_wait_minutes")


def _drivers(records: Any, wait: str) -> pd.DataFrame:
    rows = survey_rows(records)
    satisfied = rows["satisfied"].astype(float)
    return _frame(
        {
            "wait_plus_10": _slope(satisfied, rows[wait], 10),
            "branch_trained": _slope(satisfied, rows["branch_trained"]),
            "recent_complaint": _slope(satisfied, rows["recent_complaint"]),
        }
    )


def satisfaction_of_few(records: Any, causes: Any) -> pd.DataFrame:
    """Branches and months held equal, errors clustered as if twelve branches were many (CR1, 1.96)."""
    return _held_equal(records, ["wait_minutes", "branch_trained", "recent_complaint"])


def _held_equal(records: Any, names: list[str]) -> pd.DataFrame:
    rows = survey_rows(records)
    rows = rows[rows["wait_minutes"].notna()].reset_index(drop=True)
    equal = pd.get_dummies(rows[["branch_id", "month"]].astype("str"), drop_first=True)
    X = pd.concat([rows[names].astype(float), equal.astype(float)], axis=1)
    fit = sm.OLS(rows["satisfied"].astype(float), sm.add_constant(X)).fit(
        cov_type="cluster", cov_kwds={"groups": rows["branch_id"].astype("category").cat.codes}
    )
    limits = fit.conf_int()
    times = {name: 10.0 if name == "wait_minutes" else 1.0 for name in names}
    return _frame(
        {
            "wait_plus_10" if n == "wait_minutes" else n: (
                fit.params[n] * k, limits.loc[n, 0] * k, limits.loc[n, 1] * k,
            )
            for n, k in times.items()
        }
    )  # fmt: skip


def waiting(records: Any, causes: Any) -> pd.DataFrame:
    """One straight line for every wait; who was informed or overtaken against who was not."""
    rows = survey_rows(records)
    satisfied = rows["satisfied"].astype(float)
    found = {"informed": _slope(satisfied, rows["announced_minutes"].notna())}
    if rows["priority"].notna().any():
        visit = rows["survey_id"].map(records.surveys.set_index("survey_id")["visit_id"])
        found["overtaken"] = _slope(satisfied, visit.map(_overtaken(records.visits)))
    return _frame(_line(satisfied, rows["wait_minutes"]) | found)


def _overtaken(visits: pd.DataFrame) -> pd.Series:
    """By visit: whether somebody who came later to the branch that day was called before."""
    served = visits.dropna(subset=["called"]).sort_values("arrived", kind="stable")
    day = [served["branch_id"], served["arrived"].dt.normalize()]
    called = served["called"].astype("int64")
    earliest_later = called[::-1].groupby([part[::-1] for part in day]).cummin()[::-1]
    return (called > earliest_later).astype(float).set_axis(served["visit_id"])


def waiting_as_remembered(records: Any, causes: Any) -> pd.DataFrame:
    """One straight line over the waits that customers remember."""
    rows = survey_rows(records)
    return _frame(_line(rows["satisfied"].astype(float), rows["perceived_wait_minutes"]))


def waiting_of_few(records: Any, causes: Any) -> pd.DataFrame:
    """Branches and months held equal, errors clustered as if twelve branches were many."""
    line = _held_equal(records, ["wait_minutes"]).loc["wait_plus_10"]
    return pd.DataFrame([line] * 4, index=list(LINE))


LINE = ("plus_10", "from_5", "from_20", "from_40")


def _line(satisfied: pd.Series, wait: pd.Series) -> dict[str, tuple[float, float, float]]:
    return dict.fromkeys(LINE, _slope(satisfied, wait, 10))


def recommendation(records: Any, causes: Any) -> pd.DataFrame:
    """The score of those who answered, as if they were a sample of all."""
    given = survey_rows(records)["recommendation"].dropna().astype(float)
    points = 100.0 * ((given >= 9).astype(float) - (given <= 6).astype(float))
    reach = 1.96 * points.std() / np.sqrt(len(points))
    return _frame({"nps": (points.mean(), points.mean() - reach, points.mean() + reach)})


def non_response(records: Any, causes: Any) -> pd.DataFrame:
    """The share of those who answered, as if the others thought alike."""
    surveys = records.surveys
    satisfied = surveys.loc[surveys["trigger"] != "complaint", "satisfied"].dropna().astype(float)
    n = len(satisfied)
    low, high = proportion_confint(satisfied.sum(), n, method="wilson")
    return _frame({"weighted": (satisfied.mean(), low, high)})


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


METHODS: dict[str, Method] = {
    "satisfaction": satisfaction,
    "waiting": waiting,
    "recommendation": recommendation,
    "non_response": non_response,
    "training": training,
    "policy": policy,
    "loyalty": loyalty,
    "cause_shares": cause_shares,
    "cause_cost": cause_cost,
}

IN_WORLD: dict[tuple[str, str], Method] = {
    ("satisfaction", "mood_colours_memory"): satisfaction_as_remembered,
    ("waiting", "mood_colours_memory"): waiting_as_remembered,
    ("satisfaction", "few_branches"): satisfaction_of_few,
    ("waiting", "few_branches"): waiting_of_few,
}


def answer(design: str, world: str, records: Any, causes: Any) -> pd.DataFrame:
    """The naive answer of a design in a world."""
    return IN_WORLD.get((design, world), METHODS[design])(records, causes)
