from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.causes.topics_by_hand import causes_of, topics_of

from svcquality.causes.crosswalk import Crosswalk, crosswalk
from svcquality.causes.shares import wilson
from svcquality.errors import InputError

COUNTS = {
    ("topic_1", "A"): 60, ("topic_1", "B"): 20, ("topic_1", "residual"): 20,
    ("topic_2", "B"): 40, ("topic_2", "residual"): 10,
    ("topic_3", "A"): 6, ("topic_3", "residual"): 24,
    ("topic_4", "residual"): 5,
}  # fmt: skip


def assigned() -> tuple[pd.Series, pd.Series]:
    pairs = [pair for pair, n in COUNTS.items() for _ in range(n)]
    ids = pd.Index([f"c{i}" for i in range(len(pairs))], name="complaint_id")
    topic, cause = (pd.Series([p[i] for p in pairs], index=ids, dtype="str") for i in (0, 1))
    return topic, cause


@pytest.fixture(scope="module")
def found() -> Crosswalk:
    topic, cause = assigned()
    return crosswalk(topics_of(topic), causes_of(cause, ["A", "B", "C"]))


def test_the_joint_distribution_both_ways(found: Crosswalk) -> None:
    table = found.table.set_index(["topic", "cause"])
    assert found.n == 185 and len(table) == 4 * 4
    assert table["joint"].sum() == pytest.approx(1)
    cell = table.loc[("topic_1", "A")]
    assert cell["n"] == 60
    assert cell["of_topic"] == pytest.approx(60 / 100)
    assert cell["of_cause"] == pytest.approx(60 / 66)
    assert cell["lift"] == pytest.approx((60 / 185) / (100 / 185 * 66 / 185))
    assert (cell["of_topic_low"], cell["of_topic_high"]) == pytest.approx(wilson(0.6, 100))
    assert found.matrix("n").loc["topic_3"].tolist() == [6, 0, 0, 24]
    np.testing.assert_allclose(found.matrix("of_topic").sum(axis=1), 1)
    np.testing.assert_allclose(found.matrix("of_cause").sum()[["A", "B", "residual"]], 1)


def test_a_cause_that_nobody_has_says_nothing(found: Crosswalk) -> None:
    unused = found.table[found.table["cause"] == "C"]
    assert unused["of_cause"].isna().all() and unused["lift"].isna().all()
    assert (unused["n"] == 0).all()


def test_best_matches_lead_by_an_interval(found: Crosswalk) -> None:
    best = found.matches.set_index("topic")
    assert best.loc[["topic_1", "topic_2", "topic_3"], "cause"].tolist() == ["A", "B", "A"]
    first = best.loc["topic_1"]
    assert first["lead"] == pytest.approx(0.4)
    error = np.sqrt((0.6 + 0.2 - 0.4**2) / 100)
    assert first["lead_low"] == pytest.approx(0.4 - 1.959964 * error, abs=1e-6)
    assert best.loc["topic_4"].isna().all()  # no complaint of it has a cause


def test_topics_without_a_cause_are_candidates(found: Crosswalk) -> None:
    candidates = found.candidates.set_index("topic")
    assert candidates.index.tolist() == ["topic_3"]  # topic_4 has too few texts
    assert candidates.loc["topic_3", "without_cause"] == pytest.approx(0.8)
    assert candidates.loc["topic_3", "words_zh"] == "topic_3a、topic_3b"
    assert found.examples["topic"].unique().tolist() == ["topic_3"]
    _, cause = assigned()
    assert (cause.loc[found.examples["complaint_id"]] == "residual").all()
    assert found.examples["rank"].tolist() == [1, 2, 3]


def test_a_topic_of_many_causes_is_a_candidate_if_none_of_them_leads() -> None:
    def candidates(residual: int) -> list[str]:
        pairs = [("topic_1", "A")] * 300 + [("topic_2", "A")] * 30 + [("topic_2", "B")] * 30
        pairs += [("topic_2", "residual")] * residual
        ids = [f"c{i}" for i in range(len(pairs))]
        topic, cause = (pd.Series([p[i] for p in pairs], index=ids, dtype="str") for i in (0, 1))
        return (
            crosswalk(topics_of(topic), causes_of(cause, ["A", "B"])).candidates["topic"].tolist()
        )

    assert candidates(29) == []
    assert candidates(31) == ["topic_2"]


def test_copies_of_one_text_are_one_voice() -> None:
    topic, cause = assigned()
    same = pd.Series(pd.NA, index=topic.index, dtype="str")
    same[topic == "topic_3"] = topic.index[topic == "topic_3"][0]
    found = crosswalk(topics_of(topic, same), causes_of(cause, ["A", "B"]))
    table = found.table.set_index(["topic", "cause"])
    assert found.candidates.empty
    assert table.loc[("topic_3", "residual"), "of_topic"] == pytest.approx(0.8)
    low, high = table.loc[("topic_3", "residual"), ["of_topic_low", "of_topic_high"]]
    assert (low, high) == pytest.approx(wilson(0.8, 1.0))


def test_every_complaint_without_a_cause_makes_no_candidate() -> None:
    """Where the codebook fits nothing, no topic stands out."""
    topic, cause = assigned()
    found = crosswalk(topics_of(topic), causes_of(cause.where(cause == "", "residual"), ["A"]))
    assert found.candidates.empty and found.examples.empty
    assert found.matches["cause"].isna().all()


def test_nothing_in_common() -> None:
    topic, cause = assigned()
    with pytest.raises(InputError, match="same records"):
        crosswalk(topics_of(topic), causes_of(cause.add_prefix("x"), ["A"]))
