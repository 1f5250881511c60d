"""The cluster jackknife: exact for least squares, close to real refits for an ordered logit."""

from __future__ import annotations

import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.estimators.jackknife import cluster_jackknife
from svcquality.estimators.ordered_logit import ordered_logit


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    cluster = np.repeat(np.arange(9), rng.integers(60, 240, 9))
    x = rng.normal(size=(len(cluster), 2)) + rng.normal(size=9)[cluster, None] / 2
    latent = x @ [0.8, -0.4] + rng.normal(size=9)[cluster] * 0.5 + rng.logistic(size=len(x))
    return np.digitize(latent, [-1.5, 0, 1.2]), x, cluster


def of_least_squares(y, X, beta):
    return lambda rows: (X[rows].T @ (y[rows] - X[rows] @ beta), X[rows].T @ X[rows])


def test_it_is_the_exact_jackknife_of_least_squares(rows):
    y, x, cluster = rows
    X = np.column_stack([np.ones(len(y)), x])
    beta = np.linalg.lstsq(X, y, rcond=None)[0]
    refits = [np.linalg.lstsq(X[cluster != g], y[cluster != g], rcond=None)[0] for g in range(9)]
    moves = np.array(refits) - beta
    found = cluster_jackknife(of_least_squares(y, X, beta), cluster)
    np.testing.assert_allclose(found.covariance, 8 / 9 * moves.T @ moves, rtol=1e-9)
    assert (found.df, found.kind, found.clusters) == (8, "CR3", 9)


def test_a_cluster_s_own_indicator_does_not_upset_the_rest(rows):
    y, x, cluster = rows
    own = (cluster[:, None] == np.arange(9)).astype(float)
    X = np.column_stack([x, own])
    beta = np.linalg.lstsq(X, y, rcond=None)[0]
    moves = []
    for g in range(9):
        keep = cluster != g
        kept = np.delete(X[keep], 2 + g, axis=1)
        moves.append(np.linalg.lstsq(kept, y[keep], rcond=None)[0][:2] - beta[:2])
    found = cluster_jackknife(of_least_squares(y, X, beta), cluster)
    np.testing.assert_allclose(
        found.covariance[:2, :2], 8 / 9 * np.transpose(moves) @ moves, rtol=1e-8
    )


def test_one_step_is_near_the_refits_of_an_ordered_logit(rows):
    y, x, cluster = rows
    fit = ordered_logit(y, x, clusters=cluster)
    refits = [ordered_logit(y[cluster != g], x[cluster != g]) for g in range(9)]
    moves = np.array([f.coefficients for f in refits]) - fit.coefficients
    exact = np.sqrt(8 / 9 * (moves**2).sum(axis=0))
    found = cluster_jackknife(fit.parts(y, x), cluster)
    np.testing.assert_allclose(found.errors[:2], exact, rtol=0.03)


def test_one_cluster_is_refused(rows):
    y, x, _ = rows
    with pytest.raises(InputError, match="one cluster"):
        cluster_jackknife(of_least_squares(y, x, np.zeros(2)), np.zeros(len(y)))
