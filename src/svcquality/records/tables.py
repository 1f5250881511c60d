"""The nine tables of one bank, each declared once: keys, columns, units, allowed values.

Everything else (reading, repair, simulation, the data card, the docs) follows this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from svcquality.language import Text

Kind = Literal["id", "category", "text", "time", "date", "month", "number", "integer", "flag"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    kind : str
        ``id`` and ``category`` are strings, ``time`` a timestamp, ``date`` a day, ``month`` the
        first day of a month, ``flag`` a nullable boolean.
    meaning : Text
        What it holds, for the data card and the docs.
    unit : str
        Unit of a number (``minutes``, ``yuan``, ``hours``); empty where there is none.
    low, high : float, optional
        Inclusive bounds of a number; a value outside is repaired to missing and counted.
    allowed : tuple of str
        Allowed codes of a category; empty means free.
    required : bool
        A table without this column is refused.
    personal : bool
        Holds, or may hold, personal data: masked before it is shown or written.
    """

    kind: Kind
    meaning: Text
    unit: str = ""
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    required: bool = False
    personal: bool = False


@dataclass(frozen=True)
class Table:
    """One table: its key, its columns, and the order in which its times must fall."""

    name: str
    meaning: Text
    key: tuple[str, ...]
    columns: Mapping[str, Column] = field(default_factory=dict)
    time_order: tuple[str, ...] = ()
    at_least_one_of: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table is refused."""
        return tuple(name for name, column in self.columns.items() if column.required)


def _key(zh: str, en: str) -> Column:
    return Column("id", Text(zh, en), required=True)


def _id(zh: str, en: str) -> Column:
    return Column("id", Text(zh, en))


CHANNELS = ("counter", "kiosk", "hotline", "mobile", "online", "regulator", "other")
SERVICES = ("cash", "transfer", "account", "card", "loan", "wealth", "other")
TRIGGERS = ("visit", "complaint", "relationship")
INTERVENTIONS = (
    "policy", "pricing", "training", "system_release", "outage", "queue_system", "other",
)  # fmt: skip

CODE_WORDS: dict[str, Text] = {
    "counter": Text("柜台", "counter"),
    "kiosk": Text("自助设备", "kiosk"),
    "hotline": Text("客服电话", "hotline"),
    "mobile": Text("手机银行", "mobile"),
    "online": Text("网上渠道", "online"),
    "regulator": Text("监管转办", "regulator"),
    "cash": Text("现金", "cash"),
    "transfer": Text("转账", "transfer"),
    "account": Text("账户", "account"),
    "card": Text("银行卡", "card"),
    "loan": Text("贷款", "loan"),
    "wealth": Text("理财", "wealth"),
    "other": Text("其他", "other"),
}
"""Declared codes in a reader's words; a code that a bank adds is shown as it is."""

CUSTOMERS = Table(
    "customers",
    Text("客户", "Customers"),
    key=("customer_id",),
    columns={
        "customer_id": _key("客户编号", "customer"),
        "branch_id": _id("开户网点", "home branch"),
        "joined": Column("date", Text("开户日期", "day the customer joined")),
        "age": Column("integer", Text("年龄", "age"), unit="years", low=0, high=120),
        "segment": Column("category", Text("客群", "customer segment")),
    },
)

BRANCHES = Table(
    "branches",
    Text("网点", "Branches"),
    key=("branch_id",),
    columns={
        "branch_id": _key("网点编号", "branch"),
        "region": Column("category", Text("地区", "region")),
        "kind": Column("category", Text("类型", "kind of branch")),
        "windows": Column("integer", Text("窗口数", "service windows"), low=1, high=200),
        "opened": Column("date", Text("开业日期", "day it opened")),
        "closed": Column("date", Text("停业日期", "day it closed; missing while open")),
    },
    time_order=("opened", "closed"),
)

VISITS = Table(
    "visits",
    Text("到店与排队", "Visits and queue tickets"),
    key=("visit_id",),
    columns={
        "visit_id": _key("叫号流水", "visit or queue ticket"),
        "branch_id": _id("网点编号", "branch"),
        "customer_id": _id("客户编号", "customer"),
        "staff_id": _id("员工编号", "staff member"),
        "channel": Column("category", Text("渠道", "channel"), allowed=CHANNELS),
        "service_type": Column("category", Text("业务类型", "kind of service"), allowed=SERVICES),
        "arrived": Column("time", Text("取号时间", "arrival or ticket"), required=True),
        "called": Column("time", Text("叫号时间", "called to a window")),
        "started": Column("time", Text("开始办理", "start of service")),
        "ended": Column("time", Text("办理结束", "end of service")),
        "abandoned": Column("flag", Text("弃号", "left before being served")),
        "priority": Column("flag", Text("优先叫号", "called before others")),
        "announced_minutes": Column(
            "number", Text("预告等候", "wait announced on the ticket"), unit="minutes", low=0
        ),
    },
    time_order=("arrived", "called", "started", "ended"),
)

