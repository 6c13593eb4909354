"""Figures of a sample with their Monte Carlo standard errors: mean, quantile, expected shortfall, probability."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Estimate:
    """A figure estimated from draws and its standard error, both in the figure's unit; None without draws."""

    value: float | None
    standard_error: float | None


_NOTHING = Estimate(None, None)


def mean(draws: np.ndarray) -> Estimate:
    """Return the mean; shape (n,).

    Examples
    --------
    >>> mean(np.array([1.0, 2.0, 3.0]))
    Estimate(value=2.0, standard_error=0.5773502691896258)
    """
    count = len(draws)
    if not count:
        return _NOTHING
    error = float(draws.std(ddof=1)) / np.sqrt(count) if count > 1 else 0.0
    return Estimate(float(draws.mean()), float(error))


def quantile(draws: np.ndarray, *, level: float) -> Estimate:
    """Return the value not exceeded with the given probability.

    Its standard error is half the distance of the order statistics one binomial standard deviation to either side,
    which asks nothing of the distribution (David and Nagaraja, Order Statistics, 2003, section 7.1). Shape (n,).

    Examples
    --------
    >>> quantile(np.arange(10_001.0), level=0.9).value
    9000.0
    """
    count = len(draws)
    if not count:
        return _NOTHING
    apart = np.sqrt(level * (1 - level) / count)
    low, value, high = np.quantile(draws, [max(level - apart, 0.0), level, min(level + apart, 1.0)])
    return Estimate(float(value), float(high - low) / 2)


def expected_shortfall(draws: np.ndarray, *, level: float) -> Estimate:
    """Return the mean of the draws beyond the quantile at the level, the dearest 1 − level of them.

    The standard error has the spread of the tail and that of where it begins (Manistre and Hancock, North American
    Actuarial Journal 9, 2005). Shape (n,).

    Examples
    --------
    >>> expected_shortfall(np.arange(1.0, 101.0), level=0.95).value
    98.0
    """
    count = len(draws)
    if not count:
        return _NOTHING
    size = max(round(count * (1 - level)), 1)
    tail = np.sort(draws)[count - size :]
    value = float(tail.mean())
    error = np.sqrt((tail.var() + level * (value - tail[0]) ** 2) / size)
    return Estimate(value, float(error))


def probability_above(draws: np.ndarray, *, threshold: float) -> Estimate:
    """Return the share of the draws above a threshold; shape (n,).

    Examples
    --------
    >>> probability_above(np.array([1.0, 2.0, 3.0, 4.0]), threshold=3.0).value
    0.25
    """
    count = len(draws)
    if not count:
        return _NOTHING
    share = float((draws > threshold).mean())
    return Estimate(share, float(np.sqrt(share * (1 - share) / count)))
