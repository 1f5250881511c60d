"""The figures of key drivers: intervals always, verdicts beside them, both languages."""

from __future__ import annotations

import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from svcquality.designs.drivers import drivers
from svcquality.findings import Finding
from tests.designs.driver_surveys import bank_of, items_survey

FIGURES = ("drivers", "importance_performance", "kano")


@pytest.fixture(scope="module")
def found() -> Finding:
    survey = items_survey(1).rename(
        columns={
            "item_b": "item_大堂引导 (咨询$)",
            "item_c": "item_a name that goes on and on, for long",
        }
    )
    rng = np.random.default_rng(1)
    return drivers(bank_of(survey, wait_minutes=rng.gamma(2, 8, len(survey))), draws=100)


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def words(axes) -> str:
    axes.figure.draw_without_rendering()
    return "\n".join(t.get_text() for t in axes.figure.findobj(mpl.text.Text))


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_glyph_exists_and_the_title_states_the_finding(found, figure, language) -> None:
    title = found.sentence(language) if figure == "drivers" else found.appendix[figure][language]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        said = words(found.plot(language=language, figure=figure))
    assert title.replace(" ", "") in said.replace("\n", "").replace(" ", "")


def test_shares_stand_in_order_with_intervals_and_only_leaders_are_filled(found) -> None:
    frame = found.frames["drivers"]
    assert frame["share"].is_monotonic_decreasing
    axes = found.plot()
    segments = [c.get_segments()[0] for c in axes.collections]
    assert [s[0][0] for s in segments] == pytest.approx(frame["low"].tolist())
    assert [s[1][0] for s in segments] == pytest.approx(frame["high"].tolist())
    filled = [line.get_markerfacecolor() != "white" for line in axes.lines]
    assert filled == frame["leads"].tolist()


def test_direction_is_told_by_shape_and_sign(found) -> None:
    said = words(found.plot(language="en"))
    assert "▲ +" in said and "change in % satisfied" in said and "(per 10 min)" in said
    assert "-" not in "".join(t for t in said.split("\n") if t.startswith(("▲", "▼", "·")))


def test_items_not_placed_with_certainty_are_hollow(found) -> None:
    frame = found.frames["importance_performance"]
    axes = found.plot(figure="importance_performance")
    markers = [line for line in axes.lines if line.get_marker() == "o"]
    hollow = [line.get_markerfacecolor() == "white" for line in markers]
    assert hollow == (frame["quadrant"] == "undetermined").tolist()
    assert len(axes.collections) == 2 * len(frame)  # an interval each way


def test_names_on_the_map_do_not_cover_one_another(found) -> None:
    axes = found.plot(figure="importance_performance")
    axes.figure.draw_without_rendering()
    names = {str(n).strip("“”") for n in found.frames["importance_performance"]["label_en"]}
    boxes = [t.get_window_extent() for t in axes.texts if t.get_text() in names]
    assert len(boxes) == len(names)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_the_verdict_stands_beside_the_bars(found) -> None:
    kano = found.frames["kano"]
    said = words(found.plot(figure="kano", language="zh"))
    assert all(kind in said for kind in kano["kind_zh"])
    axes = found.plot(figure="kano")
    assert len(axes.patches) == 2 * len(kano)


def test_given_axes_are_used(found) -> None:
    for figure in FIGURES:
        _, (_, ax) = plt.subplots(1, 2, figsize=(12, 5))
        assert found.plot(ax, figure=figure) is ax
