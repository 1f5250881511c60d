"""Do differences stand once it is counted how many were looked at?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from statsmodels.stats.multitest import multipletests

from svcquality.findings import Check
from svcquality.language import Text

THRESHOLD = 0.05


def holm(p: Sequence[float]) -> np.ndarray:
    """Holm's (1979) adjusted p-values; a missing one stays missing and is not counted."""
    values = np.asarray(p, dtype=float)
    adjusted = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    if known.any():
        adjusted[known] = multipletests(values[known], method="holm")[1]
    return adjusted


def multiple_comparisons(adjusted: np.ndarray) -> Check:
    """Warn when no difference of a family stands after Holm's adjustment.

    Parameters
    ----------
    adjusted : ndarray of shape (m,)
        Holm-adjusted p-values.
    """
    known = adjusted[~np.isnan(adjusted)]
    least = float(known.min()) if len(known) else float("nan")
    stands = least < THRESHOLD
    return Check(
        "multiple_comparisons",
        "passed" if stands else "warn",
        Text(
            f"共比较 {len(known)} 类；Holm 校正后最小的 p = {least:.3f}，"
            + ("仍可检测。" if stands else "没有一项差异可检测，单看某一项会误判。"),
            f"{len(known)} groups were compared; the smallest p after Holm's adjustment is "
            f"{least:.3f}: "
            + ("it stands." if stands else "none stands, so do not read one of them alone."),
        ),
        least,
        THRESHOLD,
    )
