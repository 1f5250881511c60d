"""One file a research question: records in, a `Finding` out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from inspect import Parameter, signature

from svcquality.findings import Finding
from svcquality.language import Text


@dataclass(frozen=True)
class Design:
    """A way to answer one question.

    Parameters
    ----------
    name : str
        Also the name of its module and of its function.
    needs : tuple of str
        Tables without which the question is not asked.
    question : Text
        The question in a reader's words.
    title : Text
        A short heading.
    by_cause : bool
        Whether it cannot do without measured causes (where complaints have texts).
    by_default : bool
        Whether a study that names no questions asks it.
    """

    name: str
    needs: tuple[str, ...]
    question: Text
    title: Text
    by_cause: bool = False
    by_default: bool = True

    @property
    def run(self) -> Callable[..., Finding]:
        """The function; its module is imported when it is first wanted."""
        function: Callable[..., Finding] = getattr(
            import_module(f"svcquality.designs.{self.name}"), self.name
        )
        return function

    @property
    def options(self) -> tuple[str, ...]:
        """What a study may set for it."""
        given = {"id", "causes", "seed", "progress"}
        return tuple(
            p.name
            for p in signature(self.run).parameters.values()
            if p.kind is Parameter.KEYWORD_ONLY and p.name not in given
        )


DESIGNS: dict[str, Design] = {
    design.name: design
    for design in (
        Design(
            "cause_shares",
            ("complaints",),
            Text(
                "客户为什么投诉，各类原因占多少？", "What do customers complain about, how often?"
            ),
            Text("投诉原因构成", "Causes of complaints"),
            by_cause=True,
        ),
        Design(
            "topics",
            ("complaints",),
            Text(
                "投诉文本谈了些什么（探索性）？",
                "What do the complaint texts speak of (exploratory)?",
            ),
            Text("投诉文本主题", "Topics of the texts"),
        ),
        Design(
            "emotion",
            ("complaints",),
            Text(
                "投诉文本流露哪些情绪？",
                "Which emotions do the complaint texts show?",
            ),
            Text("投诉中的情绪", "Emotions in complaints"),
        ),
        Design(
            "cause_cost",
            ("complaints", "surveys"),
            Text(
                "投诉之后，不同原因的客户满意程度相差多少？",
                "How does satisfaction after a complaint differ by its cause?",
            ),
            Text("各类原因与投诉后满意度", "Causes and satisfaction after a complaint"),
            by_cause=True,
        ),
        Design(
            "satisfaction",
            ("surveys",),
            Text("哪些因素与客户满意度有关？", "What goes with satisfied customers?"),
            Text("满意度的相关因素", "What goes with satisfaction"),
        ),
        Design(
            "drivers",
            ("surveys",),
            Text(
                "在各项服务与体验中，哪些与满意度的关联最大？",
                "Which parts of the service go most with satisfaction?",
            ),
            Text("关键驱动因素", "Key drivers"),
        ),
        Design(
            "waiting",
            ("surveys",),
            Text(
                "等候时间越长，满意的客户少多少？",
                "How many fewer customers are satisfied after longer waits?",
            ),
            Text("等候与满意度", "Waiting and satisfaction"),
        ),
        Design(
            "bottleneck",
            ("visits",),
            Text(
                "客户在网点的时间花在哪里，瓶颈在何处？",
                "Where does the time in the branch go, and where is the bottleneck?",
            ),
            Text("时间去向与瓶颈", "Where the time goes"),
        ),
        Design(
            "staffing",
            ("visits",),
            Text("多开窗口能少等多久？", "How much shorter would waits be with more windows?"),
            Text("窗口与等候", "Windows and waits"),
        ),
        Design(
            "recommendation",
            ("surveys",),
            Text(
                "客户愿意推荐吗，办事费力吗？",
                "Would customers recommend the bank, and how much effort does it take them?",
            ),
            Text("推荐意愿与费力度", "Recommendation and effort"),
        ),
        Design(
            "non_response",
            ("surveys",),
            Text(
                "答复者能代表全部受邀客户吗？",
                "Do those who answer speak for all who were invited?",
            ),
            Text("未答复的客户", "Those who do not answer"),
        ),
        Design(
            "training",
            ("training", "complaints"),
            Text("员工培训之后，投诉有没有变化？", "Did complaints change after staff training?"),
            Text("员工培训", "Staff training"),
        ),
        Design(
            "policy",
            ("interventions", "complaints"),
            Text(
                "政策变动之后，投诉有没有变化？", "Did complaints change after the policy change?"
            ),
            Text("政策变动", "Policy change"),
        ),
        Design(
            "loyalty",
            ("accounts",),
            Text("哪些客户更可能销户？", "Which customers close their accounts?"),
            Text("客户流失", "Who leaves"),
        ),
        Design(
            "regression",
            (),
            Text(
                "按研究者设定的模型，结果与哪些因素有关？", "What does the researcher's model say?"
            ),
            Text("自定义回归", "A regression of your own"),
            by_default=False,
        ),
        Design(
            "handling",
            ("complaints",),
            Text("投诉多久得到答复？", "How long does a reply take?"),
            Text("投诉处理时长", "Time to a reply"),
        ),
    )
}
"""All designs by name, in the order in which a report tells them."""
