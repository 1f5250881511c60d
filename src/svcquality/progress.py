"""Progress of long stages: a bar on a terminal, plain lines in CI, or nothing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Literal, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
Style = Literal["bar", "plain", "quiet"]


@dataclass(frozen=True)
class Progress:
    """How to tell a person that work goes on. Stages take one and say nothing by themselves.

    Parameters
    ----------
    style : {"bar", "plain", "quiet"}
        ``bar`` draws on stderr, ``plain`` prints one line a stage, as CI logs want it.
    """

    style: Style = "quiet"

    @classmethod
    def for_terminal(cls, *, quiet: bool = False) -> Progress:
        """Quiet if asked, a bar if stderr is a terminal, plain lines otherwise (CI, pipes)."""
        if quiet:
            return cls("quiet")
        live = sys.stderr.isatty() and not os.environ.get("CI")
        return cls("bar" if live else "plain")

    def each(self, items: Iterable[Item], label: str) -> Iterator[Item]:
        """Go through ``items``, showing how far it has come."""
        if self.style == "bar":
            yield from tqdm(items, desc=label, leave=False)
            return
        total = f" ({len(items)})" if isinstance(items, Sized) else ""
        self._line(f"{label}{total} …")
        yield from items

    def stage(self, label: str, work: Callable[[], Item]) -> Item:
        """Run ``work()`` and say how long it took."""
        started = time.perf_counter()
        if self.style == "bar":
            tqdm.write(f"{label} …", file=sys.stderr)
        result = work()
        self._line(f"{label}: {time.perf_counter() - started:.1f} s")
        return result

    def _line(self, line: str) -> None:
        if self.style == "plain":
            print(line, file=sys.stderr, flush=True)


QUIET = Progress("quiet")
