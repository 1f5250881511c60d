"""Fuzz the readers, guided by coverage: ``python -m benchmarks.reading_fuzz [--seconds N]``.

Needs ``atheris`` (not a dependency; ``pip install atheris``). Whatever the bytes, a reader gives a
frame or an `InputError` in both languages; anything else stops the run with the input that did it.
The corpus starts from our damaged files, as delimited texts and packed into the other kinds.
"""

from __future__ import annotations

import argparse
import gzip
import io
import sys
import tempfile
from pathlib import Path

import atheris
import pandas as pd

from benchmarks.reading_files import damaged_files

with atheris.instrument_imports(include=["svcquality.records"]):
    from svcquality.errors import InputError
    from svcquality.records.files import read_file
    from svcquality.records.text_file import read_text

KINDS = (".csv", ".csv.gz", ".zip", ".xlsx", ".parquet", ".jsonl", ".sav", ".dta")
_FOLDER = Path(tempfile.mkdtemp())


def one(data: bytes) -> None:
    """Read the bytes: the first says as what, most often as delimited text."""
    kind = KINDS[data[0] - 248] if data and data[0] >= 248 else ".csv"
    try:
        if kind == ".csv":  # stricter than read_file: no error of a library is turned into words
            frame = read_text(data[1:], Path("x.csv"), "").frame
        else:
            path = _FOLDER / f"x{kind}"
            path.write_bytes(data[1:])
            frame = read_file(path).frame
    except InputError as error:
        assert error.en and error.zh and "\n" not in error.en
        return
    assert isinstance(frame, pd.DataFrame)
    assert frame.columns.is_unique


def seed_corpus(folder: Path) -> None:
    """A file of every damage, and small files of the other kinds."""
    for number, file in enumerate(damaged_files(rounds=1)):
        if number % 7 == 0:
            (folder / f"text{number}").write_bytes(b" " + file.data[:1500])
    frame = pd.DataFrame({"id": [1, 2, 3], "text": ["好", "b", None], "day": ["2024-01-05"] * 3})
    packed: dict[str, bytes] = {".csv.gz": gzip.compress(frame.to_csv().encode())}
    for kind, write in ((".xlsx", frame.to_excel), (".parquet", frame.to_parquet)):
        out = io.BytesIO()
        write(out, index=False)
        packed[kind] = out.getvalue()
    packed[".jsonl"] = frame.to_json(orient="records", lines=True).encode()
    for kind, data in packed.items():
        (folder / f"packed{kind}").write_bytes(bytes([248 + KINDS.index(kind)]) + data)


def main() -> None:
    """Fuzz for a while, in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20260101)
    options = parser.parse_args()
    corpus = Path(tempfile.mkdtemp())
    seed_corpus(corpus)
    flags = [f"-max_total_time={options.seconds}", f"-seed={options.seed}", "-max_len=3000",
             "-timeout=30", "-rss_limit_mb=3000", "-print_final_stats=1"]  # fmt: skip
    atheris.Setup([sys.argv[0], str(corpus), *flags], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
