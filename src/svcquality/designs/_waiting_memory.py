"""The remembered beside the actual wait, and whether mood colours the memory."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.checks.wait_halo import wait_halo
from svcquality.designs._adjusted import Adjusted
from svcquality.designs._rows import Quantity, error_kind
from svcquality.errors import InputError
from svcquality.estimators.clustered import mean_with_error
from svcquality.estimators.linear import linear_model
from svcquality.estimators.marginal import Contrast
from svcquality.findings import Check
from svcquality.language import Text
from svcquality.models.matrix import MISSING, as_float

MORE_MINUTES = 10.0
FEWEST = 30


def memory(model: Adjusted) -> tuple[list[Quantity], list[Check]]:
    """The ratio of remembered to actual waits, and the check of its colour.

    Both are about the answers with two positive waits; nothing where there are fewer than 30.
    """
    if "perceived_wait_minutes" not in model.rows:
        return [], []
    actual = as_float(model.rows["wait_minutes"])
    remembered = as_float(model.rows["perceived_wait_minutes"])
    both = (actual > 0) & (remembered > 0)
    if both.sum() < FEWEST:
        return [], []
    logs = np.log(remembered[both] / actual[both])
    clusters = _clusters(model, both)
    return [_ratio(logs, clusters, model.cluster)], _halo(model, both, logs, clusters)


def _clusters(model: Adjusted, both: np.ndarray) -> pd.Series | None:
    if not model.cluster:
        return None
    groups = model.rows[model.cluster].astype("string").fillna(MISSING)[both]
    return groups if groups.nunique() > 1 else None


def _ratio(logs: np.ndarray, clusters: pd.Series | None, cluster: str) -> Quantity:
    """The geometric mean of the ratios."""
    mean, inference = mean_with_error(logs, clusters)
    error = float(inference.errors[0])
    reach = stats.t.ppf(0.975, inference.df) * error
    ratio = float(np.exp(mean))
    value = Contrast(
        ratio, ratio * error, float(np.exp(mean - reach)), float(np.exp(mean + reach)),
        np.nan, inference.df,
    )  # fmt: skip
    return Quantity(
        "perceived_ratio",
        Text("等候时间", "waiting"),
        Text("感知值与实际值之比", "the ratio of the remembered to the actual wait"),
        value,
        len(logs),
        "ratio",
        error_kind(inference, cluster if clusters is not None else ""),
        inference.clusters,
        null=np.nan,
    )


def _halo(
    model: Adjusted, both: np.ndarray, logs: np.ndarray, clusters: pd.Series | None
) -> list[Check]:
    """Whether satisfaction beyond what the model expects goes with the error of memory."""
    event = (model.y >= model.category).astype(float)
    beyond = (event - model.fit.probability(model.X, model.category))[both]
    spread = logs.std() * beyond.std()
    if not spread > 0:
        return []
    product = (logs - logs.mean()) * (beyond - beyond.mean())
    mean, inference = mean_with_error(product, clusters)
    error = float(inference.errors[0])
    if not error > 0:
        return []
    p = float(2 * stats.t.sf(abs(mean) / error, inference.df))
    by_memory, by_record = (
        _slope(event[both], as_float(model.rows[name])[both], model.rows["branch_id"][both])
        for name in ("perceived_wait_minutes", "wait_minutes")
    )
    if by_memory is None or by_record is None:
        return []
    return [wait_halo(mean / spread, p, by_memory, by_record, int(both.sum()))]


def _slope(event: np.ndarray, wait: np.ndarray, branch: pd.Series) -> float | None:
    """Ten minutes more on a straight line within branches."""
    cells = branch.astype("string").fillna(MISSING)
    try:
        fit = linear_model(event, wait[:, None], fixed=[cells])
    except InputError:  # waits do not vary within branches
        return None
    return MORE_MINUTES * float(fit.coefficients[0])
