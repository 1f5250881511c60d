"""What exports call the declared columns: names in Chinese and English, for a draft mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from svcquality.records.synonyms_korean import KOREAN

SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "customers": {
        "customer_id": ("client id", "customer", "cust no", "客户号", "客户编号", "客户代码"),
        "branch_id": ("district id", "home branch", "开户网点", "开户机构", "网点编号", "机构号"),
        "joined": ("open date", "opened on", "since", "开户日期", "开户时间", "注册日期"),
        "age": ("customer age", "年龄"),
        "segment": ("customer type", "tier", "客群", "客户等级", "客户类型"),
    },
    "branches": {
        "branch_id": ("branch", "outlet", "district id", "网点编号", "网点号", "机构号", "机构编码"),
        "region": ("area", "地区", "区域", "所属区域"),
        "kind": ("branch type", "网点类型", "机构类型"),
        "windows": ("counters", "窗口数", "柜台数"),
        "opened": ("open date", "开业日期", "开业时间"),
        "closed": ("close date", "停业日期", "撤销日期"),
    },
    "visits": {
        "visit_id": ("ticket", "ticket no", "call id", "queue no", "流水号", "叫号流水", "排队号", "票号"),
        "branch_id": ("branch", "网点编号", "网点", "机构号", "网点名称"),
        "customer_id": ("client id", "customer", "rand client", "客户号", "客户编号"),
        "staff_id": ("teller", "agent", "server", "柜员号", "柜员", "员工编号", "工号"),
        "channel": ("渠道", "办理渠道"),
        "service_type": ("service", "业务类型", "业务种类", "办理业务"),
        "arrived": ("arrival", "ticket time", "issue time", "取号时间", "取票时间", "到达时间"),
        "called": ("call time", "叫号时间", "呼叫时间"),
        "started": ("start", "start time", "ser start", "开始时间", "开始办理", "受理时间"),
        "ended": ("end", "end time", "ser exit", "finish", "结束时间", "办理结束", "完成时间"),
        "abandoned": ("abandon", "no show", "弃号", "过号", "是否弃号"),
    },
    "complaints": {
        "complaint_id": ("complaint", "case id", "case no", "投诉编号", "工单号", "工单编号", "留言编号", "案件号"),
        "received": ("date received", "created", "opened", "受理时间", "投诉时间", "投诉日期", "受理日期", "留言时间", "登记时间"),
        "responded": ("date sent to company", "replied", "reply time", "response date", "答复时间", "回复时间", "首次答复"),
        "resolved": ("closed", "close date", "resolution date", "办结时间", "办结日期", "结案时间"),
        "channel": ("submitted via", "source", "投诉渠道", "来源渠道", "受理渠道", "渠道"),
        "business": ("product", "业务类别", "业务类型", "产品", "业务条线"),
        "branch_id": ("branch", "网点编号", "网点", "被投诉网点", "被投诉机构", "机构号"),
        "customer_id": ("client id", "customer", "客户号", "客户编号"),
        "text": ("complaint what happened", "consumer complaint narrative", "narrative", "description", "content", "投诉内容", "留言详情", "内容", "诉求", "投诉描述", "工单内容"),
        "recorded_cause": ("issue", "reason", "category", "投诉原因", "原因分类", "登记原因"),
        "definition_version": ("definition", "口径", "口径版本"),
        "reopened": ("reopen", "是否重开", "重新打开", "重复投诉"),
        "escalated": ("escalation", "是否升级", "升级"),
        "compensation": ("redress", "refund", "赔付金额", "补偿金额", "赔偿金额"),
    },
    "surveys": {
        "survey_id": ("id", "response id", "respondent", "问卷编号", "答卷编号", "评价编号"),
        "customer_id": ("client id", "customer", "客户号", "客户编号"),
        "branch_id": ("branch", "district id", "网点编号", "网点", "机构号"),
        "visit_id": ("ticket", "流水号", "叫号流水"),
        "invited": ("invitation", "sent", "邀请时间", "发送时间"),
        "answered": ("date", "response date", "submitted", "答复时间", "填写时间", "填答时间", "作答时间", "评价时间", "提交时间"),
        "satisfaction": ("stars", "rating", "csat", "score", "overall satisfaction", "满意度", "总体满意度", "评分", "评价"),
        "recommendation": ("nps", "likelihood to recommend", "推荐意愿", "推荐度", "净推荐值"),
        "effort": ("ces", "费力度"),
        "wait_minutes": ("wait", "waiting time", "departure delay in minutes", "等候分钟", "等候时间", "等候时长", "等待时间", "等待时长", "排队时间", "排队时长"),
        "perceived_wait_minutes": ("perceived wait", "感知等候", "感觉等待"),
    },
    "training": {
        "training_id": ("training", "培训编号"),
        "branch_id": ("branch", "网点编号", "网点", "机构号"),
        "staff_id": ("staff", "employee", "员工编号", "工号"),
        "module": ("course", "课程", "课程名称", "培训内容"),
        "hours": ("学时", "培训时长"),
        "completed": ("completion date", "finished", "完成日期", "培训日期", "结业日期"),
    },
    "interventions": {
        "intervention_id": ("policy id", "干预编号", "政策编号"),
        "name": ("title", "policy", "名称", "政策名称"),
        "date": ("effective", "effective date", "生效日期", "实施日期"),
        "announced": ("announcement", "公告日期", "发布日期"),
        "kind": ("type", "类型", "政策类型"),
        "scope": ("范围", "适用范围"),
    },
    "accounts": {
        "customer_id": ("client id", "customer", "客户号", "客户编号"),
        "month": ("period", "月份", "统计月份", "账期"),
        "balance": ("amount", "余额", "账户余额", "月末余额"),
        "products": ("n products", "产品数", "持有产品数"),
        "closed": ("churn", "closed flag", "是否销户", "销户标志", "流失"),
    },
    "denominators": {
        "month": ("period", "月份", "统计月份"),
        "unit": ("level", "层级"),
        "unit_id": ("unit", "单位编号", "机构号"),
        "measure": ("metric", "口径", "指标"),
        "value": ("count", "数值", "数量"),
    },
}  # fmt: skip
"""Table → declared column → names seen in exports, besides the declared name itself."""

_PERSONAL = re.compile(
    r"name$|^first|middle$|^last$|phone|mobile|email|e mail|address|social|ssn|passport|id card|birth|\bdob\b"
    r"|姓名|电话|手机号|手机$|邮箱|地址|身份证|证件|卡号|用户|出生|生日"
    r"|이름|성명|전화|휴대폰|핸드폰|이메일|주소|주민|생년|계좌번호"
)
_OF_A_THING = re.compile(
    r"\b(?:state|city|country|county|region|district|product|branch|bank|company|file|column|item|course|app|platform|store"
    r"|event|service|category|brand|variable|sheet) ?name$|用户(?:数|评[分论价]|满意)|产品名|地址类"
)


def looks_personal(name: str) -> bool:
    """Whether a column is named as those are that identify a person: a draft never maps it."""
    plain = normalise(name)
    return bool(_PERSONAL.search(plain)) and not _OF_A_THING.search(plain)


def normalise(name: str) -> str:
    """A column name for comparison: lower case, words apart, punctuation gone."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"[\W_]+", " ", spaced.lower()).strip()


