"""Several methods as one: at each level and period the median of their quantiles, or the middle of their weight."""

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtri

from aiecon.forecasting import accuracy
from aiecon.forecasting.predicted import Predicted

LEVELS = {"p2_5": 0.025, "p10": 0.1, "p50": 0.5, "p90": 0.9, "p97_5": 0.975}
SHARES = np.array(list(LEVELS.values()))
SCORES = ndtri(SHARES)
MIDDLE = 2  # place of the median among the levels
_MIDDLE_PART = (0.3, 0.7)  # of the weight


def quantiles(members: Mapping[str, Predicted], fallback: np.ndarray) -> dict[str, np.ndarray]:
    """Return each member's quantiles, shape (5, horizon).

    A member that does not say how sure it is gets the median width of those that do, or the fallback's spread
    (horizon,) when none does.
    """
    said = {name: one.quantiles(SCORES) for name, one in members.items()}
    widths = [found - found[MIDDLE] for name, found in said.items() if members[name].spread is not None]
    width = np.median(widths, axis=0) if widths else SCORES[:, None] * fallback
    return {name: found + width if members[name].spread is None else found for name, found in said.items()}


def combined(parts: Mapping[str, np.ndarray], weights: Mapping[str, float] | None = None) -> np.ndarray:
    """Return the median of the members' quantiles, level by level, so that levels never cross; shape (5, horizon).

    With weights, the mean of the middle two fifths of the weight, which moves smoothly as weights and members do and
    stays with the others however far one lies off; a member without a weight counts for nothing.

    Examples
    --------
    >>> parts = {name: np.full((5, 1), value) for name, value in (("a", 1.0), ("b", 2.0), ("c", 9.0))}
    >>> combined(parts)[:, 0].tolist()
    [2.0, 2.0, 2.0, 2.0, 2.0]
    >>> combined(parts, {"a": 0.5, "b": 0.5, "c": 0.0})[:, 0].round(9).tolist()
    [1.5, 1.5, 1.5, 1.5, 1.5]
    """
    stacked = np.array(list(parts.values()))
    if weights is None:
        return np.sort(np.median(stacked, axis=0), axis=0)
    share = np.array([weights.get(name, 0.0) for name in parts])
    order = np.argsort(stacked, axis=0, kind="stable")
    each = (share / share.sum())[order]
    reached = np.cumsum(each, axis=0)
    counted = np.clip(reached, *_MIDDLE_PART) - np.clip(reached - each, *_MIDDLE_PART)
    return np.sort(np.average(np.take_along_axis(stacked, order, axis=0), axis=0, weights=counted), axis=0)


def weights(losses: Mapping[str, float]) -> dict[str, float] | None:
    """Return weights in inverse proportion to the loss; None where a loss is missing or none is above zero.

    Bates and Granger (1969) took the inverse of the squared error; with few origins the milder weights forecast better.

    Examples
    --------
    >>> weights({"a": 1.0, "b": 2.0})
    {'a': 1.0, 'b': 0.5}
    """
    values = np.array(list(losses.values()))
    if not len(values) or not np.isfinite(values).all() or values.min() <= 0:
        return None
    return dict(zip(losses, (values.min() / values).tolist(), strict=True))


def losses(actual: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return the mean pinball loss over the levels at each period, NaN where nothing came; shapes (h,), (5, h)."""
    return np.array(
        [accuracy.pinball_losses(actual, said[place], level=level) for place, level in enumerate(SHARES)]
    ).mean(axis=0)
