"""Penalty and reward: does a bad experience cost more than a good one earns?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.estimators.clustered import sandwich
from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.likelihood import dependent
from svcquality.estimators.marginal import Contrast, contrast
from svcquality.estimators.partialled import net_of


@dataclass(frozen=True)
class PenaltyReward:
    """Kano's asymmetry of each attribute.

    Parameters
    ----------
    table : DataFrame
        A row an attribute: ``attribute, penalty, penalty_low, penalty_high, reward, reward_low,
        reward_high, asymmetry, error, low, high, p, n_low, n_high, kind``. Penalty and reward are changes
        of the outcome against a middling experience, the penalty negative where bad experiences
        hurt; ``asymmetry`` is their sum. ``kind`` is ``basic`` where a bad experience clearly costs
        and more than a good one earns (it can only disappoint), ``excitement`` where a good one
        clearly earns and more than a bad one costs (neither where the other side clearly points the
        wrong way), ``performance`` where both count and the
        asymmetry lies within the margin, ``indifferent`` where neither reaches the margin, else
        ``open``.
    n : int
    clusters : int or None
    errors : str
        Kind of errors.
    """

    table: pd.DataFrame
    n: int
    clusters: int | None
    errors: str


def penalty_reward(
    y: np.ndarray,
    items: np.ndarray,
    *,
    bad: float,
    good: float,
    margin: float | None = None,
    controls: np.ndarray | None = None,
    clusters: np.ndarray | pd.Series | None = None,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> PenaltyReward:
    """Regress the outcome on two indicators an attribute, all attributes together.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Overall satisfaction.
    items : ndarray of shape (n, k)
        Ratings of the attributes.
    bad, good : float
        Ratings up to ``bad`` are bad experiences, from ``good`` on good ones.
    margin : float, optional
        Difference that matters, in the unit of y. Without it no attribute is called
        ``performance`` or ``indifferent``: an interval around 0 is no proof of symmetry.
    controls : ndarray of shape (n, c), optional
        Held equal; columns that repeat each other do no harm.
    clusters : array of shape (n,), optional
    names : sequence of str, optional

    Notes
    -----
    Penalty–reward contrast: Brandt (1987), in Surprenant, Add Value to Your Service; categories as
    in Mikulić & Prebežac (2008), Managing Service Quality 18, but with intervals and with an open
    case. CR1 or HC1 errors, t intervals; p-values are not adjusted for several attributes.

    Raises
    ------
    InputError
        If an attribute has no bad or no good rating, the outcome is constant, or columns repeat
        each other.
    ValueError
        If ``bad`` is not below ``good``.
    """
    if not bad < good:
        raise ValueError("bad lies below good")
    y, items = np.asarray(y, dtype=float), np.asarray(items, dtype=float)
    n, k = items.shape
    names = tuple(names) or tuple(f"x{j}" for j in range(k))
    low, high = items <= bad, items >= good
    for one_sided in np.flatnonzero(~(low.any(axis=0) & high.any(axis=0))):
        raise InputError(
            f"“{names[one_sided]}” has no bad or no good ratings, so penalty and reward cannot be told "
            "apart; move the limits or leave it out.",
            f"“{names[one_sided]}”没有差评或没有好评，无法区分惩罚与奖励；请调整界限或去掉该项。",
        )
    if np.ptp(y) == 0:
        raise InputError(
            "The outcome has the same value in every row, so nothing can be related to it; "
            "choose another outcome or a longer period.",
            "所有数据的结果取值相同，无法与任何因素建立关联；请更换结果变量或延长时间范围。",
        )
    fixed = np.empty((n, 0)) if controls is None else np.asarray(controls, dtype=float)
    net = net_of(np.column_stack([y, low, high]), fixed)
    if not (net[:, 1:].std(axis=0) > 0).all():
        raise dependent((*names, *names))
    fit = least_squares(net[:, 0], net[:, 1:], names=(*names, *names))
    centred = fixed - fixed.mean(axis=0)
    parameters = 1 + 2 * k + int(np.linalg.matrix_rank(centred.T @ centred, hermitian=True))
    inference = sandwich(fit.bread, [fit.scores], n, clusters, parameters=parameters)
    rows = []
    for j, name in enumerate(names):
        at = [j, k + j]
        b, V = fit.coefficients[at], inference.covariance[np.ix_(at, at)]
        penalty, reward, both = (
            contrast(float(c @ b), float(np.sqrt(c @ V @ c)), inference.df, level=level)
            for c in (np.array([1.0, 0]), np.array([0.0, 1]), np.array([1.0, 1]))
        )
        rows.append(
            {
                "attribute": name,
                "penalty": penalty.estimate,
                "penalty_low": penalty.low,
                "penalty_high": penalty.high,
                "reward": reward.estimate,
                "reward_low": reward.low,
                "reward_high": reward.high,
                "asymmetry": both.estimate,
                "error": both.error,
                "low": both.low,
                "high": both.high,
                "p": both.p,
                "n_low": int(low[:, j].sum()),
                "n_high": int(high[:, j].sum()),
                "kind": _kind(penalty, reward, both, margin),
            }
        )
    return PenaltyReward(pd.DataFrame(rows), n, inference.clusters, inference.kind)


def _kind(penalty: Contrast, reward: Contrast, both: Contrast, margin: float | None) -> str:
    hurts, delights = penalty.high < 0, reward.low > 0
    turned = 0.0 if margin is None else margin  # better when rated badly, or worse when well
    if hurts and both.high < 0 and reward.high >= -turned:
        return "basic"
    if delights and both.low > 0 and penalty.low <= turned:
        return "excitement"
    if margin is not None:
        if hurts and delights and _within(both, margin):
            return "performance"
        if _within(penalty, margin) and _within(reward, margin):
            return "indifferent"
    return "open"


def _within(value: Contrast, margin: float) -> bool:
    return -margin < value.low and value.high < margin
