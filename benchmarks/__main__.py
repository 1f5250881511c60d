"""``python -m benchmarks [NAME …]``: run the contests, print a table, write build/bench.json."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from benchmarks import harness


def main() -> None:
    """Run every ``bench_*.py`` beside this file, or those named."""
    wanted = set(sys.argv[1:])
    results = []
    for file in sorted(Path(__file__).parent.glob("bench_*.py")):
        if wanted and file.stem.removeprefix("bench_") not in wanted:
            continue
        for contest in import_module(f"benchmarks.{file.stem}").CONTESTS:
            print(f"{contest.name} against {contest.peer} …", file=sys.stderr, flush=True)
            results.append(harness.run(contest))
    print(harness.table(results))
    harness.write(results, Path("build") / "bench.json")


if __name__ == "__main__":
    main()
