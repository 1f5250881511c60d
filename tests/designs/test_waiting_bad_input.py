"""Waits that cannot be analysed, or only in part: a clear sentence or a counted drop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.designs.small_bank import visit_bank
from tests.designs.wait_log_bank import wait_log_bank

from svcquality.designs.waiting import waiting
from svcquality.errors import InputError
from svcquality.records.bank import Records


def surveys(wait: np.ndarray, **more: object) -> Records:
    rng = np.random.default_rng(1)
    n = len(wait)
    frame = pd.DataFrame(
        {
            "survey_id": [f"S{i}" for i in range(n)],
            "satisfaction": rng.integers(1, 6, n),
            "wait_minutes": wait,
            **more,
        }
    )
    return Records.from_frames(surveys=frame)


def test_seconds_are_recognised() -> None:
    with pytest.raises(InputError, match='unit = "seconds"') as caught:
        waiting(surveys(np.random.default_rng(2).gamma(2, 600, 400)))
    assert "单位是秒" in caught.value.zh


def test_a_remembered_wait_is_no_wait() -> None:
    records = surveys(
        np.full(300, np.nan), perceived_wait_minutes=np.random.default_rng(2).gamma(2, 9, 300)
    )
    with pytest.raises(InputError, match="remembered wait"):
        waiting(records)


def test_negative_waits_are_repaired_and_counted() -> None:
    wait = np.random.default_rng(3).gamma(2, 9, 400)
    wait[:7] = -5
    records = surveys(wait)
    repaired = records.repairs[records.repairs["column"] == "wait_minutes"]
    assert len(repaired) == 7
    found = waiting(records)
    assert found.table.set_index("term").loc["plus_10", "n"] == 393
    assert found.flow["rows"].tolist()[-1] == 393


def test_constant_answers_and_waits() -> None:
    rng = np.random.default_rng(4)
    with pytest.raises(InputError, match="alike"):
        waiting(surveys(rng.gamma(2, 9, 200), satisfaction=5))
    with pytest.raises(InputError, match="same"):
        waiting(surveys(np.full(200, 7.0)))


def test_points_off_the_scale_are_dropped_and_counted() -> None:
    rng = np.random.default_rng(5)
    points = rng.integers(1, 6, 300)
    points[:9] = 9
    records = surveys(rng.gamma(2, 9, 300), satisfaction=points)
    found = waiting(records)
    assert found.table.set_index("term").loc["plus_10", "n"] == 291
    assert (records.repairs["column"] == "satisfaction").sum() == 9


def test_perfect_separation_is_named() -> None:
    wait = np.random.default_rng(6).uniform(0, 60, 400)
    with pytest.raises(InputError) as caught:
        waiting(surveys(wait, satisfaction=np.where(wait > 30, 1, 5)))
    assert "separat" in caught.value.en or "perfect" in caught.value.en


def test_one_branch_is_analysed_by_customer_or_row() -> None:
    records, _ = wait_log_bank(7, branches=1, days=60)
    found = waiting(records, outcome="satisfied")
    table = found.table.set_index("term")
    assert "plus_10" in table.index
    assert "branch" not in table.loc["plus_10", "error_kind"]
    assert {c.name: c.status for c in found.checks}["cluster_count"] in ("warn", "passed")


def test_tickets_without_branch_or_customer() -> None:
    records, _ = wait_log_bank(8, days=20)
    visits = records.visits.assign(branch_id=pd.NA, customer_id=pd.NA)
    kept = records.surveys.assign(branch_id=pd.NA)
    found = waiting(Records.from_frames(visits=visits, surveys=kept), outcome="satisfied")
    assert "plus_10" in set(found.table["term"])
    assert "plus_10_instrumented" not in set(found.table["term"])
    assert all(c.name != "placebo_future_wait" for c in found.checks)


def test_a_chinese_column_with_brackets_can_be_held_equal() -> None:
    records, _ = visit_bank(9, n=1500)
    kind = pd.Series(np.arange(1500) % 3).astype(str)
    with_kind = records.surveys.assign(**{"客户（类型） 2": kind})
    found = waiting(
        Records.from_frames(**{**records.tables, "surveys": with_kind}),
        confounders="客户（类型） 2",
    )
    assert "客户（类型） 2" in found.method.zh
    with pytest.raises(InputError, match="no column"):
        waiting(records, confounders=["没有的列"])


def test_a_log_in_which_everybody_left() -> None:
    records, _ = visit_bank(10, n=1500)
    wait = (records.visits["called"] - records.visits["arrived"]).dt.total_seconds() / 60
    own = records.surveys.assign(wait_minutes=wait.to_numpy())
    visits = records.visits.assign(abandoned=True, called=pd.NaT)
    found = waiting(Records.from_frames(**{**records.tables, "visits": visits, "surveys": own}))
    assert found.table.set_index("term").loc["abandoned", "estimate"] == 1
    assert "patience_median" not in set(found.table["term"])
