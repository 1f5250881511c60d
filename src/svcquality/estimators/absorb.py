"""Group levels taken out of columns, for linear models with many fixed effects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from svcquality.errors import InputError

MOST_SWEEPS = 10_000
TOLERANCE = 1e-10


def absorb(
    values: np.ndarray,
    groups: Sequence[np.ndarray | pd.Series],
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Residuals of columns on the indicators of one or more groupings.

    Alternating projections with weights (Guimarães & Portugal 2010, Stata Journal 10; Gaure 2013,
    Computational Statistics & Data Analysis 66): group means are taken out in turn until no
    column moves by more than `TOLERANCE` of its spread.

    Parameters
    ----------
    values : ndarray of shape (n, k)
    groups : sequence of arrays of shape (n,)
    weights : ndarray of shape (n,), optional

    Raises
    ------
    InputError
        If the groupings are so entangled that the sweeps do not settle.
    """
    out = np.array(values, dtype=float)
    w = np.ones(len(out)) if weights is None else weights
    codes = [pd.factorize(np.asarray(g, dtype=object))[0] for g in groups]
    totals = [np.bincount(c, weights=w) for c in codes]
    scale = out.std(axis=0)
    scale[scale == 0] = 1.0
    for _ in range(MOST_SWEEPS):
        moved = 0.0
        for code, total in zip(codes, totals, strict=True):
            means = np.column_stack(
                [np.bincount(code, weights=w * column) / total for column in out.T]
            )
            out -= means[code]
            moved = max(moved, float((np.abs(means) / scale).max(initial=0.0)))
        if len(codes) == 1 or moved < TOLERANCE:
            return out
    raise InputError(
        "The fixed effects are too entangled to be taken out; leave one of them out.",
        "固定效应之间关联过于复杂，无法剔除；请去掉其中之一。",
    )


def absorbed_levels(
    groups: Sequence[np.ndarray | pd.Series], clusters: np.ndarray | pd.Series | None = None
) -> int:
    """Parameters that the fixed effects use up, the intercept included.

    Of the levels of a second grouping those are free that join no connected part anew (Abowd,
    Creecy & Kramarz 2002); of further ones one level each is left out. A grouping nested within
    the clusters is not counted, the convention of reghdfe and pyfixest.
    """
    coded = [pd.factorize(np.asarray(g, dtype=object))[0] for g in groups]
    if clusters is not None:
        within, _ = pd.factorize(np.asarray(clusters, dtype=object))
        coded = [c for c in coded if not _nested(c, within)]
    if not coded:
        return 1
    levels = [int(c.max()) + 1 for c in coded]
    if len(coded) == 1:
        return levels[0]
    first, second = coded[0], coded[1] + levels[0]
    graph = coo_array(
        (np.ones(len(first)), (first, second)), shape=(levels[0] + levels[1],) * 2
    ).tocsr()
    parts, _ = connected_components(graph, directed=False)
    return sum(levels[:2]) - int(parts) + sum(level - 1 for level in levels[2:])


def _nested(inner: np.ndarray, outer: np.ndarray) -> bool:
    pairs = pd.factorize(inner * np.int64(outer.max() + 1) + outer)[1]
    return len(pairs) == inner.max() + 1
