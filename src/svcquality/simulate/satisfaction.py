"""The ordered logit behind every rating, and its response model."""

from __future__ import annotations

import numpy as np
from scipy.special import logit
from scipy.stats import norm

from svcquality.simulate.profile import Profile
from svcquality.simulate.shared import value

REFERENCE_AGE = 48.0


def logistic(x: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return 1 / (1 + np.exp(-x))


def wait_cost(minutes: np.ndarray | float, profile: Profile) -> np.ndarray:
    """Logits that a wait costs: a slope up to the threshold, a steeper one beyond it."""
    minutes = np.asarray(minutes, dtype=float)
    beyond = np.maximum(minutes - profile.wait_threshold, 0)
    return profile.wait_slope * (minutes + (profile.wait_steeper - 1) * beyond)


def satisfied(predictor: np.ndarray, profile: Profile) -> np.ndarray:
    """Probability of a rating of 4 or 5."""
    return logistic(predictor - profile.cuts[2])


def net_promoter(predictor: np.ndarray) -> np.ndarray:
    """Expected net promoter score, -100 to 100: P(9 or 10) minus P(0 to 6), in points.

    Averaged over the logistic draw at 400 of its quantiles, on a grid of predictors.
    """
    if not len(predictor):
        return predictor
    draws = logit((np.arange(400) + 0.5) / 400)
    grid = np.linspace(predictor.min(), predictor.max(), 200)
    mean = value("recommendation_level") + value("recommendation_slope") * (grid[:, None] + draws)
    noise = value("recommendation_noise")
    promoters, detractors = norm.sf((8.5 - mean) / noise), norm.cdf((6.5 - mean) / noise)
    return np.interp(predictor, grid, 100 * (promoters - detractors).mean(axis=1))


def rate(
    predictor: np.ndarray, profile: Profile, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Draw ratings.

    Returns
    -------
    dict
        ``latent`` (logits), ``satisfaction`` 1 to 5, ``recommendation`` 0 to 10, ``effort`` 1 to 5.
    """
    latent = predictor + rng.logistic(size=len(predictor))
    return {
        "latent": latent,
        "satisfaction": 1 + np.searchsorted(np.asarray(profile.cuts), latent),
        "recommendation": np.clip(_noisy("recommendation", latent, rng), 0, 10).astype(np.int64),
        "effort": np.clip(_noisy("effort", latent, rng), 1, 5).astype(np.int64),
    }


def _noisy(scale: str, latent: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noise = value(f"{scale}_noise") * rng.standard_normal(len(latent))
    return np.round(value(f"{scale}_level") + value(f"{scale}_slope") * latent + noise)


def about_customer(age: np.ndarray, segment: np.ndarray, profile: Profile) -> np.ndarray:
    """Logits of satisfaction by age and segment."""
    by_segment = np.zeros(len(age))
    for name, effect in profile.satisfaction_segment.items():
        by_segment[segment == name] = effect
    return profile.satisfaction_age * (age - REFERENCE_AGE) / 10 + by_segment


def answers(
    trigger: str,
    age: np.ndarray,
    digital: np.ndarray,
    latent: np.ndarray,
    profile: Profile,
    rng: np.random.Generator,
) -> np.ndarray:
    """Which invitations are answered; in the base world satisfaction has no part in it."""
    p = logistic(
        profile.response[trigger]
        + profile.response["age"] * (age - REFERENCE_AGE) / 10
        + profile.response["mobile"] * digital
        + profile.response_satisfaction * latent
    )
    return rng.random(len(age)) < p
