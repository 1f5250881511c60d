"""How right an instrument is: accuracy, precision, recall and F1 against the hand-coded sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.causes.accuracy_calibration import Calibration, calibration
from svcquality.causes.accuracy_design import Design
from svcquality.causes.shares import wilson
from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.text.codebook import RESIDUAL, Codebook

MEASURES = {
    "accuracy": Text("准确率", "accuracy"),
    "macro_f1": Text("宏平均 F1", "macro-averaged F1"),
    "weighted_f1": Text("加权平均 F1", "weighted F1"),
}


@dataclass(frozen=True, eq=False)
class Accuracy:
    """How far an instrument agrees with the hand-coded sample, as estimated for all complaints.

    Parameters
    ----------
    by_class : DataFrame
        ``level`` (cause, family), ``id, label_zh, label_en, coded`` (hand-coded complaints of it),
        ``measured`` (hand-coded complaints that the instrument put there), ``share`` (of all
        complaints), and ``precision, recall, f1``, each with ``_low`` and ``_high``. Missing where
        nothing was there to be right or wrong about.
    overall : DataFrame
        ``level, measure`` (see `MEASURES`), ``estimate, error, low, high, n``.
    confusion : DataFrame
        Estimated share of all complaints, by true cause (rows) and measured cause (columns).
    calibration : Calibration or None
        Where probabilities were given.
    unmeasured : int
        Hand-coded complaints that the instrument said nothing about; they are left out.
    """

    by_class: pd.DataFrame
    overall: pd.DataFrame
    confusion: pd.DataFrame
    calibration: Calibration | None
    unmeasured: int


def accuracy(
    measured: pd.Series | pd.DataFrame,
    coded: pd.DataFrame,
    codebook: Codebook,
    *,
    probabilities: pd.DataFrame | None = None,
    population: bool = False,
    level: float = 0.95,
    seed: int = 0,
) -> Accuracy:
    """Hold an instrument against a random hand-coded sample of known probabilities.

    The sample must not have taught the instrument; see `cross_fitted` for one that it did.

    Parameters
    ----------
    measured : Series of str, or DataFrame
        Measured cause by complaint id, or probabilities (a column a cause and ``residual``), whose
        largest is then the measured cause.
    coded : DataFrame
        ``complaint_id, cause, probability`` and optionally ``stratum`` (else complaints of equal
        probability count as one) and ``cluster`` (complaints with the same text).
    codebook : Codebook
    probabilities : DataFrame, optional
        For calibration, where ``measured`` is a Series.
    population : bool
        False: how right it is on complaints of this kind. True: on just these complaints, of which
        only the draw of coded ones is random (with finite-population correction).
    level : float
        Nominal coverage.
    seed : int
        Of the bootstrap for the calibration error.

    Returns
    -------
    Accuracy

    Raises
    ------
    InputError
        If fewer than two coded complaints were measured, a probability is not within (0, 1], or a
        code is no cause of the codebook.

    Notes
    -----
    Each measure is a ratio of weighted totals, its variance linearised within strata (Särndal,
    Swensson & Wretman 1992, ch. 5). Precision, recall and accuracy are shares and get Wilson's
    interval with the effective number of complaints, never more than there are; F1 = 2J/(1 + J) is
    that of the share J of those put into a class by either that both put there. Averages of F1
    are over classes that people coded at least once, unweighted (macro) or by true share; what is
    wrongly put into another class still costs the recall of the right one.
    """
    if isinstance(measured, pd.DataFrame):
        probabilities = measured
        measured = measured.idxmax(axis=1)
    sample = coded.assign(measured=measured.reindex(coded["complaint_id"]).to_numpy())
    known = sample[sample["measured"].notna()].reset_index(drop=True)
    if len(known) < 2:
        raise InputError(
            "Fewer than two hand-coded complaints were measured; code more texts of these complaints.",
            "已测量的投诉中人工编码不足两条；请对这些投诉补充编码。",
        )
    if not known["probability"].between(0, 1, inclusive="right").all():
        raise InputError(
            "A hand-coded complaint has no probability of being drawn above 0 and up to 1; take "
            "the codes from 'svcquality audit read'.",
            "有人工编码的投诉缺少 0 到 1 之间的抽取概率；请使用 svcquality audit read 输出的编码。",
        )
    _refuse_unknown(known["cause"], codebook)
    design = Design.of(known, population=population)
    causes, by_cause = _score(known["cause"], known["measured"], design, "cause", codebook, level)
    families, by_family = _score(
        known["cause"].map(codebook.family_of), known["measured"].map(codebook.family_of),
        design, "family", codebook, level,
    )  # fmt: skip
    joint = known.assign(weight=design.weight / design.weight.sum())
    ids = [*codebook.ids, RESIDUAL]
    confusion = joint.pivot_table(
        index="cause", columns="measured", values="weight", aggfunc="sum", fill_value=0.0
    ).reindex(index=ids, columns=ids, fill_value=0.0)
    calibrated = None
    if probabilities is not None:
        calibrated = calibration(
            probabilities.reindex(known["complaint_id"]).reset_index(drop=True),
            known["cause"], known["measured"], design, level=level, seed=seed,
        )  # fmt: skip
    return Accuracy(
        pd.concat([families, causes], ignore_index=True),
        pd.concat([by_family, by_cause], ignore_index=True),
        confusion,
        calibrated,
        len(sample) - len(known),
    )


def compare_instruments(
    instruments: Mapping[str, pd.Series | pd.DataFrame],
    coded: pd.DataFrame,
    codebook: Codebook,
    *,
    population: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """Several instruments against the same sample.

    Parameters
    ----------
    instruments : mapping of str to Series or DataFrame
        As ``measured`` in `accuracy`, by name.
    coded, codebook, population, level
        As in `accuracy`.

    Returns
    -------
    DataFrame
        ``instrument`` before the columns of `Accuracy.overall`.
    """
    parts = [
        accuracy(measured, coded, codebook, population=population, level=level).overall.assign(
            instrument=name
        )
        for name, measured in instruments.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["instrument", *(c for c in table if c != "instrument")]]


def cross_fitted(
    fit: Callable[[pd.DataFrame], Callable[[pd.Index], pd.DataFrame]],
    coded: pd.DataFrame,
    *,
    folds: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """What an instrument says of texts that did not teach it, though the sample did.

    Parameters
    ----------
    fit : callable
        Takes hand-coded rows, gives a function from complaint ids to probabilities (a row an id).
    coded : DataFrame
        ``complaint_id, cause`` and optionally ``cluster``: complaints with the same text are never
        split between teaching and testing.
    folds : int
        At least 2.
    seed : int

    Returns
    -------
    DataFrame
        Probabilities by complaint id, for `accuracy`.

    Raises
    ------
    InputError
        If there are fewer texts than folds, or fewer than two folds.
    """
    text = coded["cluster"] if "cluster" in coded else coded["complaint_id"]
    texts = coded.groupby(text.to_numpy(), sort=True)["cause"].first()
    if folds < 2 or len(texts) < folds:
        raise InputError(
            f"{len(texts)} hand-coded texts cannot be split into {folds} parts; code more texts or "
            "use 2 to 5 folds.",
            f"{len(texts)} 条人工编码文本无法分成 {folds} 份；请增加编码，或把折数设为 2 至 5。",
        )
    shuffled = texts.iloc[np.random.default_rng(seed).permutation(len(texts))]
    dealt = shuffled.sort_values(kind="stable")  # each cause is spread evenly over the folds
    fold = pd.Series(np.arange(len(dealt)) % folds, index=dealt.index)
    of_row = text.map(fold).to_numpy()
    parts = []
    for number in range(folds):
        tell = fit(coded[of_row != number].reset_index(drop=True))
        parts.append(tell(pd.Index(coded["complaint_id"][of_row == number])))
    return pd.concat(parts).fillna(0.0).reindex(coded["complaint_id"])


def _refuse_unknown(causes: pd.Series, codebook: Codebook) -> None:
    unknown = causes[~causes.isin([*codebook.ids, RESIDUAL])]
    if len(unknown):
        raise InputError(
            f"{len(unknown)} hand-given codes are no causes of the codebook {codebook.name} "
            f"{codebook.version} (first: {unknown.iloc[0]}); measure with the codebook that the "
            "texts were coded by.",
            f"有 {len(unknown)} 个人工编码不是编码本 {codebook.name} {codebook.version} 中的原因"
            f"（如 {unknown.iloc[0]}）；请用编码时所用的编码本测量。",
        )


def _score(
    truth: pd.Series, said: pd.Series, design: Design, name: str, codebook: Codebook, level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    ids = codebook.ids if name == "cause" else [family.id for family in codebook.families]
    known = [*ids, RESIDUAL]
    classes = [c for c in known if (truth == c).any() or (said == c).any()]
    true = truth.to_numpy(dtype=object)[:, None] == np.array(classes, dtype=object)
    put = said.to_numpy(dtype=object)[:, None] == np.array(classes, dtype=object)
    hit = true & put
    columns: dict[str, np.ndarray] = {}
    jaccard, influence = design.ratio(hit, true | put)
    for measure, domain in (("precision", put), ("recall", true), ("f1", true | put)):
        value, spread = design.ratio(hit, domain)
        variance = design.variance(spread)
        ends = np.array(
            [_interval(value[k], variance[k], domain[:, k], design, level)
             for k in range(len(classes))]
        )  # fmt: skip
        if measure == "f1":
            value, ends = 2 * value / (1 + value), 2 * ends / (1 + ends)
        columns |= {measure: value, f"{measure}_low": ends[:, 0], f"{measure}_high": ends[:, 1]}
    share, share_influence = design.ratio(true, np.ones_like(true))
    labels = [codebook.labels[c] for c in classes]
    by_class = pd.DataFrame(
        {"level": name, "id": classes, "label_zh": [x.zh for x in labels],
         "label_en": [x.en for x in labels], "coded": true.sum(axis=0),
         "measured": put.sum(axis=0), "share": share, **columns}
    )  # fmt: skip
    f1, occurs = columns["f1"], true.any(axis=0)
    slope = 2 / (1 + jaccard) ** 2 * influence
    right, right_influence = design.ratio(hit.any(axis=1, keepdims=True), np.ones((len(true), 1)))
    whole = {
        "accuracy": (float(right[0]), right_influence[:, 0]),
        "macro_f1": (float(f1[occurs].mean()), slope[:, occurs].mean(axis=1)),
        "weighted_f1": (float(share @ f1), slope @ share + share_influence @ f1),
    }
    everything = np.ones(len(true), dtype=bool)
    rows = []
    variance = design.variance(np.column_stack([each for _, each in whole.values()]))
    for (measure, (mean, _)), v in zip(whole.items(), variance, strict=True):
        low, high = _interval(mean, float(v), everything, design, level)
        rows.append((name, measure, mean, float(np.sqrt(v)), low, high, len(true)))
    return by_class, pd.DataFrame(
        rows, columns=["level", "measure", "estimate", "error", "low", "high", "n"]
    )


def _interval(
    value: float, variance: float, domain: np.ndarray, design: Design, level: float
) -> tuple[float, float]:
    """Wilson's interval with as many independent complaints as give the same error."""
    if np.isnan(value):
        return np.nan, np.nan
    texts = design.texts(domain)
    most = texts / max(design.unsampled(domain), 1e-12)
    n = value * (1 - value) / variance if variance > 0 else design.effective(domain)
    if n <= 0 or design.unsampled(domain) <= 0:
        return value, value  # every complaint was coded, and only these are asked about
    return wilson(value, min(n, most), design.df, level)
