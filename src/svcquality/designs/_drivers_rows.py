"""Rows, claims and frames of the shares: how much, in which direction, who leads."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.designs._adjusted import Adjusted
from svcquality.designs._answers import Answers
from svcquality.designs._drivers_columns import MEASURED, Drivers
from svcquality.designs._drivers_shares import Shares
from svcquality.designs._rows import Quantity, error_kind, joined
from svcquality.estimators.marginal import Contrast, average_change
from svcquality.findings import Claim
from svcquality.language import Text
from svcquality.models.matrix import as_float

MORE_MINUTES = 10.0
SHARE_OF = {
    "satisfaction": Text("满意度解释份额", "the share of explained variance in satisfaction"),
    "satisfied": Text("满意度解释份额", "the share of explained variance in satisfaction"),
    "recommendation": Text("推荐意愿解释份额", "the share of explained variance in recommendation"),
}
OUTCOME = {
    "satisfaction": Text("满意度", "satisfaction"),
    "satisfied": Text("满意度", "satisfaction"),
    "recommendation": Text("推荐意愿", "recommendation"),
}


def driver_contrasts(model: Adjusted, drivers: Drivers) -> dict[str, Contrast]:
    """Each driver's change in P(satisfied) beside all others; a driver of several levels has none."""
    found = {}
    for name, columns in drivers.columns.items():
        if len(columns) > 1 or columns[0] not in model.matrix.at:
            continue
        x, at = as_float(model.rows[columns[0]]), model.matrix.at[columns[0]]
        if columns[0] == "wait_minutes":
            before, after = {}, model.waits(x + MORE_MINUTES)
        elif _is_flag(x):
            before, after = {at[0]: 0.0}, {at[0]: 1.0}
        else:
            before, after = {}, {at[0]: x + 1.0}
        found[name] = average_change(model.fit, model.X, before, after, model.category)
    return found


def _is_flag(x: np.ndarray) -> bool:
    return bool(np.isin(x, (0.0, 1.0)).all())


def _more(name: str, drivers: Drivers, x: np.ndarray) -> Text:
    """A driver's change as a noun phrase."""
    label = drivers.words[name]
    if name == "wait_minutes":
        return Text("多等候 10 分钟", "10 more minutes of waiting")
    if _is_flag(x):
        return Text(f"{label.zh}（有与无相比）", f"{label.en} (present against absent)")
    if name in drivers.ratings:
        return Text(f"{label.zh}评分高 1 分", f"one more point for {label.en}")
    unit = MEASURED.get(name, label)
    return Text(f"{unit.zh}高 1 个单位", f"one more unit of {unit.en}")


def quantities(
    answers: Answers,
    model: Adjusted,
    drivers: Drivers,
    shares: Shares,
    changes: dict[str, Contrast],
) -> list[Quantity]:
    """Shares, then what the drivers explain, then changes in probability."""
    column, n = answers.outcome.column, model.fit.n
    resampled = f"bootstrap by {model.cluster}" if model.cluster else "bootstrap of rows"
    rows = [
        Quantity(
            term=f"share_{row['driver']}",
            subject=drivers.words[row["driver"]],
            outcome=SHARE_OF[column],
            value=Contrast(row["share"], row["error"], row["low"], row["high"], np.nan, np.nan),
            n=n,
            unit="share",
            error_kind=resampled,
            clusters=shares.clusters,
            null=np.nan,
        )
        for row in shares.table.to_dict("records")
    ]
    rows.append(
        Quantity(
            term="r2",
            subject=Text("全部驱动因素", "all drivers together"),
            outcome=Text(
                f"{OUTCOME[column].zh}差异中得到解释的部分",
                f"the part of the variance in {OUTCOME[column].en} that they explain",
            ),
            value=Contrast(
                shares.r2, shares.r2_error, shares.r2_low, shares.r2_high, np.nan, np.nan
            ),
            n=n,
            unit="share",
            error_kind=resampled,
            clusters=shares.clusters,
            null=np.nan,
        )
    )
    rows += [
        Quantity(
            term=f"change_{name}",
            subject=_more(name, drivers, as_float(model.rows[drivers.columns[name][0]])),
            outcome=answers.outcome.words,
            value=value,
            n=n,
            unit="share_difference",
            error_kind=error_kind(model.fit.inference, model.cluster),
            clusters=model.fit.inference.clusters,
        )
        for name, value in changes.items()
    ]
    return rows


def headline(answers: Answers, drivers: Drivers, shares: Shares, leaders: tuple[str, ...]) -> Claim:
    """Who leads, only where somebody does."""
    column = answers.outcome.column
    if shares.p >= 0.05:
        return Claim(
            joined([drivers.words[n] for n in shares.table["driver"]]),
            OUTCOME[column],
            shares.r2, shares.r2_low, shares.r2_high, "share", null=np.nan, standing="none",
        )  # fmt: skip
    (first,) = shares.table[shares.table["driver"] == leaders[0]].to_dict("records")
    return Claim(
        either([drivers.words[n] for n in leaders]),
        SHARE_OF[column],
        float(first["share"]), float(first["low"]), float(first["high"]),
        "share", null=np.nan, standing="first" if len(leaders) == 1 else "tied",
    )  # fmt: skip


def either(labels: list[Text]) -> Text:
    """Labels in a row, the last behind "and"."""
    if len(labels) == 1:
        return labels[0]
    zh = "、".join(t.zh for t in labels[:-1]) + "与" + labels[-1].zh
    return Text(zh, ", ".join(t.en for t in labels[:-1]) + " and " + labels[-1].en)


def leaders_of(shares: Shares, readings: pd.DataFrame, ratings: list[str]) -> tuple[str, ...]:
    """All that may lead: those not told apart, and who leads when straight-liners are (not) counted.

    Between two rated items a straight-liner's answer says nothing, so there the reading without
    straight-liners stands; between an item and something measured they may be right.
    """
    own = shares.leading.set
    found = list(own)
    for column in map(str, readings.columns[readings.notna().all()]):
        other = str(readings[column].idxmax())
        same_grid = own[0] in ratings and other in ratings and _is_own(readings, column, shares)
        if other not in found and not same_grid:
            found.append(other)
    return tuple(found)


def _is_own(readings: pd.DataFrame, column: str, shares: Shares) -> bool:
    """Whether the finding's own shares are without straight-liners, and this reading has them."""
    own = shares.table.set_index("driver")["share"]
    return column == "all" and not np.allclose(readings["all"], own)


def drivers_frame(
    drivers: Drivers, shares: Shares, changes: dict[str, Contrast], leaders: tuple[str, ...]
) -> pd.DataFrame:
    """The frame behind the figure, the largest share first.

    ``driver, label_zh, label_en, share, low, high, leads, change, change_low, change_high,
    step_zh, step_en``.
    """
    frame = shares.table.sort_values("share", ascending=False, kind="stable").reset_index(drop=True)
    names = frame["driver"].tolist()
    frame["label_zh"] = [drivers.words[n].zh for n in names]
    frame["label_en"] = [drivers.words[n].en for n in names]
    frame["leads"] = [n in leaders and shares.p < 0.05 for n in names]
    for column, field in (("change", "estimate"), ("change_low", "low"), ("change_high", "high")):
        frame[column] = [getattr(changes[n], field) if n in changes else np.nan for n in names]
    frame["per_minutes"] = [MORE_MINUTES if n == "wait_minutes" else np.nan for n in names]
    return frame
