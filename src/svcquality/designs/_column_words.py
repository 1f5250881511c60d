"""Columns of the records in a reader's words: exposures, outcomes, what is held equal."""

from __future__ import annotations

from svcquality.language import Text, plain
from svcquality.records.tables import ITEM_PREFIX, TABLES

_SAID = {
    "satisfaction": Text("满意度", "satisfaction"),
    "satisfied": Text("满意", "satisfied answers"),
    "recommendation": Text("推荐意愿", "willingness to recommend"),
    "effort": Text("费力度", "effort"),
    "age": Text("年龄（岁）", "years of age"),
    "wait_minutes_mean": Text("平均等候分钟数", "mean minutes of waiting"),
    "complaints_per_1000_visits": Text("每千次到店投诉", "complaints per 1,000 visits"),
    "satisfied_share": Text("满意比例", "the share satisfied"),
    "wait_minutes": Text("等候分钟数", "minutes of waiting"),
    "branch_trained": Text("网点是否已受训", "branch training"),
    "recent_complaint": Text("近期投诉", "a recent complaint"),
    "hour": Text("到店时段", "hour of the visit"),
    "month": Text("月份", "month"),
    "quarter": Text("季度", "quarter"),
    "year": Text("年份", "year"),
    "branch_id": Text("网点", "branch"),
    "tenure_months": Text("客龄（月）", "months as a customer"),
}


_MORE = {
    "wait_minutes": Text("多等候 {n} 分钟", "{n} more minutes of waiting"),
    "wait_minutes_mean": Text("平均等候多 {n} 分钟", "{n} more minutes of mean waiting"),
    "announced_minutes": Text("告知的等候多 {n} 分钟", "{n} more minutes of announced waiting"),
    "age": Text("年龄大 {n} 岁", "{n} more years of age"),
    "tenure_months": Text("客龄多 {n} 个月", "{n} more months as a customer"),
}


def more_of(name: str, change: float) -> Text:
    """So much more of a number, as a noun phrase."""
    said = column_words(name)
    phrase = _MORE.get(name)
    if phrase is None and name.startswith(ITEM_PREFIX):
        phrase = Text(f"{said.zh}高 {{n}} 分", f"{{n}} more points for {said.en}")
    phrase = phrase or Text(f"{said.zh}高 {{n}} 个单位", f"{{n}} units more of {said.en}")
    return phrase.format(n=f"{change:g}")


def column_words(name: str) -> Text:
    """A column as a noun phrase; a bank's own column by its own name."""
    if name in _SAID:
        return _SAID[name]
    if name.startswith(ITEM_PREFIX):
        item = name.removeprefix(ITEM_PREFIX).replace("_", " ")
        return Text(f"“{item}”评分", f"the rating of “{item}”")
    for table in TABLES.values():
        if name in table.columns:
            meaning = table.columns[name].meaning
            return Text(meaning.zh, meaning.en)
    return plain(name)
