"""Words of the report's frame, in both languages."""

from __future__ import annotations

from svcquality.language import Text

WORDS: dict[str, Text] = {
    "kicker": Text("服务质量研究报告", "Service-quality report"),
    "seed": Text("随机种子", "Seed"),
    "skip": Text("跳到正文", "Skip to the findings"),
    "period": Text("数据期间", "Period"),
    "to": Text("至", "to"),
    "cutoff": Text("数据截止", "Data cut-off"),
    "definition": Text("投诉口径版本", "Complaint definition"),
    "records": Text("记录", "Records"),
    "brief": Text("要点", "In brief"),
    "contents": Text("目录", "Contents"),
    "interval": Text("95% 区间", "95% interval"),
    "note": Text("1 项提示", "1 note"),
    "notes": Text("{n} 项提示", "{n} notes"),
    "hidden": Text("另有 {n} 行未列出。", "{n} further rows are not listed."),
    "withheld": Text("不予报告", "withheld"),
    "quantity": Text("项目", "Quantity"),
    "estimate": Text("估计", "Estimate"),
    "numbers": Text("各项数字", "All numbers"),
    "more": Text("其余各项", "Further rows"),
    "checks": Text("检查", "Checks"),
    "method": Text("方法", "Method"),
    "flow": Text("从记录到分析", "From records to analysis"),
    "step": Text("步骤", "Step"),
    "rows": Text("行数", "Rows"),
    "examples": Text("客户原话（已脱敏）", "In customers' words (masked)"),
    "examples_note": Text(
        "每类原因列出最典型的几条；投诉过少的原因不列。",
        "The complaints that say a cause most; causes with few complaints are left out.",
    ),
    "more_causes": Text("其余原因", "Further causes"),
    "unanswered": Text("未能回答的问题", "Questions without an answer"),
    "unanswered_none": Text("所有问题均已回答。", "Every question was answered."),
    "about_records": Text("数据来源与修复", "The records and their repairs"),
    "provenance": Text("出处", "Provenance"),
    "provenance_note": Text(
        "相同的记录、代码、版本与随机种子得到逐字节相同的报告。",
        "The same records, code, versions and seed give the same report, byte for byte.",
    ),
    "grades": Text(
        "每条发现的等级决定措辞：描述 < 关联 < 改变。“关联”不等于因果。",
        "Each finding is worded by its grade: describes < is associated with < changed. "
        "An association is not proof of cause.",
    ),
    "card_tables": Text("数据表", "Tables"),
    "card_flow": Text("读取流程", "From files to tables"),
    "card_repairs": Text("修复", "Repairs"),
    "card_links": Text("表间关联", "Links between tables"),
    "card_denominators": Text("分母", "Denominators"),
    "card_masked": Text("个人信息脱敏", "Personal data masked"),
    "card_ignored": Text("未使用的列", "Columns not used"),
}

COLUMN_WORDS: dict[str, Text] = {
    "table": Text("表", "table"),
    "meaning": Text("名称", "name"),
    "rows": Text("行数", "rows"),
    "first": Text("最早", "first"),
    "last": Text("最晚", "last"),
    "step": Text("步骤", "step"),
    "column": Text("列", "column"),
    "rule": Text("规则", "rule"),
    "values": Text("数量", "values"),
    "to": Text("关联到", "to"),
    "filled": Text("有值", "filled"),
    "matched": Text("匹配", "matched"),
    "unmatched": Text("未匹配", "unmatched"),
    "unit": Text("层级", "level"),
    "measure": Text("口径", "measure"),
    "kind": Text("类型", "kind"),
    "found": Text("处数", "found"),
    "texts": Text("文本数", "texts"),
}
