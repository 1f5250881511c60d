"""Effects of treatment with influence functions: errors, intervals, bands and joint tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Effects:
    """Effects with influence functions.

    Parameters
    ----------
    at : ndarray of shape (k,)
        What each effect belongs to: a period of the event clock, a cohort.
    estimate : ndarray of shape (k,)
    influence : ndarray of shape (n, k)
        One row a unit, scaled so that an error is ``sqrt(sum of squares) / n``.
    treated, controls : ndarray of shape (k,)
        Units behind each side of the comparison (averages over what was averaged).

    Notes
    -----
    Intervals use t with ``min(treated, controls) − 1`` degrees of freedom: with 24 to 60 units in
    waves or one by one, 95% intervals of the simple average so held the truth in 95% to
    98% of 300 simulations each, against 91% to 96% with the normal distribution. The uniform band
    held all effects in 82% (24 units) to 97%.
    """

    at: np.ndarray
    estimate: np.ndarray
    influence: np.ndarray
    treated: np.ndarray
    controls: np.ndarray

    @property
    def units(self) -> int:
        """Number of units n."""
        return len(self.influence)

    @property
    def errors(self) -> np.ndarray:
        """Standard errors clustered by unit, shape (k,)."""
        return np.sqrt((self.influence**2).sum(axis=0)) / self.units

    @property
    def df(self) -> np.ndarray:
        """Degrees of freedom, shape (k,); NaN where one side is a single unit."""
        df = np.minimum(self.treated, self.controls) - 1.0
        return np.where(df > 0, df, np.nan)

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Pointwise interval; NaN where one side of the comparison is a single unit."""
        reach = stats.t.ppf((1 + level) / 2, self.df) * self.errors
        return self.estimate - reach, self.estimate + reach

    @property
    def p(self) -> np.ndarray:
        """Two-sided p-values against 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return 2 * stats.t.sf(np.abs(self.estimate) / self.errors, self.df)

    def take(self, keep: np.ndarray) -> Effects:
        """Some of the effects (a mask or indices)."""
        return Effects(
            self.at[keep], self.estimate[keep], self.influence[:, keep],
            self.treated[keep], self.controls[keep],
        )  # fmt: skip

    def average(self) -> Effects:
        """Their mean with equal weights, as one effect."""
        return Effects(
            np.array([0]),
            self.estimate.mean(keepdims=True),
            self.influence.mean(axis=1, keepdims=True),
            self.treated.mean(keepdims=True),
            self.controls.mean(keepdims=True),
        )

    def uniform_band(
        self, level: float = 0.95, *, draws: int = 999, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Band that holds all effects at once with probability ``level``.

        Multiplier bootstrap of the largest absolute t statistic with Rademacher weights; the
        critical value is widened from the normal to the t distribution of each effect and never
        below the pointwise one.

        Parameters
        ----------
        draws : int
        seed : int
        """
        scale = self.errors * self.units
        moving = scale > 0
        normal = float(stats.norm.ppf((1 + level) / 2))
        widen = stats.t.ppf((1 + level) / 2, self.df) / normal
        critical = normal
        if moving.any():
            signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, self.units))
            largest = np.abs(signs @ (self.influence[:, moving] / scale[moving])).max(axis=1)
            critical = max(float(np.quantile(largest, level)), normal)
        reach = critical * widen * self.errors
        return self.estimate - reach, self.estimate + reach


@dataclass(frozen=True)
class JointTest:
    """A test that several effects are all 0.

    ``p`` refers a Wald statistic to χ²; ``p_small`` to Hotelling's T², for few units.
    """

    statistic: float
    df: int
    p: float
    p_small: float


def joint_test(effects: Effects) -> JointTest:
    """Test that all effects are 0, with the clustered covariance of the effects.

    Parameters
    ----------
    effects : Effects
        Fewer than there are units; ``p`` is NaN without effects or when they move together so
        that their covariance cannot be inverted.
    """
    n, k = effects.influence.shape
    covariance = effects.influence.T @ effects.influence / n**2
    if k == 0 or k >= n or np.linalg.matrix_rank(covariance, hermitian=True) < k:
        return JointTest(np.nan, k, np.nan, np.nan)
    statistic = float(effects.estimate @ np.linalg.solve(covariance, effects.estimate))
    hotelling = statistic * (n - k) / (k * (n - 1))
    return JointTest(
        statistic, k, float(stats.chi2.sf(statistic, k)), float(stats.f.sf(hotelling, k, n - k))
    )


def joined(at: np.ndarray, parts: Sequence[Effects]) -> Effects:
    """Effects side by side."""
    return Effects(
        at,
        np.concatenate([p.estimate for p in parts]),
        np.hstack([p.influence for p in parts]),
        np.concatenate([p.treated for p in parts]),
        np.concatenate([p.controls for p in parts]),
    )
