"""The branches: their visits, windows, permanent complaint rates, and who is trained when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from svcquality.simulate import taxonomy as tx
from svcquality.simulate.months import DAY, Calendar
from svcquality.simulate.profile import Profile
from svcquality.simulate.queue import staffing
from svcquality.simulate.shared import value

NEVER = -1
COMPLETED_DAY = 14


@dataclass(frozen=True)
class Network:
    """Branches (b) over months (t). Rates are expected complaints per 1,000 visits.

    Parameters
    ----------
    visits : ndarray of int, (b, t)
        All visits of a month.
    tightness, windows : ndarray, (b,) and (b, half hours)
        Planned load relative to the bank's, and open windows.
    other_rate, staff_rate : ndarray, (b,)
        Permanent rate of the causes that training cannot change (loans left out), and of those it
        can.
    branch_effect, month_effect : ndarray, (b,) and (t,)
        Logits of satisfaction.
    """

    visits: np.ndarray
    tightness: np.ndarray
    windows: np.ndarray
    other_rate: np.ndarray
    staff_rate: np.ndarray
    branch_effect: np.ndarray
    month_effect: np.ndarray

    @property
    def permanent_rate(self) -> np.ndarray:
        """What ranks the branches."""
        return self.other_rate + self.staff_rate


@dataclass(frozen=True)
class Streams:
    """Kinds of complaint drawn separately: each cause, and loans apart within the loan causes."""

    cause: tuple[str, ...]
    loan: np.ndarray
    staff: np.ndarray
    share: np.ndarray

    def share_of(self, mask: np.ndarray) -> float:
        """Share of all complaints in the base month."""
        return float(self.share[mask].sum())


def streams(profile: Profile) -> Streams:
    """The true mix behind the mix that the bank records.

    What is recorded under rules holds the complaints of other reasons that were hidden there.
    """
    recorded = {r: v / sum(profile.reasons.values()) for r, v in profile.reasons.items()}
    true = {r: v + profile.hidden_in_rules.get(r, 0.0) for r, v in recorded.items()}
    true[tx.RULES] -= sum(profile.hidden_in_rules.values())
    rows = []
    for cause in tx.CAUSES:
        share = true[tx.REASON_OF[cause]] * tx.SPREAD[tx.REASON_OF[cause]][cause]
        about_loans = profile.loan_share.get(cause, 0.0)
        rows += [(cause, False, share * (1 - about_loans))] if about_loans < 1 else []
        rows += [(cause, True, share * about_loans)] if about_loans > 0 else []
    causes, loan, shares = zip(*rows, strict=True)
    return Streams(
        causes, np.array(loan), np.array([c in tx.STAFF_CAUSES for c in causes]), np.array(shares)
    )


def _around_one(spread: float, normal: np.ndarray) -> np.ndarray:
    """Lognormal factors, scaled so that their mean is exactly 1."""
    factor = np.exp(spread * normal)
    return factor / factor.mean()


def base_rate(profile: Profile) -> float:
    """Complaints per 1,000 visits in the base month."""
    return 1000 * profile.complaints_per_outlet_month / profile.visits_per_branch_month


def make_network(
    profile: Profile, calendar: Calendar, kinds: Streams, rng: np.random.Generator
) -> Network:
    """Draw the branches; congested branches differ from others in satisfaction and in rates."""
    b, t = profile.branches, calendar.months
    usual = profile.visits_per_branch_month * _around_one(
        profile.visits_spread, rng.standard_normal(b)
    )
    season = 1 + profile.visits_season * np.cos(2 * np.pi * calendar.month_of_year / 12)
    noise = _around_one(profile.visits_noise, rng.standard_normal((b, t)))
    visits = np.maximum(np.round(usual[:, None] * season * noise), 1).astype(np.int64)

    congestion = rng.standard_normal(b)
    tightness = _around_one(profile.tightness_spread, congestion)
    together = profile.branch_congestion
    level = together * congestion + np.sqrt(1 - together**2) * rng.standard_normal(b)
    rate = base_rate(profile)
    shared = value("congestion_rate")
    other = shared * congestion + np.sqrt(1 - shared**2) * rng.standard_normal(b)
    return Network(
        visits=visits,
        tightness=tightness,
        windows=staffing(usual / profile.working_days, tightness, profile),
        other_rate=rate
        * kinds.share_of(~kinds.loan & ~kinds.staff)
        * _around_one(profile.other_spread, other),
        staff_rate=rate
        * kinds.share_of(kinds.staff)
        * _around_one(profile.staff_spread, rng.standard_normal(b)),
        branch_effect=profile.branch_spread * level,
        month_effect=profile.month_spread * rng.standard_normal(t),
    )


def policy_month(months: int) -> int:
    """Index of the month in which the loan policy takes effect."""
    return months // 2


def definition_month(months: int) -> int:
    """Index of the month in which a new definition of a complaint would take effect."""
    return (3 * months) // 4


def loan_factor(profile: Profile, calendar: Calendar) -> np.ndarray:
    """Loan complaints relative to the base month: trend, yearly season and policy, (t,)."""
    t = np.arange(calendar.months)
    after = (t - policy_month(calendar.months)) / 12
    return (
        np.exp(profile.loan_season * np.cos(2 * np.pi * (calendar.month_of_year - 2) / 12))
        * profile.loan_trend**after
        * np.where(
            after >= 0, profile.policy_ratio * profile.policy_slope ** np.maximum(after, 0), 1
        )
    )


def untrained_rates(
    profile: Profile, calendar: Calendar, network: Network, kinds: Streams
) -> np.ndarray:
    """Expected complaints per 1,000 visits had nobody been trained: (b, t, kinds).

    Additive in branch and month: a branch's level, a common season and common loan complaints, so
    that levels run in parallel without training.
    """
    season = (
        profile.season * base_rate(profile) * np.cos(2 * np.pi * (calendar.month_of_year - 5) / 12)
    )
    other = np.maximum(network.other_rate[:, None] + season, 0.0)
    staff = np.broadcast_to(network.staff_rate[:, None], other.shape)
    loan = base_rate(profile) * kinds.share_of(kinds.loan) * loan_factor(profile, calendar)
    loan = np.broadcast_to(loan, other.shape)
    rates = np.zeros((*other.shape, len(kinds.cause)))
    for mask, total in (
        (kinds.loan, loan),
        (kinds.staff, staff),
        (~kinds.loan & ~kinds.staff, other),
    ):
        if mask.any():
            rates[:, :, mask] = total[:, :, None] * kinds.share[mask] / kinds.share[mask].sum()
    if profile.definition_ratio != 1:
        rates[:, definition_month(calendar.months) :] *= profile.definition_ratio
    return rates


@dataclass(frozen=True)
class Schedule:
    """Who is trained: month of the first exposure (`NEVER` if none), and the peak effect, (b,).

    Training ends in the middle of the month before the first exposure: complaints fall from the
    first full month on, service in the branch is that of trained staff from the day on.
    """

    first: np.ndarray
    peak: np.ndarray

    def completed(self, calendar: Calendar) -> np.ndarray:
        """Second at which training was completed; after the window for the never trained, (b,)."""
        before = calendar.edges[np.maximum(self.first, 1) - 1] + COMPLETED_DAY * DAY
        return np.where(self.first == NEVER, calendar.edges[-1], before)

    def removed(self, profile: Profile, months: int) -> np.ndarray:
        """Share of staff-cause complaints that training removes, (b, t)."""
        exposure = np.arange(months)[None, :] - self.first[:, None]
        path = np.asarray(profile.training_path, dtype=float)
        share = path[np.clip(exposure, 0, len(path) - 1)] * self.peak[:, None]
        return np.where((self.first[:, None] != NEVER) & (exposure >= 0), share, 0.0)


def schedule(profile: Profile, months: int, network: Network, untrained: np.ndarray) -> Schedule:
    """Train the worst branches first, in cohorts; some are never trained.

    Parameters
    ----------
    profile : Profile
    months : int
    network : Network
    untrained : ndarray of int, (b, t)
        Complaints had nobody been trained; used where recent counts rank the branches.
    """
    b = profile.branches
    starts = np.unique(
        np.round(np.linspace(0.28 * months, 0.72 * months, profile.cohorts)).astype(int)
    )
    if profile.trained_by == "recent":
        before = slice(max(starts[0] - 4, 0), starts[0])
        level = untrained[:, before].sum(axis=1) / network.visits[:, before].sum(axis=1)
    else:
        level = network.permanent_rate
    trained = np.argsort(-level, kind="stable")[: round(profile.trained_share * b)]
    cohort = np.arange(len(trained)) * len(starts) // max(len(trained), 1)
    first = np.full(b, NEVER)
    first[trained] = starts[cohort]
    peaks = np.linspace(
        profile.training_effect["first"], profile.training_effect["last"], len(starts)
    )
    peak = np.zeros(b)
    peak[trained] = peaks[cohort]
    return Schedule(first, peak)
