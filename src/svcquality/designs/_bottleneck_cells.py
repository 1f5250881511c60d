"""The map: how often customers wait too long, by branch and half hour or any two such keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.designs._rows import Quantity
from svcquality.designs._staffing_slots import clock_at
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.multiplicity import adjusted_p
from svcquality.language import Text, plain
from svcquality.records.tables import CODE_WORDS

KEYS = {
    "branch_id": Text("网点", "branch"),
    "hour": Text("半小时", "half hour"),
    "service_type": Text("业务类型", "kind of service"),
    "channel": Text("渠道", "channel"),
    "weekday": Text("星期", "weekday"),
}
WEEKDAYS = (
    Text("周一", "Mon"), Text("周二", "Tue"), Text("周三", "Wed"), Text("周四", "Thu"),
    Text("周五", "Fri"), Text("周六", "Sat"), Text("周日", "Sun"),
)  # fmt: skip
FEWEST = 10
"""Visits that a cell needs to be shown."""
WORST = 5
SURE = 0.05


def with_keys(visits: pd.DataFrame) -> pd.DataFrame:
    """What a cell can be keyed by: ``branch, hour, service_type, channel, weekday``, and ``day``."""
    arrived = visits["arrived"]
    slot = arrived.dt.hour * 2 + arrived.dt.minute // 30
    return pd.DataFrame(
        {
            "branch": visits["branch_id"],
            "day": arrived.dt.normalize(),
            "branch_id": visits["branch_id"],
            "hour": clock_at(slot),
            "service_type": visits["service_type"].fillna("other"),
            "channel": visits["channel"].fillna("other"),
            "weekday": arrived.dt.day_of_week.astype(str),
        },
        index=visits.index,
    )


def cell_frame(rows: pd.DataFrame, keys: Sequence[str], limit: float) -> pd.DataFrame:
    """Share who waited over ``limit`` minutes by cell, against the share of all.

    Parameters
    ----------
    rows : DataFrame
        Keys, ``day``, ``branch`` and ``waiting``.

    Returns
    -------
    DataFrame
        ``row, column`` (keys as text), ``row_zh, row_en, column_zh, column_en``, ``visits``,
        ``estimate, low, high, error`` (clustered by branch and day within the cell), ``p_adjusted``
        (that the cell is above all, Holm over the cells), ``total_late`` (visits over the limit a
        day); cells with fewer than ten visits have no estimate.
    """
    row = rows[keys[0]].astype(str)
    column = rows[keys[1]].astype(str) if len(keys) > 1 else pd.Series("", index=rows.index)
    late = (rows["waiting"] > limit).astype(float)
    days = pd.DataFrame(
        {"row": row, "column": column, "branch": rows["branch"], "day": rows["day"], "late": late}
    )
    days = (
        days.groupby(["row", "column", "branch", "day"])["late"].agg(["sum", "size"]).reset_index()
    )
    cells = days.groupby(["row", "column"]).agg(
        late=("sum", "sum"), visits=("size", "sum"), days=("size", "count")
    )
    share = cells["late"] / cells["visits"]
    at = pd.MultiIndex.from_frame(days[["row", "column"]])
    away = days["sum"].to_numpy() - share.reindex(at).to_numpy() * days["size"].to_numpy()
    squares = pd.Series(away**2, index=at).groupby(level=[0, 1]).sum().reindex(cells.index)
    count = cells["days"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(squares.to_numpy() * count / (count - 1)) / cells["visits"].to_numpy()
    # A cell without a single late (or timely) visit still has one unseen: Jeffreys' share.
    pooled = (cells["late"].to_numpy() + 0.5) / (cells["visits"].to_numpy() + 1)
    floor = np.sqrt(pooled * (1 - pooled) / cells["visits"].to_numpy())
    known = (cells["visits"].to_numpy() >= FEWEST) & (count > 1)
    error = np.where(known, np.fmax(error, np.where(squares.to_numpy() == 0, floor, 0)), np.nan)
    value = np.where(cells["visits"] >= FEWEST, share, np.nan)
    reach = stats.t.ppf(0.975, np.maximum(count - 1, 1)) * error
    z = (value - float(late.mean())) / error
    p = np.where(known, stats.t.sf(z, np.maximum(count - 1, 1)), np.nan)
    frame = cells.reset_index().assign(
        estimate=value, error=error, low=np.clip(value - reach, 0, 1),
        high=np.clip(value + reach, 0, 1), p=p, p_adjusted=adjusted_p(p, "holm"),
    )  # fmt: skip
    return _labelled(frame, keys).sort_values(["row", "column"], ignore_index=True)


def _labelled(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    for part, key in zip(("row", "column"), [*keys, ""], strict=False):
        words = {str(v): _word(key, str(v)) for v in frame[part].unique()}
        frame = frame.assign(
            **{f"{part}_zh": frame[part].map(lambda v, w=words: w[v].zh),
               f"{part}_en": frame[part].map(lambda v, w=words: w[v].en)}
        )  # fmt: skip
    return frame


def _word(key: str, value: str) -> Text:
    if key == "weekday":
        return WEEKDAYS[int(value)]
    if key in ("service_type", "channel"):
        return CODE_WORDS.get(value, plain(value))
    return plain(value)


def cell_quantities(cells: pd.DataFrame, limit: float) -> list[Quantity]:
    """The worst cells, of those that are above the whole beyond doubt."""
    sure = cells[(cells["p_adjusted"] < SURE) & cells["low"].notna()]
    words = Text(f"等候超过 {limit:g} 分钟的比例", f"the share who waited over {limit:g} minutes")
    found = []
    for row in sure.nlargest(WORST, "estimate").to_dict("records"):
        name = " ".join(v for v in (row["row"], row["column"]) if v)
        label = Text(
            f"{row['row_zh']} {row['column_zh']}".strip(),
            f"{row['row_en']} {row['column_en']}".strip(),
        )
        value = Contrast(row["estimate"], row["error"], row["low"], row["high"], np.nan, np.inf)
        found.append(
            Quantity(
                f"late[{name}]", label, words, value, int(row["visits"]), "share",
                "CR1 by branch and day", int(row["days"]), null=np.nan,
            )
        )  # fmt: skip
    return found
