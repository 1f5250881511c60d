"""The cluster jackknife: errors that hold with few or unequal clusters, for any fitted model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from svcquality.estimators.clustered import Inference, cluster_codes

FEW_CLUSTERS = 40
"""Below so many clusters the plain sandwich tends to be too small."""
_RANK = 1e-10


def cluster_jackknife(
    part: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    clusters: np.ndarray | pd.Series,
) -> Inference:
    """Covariance from leaving out one cluster at a time (CR3).

    One Newton step from the estimate takes the place of each refit, which is exact for least
    squares: ``θ₍g₎ − θ = −(H − H_g)⁻¹ s_g`` and ``V = (G − 1)/G · Σ (θ₍g₎ − θ)(θ₍g₎ − θ)'``, t with
    ``G − 1`` degrees of freedom (MacKinnon, Nielsen & Webb 2023, J. Applied Econometrics 38). What
    only the cluster left out identifies, such as its own fixed effect, keeps its value.

    Parameters
    ----------
    part : callable
        From the rows of a cluster (indices) to the sum of their scores (p,) and their
        information (p, p) at the estimate.
    clusters : array of shape (n,)

    Raises
    ------
    InputError
        If there is one cluster only.
    """
    codes, groups = cluster_codes(clusters)
    order = np.argsort(codes, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    parts = [part(rows) for rows in members]
    whole = np.sum([information for _, information in parts], axis=0)
    scale = 1 / np.sqrt(np.maximum(np.diag(whole), 1e-300))
    moves = np.array([_step(scale[:, None] * (whole - own) * scale, scale * s) for s, own in parts])
    moves *= scale
    covariance = (groups - 1) / groups * (moves.T @ moves)
    return Inference(covariance, groups - 1, "CR3", groups)


def _step(information: np.ndarray, score: np.ndarray) -> np.ndarray:
    return -np.linalg.pinv(information, rcond=_RANK, hermitian=True) @ score
