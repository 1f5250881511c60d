"""Time two ways of doing the same work, in turn and each in its own process."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Work = Callable[[], Any]


@dataclass(frozen=True)
class Contest:
    """Our way and a peer's way of the same work.

    Parameters
    ----------
    name, peer, size : str
        What is done, who else does it, on how much.
    prepare : callable
        Makes the input; not timed.
    ours, theirs : callable
        Take what ``prepare`` returned.
    agree : callable
        Takes both results; raises where they differ, so that no wrong answer is timed.
    """

    name: str
    peer: str
    size: str
    prepare: Callable[[], Any]
    ours: Callable[[Any], Any]
    theirs: Callable[[Any], Any]
    agree: Callable[[Any, Any], None]


@dataclass(frozen=True)
class Result:
    """A row of the table: medians over the runs; ``ratio`` is peer_seconds / seconds."""

    name: str
    peer: str
    size: str
    seconds: float
    peer_seconds: float
    ratio: float
    peak_mb: float


def run(contest: Contest, *, runs: int = 3) -> Result:
    """Run both ways ``runs`` times in turn (after one of each that warms up and must agree)."""
    data = contest.prepare()
    contest.agree(contest.ours(data), contest.theirs(data))
    times: list[tuple[float, float]] = []
    peak = 0.0
    for _ in range(runs):
        seconds, mb = _timed(lambda: contest.ours(data))
        peer_seconds, _ = _timed(lambda: contest.theirs(data))
        times.append((seconds, peer_seconds))
        peak = max(peak, mb)
    ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    return Result(
        contest.name, contest.peer, contest.size, round(ours, 4), round(theirs, 4),
        round(theirs / ours, 2), round(peak, 1),
    )  # fmt: skip


def _timed(work: Work) -> tuple[float, float]:
    """Seconds of ``work`` and the peak memory (MB) of the forked process that did it."""
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)

    def child() -> None:
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
        send.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
        send.close()
        os._exit(0)

    process = context.Process(target=child)
    process.start()
    result = receive.recv()
    process.join()
    return result


def table(results: list[Result]) -> str:
    """The results as aligned text."""
    header = ("name", "peer", "size", "seconds", "peer_seconds", "ratio", "peak_mb")
    rows = [header, *(tuple(str(v) for v in asdict(r).values()) for r in results)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    return "\n".join(
        "  ".join(v.ljust(w) for v, w in zip(row, widths, strict=True)) for row in rows
    )


def write(results: list[Result], path: Path) -> None:
    """Write ``build/bench.json``: a list of name, peer, size, seconds, peer_seconds, ratio, peak_mb."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(r) for r in results], indent=1) + "\n", encoding="utf-8")
