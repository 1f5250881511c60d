"""Findings made up for the tests of figures and reports, one a figure, and a withheld one.

The numbers mean nothing; they only have the shape that the designs give.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.findings import TABLE_COLUMNS, Check, Claim, Finding, Grade, flow_row
from svcquality.language import Text, plain

CAUSES = (
    ("wait_time", "等候时间过长", "Waiting too long"),
    ("fee_unexpected", "收费不透明或未告知", "Unexpected or unexplained fees"),
    ("staff_attitude", "服务态度", "Staff attitude"),
    ("app_failure", "手机银行故障", "Mobile app failures"),
    ("card_dispute", "信用卡争议交易", "Disputed card transactions"),
    ("loan_terms", "贷款条件与利率", "Loan terms and interest rates"),
    ("misselling", "销售误导", "Misleading sales"),
)
PASSED = Check("clusters", "passed", Text("网点数足够。", "There are enough branches."), 60, 40)
WARNING = Check(
    "ceiling", "warn", Text("四成以上给出最高分。", "More than 40% gave the top score."), 0.43, 0.4
)
BLOCK = Check(
    "definition",
    "block",
    Text(
        "观察窗内投诉口径有变，请按口径分段。",
        "The complaint definition changed in the window; split the series at the change.",
    ),
)
DIFFERENCE = Claim(
    Text("多等 10 分钟", "10 more minutes of waiting"),
    Text("满意客户的比例", "the share of satisfied customers"),
    -0.032,
    -0.054,
    -0.010,
    "share_difference",
)


def table(rows: list[tuple], unit: str) -> pd.DataFrame:
    """A finding's table from (term, zh, en, estimate, low, high)."""
    frame = pd.DataFrame(rows, columns=["term", "label_zh", "label_en", "estimate", "low", "high"])
    frame = frame.assign(error=(frame["high"] - frame["low"]) / 3.92, error_kind="CR1, branch")
    return frame.assign(p=np.nan, p_adjusted=np.nan, n=2400, clusters=60, unit=unit)[
        list(TABLE_COLUMNS)
    ]


def finding(name: str, figure: str, frames: dict, rows: list[tuple], unit: str, **changes):
    """A finding with a figure; ``changes`` replaces any of its fields."""
    fields = {
        "id": name,
        "design": "waiting",
        "question": Text("等候时间越长，满意的客户少多少？", "What does a wait cost?"),
        "grade": Grade.ASSOCIATED,
        "claims": (DIFFERENCE,),
        "table": table(rows, unit),
        "checks": (PASSED, WARNING),
        "method": Text("有序 logit，按网点聚类。", "Ordered logit, clustered by branch."),
        "flow": pd.DataFrame(
            [flow_row("问卷", "surveys", 3000), flow_row("已答", "answered", 2400)]
        ),
        "figure": figure,
        "frames": frames,
    }
    return Finding(**{**fields, **changes})


def pareto(labels: tuple = CAUSES) -> Finding:
    """Shares of causes."""
    share = np.geomspace(0.32, 0.02, len(labels))
    frame = pd.DataFrame(labels, columns=["id", "label_zh", "label_en"]).assign(
        share=share, low=share * 0.9, high=share * 1.1, cumulative=share.cumsum()
    )
    rows = frame[["id", "label_zh", "label_en", "share", "low", "high"]].to_records(index=False)
    claim = Claim(
        Text(labels[0][1], labels[0][2]),
        Text("投诉占比", "the share of complaints"),
        0.32, 0.29, 0.35, "share", float("nan"),
    )  # fmt: skip
    return finding(
        "causes", "pareto", {"pareto": frame}, [tuple(r) for r in rows], "share",
        design="cause_shares", grade=Grade.DESCRIBES, claims=(claim,),
    )  # fmt: skip


def forest() -> Finding:
    """Differences in the share of satisfied customers."""
    rows = [
        ("wait_plus_10", "多等 10 分钟", "10 more minutes of waiting", -0.032, -0.054, -0.010),
        ("branch_trained", "网点已培训", "Branch was trained", 0.012, -0.008, 0.033),
        ("recent_complaint", "近期投诉过", "Complained within 90 days", -0.118, -0.16, -0.07),
    ]
    made = table(rows, "share_difference")
    frame = made[["term", "label_zh", "label_en", "estimate", "low", "high", "unit"]]
    return finding(
        "satisfaction", "forest", {"forest": frame}, rows, "share_difference",
        design="satisfaction",
    )  # fmt: skip


def curve() -> Finding:
    """The share satisfied along the wait."""
    wait = np.linspace(0, 60, 121)
    level = 0.86 - 0.22 / (1 + np.exp(-(wait - 28) / 7))
    width = 0.015 + wait / 1500
    frames = {
        "curve": pd.DataFrame(
            {"wait_minutes": wait, "estimate": level, "low": level - width, "high": level + width}
        ),
        "support": pd.DataFrame(
            {
                "left": np.arange(0.0, 60, 4),
                "right": np.arange(4.0, 64, 4),
                "count": (900 * np.exp(-np.arange(15) / 4)).round(),
            }
        ),
    }
    rows = [("plus_10", "多等 10 分钟", "10 more minutes", -0.032, -0.054, -0.010)]
    return finding("wait", "curve", frames, rows, "share_difference")


