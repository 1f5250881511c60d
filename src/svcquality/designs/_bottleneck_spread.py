"""How much of the differences in waits lies between branches, half hours and days, and with what."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.estimators.key_drivers import key_drivers
from svcquality.language import Text

LEVELS = {
    "branches": Text("网点之间", "between branches"),
    "half_hours": Text("同一网点各半小时之间", "between half hours of a branch"),
    "days": Text("同一半小时各日之间", "between days at the same half hour"),
    "within": Text("同一天同一半小时之内", "within a half hour of a day"),
}
DRIVERS = {
    "arrivals": Text("到达人数（本半小时及之前）", "arrivals, in the half hour and before"),
    "service": Text("办理时长", "service times"),
    "staffing": Text("开窗数", "open windows"),
}
DRAWS = 200


def nested_shares(wait: np.ndarray, keys: list[np.ndarray]) -> np.ndarray:
    """Shares of the variance of waits that each level adds; they sum to 1 exactly.

    Parameters
    ----------
    wait : ndarray of shape (n,)
    keys : list of ndarray of int, each (n,)
        Groups, each nested in the one before.

    Returns
    -------
    ndarray of shape (len(keys) + 1,)
        Of the law of total variance, the last within the finest groups.
    """
    levels = [np.full(len(wait), wait.mean())]
    for key in keys:
        size = np.bincount(key)
        sums = np.bincount(key, weights=wait)
        levels.append((sums / np.maximum(size, 1))[key])
    levels.append(wait)
    steps = [float(((b - a) ** 2).mean()) for a, b in pairwise(levels)]
    total = sum(steps)
    return np.array(steps) / total if total > 0 else np.full(len(steps), np.nan)


def resampled_shares(
    wait: np.ndarray, keys: list[np.ndarray], branch: np.ndarray, seed: int
) -> np.ndarray:
    """The shares over bootstrap samples of branches, (DRAWS, levels).

    A level's mean squares are sums over rows of squared steps, so that a sample of branches needs
    each branch's sums only; the mean of all is that of the sample.
    """
    rng = np.random.default_rng(seed)
    count = int(branch.max()) + 1
    size = np.bincount(branch, minlength=count).astype(float)
    levels = [(np.bincount(k, weights=wait) / np.maximum(np.bincount(k), 1))[k] for k in keys]
    levels.append(wait)
    steps = np.column_stack(
        [np.bincount(branch, weights=(b - a) ** 2, minlength=count) for a, b in pairwise(levels)]
    )
    sums = np.bincount(branch, weights=wait, minlength=count)
    mean = sums / np.maximum(size, 1)
    picked = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(float)
    n = picked @ size
    centre = picked @ sums / n
    between = (picked @ (size * mean**2)) / n - centre**2
    parts = np.column_stack([between, picked @ steps / n[:, None]])
    return parts / parts.sum(axis=1, keepdims=True)


def wait_drivers(cells: pd.DataFrame, seed: int) -> pd.DataFrame | None:
    """What goes with long waits from half hour to half hour: arrivals, service times, windows.

    Parameters
    ----------
    cells : DataFrame
        One row a branch, day and half hour: ``day, slot, wait, arrivals, service, windows`` and
        ``branch``.

    Returns
    -------
    DataFrame or None
        ``driver, percent, low, high`` (shares of R², bootstrap over branch-days) and ``r2``; None
        where nothing varies.
    """
    before = cells.groupby("day")["arrivals"]
    earlier = before.shift(1).fillna(0.0) + before.shift(2).fillna(0.0)
    X = np.column_stack([cells["arrivals"], earlier, cells["service"], cells["windows"]]).astype(
        float
    )
    if (X.std(axis=0) == 0).any() or cells["wait"].std() == 0 or cells["day"].nunique() < 2:
        return None
    try:
        found = key_drivers(
            cells["wait"].to_numpy(dtype=float),
            X,
            drivers={"arrivals": (0, 1), "service": (2,), "staffing": (3,)},
            clusters=cells["day"].to_numpy(),
            draws=DRAWS,
            seed=seed,
        )
    except InputError:
        return None
    return found.table.assign(r2=found.r2)
