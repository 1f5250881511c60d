"""The panel of customers: who they are, and when they were with the bank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from svcquality.simulate.complaints import pick
from svcquality.simulate.profile import Profile
from svcquality.simulate.satisfaction import REFERENCE_AGE
from svcquality.simulate.shared import value


@dataclass(frozen=True)
class Panel:
    """Panel customers in order of branch, equally many a branch.

    ``joined`` is the month index of joining, negative before the window.
    """

    branch: np.ndarray
    joined: np.ndarray
    age: np.ndarray
    segment: np.ndarray
    products: np.ndarray
    log_balance: np.ndarray


def make_panel(profile: Profile, months: int, rng: np.random.Generator) -> Panel:
    """Draw the customers and their balances, (customers, months) in log yuan."""
    n = profile.branches * profile.customers_per_branch
    segment = pick(dict(profile.segments), n, rng)
    age = np.clip(np.round(profile.age_mean + profile.age_spread * rng.standard_normal(n)), 18, 90)
    before = np.ceil(12 * profile.tenure_years * rng.standard_exponential(n)).astype(np.int64)
    # Nobody has been a customer since before the age of 16.
    before = np.minimum(before, ((age - 16) * 12).astype(np.int64))
    within = rng.random(n) < profile.joining
    joined = np.where(within, rng.integers(0, months, size=n), -np.maximum(before, 1))
    products = np.clip(1 + rng.poisson(_more_products(age)), 1, 8)
    mean = np.array([profile.log_balance[s] for s in segment]) + value("balance_products") * (
        products - 2
    )
    level = mean + value("balance_spread") * rng.standard_normal(n)
    walk = np.cumsum(value("balance_walk") * rng.standard_normal((n, months)), axis=1)
    # Many balances do not move in a month; the others follow a slow walk.
    still = rng.random((n, months)) < value("balance_still")
    still[:, 0] = False
    last = np.maximum.accumulate(np.where(still, 0, np.arange(months)), axis=1)
    balance = level[:, None] + np.take_along_axis(walk, last, axis=1)
    yuan = np.round(np.exp(balance) / 100) * 100
    return Panel(
        branch=np.repeat(np.arange(profile.branches), profile.customers_per_branch),
        joined=joined,
        age=age,
        segment=segment,
        products=products,
        log_balance=np.log1p(yuan),
    )


def _more_products(age: np.ndarray) -> np.ndarray:
    return np.maximum(value("products_mean") + value("products_age") * (age - REFERENCE_AGE), 0)
