"""An exposure as a straight line in a linear probability model: what its sensitivity rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.designs._adjusted import Adjusted, groups
from svcquality.designs._exposure import amount, variable_words
from svcquality.errors import InputError
from svcquality.estimators.clustered import Inference, sandwich
from svcquality.estimators.jackknife import FEW_CLUSTERS, cluster_jackknife
from svcquality.estimators.least_squares import LeastSquares, least_squares
from svcquality.models.matrix import as_float, dense, design_matrix

LEVEL = 0.95


@dataclass(frozen=True)
class LinearPart:
    """The exposure as a straight line in a linear probability model, beside all that is held.

    Parameters
    ----------
    fit : LeastSquares
        Of satisfied or not on an intercept, what is held equal and the exposure in steps of its
        change (10 minutes, or 1).
    column : int
        Of the exposure.
    held : dict of str to list of int
        Columns of each term held equal.
    error : float
        Classical error of the exposure's coefficient.
    inflation : float
        Reach of the clustered interval over that of the classical one; at least 1.
    """

    fit: LeastSquares
    column: int
    held: dict[str, list[int]]
    error: float
    inflation: float

    @property
    def estimate(self) -> float:
        """Difference in P(satisfied) for the exposure's change."""
        return float(self.fit.coefficients[self.column])

    @property
    def t(self) -> float:
        """With the classical error, as the algebra of omitted variables has it."""
        return self.estimate / self.error

    @property
    def of_exposure(self) -> LeastSquares:
        """The exposure on all else."""
        others = [j for j in range(self.fit.X.shape[1]) if j != self.column]
        return least_squares(
            self.fit.X[:, self.column], self.fit.X[:, others], weights=self.fit.weights
        )


def linear_part(model: Adjusted, exposure: str) -> LinearPart:
    """Fit the linear probability model of an exposure beside all that the finding holds equal.

    Raises
    ------
    InputError
        If the exposure as a straight line does not vary beside what is held equal.
    """
    x = as_float(model.rows[exposure]) / amount(exposure)
    held = [dense(term, model.X[:, at]) for term, at in model.matrix.at.items() if term != exposure]
    matrix = design_matrix([dense(exposure, x)], held, len(x))
    if matrix.lost:
        raise InputError(
            f"{variable_words(exposure).en} does not vary beside what is held equal, so there is "
            "nothing to hold against the unrecorded; hold fewer things equal.",
            f"控制其他因素后，{variable_words(exposure).zh}不再变动，无法做敏感性分析；请减少控制变量。",
        )
    event = (model.y >= model.category).astype(float)
    columns = np.column_stack([np.ones(len(x)), matrix.values])
    fit = least_squares(event, columns, weights=model.weights, names=("intercept", *matrix.names))
    (column,) = (j + 1 for j in matrix.at[exposure])
    error = float(np.sqrt(fit.classical_covariance[column, column]))
    inference = _clustered(fit, groups(model.rows, model.cluster))
    reach = stats.t.ppf((1 + LEVEL) / 2, inference.df) * inference.errors[column]
    classical = stats.t.ppf((1 + LEVEL) / 2, fit.df) * error
    return LinearPart(
        fit=fit,
        column=column,
        held={t: [j + 1 for j in at] for t, at in matrix.at.items() if t != exposure},
        error=error,
        inflation=max(1.0, float(reach / classical)),
    )


def _clustered(fit: LeastSquares, clusters: pd.Series | None) -> Inference:
    """Errors as the finding's own: leaving out one cluster at a time where they are few."""
    inference = sandwich(fit.bread, [fit.scores], fit.n, clusters)
    if clusters is None or (inference.clusters or 0) >= FEW_CLUSTERS:
        return inference
    scores = fit.scores

    def part(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        X = fit.X[rows]
        return scores[rows].sum(axis=0), X.T @ (X * fit.weights[rows, None])

    return cluster_jackknife(part, clusters)
