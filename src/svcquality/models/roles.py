"""What each column of a model is there for, and which roles contradict each other."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

from svcquality.errors import InputError

AFTER_A_VISIT = (
    "satisfaction", "satisfied", "recommendation", "effort", "perceived_wait_minutes", "item_*",
)  # fmt: skip
"""What a customer says after the visit: the wait, the staff and earlier complaints come before it."""
CONSEQUENCES: dict[str, tuple[str, ...]] = {
    "wait_minutes": AFTER_A_VISIT,
    "announced_minutes": AFTER_A_VISIT,
    "branch_trained": (*AFTER_A_VISIT, "wait_minutes"),
    "recent_complaint": AFTER_A_VISIT,
    "first_trained": ("wait_minutes_mean", "satisfied_share", "satisfaction_mean"),
    "complaint_last_3_months": ("mean_satisfaction",),
}
"""Columns of the records that may carry part of an exposure's association: its mediators."""

_WORDS = {
    "outcome": "结果变量", "exposures": "暴露", "confounders": "控制变量", "mediators": "中介",
    "fixed": "固定效应", "cluster": "聚类", "weight": "权重",
}  # fmt: skip


@dataclass(frozen=True)
class Roles:
    """What each column of a model is there for.

    Parameters
    ----------
    outcome : str
        What is explained.
    exposures : tuple of str
        What the question is about; these are reported.
    confounders : tuple of str
        What comes before both and is held equal.
    mediators : tuple of str
        What lies between exposure and outcome: held equal only where mediation is asked for.
    fixed : tuple of str
        Groups whose level is held equal (branch, month).
    cluster : tuple of str
        One or two columns within which rows move together.
    weight : str
        Positive weights; empty for none.
    """

    outcome: str
    exposures: tuple[str, ...]
    confounders: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    weight: str = ""

    @property
    def explaining(self) -> tuple[str, ...]:
        """Columns on the right-hand side, but for the fixed effects."""
        return (*self.exposures, *self.confounders, *self.mediators)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that has a role, once."""
        named = (self.outcome, *self.explaining, *self.fixed, *self.cluster, self.weight)
        return tuple(dict.fromkeys(name for name in named if name))

    def names(self, role: str) -> tuple[str, ...]:
        """Columns of one role."""
        value = getattr(self, role)
        return value if isinstance(value, tuple) else (value,) if value else ()


def check_roles(roles: Roles, columns: Iterable[str], *, mediation: bool = False) -> None:
    """Refuse roles that no answer could be trusted from.

    Parameters
    ----------
    roles : Roles
    columns : iterable of str
        What the data have.
    mediation : bool
        Whether holding mediators equal is meant: then the exposure's direct part is asked for.

    Raises
    ------
    InputError
        If a column is unknown (the nearest is proposed) or has two roles that contradict each
        other, or a mediator would be held equal without ``mediation``.
    """
    known = [str(c) for c in columns]
    for name in roles.columns:
        if name not in known:
            raise _unknown(name, known)
    _refuse_two_roles(roles)
    if mediation:
        return
    between = roles.mediators[:1] or mediators_among(roles.exposures, roles.confounders)
    if between:
        name, exposure = between[0], ", ".join(roles.exposures)
        raise InputError(
            f"{name!r} comes after {exposure} and may carry part of its association: held equal "
            "as a control it would take away what is asked for. Leave it out, or set "
            "mediation = true to ask for the direct part only.",
            f"{name!r} 发生在 {exposure} 之后，可能是中介变量；作为控制变量会扣除所要估计的关联。"
            "请将其去掉，或设置 mediation = true 只询问直接部分。",
        )


def mediators_among(exposures: Sequence[str], candidates: Iterable[str]) -> list[str]:
    """Candidates that the records' own order of events puts after an exposure."""
    patterns = {p for e in exposures for p in CONSEQUENCES.get(e, ())}
    return [
        name
        for name in candidates
        if name not in exposures and any(fnmatchcase(name, p) for p in patterns)
    ]


def _refuse_two_roles(roles: Roles) -> None:
    # Branch effects with errors clustered by branch are the usual thing; all else contradicts.
    taken: dict[str, str] = {}
    for field in fields(Roles):
        for name in roles.names(field.name):
            before = taken.setdefault(name, field.name)
            if before == field.name or "cluster" in (before, field.name):
                continue
            raise InputError(
                f"{name!r} is declared both as {before} and as {field.name}; give it one role.",
                f"{name!r} 同时被声明为{_WORDS[before]}和{_WORDS[field.name]}；请只保留一种角色。",
            )


def _unknown(name: str, known: list[str]) -> InputError:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(known[:40])}."
    hint_zh = f"是否想写 {near[0]!r}？" if near else f"现有：{'、'.join(known[:40])}。"
    return InputError(
        f"The data have no column {name!r}.{hint}", f"数据中没有列 {name!r}。{hint_zh}"
    )
