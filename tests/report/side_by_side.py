"""Two published models as columns of a table, and one whose every word means harm."""

from __future__ import annotations

import pandas as pd

from svcquality.findings import MODEL_COLUMNS, ModelSummary
from svcquality.language import Text, plain

HARM = ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", r"\input{/etc/passwd}", "@SUM(1)",
        "a|b & c_d $x$ 100% #1 {~^}", "\u202etxt\u200b\x07\n| new row", "[0.5ex]", "* x `y`")  # fmt: skip


def summary(rows: list[tuple], **changes) -> ModelSummary:
    """A model from (term, zh, en, estimate, error, low, high, p)."""
    fields = {
        "name": Text("有序 logit", "Ordered logit"),
        "outcome": Text("申请意愿", "apply"),
        "scale": Text("对数优势", "log odds"),
        "terms": pd.DataFrame(rows, columns=list(MODEL_COLUMNS)),
        "facts": {"n": 400, "error_kind": "model", "df": 395.0},
        "absorbed": (),
    }
    return ModelSummary(**{**fields, **changes})


def ordered() -> ModelSummary:
    """UCLA's apply data by ordered logit, as published: estimates, errors, log-likelihood."""
    rows = [
        ("pared", "父母上过大学", "parent went to college", 1.0477, 0.2658, 0.5267, 1.5686, 0.00008),
        ("public", "公立学校", "public school", -0.0588, 0.2979, -0.6427, 0.5250, 0.8435),
        ("gpa", "绩点", "grade point average", 0.6159, 0.2606, 0.1051, 1.1268, 0.0181),
    ]  # fmt: skip
    facts = {"n": 400, "error_kind": "model", "df": 395.0, "log_likelihood": -358.512}
    return summary(rows, facts=facts)


def linear() -> ModelSummary:
    """The same data by least squares on 0, 1, 2 (statsmodels' OLS)."""
    rows = [
        ("pared", "父母上过大学", "parent went to college", 0.362162, 0.091072, 0.183117, 0.541207, 0.000083),
        ("public", "公立学校", "public school", 0.015654, 0.095766, -0.172620, 0.203927, 0.870240),
        ("gpa", "绩点", "grade point average", 0.192076, 0.085450, 0.024083, 0.360069, 0.025138),
        ("intercept", "截距", "intercept", -0.085292, 0.253610, -0.583881, 0.413298, 0.736814),
    ]  # fmt: skip
    return summary(
        rows,
        name=Text("线性", "Linear"),
        scale=Text("分", "points"),
        facts={"n": 400, "error_kind": "model", "df": 396.0, "r_squared": 0.061015,
               "log_likelihood": -394.168532},
        absorbed=(Text("网点", "branch"),),
    )  # fmt: skip


def harmful() -> ModelSummary:
    """A bank's own words wherever words can stand."""
    rows = [
        (f"evil_{i}", word, word, 0.5 + i, 0.1, 0.3 + i, 0.7 + i, 0.04)
        for i, word in enumerate(HARM)
    ]
    return summary(
        rows,
        name=plain(HARM[1]),
        outcome=plain(HARM[0]),
        scale=plain(HARM[4]),
        facts={"n": 10, "error_kind": f"CR1 by {HARM[0]}", HARM[2]: HARM[3]},
        absorbed=(plain(HARM[2]), plain(HARM[0])),
    )
