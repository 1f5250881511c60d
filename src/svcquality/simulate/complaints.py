"""Complaints: how many, why, through which channel, how they were recorded and how long they took."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.simulate import taxonomy as tx
from svcquality.simulate.months import DAY, Calendar
from svcquality.simulate.network import Network, Streams, definition_month
from svcquality.simulate.profile import Profile
from svcquality.simulate.satisfaction import logistic
from svcquality.simulate.shared import value

REPEAT_WITHIN_DAYS = 60


def pick(options: dict[str, float], size: int, rng: np.random.Generator) -> np.ndarray:
    """Names drawn with the given relative frequencies."""
    weights = np.array(list(options.values()), dtype=float)
    edges = np.cumsum(weights / weights.sum())
    index = np.minimum(np.searchsorted(edges, rng.random(size), side="right"), len(edges) - 1)
    return np.array(list(options), dtype=object)[index]


def thin(
    untrained: np.ndarray, removed: np.ndarray, kinds: Streams, rng: np.random.Generator
) -> np.ndarray:
    """Remove from the counts without training those that training prevents.

    Thinning a Poisson count leaves a Poisson count with the lower mean, and gives both potential
    outcomes of one branch-month.

    Parameters
    ----------
    untrained : ndarray of int, (b, t, kinds)
    removed : ndarray, (b, t)
        Share prevented of the staff causes.
    """
    counts = untrained.copy()
    keep = np.broadcast_to((1 - removed)[:, :, None], untrained[:, :, kinds.staff].shape)
    counts[:, :, kinds.staff] = rng.binomial(untrained[:, :, kinds.staff], keep)
    return counts


def make_complaints(
    counts: np.ndarray,
    profile: Profile,
    calendar: Calendar,
    kinds: Streams,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One row a complaint in order of receipt; customers and texts come later.

    Parameters
    ----------
    counts : ndarray of int, (b, t, kinds)

    Returns
    -------
    DataFrame
        Columns branch, month (indices), received, responded, resolved (seconds, uncensored),
        primary, secondary, tertiary, business, channel, anger, log_reply (mean of log days),
        repeats (row whose text is repeated, -1 for none), english, recorded_cause, version,
        reopened, escalated, compensation.
    """
    n = int(counts.sum())
    branch, month, kind = (
        np.repeat(i, counts.ravel()) for i in np.indices(counts.shape).reshape(3, -1)
    )
    length = (calendar.edges[month + 1] - calendar.edges[month]) // DAY
    day = np.floor(rng.random(n) * length).astype(np.int64)
    received = calendar.edges[month] + day * DAY + _second_of_day(n, rng)
    order = np.argsort(received, kind="stable")
    branch, month, kind, received = branch[order], month[order], kind[order], received[order]

    primary = np.array(kinds.cause, dtype=object)[kind]
    family = np.array([c[0] for c in kinds.cause], dtype=object)[kind]
    channel = pick(dict(profile.channels), n, rng)
    mean_anger = pd.Series(family, dtype=object).map(tx.ANGER).to_numpy(dtype=float)
    anger = np.clip(mean_anger + value("anger_spread") * rng.standard_normal(n), 0, 1)
    median = pd.Series(channel, dtype=object).map(dict(profile.reply_days)).to_numpy(dtype=float)
    log_reply = np.log(median) + profile.anger_delay * (anger - 0.5)
    reply = np.exp(log_reply + profile.reply_spread * rng.standard_normal(n))
    end = profile.resolve_days * np.exp(profile.resolve_spread * rng.standard_normal(n))
    responded = received + np.maximum(reply * DAY, 60).astype(np.int64)

    frame = pd.DataFrame(
        {
            "branch": branch, "month": month, "received": received, "responded": responded,
            "resolved": responded + np.maximum(end * DAY, 60).astype(np.int64),
            "primary": primary, "business": _business(kinds, kind, rng), "channel": channel,
            "anger": anger, "log_reply": log_reply, "reply_days": reply,
            "english": rng.random(n) < profile.english,
        }
    )  # fmt: skip
    frame["secondary"], frame["tertiary"] = _more_causes(primary, reply, profile, rng)
    frame["recorded_cause"] = _recorded(primary, profile, rng)
    slow = logistic(
        value("escalated_base")
        + value("escalated_delay") * np.minimum(reply, 40)
        + value("escalated_anger") * anger
    )
    frame["escalated"] = rng.random(n) < slow
    frame["reopened"] = rng.random(n) < profile.reopened
    paid = rng.random(n) < profile.compensated
    frame["compensation"] = np.where(paid, _yuan(n, rng), np.nan)
    broken = profile.definition_ratio != 1
    later = month >= definition_month(calendar.months)
    frame["version"] = np.where(later & broken, "v2", "v1")
    return _repeat_some(frame, kind, profile, rng)


