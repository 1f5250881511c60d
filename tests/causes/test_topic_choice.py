from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from svcquality.causes.topic_choice import CRITERIA, Rule, agreement, choose_topics
from svcquality.errors import InputError


def planted(k: int, texts: int, length: int, seed: int) -> sparse.csr_matrix:
    """Texts of ``k`` topics of 12 words each, and ten words that all share."""
    rng = np.random.default_rng(seed)
    own = 12
    beta = np.full((k, k * own + 10), 1e-4)
    for topic in range(k):
        beta[topic, topic * own : (topic + 1) * own] = 0.86 * rng.dirichlet(np.full(own, 2.0))
        beta[topic, -10:] = 0.014
    theta = rng.dirichlet(np.full(k, 0.1), texts)
    mixed = theta @ (beta / beta.sum(axis=1, keepdims=True))
    return sparse.csr_matrix(np.stack([rng.multinomial(length, p) for p in mixed]).astype(float))


@pytest.mark.parametrize(("k", "texts"), [(4, 400), (8, 1200)])
def test_the_true_number_is_chosen(k: int, texts: int) -> None:
    found = choose_topics(
        planted(k, texts, 10, seed=k), [k - 2, k - 1, k, k + 2, k + 4], Rule.of(None), seed=1
    )
    assert found.k == k
    table = found.table.set_index("k")
    assert table["score"].idxmax() == k
    assert found.trials.groupby("k").size().eq(20).all()
    assert found.topics.shape[:2] == (20, k)
    assert table["chosen"].sum() == 1


def test_threads_change_no_digit() -> None:
    counts = planted(3, 200, 8, seed=2)
    one, two = (
        choose_topics(counts, [2, 3], Rule.of(None), seed=7, starts=4, sample=150, workers=w)
        for w in (1, 2)
    )
    pd.testing.assert_frame_equal(one.trials, two.trials, check_exact=True)
    np.testing.assert_array_equal(one.statistics, two.statistics)
    assert one.texts == 150


def test_the_weights_decide() -> None:
    trials = pd.DataFrame(
        {
            "k": [2, 2, 4, 4],
            "coherence": [0.1, 0.2, 0.3, 0.4],
            "exclusivity": 0.5,
            "held_out": [np.nan] * 4,
            "stability": [0.9, 0.8, 0.4, 0.3],
        }
    )
    by = {name: Rule.of({name: 1}).scores(trials).idxmax() for name in ("coherence", "stability")}
    assert by == {"coherence": 4, "stability": 2}
    even = Rule.of(None).scores(trials)
    assert even[2] == pytest.approx(even[4])  # two to two, and what says nothing says nothing


@pytest.mark.parametrize(
    "wrong", [{"perplexity": 1}, {"coherence": -1}, {"coherence": True}, {}, {"held_out": 0}, [1]]
)
def test_rules_that_are_none(wrong: object) -> None:
    with pytest.raises(InputError, match=", ".join(CRITERIA)):
        Rule.of(wrong)  # type: ignore[arg-type]


def test_agreement_of_the_same_topics_in_another_order() -> None:
    topics = np.random.default_rng(0).dirichlet(np.full(30, 0.1), 4)
    stranger = np.random.default_rng(9).dirichlet(np.full(30, 0.1), 4)
    found = agreement(np.stack([topics, topics[::-1], stranger]))
    assert found[0] == pytest.approx(found[1])
    assert found[2] < 0.5 < found[0]
