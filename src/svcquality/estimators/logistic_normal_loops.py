"""The compiled loops of `logistic_normal`: one document after the other, without Python between."""

from __future__ import annotations

import numba
import numpy as np

from svcquality.estimators.small_cholesky import cholesky, invert, solve

STEPS = 100
"""Newton steps at most."""
CONVERGED = 1e-12
"""Stop when a step gains less than this share of the log posterior."""
FARTHEST = 0.5
"""Posterior standard deviations by which skewness moves the mean from the mode at most; further
out the expansion does not hold."""


@numba.njit(cache=True, nogil=True)
def modes(
    indptr,
    indices,
    data,
    beta,
    mu,
    precision,
    first,
    last,
    eta,
    centre,
    bound,
    covariance_sum,
    ratios,
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
        value = log_posterior(w, c, beta, mu[d], precision, here, theta)
        finished = False
        for _ in range(STEPS):
            curvature(w, c, beta, mu[d], precision, here, theta, gradient, H, U)
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
                new = log_posterior(w, c, beta, mu[d], precision, trial, theta)
                if new > value or size < 1e-6:
                    break
                size /= 2
            if not new > value:  # nothing to gain within the precision of floats
                finished = True
                break
            value = new
            for j in range(J):
                here[j] = trial[j]
        exact = curvature(w, c, beta, mu[d], precision, here, theta, gradient, H, U)
        bad += not (finished and exact)
        bound[d] = value
        for j in range(J):
            bound[d] -= np.log(U[j, j])
        invert(U, inverse)
        for i in range(J):
            for j in range(J):
                covariance_sum[i, j] += inverse[i, j]
        _skewness(w, c, beta, theta, inverse, gradient)
        size = 0.0
        for i in range(J):
            step[i] = 0.0
            for j in range(J):
                step[i] -= 0.5 * inverse[i, j] * gradient[j]
            size -= 0.5 * gradient[i] * step[i]
        size = min(1.0, FARTHEST / np.sqrt(max(size, 1e-300)))
        for j in range(J):
            centre[d, j] = here[j] + size * step[j]
        if len(ratios):
            for n in range(len(w)):
                total = 0.0
                for k in range(J + 1):
                    total += theta[k] * beta[w[n], k]
                ratios[indptr[d] + n] = c[n] / total
    return bad


@numba.njit(cache=True, nogil=True)
def _skewness(w, c, beta, theta, V, out):  # pragma: no cover - compiled
    """How the curvature, weighted by V, changes along each η: minus the third derivatives."""
    J = len(out)
    total = 0.0
    for j in range(J):
        out[j] = 0.0
    phi = np.empty(J)
    for n in range(len(w)):
        norm = theta[J] * beta[w[n], J]
        for k in range(J):
            phi[k] = theta[k] * beta[w[n], k]
            norm += phi[k]
        for k in range(J):
            phi[k] /= norm
        total += c[n]
        _third(phi, V, -c[n], out)
    _third(theta, V, total, out)


@numba.njit(cache=True, nogil=True)
def _third(p, V, weight, out):  # pragma: no cover - compiled
    """Add ``weight`` times the third cumulants of a choice with probabilities p, summed over V."""
    J = len(out)
    diagonal = 0.0
    square = 0.0
    for i in range(J):
        row = 0.0
        for j in range(J):
            row += V[i, j] * p[j]
        diagonal += p[i] * V[i, i]
        square += p[i] * row
        out[i] += weight * p[i] * (V[i, i] - 2 * row)
    for i in range(J):
        out[i] -= weight * p[i] * (diagonal - 2 * square)


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
        curvature(w, c, beta, mu[d], precision, eta[d], theta, gradient, H, U)
        invert(U, out[d - first])


@numba.njit(cache=True, nogil=True)
def curvature(w, c, beta, mu, precision, eta, theta, gradient, H, U):  # pragma: no cover
    """Cholesky factor of the curvature at η, or of its upper bound; whether it was the former."""
    log_posterior(w, c, beta, mu, precision, eta, theta)
    derivatives(w, c, beta, mu, precision, eta, theta, gradient, H, True)
    if cholesky(H, U):
        return True
    derivatives(w, c, beta, mu, precision, eta, theta, gradient, H, False)
    cholesky(H, U)
    return False


@numba.njit(cache=True, nogil=True)
def log_posterior(w, c, beta, mu, precision, eta, theta):  # pragma: no cover - compiled
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
def derivatives(
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
