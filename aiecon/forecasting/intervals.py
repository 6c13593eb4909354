"""Intervals from back-test errors, for every period and for any sum of periods.

The errors of the origins, each a whole path in units of the recent level, span the uncertainty of the future path:
path = expectation + level × Σ z_o e_o ÷ √n with a common Student t factor. Any sum of periods then has a known
distribution, location Σ expectation and scale level × √(mean over origins of (Σ e_o)²), so a month, a quarter and a
breach are computed without drawing, and errors that stay together over the horizon stay together in the sum. Past bias
widens the interval, since errors are not centred. Overlapping windows count once: the degrees of freedom are the number
of windows that fit side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

_LEAST_DEGREES = 3.0


@dataclass(frozen=True, eq=False)
class ErrorPaths:
    """Scaled error paths of one series or a sum of series.

    Attributes
    ----------
    paths
        Errors in units of the series, shape (n_origins, horizon).
    degrees
        Degrees of freedom of the Student t factor.
    season
        Periods over which the spread of single periods is smoothed.
    """

    paths: np.ndarray
    degrees: float
    season: int

    def step_scale(self) -> np.ndarray:
        """Root mean square error of each period, smoothed over a season, shape (horizon,)."""
        square = np.mean(self.paths**2, axis=0)
        window = np.ones(min(self.season, len(square)))
        return np.sqrt(np.convolve(square, window, "same") / np.convolve(np.ones(len(square)), window, "same"))

    def sum_scale(self, weights: np.ndarray) -> float:
        """Root mean square error of the weighted sum of periods; weights have shape (horizon,)."""
        return float(np.sqrt(np.mean((self.paths @ weights) ** 2)))

    def quantile(self, level: float) -> float:
        """Quantile of the standard Student t factor."""
        return float(stdtrit(self.degrees, level))

    def exceeds(self, distance: float, scale: float) -> float:
        """Probability that a figure passes its expectation by more than `distance`, given its scale."""
        if scale == 0:
            return float(distance < 0)
        return float(1 - stdtr(self.degrees, distance / scale))


def degrees_of_freedom(positions: np.ndarray, steps: int) -> float:
    """Return how many test windows fit side by side into the tested span, three at least."""
    span = positions[-1] - positions[0] + steps
    return max(_LEAST_DEGREES, span / steps)


def extended(errors: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Carry error paths past the longest tested step: the last season's repeats, its mean grown as a random walk's.

    The mean grows with the square root of the step; what a period differs from it does not grow.
    Shapes: errors (n_origins, steps), returns (n_origins, horizon).
    """
    steps = errors.shape[1]
    if horizon <= steps:
        return errors[:, :horizon]
    period = min(season, steps)
    ahead = np.arange(steps, horizon)
    last = errors[:, steps - period :]
    drift = last.mean(axis=1, keepdims=True)
    growth = np.sqrt((ahead + 1) / (steps - (period - 1) / 2))
    grown = drift * growth + (last - drift)[:, (ahead - steps) % period]
    return np.concatenate([errors, grown], axis=1)


def left_out_coverage(errors: np.ndarray, degrees: float, season: int, *, coverage: float) -> float | None:
    """Share of back-test errors inside the interval that the errors of the other origins would have given.

    None with fewer than two origins. Shapes: errors (n_origins, steps).
    """
    if len(errors) < 2:
        return None
    inside = []
    for place in range(len(errors)):
        others = ErrorPaths(np.delete(errors, place, axis=0), degrees, season)
        half = others.quantile((1 + coverage) / 2) * others.step_scale()
        inside.append(np.abs(errors[place]) <= half)
    return float(np.mean(inside))


def total(parts: Sequence[ErrorPaths]) -> ErrorPaths:
    """Add the error paths of several series, origin by origin, so that what moved together adds up together."""
    paths = np.sum([part.paths for part in parts], axis=0)
    return ErrorPaths(paths, min(part.degrees for part in parts), parts[0].season)
