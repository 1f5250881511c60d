from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.records.bank import Records
from svcquality.records.waits import with_queue

DAY = pd.Timestamp("2025-03-03 09:00")


def tickets(rows: list[tuple[str, str, float, float | None]]) -> pd.DataFrame:
    """Branch, customer, minute of arrival and of the call (None: left)."""
    frame = pd.DataFrame(rows, columns=["branch_id", "customer_id", "arrived", "called"])
    frame["called"] = frame["called"].astype(float)
    frame["abandoned"] = frame["called"].isna()
    for name in ("arrived", "called"):
        frame[name] = DAY + pd.to_timedelta(frame[name] * 60, unit="s")
    frame["visit_id"] = [f"V{i}" for i in range(len(frame))]
    return with_queue(Records.from_frames(visits=frame).visits)


def test_a_day_by_hand() -> None:
    found = tickets(
        [
            ("甲", "a", 0, 5),
            ("甲", "b", 2, 30),
            ("甲", "c", 10, 12),  # overtakes b
            ("甲", "d", 40, None),
            ("甲", "a", 70, 74),
            ("乙", "b", 3, 4),  # another branch overtakes nobody
        ]
    )
    assert found["arrivals_before"].tolist() == [0, 1, 2, 3, 2, 0]
    assert found["overtaken"].tolist()[:3] == [False, True, False]
    assert pd.isna(found["overtaken"].iloc[3])
    # b waited 28, c 2; d left; those after b's call at 30: only the one at 70.
    assert found["wait_after"].iloc[0] == pytest.approx(2.0)
    assert found["wait_after"].iloc[1] == pytest.approx(4.0)
    assert np.isnan(found["wait_after"].iloc[4])
    assert found["wait_next"].iloc[0] == pytest.approx(4.0)
    assert found["wait_next"].iloc[1] == pytest.approx(1.0)


def test_unknown_branches_and_another_day_do_not_meet() -> None:
    found = tickets([("甲", "a", 0, 50), ("甲", "b", 1440, 1441), (None, "c", 5, 6)])
    assert found["arrivals_before"].tolist()[:2] == [0, 0]
    assert found["overtaken"].tolist()[:2] == [False, False]
    assert np.isnan(found["arrivals_before"].iloc[2])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["甲", "乙"]),
            st.sampled_from(["a", "b"]),
            st.integers(0, 3000),
            st.one_of(st.none(), st.integers(0, 60)),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_as_counted_one_by_one(drawn: list[tuple[str, str, int, int | None]]) -> None:
    rows = [(b, c, a, None if w is None else a + w) for b, c, a, w in drawn]
    found = tickets(rows)
    for i, (branch, _, arrived, called) in enumerate(rows):
        others = [r for j, r in enumerate(rows) if j != i and r[0] == branch]
        before = sum(arrived - 60 <= r[2] < arrived for r in others)
        assert found["arrivals_before"].iloc[i] == before
        if called is None:
            assert pd.isna(found["overtaken"].iloc[i])
            continue
        midnight = (arrived + 540) // 1440
        passed = any(
            (r[2] + 540) // 1440 == midnight and r[2] > arrived and r[3] is not None
            and r[3] + 1 <= called for r in others
        )  # fmt: skip
        assert found["overtaken"].iloc[i] == passed
        after = [
            r[3] - r[2] for r in others if r[3] is not None and called < r[2] <= called + 60
        ]  # fmt: skip
        if after:
            assert found["wait_after"].iloc[i] == pytest.approx(np.mean(after))
        else:
            assert np.isnan(found["wait_after"].iloc[i])
