"""Is a candidate driver the outcome itself under another name?"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from svcquality.estimators.partialled import net_of
from svcquality.findings import Check
from svcquality.language import Text

CONCORDANT = 0.95
"""Rank correlation, or concordance of pairs whose outcomes differ, above which two measures are one."""
KNOWN = 0.8
"""Part of one column's entropy that the other removes; r = .96 between two five-point scales."""
TOTAL = 0.999
"""R² of a column on others of which it is the sum or the mean."""
ADDED_UP = 0.99
"""R² of an outcome on its drivers above which it was computed from them."""
FEWEST_ROWS = 20
MOST_LEVELS = 30

OUTCOMES = ("satisfaction", "satisfied", "recommendation")
"""Survey columns that are outcomes, never drivers of one another."""
OVERALL = re.compile(
    r"overall|in_general|recommend|\bnps\b|_nps|nps_|总体|整体|总的来说|综合|总评|推荐", re.I
)

KINDS = {
    "outcome": Text("本身就是调查结果变量", "is itself a survey outcome"),
    "recoding": Text("是结果变量的另一种编码", "is a recoding of the outcome"),
    "twin": Text("与结果变量的排序几乎一致", "ranks the answers as the outcome does"),
    "total": Text("是其他项目的合计或平均", "is the sum or mean of other items"),
    "name": Text("按名称是总体评价", "is an overall verdict by its name"),
}


