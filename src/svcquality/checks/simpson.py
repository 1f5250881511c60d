"""Does an association turn round, or vanish, once groups are compared with themselves?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.multiplicity import adjusted_p
from svcquality.estimators.within_groups import Split, split_slope
from svcquality.findings import Check
from svcquality.language import Text, plain
from svcquality.models.matrix import as_float

GROUPS = ("branch_id", "segment", "channel")
WORDS = {
    "branch_id": Text("网点", "branch"),
    "segment": Text("客群", "segment"),
    "channel": Text("渠道", "channel"),
    "service_type": Text("业务类型", "kind of service"),
    "region": Text("地区", "region"),
    "month": Text("月份", "month"),
}
MUCH, CLEARLY = 0.25, 0.01
"""Overall and within differ by so large a part of the slope within, with such a p-value."""
COLUMNS = ["grouping", "kind", "group", "slope", "error", "low", "high", "p", "n"]


def simpson_slopes(
    rows: pd.DataFrame,
    outcome: str,
    exposure: str,
    groups: Sequence[str] = GROUPS,
    *,
    at_least: float | None = None,
    cluster: str = "branch_id",
) -> pd.DataFrame:
    """Slopes of an outcome on an exposure: overall, within groups pooled, and group by group.

    Parameters
    ----------
    rows : DataFrame
        One answer a row.
    outcome, exposure : str
        Columns; numbers or flags.
    groups : sequence of str
        Columns; one that is absent, or has a single group, is left out.
    at_least : float, optional
        From which outcome on it counts as 1; by default it is used as it is.
    cluster : str
        Column of clusters for the errors overall and within; none where it is absent.

    Returns
    -------
    DataFrame
        ``grouping, kind, group, slope, error, low, high, p, n``; ``kind`` is ``overall``, ``within`` (each
        group has a level of its own), ``change`` (within minus overall), ``between`` (over the groups'
        means, no error), ``mix`` (the share of the overall slope that is between groups), ``group``.
        Each grouping has its own ``overall``, over the rows whose group is known.

    Raises
    ------
    InputError
        If the outcome or the exposure is missing, not a number, or does not vary.
    """
    tables = [
        _tidy(name, found, labels)
        for name, (found, labels) in _splits(
            rows, outcome, exposure, groups, at_least, cluster
        ).items()
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


def simpson(
    rows: pd.DataFrame,
    outcome: str,
    exposure: str,
    groups: Sequence[str] = GROUPS,
    *,
    at_least: float | None = None,
    cluster: str = "branch_id",
    label: Text | None = None,
    held: Sequence[str] = (),
) -> list[Check]:
    """Warn where the association is another one within groups than over all.

    Parameters
    ----------
    rows, outcome, exposure, groups, at_least, cluster
        As for `simpson_slopes`.
    label : Text, optional
        The exposure in a reader's words; its column by default.
    held : sequence of str
        Groupings that the finding holds equal already: then its number is the one within, and the
        text says so.

    Returns
    -------
    list of Check
        ``simpson_<group>``, one a grouping: a warning where both intervals exclude zero on opposite
        sides, or the two slopes differ clearly by more than a quarter of the one within; passed,
        and said, where the overall association is merely not found within, or where single groups
        run against it (Holm over groups). ``number`` is the slope within, ``threshold`` the slope
        overall. One check ``simpson`` where there is no grouping to look at.

    Raises
    ------
    InputError
        As `simpson_slopes`.

    Notes
    -----
    Simpson (1951), J. Royal Statistical Society B 13; Yule (1903), Biometrika 2. Which of the two
    slopes answers the question depends on how the groups came about; the check only says that they
    disagree.
    """
    words = plain(exposure)
    if label is not None:
        words = Text(label.zh, label.en[:1].upper() + label.en[1:])
    splits = _splits(rows, outcome, exposure, groups, at_least, cluster)
    if not splits:
        return [
            Check(
                "simpson",
                "passed",
                Text(
                    "没有可供比较的分组（网点、客群或渠道），无法判断总体关联在组内是否成立。",
                    "No branch, segment or channel is recorded to compare within, so whether the "
                    "overall association holds there cannot be seen.",
                ),
            )
        ]
    return [_verdict(name, found, words, name in held) for name, (found, _) in splits.items()]


def usable_numbers(
    rows: pd.DataFrame, outcome: str, exposure: str, at_least: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome and exposure as numbers, and where both are known; refused where they do not vary."""
    for name in (outcome, exposure):
        if name not in rows:
            raise no_column(name)
    y, x = as_float(rows[outcome]), as_float(rows[exposure])
    known = np.isfinite(y) & np.isfinite(x)
    if at_least is not None:
        y = np.where(np.isnan(y), np.nan, y >= at_least)
    for name, values in ((outcome, y[known]), (exposure, x[known])):
        if len(values) < 2 or np.ptp(values) == 0:
            raise InputError(
                f"The column {name!r} holds no numbers that vary, so there is no association to "
                "compare within groups; choose another.",
                f"“{name}”列没有可变动的数值，无法比较组内与总体的关联；请更换该列。",
            )
    return y, x, known


