"""What Newton steps on a likelihood share: their limit, and how they refuse hopeless data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from svcquality.errors import InputError

MAX_STEPS = 60
CONVERGED = 1e-12  # stop when the next step gains less in twice the log-likelihood
SEPARATED = 1e3  # log-odds error across a column's range
LED_BY = 0.2  # part of the largest move of the index that a column named as its cause makes
CERTAIN = 1e-8  # p (1 - p) of a row that is predicted with certainty


def inverse_information(information: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Inverse of an information matrix whose first rows belong to ``names``.

    Raises
    ------
    InputError
        If it is singular: the columns at fault are named.
    """
    scale = np.sqrt(np.diag(information))
    if not (scale > 0).all():
        raise dependent(names)
    # A unit diagonal, so that neither units nor rare levels look like dependence.
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values[0] < 1e-11:
        worst = np.abs(vectors[:, 0])
        named = [name for name, share in zip(names, worst, strict=False) if share > 0.1]
        raise dependent(named or names)
    return (vectors / values) @ vectors.T / np.outer(scale, scale)


def refuse_separation(
    errors: np.ndarray,
    spans: np.ndarray,
    least_weight: float,
    names: Sequence[str],
    slopes: np.ndarray | None = None,
) -> None:
    """Raise `InputError` where the likelihood still rises along a column.

    Under (quasi-)separation (Albert & Anderson 1984, Biometrika 71) Newton stops when there is
    nothing left to gain: some rows are then predicted with certainty, and the error across a
    column's range runs to thousands of log odds. A large error alone is only collinearity.

    Parameters
    ----------
    errors, spans : ndarray of shape (k,)
        Model-based errors of the coefficients, and the ranges of their columns.
    least_weight : float
        The smallest p (1 − p) of any row.
    names : sequence of str
    slopes : ndarray of shape (k,), optional
        The coefficients: the columns that move the outcome most are named, not all whose errors
        run away with them.
    """
    spread = errors * spans
    if least_weight < CERTAIN and (spread > SEPARATED).any():
        reach = spread if slopes is None else np.abs(slopes) * spans * (spread > SEPARATED)
        most = np.argsort(-reach, kind="stable")
        raise separated([names[j] for j in most if reach[j] > LED_BY * reach.max()])


def _shown(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def separated(names: Sequence[str]) -> InputError:
    """The refusal of columns that predict the outcome perfectly."""
    names = list(dict.fromkeys(names))
    return InputError(
        f"The outcome is predicted perfectly by {_shown(names)}, so no finite estimate exists; "
        "leave that column out, merge its rare levels, or use more records.",
        f"结果可由 {_shown(names)} 完全预测，不存在有限的估计值；"
        "请去掉该变量、合并其稀少的类别，或增加数据。",
    )


def dependent(names: Sequence[str]) -> InputError:
    """The refusal of columns that are constant or repeat each other."""
    return InputError(
        f"These columns are constant or repeat each other: {_shown(names)}; leave one of them out.",
        f"以下变量为常数或互相重复：{_shown(names)}；请去掉其中之一。",
    )
