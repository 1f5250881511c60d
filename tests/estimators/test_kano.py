from __future__ import annotations

import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.estimators.kano import penalty_reward


def draw(seed: int, n: int = 1500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Queue: only bad hurts. Staff: only good delights. Rooms: as much either way."""
    rng = np.random.default_rng(seed)
    items = rng.integers(1, 6, size=(n, 3)).astype(float)
    branch = rng.integers(30, size=n)
    bad, good = items <= 2, items >= 4
    y = 3 - 0.8 * bad[:, 0] + 0.7 * good[:, 1] + 0.4 * good[:, 2] - 0.4 * bad[:, 2]
    return y + rng.normal(0, 0.3, 30)[branch] + rng.normal(0, 0.6, n), items, branch


def test_finds_what_was_planted() -> None:
    y, items, branch = draw(1)
    found = penalty_reward(
        y, items, bad=2, good=4, margin=0.25, clusters=branch, names=("queue", "staff", "rooms")
    )
    table = found.table.set_index("attribute")
    assert table["kind"].to_dict() == {
        "queue": "basic", "staff": "excitement", "rooms": "performance"
    }  # fmt: skip
    assert table.loc["queue", "penalty"] == pytest.approx(-0.8, abs=0.12)
    assert table.loc["staff", "reward"] == pytest.approx(0.7, abs=0.12)
    assert (table["asymmetry"] - table["penalty"] - table["reward"]).abs().max() < 1e-12
    assert (found.clusters, found.errors) == (30, "CR1")


def test_one_attribute_is_a_difference_of_means() -> None:
    y, items, _ = draw(2)
    row = penalty_reward(y, items[:, :1], bad=2, good=4).table.iloc[0]
    middle = y[items[:, 0] == 3].mean()
    assert row["penalty"] == pytest.approx(y[items[:, 0] <= 2].mean() - middle)
    assert row["reward"] == pytest.approx(y[items[:, 0] >= 4].mean() - middle)
    assert row["n_low"] == (items[:, 0] <= 2).sum()


def test_little_data_leave_it_open_and_symmetry_needs_a_margin() -> None:
    y, items, _ = draw(3, n=60)
    assert "open" in set(penalty_reward(y, items, bad=2, good=4).table["kind"])
    y, items, _ = draw(3)
    assert penalty_reward(y, items, bad=2, good=4).table["kind"][2] == "open"


def test_hopeless_data_are_refused() -> None:
    y, items, _ = draw(4, n=100)
    with pytest.raises(InputError, match="queue"):
        penalty_reward(y, np.minimum(items, 3), bad=2, good=4, names=("queue", "b", "c"))
    with pytest.raises(InputError, match="same value"):
        penalty_reward(np.ones(100), items, bad=2, good=4)
    with pytest.raises(InputError, match="repeat each other"):
        penalty_reward(y, items[:, [0, 0]], bad=2, good=4)
    with pytest.raises(ValueError, match="below"):
        penalty_reward(y, items, bad=4, good=4)
