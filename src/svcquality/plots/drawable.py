"""What a figure needs of a finding; plots know nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from svcquality.language import Language, Text


class Drawable(Protocol):
    """A finding as the plots see it: tidy frames, the words of its quantities, its verdict."""

    @property
    def id(self) -> str:
        """Identifier of its question."""

    @property
    def figure(self) -> str:
        """Which figure."""

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Tidy data behind the figure."""

    @property
    def claims(self) -> Sequence[Any]:
        """Quantities with ``subject``, ``outcome`` and ``unit``; the first is the headline."""

    @property
    def title(self) -> Text | None:
        """Title, where it is not the headline's sentence."""

    @property
    def appendix(self) -> Mapping[str, Text]:
        """Titles of its further figures, by name."""

    @property
    def blocked(self) -> bool:
        """Whether its numbers are withheld."""

    def sentence(self, language: Language = "en") -> str:
        """The headline, or the reason why it is withheld."""
