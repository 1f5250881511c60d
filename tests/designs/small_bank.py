"""A small bank drawn from known equations, for the tests of satisfaction, waiting and loyalty."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from svcquality.records.bank import Records

CUTS = np.array([-3.0, -1.8, -0.4, 1.4])
START = pd.Timestamp("2024-01-01")


def wait_index(wait: np.ndarray) -> np.ndarray:
    """Log odds: gentle below 20 minutes, steep above."""
    return -0.01 * wait - 0.03 * np.maximum(wait - 20, 0)


def visit_bank(
    seed: int,
    *,
    n: int = 3000,
    branches: int = 24,
    trained: float = 0.5,
    complaint: float = -0.8,
    **more: Any,
) -> tuple[Records, pd.DataFrame]:
    """Records, and the true P(satisfied) differences of each answer.

    Busy branches have better-liked staff, so that pooling the branches hides the wait.
    """
    rng = np.random.default_rng(seed)
    branch = rng.integers(branches, size=n)
    busy = np.linspace(0.6, 1.6, branches)
    wait = rng.gamma(2.0, 9.0 * busy[branch])
    day = rng.integers(0, 540, size=n)
    hour = rng.integers(9, 17, size=n)
    customer = rng.integers(600, size=n)
    age = rng.integers(20, 80, size=600)
    since = np.where(np.arange(branches) % 3 > 0, 90 + 15 * np.arange(branches) % 400, 10_000)
    is_trained = day > since[branch]
    complainers = rng.random(n) < 0.12
    rest = 1.2 * busy[branch] + 0.01 * (age[customer] - 50)
    index = wait_index(wait) + rest + trained * is_trained + complaint * complainers
    satisfaction = np.searchsorted(CUTS, index + logit(rng.uniform(size=n))) + 1

    def p(eta: np.ndarray) -> np.ndarray:
        return expit(eta - CUTS[2])

    base = index - wait_index(wait)
    truth = pd.DataFrame(
        {
            "wait_plus_10": p(base + wait_index(wait + 10)) - p(index),
            "from_5": p(base + wait_index(np.full(n, 15.0)))
            - p(base + wait_index(np.full(n, 5.0))),
            "from_20": p(base + wait_index(np.full(n, 30.0)))
            - p(base + wait_index(np.full(n, 20.0))),
            "branch_trained": p(index + trained * ~is_trained) - p(index - trained * is_trained),
            "recent_complaint": p(index + complaint * ~complainers)
            - p(index - complaint * complainers),
        }
    )
    arrived = START + pd.to_timedelta(day * 24 + hour, unit="h")
    visit = pd.Series([f"V{i}" for i in range(n)])
    name = pd.Series([f"网点（{b}）" for b in branch])
    who = pd.Series(
        [
            f"C{c}" if not odd else f"K{i}"
            for i, (c, odd) in enumerate(zip(customer, complainers, strict=True))
        ]
    )
    ages = pd.DataFrame({"customer_id": who, "age": age[customer]}).drop_duplicates("customer_id")
    frames = {
        "customers": ages.assign(segment="大众"),
        "visits": pd.DataFrame(
            {
                "visit_id": visit,
                "branch_id": name,
                "customer_id": who,
                "arrived": arrived,
                "called": arrived + pd.to_timedelta(wait * 60, unit="s"),
                "abandoned": False,
                "service_type": rng.choice(["cash", "card"], size=n),
                "channel": "counter",
            }
        ),
        "surveys": pd.DataFrame(
            {
                "survey_id": [f"S{i}" for i in range(n)],
                "visit_id": visit,
                "trigger": "visit",
                "invited": arrived + pd.Timedelta("2h"),
                "answered": arrived + pd.Timedelta("1D"),
                "satisfaction": satisfaction,
                "perceived_wait_minutes": wait * rng.lognormal(np.log(1.36), 0.3, size=n),
            }
        ),
        "complaints": pd.DataFrame(
            {
                "complaint_id": [f"P{i}" for i in range(int(complainers.sum()))],
                "customer_id": who[complainers].to_numpy(),
                "received": (arrived - pd.Timedelta("10D"))[complainers],
            }
        ),
        "training": pd.DataFrame(
            {
                "training_id": [f"T{b}" for b in range(branches) if since[b] < 9_000],
                "branch_id": [f"网点（{b}）" for b in range(branches) if since[b] < 9_000],
                "completed": [START + pd.Timedelta(days=int(d) + 1) for d in since if d < 9_000],
            }
        ),
    }
    return Records.from_frames(**{**frames, **more}), truth


def account_bank(
    seed: int, *, customers: int = 1500, months: int = 24, branches: int = 12
) -> tuple[Records, dict[str, float]]:
    """Records of closings, and the true average differences a customer-month.

    The young complain more and close more whatever they complain about.
    """
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 80, size=customers)
    young = (45 - age) / 30
    complained = rng.random((customers, months)) < expit(-3.6 + 1.2 * young)[:, None]
    recent = np.zeros_like(complained)
    for lag in (1, 2, 3):
        recent[:, lag:] |= complained[:, :-lag]
    base = -4.3 + 1.0 * young[:, None] + np.zeros((1, months))
    closes = rng.random((customers, months)) < expit(base + 0.9 * recent)
    at_risk = np.cumsum(closes, axis=1) - closes == 0
    truth = {"recent_complaint": float((expit(base + 0.9) - expit(base))[at_risk].mean())}
    who, when = np.nonzero(at_risk)
    month = pd.Series(pd.date_range(START, periods=months, freq="MS"))
    ids = np.array([f"客户{c}" for c in range(customers)])
    asks, at = np.nonzero(complained & at_risk)
    records = Records.from_frames(
        customers=pd.DataFrame(
            {
                "customer_id": ids,
                "branch_id": [f"B{c % branches}" for c in range(customers)],
                "joined": START - pd.to_timedelta(rng.integers(30, 3000, size=customers), unit="D"),
                "age": age,
                "segment": rng.choice(["大众", "贵宾"], size=customers),
            }
        ),
        accounts=pd.DataFrame(
            {
                "customer_id": ids[who],
                "month": month.to_numpy()[when],
                "balance": rng.lognormal(9, 1, size=len(who)),
                "products": rng.integers(1, 6, size=len(who)),
                "closed": closes[who, when],
            }
        ),
        complaints=pd.DataFrame(
            {
                "complaint_id": [f"P{i}" for i in range(len(asks))],
                "customer_id": ids[asks],
                "received": month.to_numpy()[at] + np.timedelta64(12, "D"),
                "resolved": month.to_numpy()[at] + np.timedelta64(15, "D"),
            }
        ),
    )
    return records, truth
