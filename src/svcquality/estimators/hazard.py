"""Discrete-time hazard: the probability of an event in a period, among those still at risk.

Allison (1982), Sociological Methodology 13. Each row is a unit and period at risk; the model of
the event is binomial with a logit link, or complementary log-log (a proportional hazard in
continuous time, Prentice & Gloeckler 1978, Biometrics 34). Fisher scoring in blocks of rows keeps
memory at the size of the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import expit, logit, xlogy

from svcquality.errors import InputError
from svcquality.estimators.blocks import row_blocks, shares
from svcquality.estimators.clustered import Inference, sandwich
from svcquality.estimators.likelihood import (
    CERTAIN,
    CONVERGED,
    MAX_STEPS,
    dependent,
    inverse_information,
    refuse_separation,
    separated,
)

Link = Literal["logit", "cloglog"]


@dataclass(frozen=True)
class Hazard:
    """A fitted hazard.

    Parameters
    ----------
    coefficients : ndarray of shape (1 + k,)
        Intercept first.
    names : tuple of str
        Names of the k columns.
    link : {"logit", "cloglog"}
    inference : Inference
    deviance : float
        Against the saturated model of the rows given.
    events, n : int
        Events, and rows.
    steps : int
    """

    coefficients: np.ndarray
    names: tuple[str, ...]
    link: Link
    inference: Inference
    deviance: float
    events: int
    n: int
    steps: int

    def probability(self, X: np.ndarray) -> np.ndarray:
        """Probability of the event in a period for each row, shape (n,)."""
        return _mean(self.coefficients[0] + X @ self.coefficients[1:], self.link)[0]

    def average(
        self, X: np.ndarray, category: float | None = None, weights: np.ndarray | None = None
    ) -> tuple[float, np.ndarray]:
        """(Weighted) mean probability over the rows, and its gradient in all coefficients."""
        p, slope = _mean(self.coefficients[0] + X @ self.coefficients[1:], self.link)
        share = shares(len(X), weights)
        slope = slope * share
        return float(share @ p), np.concatenate([[slope.sum()], slope @ X])


def hazard(
    event: np.ndarray,
    X: np.ndarray,
    *,
    link: Link = "logit",
    trials: np.ndarray | None = None,
    clusters: np.ndarray | pd.Series | None = None,
    errors: str = "robust",
    names: Sequence[str] = (),
) -> Hazard:
    """Fit by Fisher scoring.

    Parameters
    ----------
    event : ndarray of shape (n,)
        1 where the event came in the period, else 0; with ``trials``, the number of events.
    X : ndarray of shape (n, k)
        Explanatory columns, no intercept, finite.
    link : {"logit", "cloglog"}
    trials : ndarray of shape (n,), optional
        Units at risk in each row, for aggregated data.
    clusters : array of shape (n,), optional
        Cluster of each row, such as the customer.
    errors : {"robust", "model"}
        ``robust``: CR1 with clusters, else HC1. ``model``: inverse expected information, t with
        ``n − 1 − k`` degrees of freedom.
    names : sequence of str, optional

    Raises
    ------
    InputError
        If there is no event or nothing but events, a column separates them or is a combination
        of others, or there are too few rows or clusters.
    """
    event, X = np.asarray(event, dtype=float), np.asarray(X, dtype=float)
    if X.ndim != 2 or len(X) != len(event) or not np.isfinite(event).all():
        raise ValueError("event (n,) and X (n, k) must be finite and of one length")
    at_risk = np.ones(len(event)) if trials is None else np.asarray(trials, dtype=float)
    names = tuple(names) or tuple(f"x{j}" for j in range(X.shape[1]))
    share = event.sum() / at_risk.sum()
    if not 0 < share < 1:
        raise InputError(
            "The event never happens, or always does, in these rows, so nothing can be related to "
            "it; use a longer period.",
            "在这些数据中该事件从未发生或总是发生，无法与任何因素建立关联；请延长时间范围。",
        )
    model = _Binomial(event, at_risk, X, link)
    start = np.zeros(1 + X.shape[1])
    start[0] = logit(share) if link == "logit" else np.log(-np.log1p(-share))
    beta, state, steps = _scoring(model, start, names)
    try:
        bread = inverse_information(state.information, ("intercept", *names))
    except InputError:
        # Rows predicted with certainty weigh nothing, which only looks like repeated columns.
        if state.least_weight < CERTAIN:
            raise separated(names) from None
        raise
    spans = X.max(axis=0) - X.min(axis=0)
    if not np.isfinite(spans).all():
        raise ValueError("X must be finite")
    refuse_separation(np.sqrt(np.diag(bread)[1:]), spans, state.least_weight, names)
    n = len(event)
    if errors == "model":
        inference = Inference(bread, n - len(beta), "model")
    else:
        inference = sandwich(bread, model.scores(beta), n, clusters)
    return Hazard(
        beta,
        names,
        link,
        inference,
        model.saturated() - 2 * state.value,
        int(event.sum()),
        n,
        steps,
    )


@dataclass(frozen=True)
class _State:
    value: float
    gradient: np.ndarray
    information: np.ndarray
    least_weight: float


class _Binomial:
    """Log-likelihood, score and expected information, block by block."""

    def __init__(self, event: np.ndarray, trials: np.ndarray, X: np.ndarray, link: Link) -> None:
        self.event, self.trials, self.X, self.link = event, trials, X, link

    def saturated(self) -> float:
        """Twice the log-likelihood of the saturated model."""
        y, m = self.event, self.trials
        return 2 * float((xlogy(y, y / m) + xlogy(m - y, (m - y) / m)).sum())

    def _blocks(self, beta: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        for rows in row_blocks(len(self.X)):
            block = np.column_stack([np.ones(rows.stop - rows.start), self.X[rows]])
            p, slope = _mean(block @ beta, self.link)
            p = np.clip(p, 1e-300, 1 - 1e-16)
            y, m = self.event[rows], self.trials[rows]
            tilt = slope / (p * (1 - p))  # 1 for the logit
            yield block, p, (y - m * p) * tilt, m * slope * tilt, y, m

    def scores(self, beta: np.ndarray) -> Iterator[np.ndarray]:
        for block, _, residual, *_ in self._blocks(beta):
            yield block * residual[:, None]

    def at(self, beta: np.ndarray) -> _State:
        value, gradient, least = 0.0, np.zeros(len(beta)), np.inf
        information = np.zeros((len(beta), len(beta)))
        for block, p, residual, weight, y, m in self._blocks(beta):
            value += float((xlogy(y, p) + xlogy(m - y, 1 - p)).sum())
            gradient += residual @ block
            information += block.T @ (block * weight[:, None])
            least = min(least, float((p * (1 - p)).min()))
        return _State(value, gradient, information, least)


def _mean(eta: np.ndarray, link: Link) -> tuple[np.ndarray, np.ndarray]:
    """Probability and its slope in the linear index."""
    if link == "logit":
        p = expit(eta)
        return p, p * (1 - p)
    rate = np.exp(np.minimum(eta, 30))
    return -np.expm1(-rate), rate * np.exp(-rate)


def _scoring(
    model: _Binomial, beta: np.ndarray, names: tuple[str, ...]
) -> tuple[np.ndarray, _State, int]:
    state = model.at(beta)
    for step in range(1, MAX_STEPS + 1):
        try:
            direction = np.linalg.solve(state.information, state.gradient)
        except np.linalg.LinAlgError:
            raise dependent(list(names)) from None
        if state.gradient @ direction < CONVERGED:
            return beta, state, step
        size = 1.0
        while (new := model.at(beta + size * direction)).value < state.value - 1e-9:
            size /= 2
            if size < 1e-8:
                break
        beta, state = beta + size * direction, new
    raise separated(list(names))
