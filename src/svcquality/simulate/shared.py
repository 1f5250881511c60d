"""Numbers that all profiles share. Every one is ASSUMED and stands in the truth's parameters."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from svcquality.simulate import taxonomy as tx
from svcquality.simulate.queue import ARRIVALS, SLOT_MINUTES

SHARED: dict[str, tuple[float, str]] = {
    "anger_spread": (0.18, "sd, anger from 0 to 1"),
    "first_hour": (8.0, "hour of the day from which complaints are received"),
    "receiving_hours": (12.0, "hours a day"),
    "receiving_early": (1.6, "first parameter of a beta over those hours"),
    "receiving_late": (2.0, "second parameter of a beta over those hours"),
    "escalated_base": (-4.2, "log odds at once and without anger"),
    "escalated_delay": (0.09, "log odds a day of reply, up to 40"),
    "escalated_anger": (2.0, "log odds from calm to furious"),
    "compensation_log": (5.0, "mean of log yuan"),
    "compensation_spread": (1.0, "sd of log yuan"),
    "recommendation_level": (7.2, "points of 10"),
    "recommendation_slope": (1.1, "points of 10 a logit of satisfaction"),
    "recommendation_noise": (1.2, "sd, points of 10"),
    "effort_level": (2.6, "points of 5"),
    "effort_slope": (-0.5, "points of 5 a logit of satisfaction"),
    "effort_noise": (0.7, "sd, points of 5"),
    "item_level": (3.7, "points of 5, every item"),
    "item_part": (0.7, "points of 5 an sd of the item's own part"),
    "item_noise": (0.5, "sd, points of 5"),
    "item_wait": (1.0, "points of 5 a logit that the wait costs, on speed"),
    "item_trained": (0.4, "points of 5 where the staff had been trained, on staff"),
    "invited_after_visit": (2.0, "hours"),
    "invited_after_reply": (24.0, "hours"),
    "answer_days": (1.5, "days from invitation to answer, mean, exponential"),
    "answer_latest": (10.0, "days"),
    "products_mean": (1.4, "products beyond the first, at the reference age"),
    "products_age": (-0.012, "products a year of age"),
    "balance_products": (0.2, "log yuan a product"),
    "balance_spread": (1.0, "sd of log yuan, between customers"),
    "balance_walk": (0.06, "sd of log yuan a month"),
    "balance_still": (0.55, "share of months in which a balance does not move"),
    "visiting_shape": (2.0, "shape of the gamma of visits between customers"),
    "congestion_rate": (0.5, "correlation of congestion and the rate of other causes"),
}


def value(name: str) -> float:
    """One shared number."""
    return SHARED[name][0]


def shared_table() -> pd.DataFrame:
    """The shared numbers as ``name, value, unit, source``."""

    def nested(name: str, table: dict[str, dict[str, float]], unit: str) -> Iterator[tuple]:
        for key, parts in table.items():
            yield from ((f"{name}[{key}][{part}]", share, unit) for part, share in parts.items())

    rows = [
        *((name, number, unit) for name, (number, unit) in SHARED.items()),
        *((f"anger[{f}]", mean, "mean, from 0 to 1") for f, mean in tx.ANGER.items()),
        *nested("spread", tx.SPREAD, "share of the complaints of a reason"),
        *nested("business", tx.BUSINESS, "share of the complaints of a cause, loans left out"),
        *((f"business[else][{b}]", s, "share") for b, s in tx.BUSINESS_ELSE.items()),
        *(
            (f"arrivals[{i}]", rate, f"rate in half hour {i} relative to the mean")
            for i, rate in enumerate(ARRIVALS)
        ),
        ("slot_minutes", SLOT_MINUTES, "minutes"),
    ]
    frame = pd.DataFrame(rows, columns=["name", "value", "unit"])
    return frame.assign(source="ASSUMED")
