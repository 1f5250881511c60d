"""Did treated and untreated units move together before treatment?"""

from __future__ import annotations

import math

from svcquality.findings import Check
from svcquality.language import Text

DOUBT = 0.05


def pre_trends(p: float, periods: int) -> Check:
    """Warn when the changes before treatment differ, or cannot be tested.

    Parameters
    ----------
    p : float
        Of a joint test that all differences before treatment are 0.
    periods : int
        Periods before treatment that were tested.
    """
    if math.isnan(p):
        return Check(
            "pre_trends",
            "warn",
            Text(
                "培训前的月份太少，无法检验培训前各网点走势是否一致。",
                "There are too few months before training to test whether the branches moved "
                "together before it.",
            ),
            None,
            DOUBT,
        )
    apart = p < DOUBT
    return Check(
        "pre_trends",
        "warn" if apart else "passed",
        Text(
            f"培训前 {periods} 个月的联合检验 p = {p:.3f}："
            + ("走势在培训前已有差别，结果只能视为关联。" if apart else "未见培训前走势不同。"),
            f"Joint test over {periods} months before training, p = {p:.3f}: "
            + (
                "the branches moved apart before it already, so the result is an association only."
                if apart
                else "no sign that the branches moved apart before it; a test with few branches "
                "misses small differences."
            ),
        ),
        p,
        DOUBT,
    )
