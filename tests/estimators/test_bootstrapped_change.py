"""The one-step bootstrap of an average change, against real refits."""

from __future__ import annotations

import numpy as np
import pytest

from svcquality.estimators.bootstrapped_change import bootstrapped_change
from svcquality.estimators.marginal import average_change
from svcquality.estimators.ordered_logit import ordered_logit


@pytest.fixture(scope="module")
def rows() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    cluster = rng.integers(40, size=2400)
    x = rng.normal(size=(2400, 3)) + rng.normal(size=40)[cluster, None]
    x[:, 0] = 10 * np.exp(0.6 * x[:, 0])
    latent = x @ [-0.05, 0.3, 0.2] + 0.4 * rng.normal(size=40)[cluster]
    return {
        "X": x, "clusters": cluster,
        "y": np.digitize(latent + rng.logistic(size=2400), [-2, -1, 0, 1]),
    }  # fmt: skip


def test_it_agrees_with_refitting_every_draw(rows):
    y, X, cluster = rows["y"], rows["X"], rows["clusters"]
    fit = ordered_logit(y, X, clusters=cluster)
    after = {0: X[:, 0] + 10}
    low, high = bootstrapped_change(fit, y, X, {}, after, 3, clusters=cluster, seed=3)
    members = [np.flatnonzero(cluster == g) for g in range(40)]
    rng = np.random.default_rng(5)
    refits = []
    for _ in range(120):
        drawn = np.concatenate([members[g] for g in rng.integers(40, size=40)])
        again = ordered_logit(y[drawn], X[drawn])
        refits.append(average_change(again, X[drawn], {}, {0: X[drawn, 0] + 10}, 3).estimate)
    width = np.subtract(*np.quantile(refits, [0.975, 0.025]))
    assert high - low == pytest.approx(width, rel=0.25)
    assert (low + high) / 2 == pytest.approx(np.mean(refits), abs=0.15 * width)


def test_it_agrees_with_the_delta_method_where_rows_are_many(rows):
    y, X = rows["y"], rows["X"]
    fit = ordered_logit(y, X)
    delta = average_change(fit, X, {1: 0.0}, {1: 1.0}, 3)
    low, high = bootstrapped_change(fit, y, X, {1: 0.0}, {1: 1.0}, 3, draws=999)
    assert (low, high) == pytest.approx((delta.low, delta.high), abs=0.15 * delta.error)
    assert (low, high) == bootstrapped_change(fit, y, X, {1: 0.0}, {1: 1.0}, 3, draws=999)
