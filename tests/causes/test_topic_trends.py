from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.causes.topics_by_hand import topics_of

from svcquality.causes.topic_trends import TopicTrends, _score_test, topic_trends
from svcquality.errors import InputError

MONTHS = pd.date_range("2025-01-01", periods=10, freq="MS")


def records(counts: np.ndarray) -> tuple[pd.Series, pd.Series]:
    """Topics and dates of complaints, from counts of shape (months, topics)."""
    month, topic = np.indices(counts.shape)
    repeats = counts.ravel()
    ids = pd.Index([f"c{i}" for i in range(repeats.sum())], name="complaint_id")
    names = [f"topic_{t + 1}" for t in np.repeat(topic.ravel(), repeats)]
    dates = MONTHS[np.repeat(month.ravel(), repeats)] + pd.Timedelta(days=9, hours=8)
    return pd.Series(names, index=ids, dtype="str"), pd.Series(dates, index=ids)


def trends(counts: np.ndarray) -> TopicTrends:
    topic, received = records(counts)
    return topic_trends(topics_of(topic), received)


def test_what_rises_in_the_last_month_is_found_and_nothing_else() -> None:
    counts = np.tile([60, 30, 10], (10, 1))
    counts[:, 1] += np.array([3, -2, 1, 0, -3, 2, -1, 3, -2, 0])
    counts[-1] = [55, 25, 35]
    found = trends(counts)
    assert found.rising == ["topic_3"]
    row = found.changes.set_index("topic").loc["topic_3"]
    assert row["last"] == pytest.approx(35 / 115)
    assert row["before"] == pytest.approx(90 / counts[:-1].sum())
    assert row["change"] == pytest.approx(row["last"] - row["before"])
    assert 0 < row["low"] < row["change"] < row["high"]
    assert row["texts"] == 35
    assert found.last_month == MONTHS[-1]
    monthly = found.monthly[found.monthly["topic"] == "topic_3"]
    assert monthly["n"].tolist() == [10] * 9 + [35]
    assert monthly["share"].between(monthly["low"], monthly["high"]).all()


def test_a_steady_rise_is_a_trend() -> None:
    up = np.arange(10, 40, 3)
    found = trends(np.column_stack([100 - up, up])).changes.set_index("topic")
    assert found.loc["topic_2", "trend_p_adjusted"] < 0.001
    assert found.loc["topic_2", "trend"] == pytest.approx(0.03 * 12)
    assert found.loc["topic_1", "trend"] == pytest.approx(-0.03 * 12)


def test_the_score_test_is_pearsons_for_two_groups() -> None:
    n, totals = np.array([[30.0], [50.0]]), np.array([200.0, 210.0])
    statistic, dispersion, slope = _score_test(n, totals, np.array([0.0, 1.0]))
    table = np.column_stack([n[:, 0], totals - n[:, 0]])
    expected = stats.chi2_contingency(table, correction=False).statistic
    assert statistic[0] ** 2 == pytest.approx(expected)
    assert dispersion[0] == 1
    assert slope[0] == pytest.approx(50 / 210 - 30 / 200)


def test_months_that_vary_anyway_raise_no_alarm() -> None:
    rng = np.random.default_rng(6)
    alarms = []
    for _ in range(150):
        shares = rng.dirichlet(200 * np.array([0.4, 0.3, 0.15, 0.1, 0.05]), size=10)
        alarms.append(bool(trends(rng.multinomial(400, shares)).rising))
    assert np.mean(alarms) < 0.08  # 5% and two standard errors


def test_copies_of_one_text_are_no_rise() -> None:
    counts = np.tile([90, 10], (10, 1))
    counts[-1] = [90, 60]
    topic, received = records(counts)
    late = (topic == "topic_2") & (received > MONTHS[-1])
    same = pd.Series(pd.NA, index=topic.index, dtype="str")
    same[late] = late.index[late][0]
    assert topic_trends(topics_of(topic), received).rising == ["topic_2"]
    found = topic_trends(topics_of(topic, same), received)
    assert found.rising == []
    assert found.changes["texts"].tolist() == [90, 1]


def test_too_few_complaints_or_months_are_not_tested() -> None:
    counts = np.tile([95, 1], (10, 1))
    few = trends(counts).changes.set_index("topic")
    assert np.isnan(few.loc["topic_2", "p"]) and not np.isnan(few.loc["topic_1", "p"])
    short = trends(np.tile([90, 30], (3, 1)))
    assert short.changes["p_adjusted"].isna().all() and short.rising == []
    single = trends(np.array([[20, 10]]))
    assert len(single.monthly) == 2 and single.changes["before"].isna().all()


def test_a_topic_that_everything_is_about() -> None:
    found = trends(np.full((8, 1), 50))
    assert found.changes["p"].tolist() == [1.0]


def test_complaints_without_a_date() -> None:
    topic, received = records(np.tile([20, 10], (6, 1)))
    some = topic_trends(topics_of(topic), received.where(np.arange(len(received)) % 4 > 0))
    assert some.undated == 45 and some.monthly["n"].sum() == 135
    with pytest.raises(InputError, match="date"):
        topic_trends(topics_of(topic), received.where(received.isna()))
