"""Findings made up for the figures of models: coefficients, specifications, sensitivity.

The numbers mean nothing; they only have the shape that the designs give.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from svcquality.findings import Finding
from tests.plots.fabricated import finding

ROWS = [("wait_plus_10", "多等 10 分钟", "10 more minutes of waiting", -0.055, -0.061, -0.049)]
TERMS = (
    ("wait_plus_10", "多等候 10 分钟", "10 more minutes of waiting"),
    ("branch_trained", "到店时网点员工已受训", "a visit to a branch whose staff had been trained"),
    ("recent_complaint", "此前 90 天内有过投诉", "a complaint in the 90 days before"),
)
NAMES = (
    ("有序 logit", "Ordered logit"), ("线性概率", "Linear probability"), ("有序 probit", "Ordered probit"),
    ("网点固定效应", "Branch effects"), ("混合模型", "Mixed model"), ("加权", "Weighted"),
)  # fmt: skip


def coefficients(models: int = 3, terms: int = 3, unit: str = "share_difference") -> Finding:
    """So many models with so many terms each."""
    rng = np.random.default_rng(1)
    named = [*TERMS, *((f"item_{i}", f"项目 {i}", f"item {i}") for i in range(terms))][:terms]
    rows = [
        {"model_zh": zh, "model_en": en, "term": term, "label_zh": t_zh, "label_en": t_en,
         "estimate": (e := float(rng.normal(-0.02, 0.04))), "low": e - 0.03, "high": e + 0.03,
         "unit": unit}
        for (zh, en), (term, t_zh, t_en) in product(NAMES[:models], named)
    ]  # fmt: skip
    return finding("satisfaction", "coefficients", {"coefficients": pd.DataFrame(rows)}, ROWS, unit)


CHOICES = {
    "outcome": ("结果编码", "outcome", {"ordered": ("有序 4–5 分", "ordered, 4 or 5"), "logit": ("二元 logit", "logit of 4 or 5"), "linear": ("线性概率", "linear probability")}),
    "held": ("控制变量", "held equal", {"none": ("无", "nothing"), "customer": ("客户", "customer"), "visit": ("＋到店", "+ visit"), "branch": ("＋网点", "+ branch"), "period": ("＋时期", "+ period")}),
    "sample": ("样本", "sample", {"all": ("全部", "all answers"), "no_straight": ("剔除直线作答", "without straight-liners"), "no_largest": ("剔除最大网点", "without the largest branch")}),
    "knots": ("等候曲线", "curve of waits", {"0": ("直线", "line"), "4": ("4 个节点", "4 knots"), "5": ("5 个节点", "5 knots"), "6": ("6 个节点", "6 knots")}),
}  # fmt: skip


def specification_curve(most: int = 200) -> Finding:
    """As many of the crossed choices as asked for."""
    rng = np.random.default_rng(2)
    crossed = list(product(*(values for _, _, values in CHOICES.values())))
    rows = pd.DataFrame(crossed, columns=[f"choice_{name}" for name in CHOICES])
    rows = rows.iloc[np.sort(rng.permutation(len(rows))[:most])].reset_index(drop=True)
    held = rows["choice_held"].map({"none": 0.03, "customer": 0.025, "visit": 0.02}).fillna(0)
    estimate = -0.045 + held + rng.normal(0, 0.006, len(rows))
    half = rng.uniform(0.008, 0.025, len(rows))
    frame = rows.assign(
        specification=np.arange(1, len(rows) + 1),
        estimate=estimate,
        low=estimate - half,
        high=estimate + half,
        unit="share_difference",
        headline=np.arange(len(rows)) == len(rows) // 2,
    )
    choices = pd.DataFrame(
        [
            (name, value, *label, zh, en)
            for name, (zh, en, values) in CHOICES.items()
            for value, label in values.items()
        ],
        columns=["name", "value", "label_zh", "label_en", "name_zh", "name_en"],
    )
    frames = {"specifications": frame, "choices": choices}
    return finding("wait", "specification_curve", frames, ROWS, "share_difference")


def sensitivity(benchmarks: int = 5) -> Finding:
    """Contours of an estimate, with yardsticks that lie close together."""
    grid = np.linspace(0, 0.3, 41)
    x, y = np.meshgrid(grid, grid)
    estimate = -0.055 + 0.28 * np.sqrt(y * x / (1 - x))
    contours = pd.DataFrame(
        {"r2_exposure": x.ravel(), "r2_outcome": y.ravel(), "estimate": estimate.ravel()}
    )
    named = [("年龄", "age"), ("客群", "customer segment"), ("业务类型", "kind of service"),
             ("渠道", "channel"), ("到店时段", "hour of the visit")]  # fmt: skip
    rows = [
        (f"{zh} × {1 + i // 5}", f"{en} × {1 + i // 5}", 0.01 + 0.002 * i, 0.012 + 0.001 * (i % 3))
        for i, (zh, en) in enumerate((named * 3)[:benchmarks])
    ]
    frame = pd.DataFrame(rows, columns=["label_zh", "label_en", "r2_exposure", "r2_outcome"])
    frame = frame.assign(estimate=-0.05)
    values = pd.DataFrame(
        {
            "quantity": ["robustness_value", "robustness_value_95", "e_value", "oster_delta", "x"],
            "value": [0.176, 0.148, 1.94, -3.2, 7.0],
        }
    )
    frames = {"contours": contours, "benchmarks": frame, "sensitivity": values}
    return finding("wait", "sensitivity", frames, ROWS, "share_difference")


def every() -> tuple[Finding, ...]:
    """One finding a figure."""
    return coefficients(), specification_curve(40), sensitivity()
