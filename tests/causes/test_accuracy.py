from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from svcquality.causes.accuracy import accuracy, compare_instruments, cross_fitted
from svcquality.causes.accuracy_design import Design
from svcquality.errors import InputError
from svcquality.text.codebook import RESIDUAL
from svcquality.text.codebook_file import load_codebook

BOOK = load_codebook("bank-zh")
CLASSES = np.array(["Q1", "Q2", "T1", "E1", RESIDUAL])
SHARE = np.array([0.45, 0.25, 0.15, 0.1, 0.05])


def population(n: int = 4000, seed: int = 0, right: float = 0.8):
    """True causes, measured ones and honest probabilities of n complaints."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(5, n, p=SHARE)
    said = np.where(rng.random(n) < right, truth, rng.choice(5, n, p=SHARE))
    ids = pd.Index([f"c{i}" for i in range(n)], name="complaint_id")
    return pd.Series(CLASSES[truth], index=ids), pd.Series(CLASSES[said], index=ids)


def draw(truth: pd.Series, said: pd.Series, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Equal numbers from each measured cause: rare ones at many times the rate."""
    parts = []
    for _, members in said.groupby(said):
        take = min(n // 5, len(members))
        ids = rng.choice(members.index.to_numpy(), take, replace=False)
        parts.append(
            pd.DataFrame({"complaint_id": ids, "cause": truth[ids].to_numpy(),
                          "probability": take / len(members), "stratum": members.iloc[0]})
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_with_equal_weights_the_measures_are_those_of_sklearn() -> None:
    truth, said = population(400)
    coded = pd.DataFrame(
        {"complaint_id": truth.index, "cause": truth.to_numpy(), "probability": 0.1}
    )
    found = accuracy(said, coded, BOOK)
    overall = found.overall.set_index(["level", "measure"])["estimate"]
    assert overall["cause", "accuracy"] == pytest.approx(metrics.accuracy_score(truth, said))
    for how in ("macro", "weighted"):
        expected = metrics.f1_score(truth, said, average=how)
        assert overall["cause", f"{how}_f1"] == pytest.approx(expected)
    table = found.by_class[found.by_class["level"] == "cause"].set_index("id")
    for name, score in (("precision", metrics.precision_score), ("recall", metrics.recall_score),
                        ("f1", metrics.f1_score)):  # fmt: skip
        expected = score(truth, said, labels=list(table.index), average=None)
        np.testing.assert_allclose(table[name], expected)
    families = truth.map(BOOK.family_of), said.map(BOOK.family_of)
    expected = metrics.f1_score(*families, average="macro")
    assert overall["family", "macro_f1"] == pytest.approx(expected)
    assert found.confusion.to_numpy().sum() == pytest.approx(1)
    assert found.confusion.loc["Q1", "Q1"] == pytest.approx(
        ((truth == "Q1") & (said == "Q1")).mean()
    )


def test_intervals_cover_the_population_under_unequal_probabilities() -> None:
    truth, said = population()
    target = {
        "accuracy": metrics.accuracy_score(truth, said),
        "macro_f1": metrics.f1_score(truth, said, average="macro"),
        "weighted_f1": metrics.f1_score(truth, said, average="weighted"),
    }
    by_class = metrics.f1_score(truth, said, labels=list(CLASSES), average=None)
    rng = np.random.default_rng(2)
    covered, classes, values, naive = [], [], [], []
    for _ in range(120):
        coded = draw(truth, said, 300, rng)
        found = accuracy(said, coded, BOOK, population=True)
        overall = found.overall[found.overall["level"] == "cause"].set_index("measure")
        true = pd.Series(target)
        covered.append((overall["low"] <= true) & (true <= overall["high"]))
        values.append(overall["estimate"])
        naive.append((said[coded["complaint_id"]].to_numpy() == coded["cause"]).mean())
        table = found.by_class[found.by_class["level"] == "cause"]
        table = table.set_index("id").loc[list(CLASSES)]
        classes.append(((table["f1_low"] <= by_class) & (by_class <= table["f1_high"])).mean())
    assert pd.DataFrame(values).mean().to_numpy() == pytest.approx(list(target.values()), abs=0.012)
    assert np.mean(naive) < target["accuracy"] - 0.02  # the unweighted share is wrong here
    assert (pd.DataFrame(covered).mean() >= 0.90).all()
    assert np.mean(classes) >= 0.92


def test_a_sample_without_errors_is_not_certainty() -> None:
    truth, _ = population(400)
    coded = pd.DataFrame(
        {"complaint_id": truth.index, "cause": truth.to_numpy(), "probability": 0.1}
    )
    found = accuracy(truth, coded, BOOK)
    assert (found.overall["high"] == 1).all()
    assert (found.overall["low"] < 0.995).all() and (found.overall["low"] > 0.97).all()
    rare = found.by_class[found.by_class["level"] == "cause"].set_index("id").loc[RESIDUAL]
    assert rare["f1"] == 1 and 0.5 < rare["f1_low"] < 0.95
    everything = accuracy(truth, coded.assign(probability=1.0), BOOK, population=True)
    assert everything.overall["low"].to_numpy() == pytest.approx(
        1, abs=1e-12
    )  # nothing is left to chance then


def test_copies_of_one_text_count_as_one() -> None:
    truth, said = population(200, seed=5)
    coded = pd.DataFrame(
        {"complaint_id": truth.index, "cause": truth.to_numpy(), "probability": 0.1}
    )
    repeated = pd.concat(
        [coded, *(coded.assign(complaint_id=coded["complaint_id"] + f"_{i}") for i in range(3))],
        ignore_index=True,
    )
    cluster = repeated["complaint_id"].str.split("_").str[0]
    four = pd.concat([said, *(said.rename(lambda i, k=k: f"{i}_{k}") for k in range(3))])
    one = accuracy(said, coded, BOOK).overall
    many = accuracy(four, repeated.assign(cluster=cluster), BOOK).overall
    np.testing.assert_allclose(many["error"], one["error"])
    np.testing.assert_allclose(many[["low", "high"]], one[["low", "high"]], atol=0.002)
    wrong = accuracy(four, repeated, BOOK).overall
    assert (wrong["error"] < 0.6 * one["error"]).all()


def probabilities_of(seed: int, sharpen: float):
    """Draw the truth from stated probabilities, then state them more or less sharply."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet(np.full(5, 0.4), 3000)
    truth = (honest.cumsum(axis=1) < rng.random((3000, 1))).sum(axis=1).clip(max=4)
    stated = honest**sharpen
    stated /= stated.sum(axis=1, keepdims=True)
    ids = pd.Index([f"c{i}" for i in range(3000)])
    coded = pd.DataFrame({"complaint_id": ids, "cause": CLASSES[truth], "probability": 0.2})
    return pd.DataFrame(stated, index=ids, columns=CLASSES), coded


def test_calibration_tells_honest_from_boastful() -> None:
    stated, coded = probabilities_of(1, 1.0)
    honest = accuracy(stated, coded, BOOK).calibration
    assert honest is not None
    error = honest.overall.set_index("measure")
    gap = error.loc["calibration_error"]
    assert gap["estimate"] < 2 * gap["reference"]
    assert error.loc["overconfidence", "low"] < 0 < error.loc["overconfidence", "high"]
    bins = honest.bins
    assert (
        (bins["low"] <= bins["confidence"]) & (bins["confidence"] <= bins["high"])
    ).mean() >= 0.8
    stated, coded = probabilities_of(1, 3.0)
    boastful = accuracy(stated, coded, BOOK).calibration
    assert boastful is not None
    worse = boastful.overall.set_index("measure")
    assert worse.loc["calibration_error", "low"] > worse.loc["calibration_error", "reference"]
    assert worse.loc["overconfidence", "low"] > 0.03
    assert worse.loc["brier", "estimate"] > error.loc["brier", "estimate"]


def test_brier_is_that_of_sklearn_and_its_reference_the_spread_of_the_truth() -> None:
    stated, coded = probabilities_of(2, 1.5)
    found = accuracy(stated, coded, BOOK).calibration
    assert found is not None
    brier = found.overall.set_index("measure").loc["brier"]
    actual = pd.get_dummies(coded["cause"])[list(CLASSES)].to_numpy(dtype=float)
    assert brier["estimate"] == pytest.approx(
        ((stated.to_numpy() - actual) ** 2).sum(axis=1).mean()
    )
    share = actual.mean(axis=0)
    assert brier["reference"] == pytest.approx(1 - (share**2).sum())


def test_linearised_and_bootstrap_errors_agree() -> None:
    truth, said = population(3000, seed=3)
    coded = draw(truth, said, 400, np.random.default_rng(1))
    right = (said[coded["complaint_id"]].to_numpy() == coded["cause"].to_numpy()).astype(float)
    for finite in (False, True):
        design = Design.of(coded, population=finite)
        _, influence = design.ratio(right[:, None], np.ones((len(right), 1)))
        weights = design.resample(800, seed=4)
        drawn = (weights @ right) / weights.sum(axis=1)
        assert np.sqrt(design.variance(influence)[0]) == pytest.approx(drawn.std(), rel=0.1)


def test_cross_fitting_hides_the_answer() -> None:
    """An instrument that learns its answers by heart is perfect on them and useless elsewhere."""
    truth, _ = population(300, seed=7)
    coded = pd.DataFrame(
        {"complaint_id": truth.index, "cause": truth.to_numpy(), "probability": 0.1}
    )
    coded["cluster"] = np.arange(300) // 2  # pairs with one text

    def by_heart(known: pd.DataFrame):
        seen = known.set_index("complaint_id")["cause"]
        seen_texts = set(known["cluster"])

        def tell(ids: pd.Index) -> pd.DataFrame:
            asked = coded.set_index("complaint_id").loc[ids, "cluster"]
            assert not seen_texts & set(asked)
            answer = seen.reindex(ids).fillna(known["cause"].mode()[0])
            return pd.get_dummies(answer).astype(float)

        return tell

    crossed = cross_fitted(by_heart, coded, folds=5, seed=1)
    assert list(crossed.index) == list(coded["complaint_id"])
    found = accuracy(crossed, coded, BOOK).overall.set_index(["level", "measure"])
    assert found.loc[("cause", "accuracy"), "estimate"] < 0.55
    with pytest.raises(InputError, match="cannot be split"):
        cross_fitted(by_heart, coded.head(3), folds=5)


def test_instruments_side_by_side() -> None:
    truth, said = population(300)
    _, worse = population(300, right=0.3)
    coded = pd.DataFrame(
        {"complaint_id": truth.index, "cause": truth.to_numpy(), "probability": 0.1}
    )
    table = compare_instruments({"good": said, "bad": worse}, coded, BOOK)
    best = table[(table["measure"] == "macro_f1") & (table["level"] == "cause")]
    assert best["instrument"].tolist() == ["good", "bad"]
    assert best["estimate"].iloc[0] > best["estimate"].iloc[1]


def test_what_cannot_be_judged_is_refused() -> None:
    truth, said = population(50)
    coded = pd.DataFrame(
        {"complaint_id": truth.index, "cause": truth.to_numpy(), "probability": 0.1}
    )
    found = accuracy(said.head(40), coded, BOOK)
    assert found.unmeasured == 10 and (found.overall["n"] == 40).all()
    with pytest.raises(InputError, match="Fewer than two"):
        accuracy(said.head(1), coded, BOOK)
    with pytest.raises(InputError, match="no probability"):
        accuracy(said, coded.assign(probability=0.0), BOOK)
    other = coded.assign(cause=coded["cause"].replace("Q1", "Q17"))
    with pytest.raises(InputError, match="no causes of the codebook"):
        accuracy(said, other, BOOK)


def test_a_cause_that_nobody_coded_does_not_enter_the_average() -> None:
    truth, said = population(400)
    strayed = said.mask(np.arange(400) % 50 == 0, "Z4")  # an invention of the instrument
    coded = pd.DataFrame(
        {"complaint_id": truth.index, "cause": truth.to_numpy(), "probability": 0.1}
    )
    found = accuracy(strayed, coded, BOOK)
    overall = found.overall.set_index(["level", "measure"])["estimate"]
    expected = metrics.f1_score(truth, strayed, labels=list(CLASSES), average="macro")
    assert overall["cause", "macro_f1"] == pytest.approx(expected)
    invented = found.by_class.set_index("id").loc["Z4"]
    assert invented["coded"] == 0 and invented["precision"] == 0 and np.isnan(invented["recall"])


def test_calibration_of_each_measured_cause_is_its_precision_beside_its_confidence() -> None:
    stated, coded = probabilities_of(3, 2.0)
    found = accuracy(stated, coded, BOOK)
    assert found.calibration is not None
    by_class = found.calibration.by_class.set_index("id")
    precision = found.by_class[found.by_class["level"] == "cause"].set_index("id")["precision"]
    np.testing.assert_allclose(by_class["right"], precision[by_class.index])
    said = stated.idxmax(axis=1)
    expected = stated.max(axis=1).groupby(said).mean()
    np.testing.assert_allclose(by_class["confidence"], expected[by_class.index])
    assert by_class["n"].sum() == len(coded)
