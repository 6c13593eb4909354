"""Intervals that cover: how far the members' own ranges are to be stretched, learnt from what came.

A score is how far outside (or inside) its half-width an actual fell: 1 is the edge of the range. The share of scores
that a level asks for is the factor its half-widths are multiplied by (conformal prediction, Vovk et al. 2005;
Romano et al. 2019 for ranges that one scales). A single series has few scores that do not overlap, so its factor is
held to that of all series together, and theirs to the one measured beforehand on other series, by how many there are.
Old scores count less, so that the range follows a series that has become wilder or calmer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aiecon.forecasting.calendar import Frequency
from aiecon.forecasting.combine import MIDDLE

INNER, OUTER = 0.8, 0.95
_LOW, _HIGH = {INNER: 1, OUTER: 0}, {INNER: 3, OUTER: 4}  # places of the ends among the levels
MEASURED: dict[Frequency, dict[float, float]] = {
    "D": {INNER: 0.98, OUTER: 1.15},
    "W": {INNER: 1.20, OUTER: 1.50},
    "MS": {INNER: 1.08, OUTER: 1.32},
}
"""Frequency -> level -> factor that public series ask for, a little of the wilder synthetic ones in it.

`benchmarks/forecasting.py` prints what either kind asks for.
"""
SHARED: dict[Frequency, float] = {"D": 0.1, "W": 0.4, "MS": 0.3}
"""Part of an error that all periods ahead share beyond what smoothing passes on, so that sums are covered too."""
_HOLD = 10.0  # windows that what was measured beforehand counts as
_NARROWEST, _WIDEST = 0.3, 4.0  # of a series' own factor
_FADING = 0.93  # weight of a score against that of the origin after it


@dataclass(frozen=True, eq=False)
class Scores:
    """What one series' back-test says of its ranges.

    Attributes
    ----------
    values
        Level -> scores, shape (n_origins, steps); NaN where nothing came yet.
    windows
        Test windows that fit side by side.
    """

    values: dict[float, np.ndarray]
    windows: float

    def factor(self, level: float) -> float | None:
        """The weighted quantile of the scores that a level asks for; None without scores."""
        found = self.values[level]
        age = np.arange(len(found))[::-1, None]
        weight = np.broadcast_to(_FADING**age, found.shape)[~np.isnan(found)]
        seen = found[~np.isnan(found)]
        if not len(seen):
            return None
        order = np.argsort(seen, kind="stable")
        reached = np.cumsum(weight[order]) / weight.sum()
        return float(np.clip(seen[order][np.searchsorted(reached, level - 1e-12)], _NARROWEST, _WIDEST))


def scores(actual: np.ndarray, said: np.ndarray) -> dict[float, np.ndarray]:
    """Return level -> how many half-widths an actual lies from the median; shapes (..., h) and (..., 5, h).

    Below the median of values above zero a half-width is a ratio, so that stretching never reaches zero.
    """
    middle = said[..., MIDDLE, :]
    found = {}
    for level in (INNER, OUTER):
        low, high = said[..., _LOW[level], :], said[..., _HIGH[level], :]
        with np.errstate(divide="ignore", invalid="ignore"):
            above = (actual - middle) / (high - middle)
            ratio = np.log(middle / np.maximum(actual, 0.0)) / np.log(middle / low)
            below = np.where(low > 0, ratio, (middle - actual) / (middle - low))
        found[level] = np.where(actual == middle, 0.0, np.where(actual > middle, above, below))
    return found


def factors(own: Scores | None, prior: dict[float, float]) -> dict[float, float]:
    """Return level -> factor: the series' own, held to the prior by the number of windows behind it."""
    found = {}
    for level, before in prior.items():
        seen = own.factor(level) if own else None
        windows = own.windows * (1.0 if level == INNER else 0.5) if own else 0.0  # the tail is seen less often
        share = windows / (windows + _HOLD) if seen is not None else 0.0
        found[level] = float(np.exp(share * np.log(seen or 1.0) + (1 - share) * np.log(before)))
    return found


def pooled(every: Sequence[Scores], frequency: Frequency) -> dict[float, float]:
    """Return the factors that all series of a call share: the median of their own, held to what was measured before."""
    found = {}
    for level, before in MEASURED[frequency].items():
        own = [(one.factor(level), one.windows) for one in every]
        seen = [(factor, windows) for factor, windows in own if factor is not None]
        windows = (
            sum(windows for _, windows in seen) if len(seen) > 1 else 0.0
        )  # a single series counts once, as its own
        share = windows / (windows + _HOLD)
        middle = float(np.median([factor for factor, _ in seen])) if windows else 1.0
        found[level] = float(np.exp(share * np.log(middle) + (1 - share) * np.log(before)))
    return found


def stretched(said: np.ndarray, by: dict[float, float], *, floor: bool) -> np.ndarray:
    """Return quantiles with their half-widths multiplied; levels stay in order, none below zero where `floor`."""
    middle = said[MIDDLE]
    found = said.copy()
    for level in (INNER, OUTER):
        low, high = said[_LOW[level]], said[_HIGH[level]]
        found[_HIGH[level]] = middle + (high - middle) * by[level]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = middle * (low / middle) ** by[level]
        found[_LOW[level]] = np.where(low > 0, ratio, middle - (middle - low) * by[level])
    found[_LOW[OUTER]] = np.minimum(found[_LOW[OUTER]], found[_LOW[INNER]])
    found[_HIGH[OUTER]] = np.maximum(found[_HIGH[OUTER]], found[_HIGH[INNER]])
    return np.maximum(found, 0.0) if floor else found
