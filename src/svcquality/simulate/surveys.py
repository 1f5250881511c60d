"""Invitations and ratings after visits and after complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svcquality.simulate.items import mood
from svcquality.simulate.months import DAY, MISSING, Calendar
from svcquality.simulate.network import Network, Schedule
from svcquality.simulate.profile import Profile
from svcquality.simulate.satisfaction import about_customer, answers, rate, wait_cost
from svcquality.simulate.shared import value

if TYPE_CHECKING:
    from svcquality.simulate.panel import Panel
    from svcquality.simulate.tickets import Tickets

RECENT_DAYS = 90


def after_visits(
    came: slice,
    tickets: Tickets,
    who: np.ndarray,
    panel: Panel,
    complaints: pd.DataFrame,
    complained: np.ndarray,
    network: Network,
    plan: Schedule,
    profile: Profile,
    calendar: Calendar,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Invite a share of the served tickets of one month and rate the visit.

    Returns
    -------
    DataFrame
        One row an invitation: trigger, row (of the ticket), customer, branch, invited, answered
        (seconds, `MISSING` when not), the ratings, and what they came from: predictor, latent,
        wait, trained, recent, informed, overtaken.
    """
    invited = np.flatnonzero(
        ~tickets.abandoned[came] & (rng.random(len(who)) < profile.invited_visits)
    )
    row, who = invited + came.start, who[invited]
    branch, arrived = tickets.branch[row], tickets.arrived[row]
    wait = tickets.wait_minutes[row]
    month = tickets.month[row]
    trained = plan.completed(calendar)[branch] <= arrived
    recent = complained_before(who, arrived, complaints, complained)
    informed = ~np.isnan(tickets.announced[row])
    predictor = (
        -wait_cost(wait, profile)
        + network.branch_effect[branch]
        + network.month_effect[month]
        + about_customer(panel.age[who], panel.segment[who], profile)
        + profile.satisfaction_trained * trained
        + profile.satisfaction_complaint * recent
        + profile.satisfaction_informed * informed
        + profile.satisfaction_overtaken * tickets.overtaken[row]
    )
    digital = tickets.channel[row] == "mobile"
    frame = _ask(
        "visit", row, who, branch, tickets.ended[row] + int(3600 * value("invited_after_visit")), predictor, digital, panel, profile,
        calendar, rng,
    )  # fmt: skip
    # A bad mood makes the wait longer in memory; the spread stays the same.
    own = profile.memory_mood
    error = np.sqrt(1 - own**2) * rng.standard_normal(len(row))
    error -= own * mood(frame["latent"].to_numpy(), predictor)
    remembered = profile.perceived_ratio * wait * np.exp(profile.perceived_spread * error)
    frame["perceived_wait_minutes"] = np.round(remembered, 2)
    return frame.assign(
        wait=wait, trained=trained, recent=recent, informed=informed,
        overtaken=tickets.overtaken[row],
    )  # fmt: skip


def after_complaints(
    new: np.ndarray,
    complaints: pd.DataFrame,
    who: np.ndarray,
    panel: Panel,
    profile: Profile,
    calendar: Calendar,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Invite a share of those whose complaint was answered; its cause and the delay count."""
    responded = complaints["responded"].to_numpy()[new]
    later = int(3600 * value("invited_after_reply"))
    asked = (responded + later < calendar.edges[-1]) & (
        rng.random(len(new)) < profile.invited_complaints
    )
    row, who = new[asked], who[asked]
    family = complaints["primary"].iloc[row].str[0].to_numpy(dtype=object)
    delay = np.minimum(complaints["reply_days"].to_numpy()[row], 30)
    cost = np.array([profile.after_complaint[f] for f in family], dtype=float)
    predictor = (
        cost
        + profile.after_complaint_delay * delay
        + about_customer(panel.age[who], panel.segment[who], profile)
    )
    digital = complaints["channel"].iloc[row].isin(["mobile", "online"]).to_numpy()
    branch = complaints["branch"].to_numpy()[row]
    frame = _ask(
        "complaint", row, who, branch, responded[asked] + later, predictor, digital, panel, profile,
        calendar, rng,
    )  # fmt: skip
    frame["family"] = family
    return frame


def _ask(
    trigger: str,
    row: np.ndarray,
    who: np.ndarray,
    branch: np.ndarray,
    invited: np.ndarray,
    predictor: np.ndarray,
    digital: np.ndarray,
    panel: Panel,
    profile: Profile,
    calendar: Calendar,
    rng: np.random.Generator,
) -> pd.DataFrame:
    ratings = rate(predictor, profile, rng)
    answered = answers(trigger, panel.age[who], digital, ratings["latent"], profile, rng)
    delay = np.minimum(rng.exponential(value("answer_days"), size=len(row)), value("answer_latest"))
    at = invited + 60 + (delay * DAY).astype(np.int64)
    answered &= at < calendar.edges[-1]
    return pd.DataFrame(
        {
            "trigger": np.full(len(row), trigger, dtype=object),
            "row": row,
            "customer": who,
            "branch": branch,
            "invited": invited,
            "answered": np.where(answered, at, MISSING),
            "predictor": predictor,
            **ratings,
        }
    )


def complained_before(
    who: np.ndarray, moment: np.ndarray, complaints: pd.DataFrame, complained: np.ndarray
) -> np.ndarray:
    """Whether each customer complained in the 90 days before a moment."""
    scale = np.int64(1) << 33  # seconds of more than two centuries
    received = complaints["received"].to_numpy()
    events = np.sort(complained * scale + received)
    end = np.searchsorted(events, who * scale + moment, side="left")
    start = np.searchsorted(
        events, who * scale + np.maximum(moment - RECENT_DAYS * DAY, 0), side="left"
    )
    return end > start
