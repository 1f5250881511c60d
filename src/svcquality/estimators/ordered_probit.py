"""Ordered probit: as the ordered logit, with normal latent answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from svcquality.estimators.cumulative import CumulativeModel, fit_cumulative
from svcquality.estimators.ordered_links import PROBIT


class OrderedProbit(CumulativeModel):
    """A fitted ordered probit: coefficients are standard deviations of the latent answer."""

    link = PROBIT


def ordered_probit(
    y: np.ndarray,
    X: np.ndarray,
    *,
    clusters: np.ndarray | pd.Series | None = None,
    weights: np.ndarray | None = None,
    errors: str = "robust",
    names: Sequence[str] = (),
) -> OrderedProbit:
    """Fit by maximum likelihood with analytic gradient and Hessian.

    Parameters, and the errors raised, are those of `ordered_logit`.

    Notes
    -----
    McKelvey & Zavoina (1975), J. Mathematical Sociology 4.
    """
    return fit_cumulative(OrderedProbit, y, X, clusters, errors, names, weights)