def event() -> Finding:
    """An event study of training."""
    k = np.arange(-8, 13)
    estimate = np.where(k < 0, 0.02 * np.cos(k * 2.3), -0.3 * (1 - np.exp(-(k + 1) / 3)))
    estimate[k == -1] = 0.0
    half = np.where(k == -1, 0.0, 0.11)
    frame = pd.DataFrame(
        {
            "k": k,
            "estimate": estimate,
            "low": estimate - half,
            "high": estimate + half,
            "band_low": estimate - 1.5 * half,
            "band_high": estimate + 1.5 * half,
        }
    )
    claim = Claim(
        Text("员工培训", "staff training"),
        Text("每千次到店投诉", "complaints per 1,000 visits"),
        -0.24, -0.33, -0.15, "per_1000_visits",
    )  # fmt: skip
    rows = [("att", "平均处理效应", "average over trained branch-months", -0.24, -0.33, -0.15)]
    return finding(
        "training", "event_study", {"event": frame}, rows, "per_1000_visits",
        design="training", grade=Grade.CHANGED, claims=(claim,),
    )  # fmt: skip


def series() -> Finding:
    """An interrupted series with two events."""
    month = pd.date_range("2023-01-01", periods=36, freq="MS")
    time = np.arange(36)
    base = 210 + 0.8 * time + 12 * np.sin(time / 1.9)
    fitted = np.where(time < 21, base, base * 0.78)
    noise = np.random.default_rng(3).normal(0, 6, 36)
    frames = {
        "series": pd.DataFrame(
            {
                "month": month,
                "observed": (fitted + noise).round(),
                "fitted": fitted,
                "counterfactual": base,
                "low": base - 14,
                "high": base + 14,
            }
        ),
        "events": pd.DataFrame(
            {
                "month": month[[21, 29]],
                "label_zh": ["利率告知新规生效", "手机银行大版本上线"],
                "label_en": ["Rate disclosure rule in force", "New release of the mobile app"],
            }
        ),
    }
    claim = Claim(
        Text("利率告知新规", "the rate disclosure rule"),
        Text("每月贷款投诉", "monthly loan complaints"),
        0.78, 0.71, 0.86, "ratio", 1.0,
    )  # fmt: skip
    rows = [("level", "生效时的比率", "rate ratio at the change", 0.78, 0.71, 0.86)]
    return finding(
        "policy", "series", frames, rows, "ratio",
        design="policy", grade=Grade.CHANGED, claims=(claim,),
    )  # fmt: skip


def steps(groups: int = 3) -> Finding:
    """Times to a reply by group."""
    named = [
        (f"g{i}", zh, en)
        for i, (zh, en) in enumerate(
            [("全部", "All"), ("网点", "Counter"), ("热线", "Hotline"), ("监管转办", "Regulator"),
             ("线上", "Online"), ("手机", "Mobile"), ("自助", "Kiosk"), ("其他", "Other")][:groups]
        )
    ]  # fmt: skip
    days = np.arange(0, 61.0)
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "group": name,
                    "label_zh": zh,
                    "label_en": en,
                    "days": days,
                    "share": 1 - np.exp(-days / (9 + 3 * i)),
                }
            )
            for i, (name, zh, en) in enumerate(named)
        ],
        ignore_index=True,
    )
    claim = Claim(
        Text("全部投诉", "all complaints"),
        Text("答复天数中位数", "the median time to a reply"),
        6.2, 5.9, 6.6, "days", float("nan"),
    )  # fmt: skip
    rows = [("median_days", "中位数", "median", 6.2, 5.9, 6.6)]
    frames = {"steps": frame, "limits": pd.DataFrame({"days": [15.0, 30.0]})}
    return finding(
        "handling", "steps", frames, rows, "days",
        design="handling", grade=Grade.DESCRIBES, claims=(claim,),
    )  # fmt: skip


def topic_choice() -> Finding:
    """A number of topics chosen among four."""
    k = np.array([5, 8, 12, 16])
    frame = pd.DataFrame({"k": k, "score": [0.35, 0.55, 0.7, 0.5], "chosen": k == 12})
    for i, name in enumerate(("coherence", "exclusivity", "held_out", "stability")):
        frame[f"{name}_rank"] = np.roll([0.2, 0.5, 0.9, 0.6], i)
    claim = Claim(
        Text("最大的主题（排队、叫号）", "the largest topic (queue, call)"),
        Text("占比", "the share of complaints"),
        0.2, 0.18, 0.22, "share", float("nan"),
    )  # fmt: skip
    rows = [("topic_1", "排队、叫号", "queue, call", 0.2, 0.18, 0.22)]
    return finding(
        "topics", "topic_choice", {"choice": frame}, rows, "share",
        design="topics", grade=Grade.DESCRIBES, claims=(claim,),
    )  # fmt: skip


def withheld() -> Finding:
    """A finding whose check blocks it."""
    made = series()
    return finding(
        "blocked", "series", dict(made.frames), [("level", "比率", "ratio", 0.5, 0.4, 0.6)],
        "ratio", design="policy", claims=made.claims, checks=(PASSED, BLOCK),
    )  # fmt: skip


def every() -> tuple[Finding, ...]:
    """One finding a figure, and a withheld one."""
    return (pareto(), forest(), curve(), event(), series(), steps(), topic_choice(), withheld())


HOSTILE = plain("<script>alert(1)</script>\u202e\u200b$x^{$ =1+1 & \"'")
