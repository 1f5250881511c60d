"""Ordered logit with errors clustered by branch, against statsmodels' own default path."""

from __future__ import annotations

from typing import Any

import numpy as np
from statsmodels.miscmodels.ordinal_model import OrderedModel

from benchmarks.harness import Contest
from svcquality.estimators.ordered_logit import OrderedLogit, ordered_logit

ROWS, REGRESSORS, BRANCHES = 20_000, 20, 300


def prepare() -> dict[str, np.ndarray]:
    """Answers on a five-point scale with branch effects."""
    rng = np.random.default_rng(20260101)
    branch = rng.integers(BRANCHES, size=ROWS)
    x = rng.normal(size=(ROWS, REGRESSORS))
    latent = x @ rng.normal(0, 0.2, REGRESSORS) + rng.normal(0, 0.3, BRANCHES)[branch]
    latent += rng.logistic(size=ROWS)
    return {"y": np.digitize(latent, [-2, -1, 0.5, 2]), "x": x, "branch": branch}


def ours(data: dict[str, np.ndarray]) -> OrderedLogit:
    """Newton with the analytic Hessian."""
    return ordered_logit(data["y"], data["x"], clusters=data["branch"])


def theirs(data: dict[str, np.ndarray]) -> Any:
    """BFGS and a numerical Hessian."""
    return OrderedModel(data["y"], data["x"], distr="logit").fit(
        method="bfgs", maxiter=500, gtol=1e-8, disp=False,
        cov_type="cluster", cov_kwds={"groups": data["branch"]},
    )  # fmt: skip


def agree(mine: OrderedLogit, peer: Any) -> None:
    """Same coefficients, and same clustered errors up to the finite-sample factor."""
    np.testing.assert_allclose(mine.coefficients, peer.params[:REGRESSORS], atol=2e-5)
    errors = np.sqrt(np.diag(mine.inference.covariance))[:REGRESSORS]
    np.testing.assert_allclose(errors, peer.bse[:REGRESSORS], rtol=0.01)


CONTESTS = [
    Contest(
        "ordered logit, clustered errors", "statsmodels OrderedModel",
        f"{ROWS:,} rows × {REGRESSORS} regressors, {BRANCHES} clusters",
        prepare, ours, theirs, agree,
    )
]  # fmt: skip
