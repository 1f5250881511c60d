"""Ten million visits to a branch x month panel: ``python -m benchmarks.visits_panel [--rows N]``.

Writes a simulated ticket log as CSV (about 1.2 GB for ten million rows), makes the panel of it in a
process of its own and prints seconds, processor seconds and peak memory. With ``--database URL`` the
log is put into a table of that PostgreSQL database first and read from there.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

PIECE = 500_000
BRANCHES, CUSTOMERS, STAFF, DAYS = 300, 2_000_000, 3_000, 730


def tickets(first: int, number: int, seed: int) -> pa.Table:
    """A piece of the log: visits ``first`` … ``first + number - 1``."""
    rng = np.random.default_rng([seed, first])
    start = np.datetime64("2022-01-01T09:00:00", "s")
    arrived = start + rng.integers(0, DAYS, number) * 86_400 + rng.integers(0, 28_800, number)
    called = arrived + rng.gamma(2, 300, number).astype("int64")
    started = called + 10
    ended = started + 30 + rng.gamma(2, 200, number).astype("int64")
    left = rng.random(number) < 0.04

    def names(letter: str, digits: int, values: np.ndarray) -> pa.Array:
        return pa.array([f"{letter}{value:0{digits}d}" for value in values.tolist()])

    columns = {
        "visit_id": names("V", 8, np.arange(first, first + number)),
        "branch_id": names("B", 4, rng.integers(0, BRANCHES, number)),
        "customer_id": names("C", 7, rng.integers(0, CUSTOMERS, number)),
        "staff_id": names("S", 5, rng.integers(0, STAFF, number)),
        "channel": pa.array(np.full(number, "counter")),
        "service_type": pa.array(np.array(["cash", "loan", "card"])[rng.integers(0, 3, number)]),
        "arrived": pa.array(arrived),
        "called": pa.array(called, mask=left),
        "started": pa.array(started, mask=left),
        "ended": pa.array(ended, mask=left),
        "abandoned": pa.array(left.astype("int8")),
    }
    return pa.table(columns)


def write_csv(path: Path, rows: int, seed: int) -> None:
    """Write the log piece by piece."""
    schema = tickets(0, 1, seed).schema
    options = arrow_csv.WriteOptions(quoting_style="none")
    with arrow_csv.CSVWriter(path, schema, write_options=options) as out:
        for first in range(0, rows, PIECE):
            out.write_table(tickets(first, min(PIECE, rows - first), seed))


def copy_into(url: str, path: Path) -> None:
    """Put the log into the table ``visits`` of a PostgreSQL database."""
    import psycopg

    times = ", ".join(f"{name} timestamp" for name in ("arrived", "called", "started", "ended"))
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("drop table if exists visits")
        connection.execute(
            "create table visits (visit_id text, branch_id text, customer_id text, staff_id text, "
            f"channel text, service_type text, {times}, abandoned int)"
        )
        command = "copy visits from stdin with (format csv, header true)"
        with connection.cursor().copy(command) as out, path.open("rb") as file:
            while block := file.read(1 << 20):
                out.write(block)


def panel_of(source: str, workers: int) -> dict[str, float]:
    """Make the panel and say what it took."""
    from svcquality.records.visits_panel import visits_panel

    started = time.perf_counter()
    panel = visits_panel(source, workers=workers)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mb": round(usage.ru_maxrss / 1024),
        "visits": int(panel.frame["visits"].sum()),
        "cells": len(panel.frame),
    }


def main() -> None:
    """Write, read in another process, print, delete."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", default="")
    parser.add_argument("--read", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(panel_of(options.read, options.workers)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "visits.csv"
        write_csv(path, options.rows, options.seed)
        print(f"{options.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB", file=sys.stderr)
        if options.database:
            copy_into(options.database, path)
        source = options.database or str(path)
        command = [sys.executable, "-m", "benchmarks.visits_panel", "--read", source]
        done = subprocess.run(
            [*command, "--workers", str(options.workers)],
            capture_output=True,
            text=True,
            check=True,
        )
        print(done.stdout.strip())


if __name__ == "__main__":
    main()
