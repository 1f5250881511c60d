"""One exposure, instruments for it: two-stage least squares that says how weak they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from svcquality.estimators.clustered import sandwich
from svcquality.estimators.least_squares import LeastSquares, least_squares
from svcquality.estimators.marginal import Contrast, contrast

ANGLES = 721
"""Points at which the Anderson–Rubin test is tried before its limits are refined."""


@dataclass(frozen=True)
class InstrumentedEffect:
    """Effect of an exposure by its instruments.

    Parameters
    ----------
    effect : Contrast
        Two-stage least squares. Its interval cannot be trusted with weak instruments.
    plain : Contrast
        Least squares, for comparison.
    first_stage : ndarray of shape (m,)
        Coefficients of the instruments in the exposure.
    effective_f : float
        Strength of the instruments; with one instrument the squared robust t of the first stage.
    critical_f : float
        Above it, a bias beyond a tenth of the worst case is rejected at 5%.
    anderson_rubin_p : float
        p-value of no effect, right however weak the instruments.
    anderson_rubin : tuple of (float, float)
        All effects that this test does not reject: one interval, or two rays, or everything where
        the instruments say nothing; none where they contradict each other.
    kind : str
    n : int
    clusters : int or None
    """

    effect: Contrast
    plain: Contrast
    first_stage: np.ndarray
    effective_f: float
    critical_f: float
    anderson_rubin_p: float
    anderson_rubin: tuple[tuple[float, float], ...]
    kind: str
    n: int
    clusters: int | None


def instrumented_effect(
    y: np.ndarray,
    exposure: np.ndarray,
    instruments: np.ndarray,
    controls: np.ndarray | None = None,
    *,
    clusters: np.ndarray | pd.Series | None = None,
    absorbed: int = 0,
    level: float = 0.95,
) -> InstrumentedEffect:
    """Estimate by two-stage least squares, with tests that hold when instruments are weak.

    Parameters
    ----------
    y, exposure : ndarray of shape (n,)
    instruments : ndarray of shape (n, m)
    controls : ndarray of shape (n, k), optional
        Exogenous; no intercept.
    clusters : array of shape (n,), optional
        CR1 errors, else HC1; both count all second-stage parameters.
    absorbed : int
        Parameters that fixed effects taken out before used up, beside the intercept.

    Notes
    -----
    Effective F and its simplified critical value for a bias of 10%: Montiel Olea & Pflueger (2013),
    J. Business & Economic Statistics 31. Anderson & Rubin (1949) in its robust form (Andrews, Stock
    & Sun 2019, Annual Review of Economics 11), as F with m and the error's degrees of freedom.

    Raises
    ------
    InputError
        If columns repeat each other, or there are too few rows or one cluster only.
    """
    y, x = np.asarray(y, dtype=float), np.asarray(exposure, dtype=float)
    Z = np.asarray(instruments, dtype=float)
    n = len(y)
    fixed = [np.ones(n)] if controls is None else [np.ones(n), controls]
    W = np.column_stack(fixed)
    m = Z.shape[1]
    first, reduced = (least_squares(v, np.column_stack([Z, W])) for v in (x, y))
    plain = least_squares(y, np.column_stack([x, W]))
    # Second stage: the fitted exposure gives the slope, the exposure itself the residuals.
    stage = least_squares(y, np.column_stack([x - first.residuals, W]))
    residuals = y - np.column_stack([x, W]) @ stage.coefficients
    inference = sandwich(
        stage.bread, [stage.X * residuals[:, None]], n, clusters,
        parameters=len(stage.bread) + absorbed,
    )  # fmt: skip
    usual = sandwich(
        plain.bread, [plain.scores], n, clusters, parameters=len(plain.bread) + absorbed
    )
    beta, error = float(stage.coefficients[0]), float(inference.errors[0])
    strength, critical = _effective_f(first, m, clusters, absorbed)
    test = _AndersonRubin(first, reduced, m, clusters, absorbed)
    return InstrumentedEffect(
        effect=contrast(beta, error, inference.df, level=level),
        plain=contrast(float(plain.coefficients[0]), float(usual.errors[0]), usual.df, level=level),
        first_stage=first.coefficients[:m],
        effective_f=strength,
        critical_f=critical,
        anderson_rubin_p=test.p(0.0),
        anderson_rubin=test.accepted(beta, error, 1 - level),
        kind=inference.kind,
        n=n,
        clusters=inference.clusters,
    )


def _effective_f(
    first: LeastSquares, m: int, clusters: np.ndarray | pd.Series | None, absorbed: int
) -> tuple[float, float]:
    """Statistic and critical value of Montiel Olea & Pflueger, for a bias of 10%."""
    inference = sandwich(
        first.bread, [first.scores], first.n, clusters, parameters=len(first.bread) + absorbed
    )
    pi, covariance = first.coefficients[:m], inference.covariance[:m, :m]
    # Inverse of the instruments' block: their cross-products once controls are taken out.
    cross = np.linalg.inv(first.bread[:m, :m])
    root = np.linalg.cholesky(cross).T
    noise = root @ covariance @ root.T
    strength = float(pi @ cross @ pi / np.trace(noise))
    tolerance = 10.0
    trace, top = np.trace(noise), np.linalg.eigvalsh(noise)[-1]
    df = trace**2 * (1 + 2 * tolerance) / (np.trace(noise @ noise) + 2 * tolerance * trace * top)
    return strength, float(stats.ncx2.ppf(0.95, df, df * tolerance) / df)


class _AndersonRubin:
    """The instruments have no part in ``y − b x`` if b is the effect: a test at each b.

    What they have, and its covariance, are a line and a quadratic in b.
    """

    def __init__(
        self, first: LeastSquares, reduced: LeastSquares, m: int,
        clusters: np.ndarray | pd.Series | None, absorbed: int,
    ) -> None:  # fmt: skip
        self.m = m
        self.of_y, self.of_x = reduced.coefficients[:m], first.coefficients[:m]
        influence = np.hstack([fit.scores @ fit.bread[:, :m] for fit in (reduced, first)])
        # Both equations have the same columns, so the factor counts those of one.
        n, p = first.X.shape
        p += absorbed
        inference = sandwich(np.eye(2 * m), [influence], n, clusters)
        V = inference.covariance * (n - 2 * m) / (n - p)
        self.df = inference.df if clusters is not None else float(n - p)
        self.of_yy, self.of_xx = V[:m, :m], V[m:, m:]
        self.of_xy = V[:m, m:] + V[m:, :m]

    def p(self, b: float) -> float:
        return float(self._p(np.array([1.0]), np.array([b]))[0])

    def _p(self, c: np.ndarray, s: np.ndarray) -> np.ndarray:
        """p-values of the directions ``c y − s x``, which stand for b = s / c."""
        left = c[:, None] * self.of_y - s[:, None] * self.of_x
        c, s = c[:, None, None], s[:, None, None]
        covariance = c**2 * self.of_yy - c * s * self.of_xy + s**2 * self.of_xx
        wald = (left * np.linalg.solve(covariance, left[:, :, None])[:, :, 0]).sum(axis=1)
        return np.asarray(stats.f.sf(wald / self.m, self.m, self.df))

    def accepted(
        self, centre: float, scale: float, alpha: float
    ) -> tuple[tuple[float, float], ...]:
        """Effects with p above ``alpha``, as disjoint ascending intervals."""

        def excess(angle: np.ndarray | float) -> np.ndarray:
            # b = centre + scale · tan(angle): the whole line within reach, its ends included.
            a = np.atleast_1d(angle)
            return self._p(np.cos(a), centre * np.cos(a) + scale * np.sin(a)) - alpha

        angles = np.linspace(-np.pi / 2, np.pi / 2, ANGLES)
        inside = excess(angles) > 0
        turns = np.flatnonzero(inside[1:] != inside[:-1])
        roots = [
            optimize.brentq(lambda a: float(excess(a)[0]), angles[i], angles[i + 1]) for i in turns
        ]
        edges = [centre + scale * np.tan(root) for root in roots]
        if inside[0]:
            edges = [-np.inf, *edges]
        if inside[-1]:
            edges = [*edges, np.inf]
        return tuple((float(a), float(b)) for a, b in zip(edges[::2], edges[1::2], strict=True))
