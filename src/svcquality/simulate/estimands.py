"""What each design should find, worked out from the structure over the rows that it analyses.

Differences are averages of two potential outcomes of the same rows under the true model, so no
estimator is involved.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from svcquality.simulate import taxonomy as tx
from svcquality.simulate.loyalty import Closings
from svcquality.simulate.months import MISSING
from svcquality.simulate.network import NEVER, Schedule, Streams
from svcquality.simulate.profile import Profile
from svcquality.simulate.satisfaction import net_promoter, satisfied, wait_cost

MORE_MINUTES = 10.0
STARTS = (5, 20, 40)
DEADLINE_DAYS = 15.0

Rows = list[tuple[str, str, float, str]]


def all_estimands(
    profile: Profile,
    surveys: pd.DataFrame,
    complaints: pd.DataFrame,
    rates: np.ndarray,
    removed: np.ndarray,
    plan: Schedule,
    kinds: Streams,
    closings: Closings,
) -> pd.DataFrame:
    """Every estimand as ``design, term, value, unit``.

    Parameters
    ----------
    profile : Profile
    surveys, complaints : DataFrame
        As simulated, with what is hidden from the records.
    rates : ndarray, (b, t, kinds)
        Expected complaints per 1,000 visits had nobody been trained.
    removed : ndarray, (b, t)
        Share of staff complaints prevented.
    plan : Schedule
    kinds : Streams
    closings : Closings
    """
    answered = surveys[surveys["answered"] != MISSING]
    rows = [
        *_visits(answered[answered["trigger"] == "visit"], profile),
        *_invited(surveys[surveys["trigger"] == "visit"], profile),
        *_training(rates, removed, plan, kinds),
        ("policy", "level", profile.policy_ratio, "ratio"),
        ("policy", "slope", profile.policy_slope, "ratio"),
        *_shares(complaints),
        *_costs(answered[answered["trigger"] == "complaint"], profile),
        *(("loyalty", name, value, "per_1000_customers") for name, value in closings.differences().items()),
        *_handling(complaints, profile),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["design", "term", "value", "unit"])


def _visits(rows: pd.DataFrame, profile: Profile) -> Rows:
    predictor = rows["predictor"].to_numpy(dtype=float)
    wait = rows["wait"].to_numpy(dtype=float)
    without_wait = predictor + wait_cost(wait, profile)

    def at(minutes: np.ndarray | float) -> float:
        return float(satisfied(without_wait - wait_cost(minutes, profile), profile).mean())

    def on_off(indicator: pd.Series, effect: float) -> float:
        off = predictor - effect * indicator.to_numpy(dtype=float)
        return float((satisfied(off + effect, profile) - satisfied(off, profile)).mean())

    more = at(wait + MORE_MINUTES) - at(wait)
    unit = "share_difference"
    return [
        ("satisfaction", "wait_plus_10", more, unit),
        ("satisfaction", "branch_trained", on_off(rows["trained"], profile.satisfaction_trained), unit),
        ("satisfaction", "recent_complaint", on_off(rows["recent"], profile.satisfaction_complaint), unit),
        ("waiting", "plus_10", more, unit),
        *(("waiting", f"from_{s}", at(s + MORE_MINUTES) - at(s), unit) for s in STARTS),
        ("waiting", "perceived_ratio", profile.perceived_ratio, "ratio"),
        *_if_any(rows["informed"], ("waiting", "informed", on_off(rows["informed"], profile.satisfaction_informed), unit)),
        *_if_any(rows["overtaken"], ("waiting", "overtaken", on_off(rows["overtaken"], profile.satisfaction_overtaken), unit)),
        *_if_any(profile.wait_steeper != 1, ("waiting", "threshold_minutes", profile.wait_threshold, "minutes")),
    ]  # fmt: skip


def _if_any(shown: pd.Series | bool, row: tuple[str, str, float, str]) -> Rows:
    return [row] if np.any(shown) else []


def _invited(rows: pd.DataFrame, profile: Profile) -> Rows:
    """What all who were invited after a visit think, whether or not they answered."""
    predictor = rows["predictor"].to_numpy(dtype=float)
    return [
        ("non_response", "weighted", float(satisfied(predictor, profile).mean()), "share"),
        ("recommendation", "nps", float(net_promoter(predictor).mean()), "nps_points"),
    ]


def _training(rates: np.ndarray, removed: np.ndarray, plan: Schedule, kinds: Streams) -> Rows:
    effect = -rates[:, :, kinds.staff].sum(axis=2) * removed
    exposure = np.arange(rates.shape[1])[None, :] - plan.first[:, None]
    trained = np.broadcast_to(plan.first[:, None] != NEVER, exposure.shape)
    treated = trained & (exposure >= 0)
    if not treated.any():
        return []
    unit = "per_1000_visits"
    events = np.unique(exposure[trained])
    return [
        ("training", "att", float(effect[treated].mean()), unit),
        *(
            ("training", f"event_{k}", float(effect[trained & (exposure == k)].mean()) + 0.0, unit)
            for k in events
        ),
    ]


def _shares(complaints: pd.DataFrame) -> Rows:
    primary = complaints["primary"]
    family = primary.str[0]
    return [
        *(("cause_shares", c, float((primary == c).mean()), "share") for c in tx.CAUSES),
        *(
            ("cause_shares", f"family_{f}", float((family == f).mean()), "share")
            for f in tx.FAMILIES
        ),
    ]


def _costs(rows: pd.DataFrame, profile: Profile) -> Rows:
    p = satisfied(rows["predictor"].to_numpy(dtype=float), profile)
    out: Rows = []
    for family in tx.FAMILIES:
        here = (rows["family"] == family).to_numpy()
        if here.any() and not here.all():
            value = float(p[here].mean() - p[~here].mean())
            out.append(("cause_cost", f"family_{family}", value, "share_difference"))
    return out


def _handling(complaints: pd.DataFrame, profile: Profile) -> Rows:
    rows: Rows = _delays(complaints["log_reply"].to_numpy(), profile, "")
    for channel, group in complaints.groupby("channel", sort=True):
        rows += _delays(group["log_reply"].to_numpy(), profile, f"[{channel}]")
    return rows


def _delays(log_reply: np.ndarray, profile: Profile, group: str) -> Rows:
    """Quantiles of the mixture of lognormal delays over the complaints received."""

    def answered_by(log_days: float) -> float:
        return float(norm.cdf((log_days - log_reply) / profile.reply_spread).mean())

    def quantile(q: float) -> float:
        return float(np.exp(brentq(lambda x: answered_by(x) - q, -12.0, 12.0)))

    return [
        ("handling", f"median_days{group}", quantile(0.5), "days"),
        ("handling", f"p90_days{group}", quantile(0.9), "days"),
        ("handling", f"within_15_days{group}", answered_by(np.log(DEADLINE_DAYS)), "share"),
    ]
