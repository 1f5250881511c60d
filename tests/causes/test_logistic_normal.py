"""Against a grid: with three topics everything can be integrated to many digits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, sparse

from svcquality.estimators import logistic_normal_task
from svcquality.estimators.logistic_normal import draw_shares, laplace, mean_shares, softmax
from svcquality.estimators.logistic_normal_em import (
    coefficient_covariance,
    fit_logistic_normal,
    refine,
)

K, V = 3, 40
SIGMA = np.array([[1.0, 0.3], [0.3, 1.5]])


@pytest.fixture(scope="module")
def corpus() -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
    """Sixty documents of about ten words (the last has none), their topics and prior means."""
    rng = np.random.default_rng(3)
    beta = rng.dirichlet(np.full(V, 0.3), K)
    mu = rng.normal(0, 0.5, (60, K - 1))
    eta = mu + rng.multivariate_normal(np.zeros(K - 1), SIGMA, 60)
    size = np.r_[rng.poisson(10, 59) + 1, 0]
    words = [rng.multinomial(n, share @ beta) for n, share in zip(size, softmax(eta), strict=True)]
    return sparse.csr_matrix(np.stack(words).astype(float)), beta, mu


def log_posterior(eta, words, beta, mu):
    """log p(words | η) + log p(η) without constants, as the formula says it."""
    away = eta - mu
    pull = np.einsum("...i,ij,...j->...", away, np.linalg.inv(SIGMA), away)
    return np.log(softmax(eta) @ beta) @ words - pull / 2


def on_grid(words, beta, mu, centre):
    """Points and their posterior weights, and the log of the integral."""
    axis = np.linspace(-9, 9, 241)
    points = centre + np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    value = log_posterior(points, words, beta, mu)
    weight = np.exp(value - value.max())
    return (
        points,
        weight / weight.sum(),
        value.max() + np.log(weight.sum() * (axis[1] - axis[0]) ** 2),
    )


@pytest.fixture(scope="module")
def exact(corpus):
    """Mean shares, mean η and log-likelihood of the first twenty documents and of the empty one."""
    counts, beta, mu = corpus
    shares, centres, likelihoods = [], [], []
    for d in [*range(20), 59]:
        points, weight, integral = on_grid(counts[d].toarray()[0], beta, mu[d], mu[d])
        shares.append(weight @ softmax(points))
        centres.append(weight @ points)
        likelihoods.append(integral - np.log(2 * np.pi) - np.linalg.slogdet(SIGMA)[1] / 2)
    return np.array(shares), np.array(centres), np.array(likelihoods)


def test_modes_and_curvature(corpus) -> None:
    counts, beta, mu = corpus
    counts, mu = counts[40:], mu[40:]
    found = laplace(counts, beta, mu, SIGMA)
    assert found.unfinished == 0
    total = np.zeros((2, 2))
    for d in range(20):
        words = counts[d].toarray()[0]
        best = optimize.minimize(
            lambda e, w=words, m=mu[d]: -log_posterior(e, w, beta, m), mu[d], tol=1e-12
        )
        np.testing.assert_allclose(found.eta[d], best.x, atol=2e-5)
        h, H = 1e-4, np.empty((2, 2))
        for i, a in enumerate(np.eye(2) * h):
            for j, b in enumerate(np.eye(2) * h):
                corners = found.eta[d] + np.array([a + b, a - b, b - a, -a - b])
                H[i, j] = -log_posterior(corners, words, beta, mu[d]) @ [1, -1, -1, 1] / (4 * h * h)
        total += np.linalg.inv(H)
    np.testing.assert_allclose(found.covariance_sum, total, rtol=1e-4)
    np.testing.assert_array_equal(found.eta[19], mu[19])  # no words: the prior


def test_the_likelihood_means_and_centres_against_the_grid(corpus, exact) -> None:
    counts, beta, mu = corpus
    shares, centres, likelihoods = exact
    rows = [*range(20), 59]
    found = laplace(counts, beta, mu, SIGMA)
    np.testing.assert_allclose(found.log_likelihood[rows], likelihoods, atol=0.1)
    mean = mean_shares(counts, beta, mu, SIGMA, found.eta)
    np.testing.assert_allclose(mean.sum(axis=1), 1)
    error = np.abs(mean[rows] - shares).mean()
    assert error < 0.002
    assert error < np.abs(softmax(found.eta[rows]) - shares).mean() / 3
    off = np.abs(found.centre[rows] - centres).mean()
    assert off < np.abs(found.eta[rows] - centres).mean() / 2


def test_draws_are_of_the_exact_posterior(corpus, exact) -> None:
    counts, beta, mu = corpus
    eta = laplace(counts, beta, mu, SIGMA).eta
    X = np.ones((60, 1))
    none = np.zeros((4000, 1, K - 1))

    def error(slices: int) -> float:
        drawn = draw_shares(
            counts, beta, mu, SIGMA, eta, X=X, deviations=none, seed=1, slices=slices
        )
        np.testing.assert_allclose(drawn.sum(axis=2), 1)
        return float(np.abs(drawn.mean(axis=0)[[*range(20), 59]] - exact[0]).mean())

    assert error(8) < 0.004  # what 4000 draws leave is .003
    assert error(0) > 0.006  # the normal approximation alone


def test_draws_follow_the_coefficients(corpus) -> None:
    counts, beta, mu = corpus
    eta = laplace(counts, beta, mu, SIGMA).eta
    X = np.ones((60, 1))
    up = np.tile([[[2.0, 0.0]]], (300, 1, 1))
    drawn = draw_shares(counts, beta, mu, SIGMA, eta, X=X, deviations=up, seed=1)
    moved = mu + np.array([2.0, 0.0])
    mean = mean_shares(counts, beta, moved, SIGMA, laplace(counts, beta, moved, SIGMA).eta)
    np.testing.assert_allclose(drawn.mean(axis=(0, 1)), mean.mean(axis=0), atol=0.01)
    grouped = draw_shares(
        counts, beta, mu, SIGMA, eta, X=X, deviations=up, seed=1, groups=np.array([0, 1, 1])
    )
    np.testing.assert_allclose(grouped[..., 1], drawn[..., 1:].sum(axis=2))


def test_threads_do_not_change_a_bit(corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    counts, beta, mu = corpus
    counts, mu = sparse.vstack([counts] * 40, format="csr"), np.tile(mu, (40, 1))

    def everything() -> list[np.ndarray]:
        found = laplace(counts, beta, mu, SIGMA, words=True)
        assert found.word_sums is not None
        drawn = draw_shares(
            counts, beta, mu, SIGMA, found.eta, X=np.ones((len(mu), 1)),
            deviations=np.zeros((3, 1, 2)), seed=5,
        )  # fmt: skip
        return [found.eta, found.covariance_sum, found.word_sums, drawn]

    several = everything()
    monkeypatch.setattr(logistic_normal_task.os, "cpu_count", lambda: 1)
    for a, b in zip(several, everything(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_expected_words_add_up(corpus) -> None:
    counts, beta, mu = corpus
    found = laplace(counts, beta, mu, SIGMA, words=True)
    assert found.word_sums is not None
    np.testing.assert_allclose(found.word_sums.sum(axis=0), counts.toarray().sum(axis=0))


def test_fitting_climbs_and_converges(corpus) -> None:
    counts, beta, _ = corpus
    x = np.random.default_rng(0).normal(size=60)
    X = np.column_stack([np.ones(60), (x - x.mean()) / x.std()])
    given = fit_logistic_normal(counts, beta, X, tolerance=1e-7)
    assert given.converged
    assert (np.diff(given.objective) > -0.02).all()  # Laplace is near, not on, the likelihood
    assert given.objective[-1] > given.objective[0] + 0.5
    np.testing.assert_array_equal(given.beta, beta)
    free = fit_logistic_normal(counts, beta, X, topic_prior=np.full((K, V), 0.05))
    assert free.bound > given.bound
    assert (np.diff(free.objective) > -0.05).all()
    np.testing.assert_allclose(free.beta.sum(axis=1), 1)
    stopped = fit_logistic_normal(counts, beta, X, steps=2)
    assert not stopped.converged
    assert len(stopped.objective) == 3


def test_the_information_is_the_curvature_of_the_likelihood() -> None:
    """Louis's formula against second differences of the likelihood in the coefficients."""
    rng = np.random.default_rng(8)
    beta = rng.dirichlet(np.full(V, 0.3), K)
    X = np.column_stack([np.ones(400), rng.choice([-1.0, 1.0], 400)])
    eta = X @ np.array([[0.3, -0.2], [0.5, 0.0]]) + rng.normal(size=(400, 2))
    words = np.stack([rng.multinomial(25, share @ beta) for share in softmax(eta)])
    counts = sparse.csr_matrix(words.astype(float))
    fit = fit_logistic_normal(counts, beta, X, ridge=0.0, tolerance=1e-8)

    def value(change: np.ndarray) -> float:
        mu = X @ (fit.gamma + change.reshape(2, 2))
        return float(laplace(counts, beta, mu, fit.sigma).log_likelihood.sum())

    h = 0.05
    H = np.empty((4, 4))
    for i, a in enumerate(np.eye(4) * h):
        for j, b in enumerate(np.eye(4) * h):
            H[i, j] = -(value(a + b) - value(a - b) - value(b - a) + value(-a - b)) / (4 * h * h)
    ours = coefficient_covariance(counts, X, fit, ridge=0.0)
    np.testing.assert_allclose(np.diag(ours), np.diag(np.linalg.inv(H)), rtol=0.15)


