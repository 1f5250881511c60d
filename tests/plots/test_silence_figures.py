"""Figures of silence and of promoters: every glyph there, nothing clipped, hostile words harmless."""

from __future__ import annotations

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from svcquality.findings import Finding, Grade
from svcquality.language import Text
from tests.plots import fabricated
from tests.plots.fabricated import HOSTILE

NAN = float("nan")


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def bounds() -> Finding:
    rows = [
        ("answered", "答复者", "those who answered", 0.71, NAN, NAN, 0.69, 0.73),
        ("weighted", "按已有记录加权", "weighted by what is recorded", 0.66, NAN, NAN, 0.63, 0.69),
        ("bounds", "无论未答复者怎么想", "whatever the silent think", NAN, 0.29, 0.88, 0.28, 0.89),
    ]
    columns = ["term", "label_zh", "label_en", "estimate", "lower", "upper", "low", "high"]
    return fabricated.finding(
        "silence", "bounds", {"bounds": pd.DataFrame(rows, columns=columns)},
        [("weighted", "加权", "weighted", 0.66, 0.63, 0.69)], "share",
        grade=Grade.DESCRIBES, title=Text("答复者偏满意", "Those who answer are content"),
    )  # fmt: skip


def promoters(groups: int = 3, label: Text | None = None) -> Finding:
    name = [label or Text(f"网点 {i}", f"branch {i}") for i in range(groups)]
    share = np.linspace(0.2, 0.6, groups)
    frame = pd.DataFrame(
        {
            "group": [str(i) for i in range(groups)],
            "label_zh": [t.zh for t in name],
            "label_en": [t.en for t in name],
            "promoters": share,
            "passives": 0.2,
            "detractors": 0.8 - share,
            "estimate": 100 * (2 * share - 0.8),
            "low": 100 * (2 * share - 0.8) - 8,
            "high": 100 * (2 * share - 0.8) + 8,
            "n": 1200,
        }
    )
    return fabricated.finding(
        "nps", "net_promoter", {"net_promoter": frame}, [("nps", "净推荐值", "NPS", 0, -8, 8)],
        "nps_points", grade=Grade.DESCRIBES, title=Text("净推荐值为 0", "The score is 0"),
    )  # fmt: skip


@pytest.mark.parametrize("finding", [bounds(), promoters(), promoters(1), promoters(60)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_glyph_is_there_and_nothing_is_clipped(finding, language) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        axes = finding.plot(language=language)
        axes.figure.draw_without_rendering()
    page, legend = axes.figure.bbox, axes.get_legend()
    drawn = [*axes.figure.texts, axes.xaxis.label, *axes.get_yticklabels(), *axes.texts]
    for text in [*drawn, *(legend.get_texts() if legend else ())]:
        box = text.get_window_extent()
        assert box.x0 >= page.x0 - 1, text.get_text()
        assert box.x1 <= page.x1 + 1, text.get_text()


def test_what_is_not_drawn_is_counted() -> None:
    words = [t.get_text() for t in promoters(60).plot().texts]
    assert "20 further groups: see the table" in words


def test_words_of_a_bank_are_only_words() -> None:
    axes = promoters(2, HOSTILE).plot(language="zh")
    axes.figure.draw_without_rendering()
    assert "<script>" in axes.get_yticklabels()[0].get_text()
