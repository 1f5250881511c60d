"""Cholesky factors of small matrices inside compiled loops, without a call into LAPACK."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def cholesky(H, U):  # pragma: no cover - compiled
    """U with U'U = H from the upper triangle of H; False if H is not positive definite."""
    J = len(H)
    for i in range(J):
        for j in range(i, J):
            U[i, j] = H[i, j]
        for j in range(i):
            U[i, j] = 0.0
    for k in range(J):
        if not U[k, k] > 1e-10 * H[k, k]:
            return False
        root = np.sqrt(U[k, k])
        for j in range(k, J):
            U[k, j] /= root
        for i in range(k + 1, J):
            weight = U[k, i]
            for j in range(i, J):
                U[i, j] -= weight * U[k, j]
    return True


@numba.njit(cache=True, nogil=True)
def solve(U, b, x):  # pragma: no cover - compiled
    """``x`` with U'U x = b."""
    J = len(b)
    for i in range(J):
        x[i] = b[i]
    for i in range(J):
        x[i] /= U[i, i]
        for j in range(i + 1, J):
            x[j] -= U[i, j] * x[i]
    back(U, x)


@numba.njit(cache=True, nogil=True)
def back(U, x):  # pragma: no cover - compiled
    """``x`` becomes the solution of U y = x."""
    for i in range(len(x) - 1, -1, -1):
        total = x[i]
        for j in range(i + 1, len(x)):
            total -= U[i, j] * x[j]
        x[i] = total / U[i, i]


@numba.njit(cache=True, nogil=True)
def invert(U, inverse):  # pragma: no cover - compiled
    """Inverse of U'U."""
    J = len(U)
    unit = np.empty(J)
    column = np.empty(J)
    for j in range(J):
        for i in range(J):
            unit[i] = 1.0 if i == j else 0.0
        solve(U, unit, column)
        for i in range(J):
            inverse[i, j] = column[i]
