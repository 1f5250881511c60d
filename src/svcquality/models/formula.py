"""``outcome ~ exposure + … | fixed effects``: a formula over any column names, nothing executed.

Formulas are read by formulaic. Every name in them must be a column, a number or one of
`FUNCTIONS`, so a formula can compute nothing else; column names with spaces, brackets or Chinese
characters are used as they are, in backticks or bare.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula as FormulaicFormula
from formulaic import ModelSpec
from formulaic.errors import FormulaicError
from formulaic.transforms import stateful_transform

from svcquality.errors import InputError
from svcquality.estimators.splines import RestrictedCubicSpline

_TOKEN = re.compile(r"\bv(\d+)_\b")
_ALLOWED = (
    ast.Expression, ast.Name, ast.Load, ast.Call, ast.Constant, ast.keyword, ast.UnaryOp, ast.USub,
)  # fmt: skip


@stateful_transform
def _spline(data: Any, knots: int = 4, *, _state: dict[str, Any]) -> dict[str, np.ndarray]:
    values = np.asarray(data, dtype=float)
    if "spline" not in _state:
        _state["spline"] = RestrictedCubicSpline.at_quantiles(values, knots)
    basis = _state["spline"].transform(values)
    return {str(j + 1): basis[:, j] for j in range(basis.shape[1])}


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "spline": _spline,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "square": np.square,
}
"""What may be applied to a column: ``spline(x, 5)`` is a restricted cubic spline with 5 knots
(Harrell 2015); ``C(x)`` makes categories of numbers."""


@dataclass(frozen=True)
class Formula:
    """A formula that has been read.

    Parameters
    ----------
    text : str
        As given.
    outcome : str
    variables : tuple of str
        Columns on the right-hand side, in order of appearance.
    fixed : tuple of tuple of str
        Fixed effects; several columns in one are their combinations (``branch:hour``).
    right : str
        The right-hand side with columns as safe names.
    columns : tuple of str
        Column of each safe name.
    """

    text: str
    outcome: str
    variables: tuple[str, ...]
    fixed: tuple[tuple[str, ...], ...] = ()
    right: str = ""
    columns: tuple[str, ...] = field(default=(), repr=False)

    def readable(self, name: str) -> str:
        """A column of the matrix in a reader's words: the bank's own names, levels after '='."""
        name = re.sub(r"\bC\(([^)]*)\)\[(?:T\.)?", r"\1 = ", name).replace("[T.", " = ")
        name = name.replace("[", " ").replace("]", "").replace(":", " × ")
        return _TOKEN.sub(lambda m: self.columns[int(m[1])], name)


def read_formula(text: str, columns: Iterable[str]) -> Formula:
    """Read a formula against the columns that there are.

    Parameters
    ----------
    text : str
        ``outcome ~ exposure + confounder + … | fixed effect + …``; interactions as ``a:b`` or
        ``a*b``; `FUNCTIONS` may be applied to a column.
    columns : iterable of str

    Raises
    ------
    InputError
        If there is no ``~``, a side is empty, a name is unknown (the nearest is proposed), or a
        function or operator is not allowed.
    """
    names = tuple(dict.fromkeys(str(c) for c in columns))
    if text.count("~") != 1 or text.count("|") > 1:
        raise _unreadable(text)
    left, right = (part.strip() for part in text.split("~"))
    right, bar, groups = (part.strip() for part in right.partition("|"))
    outcome = left.strip("`")
    if not outcome or not right or (bar and not groups):
        raise _unreadable(text)
    if outcome not in names:
        raise _unknown(outcome, names)
    safe = _tokenised(right, names)
    used = tuple(names[int(i)] for i in dict.fromkeys(_TOKEN.findall(safe)))
    _refuse_foreign(safe, names, text)
    if outcome in used:
        raise InputError(
            f"{outcome!r} stands on both sides of the formula; leave it out on the right.",
            f"{outcome!r} 同时出现在公式两侧；请从右侧去掉。",
        )
    fixed = tuple(_group(part, names) for part in groups.split("+")) if groups else ()
    return Formula(text, outcome, used, fixed, safe, names)


@dataclass(frozen=True)
class Matrix:
    """The right-hand side as numbers, and how to make it anew for changed rows."""

    values: np.ndarray
    names: tuple[str, ...]
    spec: ModelSpec
    formula: Formula

    def of(self, rows: pd.DataFrame) -> np.ndarray:
        """The same columns for other rows: knots and levels stay those of the rows fitted."""
        made = self.spec.get_model_matrix(_plain(rows, self.formula), context=FUNCTIONS)
        return np.asarray(made, dtype=float)[:, self._kept]

    @property
    def _kept(self) -> np.ndarray:
        return np.array([name != "Intercept" for name in self.spec.column_names])


def model_matrix(formula: Formula, rows: pd.DataFrame) -> Matrix:
    """Columns of the right-hand side, without an intercept.

    Raises
    ------
    InputError
        If a column cannot be used in the way that the formula asks.
    """
    try:
        with np.errstate(all="ignore"):  # what is not finite is refused below
            made = FormulaicFormula(formula.right).get_model_matrix(
                _plain(rows, formula), context=FUNCTIONS, na_action="ignore"
            )
    except (FormulaicError, TypeError, ValueError) as error:
        raise InputError(
            f"The formula {formula.text!r} does not fit the data: {_short(error, formula)}",
            f"公式 {formula.text!r} 与数据不符：{_short(error, formula)}",
        ) from error
    spec: ModelSpec = made.model_spec
    values = np.asarray(made, dtype=float)
    kept = [j for j, name in enumerate(spec.column_names) if name != "Intercept"]
    if not np.isfinite(values).all():
        raise InputError(
            f"The formula {formula.text!r} gives infinite or undefined values; check logarithms "
            "and roots of zero or negative numbers.",
            f"公式 {formula.text!r} 产生无穷或未定义的值；请检查对零或负数取对数、开方。",
        )
    readable = tuple(formula.readable(spec.column_names[j]) for j in kept)
    return Matrix(values[:, kept], readable, spec, formula)


def fixed_groups(formula: Formula, rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Each fixed effect as one label a row, by a readable name."""
    made = {}
    for parts in formula.fixed:
        label = rows[parts[0]].astype("string")
        for part in parts[1:]:
            label = label + " × " + rows[part].astype("string")
        made[" × ".join(parts)] = label
    return made


