"""Words of publication tables, in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from svcquality.language import Language, Text, plain
from svcquality.records.tables import TABLES

OUTCOME = Text("结果变量", "Outcome")
MODEL = Text("模型", "Model")
SCALE = Text("系数尺度", "Scale")
HELD_EQUAL = Text("控制：{name}", "Held equal: {name}")
YES = Text("是", "yes")
ADJUSTED = Text("，校正后 {sign}{{}}", ", adjusted {sign}{{}}")

FACTS: dict[str, Text] = {
    "n": Text("观测数", "Observations"),
    "clusters": Text("聚类单元数", "Clusters"),
    "error_kind": Text("标准误", "Kind of error"),
    "r_squared": Text("R²", "R²"),
    "adjusted_r_squared": Text("调整 R²", "Adjusted R²"),
    "within_r_squared": Text("组内 R²", "Within R²"),
    "pseudo_r_squared": Text("伪 R²", "Pseudo R²"),
    "log_likelihood": Text("对数似然", "Log-likelihood"),
    "intraclass_correlation": Text("组内相关系数", "Intraclass correlation"),
    "aic": Text("AIC", "AIC"),
    "bic": Text("BIC", "BIC"),
}
"""Facts of a model in their order below the line; others follow under their own names."""
COUNTS = ("n", "clusters")
SAID_IN_NOTES = ("df",)

BENEATH: dict[str, Text] = {
    "error": Text("标准误（圆括号内）", "standard errors (in brackets)"),
    "interval": Text("95% 区间（方括号内）", "95% intervals [in square brackets]"),
    "t": Text("t 值", "t statistics"),
    "p": Text("p 值", "p-values"),
}
BELOW = Text("系数下方依次为：{parts}。", "Beneath each estimate: {parts}.")
ALONE = Text("仅列估计值。", "Estimates only.")
INFERENCE = Text("推断：{parts}。", "Inference: {parts}.")
OF_MODELS = Text("模型 {models}：{words}", "{models} {words}")
T_WITH = Text("t 分布，自由度 {df}", "t with {df} degrees of freedom")
NORMAL = Text("正态分布", "normal distribution")
NO_DF = Text("未注明自由度", "degrees of freedom not stated")
NO_KIND = Text("未注明标准误类型", "kind of error not stated")
STARS = Text("* p < 0.05，** p < 0.01，*** p < 0.001，{by}。", "* p < 0.05, ** p < 0.01, *** p < 0.001, {by}.")  # fmt: skip
STARS_HOLM = Text(
    "按每个模型内经 Holm 法校正的 p 值", "by p-values adjusted by Holm's method within each model"
)
STARS_GIVEN = Text("按各模型给出的校正后 p 值", "by the adjusted p-values that the models carry")
STARS_BOTH = Text(
    "按模型给出的校正后 p 值；未给出者按模型内 Holm 法校正",
    "by the adjusted p-values that a model carries, else adjusted by Holm's method within it",
)
SCALES_DIFFER = Text(
    "各模型的系数尺度不同，数值大小不可直接比较。",
    "The models stand on different scales, so the sizes of their coefficients do not compare.",
)

ROWS = Text("样本数", "Rows")
ALL = Text("全部", "All")
UNRECORDED = Text("未记录", "not recorded")
RECORDED = Text("有记录", "recorded")
MISSING = Text("缺失", "missing")
MEAN_SD = Text("均值（标准差）", "mean (standard deviation)")
QUARTILES = Text("中位数 [四分位数]", "median [quartiles]")
FLAGS = {"True": YES, "False": Text("否", "no")}
HIDDEN = Text("隐", "s")
SHARES = Text("类别列出人数（占有记录者的比例）。", "Categories: count (share of those recorded).")
WEIGHTED = Text(
    "比例、均值、标准差与分位数按权重计算；计数不加权。",
    "Shares, means, deviations and quantiles are weighted; counts are not.",
)
SUPPRESSED = Text(
    "隐：少于 {below} 的计数，以及可据以推算出它们的数值，均不列出。",
    "s: suppressed, being a count below {below} or a value that would give one away.",
)

_KINDS: dict[str, Text] = {
    "CR0": Text("聚类稳健标准误 CR0", "cluster-robust errors, CR0"),
    "CR1": Text("聚类稳健标准误 CR1", "cluster-robust errors, CR1"),
    "CR2": Text("聚类稳健标准误 CR2", "cluster-robust errors, CR2"),
    "CR3": Text("聚类刀切标准误 CR3", "cluster jackknife errors, CR3"),
    "HC0": Text("异方差稳健标准误 HC0", "heteroskedasticity-robust errors, HC0"),
    "HC1": Text("异方差稳健标准误 HC1", "heteroskedasticity-robust errors, HC1"),
    "HC2": Text("异方差稳健标准误 HC2", "heteroskedasticity-robust errors, HC2"),
    "HC3": Text("异方差稳健标准误 HC3", "heteroskedasticity-robust errors, HC3"),
    "model": Text("基于模型的标准误（信息矩阵之逆）", "model-based errors (inverse information)"),
}  # fmt: skip
_SHORT = {"model": Text("基于模型", "model-based")}
_TWO_WAY = Text("{kind}，双向", "{kind}, two-way")
_CONVENTIONS = {
    "components": Text("（各项按自身的聚类单元数校正）", " (each part with the factor of its own clusters)"),
    "smallest": Text("（统一按最少的聚类单元数校正）", " (with the factor of the fewest clusters)"),
}  # fmt: skip
_MENDED = Text("{kind}，负特征值置零", "{kind}, negative eigenvalues set to 0")
_BY = Text("{kind}，按{by}聚类", "{kind}, by {by}")
_GROUPED = Text("{kind}，以{by}分组", "{kind}, grouped by {by}")
_IMPUTED = Text("{kind}，{m} 次插补", "{kind}, {m} imputations")
_PATTERN = re.compile(
    r"(?P<kind>.*?)(?: two-way \((?P<two>.*?)\))?(?P<mended>, negative eigenvalues set to 0)?"
    r"(?: by (?P<by>.*?))?(?:, (?P<m>\d+) imputations)?"
)
_COLUMNS = {
    "branch_trained": Text("网点已受训", "branch trained"),
    "recent_complaint": Text("此前 90 天内有投诉", "complaint in the 90 days before"),
    "hour": Text("到店时段", "hour of the visit"),
    "wait_minutes": Text("等候时间（分钟）", "wait, minutes"),
    "tenure_months": Text("开户时长（月）", "tenure, months"),
}
"""Columns of panels, which no table of the records declares."""


def fact(name: str) -> Text:
    """What a fact of a model is called."""
    return FACTS.get(name, plain(name.replace("_", " ")))


def in_language(words: Text | str, language: Language) -> str:
    """Words in a language; a plain string is the same in both."""
    return words[language] if isinstance(words, Text) else words


def column_words(name: str) -> Text:
    """What the records call a column; its own name where they have none such."""
    tables = [table for table in TABLES.values() if name in table.columns]
    own = [table for table in tables if table.key == (name,)]  # a branch before a home branch
    declared = (table.columns[name].meaning for table in [*own, *tables])
    return _COLUMNS.get(name) or next(declared, plain(name))


def named(words: Text) -> Text:
    """A bare column name in the records' words; other words as they are."""
    return column_words(words.en) if words.zh == words.en else words


