"""Are there enough clusters for a clustered error?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

ENOUGH = 40


def cluster_count(clusters: int | None, unit: Text) -> Check:
    """Warn below 40 clusters, where clustered errors tend to be too small.

    Cameron & Miller (2015), J. Human Resources 50.

    Parameters
    ----------
    clusters : int or None
        None when the errors are not clustered.
    unit : Text
        What a cluster is, plural ("branches").
    """
    if clusters is None:
        return Check(
            "cluster_count",
            "warn",
            Text(
                f"没有足够的{unit.zh}可供聚类，标准误按各行相互独立计算，可能偏小。",
                f"There are too few {unit.en} to cluster by: the errors treat rows as independent "
                "and may be too small.",
            ),
            0,
            ENOUGH,
        )
    few = clusters < ENOUGH
    return Check(
        "cluster_count",
        "warn" if few else "passed",
        Text(
            f"标准误按 {clusters} 个{unit.zh}聚类；少于 {ENOUGH} 个时区间可能偏窄。",
            f"Errors are clustered by {clusters} {unit.en}; with fewer than {ENOUGH} the "
            "intervals may be too narrow.",
        )
        if few
        else Text(
            f"标准误按 {clusters:,} 个{unit.zh}聚类。",
            f"Errors are clustered by {clusters:,} {unit.en}.",
        ),
        clusters,
        ENOUGH,
    )
