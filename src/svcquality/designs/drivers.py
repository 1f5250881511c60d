"""Key drivers: which of the things customers rate or meet goes most with their satisfaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from svcquality.checks.driver_order import (
    driver_order,
    drivers_detectable,
    left_out,
    reversed_items,
)
from svcquality.checks.identified import identified
from svcquality.checks.outcome_in_disguise import outcome_in_disguise
from svcquality.checks.straight_lining import straight_lining
from svcquality.designs import DESIGNS
from svcquality.designs._adjusted import Adjusted, fit_answers
from svcquality.designs._answer_checks import answer_checks
from svcquality.designs._answers import FEWEST_ANSWERS, Answers, visit_answers
from svcquality.designs._drivers_columns import Drivers, choose_drivers
from svcquality.designs._drivers_items import (
    Items,
    against_the_rest,
    item_figures,
    kano_title,
    map_title,
)
from svcquality.designs._drivers_rows import (
    OUTCOME,
    driver_contrasts,
    drivers_frame,
    headline,
    leaders_of,
    quantities,
)
from svcquality.designs._drivers_shares import (
    Net,
    Shares,
    net_of_controls,
    readings,
    shares_of,
)
from svcquality.designs._drivers_words import flow_rows, method_words, model_columns
from svcquality.designs._rows import Quantity, table
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast
from svcquality.findings import Finding, Grade
from svcquality.language import Text

LINES = ("drop", "keep")
FEWEST_DRAWS = 100


def drivers(
    bank: Any,
    *,
    id: str = "drivers",
    outcome: str = "satisfaction",
    drivers: Sequence[str] | None = None,
    confounders: Sequence[str] | None = None,
    straight_liners: Literal["drop", "keep"] = "drop",
    draws: int = 500,
    seed: int = 0,
) -> Finding:
    """Share out the variance in satisfaction that drivers explain together, and say who leads.

    Exact LMG (Shapley) shares of R² net of customer, visit, branch and period, with a cluster
    bootstrap; the leader is named only where it is told apart from all others at once. Beside them
    each driver's direction and change in P(satisfied), and for rated items penalty and reward
    (Kano) and an importance–performance map.

    Parameters
    ----------
    bank : Records
        Needs surveys.
    outcome : {"satisfaction", "satisfied", "recommendation"}
    drivers : sequence of str, optional
        Exactly these survey columns, numbers, flags or categories; by default every rated item
        (``item_*``), the wait, training and a recent complaint. At most 15 are compared: beyond
        them the weakest by rank correlation are left out, and counted.
    confounders : sequence of str, optional
        More columns to hold equal.
    straight_liners : {"drop", "keep"}
        Whether answers that give one rating to every one of at least five items are left out. They
        hold nothing about which item matters more; both ways are computed and compared.
    draws : int
        Bootstrap draws, at least 100.
    seed : int

    Raises
    ------
    InputError
        If there are too few answers, they do not vary, a column is unknown, or fewer than two
        drivers can be compared.
    """
    _refuse(straight_liners, draws, drivers, confounders)
    answers = visit_answers(bank, outcome)
    chosen = choose_drivers(answers, drivers, drop_lines=straight_liners == "drop")
    offered = replace(answers, rows=chosen.rows)
    without = chosen.rows[~chosen.lines["straight"]].reset_index(drop=True)
    kept = offered if straight_liners == "keep" else replace(answers, rows=without)
    model = fit_answers(kept, chosen.exposures, confounders)
    net = net_of_controls(model, chosen)
    shares = shares_of(net, draws=draws, seed=seed)
    seen = _readings(offered, chosen, model, shares, straight_liners, confounders)
    leaders = leaders_of(shares, seen, chosen.ratings)
    changes = driver_contrasts(model, chosen)
    turned = against_the_rest(model, chosen, changes)
    items = item_figures(model, chosen, turned, draws=draws, seed=seed)
    rows = quantities(answers, model, chosen, shares, changes)
    rows += _asymmetries(items, model, chosen)
    claims = (
        headline(answers, chosen, shares, leaders),
        *(q.claim() for q in rows if not q.term.startswith("asymmetry_")),
    )
    frames, appendix = _figures(items)
    frames["drivers"] = drivers_frame(chosen, shares, changes, leaders)
    frames["readings"] = seen.rename_axis("driver").reset_index()
    return Finding(
        id=id,
        design="drivers",
        question=DESIGNS["drivers"].question,
        grade=Grade.ASSOCIATED,
        claims=claims,
        table=table(rows),
        checks=_checks(answers, kept, model, chosen, shares, seen, turned, straight_liners),
        method=method_words(answers, model, items, straight_liners, draws),
        flow=pd.DataFrame(flow_rows(answers, chosen, kept, model)),
        figure="drivers",
        frames=frames,
        appendix=appendix,
        models=model_columns({q.term: q for q in rows}, model, OUTCOME[answers.outcome.column]),
    )


def _refuse(
    straight_liners: str,
    draws: int,
    drivers: Sequence[str] | None,
    confounders: Sequence[str] | None,
) -> None:
    if straight_liners not in LINES:
        raise InputError(
            f"straight_liners is {straight_liners!r}; choose 'drop' or 'keep'.",
            f"straight_liners 为 {straight_liners!r}；请填写 drop 或 keep。",
        )
    if draws < FEWEST_DRAWS:
        raise InputError(
            f"{draws} draws are too few for an interval; use at least {FEWEST_DRAWS}.",
            f"抽样 {draws} 次不足以给出区间；请至少使用 {FEWEST_DRAWS} 次。",
        )
    both = set(drivers or ()) & set(confounders or ())
    if both and not isinstance(drivers, str):
        name = min(both)
        raise InputError(
            f"{name!r} is both a driver and held equal; give it one role.",
            f"{name!r} 既是驱动因素又是控制变量；请只保留一种角色。",
        )


def _readings(
    offered: Answers,
    chosen: Drivers,
    model: Adjusted,
    shares: Shares,
    straight_liners: str,
    confounders: Sequence[str] | None,
) -> pd.DataFrame:
    """The shares read with and without those who give one rating throughout."""
    lines = chosen.lines.set_axis(offered.rows["survey_id"])
    own = lines.loc[model.rows["survey_id"]]
    careful = ~own["straight"].to_numpy()
    others: dict[str, Net | None] = {}
    if straight_liners == "drop" and lines["straight"].any():
        others["all"] = _read(lambda: net_of_controls(_refit(offered, chosen, confounders), chosen))
    if straight_liners == "keep" and not careful.all():
        others["without"] = _read(lambda: net_of_controls(model, chosen, careful))
    if own["nearly"].any():
        alone = careful & ~own["nearly"].to_numpy()
        others["without_nearly"] = _read(lambda: net_of_controls(model, chosen, alone))
    return readings(shares, others)


def _refit(offered: Answers, chosen: Drivers, confounders: Sequence[str] | None) -> Adjusted:
    return fit_answers(offered, chosen.exposures, confounders)


def _read(net: Callable[[], Net]) -> Net | None:
    """A reading that only checks the answer; None where these rows do not allow it."""
    try:
        found = net()
    except InputError:
        return None
    return found if len(found.y) >= FEWEST_ANSWERS else None


def _asymmetries(items: Items, model: Adjusted, chosen: Drivers) -> list[Quantity]:
    if items.kano is None:
        return []
    binary = np.ptp(model.y) == 1
    return [
        Quantity(
            term=f"asymmetry_{row['attribute']}",
            subject=Text(
                f"{row['label_zh']}好评所得减差评所失",
                f"{row['label_en']}: gain when rated well minus loss when rated badly",
            ),
            outcome=Text("满意度", "satisfaction"),
            value=Contrast(
                row["asymmetry"],
                row["error"],
                row["low"],
                row["high"],
                row["p"],
                np.nan,
            ),
            n=model.fit.n,
            unit="share_difference" if binary else "points",
            error_kind=items.error_kind,
            clusters=model.fit.inference.clusters,
        )
        for row in items.kano.to_dict("records")
    ]


def _figures(items: Items) -> tuple[dict[str, pd.DataFrame], dict[str, Text]]:
    frames: dict[str, pd.DataFrame] = {}
    appendix: dict[str, Text] = {}
    if items.placed is not None:
        frames["importance_performance"] = items.placed
        appendix["importance_performance"] = map_title(items.placed)
    if items.kano is not None:
        frames["kano"] = items.kano
        appendix["kano"] = kano_title(items.kano)
    return frames, appendix


def _checks(
    answers: Answers,
    kept: Answers,
    model: Adjusted,
    chosen: Drivers,
    shares: Shares,
    seen: pd.DataFrame,
    turned: list[str],
    straight_liners: str,
) -> tuple[Any, ...]:
    words = chosen.words
    lost = [name for name in chosen.columns if name not in set(shares.table["driver"])]
    key = next((c for c in chosen.exposures if c in model.matrix.at), "")
    named = next((n for n, columns in chosen.columns.items() if key in columns), "")
    return (
        straight_lining(chosen.lines, seen, words, dropped=straight_liners == "drop"),
        outcome_in_disguise(chosen.verdicts, OUTCOME[answers.outcome.column], words),
        left_out([why for kind, why in chosen.left_out.items() if kind != "disguise"]),
        drivers_detectable(shares.p, shares.test),
        driver_order(shares.leading.rivals, words, shares.leading.name),
        reversed_items([words[name] for name in turned]),
        *answer_checks(kept, model, key, words[named]),
        identified([words[name] for name in lost]),
    )
