"""Automatic readers of delimited files side by side: ``python -m benchmarks.reading [--seed N]``.

All of them read the same damaged files in one run. Printed are, a kind of damage and over all, the
mean F1 of names, records and cells, and the seconds of processor time that each reader took.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from benchmarks.reading_files import DamagedFile, damaged_files
from benchmarks.reading_peers import READERS, read
from benchmarks.reading_scores import NOTHING, score


def compare(files: list[DamagedFile], readers: list[str], folder: Path) -> pd.DataFrame:
    """One row a file and reader: ``file, name, kind, reader, header, record, cell, mean, seconds``."""
    rows = []
    for number, file in enumerate(files):
        path = folder / f"{number:05d}.csv"
        path.write_bytes(file.data)
        for reader in readers:
            started = time.process_time()
            got = read(reader, path, file.encoding)
            seconds = time.process_time() - started
            s = NOTHING if got is None else score((file.header, file.rows), got)
            rows.append((number, file.name, file.kind, reader, s.header, s.record, s.cell, s.mean, seconds))  # fmt: skip
        path.unlink()
    columns = ["file", "name", "kind", "reader", "header", "record", "cell", "mean", "seconds"]
    return pd.DataFrame(rows, columns=columns)


def summary(results: pd.DataFrame) -> str:
    """Readers over all files and by kind of damage, and the kinds in which another one is ahead."""
    order = [name for name in READERS if name in set(results["reader"])]
    parts = []
    whole = results.groupby("reader")[["header", "record", "cell", "mean"]].mean()
    whole["seconds"] = results.groupby("reader")["seconds"].sum()
    whole["ms_a_file"] = 1000 * results.groupby("reader")["seconds"].median()
    parts.append(whole.reindex(order).round(4).to_string())
    by_kind = results.pivot_table(index="kind", columns="reader", values="mean")[order]
    parts.append(by_kind.round(4).to_string())
    by_name = results.pivot_table(index=["kind", "name"], columns="reader", values="mean")[order]
    parts.append(by_name.round(3).to_string())
    behind = by_name[by_name.iloc[:, 1:].max(axis=1) > by_name.iloc[:, 0] + 5e-4]
    parts.append("ahead of the first:\n" + (behind.round(4).to_string() if len(behind) else "none"))
    return "\n\n".join(parts)


def main() -> None:
    """Draw the files, let every reader read them, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--readers", nargs="*", default=list(READERS), choices=list(READERS))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    files = list(damaged_files(options.seed, rounds=options.rounds))
    print(f"{len(files)} files", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        results = compare(files, options.readers, Path(folder))
    if options.out:
        results.to_csv(options.out, index=False)
    print(summary(results))


if __name__ == "__main__":
    main()
