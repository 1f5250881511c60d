"""A bank whose truth is known: the records that it would export, and what made them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.records.bank import Records
from svcquality.records.mapping import refuse_unknown
from svcquality.records.tables import TABLES
from svcquality.simulate import tables as make
from svcquality.simulate.announcements import announce
from svcquality.simulate.complaints import make_complaints, thin
from svcquality.simulate.customers import live
from svcquality.simulate.estimands import all_estimands
from svcquality.simulate.files import write_bank
from svcquality.simulate.items import rate_items
from svcquality.simulate.months import Calendar
from svcquality.simulate.network import (
    NEVER,
    Network,
    Schedule,
    make_network,
    schedule,
    streams,
    untrained_rates,
)
from svcquality.simulate.panel import make_panel
from svcquality.simulate.profile import Profile
from svcquality.simulate.profiles import find_profile
from svcquality.simulate.shared import shared_table
from svcquality.simulate.tickets import make_tickets
from svcquality.simulate.truth import Truth
from svcquality.simulate.worlds import find_world

FEWEST = {"branches": 4, "months": 12, "customers_per_branch": 20}
HAND_CODED, HAND_CODED_SHARE = 600, 0.25


@dataclass(frozen=True, eq=False)
class SimulatedBank:
    """A simulated bank.

    Parameters
    ----------
    records : Records
        What the bank would export, validated.
    truth : Truth
        What made it.
    frames : mapping of str to DataFrame
        The tables as they are exported, before validation and masking.
    made_by : str
        The call that makes it again.
    """

    records: Records
    truth: Truth
    frames: Mapping[str, pd.DataFrame]
    made_by: str

    def write(self, directory: Path) -> None:
        """Write the records and, under ``truth/``, the truth; the same bytes for the same seed.

        Visits and accounts are Parquet, the other tables CSV (UTF-8). Files of the same names are
        replaced, others in the directory are left alone.
        """
        write_bank(Path(directory), self.frames, self.truth, self.made_by)


def simulate_bank(
    profile: str = "state",
    seed: int = 0,
    *,
    branches: int | None = None,
    months: int | None = None,
    customers_per_branch: int | None = None,
    start: str = "2023-01",
    hand_coded: int | None = None,
    texts: bool = True,
    world: str = "base",
    overrides: Mapping[str, Any] | None = None,
    tables: Collection[str] | None = None,
) -> SimulatedBank:
    """Simulate the records of one bank together with the truth behind them.

    Visits are the ticket log of one working day a branch and month, through a discrete-event
    queue; the denominators hold the whole month. A panel of customers stands for the customer
    base of each branch, and every complaint belongs to one of the panel, so that complaints are
    far more frequent per panel customer than per customer of the bank.

    Parameters
    ----------
    profile : {"state", "joint_stock", "rural"}
        Which bank.
    seed : int
        Everything follows from it.
    branches, months, customers_per_branch : int, optional
        Size; the profile's by default.
    start : str
        First month, as "2023-01".
    hand_coded : int, optional
        Complaints coded by hand, drawn at random; by default 600, or a quarter where there are
        fewer than 2,400.
    texts : bool
        Whether to write complaint texts; without, they are missing.
    world : str
        "base", or one in which a naive method fails (`svcquality.simulate.worlds.WORLDS`).
    overrides : mapping, optional
        Parameters of the profile to set otherwise (names as in ``truth.parameters``).
    tables : collection of str, optional
        Tables to export; all by default. The others are not validated, which takes time.

    Raises
    ------
    InputError
        If a name is unknown or a size too small.
    """
    refuse_unknown("table", tables or (), TABLES, "simulate_bank")
    p = _sized(profile, world, overrides, branches, months, customers_per_branch)
    calendar = Calendar.from_text(start, p.months)
    of = _streams_of_chance(seed)

    kinds = streams(p)
    network = make_network(p, calendar, kinds, of["network"])
    rates = untrained_rates(p, calendar, network, kinds)
    untrained = of["counts"].poisson(network.visits[:, :, None] / 1000 * rates)
    plan = schedule(p, p.months, network, untrained.sum(axis=2))
    removed = plan.removed(p, p.months)
    counts = thin(untrained, removed, kinds, of["training"])
    if not counts.any():
        raise InputError(
            "The bank is so small that nobody complained; use more branches or months.",
            "银行规模过小，没有任何投诉；请增加网点数或月数。",
        )
    complaints = make_complaints(counts, p, calendar, kinds, of["complaints"])
    tickets = make_tickets(network, p, calendar, of["queue"], of["priority"])
    tickets = announce(tickets, p, of["announcements"])
    panel = make_panel(p, p.months, of["panel"])
    life = live(panel, tickets, complaints, network, plan, p, calendar, of["life"])

    after_visit = life.surveys["trigger"] == "visit"
    items, straight = rate_items(life.surveys[after_visit], p, of["items"])
    items = items.reindex(life.surveys.index)

    n = len(complaints)
    asked = hand_coded if hand_coded is not None else min(HAND_CODED, round(HAND_CODED_SHARE * n))
    coded = make.coded_by_hand(n, asked, of["coding"])
    written: list[Any] = [None] * n
    if texts:
        written = _texts(complaints, panel.age[life.complaint_customer], of["texts"])

    branch_table = make.branch_table(network, p, calendar)
    branch_id = branch_table["branch_id"].to_numpy(dtype=object)
    customers = make.customer_table(panel, calendar, branch_id)
    customer_id = customers["customer_id"].to_numpy(dtype=object)
    visits = make.visit_table(tickets, life, p, calendar, branch_id, customer_id)
    complaint_table = make.complaint_table(
        complaints, life, written, coded, calendar, branch_id, customer_id
    )
    visit_id = visits["visit_id"].to_numpy(dtype=object)
    complaint_id = complaint_table["complaint_id"].to_numpy(dtype=object)
    frames = {
        "customers": customers,
        "branches": branch_table,
        "visits": visits,
        "complaints": complaint_table,
        "surveys": make.survey_table(
            life, calendar, branch_id, customer_id, visit_id, complaint_id, items
        ),
        "training": make.training_table(plan, p, calendar, branch_id),
        "interventions": make.intervention_table(calendar),
        "accounts": make.account_table(panel, life, calendar, customer_id),
        "denominators": make.denominator_table(network, p, calendar, branch_id),
    }
    truth = Truth(
        parameters=pd.concat([p.table(), shared_table()], ignore_index=True),
        estimands=all_estimands(
            p, life.surveys, complaints, rates, removed, plan, kinds, life.closings
        ),
        complaints=_true_causes(complaints, complaint_id),
        branches=_true_branches(network, plan, calendar, branch_id),
        surveys=_true_surveys(life.surveys, frames["surveys"]["survey_id"], straight),
    )
    wanted = TABLES if tables is None else tables
    frames = {name: frame for name, frame in frames.items() if len(frame) and name in wanted}
    options = {
        "branches": p.branches,
        "months": p.months,
        "customers_per_branch": p.customers_per_branch,
        "start": start,
        "hand_coded": asked,
        "texts": texts,
        "world": world,
        "overrides": dict(overrides) if overrides else None,
        **({"tables": sorted(tables)} if tables is not None else {}),
    }
    words = ", ".join(f"{name}={value!r}" for name, value in options.items())
    call = f"simulate_bank({p.name!r}, {seed}, {words})"
    return SimulatedBank(Records.from_frames(**frames), truth, frames, call)


def _sized(
    profile: str,
    world: str,
    overrides: Mapping[str, Any] | None,
    branches: int | None,
    months: int | None,
    customers_per_branch: int | None,
) -> Profile:
    sizes = {
        "branches": branches, "months": months, "customers_per_branch": customers_per_branch,
    }  # fmt: skip
    for name, value in sizes.items():
        if value is not None and value < FEWEST[name]:
            raise InputError(
                f"{name} must be at least {FEWEST[name]}, not {value}.",
                f"{name} 不得小于 {FEWEST[name]}（现为 {value}）。",
            )
    chosen = find_profile(profile)
    given = {name: value for name, value in sizes.items() if value is not None}
    return chosen.with_overrides({**find_world(world), **(overrides or {}), **given})


def _streams_of_chance(seed: int) -> dict[str, np.random.Generator]:
    """One generator a part, so that a part drawn differently leaves the others as they are."""
    parts = (
        "network", "counts", "training", "complaints", "queue", "panel", "life", "coding", "texts",
        "priority", "announcements", "items",
    )  # fmt: skip
    children = np.random.SeedSequence(seed).spawn(len(parts))
    return {part: np.random.default_rng(child) for part, child in zip(parts, children, strict=True)}


def _texts(complaints: pd.DataFrame, age: np.ndarray, rng: np.random.Generator) -> list[str]:
    from svcquality.simulate.texts import write_texts

    frame = complaints[["primary", "secondary", "tertiary", "channel", "business", "anger"]].assign(
        language=np.where(complaints["english"], "en", "zh"), age=age
    )
    written = np.array([text.strip() for text in write_texts(frame, rng)], dtype=object)
    repeats = complaints["repeats"].to_numpy()
    return list(written[np.where(repeats >= 0, repeats, np.arange(len(written)))])


def _true_causes(complaints: pd.DataFrame, complaint_id: np.ndarray) -> pd.DataFrame:
    repeats = complaints["repeats"].to_numpy()
    return pd.DataFrame(
        {
            "complaint_id": complaint_id,
            **{name: complaints[name].to_numpy() for name in ("primary", "secondary", "tertiary")},
            "anger": complaints["anger"].round(2).to_numpy(),
            "repeats": np.where(repeats >= 0, complaint_id[np.maximum(repeats, 0)], None),
        }
    )


def _true_branches(
    network: Network, plan: Schedule, calendar: Calendar, branch_id: np.ndarray
) -> pd.DataFrame:
    first = calendar.dates(plan.first)
    first[plan.first == NEVER] = np.datetime64("NaT")
    return pd.DataFrame(
        {
            "branch_id": branch_id,
            "other_rate": network.other_rate,
            "staff_rate": network.staff_rate,
            "first_exposed": first,
            "peak_effect": plan.peak,
            "tightness": network.tightness,
            "satisfaction_level": network.branch_effect,
        }
    )


def _true_surveys(
    surveys: pd.DataFrame, survey_id: pd.Series, straight: np.ndarray
) -> pd.DataFrame:
    liner = pd.Series(pd.NA, index=surveys.index, dtype="boolean")
    liner[surveys["trigger"] == "visit"] = straight
    rated = surveys[["satisfaction", "recommendation"]]
    return rated.assign(survey_id=survey_id, straight_liner=liner)[
        ["survey_id", "satisfaction", "recommendation", "straight_liner"]
    ]


__all__ = ["SimulatedBank", "simulate_bank"]
