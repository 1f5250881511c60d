"""Banks whose queues are drawn from known arrivals, service, patience and windows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.estimators.queue_simulation import poisson_days, run_queue
from svcquality.records.bank import Records

OPENS = pd.Timestamp("2024-03-04 09:00")


def tickets(
    seed: int,
    *,
    branch: str = "城东（一）",
    days: int = 30,
    rates: np.ndarray | None = None,
    windows: np.ndarray | None = None,
    service: float = 8.0,
    patience: float | None = 120.0,
    left_at: bool = False,
    called_absent: bool = False,
    staff: bool = True,
    **more: object,
) -> pd.DataFrame:
    """A ticket log of weekdays; ``windows`` by half hour, or by day and half hour."""
    rng = np.random.default_rng(seed)
    rates = np.full(10, 6.0) if rates is None else rates
    windows = np.full(len(rates), 2) if windows is None else windows
    minute, day = poisson_days(rates / 30, days, day_variance=0.02, seed=rng)
    n = len(minute)
    held = rng.gamma(2, service / 2, n)
    ready = rng.exponential(patience, n) if patience else np.full(n, np.inf)
    path = run_queue(minute, held, windows, day=day, patience_minutes=ready)
    wait = path.wait_minutes
    if (
        called_absent
    ):  # a customer who takes no time shows when those who left would have been called
        wait = run_queue(minute, held * path.served, windows, day=day).wait_minutes
    # A log has whole seconds, and a call comes a moment after a window is free.
    arrived = OPENS + pd.to_timedelta(np.round((day * 1440 + minute) * 60), unit="s")
    called = arrived + pd.to_timedelta(np.round(wait * 60) + 10, unit="s")
    ended = called + pd.to_timedelta(np.round(held * 60), unit="s")
    served = pd.Series(path.served)
    frame = pd.DataFrame(
        {
            "visit_id": [f"{branch}-{i}" for i in range(n)],
            "branch_id": branch,
            "staff_id": pd.Series(f"{branch}-S", index=range(n)).where(served) if staff else None,
            "arrived": arrived,
            "called": pd.Series(called).where(served | called_absent),
            "started": pd.Series(called + pd.Timedelta("15s")).where(served),
            "ended": pd.Series(ended).where(served),
            "abandoned": ~served,
            "service_type": rng.choice(["cash", "card"], size=n),
            **more,
        }
    )
    if left_at:
        frame["ended"] = frame["ended"].where(served, called)
    return frame


def bank(*logs: pd.DataFrame, **tables: pd.DataFrame) -> Records:
    """Records of these ticket logs."""
    return Records.from_frames(visits=pd.concat(logs, ignore_index=True), **tables)
