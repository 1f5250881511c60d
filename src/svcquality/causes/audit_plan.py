"""How many texts to code by hand: the interval that a draw of each size will give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.causes.audit_sample import Allocation, allocate
from svcquality.errors import InputError
from svcquality.estimators.design_based import PSEUDO_ERRORS
from svcquality.text.codebook import RESIDUAL, Codebook

Target = Literal["share", "cost"]
Level = Literal["cause", "family"]
FEWEST_INSIDE = 10
"""Coded texts of a cause, with a known outcome, below which no cost is planned or reported."""
SIZES = (100, 200, 300, 500, 800, 1200)
PRIOR_TEXTS = 5.0
"""The assumed accuracy counts as so many coded texts of each measured cause beside those of the
pilot: a cause with two of them is not planned on those alone."""


@dataclass(frozen=True, eq=False)
class AuditPlan:
    """Intervals to expect from hand-coding.

    Parameters
    ----------
    table : DataFrame
        ``id, label_zh, label_en, share`` (expected), ``n`` (texts coded), ``half_width`` of the 95%
        interval, by cause and ``n``; missing where too few texts of a cause would be coded for a
        cost, see `FEWEST_INSIDE`.
    required : DataFrame
        ``id, label_zh, label_en, share, n``: texts for the half-width asked for; missing where even
        coding every complaint would not give it. ``narrowest``: half-width with every complaint
        coded.
    half_width : float
        What was asked for.
    target : {"share", "cost"}
    level : {"cause", "family"}
    allocation : str
    outcomes, outcome_sd : float
        See `plan_audit`.
    mistakes : DataFrame
        What was planned with: probability of each true cause (columns) given the measured one.
    complaints : Series of int
        Complaints by measured cause, in the order of the rows of ``mistakes``.
    codebook : Codebook
    """

    table: pd.DataFrame
    required: pd.DataFrame
    half_width: float
    target: Target
    level: Level
    allocation: Allocation
    outcomes: float
    outcome_sd: float
    mistakes: pd.DataFrame
    complaints: pd.Series
    codebook: Codebook


@dataclass(frozen=True, eq=False)
class _Reported:
    """What is reported, for each stratum (measured cause) and each cause or family."""

    ids: list[str]
    complaints: np.ndarray  # (strata,)
    measured: np.ndarray  # (strata, ids): 1 where the stratum belongs to the category
    true: np.ndarray  # (strata, ids): probability that a complaint of the stratum does

    @property
    def share(self) -> np.ndarray:
        """Expected share of each category."""
        return self.complaints @ self.true / self.complaints.sum()


def plan_audit(
    primary: pd.Series,
    codebook: Codebook,
    *,
    half_width: float,
    target: Target = "share",
    level: Level = "cause",
    pilot: pd.DataFrame | None = None,
    assumed: float = 0.8,
    sizes: Sequence[int] = SIZES,
    allocation: Allocation = "square_root",
    outcomes: float = 1.0,
    outcome_sd: float = 0.5,
) -> AuditPlan:
    """Plan a hand-coded sample for shares of complaints, or for what causes cost.

    Parameters
    ----------
    primary : Series of str
        Measured cause of each complaint, by complaint id.
    codebook : Codebook
    half_width : float
        Half of the 95% interval that is wanted, as a share (0.02: two percentage points), or in the
        outcome's unit for ``cost``.
    target : {"share", "cost"}
        ``cost``: mean outcome of the complaints of a cause minus that of all others.
    level : {"cause", "family"}
        What is to be reported.
    pilot : DataFrame, optional
        Complaints already coded: ``complaint_id, cause, probability``.
    assumed : float
        Share of measured causes that are right where no pilot says otherwise; mistakes are spread
        over the other causes in proportion to their size.
    sizes : sequence of int
        Sample sizes to show.
    allocation : str
        As in `svcquality.causes.audit_sample.draw_sample`; the strata are the measured causes.
    outcomes : float
        Share of complaints whose outcome is known (an answered survey), for ``cost``.
    outcome_sd : float
        Standard deviation of the outcome; .5 is the most that a yes-or-no outcome can have.

    Returns
    -------
    AuditPlan

    Raises
    ------
    InputError
        If a number is out of range, or there are fewer than 30 complaints.

    Notes
    -----
    The half-width is the expected one of `svcquality.estimators.design_based` under a stratified
    draw, pseudo-observations included: what a report will print, not an ideal. The design-based
    variance is that of Egami et al. (2023).
    """
    _check(primary, half_width, assumed, outcomes, outcome_sd, sizes)
    complaints = primary.value_counts().reindex([*codebook.ids, RESIDUAL]).dropna().astype("int64")
    mistakes = _mistakes(primary, complaints, codebook, pilot, assumed)
    reported = _reported(complaints, mistakes, codebook, level)
    most, least = int(complaints.sum()), max(30, 2 * len(complaints))

    @cache
    def widths(n: int) -> np.ndarray:
        drawn = allocate(complaints, n, allocation=allocation).to_numpy(dtype=float)
        if target == "share":
            return _share_widths(reported, drawn)
        return _cost_widths(reported, drawn, outcomes, outcome_sd)

    about = pd.DataFrame(
        {
            "id": reported.ids,
            "label_zh": [codebook.labels[i].zh for i in reported.ids],
            "label_en": [codebook.labels[i].en for i in reported.ids],
            "share": reported.share,
        }
    )
    shown = sorted({min(max(int(n), least), most) for n in sizes})
    table = pd.concat([about.assign(n=n, half_width=widths(n)) for n in shown])

    def fits(k: int) -> Callable[[int], bool]:
        return lambda n: bool(widths(n)[k] <= half_width)

    enough = [_first(fits(k), min(least, most), most) for k in range(len(about))]
    return AuditPlan(
        table.sort_index(kind="stable").reset_index(drop=True),
        about.assign(n=pd.array(enough, dtype="Int64"), narrowest=widths(most)),
        half_width, target, level, allocation, outcomes, outcome_sd, mistakes, complaints, codebook,
    )  # fmt: skip


def _share_widths(reported: _Reported, drawn: np.ndarray) -> np.ndarray:
    """Expected half-widths of `design_based_mean`, shape (ids,)."""
    size, total, k = reported.complaints, reported.complaints.sum(), drawn.sum()
    mean = reported.true - reported.measured  # of the mistake: coded minus measured
    square = np.where(reported.measured > 0, 1 - reported.true, reported.true)
    overall = size @ mean / total
    spread = square - 2 * overall * mean + overall**2 + PSEUDO_ERRORS / k
    weight = (size / total) ** 2 * (1 - drawn / size) / drawn
    return stats.t.ppf(0.975, k - 1) * np.sqrt(weight @ spread * k / (k - 1))


def _cost_widths(
    reported: _Reported, drawn: np.ndarray, outcomes: float, outcome_sd: float
) -> np.ndarray:
    """Expected half-widths of the difference in `design_based_group_mean`, shape (ids,).

    NaN with fewer than `FEWEST_INSIDE` coded texts of a category with a known outcome: an estimated
    size near zero in the denominator makes any interval an accident.
    """
    size = reported.complaints * outcomes
    mean = reported.true - reported.measured
    square = np.where(reported.measured > 0, 1 - reported.true, reported.true)
    chance = (drawn / reported.complaints)[:, None]
    # The pseudo-indicator is measured + mistake / chance where coded.
    squares = size @ (reported.measured * (1 + 2 * mean) + square / chance)
    inside, total = size @ reported.true, size.sum()
    scale = total / (inside * (total - inside))
    error = outcome_sd * scale * np.sqrt(squares - inside**2 / total)
    width = stats.t.ppf(0.975, max(total - 1, 1)) * error
    return np.where(outcomes * drawn @ reported.true >= FEWEST_INSIDE, width, np.nan)


def _mistakes(
    primary: pd.Series,
    complaints: pd.Series,
    codebook: Codebook,
    pilot: pd.DataFrame | None,
    assumed: float,
) -> pd.DataFrame:
    """Probability of each true cause given the measured one: assumed, and learned from a pilot."""
    ids = [*codebook.ids, RESIDUAL]
    size = complaints.reindex(ids).fillna(0).to_numpy(dtype=float) + 1
    table = np.broadcast_to(size, (len(ids), len(ids))).copy()
    np.fill_diagonal(table, 0)
    table *= (1 - assumed) / table.sum(axis=1, keepdims=True)
    np.fill_diagonal(table, assumed)
    frame = pd.DataFrame(table, index=ids, columns=ids)
    if pilot is not None and len(pilot):
        measured = primary.reindex(pilot["complaint_id"]).to_numpy()
        rows = pilot.assign(measured=measured, weight=1 / pilot["probability"])
        rows = rows[rows["measured"].notna()]
        seen = rows.pivot_table(index="measured", columns="cause", values="weight", aggfunc="sum")
        seen = seen.reindex(index=ids, columns=ids).fillna(0.0)
        coded = rows["measured"].value_counts().reindex(ids).fillna(0.0)
        scale = (coded / seen.sum(axis=1)).fillna(0.0)
        counts = seen.mul(scale, axis=0) + PRIOR_TEXTS * frame
        frame = counts.div(coded + PRIOR_TEXTS, axis=0)
    return frame.loc[complaints.index]


def _reported(
    complaints: pd.Series, mistakes: pd.DataFrame, codebook: Codebook, level: Level
) -> _Reported:
    family = codebook.family_of
    name = {i: family[i] if level == "family" else i for i in map(str, mistakes.columns)}
    # Without a measured complaint there is no stratum to plan for.
    ids = list(dict.fromkeys(name[i] for i in map(str, complaints.index)))
    true = np.column_stack(
        [mistakes[[i for i in name if name[i] == one]].sum(axis=1) for one in ids]
    )
    measured = np.array(
        [[float(name[i] == one) for one in ids] for i in map(str, complaints.index)]
    )
    return _Reported(ids, complaints.to_numpy(dtype=float), measured, true)


def _first(holds: Callable[[int], bool], low: int, high: int) -> int | None:
    """The smallest n in low … high from which on a condition holds, if it does at all."""
    if not holds(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _check(
    primary: pd.Series,
    half_width: float,
    assumed: float,
    outcomes: float,
    outcome_sd: float,
    sizes: Sequence[int],
) -> None:
    if len(primary) < 30:
        raise InputError(
            f"{len(primary)} complaints are too few to plan a sample; code them all.",
            f"仅有 {len(primary)} 条投诉，不必抽样；请全部人工编码。",
        )
    for value, name, good in (
        (half_width, "half_width", half_width > 0),
        (assumed, "assumed", 0 < assumed <= 1),
        (outcomes, "outcomes", 0 < outcomes <= 1),
        (outcome_sd, "outcome_sd", outcome_sd > 0),
        (min(sizes, default=0), "sizes", len(sizes) > 0 and min(sizes) > 0),
    ):
        if not good:
            raise InputError(
                f"{name} cannot be {value}; shares lie between 0 and 1, all numbers above 0.",
                f"{name} 不能为 {value}；比例须在 0 与 1 之间，各数均须大于 0。",
            )
