"""The queues by half hour: windows, use, waits recorded, simulated and by Erlang's formulas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from svcquality.designs._staffing_measure import BranchQueue
from svcquality.designs._staffing_search import BLOCK
from svcquality.designs._staffing_simulate import Sample, more, outcome
from svcquality.designs._staffing_tickets import SLOT_MINUTES, Tickets
from svcquality.designs._staffing_windows import Windows
from svcquality.estimators.erlang import erlang_a, erlang_c


def clock_at(slot: np.ndarray | pd.Series) -> list[str]:
    """Half hours of the day as times ("09:30")."""
    return [f"{s // 2:02d}:{s % 2 * SLOT_MINUTES:02d}" for s in np.asarray(slot, dtype=int)]


def slot_frame(
    tickets: Tickets, windows: Windows, queues: Sequence[BranchQueue], drawn: Sequence[Sample]
) -> pd.DataFrame:
    """One row a branch and half hour.

    Returns
    -------
    DataFrame
        ``branch_id, time, arrivals`` (a day), ``windows, windows_seen, agreement, utilisation,
        recorded_wait, simulated_wait, erlang_wait`` (mean minutes).
    """
    frame = windows.frame.assign(
        branch_id=np.array(tickets.branches, dtype=object)[windows.frame["branch"]]
    )
    frame = frame[frame["branch_id"].isin([q.name for q in queues])]
    parts = [_of_branch(q, d) for q, d in zip(queues, drawn, strict=True)]
    rows = tickets.rows
    waits = rows[rows["served"]].groupby(["branch", "slot"])["wait_minutes"].mean()
    frame = frame.merge(
        waits.rename("recorded_wait").reset_index(), on=["branch", "slot"], how="left"
    ).merge(pd.concat(parts), on=["branch_id", "slot"], how="left")
    open_minutes = SLOT_MINUTES * frame["windows"]
    return frame.assign(
        time=clock_at(frame["slot"]),
        windows_seen=frame["seen"],
        utilisation=(frame["busy_minutes"] / open_minutes.where(open_minutes > 0)),
    )[
        ["branch_id", "time", "arrivals", "windows", "windows_seen", "agreement", "utilisation",
         "recorded_wait", "simulated_wait", "erlang_wait"]
    ]  # fmt: skip


def _of_branch(queue: BranchQueue, drawn: Sample) -> pd.DataFrame:
    rates = queue.counts.mean(axis=0)
    path = drawn.run(queue.plan)
    slot = np.minimum((drawn.arrival / SLOT_MINUTES).astype(int), len(rates) - 1)[path.served]
    count = np.bincount(slot, minlength=len(rates))
    waited = np.bincount(
        slot, weights=path.wait_minutes[path.served] + queue.call_minutes, minlength=len(rates)
    )
    model = queue.fit()
    usual = np.rint(np.atleast_2d(queue.plan).mean(axis=0)).astype(int)
    held = float(model.services.mean())
    return pd.DataFrame(
        {
            "branch_id": queue.name,
            "slot": queue.first + np.arange(len(rates)),
            "arrivals": rates,
            "simulated_wait": np.where(count > 0, waited / np.maximum(count, 1), np.nan),
            "erlang_wait": [
                steady_wait(rate / SLOT_MINUTES, held, model.patience_minutes, int(open_))
                for rate, open_ in zip(rates, usual, strict=True)
            ],
        }
    )


def steady_wait(rate: float, service: float, patience: float, windows: int) -> float:
    """Mean wait had the half hour lasted for ever: Erlang's A, or C where nobody leaves."""
    if windows < 1 or not service > 0:
        return np.nan
    if not rate > 0:
        return 0.0
    if np.isfinite(patience):
        return erlang_a(rate, service, patience, windows).mean_wait_minutes
    return erlang_c(rate, service, windows).mean_wait_minutes


def hour_frame(
    queues: Sequence[BranchQueue], drawn: Sequence[Sample], target_minutes: float
) -> pd.DataFrame:
    """What one window more, or one fewer, for an hour would save or cost: where windows can move.

    Returns
    -------
    DataFrame
        ``branch_id, from, saved_by_one_more, cost_of_one_fewer`` (customer-minutes a day; the cost
        missing where one window only is open).
    """
    rows = []
    for queue, sample in zip(queues, drawn, strict=True):
        least = np.atleast_2d(queue.plan).min(axis=0)
        now = outcome(queue, sample.run(queue.plan), sample.days, target_minutes).waited

        for slot in range(len(least) - BLOCK + 1):
            if not least[slot : slot + BLOCK].all():
                continue
            part = slice(slot, slot + BLOCK)

            def waited(
                windows: int,
                queue: BranchQueue = queue,
                sample: Sample = sample,
                part: slice = part,
            ) -> float:
                path = sample.run(more(queue.plan, windows, part))
                return outcome(queue, path, sample.days, target_minutes).waited

            spare = least[slot : slot + BLOCK].min() > 1
            rows.append(
                {
                    "branch_id": queue.name,
                    "from": clock_at(np.array([queue.first + slot]))[0],
                    "saved_by_one_more": now - waited(1),
                    "cost_of_one_fewer": waited(-1) - now if spare else np.nan,
                }
            )
    return pd.DataFrame(
        rows, columns=["branch_id", "from", "saved_by_one_more", "cost_of_one_fewer"]
    )
