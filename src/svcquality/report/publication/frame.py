"""Models and findings as one tidy frame of terms."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from svcquality.errors import InputError
from svcquality.findings import MODEL_COLUMNS, Finding, ModelSummary
from svcquality.language import Text, plain
from svcquality.report.publication.words import named


class Summarised(Protocol):
    """A fitted model that can say itself as a column of a table."""

    def summary(self) -> ModelSummary:
        """Its column."""


Tabled = ModelSummary | Finding | Summarised


def summaries(models: Tabled | Sequence[Tabled]) -> tuple[ModelSummary, ...]:
    """The models among summaries, fitted models and findings.

    Raises
    ------
    InputError
        If there is none, or a finding is withheld or carries none.
    """
    given = list(models) if isinstance(models, Sequence) else [models]
    fits: list[ModelSummary] = []
    for one in given:
        if isinstance(one, ModelSummary):
            fits.append(one)
        elif hasattr(one, "summary"):
            fits.append(one.summary())
        elif not isinstance(one, Finding):
            raise InputError(
                f"A table of models takes fitted models and findings, not {type(one).__name__}.",
                f"模型表只接受拟合的模型或研究发现，不接受 {type(one).__name__}。",
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
    """The terms of models as one tidy frame, one row a model and term, in the order of terms.

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
        If a term is in no model, twice in one, or there is none at all.
    """
    if not any(len(fit.terms) for fit in fits):
        raise InputError(
            "The models have no terms to print; fit them with at least one explanatory column.",
            "模型中没有可列出的项；请至少加入一个解释变量后再拟合。",
        )
    parts = []
    for number, fit in enumerate(fits, 1):
        own = fit.terms.reindex(columns=[*MODEL_COLUMNS, "p_adjusted"])
        _refuse_twice(fit)
        words: dict[str, int | str] = {"model": number}
        texts = {"model": fit.name, "outcome": named(fit.outcome), "scale": fit.scale}
        for key, text in texts.items():
            words |= {f"{key}_zh": text.zh, f"{key}_en": text.en}
        parts.append(own.assign(**words)[[*words, *own.columns]])
    frame = pd.concat(parts, ignore_index=True).astype({"p_adjusted": float})
    order = _chosen(list(dict.fromkeys(frame["term"])), terms)
    frame = frame[frame["term"].isin(order)]
    frame = frame.assign(at=frame["term"].map({t: i for i, t in enumerate(order)}))
    frame = frame.sort_values(["at", "model"], kind="stable").drop(columns="at")
    first = frame.drop_duplicates("term")
    for term, zh, en in zip(first["term"], first["label_zh"], first["label_en"], strict=True):
        # One label a term, whatever later models call it.
        text = named(Text(str(zh), str(en)))
        frame.loc[frame["term"] == term, ["label_zh", "label_en"]] = [text.zh, text.en]
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
        labelled = isinstance(terms, Mapping)  # then each has a name of its own
        found = [wanted] if wanted in known or labelled else _matches(wanted, known)
        found = [name for name in found if name in known]
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
