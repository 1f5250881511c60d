"""The compiled loops of `logistic_normal`: one document after the other, without Python between."""

from __future__ import annotations

import numba
import numpy as np

from svcquality.estimators.small_cholesky import back, cholesky, invert, solve

STEPS = 100
"""Newton steps at most."""
CONVERGED = 1e-12
"""Stop when a step gains less than this share of the log posterior."""
MEAN_STEPS, ENOUGH = 4, 0.02
"""Steps towards a shifted mode, and what is too little to gain (in twice its logarithm)."""


@numba.njit(cache=True, nogil=True)
def modes(
    indptr, indices, data, beta, mu, precision, first, last, eta, bound, covariance_sum, ratios
):  # pragma: no cover - compiled
    """Modes of documents ``first`` … ``last`` − 1, written into ``eta`` and the other arrays."""
    J = mu.shape[1]
    theta = np.empty(J + 1)
    H = np.empty((J, J))
    U = np.empty((J, J))
    gradient = np.empty(J)
    step = np.empty(J)
    trial = np.empty(J)
    inverse = np.empty((J, J))
    bad = 0
    for d in range(first, last):
        w, c = indices[indptr[d] : indptr[d + 1]], data[indptr[d] : indptr[d + 1]]
        here = eta[d]
        value = _value(w, c, beta, mu[d], precision, here, theta)
        finished = False
        for _ in range(STEPS):
            _curvature(w, c, beta, mu[d], precision, here, theta, gradient, H, U)
            solve(U, gradient, step)
            gain = 0.0
            for j in range(J):
                gain += gradient[j] * step[j]
            if gain < CONVERGED * max(1.0, abs(value)):
                finished = True
                break
            size = 1.0
            while True:
                for j in range(J):
                    trial[j] = here[j] + size * step[j]
                new = _value(w, c, beta, mu[d], precision, trial, theta)
                if new > value or size < 1e-6:
                    break
                size /= 2
            if not new > value:  # nothing to gain within the precision of floats
                finished = True
                break
            value = new
            for j in range(J):
                here[j] = trial[j]
        exact = _curvature(w, c, beta, mu[d], precision, here, theta, gradient, H, U)
        bad += not (finished and exact)
        bound[d] = value
        for j in range(J):
            bound[d] -= np.log(U[j, j])
        invert(U, inverse)
        for i in range(J):
            for j in range(J):
                covariance_sum[i, j] += inverse[i, j]
        if len(ratios):
            for n in range(len(w)):
                total = 0.0
                for k in range(J + 1):
                    total += theta[k] * beta[w[n], k]
                ratios[indptr[d] + n] = c[n] / total
    return bad


@numba.njit(cache=True, nogil=True)
def covariances(
    indptr, indices, data, beta, mu, precision, first, last, eta, out
):  # pragma: no cover - compiled
    """Inverse curvature of each document, into ``out`` (rows, J, J)."""
    J = mu.shape[1]
    theta = np.empty(J + 1)
    H = np.empty((J, J))
    U = np.empty((J, J))
    gradient = np.empty(J)
    for d in range(first, last):
        w, c = indices[indptr[d] : indptr[d + 1]], data[indptr[d] : indptr[d + 1]]
        _curvature(w, c, beta, mu[d], precision, eta[d], theta, gradient, H, U)
        invert(U, out[d - first])


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
    for d in range(first, last):
        w, c = indices[indptr[d] : indptr[d + 1]], data[indptr[d] : indptr[d + 1]]
        _curvature(w, c, beta, mu[d], precision, eta[d], theta, gradient, H, U)
        # log θ_k has the same curvature for every k: one factor serves all first steps.
        _add_share(theta, K, gradient, H)
        cholesky(H, U)
        centre = theta.copy()
        V = U.copy()
        top = -np.inf
        for k in range(K):
            for j in range(J):
                gradient[j] = (1.0 if j == k else 0.0) - centre[j]
            solve(V, gradient, step)
            for j in range(J):
                place[j] = eta[d, j] + step[j]
            gain = 1.0
            for _ in range(MEAN_STEPS):
                value = _value(w, c, beta, mu[d], precision, place, theta) + np.log(theta[k])
                _derivatives(w, c, beta, mu[d], precision, place, theta, gradient, H, True)
                _add_share(theta, k, gradient, H)
                if not cholesky(H, U):
                    _derivatives(w, c, beta, mu[d], precision, place, theta, gradient, H, False)
                    _add_share(theta, k, gradient, H)
                    cholesky(H, U)
                solve(U, gradient, step)
                gain = 0.0
                for j in range(J):
                    gain += gradient[j] * step[j]
                    place[j] += step[j]
                if gain < ENOUGH:
                    break
            value += 0.5 * gain  # what the step not yet taken would gain
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
def _add_share(theta, k, gradient, H):  # pragma: no cover - compiled
    """Add the derivatives of log θ_k (of none, but for its curvature, if k is no topic)."""
    J = len(gradient)
    for i in range(J):
        gradient[i] += (1.0 if i == k else 0.0) - theta[i]
        H[i, i] += theta[i]
        for j in range(i, J):
            H[i, j] -= theta[i] * theta[j]


