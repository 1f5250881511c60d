"""Which simple distribution waits follow: exponential, Lindley or Weibull, by maximum likelihood."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.errors import InputError

COLUMNS = ("distribution", "parameter", "value", "log_likelihood", "aic")


def fit_waits(minutes: np.ndarray) -> pd.DataFrame:
    """Fit three distributions to the same waits.

    Parameters
    ----------
    minutes : ndarray of shape (n,)
        Positive.

    Returns
    -------
    DataFrame
        One row a parameter, `COLUMNS`: ``rate`` of the exponential (per minute), ``theta`` of the
        Lindley (per minute), ``shape`` and ``scale`` (minutes) of the Weibull distribution.

    Raises
    ------
    InputError
        If fewer than two different positive waits are given.

    Notes
    -----
    The Lindley density is ``θ² (1 + x) exp(−θ x) / (1 + θ)``; its maximum has a closed form (Ghitany,
    Atieh & Nadarajah 2008, Mathematics and Computers in Simulation 78).
    """
    x = np.asarray(minutes, dtype=float)
    if len(x) < 2 or not (np.isfinite(x).all() and (x > 0).all()) or np.ptp(x) == 0:
        raise InputError(
            "Distributions of waits need at least two different waits, all above zero; leave zero "
            "waits out.",
            "拟合等候时间分布至少需要两个不同且大于零的等候时间；请去掉零等候。",
        )
    n, mean = len(x), float(x.mean())
    theta = (1 - mean + np.sqrt((mean - 1) ** 2 + 8 * mean)) / (2 * mean)
    shape, _, scale = stats.weibull_min.fit(x, floc=0)
    fits = {
        "exponential": ({"rate": 1 / mean}, -n * (np.log(mean) + 1)),
        "lindley": (
            {"theta": theta},
            n * (2 * np.log(theta) - np.log1p(theta)) + np.log1p(x).sum() - theta * x.sum(),
        ),
        "weibull": (
            {"shape": shape, "scale": scale},
            stats.weibull_min.logpdf(x, shape, scale=scale).sum(),
        ),
    }
    rows = [
        (name, parameter, float(value), float(log_l), float(2 * len(parameters) - 2 * log_l))
        for name, (parameters, log_l) in fits.items()
        for parameter, value in parameters.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
