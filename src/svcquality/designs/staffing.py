"""What more windows would change: waits simulated from measured arrivals, service and patience."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from svcquality.checks.identified import identified
from svcquality.checks.staffing_queue import (
    call_order,
    days_measured,
    first_is_clear,
    queue_fits,
    windows_read,
)
from svcquality.designs import DESIGNS
from svcquality.designs._answer_checks import answer_checks
from svcquality.designs._rows import Quantity, table
from svcquality.designs._staffing_answer import (
    Answer,
    bank_quantities,
    branch_frame,
    branch_quantities,
    plan_name,
)
from svcquality.designs._staffing_benefit import Benefit, satisfaction_by_wait
from svcquality.designs._staffing_draws import DRAWS, draw_outcomes
from svcquality.designs._staffing_first import first_frame, first_quantities
from svcquality.designs._staffing_fit import chance_sets, distance, recorded
from svcquality.designs._staffing_measure import FEWEST_DAYS, BranchQueue, measure
from svcquality.designs._staffing_search import first_hours, towards_target
from svcquality.designs._staffing_simulate import more, sample
from svcquality.designs._staffing_slots import hour_frame, slot_frame
from svcquality.designs._staffing_target import goal_of, target_frame, target_quantity
from svcquality.designs._staffing_tickets import Tickets, queue_tickets
from svcquality.designs._staffing_windows import open_windows
from svcquality.designs._staffing_words import method, title
from svcquality.errors import InputError
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.progress import QUIET, Progress

PLACES = 10
SEARCH_DAYS = 60
UNLIKE = 0.5
"""Distance between simulated and recorded waits from which a branch gets no advice."""


def staffing(
    bank: Any,
    *,
    id: str = "staffing",
    branches: Sequence[str] | None = None,
    added: Sequence[int] = (1, 2),
    target_minutes: float = 20.0,
    target_share: float = 0.8,
    windows: str | None = None,
    days: int = 200,
    seed: int = 0,
    progress: Progress = QUIET,
) -> Finding:
    """Simulate the branches' queues as they are, and with other numbers of open windows.

    Arrivals by half hour with the over-dispersion of days, service times, patience and open windows
    are measured from the tickets; the simulated present is compared with the recorded waits before
    anything is advised.

    Parameters
    ----------
    bank : Records
        Needs visits with arrival, call and end; with surveys, shorter waits are also told in
        satisfied customers.
    branches : sequence of str, optional
        Only these.
    added : sequence of int
        Windows more (negative: fewer) at every branch in all its open half hours.
    target_minutes, target_share : float
        ``target_share`` of the customers should be called within ``target_minutes``.
    windows : str, optional
        A column of the visits that says how many windows were open; read off the tickets by default.
    days : int
        Simulated for the estimate, and for each draw of its interval.
    seed : int
    progress : Progress

    Returns
    -------
    Finding
        Terms ``saved_minutes_plus_<k>``, ``satisfied_plus_<k>``, ``satisfied_per_100_hours_plus_<k>``,
        ``wait_…``, ``p90_…``, ``late_…``, ``abandoned_…`` (``now`` and ``plus_<k>``),
        ``window_hours_for_target``, ``first_<rank>`` and ``saved[<branch>]``.

    Raises
    ------
    InputError
        If an option makes no sense, tickets have no call and end, or no branch has 5 days of them.
    """
    plans_added = _checked(added, target_minutes, target_share, days)
    names = [branches] if isinstance(branches, str) else branches
    tickets = queue_tickets(bank.visits, None if names is None else list(names), windows)
    read = open_windows(tickets)
    queues, shared = measure(tickets, read)
    if not queues:
        raise InputError(
            f"No branch has tickets of at least {FEWEST_DAYS} days, so it cannot be seen how much days "
            "differ; use a longer period.",
            f"没有任何网点的叫号记录达到 {FEWEST_DAYS} 天，无法判断各日之间的差异；请延长时间范围。",
        )
    for_fit, for_search, for_target, for_draws, for_curve = np.random.SeedSequence(seed).spawn(5)
    seen = [recorded(tickets, tickets.branches.index(q.name)) for q in queues]
    sets = [
        chance_sets(q, np.random.default_rng(s))
        for q, s in zip(queues, for_fit.spawn(len(queues)), strict=True)
    ]
    fit = distance(np.sum(seen, axis=0), np.sum(sets, axis=0))
    each = [distance(a, s) for a, s in zip(seen, sets, strict=True)]
    alike = [d.value <= max(UNLIKE, d.chance) for d in each]

    drawn = [
        sample(q, q.fit(), min(days, SEARCH_DAYS), np.random.default_rng(s))
        for q, s in zip(queues, for_search.spawn(len(queues)), strict=True)
    ]
    kept = [k for k, good in enumerate(alike) if good]
    steps = first_hours([queues[k] for k in kept], [drawn[k] for k in kept], target_minutes, PLACES)
    steps = [s.of(kept[s.queue]) for s in steps]
    ways = [
        towards_target(q, d, target_minutes, target_share)[0]
        for q, d in zip(queues, drawn, strict=True)
    ]
    benefit = satisfaction_by_wait(bank, DRAWS, np.random.default_rng(for_curve))
    common = [[q.plan, *(more(q.plan, k) for k in plans_added)] for q in queues]
    plans, places = _with_steps(common, steps)
    goals = [
        goal_of(q, way, target_minutes, target_share, days, s)
        for q, way, s in zip(queues, ways, for_target.spawn(len(queues)), strict=True)
    ]
    plans = [[*own, goal.plan] for own, goal in zip(plans, goals, strict=True)]
    draws = draw_outcomes(
        queues,
        plans,
        1 + len(plans_added),
        target_minutes=target_minutes,
        satisfied=benefit.curve if isinstance(benefit, Benefit) else None,
        days=days,
        seed=for_draws,
        progress=progress,
    )
    answer = Answer(queues, draws, plans_added, target_minutes, len(tickets.rows))
    first = first_frame(answer, steps, places, _built(bank))
    by_branch = branch_frame(answer)
    target = target_frame(answer, goals, target_share)
    slots = slot_frame(tickets, read, queues, drawn)
    quantities: list[Quantity] = [
        *bank_quantities(answer),
        *target_quantity(answer, target, target_share),
        *first_quantities(answer, first),
        *branch_quantities(answer, by_branch),
    ]
    left_out = len(tickets.branches) - len(queues)
    flow = [
        *tickets.flow,
        flow_row(
            f"网点有至少 {FEWEST_DAYS} 天的记录",
            f"of branches with at least {FEWEST_DAYS} days",
            int(sum(q.counts.sum() for q in queues)),
        ),
    ]
    curve_checks = (
        [
            *answer_checks(
                benefit.answers, benefit.model, "wait_minutes", Text("等候时间", "the wait")
            ),
            identified([]),
        ]
        if isinstance(benefit, Benefit)
        else []
    )
    tied = int(first["tied_to"].iloc[0]) if len(first) else 0
    return Finding(
        id=id,
        design="staffing",
        question=DESIGNS["staffing"].question,
        grade=Grade.ASSOCIATED,
        claims=tuple(q.claim() for q in quantities if "[" not in q.term),
        table=table(quantities),
        checks=(
            queue_fits(fit.value, fit.chance, fit.recorded_minutes, fit.simulated_minutes),
            call_order(_overtakers(tickets)),
            windows_read(_known_windows(slots), windows is not None),
            days_measured(float(np.median(draws.days)), left_out),
            first_is_clear(tied),
            *curve_checks,
        ),
        method=method(answer, shared, slots, benefit, days, windows, sum(not a for a in alike)),
        flow=pd.DataFrame(flow),
        figure="staffing",
        frames={
            "plans": _plans(quantities, plans_added),
            "first": first,
            "branches": by_branch,
            "target": target,
            "half_hours": slots,
            "hours": hour_frame(queues, drawn, target_minutes),
            "fit": _fits(queues, each),
        },
        title=title(quantities, tied),
    )


def _checked(
    added: Sequence[int] | int, minutes: float, share: float, days: int
) -> tuple[int, ...]:
    counts = (added,) if isinstance(added, int) else tuple(added)
    whole = all(isinstance(k, (int, np.integer)) and k != 0 for k in counts)
    if not counts or not whole or len(set(counts)) < len(counts):
        raise InputError(
            "`added` lists different whole numbers of windows, such as [1, 2] or [-1, 1].",
            "added 应为若干个互不相同的非零整数，例如 [1, 2] 或 [-1, 1]。",
        )
    if not (minutes > 0 and 0 < share < 1):
        raise InputError(
            "target_minutes must be positive and target_share between 0 and 1; for 80% write 0.8.",
            "target_minutes 应为正数，target_share 应在 0 与 1 之间；80% 请写作 0.8。",
        )
    if days < 20:
        raise InputError(
            "Simulate at least 20 days; 200 are usual.", "至少模拟 20 天；一般取 200 天。"
        )
    return tuple(int(k) for k in counts)


def _with_steps(
    common: list[list[np.ndarray]], steps: Sequence[Any]
) -> tuple[list[list[np.ndarray]], list[tuple[int, int]]]:
    """Plans of every branch with those of its steps, and where each step's two plans stand."""
    plans, places = [list(c) for c in common], []
    last = [0] * len(plans)
    for step in steps:
        plans[step.queue].append(step.after)
        now = len(plans[step.queue]) - 1
        places.append((last[step.queue], now))
        last[step.queue] = now
    return plans, places


