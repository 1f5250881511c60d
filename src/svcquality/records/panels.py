"""The panels by name: one door for notebooks and for models."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from svcquality.records.customer_panel import customer_months
from svcquality.records.half_hour_panel import branch_half_hours
from svcquality.records.mapping import refuse_unknown
from svcquality.records.panel import bank_months, branch_months
from svcquality.records.staff_panel import staff_weeks
from svcquality.records.survey_rows import survey_rows

if TYPE_CHECKING:
    from svcquality.records.bank import Records

PANELS: dict[str, Callable[..., pd.DataFrame]] = {
    "surveys": survey_rows,
    "branch_months": branch_months,
    "customer_months": customer_months,
    "bank_months": bank_months,
    "staff_weeks": staff_weeks,
    "branch_half_hours": branch_half_hours,
}
"""Name → the function that makes it from records."""


def panel(records: Records, name: str, **options: Any) -> pd.DataFrame:
    """Make a panel by its name.

    Raises
    ------
    InputError
        If there is no such panel, or it has no such option.
    """
    refuse_unknown("panel", [name], PANELS, "records.panel")
    make = PANELS[name]
    allowed = list(inspect.signature(make).parameters)[1:]
    refuse_unknown("option", options, allowed, f"records.panel({name!r})")
    return make(records, **options)
