"""Are there enough outcomes of the rarer kind for so many parameters?"""

from __future__ import annotations

import math

from svcquality.findings import Check
from svcquality.language import Text

ENOUGH = 10.0


def events_per_parameter(events: int, others: int, parameters: int) -> Check:
    """Warn below ten outcomes of the rarer kind a parameter (Peduzzi et al. 1996, JCE 49).

    Parameters
    ----------
    events, others : int
        Rows with and without the outcome.
    parameters : int
    """
    ratio = min(events, others) / max(parameters, 1)
    few = ratio < ENOUGH
    shown = math.floor(10 * ratio) / 10  # 9.97 must not read as 10.0
    return Check(
        "events_per_parameter",
        "warn" if few else "passed",
        Text(
            f"较少一类结果平均每个参数有 {shown:.1f} 例"
            + (f"，少于 {ENOUGH:.0f} 例，估计可能不稳。" if few else "，足够。"),
            f"{shown:.1f} outcomes of the rarer kind a parameter"
            + (f": fewer than {ENOUGH:.0f}, estimates may be unstable." if few else ": enough."),
        ),
        ratio,
        ENOUGH,
    )
