"""An exposure whose step from one rating to the next may differ along the scale."""

from __future__ import annotations

from svcquality.designs._adjusted import Adjusted, groups
from svcquality.designs._exposure import model_change
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast, average_change
from svcquality.estimators.partial_proportional_odds import partial_proportional_odds


def unequal_steps(model: Adjusted, name: str) -> Contrast | None:
    """The exposure's change in P(satisfied) without proportional odds for it.

    Peterson & Harrell (1990), Applied Statistics 39. None where that model has no estimate.
    """
    try:
        fit = partial_proportional_odds(
            model.y,
            model.X,
            model.matrix.at[name],
            clusters=groups(model.rows, model.cluster),
        )
    except InputError:  # a thin end of the scale: the check alone has to say it
        return None
    before, after = model_change(model, name)
    return average_change(fit, model.X, before, after, model.category, weights=model.weights)