COMPLAINTS = Table(
    "complaints",
    Text("投诉", "Complaints"),
    key=("complaint_id",),
    columns={
        "complaint_id": _key("投诉编号", "complaint"),
        "received": Column("time", Text("受理时间", "received"), required=True),
        "responded": Column("time", Text("首次答复", "first response")),
        "resolved": Column("time", Text("办结时间", "resolved; missing while open")),
        "channel": Column("category", Text("投诉渠道", "channel of the complaint")),
        "business": Column("category", Text("业务类别", "line of business")),
        "branch_id": _id("网点编号", "branch"),
        "customer_id": _id("客户编号", "customer"),
        "visit_id": _id("相关叫号", "visit it is about"),
        "text": Column("text", Text("投诉内容", "complaint text"), personal=True),
        "recorded_cause": Column("category", Text("登记原因", "cause recorded by the bank")),
        "coded_cause": Column(
            "category",
            Text("人工编码原因（随机抽取的样本）", "cause coded by hand (a random sample)"),
        ),
        "coding_probability": Column(
            "number",
            Text("被抽中人工编码的概率", "probability of being drawn for hand-coding"),
            low=0,
            high=1,
        ),
        "definition_version": Column("category", Text("口径版本", "version of the definition")),
        "reopened": Column("flag", Text("重新打开", "reopened")),
        "escalated": Column("flag", Text("升级", "escalated")),
        "compensation": Column("number", Text("补偿金额", "compensation"), unit="yuan", low=0),
    },
    time_order=("received", "responded", "resolved"),
)

LONGEST_WAIT = 10_080.0  # minutes in a week
SURVEYS = Table(
    "surveys",
    Text("满意度调查", "Surveys"),
    key=("survey_id",),
    columns={
        "survey_id": _key("问卷编号", "survey"),
        "customer_id": _id("客户编号", "customer"),
        "branch_id": _id("网点编号", "branch"),
        "visit_id": _id("相关叫号", "visit it is about"),
        "complaint_id": _id("相关投诉", "complaint it is about"),
        "trigger": Column("category", Text("触发原因", "what triggered it"), allowed=TRIGGERS),
        "invited": Column("time", Text("邀请时间", "invited")),
        "answered": Column("time", Text("答复时间", "answered; missing when not")),
        "satisfaction": Column(
            "integer", Text("满意度（1–5）", "satisfaction, 1 to 5"), low=1, high=5
        ),
        "satisfied": Column(
            "flag",
            Text("满意（缺省为满意度 4–5）", "satisfied (by default: satisfaction 4 or 5)"),
        ),
        "recommendation": Column(
            "integer", Text("推荐意愿（0–10）", "recommendation, 0 to 10"), low=0, high=10
        ),
        "effort": Column(
            "integer", Text("费力度（1 很低–5 很高）", "effort, 1 low to 5 high"), low=1, high=5
        ),
        "wait_minutes": Column(
            "number", Text("实际等候", "actual wait, where no visits table has it"),
            unit="minutes", low=0, high=LONGEST_WAIT,
        ),
        "perceived_wait_minutes": Column(
            "number", Text("感知等候", "wait as the customer remembers it"), unit="minutes", low=0, high=LONGEST_WAIT
        ),
    },
    time_order=("invited", "answered"),
)  # fmt: skip

TRAINING = Table(
    "training",
    Text("培训", "Training"),
    key=("training_id",),
    columns={
        "training_id": _key("培训编号", "training record"),
        "branch_id": _id("网点编号", "branch trained"),
        "staff_id": _id("员工编号", "staff member trained"),
        "module": Column("category", Text("课程", "module")),
        "hours": Column("number", Text("学时", "hours"), unit="hours", low=0, high=1000),
        "completed": Column("date", Text("完成日期", "day completed"), required=True),
    },
    at_least_one_of=("branch_id", "staff_id"),
)

INTERVENTIONS_TABLE = Table(
    "interventions",
    Text("政策与干预", "Policies and other interventions"),
    key=("intervention_id",),
    columns={
        "intervention_id": _key("干预编号", "intervention"),
        "name": Column("text", Text("名称", "name")),
        "date": Column("date", Text("生效日期", "day it took effect"), required=True),
        "announced": Column("date", Text("公告日期", "day it was announced")),
        "ended": Column("date", Text("结束日期", "day it ended; missing while in force")),
        "kind": Column("category", Text("类型", "kind"), allowed=INTERVENTIONS),
        "scope": Column(
            "category",
            Text("范围：all 或地区、网点编号", "scope: all, or a region or branch identifier"),
        ),
        "business": Column("category", Text("业务类别", "line of business it concerns")),
    },
)

ACCOUNTS = Table(
    "accounts",
    Text("账户（按月）", "Accounts by month"),
    key=("customer_id", "month"),
    columns={
        "customer_id": _key("客户编号", "customer"),
        "month": Column("month", Text("月份", "month"), required=True),
        "balance": Column("number", Text("余额", "balance"), unit="yuan"),
        "products": Column("integer", Text("产品数", "products held"), low=0, high=100),
        "closed": Column("flag", Text("当月销户", "closed during this month"), required=True),
    },
)

DENOMINATORS = Table(
    "denominators",
    Text("分母", "Denominators"),
    key=("month", "unit", "unit_id", "measure"),
    columns={
        "month": Column("month", Text("月份", "month"), required=True),
        "unit": Column(
            "category", Text("层级", "level"), allowed=("branch", "bank"), required=True
        ),
        "unit_id": _key("单位编号（全行为 all）", "unit; all for the bank"),
        "measure": Column(
            "category",
            Text("口径", "what is counted"),
            allowed=("visits", "customers", "outlets", "accounts", "borrowers"),
            required=True,
        ),
        "value": Column("number", Text("数值", "value"), low=0, required=True),
    },
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        CUSTOMERS, BRANCHES, VISITS, COMPLAINTS, SURVEYS,
        TRAINING, INTERVENTIONS_TABLE, ACCOUNTS, DENOMINATORS,
    )
}  # fmt: skip

ITEM_PREFIX = "item_"
"""Survey columns ``item_<name>`` are rated service items, 1 to 5."""
