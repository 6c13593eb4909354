"""How good a forecast was: point, quantile and interval measures.

Sources: Hyndman and Koehler, "Another look at measures of forecast accuracy" (2006) for MASE; Gneiting and Raftery,
"Strictly proper scoring rules" (2007) for CRPS, pinball loss and interval score.
"""

import math

import numpy as np
from scipy.special import ndtr

from aiecon.errors import InputError


def mae(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the mean absolute error, in units of the series. Both arrays have shape (n,)."""
    return float(np.mean(np.abs(np.asarray(actual) - forecast)))


def mape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the mean absolute error as a share of each actual; infinite when an actual is zero."""
    actual = np.asarray(actual, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.mean(np.abs(actual - forecast) / np.abs(actual)))


def smape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the mean of 2 |error| ÷ (|actual| + |forecast|), a share between 0 and 2 (M4 definition)."""
    actual, forecast = np.asarray(actual, dtype=float), np.asarray(forecast, dtype=float)
    size = np.abs(actual) + np.abs(forecast)
    return float(np.mean(np.divide(2 * np.abs(actual - forecast), size, out=np.zeros_like(size), where=size > 0)))


def wape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the sum of absolute errors as a share of the sum of absolute actuals."""
    return float(np.sum(np.abs(np.asarray(actual) - forecast)) / np.sum(np.abs(actual)))


def bias(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return (forecast − actual) ÷ actual of the sums, a share; above zero the forecast was too high."""
    return float((np.sum(forecast) - np.sum(actual)) / np.sum(actual))


def naive_scale(train: np.ndarray, season: int = 1) -> float:
    """Return the mean absolute difference of values one season apart, gaps left out; None of them gives NaN."""
    train = np.asarray(train, dtype=float)
    differences = np.abs(train[season:] - train[:-season])
    seen = differences[~np.isnan(differences)]
    return float(seen.mean()) if len(seen) else math.nan


def mase(actual: np.ndarray, forecast: np.ndarray, *, train: np.ndarray, season: int = 1) -> float:
    """Return the mean absolute error over that of the seasonal naive method inside the training values.

    Below 1 the forecast beat the naive one. Shapes: actual and forecast (n,), train (n_train,).

    Examples
    --------
    >>> round(mase(np.array([100, 110]), np.array([90, 115]), train=np.array([80, 85, 95])), 3)
    1.0
    """
    scale = naive_scale(train, season)
    return mae(actual, forecast) / scale if scale > 0 else math.nan


def owa(*, smape: float, mase: float, naive_smape: float, naive_mase: float) -> float:
    """Return the overall weighted average of the M4 competition: the mean of two errors over those of a naive method.

    Below 1 the forecast beat the naive one (Makridakis, Spiliotis and Assimakopoulos 2020).

    Examples
    --------
    >>> round(owa(smape=12.555, mase=1.663, naive_smape=13.564, naive_mase=1.912), 3)
    0.898
    """
    return (smape / naive_smape + mase / naive_mase) / 2


def pinball_losses(actual: np.ndarray, quantile: np.ndarray, *, level: float) -> np.ndarray:
    """Return the loss of each quantile forecast: `level` per unit too low, 1 − `level` per unit too high."""
    error = np.asarray(actual, dtype=float) - quantile
    return np.maximum(level * error, (level - 1) * error)


def pinball_loss(actual: np.ndarray, quantile: np.ndarray, *, level: float) -> float:
    """Return the mean loss of a quantile forecast, see `pinball_losses`."""
    return float(np.mean(pinball_losses(actual, quantile, level=level)))


def interval_score(actual: np.ndarray, low: np.ndarray, high: np.ndarray, *, coverage: float) -> float:
    """Return the mean width of an interval plus 2 ÷ (1 − coverage) for each unit an actual lies outside."""
    actual, low, high = (np.asarray(values, dtype=float) for values in (actual, low, high))
    outside = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return float(np.mean(high - low + 2 / (1 - coverage) * outside))


def crps_normal(actual: float, *, mean: float = 0.0, sd: float = 1.0) -> float:
    """Return the continuous ranked probability score of a normal forecast, in units of the series."""
    z = (actual - mean) / sd
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return sd * (z * (2 * float(ndtr(z)) - 1) + 2 * density - 1 / math.sqrt(math.pi))


def conformal_rank(n: int, *, alpha: float) -> int:
    """Return which of n calibration scores, sorted upwards and counted from 1, bounds a split-conformal interval.

    Errors: InputError when n is too small for the asked coverage, ceil((n + 1)(1 − alpha)) > n.
    """
    rank = math.ceil((n + 1) * (1 - alpha) - 1e-9)
    if rank > n:
        raise InputError(f"{n} scores are too few for {1 - alpha:.0%} coverage; at least {math.ceil(1 / alpha) - 1}")
    return rank
