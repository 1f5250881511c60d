"""Coefficients side by side, specification curves, sensitivity contours: what they draw, and how."""

from __future__ import annotations

import io
import itertools
import warnings
from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.language import Text, plain
from svcquality.plots.style import SECOND, house_style
from svcquality.report.publication import coefficient_plot, model_table
from tests.plots import fabricated_models as made
from tests.plots.fabricated import HOSTILE
from tests.report.side_by_side import linear, ordered, summary

FINDINGS = {f.figure: f for f in made.every()}


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def texts(axes) -> list[mpl.text.Text]:
    axes.figure.draw_without_rendering()
    return [t for t in axes.figure.findobj(mpl.text.Text) if t.get_visible() and t.get_text()]


def words(axes) -> str:
    return "\n".join(t.get_text() for t in texts(axes))


def overlapping(shown) -> list[tuple[str, str]]:
    # An annotation's own extent would include the line to its point.
    boxes = [(t.get_text(), mpl.text.Text.get_window_extent(t)) for t in shown]
    return [(a, b) for (a, x), (b, y) in itertools.combinations(boxes, 2) if x.overlaps(y)]


@pytest.mark.parametrize("name", FINDINGS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_glyph_exists_in_the_language_alone_or_in_given_axes(name, language):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        alone = FINDINGS[name].plot(language=language)
        said = words(alone)
        assert alone.get_ylabel() or alone.get_xlabel()
        figure, (_, ax) = plt.subplots(1, 2, figsize=(12, 5))
        assert FINDINGS[name].plot(ax, language=language) is ax
        figure.draw_without_rendering()
    has_chinese = any("\u4e00" <= c <= "\u9fff" for c in said)
    assert has_chinese == (language == "zh")


@pytest.mark.parametrize("name", FINDINGS)
def test_same_bytes_twice_and_no_style_left_behind(name):
    def svg() -> bytes:
        buffer = io.BytesIO()
        axes = FINDINGS[name].plot()
        with house_style():
            axes.figure.savefig(buffer, format="svg", metadata={"Date": None})
        return buffer.getvalue()

    before = dict(mpl.rcParams)
    assert svg() == svg()
    assert dict(mpl.rcParams) == before


# Coefficients


def segments(ax) -> np.ndarray:
    found = [s for c in ax.collections for s in c.get_segments()]
    return np.array([[s[0][0], s[1][0], s[0][1]] for s in found if s[0][1] == s[1][1]])


@pytest.mark.parametrize(("models", "terms"), [(1, 1), (1, 30), (3, 3), (6, 30)])
def test_every_coefficient_has_its_interval_and_none_covers_another(models, terms):
    finding = made.coefficients(models, terms)
    ax = finding.plot()
    frame = finding.frames["coefficients"]
    drawn = segments(ax)
    assert sorted(drawn[:, 0]) == pytest.approx(sorted(100 * frame["low"]))
    assert sorted(drawn[:, 1]) == pytest.approx(sorted(100 * frame["high"]))
    ax.figure.draw_without_rendering()
    heights = np.sort(ax.transData.transform(np.c_[drawn[:, 0], drawn[:, 2]])[:, 1])
    gap = np.diff(heights).min() if len(heights) > 1 else np.inf
    assert gap / ax.figure.get_dpi() > 0.07  # inches: marks stay apart
    assert not overlapping([t for t in ax.get_yticklabels() if t.get_text()])


def test_models_are_told_apart_by_mark_and_clear_ones_by_filling():
    finding = made.coefficients(6, 4)
    ax = finding.plot()
    named = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert len({line.get_marker() for line in named}) == 6
    assert len({line.get_color() for line in named}) == 6
    frame = finding.frames["coefficients"]
    clear = ((frame["low"] > 0) | (frame["high"] < 0)).sum()
    marks = [li for li in ax.lines if li.get_marker() not in ("None", "") and len(li.get_xdata())]
    white = sum(len(li.get_xdata()) for li in marks if li.get_markerfacecolor() == "white")
    assert white == len(frame) - clear > 0


def test_one_model_needs_no_legend():
    assert made.coefficients(1, 3).plot().get_legend() is None
    assert made.coefficients(2, 3).plot().get_legend() is not None


def test_a_term_that_a_model_lacks_leaves_its_place_empty():
    ax = coefficient_plot([linear(), summary(ordered().terms.to_numpy().tolist(), scale=linear().scale)])  # fmt: skip
    assert len(segments(ax)) == 7
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels == ["parent went to college", "public school", "grade point average", "intercept"]


def test_coefficients_of_models_say_their_scale_and_outcome():
    ax = coefficient_plot(linear(), language="zh")
    assert ax.get_xlabel() == "分（95% 区间）"
    assert "申请意愿" in words(ax)
    titled = coefficient_plot(linear(), ["gpa"], title=Text("绩点", "Marks go with applying."))
    assert "Marks go with applying." in words(titled)


def test_ratios_are_held_against_one():
    rows = [("x", "x", "x", 1.4, 0.1, 1.2, 1.6, 0.0), ("y", "y", "y", 1.1, 0.2, 0.8, 1.5, 0.4)]
    ax = coefficient_plot(summary(rows, scale=Text("优势比", "odds ratio")))
    lines = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert [set(line.get_xdata()) for line in lines] == [{1.0}]
    hollow = [li for li in ax.lines if li.get_markerfacecolor() == "white"]
    assert [li.get_xdata().tolist() for li in hollow] == [[1.1]]


def test_a_table_draws_itself():
    table = model_table([linear(), linear()], terms={"gpa": Text("成绩", "marks")}, language="zh")
    ax = table.plot()
    assert [t.get_text() for t in ax.get_yticklabels()] == ["成绩"]
    assert "(1) 线性" in words(ax) and "(2) 线性" in words(ax)


@pytest.mark.parametrize(
    ("models", "says"),
    [
        ([ordered(), linear()], "different scales (log odds, points)"),
        ([linear()] * 7, "7 models"),
        ([], "no model"),
    ],
)
def test_pictures_that_would_mislead_are_refused(models, says):
    with pytest.raises(InputError) as raised:
        coefficient_plot(models)
    assert says in raised.value.en


def test_a_banks_own_words_cannot_break_the_figure():
    rows = [("x", HOSTILE.zh, HOSTILE.en, 1.0, 0.1, 0.8, 1.2, 0.5)]
    ax = coefficient_plot(summary(rows, name=plain("$x^{$"), scale=plain("$%s$")))
    assert "<script>" in words(ax)


# Specification curves


def test_estimates_rise_and_the_headline_is_marked_in_both_panels():
    finding = made.specification_curve(60)
    ax = finding.plot()
    upper, lower = ax.figure.axes
    assert upper is ax
    frame = finding.frames["specifications"].sort_values("estimate")
    dots = [li for li in ax.lines if li.get_marker() in ("o", "D")]
    drawn = sorted((x, y) for li in dots for x, y in zip(*li.get_data(), strict=True))
    assert [x for x, _ in drawn] == list(range(1, 61))
    assert [y for _, y in drawn] == pytest.approx((100 * frame["estimate"]).tolist())
    place = 1 + int(np.flatnonzero(frame["headline"])[0])
    (diamond,) = [li for li in ax.lines if li.get_marker() == "D"]
    assert diamond.get_xdata().tolist() == [place]
    squares = [li for li in lower.lines if li.get_marker() == "s" and len(li.get_xdata())]
    assert {x for li in squares for x in li.get_xdata()} == {place}
    assert len(squares) == 4  # one a choice


def test_every_specification_makes_one_choice_of_each_kind():
    finding = made.specification_curve(200)
    _, lower = finding.plot().figure.axes
    frame = finding.frames["specifications"]
    marks = [li for li in lower.lines if li.get_marker() in ("|", "s")]
    assert sum(len(li.get_xdata()) for li in marks) == 4 * len(frame)
    labels = [t.get_text() for t in lower.get_yticklabels()]
    assert labels[:4] == ["outcome", "ordered, 4 or 5", "logit of 4 or 5", "linear probability"]


def test_intervals_of_all_specifications_are_drawn():
    finding = made.specification_curve(200)
    ax = finding.plot()
    frame = finding.frames["specifications"]
    drawn = [s for c in ax.collections for s in c.get_segments()]
    assert sorted(s[0][1] for s in drawn) == pytest.approx(sorted(100 * frame["low"]))


def test_two_hundred_specifications_stay_readable():
    ax = made.specification_curve(200).plot(language="zh")
    upper, lower = ax.figure.axes
    ax.figure.draw_without_rendering()
    assert not overlapping([t for t in lower.get_yticklabels() if t.get_text()])
    one = np.diff(lower.transData.transform([(1, 0), (2, 0)])[:, 0])[0] / ax.figure.get_dpi()
    assert one > 0.025  # inches a specification
    assert upper.bbox.x0 == pytest.approx(lower.bbox.x0)
    assert upper.bbox.x1 == pytest.approx(lower.bbox.x1)


def test_a_choice_without_words_is_shown_by_its_name():
    finding = made.specification_curve(20)
    bare = finding.frames["choices"].query("name != 'knots'")
    ax = replace(finding, frames={**finding.frames, "choices": bare}).plot()
    labels = [t.get_text() for t in ax.figure.axes[1].get_yticklabels()]
    assert "knots" in labels


def test_panels_share_a_place_that_has_no_grid():
    figure = plt.figure(figsize=(8, 6))
    ax = figure.add_axes((0.2, 0.2, 0.7, 0.7))
    made.specification_curve(20).plot(ax)
    lower = figure.axes[1]
    assert 0.2 <= lower.get_position().y0 < lower.get_position().y1 < ax.get_position().y0


# Sensitivity


def test_zero_is_crossed_where_the_frame_says():
    finding = made.sensitivity()
    ax = finding.plot()
    (zero,) = [
        c for c in ax.collections
        if isinstance(c, mpl.contour.ContourSet) and list(c.levels) == [0.0] and not c.filled
    ]  # fmt: skip
    assert mpl.colors.to_hex(zero.get_edgecolor()[0]) == SECOND
    x, y = zero.get_paths()[0].vertices.T
    np.testing.assert_allclose(-0.055 + 0.28 * np.sqrt(x * y / (1 - x)), 0, atol=5e-4)


def test_no_line_of_zero_where_the_sign_never_turns():
    finding = made.sensitivity()
    contours = finding.frames["contours"].assign(estimate=lambda f: f["estimate"] - 1)
    ax = replace(finding, frames={**finding.frames, "contours": contours}).plot()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "adjusted estimate: difference in percentage points"
    ]


