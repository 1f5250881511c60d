"""How long customers are ready to wait: leaving is seen, and service hides it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from svcquality.errors import InputError
from svcquality.estimators.queue_patience import patience_rate


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


def patience_without_moments(
    waited_minutes: np.ndarray, offered_minutes: np.ndarray, *, level: float = 0.95
) -> Patience:
    """Mean patience where a log says who left, and not when.

    Parameters
    ----------
    waited_minutes : ndarray of shape (n,)
        Waits of those who were served.
    offered_minutes : ndarray of shape (m,)
        Positive; the wait that each who left would have had.

    Notes
    -----
    Estimate by `svcquality.estimators.queue_patience.patience_rate`; the interval is Wald's in the
    logarithm, from the information of the same likelihood.

    Raises
    ------
    InputError
        If nobody left, or nobody waited.
    """
    waited, offered = float(np.sum(waited_minutes)), np.asarray(offered_minutes, dtype=float)
    if not len(offered) or not waited > 0:
        raise InputError(
            "Nobody left the queue, or nobody waited, so patience cannot be estimated; leave "
            "patience out.",
            "没有客户中途离开，或没有客户等候，无法估计耐心时长；请不设该参数。",
        )
    rate = patience_rate(waited, 0.0, offered)
    x = np.maximum(rate * offered, 1e-12)
    share = x / np.expm1(x)
    information = rate * waited + float(share @ (x + share - 1))
    reach = stats.norm.ppf((1 + level) / 2) / np.sqrt(information)
    return Patience(
        1 / rate, float(np.exp(-reach) / rate), float(np.exp(reach) / rate), len(offered)
    )
