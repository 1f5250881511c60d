"""Are there enough units to compare with, and in each cohort?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

FEWEST = 5


def never_trained(branches: int) -> Check:
    """Warn below five branches that are never trained.

    Without them, effects late in the period have nothing to be compared with.
    """
    few = branches < FEWEST
    return Check(
        "never_trained",
        "warn" if few else "passed",
        Text(
            f"有 {branches} 个从未培训的网点可作对照"
            + (f"（少于 {FEWEST} 个，后期月份的对照很弱）。" if few else "。"),
            f"{branches} branches were never trained"
            + (f" (fewer than {FEWEST}: late months have little to compare with)." if few else "."),
        ),
        branches,
        FEWEST,
    )


def small_cohorts(sizes: list[int]) -> Check:
    """Warn when most cohorts have fewer than five branches.

    Parameters
    ----------
    sizes : list of int
        Branches trained in the same month.
    """
    small = sum(size < FEWEST for size in sizes)
    many = small > len(sizes) / 2
    return Check(
        "small_cohorts",
        "warn" if many else "passed",
        Text(
            f"共 {len(sizes)} 个培训批次，其中 {small} 批不足 {FEWEST} 个网点"
            + ("；各批次、各月的估计波动较大，请以平均值为准。" if many else "。"),
            f"{small} of {len(sizes)} cohorts have fewer than {FEWEST} branches"
            + ("; single cohorts and months are noisy, rely on the average." if many else "."),
        ),
        small / len(sizes),
        0.5,
    )