def meanings(
    table: str, names: Sequence[str], labels: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Match the columns of an export to a table's declared columns by name.

    Parameters
    ----------
    table : str
        Name of a table.
    names : sequence of str
        Columns of the export.
    labels : mapping of str to str, optional
        Column → its label, where the file carries labels; asked where the name says nothing.

    Returns
    -------
    dict
        Declared column → exported column. Exact names first, then names that contain one of the
        known ones as whole words; each exported column is used once, personal ones never.
    """
    usable = [name for name in names if not looks_personal(name)]
    by_label = labels or {}
    found: dict[str, str] = {}
    for said in ({n: n for n in usable}, {n: by_label[n] for n in usable if by_label.get(n)}):
        plain = {name: normalise(words) for name, words in said.items()}
        for exact in (True, False):
            for declared, known in SYNONYMS[table].items():
                words = [normalise(declared), *known, *KOREAN[table].get(declared, ())]
                for name, given in plain.items():
                    if declared in found or name in found.values():
                        continue
                    if given in words or (not exact and _contains(given, words)):
                        found[declared] = name
    return found


def _contains(plain: str, words: list[str]) -> bool:
    padded = f" {plain} "
    return any(
        f" {word} " in padded if word.isascii() else len(word) > 1 and word in plain
        for word in words
        if not word.isascii() or " " in word  # one English word alone says too little
    )
