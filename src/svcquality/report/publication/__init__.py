"""Several models side by side, as a paper prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from svcquality.errors import InputError
from svcquality.findings import ModelSummary
from svcquality.language import Language, Text
from svcquality.report.publication.cells import Grid
from svcquality.report.publication.frame import Tabled, model_frame, summaries
from svcquality.report.publication.plot import coefficient_plot
from svcquality.report.publication.rows import (
    MOST_DIGITS,
    fact_rows,
    head_rows,
    note_lines,
    term_rows,
)
from svcquality.report.publication.sample import sample_table
from svcquality.report.publication.table import PublicationTable
from svcquality.report.publication.words import BENEATH, in_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SHOWN", "ModelTable", "coefficient_plot", "model_table", "sample_table"]

SHOWN = tuple(BENEATH)
"""What may stand beneath an estimate."""


@dataclass(frozen=True)
class ModelTable(PublicationTable):
    """Models side by side, as printed.

    Parameters
    ----------
    frame : DataFrame
        One row a model and term; see `model_table`.
    grid : Grid
    models : tuple of ModelSummary
        Its columns.
    """

    models: tuple[ModelSummary, ...] = ()

    def plot(self, terms: Sequence[str] | None = None, **options: Any) -> Axes:
        """The coefficients of the table, or some of them, as a picture (`coefficient_plot`)."""
        labels = self.frame.drop_duplicates("term").set_index("term")
        chosen = list(labels.index) if terms is None else terms
        words = {t: Text(*labels.loc[t, ["label_zh", "label_en"]]) for t in chosen}
        return coefficient_plot(self.models, words, **{"language": self.grid.language} | options)


def model_table(
    models: Tabled | Sequence[Tabled],
    *,
    language: Language = "en",
    terms: Sequence[str] | Mapping[str, Text | str] | None = None,
    digits: int = 3,
    show: Sequence[str] = ("error",),
    stars: bool = False,
    numbers: bool = True,
    caption: Text | str | None = None,
    notes: Sequence[Text | str] = (),
) -> ModelTable:
    """Put models side by side: estimates, what is beneath them, and what a reader must know.

    Terms are matched by name and stand in order of first appearance. Below the line: what each
    model holds equal, observations, clusters, kind of error, fit. The notes always say how errors
    and degrees of freedom were computed.

    Parameters
    ----------
    models : fitted model, ModelSummary, Finding, or a sequence of them
        A fitted model gives its ``summary()``, a finding its ``models``.
    language : {"zh", "en"}
    terms : sequence of str, or mapping of str to Text or str, optional
        Which terms, in which order; ``*`` stands for anything ("item_*"). A mapping of names
        gives them other labels.
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
    ModelTable
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
    return ModelTable(frame, grid, fits)


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
