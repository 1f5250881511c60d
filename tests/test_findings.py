"""A finding: effects on their natural scale, appendix figures, models kept and read back."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from svcquality.errors import InputError
from svcquality.findings import Check, ModelSummary
from svcquality.findings_store import load_finding, save_finding
from svcquality.language import Text
from tests.plots import fabricated


def model() -> ModelSummary:
    terms = pd.DataFrame(
        {"term": ["wait"], "label_zh": ["等候"], "label_en": ["wait"], "estimate": [-0.3],
         "error": [0.1], "low": [-0.5], "high": [-0.1], "p": [0.003]}
    )  # fmt: skip
    return ModelSummary(
        Text("线性", "Linear"), Text("满意度", "satisfaction"), Text("分", "points"), terms,
        {"n": 300, "error_kind": "HC1", "r_squared": 0.2}, (Text("网点", "branch"),),
    )  # fmt: skip


def found(**changes):
    rows = [("plus_10", "多等 10 分钟", "10 more minutes", -0.032, -0.054, -0.010)]
    return fabricated.finding("wait", "forest", {}, rows, "share_difference", **changes)


def test_an_effect_is_told_on_its_natural_scale():
    effect = found().effect("plus_10")
    assert (effect.estimate, effect.low, effect.high) == (-0.032, -0.054, -0.010)
    assert effect.text("en") == "−3.2 percentage points (−5.4 to −1.0)"
    assert effect.text("zh") == "−3.2 个百分点 (−5.4 至 −1.0)"
    assert found().effect().term == "plus_10"  # the first by default


def test_an_unknown_or_withheld_effect_is_refused_with_the_reason():
    with pytest.raises(InputError, match="plus_10"):
        found().effect("plus_11")
    check = Check("definition", "block", Text("口径变了。", "The definition changed."))
    with pytest.raises(InputError, match="The definition changed"):
        found(checks=(check,)).effect()


def test_models_and_appendix_survive_the_store(tmp_path):
    before = replace(found(), models=(model(),), appendix={"curve": Text("曲线", "A curve")})
    save_finding(before, tmp_path)
    after = load_finding(tmp_path)
    assert after.appendix == before.appendix
    assert after.models[0].facts == model().facts
    assert after.models[0].absorbed == model().absorbed
    pd.testing.assert_frame_equal(after.models[0].terms, model().terms)


def test_a_model_without_its_columns_is_refused():
    with pytest.raises(ValueError, match="low"):
        replace(model(), terms=model().terms.drop(columns="low"))
