"""Which columns of the answers are compared as drivers, and why the others are not."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from svcquality.checks.outcome_in_disguise import ADDED_UP, added_up, disguises
from svcquality.checks.straight_lining import straight_liners
from svcquality.designs._adjusted import USUAL_CONFOUNDERS
from svcquality.designs._answers import FEWEST_ANSWERS, Answers, item_columns
from svcquality.designs._drivers_levels import LEVEL_ROWS, widened
from svcquality.designs._rows import joined
from svcquality.errors import InputError
from svcquality.language import Text, plain
from svcquality.models.matrix import as_float
from svcquality.records.tables import ITEM_PREFIX

MEASURED = {
    "wait_minutes": Text("等候时间", "waiting time"),
    "branch_trained": Text("网点员工受训", "staff training at the branch"),
    "recent_complaint": Text("近期投诉", "a recent complaint"),
    "perceived_wait_minutes": Text("感知等候时间", "the wait as remembered"),
    "effort": Text("费力度", "effort"),
    **USUAL_CONFOUNDERS,
}
ASKED_FOR = ("wait_minutes", "branch_trained", "recent_complaint")
MOST_COMPARED = 15
"""2^15 orders a draw: a second or two for 500 draws."""
RECORDED_SHARE = 0.5
ANSWERS_PER_DRIVER = 10
"""Answers that have every driver, for each driver compared."""
IDENTIFIERS = {"survey_id", "branch_id", "customer_id", "month", "answered"}
POINTS = (3, 11)
"""Answers that a rating scale offers, at least and at most."""


@dataclass(frozen=True)
class Drivers:
    """What is compared.

    Parameters
    ----------
    rows : DataFrame
        One row an answer; a driver of text values has an indicator column a level.
    columns : dict of str to list of str
        The columns of each driver, in the order of the survey.
    words : dict of str to Text
        Every candidate in a reader's words.
    ratings : list of str
        Drivers and other items rated on a common scale, in the order of the survey.
    lines : DataFrame
        `straight_liners` of the answers.
    verdicts : DataFrame
        `disguises` of the candidates.
    left_out : dict of str to (Text, int)
        By reason: the reason with the names it concerns, and how many they are.
    """

    rows: pd.DataFrame
    columns: dict[str, list[str]]
    words: dict[str, Text]
    ratings: list[str]
    lines: pd.DataFrame
    verdicts: pd.DataFrame
    left_out: dict[str, tuple[Text, int]] = field(default_factory=dict)

    @property
    def exposures(self) -> list[str]:
        """All columns of the drivers."""
        return [c for columns in self.columns.values() for c in columns]


def choose_drivers(answers: Answers, named: Sequence[str] | None, *, drop_lines: bool) -> Drivers:
    """Settle the candidates: known, varying, no disguise of the outcome, no repetition, not too many.

    Parameters
    ----------
    answers : Answers
    named : sequence of str, optional
        Exactly these; by default every rated item, the wait, training and a recent complaint.
    drop_lines : bool
        Judge without straight-liners.

    Raises
    ------
    InputError
        If a named column does not exist or is an identifier, or fewer than two candidates are left.
    """
    rows = answers.rows
    candidates = _candidates(answers, named)
    words = {name: _words(name) for name in candidates}
    left: dict[str, list[str]] = {}
    kept: list[str] = []
    for name in candidates:
        reason = _unusable(rows[name], named is not None)
        if reason:
            left.setdefault(reason, []).append(name)
        else:
            kept.append(name)
    ratings = _ratings(rows, answers.outcome.column, kept)
    words |= {name: _words(name) for name in ratings if name not in words}
    lines = straight_liners(pd.DataFrame({n: as_float(rows[n]) for n in ratings}, rows.index))
    judged = rows[~lines["straight"]] if drop_lines else rows
    if len(judged) < FEWEST_ANSWERS:
        raise _all_alike(len(judged), len(rows))
    verdicts = _verdicts(judged, answers.outcome.column, kept, named is not None)
    caught = set(verdicts.loc[verdicts["disguise"], "column"])
    left["disguise"] = [name for name in kept if name in caught]
    kept = [name for name in kept if name not in caught]
    twins = _repeated(judged, kept)
    left["repeated"] = [name for name in kept if name in twins]
    kept = [name for name in kept if name not in twins]
    if named is None:
        enough = _recorded_together(judged, kept)
        left["sparse"] = [
            n for n in candidates if n in left.get("sparse", ()) or n in set(kept) - enough
        ]
        kept = [name for name in kept if name in enough]
    if len(kept) > MOST_COMPARED:
        strongest = _strongest(judged, answers.outcome.column, kept)
        left["weak"] = [name for name in kept if name not in strongest]
        kept = [name for name in kept if name in strongest]
    told = {
        reason: (_REASONS[reason].format(names=joined([words[n] for n in names])), len(names))
        for reason, names in left.items()
        if names
    }
    if added_up(judged, answers.outcome.column, kept) > ADDED_UP:
        raise InputError(
            f"{answers.outcome.column!r} is computed from the items that would explain it, so their "
            "shares would only show how; use an outcome that was asked by itself.",
            f"{answers.outcome.column!r} 是由这些项目计算得到的，份额只会反映算法；请改用单独询问的总体评价。",
        )
    if len(kept) < 2:
        raise _nothing_to_compare([why for why, _ in told.values()])
    wide, columns = widened(rows, kept)
    return Drivers(wide, columns, words, ratings, lines, verdicts, told)


_REASONS = {
    "empty": Text("没有数值的：{names}", "without values: {names}"),
    "constant": Text("取值全部相同的：{names}", "always the same: {names}"),
    "sparse": Text("有记录的答复过少的：{names}", "recorded for too few of the answers: {names}"),
    "levels": Text(
        "既非数值、类别又过多的：{names}", "neither numbers nor a few categories: {names}"
    ),
    "disguise": Text("与结果变量是同一回事的：{names}", "the outcome in disguise: {names}"),
    "repeated": Text("与另一列相同的：{names}", "the same as another column: {names}"),
    "weak": Text(
        f"超过 {MOST_COMPARED} 个之后，与结果变量秩相关最弱的：{{names}}",
        f"beyond {MOST_COMPARED}, the weakest by rank correlation with the outcome: {{names}}",
    ),
}


def _all_alike(left: int, offered: int) -> InputError:
    return InputError(
        f"Only {left} of {offered} answers rate the items differently, at least {FEWEST_ANSWERS} "
        'are needed; use a longer period, or straight_liners = "keep".',
        f"{offered} 份答复中只有 {left} 份对各项目的评分有差别，至少需要 {FEWEST_ANSWERS} 份；"
        '请延长时间范围，或设置 straight_liners = "keep"。',
    )


def _nothing_to_compare(told: list[Text]) -> InputError:
    why = Text("；".join(t.zh for t in told), "; ".join(t.en for t in told))
    return InputError(
        "Shares compare at least two drivers, and fewer are left"
        + (f" ({why.en})" if told else "")
        + "; map rated items (item_*) or name survey columns in drivers.",
        "份额比较至少需要两个驱动因素，剩余不足两个"
        + (f"（{why.zh}）" if told else "")
        + "；请映射评分项目（item_*），或在 drivers 中指定调查列。",
    )


def _candidates(answers: Answers, named: Sequence[str] | None) -> list[str]:
    rows = answers.rows
    if named is None:
        items = [str(c) for c in rows.columns if str(c).startswith(ITEM_PREFIX)]
        return [*items, *(name for name in ASKED_FOR if rows[name].notna().any())]
    asked = list(dict.fromkeys([named] if isinstance(named, str) else named))
    known = [str(c) for c in rows.columns if c not in IDENTIFIERS]
    for name in asked:
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"they have {', '.join(known)}."
        hint_zh = f"是否想写 {near[0]!r}？" if near else f"现有：{'、'.join(known)}。"
        raise InputError(
            f"The surveys have no column {name!r} that could be a driver; {hint}",
            f"调查数据中没有可作为驱动因素的列 {name!r}；{hint_zh}",
        )
    return asked


def _words(name: str) -> Text:
    if name in MEASURED:
        return MEASURED[name]
    item = plain(name.removeprefix(ITEM_PREFIX).replace("_", " "))
    return Text(f"“{item.zh}”", f"“{item.en}”")


def _unusable(values: pd.Series, on_purpose: bool) -> str:
    """Why a candidate cannot be compared; empty where it can."""
    if values.isna().all():
        return "empty"
    if values.nunique() < 2:
        return "constant"
    if not on_purpose and values.notna().mean() < RECORDED_SHARE:
        return "sparse"
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "levels"
    if np.isnan(as_float(values)).all() and values.value_counts().ge(LEVEL_ROWS).sum() < 2:
        return "levels"
    return ""


def _ratings(rows: pd.DataFrame, outcome_column: str, kept: list[str]) -> list[str]:
    """Items that were asked, in the order of the survey: none that was computed from others."""
    every = dict.fromkeys([*item_columns(rows), *kept])
    rated = [name for name in every if _is_rating(name, rows[name])]
    found = disguises(rows, outcome_column, rated)
    made = set(found.loc[found["kind"].isin(["outcome", "recoding", "total"]), "column"])
    return [str(c) for c in rows.columns if c in rated and c not in made]


def _is_rating(name: str, values: pd.Series) -> bool:
    x = as_float(values)
    x = x[~np.isnan(x)]
    if name.startswith(ITEM_PREFIX):
        return len(x) > 0
    few = POINTS[0] <= len(np.unique(x)) <= POINTS[1]
    return name not in MEASURED and few and bool((x == np.round(x)).all())


def _verdicts(
    rows: pd.DataFrame, outcome_column: str, candidates: list[str], on_purpose: bool
) -> pd.DataFrame:
    """A verdict by name alone yields to a driver that was named on purpose."""
    found = disguises(rows, outcome_column, candidates)
    if on_purpose:
        by_name = found["kind"].eq("name")
        found = found.assign(disguise=found["disguise"] & ~by_name)
    return found


def _repeated(rows: pd.DataFrame, names: list[str]) -> set[str]:
    """Columns that rank the answers exactly as an earlier one does."""
    numeric = [n for n in names if not np.isnan(as_float(rows[n])).all()]
    ranks = rows[numeric].apply(as_float).rank()
    if len(numeric) < 2:
        return set()
    same = ranks.corr().abs().to_numpy() > 1 - 1e-9
    return {name for j, name in enumerate(numeric) if same[:j, j].any()}


def _recorded_together(rows: pd.DataFrame, names: list[str]) -> set[str]:
    """Candidates without those most often missing, until enough answers have all that are left."""
    left = list(names)
    while len(left) > 2:
        missing = rows[left].isna()
        complete = len(rows) - int(missing.any(axis=1).sum())
        if complete >= max(FEWEST_ANSWERS, ANSWERS_PER_DRIVER * len(left)):
            break
        left.remove(str(missing.sum().idxmax()))
    return set(left)


def _strongest(rows: pd.DataFrame, outcome_column: str, names: list[str]) -> set[str]:
    """The candidates with the largest absolute rank correlation; text counts by its levels."""
    y = pd.Series(as_float(rows[outcome_column]), index=rows.index).rank()
    strength = {}
    for name in names:
        x = as_float(rows[name])
        if np.isnan(x).all():
            x = y.groupby(rows[name].astype("string")).transform("mean").to_numpy(dtype=float)
        strength[name] = abs(pd.Series(x, index=rows.index).rank().corr(y))
    ordered = sorted(names, key=lambda name: -np.nan_to_num(strength[name]))
    return set(ordered[:MOST_COMPARED])
