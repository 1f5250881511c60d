"""Models side by side: what stands where, and what the notes always say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.errors import InputError
from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.multiplicity import adjusted_p
from svcquality.estimators.ordered_logit import ordered_logit
from svcquality.findings import MODEL_COLUMNS
from svcquality.language import Text, plain
from svcquality.report.publication import model_table
from tests.conftest import ROOT
from tests.plots import fabricated
from tests.report.side_by_side import linear, ordered, summary

GOLDEN = """\
| Outcome | apply | apply |
|:--|:-:|:-:|
| Model | Ordered logit | Linear |
| Scale | log odds | points |
|  | (1) | (2) |
| parent went to college | 1.048 | 0.362 |
|  | (0.266) | (0.091) |
| public school | −0.059 | 0.016 |
|  | (0.298) | (0.096) |
| grade point average | 0.616 | 0.192 |
|  | (0.261) | (0.085) |
| intercept |  | −0.085 |
|  |  | (0.254) |
| Held equal: branch | — | yes |
| Observations | 400 | 400 |
| Kind of error | model-based | model-based |
| R² | — | 0.061 |
| Log-likelihood | −358.512 | −394.169 |

Beneath each estimate: standard errors (in brackets).

The models stand on different scales, so the sizes of their coefficients do not compare.