def _overtakers(tickets: Tickets) -> float:
    """Share of those served who were called a minute or more before somebody who came earlier."""
    rows = tickets.rows[tickets.rows["served"]]
    latest = rows.groupby("day")["called"].cummax()
    return float((rows["called"] < latest - 1).mean())


def _known_windows(slots: pd.DataFrame) -> float:
    weight = slots["arrivals"]
    return float(np.average(slots["windows_seen"], weights=weight)) if weight.sum() else 0.0


def _built(bank: Any) -> dict[str, float]:
    """Windows that a branch has, staffed or not, where the branches table says it."""
    branches = getattr(bank, "branches", None)
    if branches is None:
        return {}
    known = branches.dropna(subset=["windows"])
    return dict(zip(known["branch_id"].astype(str), known["windows"].astype(float), strict=True))


def _plans(quantities: Sequence[Quantity], added: tuple[int, ...]) -> pd.DataFrame:
    """Mean wait and share above the target by windows added."""
    by_term = {q.term: q.value for q in quantities}
    rows = []
    for windows, name in [(0, "now"), *((k, plan_name(k)) for k in added)]:
        for measure_name in ("wait", "late"):
            value = by_term[f"{measure_name}_{name}"]
            rows.append(
                {
                    "added": windows, "measure": measure_name, "estimate": value.estimate,
                    "low": value.low, "high": value.high,
                }
            )  # fmt: skip
    return pd.DataFrame(rows).sort_values(["measure", "added"], ignore_index=True)


def _fits(queues: Sequence[BranchQueue], each: Sequence[Any]) -> pd.DataFrame:
    """How well the simulated present of each branch is the recorded one."""
    return pd.DataFrame(
        {
            "branch_id": [q.name for q in queues],
            "distance": [d.value for d in each],
            "by_chance": [d.chance for d in each],
            "recorded_minutes": [d.recorded_minutes for d in each],
            "simulated_minutes": [d.simulated_minutes for d in each],
        }
    )