def test_what_does_not_fit_is_refused(corpus) -> None:
    counts, beta, mu = corpus
    with pytest.raises(ValueError, match="do not fit"):
        laplace(counts, beta, mu[:5], SIGMA)
    without = beta.copy()
    without[:, counts.indices[0]] = 0
    with pytest.raises(ValueError, match="probability 0"):
        laplace(counts, without, mu, SIGMA)


def test_refining_finds_what_laplace_misses() -> None:
    """Six words a document and a wide prior: modes take Σ for too small, draws do not."""
    rng = np.random.default_rng(4)
    beta = rng.dirichlet(np.full(V, 0.3), K)
    X = np.column_stack([np.ones(2500), rng.choice([-1.0, 1.0], 2500)])
    gamma, sigma = np.array([[0.3, -0.2], [0.8, 0.0]]), np.eye(2) * 3
    eta = X @ gamma + rng.multivariate_normal([0, 0], sigma, 2500)
    words = np.stack([rng.multinomial(6, share @ beta) for share in softmax(eta)])
    counts = sparse.csr_matrix(words.astype(float))
    rough = fit_logistic_normal(counts, beta, X)
    fine = refine(counts, X, rough, seed=1)
    assert np.abs(fine.gamma - gamma).max() < 0.2
    assert np.trace(rough.sigma) < np.trace(fine.sigma)
    assert np.trace(fine.sigma) == pytest.approx(6, rel=0.25)
    again = refine(counts, X, rough, seed=1)
    np.testing.assert_array_equal(again.gamma, fine.gamma)
    other = refine(counts, X, rough, seed=2)  # what chance leaves is little beside errors
    errors = np.sqrt(np.diag(coefficient_covariance(counts, X, fine))).reshape(2, 2)
    assert (np.abs(other.gamma - fine.gamma) < 1.5 * errors).all()
