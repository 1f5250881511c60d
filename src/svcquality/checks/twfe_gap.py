"""How far would two-way fixed effects have led astray?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

APART = 1.0
"""In standard errors of the estimate."""


def twfe_gap(estimate: float, error: float, benchmark: float, negative_share: float) -> Check:
    """Set the two-way fixed-effects coefficient beside the estimate.

    Parameters
    ----------
    estimate, error : float
        The average effect and its standard error.
    benchmark : float
        The two-way coefficient.
    negative_share : float
        Share of treated cells that the benchmark weights negatively.
    """
    gap = abs(benchmark - estimate) / error if error > 0 else float("nan")
    apart = gap > APART
    return Check(
        "twfe_gap",
        "warn" if apart else "passed",
        Text(
            f"双向固定效应的系数为 {benchmark:.2f}（此处估计为 {estimate:.2f}），"
            f"它给 {negative_share:.0%} 的受训网点月以负权重；仅作对照，不作为结论。",
            f"Two-way fixed effects would give {benchmark:.2f} (here {estimate:.2f}); it weights "
            f"{negative_share:.0%} of the trained branch-months negatively and is a benchmark only.",
        ),
        gap,
        APART,
    )
