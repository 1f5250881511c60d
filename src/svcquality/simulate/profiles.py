"""Three banks in numbers."""

from __future__ import annotations

from svcquality.errors import InputError
from svcquality.simulate import taxonomy as tx
from svcquality.simulate.profile import ASSUMED, Profile

STATE = Profile("state")

JOINT_STOCK = Profile(
    "joint_stock",
    branches=24,
    customers_per_branch=600,
    complaints_per_outlet_month=19.5,
    visits_per_branch_month=1_100.0,
    customers_per_outlet=44_000,
    planned_utilisation=0.70,
    reasons={
        tx.RULES: 0.369, tx.COLLECTION: 0.312, tx.MARKETING: 0.144, tx.SERVICE: 0.096,
        tx.PRICING: 0.030, tx.FACILITIES: 0.015, tx.RETURNS: 0.010, tx.DISCLOSURE: 0.008,
        tx.FUNDS: 0.006, tx.PRIVACY: 0.005, tx.OTHER: 0.005,
    },
    hidden_in_rules={tx.SERVICE: 0.080, tx.OTHER: 0.020, tx.RETURNS: 0.005, tx.PRIVACY: 0.010},
    misrecorded=0.10,
    loan_share={"X1": 0.2, "X2": 0.3, "X3": 1.0},
    channels={"hotline": 0.62, "online": 0.18, "mobile": 0.12, "counter": 0.03, "regulator": 0.05},
    age_mean=40.0,
    age_spread=12.0,
    segments={"mass": 0.62, "affluent": 0.30, "private": 0.08},
    sources={
        "complaints_per_outlet_month": "CIB 2022: 19.5 per outlet-month, all channels",
        "reasons": "mean of CIB 2022 (rules 39.8, collection 39.4, marketing 15.9, service 2.1) and "
        "Hua Xia 2022 (34, 23, 13, 17); small reasons divided by ASSUMPTION",
        "customers_per_outlet": ASSUMED,
        "planned_utilisation": "ASSUMED: shorter waits than the state bank's (14 against 41 minutes, "
        "Beijing 2007, selected hours)",
    },
)  # fmt: skip

RURAL = Profile(
    "rural",
    branches=40,
    complaints_per_outlet_month=0.8,
    visits_per_branch_month=1_300.0,
    customers_per_outlet=25_000,
    planned_utilisation=0.76,
    reasons={
        tx.SERVICE: 0.286, tx.RULES: 0.256, tx.COLLECTION: 0.218, tx.FACILITIES: 0.105,
        tx.PRICING: 0.045, tx.MARKETING: 0.045, tx.DISCLOSURE: 0.012, tx.FUNDS: 0.010,
        tx.RETURNS: 0.005, tx.PRIVACY: 0.005, tx.OTHER: 0.013,
    },
    hidden_in_rules={tx.SERVICE: 0.050, tx.OTHER: 0.020, tx.PRIVACY: 0.005, tx.RETURNS: 0.005},
    misrecorded=0.15,
    loan_share={"X1": 0.4, "X2": 0.7, "X3": 1.0},
    channels={"counter": 0.80, "hotline": 0.12, "online": 0.03, "mobile": 0.03, "regulator": 0.02},
    age_mean=54.0,
    age_spread=14.0,
    segments={"mass": 0.88, "affluent": 0.11, "private": 0.01},
    sources={
        "complaints_per_outlet_month": f"{ASSUMED}: below the state bank's",
        "reasons": "Shuyang rural commercial bank 2022, n = 133; free choice (4.5%) is counted with "
        "marketing; small reasons divided by ASSUMPTION",
        "channels": "Shuyang 2022: 80% raised in the branch; the rest ASSUMED",
        "customers_per_outlet": ASSUMED,
        "planned_utilisation": f"{ASSUMED}: moderate waits",
    },
)  # fmt: skip

PROFILES: dict[str, Profile] = {p.name: p for p in (STATE, JOINT_STOCK, RURAL)}


def find_profile(name: str) -> Profile:
    """The profile of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in PROFILES:
        raise InputError(
            f"There is no bank profile {name!r}; choose one of {', '.join(PROFILES)}.",
            f"没有名为 {name!r} 的银行类型；可选：{'、'.join(PROFILES)}。",
        )
    return PROFILES[name]
