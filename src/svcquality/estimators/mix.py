"""A difference of two means as differences within groups and differences in mix."""

from __future__ import annotations

import numpy as np
import pandas as pd


def kitagawa(y: np.ndarray, exposed: np.ndarray, group: np.ndarray) -> pd.DataFrame:
    """Split a difference of two means into differences within groups and differences in mix.

    Parameters
    ----------
    y : ndarray of shape (n,)
    exposed : ndarray of bool, shape (n,)
        Both values occur.
    group : ndarray of shape (n,)

    Returns
    -------
    DataFrame
        ``group, exposed_share, other_share, exposed_mean, other_mean, rate, mix``: the columns
        ``rate`` and ``mix`` sum over groups to ``mean(y | exposed) − mean(y | other)`` exactly. A group
        on one side only has no difference within; all of it is mix.

    Notes
    -----
    Kitagawa (1955), J. American Statistical Association 50: differences in rates weighted by the
    average mix, differences in mix weighted by the average rate.
    """
    codes, names = pd.factorize(np.asarray(group), sort=True)
    y, one = np.asarray(y, dtype=float), np.asarray(exposed, dtype=bool)
    count = np.array([np.bincount(codes[side], minlength=len(names)) for side in (one, ~one)])
    total = np.array([np.bincount(codes[s], y[s], minlength=len(names)) for s in (one, ~one)])
    share = count / count.sum(axis=1, keepdims=True)
    own = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    mean = np.where(np.isnan(own), own[::-1], own)  # a side that is not there takes the other's
    return pd.DataFrame(
        {
            "group": names,
            "exposed_share": share[0],
            "other_share": share[1],
            "exposed_mean": own[0],
            "other_mean": own[1],
            "rate": (mean[0] - mean[1]) * (share[0] + share[1]) / 2,
            "mix": (share[0] - share[1]) * (mean[0] + mean[1]) / 2,
        }
    )
