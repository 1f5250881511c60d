"""Coefficients of models as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from svcquality.errors import InputError
from svcquality.findings import ModelSummary
from svcquality.language import Language, Text, plain
from svcquality.report.publication.frame import Tabled, model_frame, summaries
from svcquality.report.publication.words import named

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = Text("{outcome}：各模型的估计与 95% 区间", "{outcome}: estimates with 95% intervals")
MOST_MODELS = 6
MOST_TERMS = 30


@dataclass(frozen=True)
class _Picture:
    """Frames and a title, as the figures want them of a finding."""

    frames: Mapping[str, pd.DataFrame]
    title: Text
    id: str = "models"
    figure: str = "coefficients"
    claims: Sequence[Any] = ()
    appendix: Mapping[str, Text] = field(default_factory=dict)
    blocked: bool = False

    def sentence(self, language: Language = "en") -> str:
        return self.title[language]


def coefficient_plot(
    models: Tabled | Sequence[Tabled],
    terms: Sequence[str] | Mapping[str, Text | str] | None = None,
    *,
    ax: Axes | None = None,
    language: Language = "en",
    title: Text | str | None = None,
) -> Axes:
    """Draw coefficients with their intervals, models beside one another.

    Parameters
    ----------
    models, terms
        As in `svcquality.report.publication.model_table`.
    ax : Axes, optional
        Where to draw; a new figure of fitting size by default.
    language : {"zh", "en"}
    title : Text or str, optional
        Best the finding in one sentence.

    Raises
    ------
    InputError
        If the models stand on different scales, or there are more than 6 models or 30 terms.
    """
    from svcquality import plots  # matplotlib is slow to import and not always wanted

    fits = summaries(models)
    frame = model_frame(fits, terms)
    _refuse(fits, frame)
    names = [fit.name for fit in fits]
    if len(set(names)) < len(names):
        names = [Text(f"({i}) {n.zh}", f"({i}) {n.en}") for i, n in enumerate(names, 1)]
    frame = frame.assign(
        model_zh=frame["model"].map(lambda i: names[i - 1].zh),
        model_en=frame["model"].map(lambda i: names[i - 1].en),
        unit="ratio" if _is_ratio(fits[0].scale) else "",
    )
    known = title if isinstance(title, Text) else plain(title) if title else None
    picture = _Picture({"coefficients": frame}, known or TITLE.format(outcome=_outcomes(fits)))
    return plots.draw(picture, ax=ax, language=language)


def _refuse(fits: Sequence[ModelSummary], frame: pd.DataFrame) -> None:
    scales = list(dict.fromkeys(fit.scale for fit in fits))
    if len(scales) > 1:
        raise InputError(
            f"The models stand on different scales ({', '.join(s.en for s in scales)}), so one "
            "axis would mislead; draw the models of each scale apart.",
            f"各模型的系数尺度不同（{'、'.join(s.zh for s in scales)}），共用一个坐标轴会造成误导；"
            "请按尺度分别作图。",
        )
    terms = frame["term"].nunique()
    if len(fits) > MOST_MODELS or terms > MOST_TERMS:
        raise InputError(
            f"{len(fits)} models with {terms} terms do not make a readable figure; choose at most "
            f"{MOST_MODELS} models and {MOST_TERMS} terms.",
            f"{len(fits)} 个模型、{terms} 项无法清晰作图；请至多选择 {MOST_MODELS} 个模型、{MOST_TERMS} 项。",
        )


def _is_ratio(scale: Text) -> bool:
    """Whether 1, not 0, means no difference."""
    return scale.en.endswith("ratio") and not scale.en.startswith("log")


def _outcomes(fits: Sequence[ModelSummary]) -> Text:
    outcomes = list(dict.fromkeys(named(fit.outcome) for fit in fits))
    return Text("、".join(o.zh for o in outcomes), ", ".join(o.en for o in outcomes))
