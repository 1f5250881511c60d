"""Topics and causes whose assignments are given, for tests of what is made of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from svcquality.causes.topic_choice import Choice, Rule
from svcquality.causes.topics import Topics
from svcquality.language import Text


def topics_of(primary: pd.Series, duplicate_of: pd.Series | None = None) -> Topics:
    """Topics ``topic_1`` … of which each complaint has the one given; two words each."""
    names = sorted(primary.unique())
    probabilities = pd.DataFrame({name: (primary == name) * 0.8 + 0.01 for name in names})
    none = pd.Series(pd.NA, index=primary.index, dtype="str")
    k = len(names)
    return Topics(
        probabilities.div(probabilities.sum(axis=1), axis=0),
        pd.DataFrame(
            [(name, r, f"{name}{'ab'[r - 1]}", 0.5 / r) for name in names for r in (1, 2)],
            columns=["topic", "rank", "word", "probability"],
        ),
        pd.DataFrame({"topic": names, "share": 1 / k, "stability": np.linspace(0.9, 0.3, k)}),
        Choice(k, pd.DataFrame(), pd.DataFrame(), np.zeros((2, k, 2)), 0, np.zeros((k, 2)), 9),
        Rule.of(None),
        pd.DataFrame(
            {
                "text": "text of " + primary.index.to_series(),
                "duplicate_of": none if duplicate_of is None else duplicate_of,
            }
        ),
        np.full((k, 2), 0.5),
        ("a", "b"),
        np.ones(2),
    )


def causes_of(primary: pd.Series, ids: list[str]) -> Any:
    """Causes of which each complaint has the one given."""
    labels = {cause: Text(f"原因{cause}", f"cause {cause}") for cause in [*ids, "residual"]}
    return SimpleNamespace(primary=primary, labels=labels, codebook=SimpleNamespace(ids=ids))
