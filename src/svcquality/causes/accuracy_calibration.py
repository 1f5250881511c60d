"""Whether an instrument's probabilities can be believed: reliability, calibration error, Brier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.causes.accuracy_design import Design
from svcquality.causes.shares import wilson

BINS = 10
FEWEST_A_BIN = 20
RESAMPLES = 500


@dataclass(frozen=True, eq=False)
class Calibration:
    """How often the instrument is right, beside how sure it is.

    Parameters
    ----------
    bins : DataFrame
        Bins of equal numbers of complaints by the probability of the measured cause: ``bin, n,
        confidence`` (mean probability), ``right`` (share that is right), ``low, high``.
    overall : DataFrame
        ``measure, estimate, low, high, reference``. ``calibration_error``: mean distance between
        confidence and share over bins (ECE); its reference is the error that a perfectly calibrated
        instrument would show with this sample, by chance alone. ``overconfidence``: mean confidence
        minus accuracy; reference 0. ``brier``: mean over complaints of the squared distance between
        the probabilities and the true cause (0 to 2); its reference is that of always saying the
        true shares.
    by_class : DataFrame
        The same as the bins for each measured cause: ``id, n, confidence, right, low, high``.
    """

    bins: pd.DataFrame
    overall: pd.DataFrame
    by_class: pd.DataFrame


def calibration(
    probabilities: pd.DataFrame,
    truth: pd.Series,
    said: pd.Series,
    design: Design,
    *,
    level: float = 0.95,
    seed: int = 0,
) -> Calibration:
    """Compare probabilities with hand-given codes.

    Parameters
    ----------
    probabilities : DataFrame
        One row a coded complaint, a column a cause and ``residual``.
    truth, said : Series of str
        True and measured cause, in the same order.
    design : Design
    level : float
        Nominal coverage.
    seed : int
        Of the bootstrap for the calibration error (Rao & Wu 1988), whose interval is the basic one,
        cut at 0: binned errors are biased upwards, and it takes the bias out of the ends.

    Notes
    -----
    Brier (1950), Mon. Weather Rev. 78; Bröcker & Smith (2007), Weather Forecast. 22, for the
    reference; Gupta & Ramdas (2022), ICLR, for each measured cause; linearised errors as in `svcquality.causes.accuracy.accuracy`.
    """
    columns = pd.Index(probabilities.columns)
    chance = probabilities.to_numpy(dtype=float)
    rows = np.arange(len(chance))
    place, true = (columns.get_indexer(pd.Index(x)) for x in (said, truth))
    confidence = np.where(place >= 0, chance[rows, place], 0.0)
    right = (place == true).astype(float)
    w = design.weight / design.weight.sum()
    many = int(np.clip(len(rows) // FEWEST_A_BIN, 1, BINS))
    order = np.argsort(confidence, kind="stable")
    bin_of = np.empty(len(rows), dtype=np.int64)
    bin_of[order] = np.minimum((np.cumsum(w[order]) - w[order] / 2) * many, many - 1).astype(int)
    inside = (bin_of[:, None] == np.arange(many)).astype(float)
    inside = inside[:, inside.any(axis=0)]
    bins = _reliability(inside, confidence, right, design, level)
    bins.insert(0, "bin", range(1, len(bins) + 1))
    named = [name for name in columns if (said == name).any()]
    put = said.to_numpy(dtype=object)[:, None] == np.array(named, dtype=object)
    by_class = _reliability(put.astype(float), confidence, right, design, level)
    by_class.insert(0, "id", named)

    error = float(_binned_error(w[None], inside, confidence, right)[0])
    drawn = _binned_error(design.resample(RESAMPLES, seed), inside, confidence, right)
    tails = np.quantile(drawn, [(1 + level) / 2, (1 - level) / 2])
    rng = np.random.default_rng([seed, 1])
    lucky = (rng.random((RESAMPLES, len(rows))) < confidence).astype(float)
    by_luck = np.mean([_binned_error(w[None], inside, confidence, hit)[0] for hit in lucky])

    actual = np.zeros_like(chance)
    actual[rows[true >= 0], true[true >= 0]] = 1.0
    share = w @ actual
    brier = ((chance - actual) ** 2).sum(axis=1)
    measures = [
        ("calibration_error", error, *np.maximum(2 * error - tails, 0.0), float(by_luck)),
        ("overconfidence", *_mean(confidence - right, design, level), 0.0),
        ("brier", *_mean(brier, design, level), float(1 - share @ share)),
    ]
    overall = pd.DataFrame(measures, columns=["measure", "estimate", "low", "high", "reference"])
    return Calibration(bins, overall, by_class)


def _reliability(
    inside: np.ndarray, confidence: np.ndarray, right: np.ndarray, design: Design, level: float
) -> pd.DataFrame:
    share, influence = design.ratio(inside * right[:, None], inside)
    sure, _ = design.ratio(inside * confidence[:, None], inside)
    variances = design.variance(influence)
    rows = []
    for b, (p, c, variance) in enumerate(zip(share, sure, variances, strict=True)):
        domain = inside[:, b] > 0
        texts = design.texts(domain)
        n = p * (1 - p) / variance if variance > 0 else design.effective(domain)
        low, high = wilson(float(p), min(n, texts), design.df, level)
        rows.append((int(domain.sum()), float(c), float(p), low, high))
    return pd.DataFrame(rows, columns=["n", "confidence", "right", "low", "high"])


def _binned_error(
    weight: np.ndarray, inside: np.ndarray, confidence: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Σ over bins of |Σ w (confidence − right)| / Σ w, for each row of weights."""
    gaps = weight @ (inside * (confidence - right)[:, None])
    return np.abs(gaps).sum(axis=1) / weight.sum(axis=1)


def _mean(values: np.ndarray, design: Design, level: float) -> tuple[float, float, float]:
    mean, influence = design.ratio(values[:, None], np.ones((len(values), 1)))
    error = float(np.sqrt(design.variance(influence)[0]))
    reach = float(stats.t.ppf((1 + level) / 2, design.df)) * error
    return float(mean[0]), float(mean[0] - reach), float(mean[0] + reach)
