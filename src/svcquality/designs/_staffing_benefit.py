"""How satisfied customers are after a wait: the curve that a shorter wait is read on, with doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from svcquality.designs._adjusted import Adjusted, fit_answers
from svcquality.designs._answers import Answers, visit_answers
from svcquality.designs._staffing_simulate import BIN_MINUTES, BINS
from svcquality.errors import InputError
from svcquality.estimators.blocks import row_blocks

POINTS = 25
HIGHEST = 0.99
"""Quantile of the answers' waits beyond which the curve is held flat."""


@dataclass(frozen=True, eq=False)
class Benefit:
    """P(satisfied) by wait.

    Parameters
    ----------
    curve : ndarray of shape (1 + draws, BINS)
        At the middle of each bin of waits: the estimate, then draws around it.
    longest_minutes : float
        Longest wait that the answers speak of.
    answers, model
        Behind it.
    """

    curve: np.ndarray
    longest_minutes: float
    answers: Answers
    model: Adjusted


def satisfaction_by_wait(bank: Any, draws: int, seed: np.random.Generator) -> Benefit | InputError:
    """The curve of satisfaction over waits, everything else equal; or why there is none.

    The answers' ordered logit of the design `waiting`, averaged over the answers with every wait set
    to one value. Draws are from the normal distribution of its parameters, through the gradient
    (delta method); the curve is held flat beyond the waits answered about.
    """
    if getattr(bank, "surveys", None) is None:
        return InputError("There are no surveys.", "没有满意度调查。")
    try:
        answers = visit_answers(bank, "satisfaction")
        if answers.rows["wait_minutes"].isna().all():
            return InputError("No answer has a wait.", "没有一份答复记录了等候时间。")
        beside = [
            name
            for name in ("branch_trained", "recent_complaint")
            if name in answers.rows and answers.rows[name].nunique() > 1
        ]
        model = fit_answers(answers, ["wait_minutes"], beside)
    except InputError as error:
        return error
    if "wait_minutes" in model.lost:
        return InputError("Waits do not vary.", "等候时间没有变化。")
    waits = model.rows["wait_minutes"].to_numpy(dtype=float)
    longest = float(np.quantile(waits, HIGHEST))
    grid = np.linspace(float(waits.min()), longest, POINTS)
    levels, gradients = zip(*(_level(model, minutes) for minutes in grid), strict=True)
    rng = np.random.default_rng(seed)
    root = _root(model.fit.inference.covariance)
    moves = rng.standard_normal((draws, len(root))) @ root.T @ np.array(gradients).T
    curves = np.clip(np.array(levels) + np.vstack([np.zeros(POINTS), moves]), 0, 1)
    middle = (np.arange(BINS) + 0.5) * BIN_MINUTES
    return Benefit(
        np.array([np.interp(middle, grid, curve) for curve in curves]), longest, answers, model
    )


def _level(model: Adjusted, minutes: float) -> tuple[float, np.ndarray]:
    """Mean P(satisfied) had everybody waited so long, and its gradient in the parameters."""
    changes = {c: float(v[0]) for c, v in model.waits(np.array([minutes])).items()}
    n = len(model.X)
    mean, gradient = 0.0, np.zeros(len(model.fit.inference.covariance))
    for rows in row_blocks(n):
        block = model.X[rows].copy()
        for column, value in changes.items():
            block[:, column] = value
        part, slope = model.fit.average(block, model.category)
        mean += part * len(block) / n
        gradient += slope * len(block) / n
    return mean, gradient


def _root(covariance: np.ndarray) -> np.ndarray:
    """A square root of a covariance that may have lost a dimension."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))