Inference: (1) model-based errors (inverse information) (t with 395 degrees of freedom); \
(2) model-based errors (inverse information) (t with 396 degrees of freedom).
"""


def lines(table) -> list[list[str]]:
    """The rows of the body, as printed."""
    return [[row.label, *(cell.text for cell in row.cells)] for row in table.grid.body]


def line(table, label: str) -> list[str]:
    return next(cells for name, *cells in lines(table) if name == label)


def beneath(table, label: str, number: int = 1) -> list[str]:
    at = next(i for i, row in enumerate(lines(table)) if row[0] == label)
    return lines(table)[at + number][1:]


def test_two_published_models_side_by_side():
    assert model_table([ordered(), linear()]).markdown() == GOLDEN


def test_the_page_shows_the_table_that_the_code_prints():
    page = (ROOT / "docs" / "publication-tables.md").read_text("utf-8")
    assert "\n".join(GOLDEN.split("\n")[:19]) in page


def test_in_chinese_every_word_is_chinese():
    table = model_table([ordered(), linear()], language="zh", show=("error", "interval", "p"))
    words = table.markdown()
    assert "| 控制：网点 | — | 是 |" in words
    assert "系数下方依次为：标准误（圆括号内）、95% 区间（方括号内）、p 值。" in words
    for english in ("Observations", "standard", "college", "degrees", "yes", "Scale", "points"):
        assert english not in words


@pytest.mark.published
def test_the_package_own_fits_print_the_published_numbers(cases):
    data = pd.read_csv(cases / "a_ologit_ucla.csv")
    levels = {"unlikely": 0.0, "somewhat likely": 1.0, "very likely": 2.0}
    y = data["apply"].map(levels).to_numpy(dtype=float)
    names = ["pared", "public", "gpa"]
    X = data[names].to_numpy(dtype=float)
    logit = ordered_logit(y, X, errors="model")
    ols = least_squares(y, np.column_stack([X, np.ones(len(y))]))

    def terms(estimates, errors):
        rows = zip(names, estimates, errors, strict=True)
        return pd.DataFrame(
            [(n, n, n, b, e, b - 1.96 * e, b + 1.96 * e, 0.5) for n, b, e in rows],
            columns=list(MODEL_COLUMNS),
        )

    errors = np.sqrt(np.diag(ols.classical_covariance))
    fits = [
        summary([], terms=terms(logit.coefficients, logit.inference.errors[:3])),
        summary([], terms=terms(ols.coefficients[:3], errors[:3]), name=plain("OLS")),
    ]
    table = model_table(fits)
    published = [1.0477, 0.362162, -0.0588, 0.015654, 0.6159, 0.192076]
    assert table.frame["estimate"].tolist() == pytest.approx(published, abs=5e-4)
    assert line(table, "pared") == ["1.048", "0.362"]
    assert beneath(table, "pared") == ["(0.266)", "(0.091)"]
    assert line(table, "public") == ["−0.059", "0.016"]
    assert line(table, "gpa") == ["0.616", "0.192"]
    assert beneath(table, "gpa") == ["(0.261)", "(0.085)"]


def test_frame_is_tidy_and_keeps_every_digit():
    frame = model_table([ordered(), linear()]).frame
    assert len(frame) == 7
    assert not frame.duplicated(["model", "term"]).any()
    row = frame.set_index(["model", "term"]).loc[(2, "public")]
    assert (row["estimate"], row["error"], row["p"]) == (0.015654, 0.095766, 0.870240)
    assert (row["model_zh"], row["scale_en"], row["label_zh"]) == ("线性", "points", "公立学校")


def test_terms_are_chosen_ordered_and_renamed():
    table = model_table([ordered(), linear()], terms=["gpa", "p*"])
    assert [row[0] for row in lines(table)[:6:2]] == [
        "grade point average", "parent went to college", "public school",
    ]  # fmt: skip
    renamed = model_table(ordered(), terms={"gpa": Text("成绩", "marks")}, language="zh")
    assert line(renamed, "成绩") == ["0.616"]
    assert renamed.frame["term"].tolist() == ["gpa"]


def test_the_order_of_terms_holds_even_where_the_first_model_lacks_one():
    table = model_table([ordered(), linear()], terms=["gpa", "intercept", "pared"], show=())
    assert [row[0] for row in lines(table)[:3]] == [
        "grade point average", "intercept", "parent went to college",
    ]  # fmt: skip


def test_bare_column_names_take_the_words_of_the_records():
    rows = [("wait_minutes", "wait_minutes", "wait_minutes", -0.02, 0.01, -0.04, 0.0, 0.1)]
    fit = summary(rows, outcome=plain("satisfaction"), absorbed=(plain("branch_id"),))
    table = model_table(fit, language="zh")
    assert line(table, "等候时间（分钟）") and line(table, "控制：网点") == ["是"]
    assert table.grid.head[0].cells[0].text == "满意度（1–5）"
    assert table.frame["term"].tolist() == ["wait_minutes"]


def test_a_term_with_brackets_is_matched_as_it_is():
    rows = [("wait[网点（1）]", "甲", "a", 1.0, 0.1, 0.8, 1.2, 0.0), ("wait1", "乙", "b", 2.0, 0.1, 1, 3, 0.0)]  # fmt: skip
    assert model_table(summary(rows), terms=["wait[*"]).frame["label_en"].tolist() == ["a"]


def test_small_coefficients_keep_two_digits_of_their_error():
    rows = [("x", "x", "x", 0.00159, 0.00042, 0.0008, 0.0024, 0.0), ("y", "y", "y", 0.5, 0.1, 0.3, 0.7, 0.0)]  # fmt: skip
    table = model_table(summary(rows), show=("error", "interval"))
    assert line(table, "x") == ["0.00159"]
    assert beneath(table, "x") == ["(0.00042)"]
    assert beneath(table, "x", 2) == ["[0.00080, 0.00240]"]
    assert line(table, "y") == ["0.500"]


def test_a_number_that_rounds_to_zero_has_no_sign():
    rows = [("x", "x", "x", -0.0001, 0.5, -1.0, 1.0, 0.9)]
    assert line(model_table(summary(rows)), "x") == ["0.000"]


def test_what_stands_beneath_follows_the_order_asked_for():
    table = model_table(ordered(), show=("p", "t", "interval"))
    assert beneath(table, "public school", 1) == ["p = 0.844"]
    assert beneath(table, "public school", 2) == ["t = −0.20"]
    assert beneath(table, "public school", 3) == ["[−0.643, 0.525]"]
    assert beneath(table, "parent went to college", 1) == ["p < 0.001"]
    assert "p-values, t statistics, 95% intervals" in table.markdown()


def test_nothing_beneath_says_so():
    table = model_table(ordered(), show=())
    assert [row[0] for row in lines(table)[:3]] == [
        "parent went to college", "public school", "grade point average",
    ]  # fmt: skip
    assert "Estimates only." in table.grid.notes


def test_adjusted_p_stands_beside_p_where_a_model_carries_it():
    fit = ordered()
    carried = summary([], terms=fit.terms.assign(p_adjusted=[0.0002, 0.8435, 0.0362]))
    table = model_table([carried, fit], show=("p",), language="zh")
    assert beneath(table, "绩点") == ["p = 0.018，校正后 0.036", "p = 0.018"]
    assert beneath(table, "父母上过大学")[0] == "p < 0.001，校正后 < 0.001"


def test_stars_are_off_unless_asked_for_and_never_unadjusted():
    assert "*" not in "".join(line(model_table(ordered()), "parent went to college"))
    rows = [(f"x{i}", f"x{i}", f"x{i}", 1.0, 0.5, 0.0, 2.0, 0.02) for i in range(4)]
    crowd = model_table(summary(rows), stars=True)
    assert line(crowd, "x0") == ["1.000"]  # 0.02 × 4 is above 0.05
    alone = model_table(summary(rows[:1]), stars=True)
    assert line(alone, "x0") == ["1.000*"]
    assert any("Holm" in note for note in crowd.grid.notes)


def test_the_family_of_stars_is_the_model_not_what_is_shown():
    rows = [(f"x{i}", f"x{i}", f"x{i}", 1.0, 0.5, 0.0, 2.0, 0.02) for i in range(4)]
    assert line(model_table(summary(rows), stars=True, terms=["x1"]), "x1") == ["1.000"]


def test_stars_take_the_levels_of_holm():
    p = np.array([0.0002, 0.003, 0.02, 0.3])
    rows = [(f"x{i}", f"x{i}", f"x{i}", 1.0, 0.5, 0.0, 2.0, v) for i, v in enumerate(p)]
    table = model_table(summary(rows), stars=True)
    assert adjusted_p(p).round(4).tolist() == [0.0008, 0.009, 0.04, 0.3]
    assert [line(table, f"x{i}")[0] for i in range(4)] == [
        "1.000***", "1.000**", "1.000*", "1.000",
    ]  # fmt: skip


def test_carried_adjustment_goes_before_holm_and_the_note_says_which():
    fit = ordered()
    carried = summary([], terms=fit.terms.assign(p_adjusted=[0.04, 0.9, 0.9]))
    table = model_table([carried, fit], stars=True)
    assert line(table, "parent went to college") == ["1.048*", "1.048***"]
    assert any("carries, else adjusted by Holm" in note for note in table.grid.notes)


def test_the_notes_always_say_how_errors_and_degrees_of_freedom_came_about():
    one = summary(ordered().terms.to_numpy().tolist(), facts={"n": 90, "clusters": 12, "error_kind": "CR3 by branch_id", "df": 11.0})  # fmt: skip
    (note,) = [n for n in model_table(one).grid.notes if n.startswith("Inference")]
    assert (
        note
        == "Inference: cluster jackknife errors, CR3, by branch (t with 11 degrees of freedom)."
    )
    silent = summary(ordered().terms.to_numpy().tolist(), facts={"n": 90})
    both = model_table([one, one, silent], numbers=False)
    (note,) = [n for n in both.grid.notes if n.startswith("Inference")]
    assert "kind of error not stated (degrees of freedom not stated)" in note


@pytest.mark.parametrize(
    ("kind", "df", "zh", "en"),
    [
        ("HC1", 240.0, "异方差稳健标准误 HC1（t 分布，自由度 240）", "heteroskedasticity-robust errors, HC1 (t with 240 degrees of freedom)"),
        ("CR1 by branch_id & month", 23, "聚类稳健标准误 CR1，按网点与月份聚类（t 分布，自由度 23）", "cluster-robust errors, CR1, by branch and month (t with 23 degrees of freedom)"),
        ("CR1 two-way (smallest) by branch_id & month", np.inf, "聚类稳健标准误 CR1，双向（统一按最少的聚类单元数校正），按网点与月份聚类（正态分布）", "cluster-robust errors, CR1, two-way (with the factor of the fewest clusters), by branch and month (normal distribution)"),
        ("CR1 by 网点（新）, 20 imputations", 11.53, "聚类稳健标准误 CR1，按网点（新）聚类，20 次插补（t 分布，自由度 11.53）", "cluster-robust errors, CR1, by 网点（新）, 20 imputations (t with 11.53 degrees of freedom)"),
    ],
)  # fmt: skip
def test_every_kind_of_error_has_words(kind, df, zh, en):
    fit = summary(ordered().terms.to_numpy().tolist(), facts={"error_kind": kind, "df": df})
    assert f"推断：{zh}。" in model_table(fit, language="zh").grid.notes
    assert f"Inference: {en}." in model_table(fit).grid.notes


def test_headings_that_repeat_are_one():
    (outcome, model, scale, number) = model_table([ordered(), linear()]).grid.head
    assert [cell.span for cell in outcome.cells] == [2]
    assert [cell.span for cell in model.cells] == [1, 1]
    assert [cell.text for cell in number.cells] == ["(1)", "(2)"]
    assert len(model_table(ordered(), numbers=False).grid.head) == 3
    assert [cell.span for cell in scale.cells] == [1, 1]


def test_facts_that_nobody_foresaw_are_not_dropped():
    fit = summary(
        ordered().terms.to_numpy().tolist(), facts={"n": 1_234_567, "first_stage_f": 23.4567}
    )
    table = model_table(fit)
    assert line(table, "Observations") == ["1,234,567"]
    assert line(table, "first stage f") == ["23.457"]


def test_same_scale_needs_no_warning():
    assert not any("scales" in note for note in model_table([ordered(), ordered()]).grid.notes)


def test_a_finding_gives_its_models_and_a_fitted_model_its_summary():
    class Fitted:
        def summary(self):
            return linear()

    found = fabricated.finding("s", "", {}, [("t", "甲", "a", 0.1, 0.0, 0.2)], "share", models=(ordered(),))  # fmt: skip
    table = model_table([found, Fitted()])
    assert table.models == (ordered_like := found.models[0], table.models[1])
    assert ordered_like.name.en == "Ordered logit"
    assert line(table, "intercept") == ["", "−0.085"]


def test_notes_and_caption_come_in_the_language():
    table = model_table(ordered(), caption=Text("表 1", "Table 1"), notes=[Text("注", "A note")], language="zh")  # fmt: skip
    assert table.grid.caption == "表 1"
    assert table.grid.notes[0] == "注"


def test_a_withheld_finding_is_refused_with_its_reason():
    with pytest.raises(InputError, match="definition changed"):
        model_table([fabricated.withheld()])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: model_table([]), "no model"),
        (lambda: model_table([fabricated.forest()]), "carries no fitted model"),
        (lambda: model_table(["ordered"]), "not str"),
        (lambda: model_table(ordered(), terms=["gap"]), "there is gpa"),
        (lambda: model_table(ordered(), show=("se",)), "cannot stand beneath"),
        (lambda: model_table(ordered(), show="error"), "sequence of"),
        (lambda: model_table(ordered(), digits=9), "between 0 and 8"),
        (lambda: model_table(ordered(), language="fr"), "'zh' or 'en'"),
        (lambda: model_table(summary([])), "no terms"),
        (lambda: model_table(summary([("x", "x", "x", 1, 1, 0, 2, 0.5)] * 2)), "twice"),
    ],
)
def test_bad_input_is_one_clear_sentence(call, says):
    with pytest.raises(InputError) as raised:
        call()
    assert says in raised.value.en
    assert any("\u4e00" <= c <= "\u9fff" for c in raised.value.zh)