def _second_of_day(n: int, rng: np.random.Generator) -> np.ndarray:
    day = rng.beta(value("receiving_early"), value("receiving_late"), n)
    hour = value("first_hour") + value("receiving_hours") * day
    return (3600 * hour).astype(np.int64)


def _yuan(n: int, rng: np.random.Generator) -> np.ndarray:
    log = value("compensation_log") + value("compensation_spread") * rng.standard_normal(n)
    return np.round(np.exp(log), -1)


def _business(kinds: Streams, kind: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    out = np.empty(len(kind), dtype=object)
    for index, (cause, loan) in enumerate(zip(kinds.cause, kinds.loan, strict=True)):
        here = kind == index
        options = {"loan": 1.0} if loan else tx.BUSINESS.get(cause, tx.BUSINESS_ELSE)
        out[here] = pick(options, int(here.sum()), rng)
    return out


def _more_causes(
    primary: np.ndarray, reply_days: np.ndarray, profile: Profile, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Second and third causes: neighbours of the primary, and the handling where it was slow."""
    n = len(primary)
    width = max(map(len, tx.NEIGHBOURS.values()))
    near = np.array(
        [[tx.NEIGHBOURS[c][j % len(tx.NEIGHBOURS[c])] for j in range(width)] for c in tx.CAUSES],
        dtype=object,
    )
    many = np.array([len(tx.NEIGHBOURS[c]) for c in tx.CAUSES])
    code = pd.Categorical(primary, categories=list(tx.CAUSES)).codes
    first = np.floor(rng.random(n) * many[code]).astype(int)
    has = rng.random(n) < profile.secondary
    secondary = near[code, first]
    secondary[~has] = None
    names_handling = (reply_days > profile.slow_days) & (rng.random(n) < profile.slow_mentions)
    names_handling &= ~np.isin(primary, ["R1", "R2"])
    secondary[names_handling] = pick({"R1": 0.6, "R2": 0.4}, int(names_handling.sum()), rng)
    third = has & (rng.random(n) < profile.tertiary / profile.secondary)
    tertiary = near[code, (first + 1) % many[code]]
    tertiary[~third | (tertiary == secondary)] = None
    return secondary, tertiary


def _recorded(primary: np.ndarray, profile: Profile, rng: np.random.Generator) -> np.ndarray:
    """The reason the bank recorded; its expected mix is the published one."""
    total = sum(profile.reasons.values())
    hidden = {
        reason: profile.hidden_in_rules.get(reason, 0.0)
        / (share / total + profile.hidden_in_rules.get(reason, 0.0))
        for reason, share in profile.reasons.items()
    }
    reason = pd.Series(primary, dtype=object).map(tx.REASON_OF)
    chance = reason.map(hidden).to_numpy(dtype=float)
    recorded = np.where(rng.random(len(primary)) < chance, tx.RULES, reason.to_numpy(dtype=object))
    at_random = rng.random(len(primary)) < profile.misrecorded
    recorded[at_random] = pick(dict(profile.reasons), int(at_random.sum()), rng)
    return recorded


def _repeat_some(
    frame: pd.DataFrame, kind: np.ndarray, profile: Profile, rng: np.random.Generator
) -> pd.DataFrame:
    """Let some complaints repeat an earlier one of the same branch and kind, word for word."""
    n = len(frame)
    order = np.lexsort((frame["received"], kind, frame["branch"]))
    earlier, later = order[:-1], order[1:]
    same = (frame["branch"].to_numpy()[earlier] == frame["branch"].to_numpy()[later]) & (
        kind[earlier] == kind[later]
    )
    gap = frame["received"].to_numpy()[later] - frame["received"].to_numpy()[earlier]
    near = np.flatnonzero(same & (gap < REPEAT_WITHIN_DAYS * DAY))
    chosen = rng.permutation(near)[: round(profile.duplicates * n)]
    repeats = np.full(n, -1)
    repeats[later[chosen]] = earlier[chosen]
    root = np.where(repeats >= 0, repeats, np.arange(n))
    for _ in range(n):  # a chain of repeats leads back to its first text
        further = root[root]
        if np.array_equal(further, root):
            break
        root = further
    for name in ("secondary", "tertiary", "english", "business"):
        frame[name] = frame[name].to_numpy()[root]
    frame["repeats"] = np.where(root == np.arange(n), -1, root)
    return frame


def expected_rates(
    network: Network, rates: np.ndarray, removed: np.ndarray, kinds: Streams
) -> np.ndarray:
    """Expected complaints per 1,000 visits with training as it happened, (b, t)."""
    staff = rates[:, :, kinds.staff].sum(axis=2)
    return rates.sum(axis=2) - staff * removed
