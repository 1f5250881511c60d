"""Causes, the reasons under which banks report them, and the lines of business they arise in.

Reasons are those of the industry standard JR/T 0169-2018 as banks publish them. How a reason
divides into causes is published nowhere: every spread here is ASSUMED.
"""

from __future__ import annotations

SERVICE = "服务态度及服务质量"
RULES = "管理制度、业务规则与流程"
FACILITIES = "金融机构服务设施、设备、业务系统"
DISCLOSURE = "信息披露"
PRICING = "定价收费"
RETURNS = "产品收益"
COLLECTION = "债务催收方式和手段"
MARKETING = "营销方式和手段"
FUNDS = "消费者资金安全"
PRIVACY = "消费者信息安全"
OTHER = "其他"

SPREAD: dict[str, dict[str, float]] = {
    SERVICE: {
        "Q1": 0.14, "C1": 0.06, "C2": 0.07, "C3": 0.05, "E1": 0.20, "E2": 0.14,
        "E3": 0.11, "E4": 0.11, "R1": 0.07, "R2": 0.05,
    },
    RULES: {"Q2": 0.20, "C4": 0.09, "T5": 0.06, "X1": 0.31, "X3": 0.34},
    FACILITIES: {"Q3": 0.15, "T1": 0.37, "T2": 0.22, "T3": 0.11, "T4": 0.15},
    DISCLOSURE: {"C5": 1.0},
    PRICING: {"X2": 1.0},
    RETURNS: {"X4": 1.0},
    COLLECTION: {"Z1": 1.0},
    MARKETING: {"Z2": 1.0},
    FUNDS: {"Z3": 1.0},
    PRIVACY: {"Z4": 1.0},
    OTHER: {"X5": 0.30, "X6": 0.34, "X7": 0.36},
}  # fmt: skip
"""Share of each cause among the complaints of a reason; sums to 1 within a reason."""

REASON_OF: dict[str, str] = {cause: reason for reason, of in SPREAD.items() for cause in of}
CAUSES: tuple[str, ...] = tuple(sorted(REASON_OF, key=lambda c: ("QCTEXRZ".index(c[0]), c)))
FAMILIES: tuple[str, ...] = tuple("QCTEXRZ")
FAMILY_INDEX = {cause: FAMILIES.index(cause[0]) for cause in CAUSES}

STAFF_CAUSES = ("E1", "E2", "E3", "E4", "C1")
"""What training of staff can change."""

LOAN_CAUSES = ("X1", "X2", "X3")
"""The only causes with complaints about loans; what a loan policy can change."""

NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "Q1": ("E3", "Q2", "C2"), "Q2": ("Q1", "C4", "X1", "E4"), "Q3": ("T1",),
    "C1": ("E2", "C5"), "C2": ("R1", "Q1", "R2"), "C3": ("E1", "R1"),
    "C4": ("T5", "R1", "Q2"), "C5": ("E2", "C1", "Z2", "X6"),
    "T1": ("T2", "T4", "Q3"), "T2": ("T1", "Z3"), "T3": ("T1", "X1"), "T4": ("T1", "X6"),
    "T5": ("C4", "T1"), "E1": ("E4", "C3", "Z1"), "E2": ("C5", "C1", "E3"), "E3": ("Q1", "E2"),
    "E4": ("E1", "X1", "Q2"), "X1": ("Q2", "X2", "E4", "X3"), "X2": ("X1", "Z2", "X3"),
    "X3": ("X1", "X2", "Q2"), "X4": ("Z2", "X6"), "X5": ("T4", "X6"), "X6": ("X5", "C5", "X4"),
    "X7": ("Z1", "X2"), "R1": ("C2", "C4", "R2"), "R2": ("R1", "C2"), "Z1": ("X7", "E1"),
    "Z2": ("E2", "X4", "C5", "Z4"), "Z3": ("T2", "Z4"), "Z4": ("Z3", "Z2"),
}  # fmt: skip
"""Causes that come up beside a cause in one complaint."""

BUSINESS: dict[str, dict[str, float]] = {
    "Q1": {"counter": 1.0},
    "Q2": {"account": 0.6, "card": 0.4},
    "Q3": {"counter": 1.0},
    "C4": {"card": 0.6, "account": 0.4},
    "T1": {"mobile": 1.0},
    "T2": {"transfer": 1.0},
    "T3": {"mobile": 1.0},
    "T4": {"mobile": 0.7, "counter": 0.3},
    "T5": {"card": 0.5, "account": 0.5},
    "X1": {"card": 0.5, "account": 0.5},
    "X2": {"card": 1.0},
    "X4": {"wealth": 1.0},
    "X7": {"card": 1.0},
    "Z1": {"card": 1.0},
    "Z2": {"wealth": 0.6, "card": 0.4},
    "Z3": {"card": 0.7, "transfer": 0.3},
    "Z4": {"card": 1.0},
}
"""Line of business of the complaints of a cause that are not about loans."""

BUSINESS_ELSE = {"counter": 0.5, "account": 0.3, "card": 0.2}

ANGER = {"E": 0.62, "R": 0.66, "Z": 0.68, "T": 0.45, "Q": 0.48, "C": 0.45, "X": 0.5}
"""Mean anger (0 to 1) in the complaints of a family."""