@pytest.mark.parametrize("benchmarks", [0, 1, 5, 13])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_labels_of_yardsticks_never_overlap(benchmarks, language):
    finding = made.sensitivity(benchmarks)
    ax = finding.plot(language=language)
    shown = [t for t in texts(ax) if t in ax.texts and "(" in t.get_text()]
    assert len(shown) == benchmarks + 1
    labels = [t for t in ax.texts if t.get_text()]
    assert overlapping(labels) == []


def test_a_yardstick_at_the_right_edge_is_named_to_its_left():
    finding = made.sensitivity(3)
    far = finding.frames["benchmarks"].assign(r2_exposure=[0.01, 0.28, 0.4])
    ax = replace(finding, frames={**finding.frames, "benchmarks": far}).plot()
    ax.figure.draw_without_rendering()
    assert ax.get_xlim()[1] > 0.4
    named = [t for t in ax.texts if "(" in t.get_text()]
    assert max(mpl.text.Text.get_window_extent(t).x1 for t in named) <= ax.bbox.x1
    assert overlapping(named) == []


def test_an_impossible_yardstick_is_counted_not_dropped():
    finding = made.sensitivity(3)
    some = finding.frames["benchmarks"].copy()
    some.loc[1, ["r2_exposure", "r2_outcome", "estimate"]] = np.nan
    said = words(replace(finding, frames={**finding.frames, "benchmarks": some}).plot())
    assert "1 yardsticks are not drawn" in said.replace("\n", " ")


def test_the_values_of_the_picture_are_those_it_knows():
    said = words(made.sensitivity().plot(language="zh"))
    assert "稳健值：17.6%" in said
    assert "Oster δ：−3.2" in said
    assert "未调整的估计 (−5.5)" in said
