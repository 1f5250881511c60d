"""Are there enough clusters for a clustered error?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

ENOUGH = 40
ENOUGH_JACKKNIFED = 20
"""The jackknife over clusters holds with fewer, but not with a handful."""


def cluster_count(clusters: int | None, unit: Text, *, jackknifed: bool = False) -> Check:
    """Warn below 40 clusters, where clustered errors tend to be too small.

    Cameron & Miller (2015), J. Human Resources 50; for the jackknife (CR3) below 20, MacKinnon,
    Nielsen & Webb (2023), J. Applied Econometrics 38.

    Parameters
    ----------
    clusters : int or None
        None when the errors are not clustered.
    unit : Text
        What a cluster is, plural ("branches").
    jackknifed : bool
        Whether the errors come from leaving out one cluster at a time.
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
    enough = ENOUGH_JACKKNIFED if jackknifed else ENOUGH
    if clusters >= enough:
        how = Text(f"标准误按 {clusters:,} 个{unit.zh}聚类", f"{clusters:,} {unit.en}")
        text = (
            Text(
                f"{how.zh}；因其少于 {ENOUGH} 个，采用逐个剔除的 CR3。",
                f"Errors are clustered by {how.en}; since they are fewer than {ENOUGH}, one is "
                "left out at a time (CR3).",
            )
            if jackknifed
            else Text(f"{how.zh}。", f"Errors are clustered by {how.en}.")
        )
        return Check("cluster_count", "passed", text, clusters, enough)
    return Check(
        "cluster_count",
        "warn",
        Text(
            f"标准误按 {clusters} 个{unit.zh}聚类；少于 {enough} 个时区间可能偏窄。",
            f"Errors are clustered by {clusters} {unit.en}; with fewer than {enough} the "
            "intervals may be too narrow.",
        ),
        clusters,
        enough,
    )
