"""Do neighbouring months deviate together?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

STRONG = 0.4


def autocorrelation(lag_one: float) -> Check:
    """Warn above .4, where intervals of short series tend to be too narrow whatever the method.

    Parameters
    ----------
    lag_one : float
        Estimated autocorrelation of the deviations at lag 1.
    """
    strong = lag_one > STRONG
    return Check(
        "autocorrelation",
        "warn" if strong else "passed",
        Text(
            f"相邻月份偏差的自相关约为 {lag_one:.2f}，已计入标准误"
            + ("；自相关较强，短序列的区间仍可能偏窄。" if strong else "。"),
            f"Deviations of neighbouring months correlate by about {lag_one:.2f}, which the errors "
            "allow for"
            + ("; that strong, intervals of a short series may be too narrow." if strong else "."),
        ),
        lag_one,
        STRONG,
    )
