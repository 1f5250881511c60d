"""The compiled loops of `logistic_normal` that turn modes into mean shares and draws."""

from __future__ import annotations

import numba
import numpy as np

from svcquality.estimators.logistic_normal_loops import curvature, derivatives, log_posterior
from svcquality.estimators.small_cholesky import back, cholesky, solve

MEAN_STEPS, ENOUGH = 30, 0.1
"""Steps towards a shifted mode at most, and what is too little to gain (in twice its logarithm)."""


@numba.njit(cache=True, nogil=True)
def mean_shares(
    indptr, indices, data, beta, mu, precision, first, last, eta, share
):  # pragma: no cover - compiled
    """E[θ] of each document: the ratio of two Laplace integrals, with and without θ_k beside."""
    J = mu.shape[1]
    K = J + 1
    theta = np.empty(K)
    H = np.empty((J, J))
    U = np.empty((J, J))
    gradient = np.empty(J)
    step = np.empty(J)
    place = np.empty(J)
    trial = np.empty(J)
    for d in range(first, last):
        w, c = indices[indptr[d] : indptr[d + 1]], data[indptr[d] : indptr[d + 1]]
        curvature(w, c, beta, mu[d], precision, eta[d], theta, gradient, H, U)
        # log θ_k has the same curvature for every k: one factor serves all first steps.
        _add_share(theta, K, gradient, H)
        cholesky(H, U)
        centre = theta.copy()
        V = U.copy()
        W = U.copy()
        base = log_posterior(w, c, beta, mu[d], precision, eta[d], theta)
        top = -np.inf
        for k in range(K):
            for j in range(J):
                place[j] = eta[d, j]
                gradient[j] = (1.0 if j == k else 0.0) - centre[j]
            solve(V, gradient, step)
            value = base + np.log(centre[k])
            W[:] = V
            gain = 0.0
            for t in range(MEAN_STEPS):
                size = 1.0
                while True:
                    for j in range(J):
                        trial[j] = place[j] + size * step[j]
                    new = log_posterior(w, c, beta, mu[d], precision, trial, theta) + np.log(
                        theta[k]
                    )
                    if new > value or size < 0.05:
                        break
                    size /= 2
                if new > value:
                    value = new
                    for j in range(J):
                        place[j] = trial[j]
                else:
                    log_posterior(w, c, beta, mu[d], precision, place, theta)
                # Most of the way goes by a factor at hand; the exact curvature is made at its end.
                derivatives(w, c, beta, mu[d], precision, place, theta, gradient, H, False)
                _add_share(theta, k, gradient, H)
                solve(W, gradient, step)
                last = size < 0.05 or t == MEAN_STEPS - 1
                if _product(gradient, step) >= ENOUGH and not last:
                    continue
                derivatives(w, c, beta, mu[d], precision, place, theta, gradient, H, True)
                _add_share(theta, k, gradient, H)
                if not cholesky(H, U):
                    derivatives(w, c, beta, mu[d], precision, place, theta, gradient, H, False)
                    _add_share(theta, k, gradient, H)
                    cholesky(H, U)
                solve(U, gradient, step)
                gain = _product(gradient, step)
                if gain < ENOUGH or last:
                    break
                W[:] = U
            value += 0.5 * min(gain, ENOUGH)  # what the step not yet taken would gain
            for j in range(J):
                value -= np.log(U[j, j])
            share[d, k] = value
            top = max(top, value)
        total = 0.0
        for k in range(K):
            share[d, k] = np.exp(share[d, k] - top)
            total += share[d, k]
        for k in range(K):
            share[d, k] /= total


@numba.njit(cache=True, nogil=True)
def _product(a, b):  # pragma: no cover - compiled
    total = 0.0
    for j in range(len(a)):
        total += a[j] * b[j]
    return total


@numba.njit(cache=True, nogil=True)
def _add_share(theta, k, gradient, H):  # pragma: no cover - compiled
    """Add the derivatives of log θ_k (of none, but for its curvature, if k is no topic)."""
    J = len(gradient)
    for i in range(J):
        gradient[i] += (1.0 if i == k else 0.0) - theta[i]
        H[i, i] += theta[i]
        for j in range(i, J):
            H[i, j] -= theta[i] * theta[j]


@numba.njit(cache=True, nogil=True)
def draw_odds(
    indptr,
    indices,
    data,
    beta,
    mu,
    precision,
    first,
    last,
    eta,
    shift,
    begin,
    normal,
    uniform,
    odds,
):  # pragma: no cover - compiled
    """Draws of η by elliptical slices around the Laplace approximation.

    ``shift`` (M, rows, J) moves the prior mean of each draw; ``begin`` (M, rows, J) holds earlier
    draws to go on from, or is empty; ``normal`` (M, rows, steps + 1, J)
    and ``uniform`` (M, rows, steps, 2) are what chance there is.
    """
    J = mu.shape[1]
    theta = np.empty(J + 1)
    H = np.empty((J, J))
    U = np.empty((J, J))
    gradient = np.empty(J)
    prior = np.empty(J)
    centre = np.empty(J)
    x = np.empty(J)
    v = np.empty(J)
    trial = np.empty(J)
    for d in range(first, last):
        w, c = indices[indptr[d] : indptr[d + 1]], data[indptr[d] : indptr[d + 1]]
        curvature(w, c, beta, mu[d], precision, eta[d], theta, gradient, H, U)
        r = d - first
        for m in range(len(normal)):
            for j in range(J):
                prior[j] = mu[d, j] + shift[m, r, j]
                gradient[j] = 0.0
                for i in range(J):
                    gradient[j] += precision[i, j] * shift[m, r, i]
                x[j] = normal[m, r, 0, j]
            solve(U, gradient, centre)  # the mode moves with the prior mean
            back(U, x)
            for j in range(J):
                centre[j] += eta[d, j]
            if len(begin):  # go on from there, not from the normal approximation
                for j in range(J):
                    x[j] = begin[m, r, j] - centre[j]
            value = _beside(w, c, beta, prior, precision, centre, x, U, trial, theta)
            for s in range(uniform.shape[2]):
                for j in range(J):
                    v[j] = normal[m, r, s + 1, j]
                back(U, v)
                level = value + np.log(uniform[m, r, s, 0])
                u = uniform[m, r, s, 1]
                angle = 2 * np.pi * u
                low, high = angle - 2 * np.pi, angle
                for _ in range(60):
                    cos, sin = np.cos(angle), np.sin(angle)
                    for j in range(J):
                        gradient[j] = x[j] * cos + v[j] * sin
                    new = _beside(w, c, beta, prior, precision, centre, gradient, U, trial, theta)
                    if new > level:
                        value = new
                        for j in range(J):
                            x[j] = gradient[j]
                        break
                    if angle < 0:
                        low = angle
                    else:
                        high = angle
                    # A fixed irrational walk through (0, 1) stands for further uniforms.
                    u = (u + 0.6180339887498949) % 1.0
                    angle = low + u * (high - low)
            for j in range(J):
                odds[m, r, j] = centre[j] + x[j]


@numba.njit(cache=True, nogil=True)
def _beside(w, c, beta, mu, precision, centre, x, U, place, theta):  # pragma: no cover - compiled
    """Log posterior at centre + x less that of the normal approximation."""
    J = len(x)
    size = 0.0
    for i in range(J):
        place[i] = centre[i] + x[i]
        row = 0.0
        for j in range(i, J):
            row += U[i, j] * x[j]
        size += row * row
    return log_posterior(w, c, beta, mu, precision, place, theta) + 0.5 * size
