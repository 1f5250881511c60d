"""How often each cause occurs, with an interval that says what it rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.estimators.design_based import design_based_mean

FEWEST_CODED = 30
"""With fewer hand-coded complaints the shares rest on the codebook alone."""


def wilson(share: float, n: float, df: float = np.inf, level: float = 0.95) -> tuple[float, float]:
    """Wilson's (1927) interval of a share, which never leaves 0 to 1.

    Parameters
    ----------
    share : float
        Between 0 and 1.
    n : float
        Number of units, or the number of independent ones that would give the same error.
    df : float
        Degrees of freedom of that error.
    level : float
        Nominal coverage.

    Returns
    -------
    low, high : float
    """
    z2 = float(stats.t.ppf((1 + level) / 2, df)) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    # At 0 and 1 the interval ends there exactly; rounding must not say otherwise.
    low = 0.0 if share <= 0 else max(0.0, float(middle - reach))
    high = 1.0 if share >= 1 else min(1.0, float(middle + reach))
    return low, high


def recorded_shares(categories: pd.Series) -> pd.DataFrame:
    """Shares of categories as recorded.

    Parameters
    ----------
    categories : Series of str
        One complaint a row; missing ones are left out.

    Returns
    -------
    DataFrame
        ``id, share, error, low, high, n, method``, the largest first.
    """
    known = categories.dropna()
    n = len(known)
    counts = known.value_counts().sort_index(kind="stable")
    rows = []
    for category, count in counts.sort_values(ascending=False, kind="stable").items():
        share = count / n
        error = float(np.sqrt(share * (1 - share) / n))
        rows.append((str(category), share, error, *wilson(share, n), n, "recorded"))
    return pd.DataFrame(rows, columns=["id", "share", "error", "low", "high", "n", "method"])


def measured_shares(
    primary: pd.DataFrame, ids: list[str], coded: pd.Series, probability: pd.Series
) -> pd.DataFrame:
    """Shares of measured categories.

    Parameters
    ----------
    primary : DataFrame of str
        One complaint a row; ``combined`` and a column a start, each the category it gives.
    ids : list of str
        Categories to report.
    coded : Series of str
        Hand-coded category, missing where not coded; same index.
    probability : Series of float
        Known probability of being drawn for coding.

    Returns
    -------
    DataFrame
        ``id, share, error, low, high, n, method``, in the order of ``ids``. Method ``design``:
        corrected by the hand-coded sample, the target being the share of *these* complaints, so
        that only the draw of coded ones is random (with finite-population correction; Egami et al.
        2023). Method ``model``: the variance between starts and that of a multinomial sample of
        this size; it says nothing of what the codebook gets wrong. Intervals are Wilson's with the
        effective number of complaints.
    """
    n = len(primary)
    is_coded = coded.notna().to_numpy()
    by_design = int(is_coded.sum()) >= FEWEST_CODED
    rows = []
    for category in ids:
        hit = (primary == category).to_numpy(dtype=float)
        if by_design:
            truth = np.where(is_coded, (coded == category).fillna(False).to_numpy(float), np.nan)
            found = design_based_mean(
                hit[:, 0], truth, probability.to_numpy(dtype=float), population=True
            )
            share, error, df = min(max(found.estimate, 0.0), 1.0), found.error, found.df
        else:
            share, df = hit[:, 0].mean(), np.inf
            between = hit[:, 1:].mean(axis=0).var(ddof=1) if hit.shape[1] > 2 else 0.0
            error = float(np.sqrt(share * (1 - share) / n + between))
        # Near 0 and 1 the variance of a share of the size of its own error, else none is left.
        inside = float(np.clip(share, min(error, 0.5), 1 - min(error, 0.5)))
        spread = inside * (1 - inside)
        effective = spread / error**2 if error > 0 else float(n)
        low, high = wilson(share, effective, df)
        if by_design and found.low <= 0:
            low = 0.0  # a corrected share can be above 0 by the luck of the draw alone
        method = "design" if by_design else "model"
        rows.append((category, share, error, low, high, n, method))
    return pd.DataFrame(rows, columns=["id", "share", "error", "low", "high", "n", "method"])
