"""Do most answers sit at the top of the scale?"""

from __future__ import annotations

import numpy as np

from svcquality.findings import Check
from svcquality.language import Text

CROWDED = 0.4


def ceiling(answers: np.ndarray) -> Check:
    """Warn when more than 40% of answers are the best one, which hides differences among them.

    Parameters
    ----------
    answers : ndarray of shape (n,)
        Ordered answers, more than two kinds.
    """
    share = float(np.mean(answers == answers.max()))
    crowded = share > CROWDED
    return Check(
        "ceiling",
        "warn" if crowded else "passed",
        Text(
            f"{share:.0%} 的答复为最高分"
            + ("，量表顶端拥挤，较小的差别可能看不出来。" if crowded else "，量表仍有区分度。"),
            f"{share:.0%} of the answers are the best possible"
            + (": small differences may be hidden." if crowded else ": the scale can still tell."),
        ),
        share,
        CROWDED,
    )
