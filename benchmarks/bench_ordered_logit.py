"""Ordered logit with errors clustered by branch and average marginal effects, against statsmodels.

statsmodels takes its own path (BFGS, numerical Hessian) to the coefficients and clustered errors;
it has no average marginal effects for ordered outcomes, so ours are extra work here.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from statsmodels.miscmodels.ordinal_model import OrderedModel

from benchmarks.harness import Contest
from svcquality.estimators.marginal import Contrast, average_change
from svcquality.estimators.ordered_logit import OrderedLogit, ordered_logit

REGRESSORS, BRANCHES = 20, 300


def prepare(rows: int) -> dict[str, np.ndarray]:
    """Answers on a five-point scale with branch effects."""
    rng = np.random.default_rng(20260101)
    branch = rng.integers(BRANCHES, size=rows)
    x = rng.normal(size=(rows, REGRESSORS))
    latent = x @ rng.normal(0, 0.2, REGRESSORS) + rng.normal(0, 0.3, BRANCHES)[branch]
    latent += rng.logistic(size=rows)
    return {"y": np.digitize(latent, [-2, -1, 0.5, 2]), "x": x, "branch": branch}


def ours(data: dict[str, np.ndarray]) -> tuple[OrderedLogit, list[Contrast]]:
    """Newton with the analytic Hessian; one unit more of each regressor."""
    fit = ordered_logit(data["y"], data["x"], clusters=data["branch"])
    x = data["x"]
    effects = [average_change(fit, x, {j: x[:, j]}, {j: x[:, j] + 1}, 3) for j in range(REGRESSORS)]
    return fit, effects


def theirs(data: dict[str, np.ndarray]) -> Any:
    """BFGS and a numerical Hessian."""
    return OrderedModel(data["y"], data["x"], distr="logit").fit(
        method="bfgs", maxiter=500, gtol=1e-8, disp=False,
        cov_type="cluster", cov_kwds={"groups": data["branch"]},
    )  # fmt: skip


def agree(mine: tuple[OrderedLogit, list[Contrast]], peer: Any) -> None:
    """Same coefficients and likelihood; same clustered errors up to the numerical Hessian."""
    fit = mine[0]
    np.testing.assert_allclose(fit.coefficients, peer.params[:REGRESSORS], atol=1e-6)
    assert abs(fit.log_likelihood - peer.llf) < 1e-6 * abs(peer.llf)
    np.testing.assert_allclose(fit.inference.errors[:REGRESSORS], peer.bse[:REGRESSORS], rtol=1e-4)


CONTESTS = [
    Contest(
        "ordered logit, clustered errors, marginal effects", "statsmodels OrderedModel",
        f"{rows:,} rows × {REGRESSORS} regressors, {BRANCHES} clusters",
        partial(prepare, rows), ours, theirs, agree,
    )
    for rows in (20_000, 200_000)
]  # fmt: skip
