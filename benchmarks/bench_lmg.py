"""Exact LMG shares with a cluster bootstrap, against numpy solving each subset for all draws."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import comb

import numpy as np

from benchmarks.harness import Contest
from svcquality.estimators.key_drivers import KeyDrivers, key_drivers

ROWS, DRIVERS, BRANCHES, DRAWS = 20_000, 12, 300, 500


def prepare() -> dict[str, np.ndarray]:
    """Correlated drivers with branch effects."""
    rng = np.random.default_rng(20260101)
    branch = np.sort(rng.integers(BRANCHES, size=ROWS))
    x = rng.normal(size=(ROWS, DRIVERS)) + 0.7 * rng.normal(size=(ROWS, 1))
    y = x @ np.linspace(0.4, 0, DRIVERS) + rng.normal(0, 0.3, BRANCHES)[branch]
    return {"y": y + rng.normal(size=ROWS), "x": x, "branch": branch}


def ours(data: dict[str, np.ndarray]) -> KeyDrivers:
    """Every subset swept once from its parent, compiled."""
    return key_drivers(data["y"], data["x"], clusters=data["branch"], draws=DRAWS)


def theirs(data: dict[str, np.ndarray]) -> np.ndarray:
    """One solve a subset, batched over the sample and the draws."""
    Z = np.column_stack([data["x"], data["y"], np.ones(ROWS)])
    order = np.argsort(data["branch"], kind="stable")
    ends = np.searchsorted(data["branch"][order], np.arange(BRANCHES + 1))
    parts = [Z[order[a:b]] for a, b in pairwise(ends)]
    sums = np.array([part.T @ part for part in parts])
    picked = np.random.default_rng(0).multinomial(BRANCHES, [1 / BRANCHES] * BRANCHES, size=DRAWS)
    moments = np.tensordot(np.vstack([np.ones(BRANCHES), picked]), sums, axes=1)
    moments /= moments[:, -1:, -1:]
    centre = moments[:, :-1, -1]
    S = moments[:, :-1, :-1] - centre[:, :, None] * centre[:, None, :]
    r2 = {(): np.zeros(len(S))}
    for size in range(1, DRIVERS + 1):
        for chosen in combinations(range(DRIVERS), size):
            c = np.array(chosen)
            with_y = S[:, c, -1]
            slopes = np.linalg.solve(S[:, c[:, None], c], with_y[:, :, None])[:, :, 0]
            r2[chosen] = (slopes * with_y).sum(axis=1) / S[:, -1, -1]
    shares = np.zeros((len(S), DRIVERS))
    for chosen, value in r2.items():
        for j in chosen:
            without = tuple(i for i in chosen if i != j)
            shares[:, j] += (value - r2[without]) / (DRIVERS * comb(DRIVERS - 1, len(without)))
    return shares


def agree(mine: KeyDrivers, peer: np.ndarray) -> None:
    """Same shares, in the sample and in every draw."""
    np.testing.assert_allclose(mine.table["share"], peer[0], atol=1e-10)
    np.testing.assert_allclose(mine.draws, peer[1:], atol=1e-9)


CONTESTS = [
    Contest(
        "exact LMG shares with bootstrap", "numpy, a batched solve a subset",
        f"{ROWS:,} rows × {DRIVERS} drivers, {DRAWS} draws of {BRANCHES} clusters",
        prepare, ours, theirs, agree,
    )
]  # fmt: skip
