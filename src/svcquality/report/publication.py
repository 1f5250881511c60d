"""Several models side by side, as a paper prints them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from svcquality.errors import InputError
from svcquality.findings import MODEL_COLUMNS, Finding, ModelSummary
from svcquality.language import Language, Text, plain
from svcquality.report.publication_cells import Grid
from svcquality.report.publication_rows import (
    MOST_DIGITS,
    fact_rows,
    head_rows,
    note_lines,
    term_rows,
)
from svcquality.report.publication_table import PublicationTable
from svcquality.report.publication_words import BENEATH, in_language

__all__ = ["SHOWN", "model_frame", "model_table", "summaries"]

SHOWN = tuple(BENEATH)
"""What may stand beneath an estimate."""


def model_table(
    models: ModelSummary | Finding | Sequence[ModelSummary | Finding],
    *,
    language: Language = "en",
    terms: Sequence[str] | Mapping[str, Text | str] | None = None,
    digits: int = 3,
    show: Sequence[str] = ("error",),
    stars: bool = False,
    numbers: bool = True,
    caption: Text | str | None = None,
    notes: Sequence[Text | str] = (),
) -> PublicationTable:
    """Put models side by side: estimates, what is beneath them, and what a reader must know.

    Terms are matched by name and stand in order of first appearance. Below the line: what each
    model holds equal, observations, clusters, kind of error, fit. The notes always say how errors
    and degrees of freedom were computed.

    Parameters
    ----------
    models : ModelSummary, Finding, or a sequence of them
        A finding gives its ``models``.
    language : {"zh", "en"}
    terms : sequence of str, or mapping of str to Text or str, optional
        Which terms, in which order; ``*`` stands for anything ("item_*"). A mapping gives them
        other labels.
    digits : int
        Decimals, 0 to 8. A term whose smallest error would keep fewer than two digits gets more.
    show : sequence of {"error", "interval", "t", "p"}
        What stands beneath an estimate, a line each.
    stars : bool
        Mark estimates by adjusted p-values: those that a model carries in ``p_adjusted``, else by
        Holm's method over all its terms.
    numbers : bool
        Number the models (1), (2) …
    caption : Text or str, optional
    notes : sequence of Text or str
        Sentences put before those that are always there.

    Returns
    -------
    PublicationTable
        Its ``frame`` has one row a model and term: ``model, model_zh, model_en, outcome_zh,
        outcome_en, scale_zh, scale_en`` and the columns of a model's terms with ``p_adjusted``.

    Raises
    ------
    InputError
        If there is no model, a finding is withheld or carries none, a term is in no model, or an
        option is not one of those above.
    """
    _check(digits, show, language)
    fits = summaries(models)
    frame = model_frame(fits, terms)
    grid = Grid(
        head=head_rows(fits, numbers, language),
        body=(
            *term_rows(frame, fits, digits, show, stars, language),
            *fact_rows(fits, digits, language),
        ),
        notes=(
            *(in_language(note, language) for note in notes),
            *note_lines(fits, show, stars, numbers, language),
        ),
        caption=in_language(caption or "", language),
        language=language,
    )
    return PublicationTable(frame, grid)


def summaries(
    models: ModelSummary | Finding | Sequence[ModelSummary | Finding],
) -> tuple[ModelSummary, ...]:
    """The models among models and findings.

    Raises
    ------
    InputError
        If there is none, or a finding is withheld or carries none.
    """
    given = [models] if isinstance(models, ModelSummary | Finding) else list(models)
    fits: list[ModelSummary] = []
    for one in given:
        if isinstance(one, ModelSummary):
            fits.append(one)
        elif not isinstance(one, Finding):
            raise InputError(
                f"A table of models takes findings and model summaries, not {type(one).__name__}.",
                f"模型表只接受研究发现或模型摘要，不接受 {type(one).__name__}。",
            )
        elif one.blocked:
            raise InputError(one.sentence("en"), one.sentence("zh"))
        elif not one.models:
            raise InputError(
                f"The finding {one.id!r} carries no fitted model to print; use its table instead.",
                f"发现 {one.id!r} 不含可列出的模型；请改用其结果表 table。",
            )
        else:
            fits.extend(one.models)
    if not fits:
        raise InputError(
            "There is no model to put into a table; give at least one.",
            "没有可列入表格的模型；请至少给出一个。",
        )
    return tuple(fits)


def model_frame(
    fits: Sequence[ModelSummary],
    terms: Sequence[str] | Mapping[str, Text | str] | None = None,
) -> pd.DataFrame:
    """The terms of models as one tidy frame, one row a model and term.

    Parameters
    ----------
    fits : sequence of ModelSummary
    terms : sequence of str, or mapping of str to Text or str, optional
        As in `model_table`.

    Returns
    -------
    DataFrame
        Columns ``model, model_zh, model_en, outcome_zh, outcome_en, scale_zh, scale_en`` and
        `MODEL_COLUMNS` with ``p_adjusted`` (NaN where a model carries none).

    Raises
    ------
    InputError
        If a term is in no model.
    """
    parts = []
    for number, fit in enumerate(fits, 1):
        own = fit.terms.reindex(columns=[*MODEL_COLUMNS, "p_adjusted"])
        _refuse_twice(fit)
        words = {"model": number}
        for name in ("name", "outcome", "scale"):
            text = getattr(fit, name)
            key = "model" if name == "name" else name
            words |= {f"{key}_zh": text.zh, f"{key}_en": text.en}
        parts.append(own.assign(**words)[[*words, *own.columns]])
    frame = pd.concat(parts, ignore_index=True).astype({"p_adjusted": float})
    order = _chosen(list(dict.fromkeys(frame["term"])), terms)
    frame = frame[frame["term"].isin(order)]
    frame = frame.assign(at=frame["term"].map({t: i for i, t in enumerate(order)}))
    frame = frame.sort_values(["model", "at"], kind="stable").drop(columns="at")
    first = frame.drop_duplicates("term").set_index("term")
    for language in ("zh", "en"):  # one label a term, whatever later models call it
        frame[f"label_{language}"] = frame["term"].map(first[f"label_{language}"])
    for term, label in terms.items() if isinstance(terms, Mapping) else ():
        text = label if isinstance(label, Text) else plain(label)
        frame.loc[frame["term"] == term, ["label_zh", "label_en"]] = [text.zh, text.en]
    return frame.reset_index(drop=True)


def _refuse_twice(fit: ModelSummary) -> None:
    twice = fit.terms.loc[fit.terms["term"].duplicated(), "term"]
    if len(twice):
        raise InputError(
            f"The model {fit.name.en!r} has the term {twice.iloc[0]!r} twice; name each once.",
            f"模型“{fit.name.zh}”中 {twice.iloc[0]!r} 出现两次；每一项请只用一个名称。",
        )


def _chosen(known: list[str], terms: Sequence[str] | Mapping[str, Any] | None) -> list[str]:
    if terms is None:
        return known
    chosen: list[str] = []
    for wanted in [terms] if isinstance(terms, str) else terms:
        found = [wanted] if wanted in known else _matches(wanted, known)
        if not found:
            near = difflib.get_close_matches(wanted, known, n=1) or known[:8]
            raise InputError(
                f"No model has a term {wanted!r}; there is {', '.join(near)}.",
                f"没有模型含有 {wanted!r} 这一项；现有：{'、'.join(near)}。",
            )
        chosen += found
    return list(dict.fromkeys(chosen))


def _matches(pattern: str, known: list[str]) -> list[str]:
    """Only the star is special: names of terms hold brackets."""
    if "*" not in pattern:
        return []
    literal = ".*".join(map(re.escape, pattern.split("*")))
    return [name for name in known if re.fullmatch(literal, name, re.DOTALL)]


def _check(digits: int, show: Sequence[str], language: str) -> None:
    unknown = [name for name in show if name not in SHOWN] if not isinstance(show, str) else [show]
    if unknown:
        raise InputError(
            f"{unknown[0]!r} cannot stand beneath an estimate; give a sequence of "
            f"{', '.join(SHOWN)}.",
            f"系数下方不能列 {unknown[0]!r}；请给出由 {'、'.join(SHOWN)} 组成的序列。",
        )
    if not 0 <= digits <= MOST_DIGITS:
        raise InputError(
            f"digits must lie between 0 and {MOST_DIGITS}, not {digits}.",
            f"digits 应在 0 到 {MOST_DIGITS} 之间，而不是 {digits}。",
        )
    if language not in ("zh", "en"):
        raise InputError(
            f"language must be 'zh' or 'en', not {language!r}.",
            f"language 应为 'zh' 或 'en'，而不是 {language!r}。",
        )
