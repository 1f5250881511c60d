"""``python -m benchmarks.scale_causes [N …]``: seconds and memory from raw texts to measured causes.

Texts of about 60 characters, all different, cut and joined from simulated complaints. One process a
size, so that a peak is its own; generating the texts is not timed, but its memory is in the peak.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time

import numpy as np
import pandas as pd

from svcquality.causes.measure import measure_causes
from svcquality.simulate.bank import simulate_bank

SIZES = (10_000, 100_000, 1_000_000)


def texts(n: int, seed: int = 0) -> pd.DataFrame:
    """Different texts: the beginning of one complaint, the end of another, and a number."""
    made = simulate_bank(seed=11, branches=60, months=36, customers_per_branch=20)
    base = made.records.complaints["text"].dropna().tolist()
    rng = np.random.default_rng(seed)
    first, second = rng.integers(len(base), size=(2, n))
    joined = [
        f"{base[i][:32]}，{base[j][-28:]}{k % 97}"
        for k, (i, j) in enumerate(zip(first, second, strict=True))
    ]
    return pd.DataFrame({"complaint_id": np.arange(n).astype(str), "text": joined})


def measure(n: int) -> tuple[float, float, float]:
    """Seconds, peak GB and mean length."""
    frame = texts(n)
    length = float(frame["text"].str.len().mean())
    measure_causes(frame.head(500), seed=1, starts=1)  # compile first
    started = time.perf_counter()
    measure_causes(frame, seed=1, starts=1)
    seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, length


if __name__ == "__main__":
    print("texts     characters  seconds  seconds_per_100k  peak_gb")
    for size in map(int, sys.argv[1:] or SIZES):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            took, peak, mean = pool.apply(measure, (size,))
        print(f"{size:<9} {mean:<11.1f} {took:<8.1f} {took / size * 1e5:<17.1f} {peak:.2f}")