def grouping(words: Text) -> Text:
    """A column as a grouping: the branch, not its number."""
    known = named(words)
    return Text(known.zh.removesuffix("编号"), known.en)


def error_kind(kind: str, *, short: bool = False) -> Text:
    """A kind of error ("CR1 by branch_id", "HC1, 20 imputations") in words."""
    found = _PATTERN.fullmatch(kind)
    parts = found.groupdict() if found else {"kind": kind}
    head = str(parts["kind"])
    words = _SHORT.get(head, plain(head)) if short else _KINDS.get(head, plain(head))
    if two_way := parts.get("two"):
        words = _TWO_WAY.format(kind=words)
        if not short:
            convention = _CONVENTIONS.get(two_way, plain(f" ({two_way})"))
            words = Text(words.zh + convention.zh, words.en + convention.en)
    if parts.get("mended"):
        words = _MENDED.format(kind=words)
    if by := parts.get("by"):
        names = [column_words(name) for name in re.split(r" & | and |, ?|\+", by)]
        joined = Text(
            "与".join(n.zh.removesuffix("编号") for n in names), " and ".join(n.en for n in names)
        )
        words = (_GROUPED if head == "model" else _BY).format(kind=words, by=joined)
    return _IMPUTED.format(kind=words, m=parts["m"]) if parts.get("m") else words


def inference(facts: Mapping[str, int | float | str]) -> Text:
    """Kind of error and reference distribution of a model, in words."""
    kind = error_kind(str(facts["error_kind"])) if facts.get("error_kind") else NO_KIND
    df = facts.get("df")
    if df is None or (isinstance(df, float) and math.isnan(df)):
        reference = NO_DF
    elif math.isinf(float(df)):
        reference = NORMAL
    else:
        reference = T_WITH.format(df=f"{float(df):,.4g}" if float(df) % 1 else f"{float(df):,.0f}")
    return Text(f"{kind.zh}（{reference.zh}）", f"{kind.en} ({reference.en})")
