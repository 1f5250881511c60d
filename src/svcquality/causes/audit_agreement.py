"""How far coders agree: overall, family by family, and between causes that are easily confused."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from svcquality.causes.audit_codes import AuditReading
from svcquality.errors import InputError
from svcquality.estimators.agreement import (
    Agreement,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
)  # fmt: skip
from svcquality.language import Text
from svcquality.text.codebook import RESIDUAL

OVERALL = {
    "causes": Text("全部原因", "All causes"),
    "families": Text("全部大类", "All families"),
}


def agreement(
    reading: AuditReading, *, weighted: bool = False, resamples: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """Kappa and alpha of the coders, over all causes and families and for each family alone.

    Parameters
    ----------
    reading : AuditReading
        Of at least two coders.
    weighted : bool
        False: agreement on the texts that were coded, among which doubtful ones are frequent.
        True: that on all complaints, by inverse probabilities of being drawn.
    resamples, seed : int
        Bootstrap of alpha.

    Returns
    -------
    DataFrame
        ``level`` (causes, families, family, cause), ``id, label_zh, label_en, units`` (texts with
        two codes), ``with_it`` (texts that some coder put there), ``observed`` (agreement),
        ``kappa, kappa_low, kappa_high, alpha, alpha_low, alpha_high``. Kappa is Cohen's for two
        coders and Fleiss' over texts that all have coded for more (unweighted). A family or cause
        is set against all others.

    Raises
    ------
    InputError
        If fewer than two coders coded the same text.
    """
    codebook = reading.draw.codebook
    wide = reading.by_coder
    wide = wide[wide.notna().sum(axis=1) >= 2]
    if wide.empty:
        raise InputError(
            "No text was coded by two coders, so their agreement cannot be computed; give the "
            "workbooks of both.",
            "没有任何文本由两位编码员共同编码，无法计算一致性；请给出两人的工作簿。",
        )
    weight = reading.draw.texts.set_index("key")["weight"].reindex(wide.index).to_numpy()
    families = wide.apply(lambda column: column.map(codebook.family_of))
    asked: list[tuple[str, str, pd.DataFrame, str | None]]
    asked = [("causes", "causes", wide, None), ("families", "families", families, None)]
    asked += [("family", f, families, f) for f in (*(f.id for f in codebook.families), RESIDUAL)]
    asked += [("cause", c, wide, c) for c in codebook.ids]
    labels = codebook.labels | OVERALL
    rows = []
    for level, name, codes, one in asked:
        used = int((codes == name).any(axis=1).sum()) if one else len(codes)
        if not used:
            continue
        values = codes if one is None else (codes == one).astype(object).where(codes.notna())
        kappa = _kappa(values, weight if weighted else None)
        alpha = krippendorff_alpha(
            values.to_numpy(dtype=object).T, unit_weight=weight if weighted else None,
            resamples=resamples, seed=seed,
        )  # fmt: skip
        rows.append(
            (level, name, labels[name].zh, labels[name].en, kappa.units, used, kappa.observed,
             kappa.estimate, kappa.low, kappa.high, alpha.estimate, alpha.low, alpha.high)
        )  # fmt: skip
    return pd.DataFrame(
        rows,
        columns=[
            "level", "id", "label_zh", "label_en", "units", "with_it", "observed",
            "kappa", "kappa_low", "kappa_high", "alpha", "alpha_low", "alpha_high",
        ],
    )  # fmt: skip


def confusions(reading: AuditReading) -> pd.DataFrame:
    """Which two causes coders take for each other.

    Returns
    -------
    DataFrame
        Pairs of causes that are neighbours in the codebook or were confused at least once, the most
        confused first: ``first, second`` (ids), ``first_zh, first_en, second_zh, second_en``,
        ``neighbours`` (bool: the codebook warns of it), ``both_first, both_second`` (texts on which
        two coders agree), ``split`` (texts that one puts into the first and one into the second),
        ``agreement`` (of the texts that two coders put into this pair, the share alike).
    """
    codebook = reading.draw.codebook
    ids = [*codebook.ids, RESIDUAL]
    table = np.zeros((len(ids), len(ids)))
    for a, b in combinations(reading.coders, 2):
        pair = reading.by_coder[[a, b]].dropna()
        place = [pd.Index(ids).get_indexer(pd.Index(pair[name])) for name in (a, b)]
        np.add.at(table, (place[0], place[1]), 1)
    split = table + table.T
    near = {frozenset((c.id, n)) for c in codebook.causes for n in c.neighbours}
    rows = []
    for i, j in combinations(range(len(ids)), 2):
        warned = frozenset((ids[i], ids[j])) in near
        if split[i, j] or (warned and table[i, i] + table[j, j]):
            same = table[i, i] + table[j, j]
            first, second = (codebook.labels[ids[k]] for k in (i, j))
            rows.append(
                (ids[i], ids[j], first.zh, first.en, second.zh, second.en, warned,
                 int(table[i, i]), int(table[j, j]), int(split[i, j]),
                 same / (same + split[i, j]))
            )  # fmt: skip
    frame = pd.DataFrame(
        rows,
        columns=[
            "first", "second", "first_zh", "first_en", "second_zh", "second_en", "neighbours",
            "both_first", "both_second", "split", "agreement",
        ],
    )  # fmt: skip
    return frame.sort_values(
        ["split", "agreement"], ascending=[False, True], kind="stable", ignore_index=True
    )


def _kappa(codes: pd.DataFrame, weight: np.ndarray | None) -> Agreement:
    if codes.shape[1] == 2:
        return cohen_kappa(codes.iloc[:, 0], codes.iloc[:, 1], unit_weight=weight)
    everyone = codes.dropna()
    if everyone.empty or weight is not None:
        nothing = float("nan")
        return Agreement(nothing, nothing, nothing, nothing, nothing, nothing, len(everyone), "")
    levels = pd.Index(pd.unique(everyone.to_numpy().ravel()))
    counts = np.stack([(everyone == level).sum(axis=1).to_numpy() for level in levels], axis=1)
    return fleiss_kappa(counts)
