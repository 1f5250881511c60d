"""Ratings of single aspects of a visit, and those who give all of them the same points."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from svcquality.simulate.profile import Profile
from svcquality.simulate.satisfaction import logistic, wait_cost
from svcquality.simulate.shared import value

CERTAIN = 1e-12
"""A probability no nearer to 0 or 1 than this, so that its normal score is finite."""


def mood(latent: np.ndarray, predictor: np.ndarray) -> np.ndarray:
    """What nothing recorded explains of a satisfaction, as a standard normal score.

    Parameters
    ----------
    latent, predictor : ndarray, (n,)
        Satisfaction in logits, and its part that causes explain; they differ by a logistic draw.
    """
    return norm.ppf(np.clip(logistic(latent - predictor), CERTAIN, 1 - CERTAIN))


def rate_items(
    surveys: pd.DataFrame, profile: Profile, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rate every item of every invited visit, had it been answered.

    The mood is ``sum(weight * part) + rest``: each item's own part correlates by its weight with
    what else moves satisfaction. An item shows its part, on speed what the wait costs, on staff
    the training, and on all of them the halo, a share of the general impression of the visit
    (Thorndike 1920). Straight-liners repeat their overall rating.

    Parameters
    ----------
    surveys : DataFrame
        ``latent, predictor, satisfaction, wait, trained``, one row an invitation after a visit.
    profile : Profile
    rng : Generator

    Returns
    -------
    items : DataFrame of int
        ``item_<name>``, 1 to 5, index of ``surveys``.
    straight : ndarray of bool, (n,)
        Who is a straight-liner.
    """
    names = list(profile.item_weights)
    weights = np.array([profile.item_weights[name] for name in names])
    latent = surveys["latent"].to_numpy(dtype=float)
    predictor = surveys["predictor"].to_numpy(dtype=float)
    n = len(surveys)
    parts = _parts(mood(latent, predictor), weights, rng)
    impression = (latent - latent.mean()) / latent.std() if n > 1 else np.zeros(n)
    points = (
        value("item_level")
        + value("item_part") * parts
        + profile.item_halo * impression[:, None]
        + value("item_noise") * rng.standard_normal(parts.shape)
    )
    wait = surveys["wait"].to_numpy(dtype=float)
    points[:, names.index("speed")] -= value("item_wait") * wait_cost(wait, profile)
    points[:, names.index("staff")] += value("item_trained") * surveys["trained"].to_numpy(float)
    rated = np.clip(np.round(points), 1, 5).astype(np.int64)
    straight = rng.random(n) < profile.straight_liners
    rated[straight] = surveys["satisfaction"].to_numpy(dtype=np.int64)[straight, None]
    columns = [f"item_{name}" for name in names]
    return pd.DataFrame(rated, columns=columns, index=surveys.index), straight


def _parts(score: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Independent standard normal parts, given that ``parts @ weights + rest`` is the score.

    Drawn freely and then moved along the weights by what the sum misses, which is a draw from the
    conditional distribution.
    """
    rest = np.sqrt(1 - weights @ weights)
    parts = rng.standard_normal((len(score), len(weights)))
    missed = score - parts @ weights - rest * rng.standard_normal(len(score))
    return parts + missed[:, None] * weights
