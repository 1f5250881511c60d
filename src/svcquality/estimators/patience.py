"""How long customers are ready to wait: leaving is seen, and service hides it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from svcquality.errors import InputError


@dataclass(frozen=True)
class Patience:
    """Mean patience in minutes under an exponential distribution, with an exact interval."""

    mean_minutes: float
    low: float
    high: float
    abandoned: int


def exponential_patience(
    wait_minutes: np.ndarray, served: np.ndarray, *, level: float = 0.95
) -> Patience:
    """Mean patience when being served hides how long a customer would have waited.

    Parameters
    ----------
    wait_minutes : ndarray of shape (n,)
        Until service or leaving.
    served : ndarray of bool, shape (n,)

    Notes
    -----
    Total time waited over the number who left: maximum likelihood with service as censoring (Brown
    et al. 2005, J. American Statistical Association 100). The interval is χ² on twice that number.

    Raises
    ------
    InputError
        If nobody left: patience is then unknown.
    """
    wait, served = np.asarray(wait_minutes, dtype=float), np.asarray(served, dtype=bool)
    left, total = int((~served).sum()), float(wait.sum())
    if left == 0:
        raise InputError(
            "Nobody left the queue, so patience cannot be estimated; leave patience out.",
            "没有客户中途离开，无法估计耐心时长；请不设该参数。",
        )
    upper, lower = stats.chi2.ppf([(1 + level) / 2, (1 - level) / 2], [2 * left + 2, 2 * left])
    return Patience(total / left, float(2 * total / upper), float(2 * total / lower), left)