@numba.njit(cache=True, nogil=True)
def draw_shares(
    indptr, indices, data, beta, mu, precision, first, last, eta, shift, normal, uniform, share
):  # pragma: no cover - compiled
    """Draws of θ by elliptical slices around the Laplace approximation.

    ``shift`` (M, rows, J) moves the prior mean of each draw; ``normal`` (M, rows, steps + 1, J)
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
        _curvature(w, c, beta, mu[d], precision, eta[d], theta, gradient, H, U)
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
            _beside(w, c, beta, prior, precision, centre, x, U, trial, theta)
            for k in range(J + 1):
                share[m, d, k] = theta[k]


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
    return _value(w, c, beta, mu, precision, place, theta) + 0.5 * size


@numba.njit(cache=True, nogil=True)
def _curvature(w, c, beta, mu, precision, eta, theta, gradient, H, U):  # pragma: no cover
    """Cholesky factor of the curvature at η, or of its upper bound; whether it was the former."""
    _value(w, c, beta, mu, precision, eta, theta)
    _derivatives(w, c, beta, mu, precision, eta, theta, gradient, H, True)
    if cholesky(H, U):
        return True
    _derivatives(w, c, beta, mu, precision, eta, theta, gradient, H, False)
    cholesky(H, U)
    return False


@numba.njit(cache=True, nogil=True)
def _value(w, c, beta, mu, precision, eta, theta):  # pragma: no cover - compiled
    """Sum of log p(words | η) and log p(η) without constants; ``theta`` becomes softmax(η)."""
    J = len(eta)
    top = 0.0
    for j in range(J):
        top = max(top, eta[j])
    norm = np.exp(-top)
    theta[J] = norm
    for j in range(J):
        theta[j] = np.exp(eta[j] - top)
        norm += theta[j]
    for k in range(J + 1):
        theta[k] /= norm
    value = 0.0
    for n in range(len(w)):
        total = 0.0
        for k in range(J + 1):
            total += theta[k] * beta[w[n], k]
        value += c[n] * np.log(total)
    for i in range(J):
        pull = 0.0
        for j in range(J):
            pull += precision[i, j] * (eta[j] - mu[j])
        value -= 0.5 * pull * (eta[i] - mu[i])
    return value


@numba.njit(cache=True, nogil=True)
def _derivatives(
    w, c, beta, mu, precision, eta, theta, gradient, H, exact
):  # pragma: no cover - compiled
    """Gradient of the log posterior and minus its Hessian (upper triangle), or a bound of it."""
    J = len(eta)
    total = 0.0
    for n in range(len(w)):
        total += c[n]
    for i in range(J):
        pull = 0.0
        for j in range(J):
            pull += precision[i, j] * (eta[j] - mu[j])
        gradient[i] = -pull - total * theta[i]
        for j in range(i, J):
            H[i, j] = precision[i, j] - total * theta[i] * theta[j]
        H[i, i] += total * theta[i]
    phi = np.empty(J)
    for n in range(len(w)):
        norm = theta[J] * beta[w[n], J]
        for k in range(J):
            phi[k] = theta[k] * beta[w[n], k]
            norm += phi[k]
        for k in range(J):
            phi[k] /= norm
            gradient[k] += c[n] * phi[k]
        if exact:
            for i in range(J):
                weight = c[n] * phi[i]
                H[i, i] -= weight
                for j in range(i, J):
                    H[i, j] += weight * phi[j]