def no_column(name: str) -> InputError:
    """What to say of a column that is not there."""
    return InputError(
        f"There is no column {name!r} to compare within groups by; check its name.",
        f"没有名为“{name}”的列，无法做组内比较；请检查列名。",
    )


def _splits(
    rows: pd.DataFrame,
    outcome: str,
    exposure: str,
    groups: Sequence[str],
    at_least: float | None,
    cluster: str,
) -> dict[str, tuple[Split, pd.Index]]:
    y, x, known = usable_numbers(rows, outcome, exposure, at_least)
    found: dict[str, tuple[Split, pd.Index]] = {}
    for name in groups:
        if name not in rows:
            continue
        inside = known & rows[name].notna().to_numpy()
        codes, labels = pd.factorize(rows[name][inside].astype("str"), sort=True)
        if len(labels) < 2 or np.ptp(x[inside]) == 0:
            continue
        clusters = None
        if cluster in rows and rows[cluster][inside].notna().all():
            clusters = rows[cluster][inside].astype("str").to_numpy()
        result = split_slope(y[inside], x[inside], codes, clusters)
        if result is not None:
            found[name] = result, pd.Index(labels)
    return found


def _tidy(name: str, found: Split, labels: pd.Index) -> pd.DataFrame:
    def row(kind: str, value: Contrast) -> dict[str, object]:
        return {
            "kind": kind, "slope": value.estimate, "error": value.error, "low": value.low,
            "high": value.high, "p": value.p, "n": found.n,
        }  # fmt: skip

    parts = pd.DataFrame(
        [
            row("overall", found.overall),
            row("within", found.within),
            row("change", found.change),
            {"kind": "between", "slope": found.between, "n": found.n},
            {"kind": "mix", "slope": _mix(found), "n": found.n},
        ]
    )
    each = found.groups.assign(kind="group")
    each["group"] = [str(labels[int(g)]) for g in each["group"]]
    return (
        pd.concat([parts, each], ignore_index=True).assign(grouping=name).reindex(columns=COLUMNS)
    )


def _mix(found: Split) -> float:
    """Share of the overall slope that is a difference between groups; NaN where it has no sign."""
    if not _clear(found.overall):
        return float("nan")
    return 1 - found.share_within * found.within.estimate / found.overall.estimate


def _clear(value: Contrast) -> bool:
    return value.low > 0 or value.high < 0


def _against(found: Split) -> int:
    """Groups whose own slope runs against the overall one, by more than chance (Holm)."""
    groups = found.groups
    if groups.empty or not _clear(found.overall):
        return 0
    t = groups["slope"] / groups["error"].where(groups["error"] > 0)
    p = 2 * stats.t.sf(t.abs(), groups["n"] - 2)
    opposite = np.sign(groups["slope"]) == -np.sign(found.overall.estimate)
    return int((opposite & (adjusted_p(np.asarray(p)) < 0.05)).sum())


def _verdict(name: str, found: Split, words: Text, held: bool) -> Check:
    about = WORDS.get(name, plain(name))
    whole, inside = found.overall, found.within
    flips = _clear(whole) and _clear(inside) and whole.estimate * inside.estimate < 0
    apart = abs(found.change.estimate) > MUCH * abs(inside.estimate) and found.change.p < CLEARLY
    against = _against(found)
    if flips:
        said = Text(
            f"方向相反：总体关联由{about.zh}之间的差异造成，不可据此推断同一{about.zh}的客户",
            f"the sign turns round: the overall association comes from differences between one "
            f"{about.en} and another and says nothing about customers of the same one",
        )
    elif _clear(whole) and not _clear(inside):
        said = Text(
            f"总体关联在{about.zh}内部未能检出，可能只反映{about.zh}之间的差异",
            f"the overall association is not found within; it may only reflect how one {about.en} "
            "differs from another",
        )
    elif apart:
        said = Text(
            f"两者相差明显：不分{about.zh}的比较会误判其大小",
            "the two differ clearly, so that a comparison over all misjudges its size",
        )
    elif against:
        said = Text(
            f"方向一致；但有 {against} 组的方向与总体相反（Holm 校正）",
            f"the same sign, but {against} groups run against it (Holm)",
        )
    else:
        said = Text("没有反转", "no turn of sign")
    warns = flips or apart
    rest = Text("", "")
    if warns and held:
        rest = Text(
            f"本结果已控制{about.zh}，报告的是{about.zh}内部的关联。",
            f" This finding holds {about.en} equal, so that its number is the one within.",
        )
    return Check(
        f"simpson_{name}",
        "warn" if warns else "passed",
        Text(
            f"{words.zh}：总体斜率 {_number(whole)}，同一{about.zh}内 {_number(inside)}；{said.zh}。{rest.zh}",
            f"{words.en}: slope {_number(whole)} overall, "
            f"{_number(inside)} within the same {about.en}; {said.en}.{rest.en}",
        ),
        inside.estimate,
        whole.estimate,
    )


def _number(value: Contrast) -> str:
    return f"{value.estimate:.3g} [{value.low:.3g}, {value.high:.3g}]".replace("-", "−")
