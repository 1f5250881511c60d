"""A workbench for service-quality research in banks.

>>> import svcquality as sq
>>> bank = sq.read_records("data/demo")                                   # doctest: +SKIP
>>> causes = sq.measure_causes(bank.complaints, codebook="bank-zh", seed=7)  # doctest: +SKIP
>>> sq.waiting(bank, outcome="satisfaction").sentence("en")               # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from svcquality.causes.crosswalk import crosswalk
    from svcquality.causes.emotion_coder import train_emotion_coder
    from svcquality.causes.measure import measure_causes
    from svcquality.causes.topic_trends import topic_trends
    from svcquality.causes.topics import discover_topics
    from svcquality.designs.bottleneck import bottleneck
    from svcquality.designs.cause_cost import cause_cost
    from svcquality.designs.cause_shares import cause_shares
    from svcquality.designs.drivers import drivers
    from svcquality.designs.emotion import emotion
    from svcquality.designs.handling import handling
    from svcquality.designs.loyalty import loyalty
    from svcquality.designs.non_response import non_response
    from svcquality.designs.planning import plan
    from svcquality.designs.policy import policy
    from svcquality.designs.recommendation import recommendation
    from svcquality.designs.regression import regression
    from svcquality.designs.satisfaction import satisfaction
    from svcquality.designs.staffing import staffing
    from svcquality.designs.topics import topics
    from svcquality.designs.training import training
    from svcquality.designs.waiting import waiting
    from svcquality.findings import Check, Finding, Grade
    from svcquality.models.regress import regress
    from svcquality.records.read import Records, read_records
    from svcquality.records.visits_panel import visits_panel
    from svcquality.report.publication import model_table
    from svcquality.report.publication.plot import coefficient_plot
    from svcquality.report.publication.sample import sample_table
    from svcquality.simulate.bank import simulate_bank
    from svcquality.study import read_study, run_study
    from svcquality.text.emotion import score_emotion

_HOMES = {
    "Check": "findings",
    "Finding": "findings",
    "Grade": "findings",
    "Records": "records.read",
    "bottleneck": "designs.bottleneck",
    "cause_cost": "designs.cause_cost",
    "cause_shares": "designs.cause_shares",
    "coefficient_plot": "report.publication.plot",
    "crosswalk": "causes.crosswalk",
    "discover_topics": "causes.topics",
    "drivers": "designs.drivers",
    "emotion": "designs.emotion",
    "handling": "designs.handling",
    "loyalty": "designs.loyalty",
    "measure_causes": "causes.measure",
    "model_table": "report.publication",
    "non_response": "designs.non_response",
    "plan": "designs.planning",
    "policy": "designs.policy",
    "read_records": "records.read",
    "read_study": "study",
    "recommendation": "designs.recommendation",
    "regress": "models.regress",
    "regression": "designs.regression",
    "run_study": "study",
    "sample_table": "report.publication.sample",
    "satisfaction": "designs.satisfaction",
    "score_emotion": "text.emotion",
    "simulate_bank": "simulate.bank",
    "staffing": "designs.staffing",
    "topic_trends": "causes.topic_trends",
    "topics": "designs.topics",
    "train_emotion_coder": "causes.emotion_coder",
    "training": "designs.training",
    "visits_panel": "records.visits_panel",
    "waiting": "designs.waiting",
}

__all__ = [
    "Check",
    "Finding",
    "Grade",
    "Records",
    "__version__",
    "bottleneck",
    "cause_cost",
    "cause_shares",
    "coefficient_plot",
    "crosswalk",
    "discover_topics",
    "drivers",
    "emotion",
    "handling",
    "loyalty",
    "measure_causes",
    "model_table",
    "non_response",
    "plan",
    "policy",
    "read_records",
    "read_study",
    "recommendation",
    "regress",
    "regression",
    "run_study",
    "sample_table",
    "satisfaction",
    "score_emotion",
    "simulate_bank",
    "staffing",
    "topic_trends",
    "topics",
    "train_emotion_coder",
    "training",
    "visits_panel",
    "waiting",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import svcquality`` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'svcquality' has no attribute {name!r}")
    value = getattr(import_module(f"svcquality.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
