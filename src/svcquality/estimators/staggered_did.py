"""Staggered difference-in-differences: effects by cohort and period, and their averages.

Callaway & Sant'Anna (2021), J. Econometrics 225: each cohort is compared with units that are not
treated yet, from its own last untreated period on, so that no treated unit serves as a control for
another. Without covariates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from svcquality.errors import InputError
from svcquality.estimators.effects import Effects, JointTest, joined, joint_test

NEVER = -1
"""``first`` of a unit that is not treated within the panel."""

Control = Literal["never", "not_yet"]
Base = Literal["varying", "universal"]


@dataclass(frozen=True)
class GroupTimeEffects:
    """ATT(g, t): the effect on cohort g in period t.

    Parameters
    ----------
    cohort, period : ndarray of shape (k,)
        Column numbers of the outcome matrix.
    effects : Effects
        ``at`` is ``period − cohort``.
    first : ndarray of shape (n,)
        Cohort of each unit, `NEVER` for the never-treated.
    anticipation : int
        Periods before the first treated one that count as neither.
    """

    cohort: np.ndarray
    period: np.ndarray
    effects: Effects
    first: np.ndarray
    anticipation: int = 0

    @property
    def treated(self) -> np.ndarray:
        """Mask of the effects in or after the cohort's first treated period."""
        return self.period >= self.cohort

    @property
    def before(self) -> np.ndarray:
        """Mask of the effects before treatment and its anticipation."""
        return self.period < self.cohort - self.anticipation

    def simple(self) -> Effects:
        """Average over all treated unit-periods."""
        return self._averaged(np.zeros_like(self.period), self.treated)

    def dynamic(self) -> Effects:
        """By periods since the first treated one (negative: before it)."""
        return self._averaged(self.effects.at)

    def dynamic_overall(self) -> Effects:
        """Equal average of the dynamic effects from 0 on."""
        events = self.dynamic()
        return events.take(events.at >= 0).average()

    def group(self) -> Effects:
        """By cohort, over its treated periods."""
        return self._averaged(self.cohort, self.treated)

    def group_overall(self) -> Effects:
        """Average of the cohort effects, weighted by the size of the cohort."""
        groups = self.group()
        return _weighted(groups, groups.at, self.first)

    def joint_test_before(self) -> JointTest:
        """All ATT(g, t) before treatment are 0."""
        return joint_test(self.effects.take(self.before))

    def _averaged(self, label: np.ndarray, among: np.ndarray | None = None) -> Effects:
        """Average, by label, of ATT(g, t) weighted by the size of the cohort."""
        keep = np.ones(len(label), dtype=bool) if among is None else among
        labels = np.unique(label[keep])
        parts = []
        for value in labels:
            chosen = keep & (label == value)
            parts.append(_weighted(self.effects.take(chosen), self.cohort[chosen], self.first))
        return joined(labels, parts)


def group_time_effects(
    outcome: np.ndarray,
    first: np.ndarray,
    *,
    control: Control = "never",
    base: Base = "varying",
    anticipation: int = 0,
) -> GroupTimeEffects:
    """Effects by cohort and period against units that are not treated.

    Parameters
    ----------
    outcome : ndarray of shape (n, T)
        One row a unit, one column a period; without missing values.
    first : ndarray of shape (n,)
        Column number of the first treated period; `NEVER` for the never-treated.
    control : {"never", "not_yet"}
        Units never treated, or also those treated later than the periods compared.
    base : {"varying", "universal"}
        Before treatment, compare with the period just before (each an own placebo) or with the
        last untreated period. From treatment on it is always the latter.
    anticipation : int
        Periods before the first treated one in which treatment may show already; the last
        untreated period, and the controls, lie that much earlier.

    Raises
    ------
    ValueError
        If the shapes do not agree.
    InputError
        If a value is missing, a unit is treated from the start, nobody is treated, or there are
        no controls.
    """
    outcome, first = np.asarray(outcome, dtype=float), np.asarray(first, dtype=int)
    if outcome.ndim != 2 or first.shape != (len(outcome),):
        raise ValueError("outcome must be (n, T) and first (n,)")
    _require_usable(outcome, first, control, anticipation)
    n, periods = outcome.shape
    never = first == NEVER
    parts, cohorts = [], []
    for g in np.unique(first[~never]):
        t = np.arange(periods)
        last = g - anticipation - 1
        reference = np.where((t > last) | (base == "universal"), last, t - 1)
        used = (reference >= 0) & (t != reference)
        t, reference = t[used], reference[used]
        change = outcome[:, t] - outcome[:, reference]
        member = first == g
        controls = np.repeat(never[:, None], len(t), axis=1)
        if control == "not_yet":
            controls |= first[:, None] > np.maximum(t, reference) + anticipation
            controls[member] = False
        possible = controls.any(axis=0)
        change, controls, t = change[:, possible], controls[:, possible], t[possible]
        counts = controls.sum(axis=0)
        of_treated = change[member].mean(axis=0)
        of_controls = (change * controls).sum(axis=0) / counts
        influence = np.where(controls, (of_controls - change) * (n / counts), 0.0)
        influence[member] = (change[member] - of_treated) * (n / member.sum())
        size = np.full(len(t), member.sum())
        parts.append(Effects(t, of_treated - of_controls, influence, size, counts))
        cohorts.append(np.full(len(t), g))
    cohort, period = np.concatenate(cohorts), np.concatenate([part.at for part in parts])
    if not (period >= cohort).any():
        raise InputError(
            "No treated period has an untreated unit to compare with; extend the records back or "
            "add units that are never treated.",
            "所有处理期都没有可比的未处理单位；请补充更早的记录，或加入从未受处理的单位。",
        )
    return GroupTimeEffects(cohort, period, joined(period - cohort, parts), first, anticipation)


def _weighted(effects: Effects, cohort: np.ndarray, first: np.ndarray) -> Effects:
    """Average weighted by cohort size; the sizes' own randomness enters the influence function."""
    member = (first[:, None] == cohort).astype(float)
    size = member.mean(axis=0)
    weight = size / size.sum()
    around = member - size
    of_weights = (around - around.sum(axis=1, keepdims=True) * weight) / size.sum()
    influence = effects.influence @ weight + of_weights @ effects.estimate
    return Effects(
        np.array([0]),
        np.array([weight @ effects.estimate]),
        influence[:, None],
        np.array([np.isin(first, cohort).sum()]),
        np.array([weight @ effects.controls]),
    )


def _require_usable(
    outcome: np.ndarray, first: np.ndarray, control: Control, anticipation: int
) -> None:
    if np.isnan(outcome).any():
        raise InputError(
            "The panel has missing values; keep only units that are seen in every period.",
            "面板中有缺失值；请只保留每期都有记录的单位。",
        )
    treated = first != NEVER
    if not treated.any():
        raise InputError(
            "No unit is treated within the period; extend the period or check the dates.",
            "研究期内没有任何单位受到处理；请延长时间范围或核对日期。",
        )
    if (first[treated] <= anticipation).any() or (first >= outcome.shape[1]).any():
        raise InputError(
            "A unit is treated from the first period on, or after the last; leave out the former "
            "and call the latter never-treated.",
            "有单位自首期起已受处理，或在末期之后才受处理；前者请剔除，后者请视为从未受处理。",
        )
    if not (first == NEVER).any() and (control == "never" or len(np.unique(first)) < 2):
        raise InputError(
            "No unit is never treated, so there is nobody to compare with; use not-yet-treated "
            "controls with at least two cohorts.",
            "没有从未受处理的单位可作对照；请改用尚未受处理的单位作对照，且至少要有两个批次。",
        )
