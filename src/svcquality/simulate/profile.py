"""A bank in numbers: every parameter of the simulation with its unit and its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import pandas as pd

from svcquality.errors import InputError
from svcquality.simulate import taxonomy as tx

ASSUMED = "ASSUMED"


def _p(default: Any, unit: str, source: str = ASSUMED) -> Any:
    """A parameter: its value, its unit and where it comes from."""
    meta = {"unit": unit, "source": source}
    if isinstance(default, Mapping):
        return field(default_factory=lambda: dict(default), metadata=meta)
    return field(default=default, metadata=meta)


@dataclass(frozen=True)
class Profile:
    """A bank in numbers. ``sources`` holds what a profile takes from another source than here."""

    name: str
    branches: int = _p(60, "branches")
    months: int = _p(36, "months")
    customers_per_branch: int = _p(200, "panel customers")
    sources: Mapping[str, str] = field(default_factory=dict)

    # Volume
    customers_per_outlet: float = _p(
        53_267, "customers",
        "state-bank medians of the CBIRC circulars: 293.5 complaints per 1,000 outlets (2021Q1) "
        "over 55.1 per 10 million personal customers (2020Q2)",
    )  # fmt: skip
    complaints_per_outlet_month: float = _p(
        2.446, "per month, before training and the policy change it",
        "293.5 regulator-forwarded per 1,000 outlets a quarter (CBIRC, 2021Q1 median) x 25 "
        "internal to forwarded (CIB 2022: 478,708 over 4 x 4,802; rough)",
    )  # fmt: skip
    visits_per_branch_month: float = _p(1_760.0, "visits")
    working_days: int = _p(22, "days a month")
    visits_spread: float = _p(0.25, "sd of log, between branches")
    visits_season: float = _p(0.06, "amplitude of the yearly cosine, share")
    visits_noise: float = _p(0.08, "sd of log, between months")
    borrowers_share: float = _p(0.12, "share of customers")
    customer_growth: float = _p(0.002, "a month, share")

    # Queue
    service_minutes: Mapping[str, float] = _p(
        {"cash": 5, "transfer": 7, "account": 12, "card": 9, "loan": 15, "wealth": 14, "other": 6},
        "minutes, mean",
    )
    service_mix: Mapping[str, float] = _p(
        {"cash": 0.34, "transfer": 0.16, "account": 0.14, "card": 0.14, "loan": 0.05,
         "wealth": 0.09, "other": 0.08}, "share of tickets",
    )  # fmt: skip
    service_spread: float = _p(0.6, "sd of log")
    planned_utilisation: float = _p(
        0.87, "share of window time",
        "ASSUMED, so that the mean wait is about 20 minutes: the only means seen are 41 (big four) "
        "and 14 (joint stock), Beijing 2007 at 12:30, too old and too selected to be copied",
    )  # fmt: skip
    tightness_spread: float = _p(0.10, "sd of log, between branches")
    load_noise: float = _p(0.10, "sd of log of a day's tickets around the month's mean")
    call_seconds: float = _p(
        20.0, "seconds from a free window to the call, mean; half of it fixed, half exponential"
    )
    patience_minutes: float = _p(240.0, "minutes, mean, exponential")
    mobile_tickets: float = _p(0.15, "share of tickets taken in the app")
    staff_per_branch: int = _p(6, "staff")

    # Causes
    reasons: Mapping[str, float] = _p(
        {tx.RULES: 0.734, tx.PRICING: 0.086, tx.FACILITIES: 0.056, tx.SERVICE: 0.040,
         tx.COLLECTION: 0.033, tx.DISCLOSURE: 0.022, tx.FUNDS: 0.012, tx.MARKETING: 0.011,
         tx.RETURNS: 0.002, tx.PRIVACY: 0.001, tx.OTHER: 0.003}, "share as recorded",
        "Bank of China 2025, about 273,000 complaints; the remaining 0.6% is divided by ASSUMPTION",
    )  # fmt: skip
    hidden_in_rules: Mapping[str, float] = _p(
        {tx.SERVICE: 0.150, tx.OTHER: 0.025, tx.RETURNS: 0.010, tx.PRIVACY: 0.010},
        "share of all complaints that are of this reason but recorded under rules",
    )
    misrecorded: float = _p(0.02, "share recorded at random, by the recorded mix")
    loan_share: Mapping[str, float] = _p({"X1": 0.3, "X2": 0.6, "X3": 1.0}, "share about loans")
    secondary: float = _p(0.22, "share with a second cause, before slow handling")
    tertiary: float = _p(0.05, "share with a third cause")
    slow_mentions: float = _p(0.30, "share of slow complaints that name the handling")
    duplicates: float = _p(0.02, "share that repeat an earlier text")
    english: float = _p(0.03, "share written in English")

    # Intensity of complaints over branches and months
    other_spread: float = _p(0.20, "sd of log, between branches, all but staff causes")
    staff_spread: float = _p(0.70, "sd of log, between branches, staff causes")
    season: float = _p(0.06, "amplitude, share of the mean rate, additive and common")
    trained_share: float = _p(0.70, "share of branches, the worst first")
    cohorts: int = _p(5, "cohorts")
    training_effect: Mapping[str, float] = _p(
        {"first": 0.80, "last": 0.50}, "share of staff-cause complaints removed at the peak",
    )  # fmt: skip
    training_path: tuple[float, ...] = _p(
        (0.45, 0.7, 0.9, 1.0, 1.0, 1.0, 0.97, 0.94, 0.91, 0.88, 0.85, 0.82, 0.79, 0.76, 0.73, 0.70),
        "share of the peak, by month of exposure",
        "ASSUMED; that a gain from training decays is seen in De Grip and Sauermann 2012",
    )
    policy_ratio: float = _p(1.35, "ratio")
    policy_slope: float = _p(1.0, "ratio a year, after against before")
    loan_trend: float = _p(1.03, "ratio a year")
    loan_season: float = _p(0.10, "amplitude of the log, yearly")

    # Handling
    channels: Mapping[str, float] = _p(
        {"hotline": 0.55, "online": 0.15, "mobile": 0.12, "counter": 0.12, "regulator": 0.06},
        "share",
    )
    reply_days: Mapping[str, float] = _p(
        {"hotline": 2.0, "online": 2.2, "mobile": 1.8, "counter": 1.2, "regulator": 6.0},
        "days, median",
    )
    reply_spread: float = _p(0.90, "sd of log")
    anger_delay: float = _p(0.60, "log days per unit of anger")
    resolve_days: float = _p(
        8.0, "days from answer to end, median",
        "about 15 days to resolve on average (MSR Group survey of bank problems); the spread ASSUMED",
    )  # fmt: skip
    resolve_spread: float = _p(1.0, "sd of log")
    slow_days: float = _p(10.0, "days")
    reopened: float = _p(0.06, "share")
    compensated: float = _p(0.05, "share")

    # Customers
    age_mean: float = _p(48.0, "years")
    age_spread: float = _p(15.0, "years")
    segments: Mapping[str, float] = _p({"mass": 0.72, "affluent": 0.22, "private": 0.06}, "share")
    tenure_years: float = _p(8.0, "years, mean")
    joining: float = _p(
        0.0, "share who join within the window",
        "ASSUMED: the panel is drawn from those who are customers when the window begins",
    )  # fmt: skip
    log_balance: Mapping[str, float] = _p(
        {"mass": 9.2, "affluent": 11.6, "private": 13.6}, "log yuan"
    )
    complains: Mapping[str, float] = _p(
        {"age": -0.20, "products": 0.25}, "log odds per ten years, per product"
    )

    # Satisfaction (ordered logit)
    cuts: tuple[float, ...] = _p((-3.4, -2.3, -1.2, 0.9), "logits")
    wait_slope: float = _p(0.018, "logits a minute below the threshold")
    wait_threshold: float = _p(20.0, "minutes")
    wait_steeper: float = _p(2.5, "ratio of slopes above and below the threshold")
    branch_spread: float = _p(0.35, "sd of logits, between branches")
    branch_congestion: float = _p(0.6, "correlation of branch level and congestion")
    month_spread: float = _p(0.10, "sd of logits, between months")
    satisfaction_age: float = _p(0.10, "logits per ten years")
    satisfaction_segment: Mapping[str, float] = _p({"affluent": 0.15, "private": 0.30}, "logits")
    satisfaction_trained: float = _p(0.25, "logits")
    satisfaction_complaint: float = _p(-0.80, "logits, a complaint in the 90 days before")
    after_complaint: Mapping[str, float] = _p(
        {"Q": -1.4, "C": -1.6, "T": -1.3, "E": -2.3, "X": -1.9, "R": -2.6, "Z": -2.4},
        "logits, by family of the primary cause",
    )
    after_complaint_delay: float = _p(-0.05, "logits a day of reply, up to 30")
    perceived_ratio: float = _p(
        1.36, "geometric mean of ratios",
        "+36% on average, queueing research as told by the New York Times; second-hand",
    )  # fmt: skip
    perceived_spread: float = _p(0.35, "sd of log")
    memory_mood: float = _p(
        0.0, "correlation of the remembered wait's error and the mood, lower for the happy"
    )
    announced_share: float = _p(0.5, "share of branches that announce the wait, from a month on")
    announced_from: float = _p(0.6, "share of the window before it is announced")
    announced_spread: float = _p(0.25, "sd of log of the announced over the actual wait")
    satisfaction_informed: float = _p(
        0.15, "logits, the wait was announced, at equal wait",
        "ASSUMED; that a known wait is borne better is seen in Hui and Tse 1996, Maister 1985",
    )  # fmt: skip
    satisfaction_overtaken: float = _p(
        -0.40, "logits, called after somebody who came later, at equal wait",
        "ASSUMED; that a slip in the order of service angers is seen in Larson 1987",
    )  # fmt: skip

    # Rated items
    item_weights: Mapping[str, float] = _p(
        {"staff": 0.30, "speed": 0.25, "environment": 0.10, "clarity": 0.20, "solution": 0.35,
         "digital": 0.10}, "correlation of the item's own part with the unexplained satisfaction",
    )  # fmt: skip
    item_halo: float = _p(0.35, "points of 5 an sd of the general impression, on every item")
    straight_liners: float = _p(0.03, "share who give every item the overall rating")

    # Surveys
    invited_visits: float = _p(0.12, "share of served tickets")
    invited_complaints: float = _p(0.70, "share of answered complaints")
    response: Mapping[str, float] = _p(
        {"visit": -0.40, "complaint": -0.30, "age": 0.15, "mobile": 0.35},
        "logits; age per ten years",
    )
    response_satisfaction: float = _p(0.0, "logits of answering per logit of satisfaction")

    # Loyalty
    closing: float = _p(
        0.0078, "a month, at the reference customer",
        "about 9.6% a year in the US (J.D. Power 2012); nothing found for China: ASSUMED",
    )  # fmt: skip
    closing_effects: Mapping[str, float] = _p(
        {"recent_complaint": 0.70, "unresolved": 0.80, "dissatisfied": 0.60, "age": -0.15,
         "tenure": -0.03, "products": -0.20, "log_balance": -0.08}, "log odds; age per ten years, tenure a year",
    )  # fmt: skip

    # How the world departs from the base world
    trained_by: str = _p("permanent", "what ranks the branches: permanent level or recent count")
    definition_ratio: float = _p(1.0, "ratio of counted complaints after a new definition")
    called_first: str = _p("nobody", "segment from which on customers are called before the others")

    @property
    def first_segments(self) -> tuple[str, ...]:
        """Segments that are called before the others.

        Raises
        ------
        InputError
            If ``called_first`` is neither a segment nor "nobody".
        """
        names = tuple(self.segments)
        if self.called_first == "nobody":
            return ()
        if self.called_first not in names:
            raise InputError(
                f"called_first must be nobody or one of {', '.join(names)}, "
                f"not {self.called_first!r}.",
                f"called_first 只能是 nobody 或 {'、'.join(names)}（现为 {self.called_first!r}）。",
            )
        return names[names.index(self.called_first) :]

    def table(self) -> pd.DataFrame:
        """Every parameter, one row a number: name, value, unit, source."""
        rows = []
        for f in fields(self):
            if f.name in ("name", "sources"):
                continue
            value = getattr(self, f.name)
            source = self.sources.get(f.name, f.metadata["source"])
            if isinstance(value, Mapping):
                parts = [(f"{f.name}[{key}]", v) for key, v in value.items()]
            elif isinstance(value, tuple):
                parts = [(f"{f.name}[{i}]", v) for i, v in enumerate(value)]
            else:
                parts = [(f.name, value)]
            rows += [(name, v, f.metadata["unit"], source) for name, v in parts]
        return pd.DataFrame(rows, columns=["name", "value", "unit", "source"])

    def with_overrides(self, overrides: Mapping[str, Any]) -> Profile:
        """The same bank with other values; a mapping is merged into the one it overrides.

        Raises
        ------
        InputError
            If a name is not a parameter.
        """
        known = {f.name for f in fields(self)} - {"name", "sources"}
        unknown = sorted(set(overrides) - known)
        if unknown:
            raise InputError(
                f"{', '.join(unknown)} is not a parameter of the simulated bank; "
                "truth.parameters lists them all.",
                f"{'、'.join(unknown)} 不是模拟银行的参数；全部参数见 truth.parameters。",
            )
        values: dict[str, Any] = {
            name: {**getattr(self, name), **value} if isinstance(value, Mapping) else value
            for name, value in overrides.items()
        }
        changed = [name for name, value in values.items() if value != getattr(self, name)]
        sources = {**self.sources, **dict.fromkeys(changed, f"{ASSUMED} (override)")}
        return replace(self, **{**values, "sources": sources})