def disguises(rows: pd.DataFrame, outcome_column: str, candidates: Sequence[str]) -> pd.DataFrame:
    """Hold every candidate against the outcome.

    Parameters
    ----------
    rows : DataFrame
        One row an answer.
    outcome_column : str
        Numbers or flags.
    candidates : sequence of str
        Columns of any kind.

    Returns
    -------
    DataFrame
        A row a candidate: ``column, kind, statistic, threshold, disguise``. ``kind`` is a key of
        `KINDS`, empty where the candidate stays; the statistic is the one that decided, else the
        largest.

    Notes
    -----
    Three questions, each in both directions: does one column remove the other's entropy (a
    recoding, whatever its labels: the uncertainty coefficient of Theil 1970, less what chance
    removes); do they rank the answers alike (Spearman, and the concordance of Somers 1962, which
    ties in a coarse outcome do not hide); is a column a sum with positive weights of other
    candidates. A verdict by name is no proof: who names a driver on purpose may overrule it.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    y = _numbers(rows[outcome_column])
    totals = _totals(rows, candidates)
    found = []
    for name in candidates:
        kind, statistic, threshold = _judge(rows, name, outcome_column, y)
        if not kind and name in totals:
            kind, statistic, threshold = "total", totals[name], TOTAL
        if not kind and OVERALL.search(name):
            kind, threshold = "name", np.nan
        found.append((name, kind, statistic, threshold, bool(kind)))
    return pd.DataFrame(
        found, columns=["column", "kind", "statistic", "threshold", "disguise"]
    ).astype({"column": "str", "kind": "str", "statistic": float, "threshold": float})


def outcome_in_disguise(found: pd.DataFrame, outcome: Text, words: dict[str, Text]) -> Check:
    """Warn of what was left out.

    Parameters
    ----------
    found : DataFrame
        From `disguises`.
    outcome : Text
        The outcome in a reader's words.
    words : dict of str to Text
        The candidates in a reader's words.
    """
    caught = found[found["disguise"]]
    number = float(found["statistic"].max()) if len(found) else float("nan")
    if caught.empty:
        return Check(
            "outcome_in_disguise",
            "passed",
            Text(
                f"没有驱动因素与{outcome.zh}是同一回事。",
                f"No driver is {outcome.en} under another name.",
            ),
            number,
            CONCORDANT,
        )
    told = [
        Text(
            f"{words[row['column']].zh}{KINDS[row['kind']].zh}{_shown(row).zh}",
            f"{words[row['column']].en} {KINDS[row['kind']].en}{_shown(row).en}",
        )
        for row in caught.to_dict("records")
    ]
    return Check(
        "outcome_in_disguise",
        "warn",
        Text(
            f"未作为驱动因素：{'；'.join(t.zh for t in told)}。",
            f"Left out as a driver of {outcome.en}: {'; '.join(t.en for t in told)}.",
        ),
        number,
        CONCORDANT,
    )


def added_up(rows: pd.DataFrame, outcome_column: str, columns: Sequence[str]) -> float:
    """R² of the outcome on columns: above `ADDED_UP` it was computed from them.

    Parameters
    ----------
    rows : DataFrame
        One row an answer; those that lack a value are left out.
    outcome_column : str
    columns : sequence of str
        Text is left out.
    """
    numeric = {n: _numbers(rows[n]) for n in dict.fromkeys([outcome_column, *columns])}
    frame = pd.DataFrame({n: v for n, v in numeric.items() if np.isfinite(v).any()}).dropna()
    if outcome_column not in frame or len(frame) <= max(FEWEST_ROWS, 2 * frame.shape[1]):
        return float("nan")
    y = frame.pop(outcome_column)
    left = net_of(y.to_numpy()[:, None], frame.to_numpy())
    return 1 - float(left.var() / y.var(ddof=0)) if y.nunique() > 1 else float("nan")


def _shown(row: Mapping[Hashable, Any]) -> Text:
    if row["kind"] in ("outcome", "name"):
        return Text("", "")
    return Text(f"（{row['statistic']:.2f}）", f" ({row['statistic']:.2f})")


def _judge(
    rows: pd.DataFrame, name: str, outcome_column: str, y: np.ndarray
) -> tuple[str, float, float]:
    if name == outcome_column or name in OUTCOMES:
        return "outcome", 1.0, CONCORDANT
    x = rows[name]
    both = x.notna().to_numpy() & ~np.isnan(y)
    if both.sum() < FEWEST_ROWS or np.ptp(y[both]) == 0:
        return "", np.nan, CONCORDANT
    removed = _entropy_removed(x[both], y[both])
    if removed > KNOWN:
        return "recoding", removed, KNOWN
    values = _numbers(x[both])
    alike = _alike(values, y[both]) if np.isfinite(values).all() and np.ptp(values) > 0 else np.nan
    if alike > CONCORDANT:
        return "twin", alike, CONCORDANT
    return "", float(np.fmax(removed, alike)), CONCORDANT


def _numbers(values: pd.Series) -> np.ndarray:
    if not pd.api.types.is_numeric_dtype(values.dtype):
        values = pd.to_numeric(values, errors="coerce")
    return values.to_numpy(dtype=float, na_value=np.nan)


def _entropy_removed(x: pd.Series, y: np.ndarray) -> float:
    """The larger of the parts of H(x) and H(y) that the other removes, chance taken off."""
    a, levels = pd.factorize(x)
    b, outcomes = pd.factorize(y)
    if not 2 <= len(levels) <= MOST_LEVELS or len(outcomes) > MOST_LEVELS:
        return float("nan")
    joint = np.bincount(a * len(outcomes) + b, minlength=len(levels) * len(outcomes))
    table = joint.reshape(len(levels), len(outcomes)) / len(y)
    h_x, h_y, h_both = (_entropy(p) for p in (table.sum(axis=1), table.sum(axis=0), table.ravel()))
    by_chance = (len(levels) - 1) * (len(outcomes) - 1) / (2 * len(y))
    return float(max(h_x + h_y - h_both - by_chance, 0.0) / min(h_x, h_y))


def _entropy(p: np.ndarray) -> float:
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())


def _alike(x: np.ndarray, y: np.ndarray) -> float:
    """The larger of |Spearman's ρ| and |Somers' D| of x over pairs whose y differ."""
    ranks = pd.DataFrame({"x": x, "y": y}).rank()
    rho = float(np.corrcoef(ranks["x"], ranks["y"])[0, 1])
    return max(abs(rho), abs(_somers(x, y)))


def _somers(x: np.ndarray, y: np.ndarray) -> float:
    """(concordant − discordant) / pairs whose y differ; ties in x count as neither.

    By the ranks of x within each pair of outcome levels where there are few, else not at all: a
    fine outcome has no ties to hide behind.
    """
    levels = np.unique(y)
    if len(levels) > MOST_LEVELS:
        return 0.0
    groups = [np.sort(x[y == level]) for level in levels]
    net = pairs = 0.0
    for i, low in enumerate(groups):
        for high in groups[i + 1 :]:
            below = np.searchsorted(low, high, side="left").sum()
            above = len(low) * len(high) - np.searchsorted(low, high, side="right").sum()
            net += below - above
            pairs += len(low) * len(high)
    return float(net / pairs) if pairs else 0.0


def _totals(rows: pd.DataFrame, candidates: Sequence[str]) -> dict[str, float]:
    """Columns that are a sum with positive weights of at least two other columns, and their R².

    Of a sum and its parts every one is a combination of the rest; only the sum has none but
    positive weights.
    """
    numeric = {name: _numbers(rows[name]) for name in candidates}
    usable = [n for n, v in numeric.items() if np.isfinite(v).sum() >= FEWEST_ROWS]
    frame = pd.DataFrame({n: numeric[n] for n in usable}).dropna()
    frame = frame.loc[:, frame.nunique() > 1]
    totals: dict[str, float] = {}
    if len(frame) <= max(FEWEST_ROWS, 2 * frame.shape[1]) or frame.shape[1] < 3:
        return totals
    again = np.triu(np.abs(np.corrcoef(frame.to_numpy(), rowvar=False)) > 1 - 1e-9, 1).any(axis=0)
    frame = frame.loc[:, ~again]  # a copy is no sum
    Z = ((frame - frame.mean()) / frame.std()).to_numpy()
    for j, name in enumerate(frame.columns):
        rest = np.array([i for i in range(Z.shape[1]) if i != j and frame.columns[i] not in totals])
        if len(rest) < 2:
            break
        slopes = np.linalg.lstsq(Z[:, rest], Z[:, j], rcond=1e-9)[0]
        left = Z[:, j] - Z[:, rest] @ slopes
        r2 = 1 - float(left @ left / (Z[:, j] @ Z[:, j]))
        real = np.abs(slopes) > 0.02
        if r2 > TOTAL and real.sum() >= 2 and (slopes[real] > 0).all():
            totals[str(name)] = r2
    return totals
