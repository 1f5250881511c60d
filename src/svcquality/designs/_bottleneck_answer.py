"""The quantities of the bottleneck answer: stages, waits, spread and what goes with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from svcquality.designs._bottleneck_spread import DRIVERS, LEVELS, nested_shares, resampled_shares
from svcquality.designs._bottleneck_stages import STAGES, Parts, mean_parts, quantile
from svcquality.designs._rows import Quantity
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.resampled import percentile_interval
from svcquality.language import Text

LIMITS = (10.0, 20.0, 30.0)
FEWEST_CLUSTERS = 8
EVERYBODY = Text("到店客户", "customers")
SLOW = Text("最慢的一成到店", "the slowest tenth of visits")
BUSY = Text("忙时", "the busiest third of half hours")
PARTS = {
    "slow": Text("{part}用时比其余到店多出的部分", "what {part} takes more than at the others"),
    "busy": Text("{part}用时比闲时多出的部分", "what {part} takes more than in the quietest third"),
    "minutes": Text("平均{part}时间", "the mean time of {part}"),
}
WHOLE = Text("在网点", "the visit")


def _kind(parts: Parts) -> str:
    return "CR1 by branch and day" if parts.clusters else parts.kind


def excess_quantities(parts: Parts, n: int) -> list[Quantity]:
    """What makes the slowest tenth slow; the stage first that clearly makes most of it, if any."""
    names = list(STAGES)
    top = int(np.argmax(parts.estimate))
    clear = all(parts.share(top, other).low > 0 for other in range(len(names)) if other != top)
    minutes = stage_quantities("slow", SLOW, parts, n)
    shares = [
        Quantity(
            f"slow_share_{names[k]}",
            STAGES[names[k]],
            Text(
                "时间占最慢一成到店多花时间的比例",
                "its share of the extra time of the slowest tenth of visits",
            ),
            parts.share(k),
            n,
            "share",
            _kind(parts),
            parts.clusters,
            null=np.nan,
        )
        for k in sorted(range(len(names)), key=lambda k: k != top)
    ]
    # Without a stage that stands out, the first number names none.
    return [*shares, *minutes] if clear else [*minutes, *shares]


def stage_quantities(prefix: str, subject: Text, parts: Parts, n: int) -> list[Quantity]:
    """Total and stages, in minutes: they add up."""
    ones = np.eye(len(STAGES))
    rows = [("total", WHOLE, np.ones(len(STAGES)))]
    rows += [(name, words, ones[k]) for k, (name, words) in enumerate(STAGES.items())]
    return [
        Quantity(
            f"{prefix}_{name}",
            subject,
            PARTS[prefix].format(part=words),
            parts.of(weights),
            n,
            "minutes",
            _kind(parts),
            parts.clusters,
            null=np.nan,
        )
        for name, words, weights in rows
    ]


def wait_quantities(wait: np.ndarray, clusters: np.ndarray | None, means: Parts) -> list[Quantity]:
    """Quantiles of the wait and shares above the limits."""
    kind, found = _kind(means), []
    for term, share, words in (
        ("wait_p50", 0.5, Text("等候时间中位数", "the median wait")),
        ("wait_p90", 0.9, Text("等候时间 90% 分位数", "the wait that one in ten exceeds")),
    ):
        value = quantile(wait, share, clusters)
        found.append((term, words, value, "minutes", "Woodruff, " + kind))
    for limit in LIMITS:
        value = mean_parts((wait > limit)[:, None].astype(float), clusters).of([1.0])
        words = Text(
            f"等候超过 {limit:g} 分钟的比例", f"the share who waited over {limit:g} minutes"
        )
        found.append((f"above_{limit:g}", words, value, "share", kind))
    return [
        Quantity(term, EVERYBODY, words, value, len(wait), unit, how, means.clusters, null=np.nan)
        for term, words, value, unit, how in found
    ]


def spread_quantities(rows: pd.DataFrame, wait: np.ndarray, seed: int) -> list[Quantity]:
    """Shares of the variance of waits by level; none where waits are alike or branches are few."""
    branch = rows.groupby("branch").ngroup().to_numpy()
    half_hour = rows.groupby(["branch", "hour"]).ngroup().to_numpy()
    keys = [branch, half_hour, rows.groupby(["branch", "hour", "day"]).ngroup().to_numpy()]
    shares = nested_shares(wait, keys)
    if np.isnan(shares).any():
        return []
    branches = int(branch.max()) + 1
    low, high = np.full((2, len(shares)), np.nan)
    errors = np.full(len(shares), np.nan)
    if branches >= FEWEST_CLUSTERS:
        draws = resampled_shares(wait, keys, branch, seed)
        low, high = percentile_interval(draws, 0.95)
        errors = draws.std(axis=0, ddof=1)
    return [
        Quantity(
            f"spread_{name}",
            Text(f"等候时间差异中{words.zh}的部分", f"differences in waits {words.en}"),
            Text("占比", "their share of the variance"),
            Contrast(
                float(shares[k]), float(errors[k]), float(low[k]), float(high[k]), np.nan, np.inf
            ),
            len(wait),
            "share",
            "bootstrap of branches",
            branches,
            null=np.nan,
        )
        for k, (name, words) in enumerate(LEVELS.items())
        if not np.isnan(low[k])
    ]


def driver_quantities(found: pd.DataFrame, n: int, days: int) -> list[Quantity]:
    """Shares of R² of the mean waits by half hour."""
    r2 = float(found["r2"].iloc[0])
    return [
        Quantity(
            f"driver_{row['driver']}",
            Text(
                f"各半小时平均等候差异中与{DRIVERS[row['driver']].zh}相关的部分",
                DRIVERS[row["driver"]].en,
            ),
            Text(
                f"占比（三项合计 {r2:.0%}）",
                f"the share of the differences in mean waits by half hour that goes with it (all "
                f"three: {r2:.0%})",
            ),
            Contrast(row["share"], np.nan, row["low"], row["high"], np.nan, np.inf),
            n,
            "share",
            "LMG, bootstrap of branch-days",
            days,
            null=np.nan,
        )
        for row in found.to_dict("records")
    ]


def stage_frame(quantities: Sequence[Quantity]) -> pd.DataFrame:
    """Stage bars: mean, slowest tenth and busy half hours, in minutes."""
    by_term = {q.term: q for q in quantities}
    rows = []
    for group in ("minutes", "busy", "slow"):
        for name, words in STAGES.items():
            q = by_term.get(f"{group}_{name}")
            if q is not None:
                rows.append(
                    {
                        "group": group, "stage": name, "label_zh": words.zh, "label_en": words.en,
                        "estimate": q.value.estimate, "low": q.value.low, "high": q.value.high,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)
