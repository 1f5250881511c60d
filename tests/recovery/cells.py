"""Replications on disk: one CSV a world and design, continued after an interruption."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import svcquality
from tests.recovery.summary import ROWS

TEXT = ["design", "method", "check", "refused"]


def fingerprint() -> str:
    """Hash of the package's sources: replications of other sources are not continued."""
    root = Path(svcquality.__file__).parent
    sources = sorted(root.rglob("*.py"))
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Cell:
    """The replications of one design in one world.

    Parameters
    ----------
    folder : Path
    world, design : str
    code : str
        `fingerprint` of the sources that made them.
    """

    folder: Path
    world: str
    design: str
    code: str

    @property
    def path(self) -> Path:
        """Where the rows are."""
        return self.folder / self.world / f"{self.design}.csv"

    def rows(self) -> pd.DataFrame:
        """The rows of these sources, columns `ROWS`; a bank cut short is left out."""
        if not self.path.exists():
            return pd.DataFrame(columns=ROWS)
        whole = self.path.read_text("utf-8").endswith("\n")
        kinds = dict.fromkeys([*TEXT, "code"], "str")
        rows = pd.read_csv(self.path, dtype=kinds, on_bad_lines="skip")
        if not whole and len(rows):
            rows = rows[rows["seed"] != rows["seed"].iloc[-1]]
        rows = rows[rows["code"] == self.code].drop_duplicates()
        return rows[ROWS].assign(check=rows["check"].fillna("")).reset_index(drop=True)

    def append(self, rows: pd.DataFrame) -> None:
        """Add the rows of one bank in one write."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = not self.path.exists()
        text = rows.assign(code=self.code).to_csv(index=False, header=new, lineterminator="\n")
        if not new and not self.path.read_bytes().endswith(b"\n"):
            text = "\n" + text
        with self.path.open("a", encoding="utf-8", newline="") as file:
            file.write(text)