def _plain(rows: pd.DataFrame, formula: Formula) -> pd.DataFrame:
    """Safe names; flags and nullable numbers as floats, everything else as categories."""
    place = {name: f"v{i}_" for i, name in enumerate(formula.columns)}
    made: dict[str, Any] = {}
    for name in formula.variables:
        column = rows[name]
        if pd.api.types.is_numeric_dtype(column.dtype):
            made[place[name]] = column.to_numpy(dtype=float, na_value=np.nan)
        else:
            made[place[name]] = pd.Categorical(column.astype("string").astype(object))
    return pd.DataFrame(made, index=range(len(rows)))


def _tokenised(text: str, names: tuple[str, ...]) -> str:
    place = {name: i for i, name in enumerate(names)}
    longest = sorted(names, key=len, reverse=True)
    patterns = [
        (r"(?<!\w)" if re.match(r"\w", n) else "")
        + re.escape(n)
        + (r"(?!\w|\()" if re.search(r"\w$", n) else "")
        for n in longest
    ]
    ticked = re.compile("|".join([*(f"`{re.escape(n)}`" for n in longest), *patterns]))
    return ticked.sub(lambda m: f"v{place[m[0].strip('`')]}_", text)


def _refuse_foreign(safe: str, names: tuple[str, ...], text: str) -> None:
    """Whatever is not a column, a number, an operator or an allowed function."""
    for factor in re.split(r"[+*:]", _without_arguments(safe)):
        word = factor.strip(" ()")
        if word and not _TOKEN.fullmatch(word) and not re.fullmatch(r"\d+(\.\d+)?", word):
            raise _unknown(word, names)
    for call in re.finditer(r"(\w+)\s*\(([^()]*)\)", safe):
        name, inside = call[1], call[2]
        if name not in FUNCTIONS and name != "C":
            raise InputError(
                f"{name!r} in the formula {text!r} is not known; there are "
                f"{', '.join([*FUNCTIONS, 'C'])}.",
                f"公式 {text!r} 中的 {name!r} 无法识别；可用：{'、'.join([*FUNCTIONS, 'C'])}。",
            )
        try:
            tree = ast.parse(f"f({inside})", mode="eval")
        except SyntaxError:
            raise _unreadable(text) from None
        if not all(isinstance(node, _ALLOWED) for node in ast.walk(tree)):
            raise _unreadable(text)


def _without_arguments(safe: str) -> str:
    """Calls of functions replaced by the column they are applied to."""
    return re.sub(r"\w+\s*\(\s*(v\d+_)\s*(?:,[^()]*)?\)", r"\1", safe)


def _group(part: str, names: tuple[str, ...]) -> tuple[str, ...]:
    safe = _tokenised(part, names)
    pieces = [p.strip() for p in safe.split(":")]
    found = []
    for piece in pieces:
        match = _TOKEN.fullmatch(piece)
        if match is None:
            raise _unknown(piece, names)
        found.append(names[int(match[1])])
    return tuple(found)


def _unreadable(text: str) -> InputError:
    return InputError(
        f"The formula {text!r} cannot be read; write it as outcome ~ exposure + confounder | "
        "fixed effect.",
        f"无法读取公式 {text!r}；请写成 结果 ~ 暴露 + 控制变量 | 固定效应。",
    )


def _unknown(word: str, names: tuple[str, ...]) -> InputError:
    word = _TOKEN.sub(lambda m: names[int(m[1])], word)
    near = difflib.get_close_matches(word, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(names[:40])}."
    hint_zh = f"是否想写 {near[0]!r}？" if near else f"现有：{'、'.join(names[:40])}。"
    return InputError(
        f"The formula names {word!r}, which is no column of the data.{hint}",
        f"公式中的 {word!r} 不是数据中的列。{hint_zh}",
    )


def _short(error: Exception, formula: Formula) -> str:
    first = str(error).splitlines()[0]
    return _TOKEN.sub(lambda m: formula.columns[int(m[1])], first)[:200]
