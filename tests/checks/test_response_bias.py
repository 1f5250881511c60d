from __future__ import annotations

import pandas as pd
import pytest

from svcquality.checks.response_bias import moved, response_bias, response_trend
from svcquality.checks.survivorship import survivorship, survivorship_table
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast, contrast


def gap(estimate: float, error: float = 0.004) -> Contrast:
    return contrast(estimate, error, 50)


def test_a_gap_warns_only_beyond_the_margin_and_beyond_chance() -> None:
    assert response_bias(gap(-0.03), 0.02).status == "warn"
    assert response_bias(gap(-0.015), 0.02).status == "passed"
    assert response_bias(gap(-0.03, 0.03), 0.02).status == "passed"  # large, but as good as chance
    check = response_bias(gap(-0.03), 0.02)
    assert (check.number, check.threshold) == (pytest.approx(-0.03), 0.02)
    assert "−3.0" in check.text.en and "−3.0" in check.text.zh


def test_late_answers_and_a_moving_rate_warn_too() -> None:
    late = response_bias(gap(0.0), 0.02, waves=gap(-0.06, 0.015))
    assert late.status == "warn"
    assert "6.0 percentage points lower" in late.text.en
    assert "低 6.0 个百分点" in late.text.zh
    assert response_bias(gap(0.0), 0.02, waves=gap(-0.03, 0.014)).status == "passed"
    rate = response_bias(gap(0.0), 0.02, shift=gap(0.08, 0.01))
    assert rate.status == "warn"
    assert "response rate moved by +8.0" in rate.text.en
    assert response_bias(gap(0.0), 0.02, shift=gap(0.08, 0.06)).status == "passed"


def test_a_trend_is_blocked_when_the_rate_moved_and_nothing_allows_for_it() -> None:
    shift = gap(-0.09, 0.02)
    assert moved(shift) and not moved(None) and not moved(gap(0.04, 0.001))
    assert response_trend(shift, weighted=False, block=True).status == "block"
    assert response_trend(shift, weighted=False).status == "warn"
    assert response_trend(shift, weighted=True, block=True).status == "warn"
    assert "allow for what is recorded" in response_trend(shift, weighted=True).text.en
    assert response_trend(gap(0.01), weighted=False, block=True).status == "passed"
    assert response_trend(None, weighted=False, block=True).status == "warn"


def customers(left_invited: int) -> pd.DataFrame:
    """Two hundred who stayed 24 months, fifty who left after 12."""
    stay = pd.DataFrame({"left": False, "months": 24, "invited": [1, 2, 1, 0] * 50})
    leave = pd.DataFrame({"left": True, "months": 12, "invited": [left_invited, 0] * 25})
    both = pd.concat([stay, leave], ignore_index=True)
    return both.assign(customer_id=[f"C{i}" for i in range(250)], answered=both["invited"] // 2)


def test_leavers_who_were_not_surveyed_are_noticed() -> None:
    like = survivorship(customers(1))
    assert like.status == "passed"
    assert like.number == pytest.approx((25 / 600) / (200 / 4800))
    never = survivorship(customers(0))
    assert (never.status, never.number) == ("warn", 0)
    assert "those who stayed" in never.text.en
    table = survivorship_table(customers(1)).set_index("left")
    assert table.loc[True, "invited_per_100_months"] == pytest.approx(100 * 25 / 600)
    assert table["customers"].tolist() == [200, 50]


def test_few_leavers_cannot_be_compared_and_columns_are_needed() -> None:
    few = customers(0).drop(index=range(210, 250))
    assert survivorship(few).status == "passed"
    assert "too few" in survivorship(few).text.en
    with pytest.raises(InputError, match="'months' is needed"):
        survivorship(customers(1).drop(columns="months"))
