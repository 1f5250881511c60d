"""Shares of explained variance in the answers, with and without straight-liners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.designs._adjusted import Adjusted, groups
from svcquality.designs._drivers_columns import Drivers
from svcquality.errors import InputError
from svcquality.estimators.clustered import sandwich
from svcquality.estimators.key_drivers import key_drivers
from svcquality.estimators.leading import Leading, leading
from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.partialled import net_of
from svcquality.estimators.resampled import percentile_interval


@dataclass(frozen=True)
class Net:
    """Outcome and drivers net of everything that is held equal.

    Parameters
    ----------
    y : ndarray of shape (n,)
    X : ndarray of shape (n, q)
        Columns of the drivers.
    at : dict of str to list of int
        Columns of each driver in ``X``.
    left : float
        Part of the outcome's variance that the controls leave.
    clusters : Series or None
    """

    y: np.ndarray
    X: np.ndarray
    at: dict[str, list[int]]
    left: float
    clusters: pd.Series | None


@dataclass(frozen=True)
class Shares:
    """Each driver's part of what the drivers explain together.

    Parameters
    ----------
    table : DataFrame
        A row a driver: ``driver, share, error, low, high``; shares sum to 1.
    r2, r2_error, r2_low, r2_high : float
        Part of the outcome's variance that the drivers explain beyond the controls.
    leading : Leading
    p : float
        Of the joint test that every driver's slope is zero.
    test : str
        That test in short.
    clusters : int or None
    """

    table: pd.DataFrame
    r2: float
    r2_error: float
    r2_low: float
    r2_high: float
    leading: Leading
    p: float
    test: str
    clusters: int | None


def net_of_controls(model: Adjusted, drivers: Drivers, kept: np.ndarray | None = None) -> Net:
    """Take the controls out of outcome and drivers, over all rows or those ``kept``.

    With branches among the controls and resampled whole, a draw fits them anew by itself: a
    branch's mean does not depend on how often it is drawn.

    Raises
    ------
    InputError
        If what is held equal leaves fewer than two drivers.
    """
    rows = slice(None) if kept is None else kept
    places = {
        name: [c for column in columns for c in model.matrix.at.get(column, [])]
        for name, columns in drivers.columns.items()
    }
    X, y = model.X[rows], model.y[rows]
    taken = [c for columns in places.values() for c in columns]
    net = net_of(
        np.column_stack([y, X[:, taken]]),
        np.delete(X, taken, axis=1),
    )
    varies = dict(zip(taken, net[:, 1:].std(axis=0) > 0, strict=True))
    order = {c: j for j, c in enumerate(taken)}
    at = {name: [order[c] for c in columns if varies[c]] for name, columns in places.items()}
    at = {name: columns for name, columns in at.items() if columns}
    if len(at) < 2 or not net[:, 0].std() > 0:
        raise InputError(
            "What is held equal (branch, period, customer) leaves fewer than two drivers that "
            "vary, so nothing can be compared; use a longer period or more branches.",
            "控制网点、时间与客户特征之后，仍有变动的驱动因素不足两个，无法比较；请延长时间范围或增加网点。",
        )
    clusters = groups(model.rows[rows].reset_index(drop=True), model.cluster)
    return Net(net[:, 0], net[:, 1:], at, float(net[:, 0].var() / y.var()), clusters)


def shares_of(net: Net, *, draws: int, seed: int) -> Shares:
    """Exact LMG shares, their cluster bootstrap, the leader against all others, the joint test."""
    found = key_drivers(net.y, net.X, drivers=net.at, clusters=net.clusters, draws=draws, seed=seed)
    part = found.draws / found.draws.sum(axis=1, keepdims=True)
    share = found.table["percent"].to_numpy() / 100
    low, high = percentile_interval(part, found.level)
    r2 = net.left * found.draws.sum(axis=1)
    r2_low, r2_high = percentile_interval(r2, found.level)
    names = found.table["driver"].tolist()
    table = pd.DataFrame(
        {
            "driver": names,
            "share": share,
            "error": np.nanstd(part, axis=0, ddof=1),
            "low": low,
            "high": high,
        }
    )
    p, test = _joint(net)
    return Shares(
        table=table,
        r2=net.left * found.r2,
        r2_error=float(np.nanstd(r2, ddof=1)),
        r2_low=float(r2_low),
        r2_high=float(r2_high),
        leading=leading(share, part, names, clusters=found.clusters, level=found.level),
        p=p,
        test=test,
        clusters=found.clusters,
    )


def point_shares(net: Net) -> pd.Series:
    """Shares without intervals, by driver."""
    table = key_drivers(net.y, net.X, drivers=net.at, draws=0).table
    return table.set_index("driver")["percent"] / 100


def _joint(net: Net) -> tuple[float, str]:
    """Wald test of all slopes, robust or clustered, as F.

    With as many slopes as clusters or more the clustered covariance has no inverse: each slope is
    then tested by itself, and the smallest p-value counted as often as there are slopes.
    """
    used = [c for columns in net.at.values() for c in columns]
    X = net.X[:, used] / net.X[:, used].std(axis=0)
    names = [name for name, columns in net.at.items() for _ in columns]
    fit = least_squares(net.y, X, names=names)
    inference = sandwich(fit.bread, [fit.scores], len(net.y), net.clusters)
    k = len(used)
    df = inference.df - k + 1 if inference.clusters else inference.df
    if df < 1:
        t = np.abs(fit.coefficients) / inference.errors
        p = float(min(1.0, k * (2 * stats.t.sf(t.max(), inference.df))))
        return p, f"max |t({inference.df:.0f})| = {t.max():.1f}"
    wald = float(fit.coefficients @ np.linalg.solve(inference.covariance, fit.coefficients))
    F = wald / k * (df / inference.df)  # Hotelling's T² as F, where clusters are few
    return float(stats.f.sf(F, k, df)), f"F({k}, {df:,.0f}) = {F:.1f}"


def readings(shares: Shares, others: Mapping[str, Net | None]) -> pd.DataFrame:
    """Shares by driver with all answers, without straight-liners, without those who nearly are.

    Parameters
    ----------
    shares : Shares
        The finding's own: the readings ``all`` and ``without``, where not given in ``others``.
    others : mapping of str to Net or None
        ``all``, ``without`` or ``without_nearly``; None gives NaN: it could not be computed.
    """
    own = shares.table.set_index("driver")["share"]
    columns = {"all": own, "without": own}
    for name, net in others.items():
        read = own * np.nan if net is None else point_shares(net)
        columns[name] = read.reindex(own.index)
    return pd.DataFrame(columns)
