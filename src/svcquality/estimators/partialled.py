"""Columns net of others: what is left of them after a least-squares fit on controls."""

from __future__ import annotations

import numpy as np

NOTHING_LEFT = 1e-10


def net_of(Z: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """Residuals of every column of ``Z`` on an intercept and the controls.

    A regression of one net column on others has the slopes and residuals of the full regression
    (Frisch & Waugh 1933, Econometrica 1; Lovell 1963).

    Parameters
    ----------
    Z : ndarray of shape (n, q)
    controls : ndarray of shape (n, c)
        Columns that repeat each other do no harm.

    Returns
    -------
    ndarray of shape (n, q)
        Columns of mean 0; exactly 0 where the controls determine a column.
    """
    Z = np.asarray(Z, dtype=float)
    centred = Z - Z.mean(axis=0)
    if controls.shape[1] == 0:
        return centred
    C = controls - controls.mean(axis=0)
    slopes = np.linalg.lstsq(C.T @ C, C.T @ centred, rcond=NOTHING_LEFT)[0]
    left = centred - C @ slopes
    left[:, left.std(axis=0) <= NOTHING_LEFT**0.5 * centred.std(axis=0)] = 0.0
    return left
