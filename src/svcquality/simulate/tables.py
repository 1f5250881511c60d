"""From what was simulated to the tables that a bank would export."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.simulate.customers import Life
from svcquality.simulate.months import MISSING, Calendar
from svcquality.simulate.network import NEVER, Network, Schedule, policy_month
from svcquality.simulate.panel import Panel
from svcquality.simulate.profile import Profile
from svcquality.simulate.tickets import Tickets

REGIONS = ("east", "north", "south", "west")
TRAINING_HOURS = 8.0


def names(prefix: str, count: int, digits: int) -> np.ndarray:
    """``prefix`` and a number from 1, as an array of str objects."""
    return np.array([f"{prefix}{i:0{digits}d}" for i in range(1, count + 1)], dtype=object)


def branch_table(network: Network, profile: Profile, calendar: Calendar) -> pd.DataFrame:
    """One row a branch; all were open before the window and stay so."""
    b = profile.branches
    return pd.DataFrame(
        {
            "branch_id": names("B", b, 3),
            "region": np.array(REGIONS, dtype=object)[np.arange(b) % len(REGIONS)],
            "kind": np.where(network.visits.mean(axis=1) > profile.visits_per_branch_month, "large", "small"),
            "windows": network.windows.max(axis=1) + 1,
            "opened": calendar.dates(-12 * (3 + np.arange(b) % 15)),
        }
    )  # fmt: skip


def customer_table(panel: Panel, calendar: Calendar, branch_id: np.ndarray) -> pd.DataFrame:
    """One row a panel customer."""
    return pd.DataFrame(
        {
            "customer_id": names("K", len(panel.branch), 6),
            "branch_id": branch_id[panel.branch],
            "joined": calendar.dates(panel.joined),
            "age": panel.age.astype(np.int64),
            "segment": panel.segment,
        }
    )


def visit_table(
    tickets: Tickets, life: Life, profile: Profile, calendar: Calendar, branch_id: np.ndarray,
    customer_id: np.ndarray,
) -> pd.DataFrame:  # fmt: skip
    """The ticket log."""
    per = profile.staff_per_branch
    staff_id = np.array(
        [f"{b}-S{s + 1}" for b in branch_id for s in range(per)] + [None], dtype=object
    )
    gone = tickets.abandoned

    def served(seconds: np.ndarray) -> np.ndarray:
        return calendar.times(np.where(gone, MISSING, seconds))

    return pd.DataFrame(
        {
            "visit_id": names("V", len(tickets.branch), 7),
            "branch_id": branch_id[tickets.branch],
            "customer_id": customer_id[life.ticket_customer],
            "staff_id": staff_id[np.where(gone, -1, tickets.branch * per + tickets.staff)],
            "channel": tickets.channel,
            "service_type": tickets.service_type,
            "arrived": calendar.times(tickets.arrived),
            "called": served(tickets.called),
            "started": served(tickets.started),
            "ended": served(tickets.ended),
            "abandoned": gone,
            **({"priority": tickets.first} if profile.first_segments else {}),
            "announced_minutes": tickets.announced,
        }
    )


def complaint_table(
    complaints: pd.DataFrame, life: Life, texts: list[str], coded: np.ndarray, calendar: Calendar,
    branch_id: np.ndarray, customer_id: np.ndarray,
) -> pd.DataFrame:  # fmt: skip
    """Complaints as the bank holds them at the end of the window; later answers are still to come."""
    end = calendar.edges[-1]

    def by_now(name: str) -> np.ndarray:
        seconds = complaints[name].to_numpy()
        return calendar.times(np.where(seconds < end, seconds, MISSING))

    n = len(complaints)
    return pd.DataFrame(
        {
            "complaint_id": names("C", n, 6),
            "received": calendar.times(complaints["received"].to_numpy()),
            "responded": by_now("responded"),
            "resolved": by_now("resolved"),
            "channel": complaints["channel"],
            "business": complaints["business"],
            "branch_id": branch_id[complaints["branch"]],
            "customer_id": customer_id[life.complaint_customer],
            "text": texts,
            "recorded_cause": complaints["recorded_cause"],
            "coded_cause": complaints["primary"].where(coded),
            "coding_probability": coded.sum() / n,
            "definition_version": complaints["version"],
            "reopened": complaints["reopened"] | (complaints["repeats"] >= 0),
            "escalated": complaints["escalated"],
            "compensation": complaints["compensation"],
        }
    )


def survey_table(
    life: Life, calendar: Calendar, branch_id: np.ndarray, customer_id: np.ndarray,
    visit_id: np.ndarray, complaint_id: np.ndarray, items: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """Invitations; ratings only where they were answered."""
    s = life.surveys
    answered = (s["answered"] != MISSING).to_numpy()
    visit = (s["trigger"] == "visit").to_numpy()
    row = s["row"].to_numpy()

    def rated(name: str) -> pd.Series:
        return s[name].astype("Int64").where(answered)

    return pd.DataFrame(
        {
            "survey_id": names("S", len(s), 6),
            "customer_id": customer_id[s["customer"]],
            "branch_id": branch_id[s["branch"]],
            "visit_id": _known(visit_id[np.where(visit, row, 0)], visit),
            "complaint_id": _known(complaint_id[np.where(visit, 0, row)], ~visit),
            "trigger": s["trigger"],
            "invited": calendar.times(s["invited"].to_numpy()),
            "answered": calendar.times(s["answered"].to_numpy()),
            "satisfaction": rated("satisfaction"),
            "satisfied": (s["satisfaction"] >= 4).astype("boolean").where(answered),
            "recommendation": rated("recommendation"),
            "effort": rated("effort"),
            "perceived_wait_minutes": s["perceived_wait_minutes"].where(answered),
            **{name: points.astype("Int64").where(answered) for name, points in items.items()},
        }
    )


def _known(names_: np.ndarray, where: np.ndarray) -> np.ndarray:
    out = names_.copy()
    out[~where] = None
    return out


def training_table(
    plan: Schedule, profile: Profile, calendar: Calendar, branch_id: np.ndarray
) -> pd.DataFrame:
    """All staff of a branch complete the course on one day of the month before the first exposure."""
    trained = np.flatnonzero(plan.first != NEVER)
    branch = np.repeat(trained, profile.staff_per_branch)
    staff = np.tile(np.arange(profile.staff_per_branch), len(trained))
    return pd.DataFrame(
        {
            "training_id": names("T", len(branch), 4),
            "branch_id": branch_id[branch],
            "staff_id": [f"{branch_id[b]}-S{s + 1}" for b, s in zip(branch, staff, strict=True)],
            "module": "service",
            "hours": TRAINING_HOURS,
            "completed": calendar.times(plan.completed(calendar)[branch]),
        }
    )


def intervention_table(calendar: Calendar) -> pd.DataFrame:
    """The loan policy, and a system release that changes nothing."""
    policy, release = policy_month(calendar.months), (5 * calendar.months) // 6
    return pd.DataFrame(
        {
            "intervention_id": ["I1", "I2"],
            "name": ["个人贷款审批与定价新规", "手机银行新版上线"],
            "date": calendar.dates(np.array([policy, release])),
            "announced": calendar.dates(np.array([policy - 1, release - 1])),
            "kind": ["policy", "system_release"],
            "scope": "all",
            "business": ["loan", "mobile"],
        }
    )


def account_table(
    panel: Panel, life: Life, calendar: Calendar, customer_id: np.ndarray
) -> pd.DataFrame:
    """Customer by month from joining, or the start of the window, to closing or its end."""
    months = np.arange(calendar.months)
    there = (panel.joined[:, None] <= months) & (months <= life.closed_month[:, None])
    who, month = np.nonzero(there)
    return pd.DataFrame(
        {
            "customer_id": customer_id[who],
            "month": calendar.dates(months)[month],
            "balance": np.round(np.expm1(panel.log_balance[who, month])),
            "products": panel.products[who],
            "closed": life.closed_month[who] == month,
        }
    )


def denominator_table(
    network: Network, profile: Profile, calendar: Calendar, branch_id: np.ndarray
) -> pd.DataFrame:
    """Monthly counts: visits by branch; visits, customers, borrowers and outlets of the bank.

    Customers are the whole base that the panel stands for.
    """
    b, t = network.visits.shape
    months = calendar.dates(np.arange(t))
    by_branch = pd.DataFrame(
        {
            "month": np.tile(months, b), "unit": "branch", "unit_id": np.repeat(branch_id, t),
            "measure": "visits", "value": network.visits.ravel().astype(float),
        }
    )  # fmt: skip
    customers = np.round(
        profile.customers_per_outlet * b * (1 + profile.customer_growth) ** np.arange(t)
    )
    bank = {
        "visits": network.visits.sum(axis=0).astype(float),
        "customers": customers,
        "borrowers": np.round(profile.borrowers_share * customers),
        "outlets": np.full(t, float(b)),
    }
    whole = [
        pd.DataFrame({"month": months, "unit": "bank", "unit_id": "all", "measure": m, "value": v})
        for m, v in bank.items()
    ]
    return pd.concat([by_branch, *whole], ignore_index=True)


def coded_by_hand(n: int, asked: int, rng: np.random.Generator) -> np.ndarray:
    """A simple random sample of complaints, as a mask of length n."""
    mask = np.zeros(n, dtype=bool)
    mask[rng.permutation(n)[: min(asked, n)]] = True
    return mask
