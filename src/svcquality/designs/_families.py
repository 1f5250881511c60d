"""Declared families of tests across findings: p-values adjusted together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.estimators.multiplicity import Method, adjusted_p
from svcquality.findings import Finding

Patterns = Mapping[str, Sequence[str]]
"""Family → patterns of ``<question id>.<term>``, with ``*`` and ``?`` as in file names."""


def adjust_over_findings(
    findings: Sequence[Finding],
    patterns: Patterns | Sequence[str],
    method: Method | Mapping[str, Method] = "holm",
) -> tuple[Finding, ...]:
    """Adjust p-values over the rows of declared families instead of one table at a time.

    Rows outside every family keep what they have. Rows without a p-value, and those of findings
    whose numbers are withheld, may be named but test nothing and do not count.

    Parameters
    ----------
    findings : sequence of Finding
    patterns : mapping of str to sequence of str, or sequence of str
        The families by name; a bare sequence is a single one.
    method : {"holm", "bh", "bonferroni"}, or a mapping of family to one of them
        See `svcquality.estimators.multiplicity.adjusted_p`.

    Returns
    -------
    tuple of Finding
        The same findings in the same order, ``p_adjusted`` replaced where a family says so.

    Raises
    ------
    InputError
        If a pattern matches no row, a row belongs to two families, or the method is unknown.
    """
    families = patterns if isinstance(patterns, Mapping) else {"family": patterns}
    methods = method if isinstance(method, Mapping) else dict.fromkeys(families, method)
    for one in methods.values():
        if one not in ("holm", "bh", "bonferroni"):
            raise InputError(
                f"There is no adjustment {one!r}; choose holm, bh or bonferroni.",
                f"没有名为 {one!r} 的多重检验校正方法；请从 holm、bh、bonferroni 中选择。",
            )
    tests = _tests(findings)
    family = _membership(families, list(tests.index))
    adjusted = pd.Series(np.nan, index=tests.index)
    for name in families:
        members = [i for i in tests.index if family.get(i) == name]
        adjusted[members] = adjusted_p(tests[members].to_numpy(), methods[name])
    return tuple(_with_adjusted(f, family, adjusted) for f in findings)


def _tests(findings: Sequence[Finding]) -> pd.Series:
    """p-values by ``<id>.<term>``; NaN where nothing is tested or the numbers are withheld."""
    parts = [
        pd.Series(
            np.nan if f.blocked else f.table["p"].to_numpy(dtype=float),
            index=_names(f),
            dtype=float,
        )
        for f in findings
    ]
    return pd.concat(parts) if parts else pd.Series(dtype=float)


def _names(finding: Finding) -> pd.Index:
    return pd.Index(f"{finding.id}." + finding.table["term"].astype(str))


def _membership(families: Patterns, names: list[str]) -> dict[str, str]:
    """Row → family."""
    family: dict[str, str] = {}
    for wanted, patterns in families.items():
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            matched = [name for name in names if fnmatchcase(name, pattern)]
            if not matched:
                raise InputError(
                    f"The pattern {pattern!r} of family {wanted!r} matches no number of the study; "
                    f"its numbers are {_some(names, ', ')}.",
                    f"检验族 {wanted!r} 的模式 {pattern!r} 没有匹配到任何数值；"
                    f"现有数值：{_some(names, '、')}。",
                )
            for name in matched:
                other = family.setdefault(name, wanted)
                if other != wanted:
                    raise InputError(
                        f"{name} is declared in two families, {other!r} and {wanted!r}; "
                        "leave it in one.",
                        f"{name} 同时属于两个检验族 {other!r} 和 {wanted!r}；请只保留其一。",
                    )
    return family


def _some(names: list[str], mark: str, most: int = 12) -> str:
    return mark.join(names[:most]) + (" …" if len(names) > most else "")


def _with_adjusted(finding: Finding, family: Mapping[str, str], adjusted: pd.Series) -> Finding:
    names = _names(finding)
    declared = np.array([name in family for name in names], dtype=bool)
    if not declared.any():
        return finding
    before = finding.table["p_adjusted"].to_numpy(dtype=float)
    values = np.where(declared, adjusted[names].to_numpy(), before)
    return replace(finding, table=finding.table.assign(p_adjusted=values))
