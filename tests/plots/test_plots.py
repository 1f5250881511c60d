"""Every figure draws its finding in both languages, in a style that stays inside."""

import io
import itertools
import warnings
from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcquality import plots
from svcquality.plots.style import FONT, house_style, wrapped
from tests.plots import fabricated
from tests.plots.fabricated import HOSTILE

FINDINGS = {f.id: f for f in fabricated.every()}
DRAWN = {name: f for name, f in FINDINGS.items() if not f.blocked}


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def words(axes) -> str:
    """Every word of a figure."""
    figure = axes.figure
    figure.draw_without_rendering()
    return "\n".join(t.get_text() for t in figure.findobj(mpl.text.Text))


def flat(text: str) -> str:
    return text.replace("\n", "").replace(" ", "")


def image(axes, kind: str) -> bytes:
    buffer = io.BytesIO()
    metadata = {"Software": None} if kind == "png" else {"Date": None}
    with house_style():
        axes.figure.savefig(buffer, format=kind, metadata=metadata)
    return buffer.getvalue()


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_title_is_the_sentence_and_every_glyph_exists(name, language):
    finding = DRAWN[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        said = words(finding.plot(language=language))
    assert flat(finding.sentence(language)) in flat(said)


@pytest.mark.parametrize("name", DRAWN)
def test_axes_are_named_in_the_language(name):
    finding = DRAWN[name]
    zh, en = finding.plot(language="zh"), finding.plot(language="en")
    named = [(a.get_xlabel(), a.get_ylabel()) for a in (zh, en)]
    assert any(named[0]) and any(named[1])
    assert any("\u4e00" <= c <= "\u9fff" for c in "".join(named[0]))
    assert not any("\u4e00" <= c <= "\u9fff" for c in words(en))


@pytest.mark.parametrize("name", DRAWN)
def test_same_bytes_twice(name):
    one, two = DRAWN[name].plot(), DRAWN[name].plot()
    assert image(one, "svg") == image(two, "svg")


def test_same_picture_twice():
    one, two = DRAWN["training"].plot(), DRAWN["training"].plot()
    assert image(one, "png") == image(two, "png")


def test_title_of_a_finding_replaces_the_sentence():
    finding = fabricated.finding(
        "wait", "curve", dict(fabricated.curve().frames), [("t", "甲", "a", 0.1, 0.0, 0.2)],
        "share_difference", title=fabricated.Text("标题在此", "A title of its own"),
    )  # fmt: skip
    assert "A title of its own" in words(finding.plot())


def test_blocked_finding_draws_its_reason_and_no_number():
    axes = FINDINGS["blocked"].plot(language="en")
    said = words(axes)
    assert "definition changed" in flat(said) or "definitionchanged" in flat(said)
    assert not axes.lines and not axes.collections and not axes.patches


def test_unknown_figure_is_refused():
    finding = fabricated.finding("x", "no_such", {}, [("t", "甲", "a", 0.1, 0.0, 0.2)], "share")
    with pytest.raises(ValueError, match="no figure"):
        finding.plot()


def test_given_axes_are_used():
    _, ax = plt.subplots()
    assert FINDINGS["wait"].plot(ax) is ax
    assert ax.get_title(loc="left")


@pytest.mark.parametrize("name", FINDINGS)
def test_given_axes_show_chinese_too(name):
    _, (_, ax) = plt.subplots(1, 2, figsize=(10, 4))  # made outside of the style
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        assert words(FINDINGS[name].plot(ax, language="zh"))


def test_title_stays_over_the_axes_it_was_given():
    figure, (_, ax) = plt.subplots(1, 2, figsize=(10, 4))
    FINDINGS["satisfaction"].plot(ax)
    figure.draw_without_rendering()
    drawn = next(t for t in ax.findobj(mpl.text.Text) if t.get_text() == ax.get_title(loc="left"))
    assert drawn.get_window_extent().width <= ax.bbox.width * 1.05


def test_a_share_has_no_ticks_below_zero():
    finding = FINDINGS["wait"]
    curve = finding.frames["curve"]
    low = curve.assign(
        **{c: curve[c] - curve["low"].min() + 0.01 for c in ("estimate", "low", "high")}
    )
    axes = replace(finding, frames={**finding.frames, "curve": low}).plot()
    assert axes.get_ylim()[0] < 0  # the room of the bars
    assert min(axes.get_yticks()) >= 0


def test_a_share_without_an_interval_is_still_drawn():
    finding = FINDINGS["causes"]
    frame = finding.frames["pareto"].assign(low=float("nan"), high=float("nan"))
    axes = replace(finding, frames={"pareto": frame}).plot()
    assert axes.get_xlim()[1] > frame["share"].max()


def boxes(axes, texts):
    axes.figure.draw_without_rendering()
    return [t.get_window_extent() for t in axes.findobj(mpl.text.Text) if t.get_text() in texts]


def test_names_of_neighbouring_events_do_not_cover_one_another_nor_leave_the_axes():
    finding = FINDINGS["policy"]
    months = finding.frames["series"]["month"]
    names = ["the first rule", "the second rule", "the third rule", "a rule at the end"]
    events = pd.DataFrame(
        {"month": months.iloc[[0, 2, 3, -1]], "label_zh": names, "label_en": names}
    )
    axes = replace(finding, frames={**finding.frames, "events": events}).plot()
    found = boxes(axes, names)
    assert len(found) == 4
    assert not any(a.overlaps(b) for a, b in itertools.combinations(found, 2))
    assert max(box.x1 for box in found) <= axes.bbox.x1


def test_what_a_long_pareto_leaves_out_covers_no_other_words():
    labels = tuple((f"c{i}", f"原因{i}", f"a cause with a rather long name {i}") for i in range(20))
    axes = fabricated.pareto(labels).plot()
    (rest,) = [t for t in axes.texts if "further" in t.get_text()]
    (box,) = boxes(axes, [rest.get_text()])
    others = [t for t in axes.findobj(mpl.text.Text) if t is not rest and t.get_text()]
    assert not any(box.overlaps(t.get_window_extent()) for t in others)


def test_style_stays_inside():
    before = dict(mpl.rcParams)
    FINDINGS["satisfaction"].plot(language="zh")
    assert dict(mpl.rcParams) == before


def test_chinese_font_is_the_first():
    axes = FINDINGS["wait"].plot(language="zh")
    axes.figure.draw_without_rendering()
    assert {t.get_fontfamily()[0] for t in axes.get_xticklabels()} == {FONT}


def test_minus_sign_is_the_true_one():
    axes = FINDINGS["satisfaction"].plot()
    axes.figure.draw_without_rendering()
    ticks = [t.get_text() for t in axes.get_xticklabels()]
    assert any(t.startswith("−") for t in ticks)
    assert not any("-" in t for t in ticks)


def test_forest_stands_on_percentage_points():
    axes = FINDINGS["satisfaction"].plot()
    assert axes.get_xlim()[0] < -10  # −11.8 points, not −0.118


def test_forest_tells_clear_differences_from_unclear_by_shape():
    axes = FINDINGS["satisfaction"].plot()
    faces = [line.get_markerfacecolor() for line in axes.lines if line.get_marker() == "o"]
    assert [face == "white" for face in faces] == [False, True, False]


def test_intervals_are_drawn_where_the_frame_has_them():
    frame = FINDINGS["causes"].frames["pareto"]
    axes = FINDINGS["causes"].plot()
    (segments,) = [c.get_segments() for c in axes.collections]
    assert [s[0][0] for s in segments] == pytest.approx(frame["low"].tolist())
    assert [s[1][0] for s in segments] == pytest.approx(frame["high"].tolist())


def test_long_pareto_says_what_it_leaves_out():
    labels = tuple((f"c{i}", f"原因{i}", f"cause {i}") for i in range(20))
    assert "5 further categories" in words(fabricated.pareto(labels).plot())


def test_a_banks_own_words_cannot_break_a_figure():
    labels = ((HOSTILE.en, HOSTILE.zh, HOSTILE.en), *fabricated.CAUSES)
    axes = fabricated.pareto(labels).plot()
    axes.figure.draw_without_rendering()  # "$" would start mathematics
    assert "<script>" in words(axes)


def test_every_figure_has_draw_and_size():
    for module in plots.FIGURES.values():
        assert callable(module.draw) and callable(module.size)


@given(st.text(alphabet=st.sampled_from("等候时间，。 abc (%)−"), max_size=120), st.integers(6, 60))
def test_wrapping_loses_nothing_but_spaces(text, columns):
    lines = wrapped(text, columns).split("\n")
    assert flat("".join(lines)) == flat(text)


def test_wrapping_counts_a_chinese_character_twice_and_starts_no_line_with_a_comma():
    lines = wrapped("等候时间越长，满意客户越少，投诉越多。", 12).split("\n")
    assert max(map(len, lines)) <= 7
    assert not any(line[0] in "，。" for line in lines)
