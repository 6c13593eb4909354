"""Quantiles of the beta family from a table, for draws by the million: scipy's inverse takes microseconds a number.

The logit of a beta quantile as a function of the standard normal one is smooth and near to a line, also in the tails.
It is tabulated with its exact slope and filled in by cubics (Hermite), monotone and good to 1e-10 of the range.
"""

from functools import lru_cache

import numpy as np
from scipy.special import betaincinv, betaln, expit, ndtr, ndtri

from aiecon.vocabulary.distribution import PERT_WEIGHT, Beta, Distribution, Pert

_END = 8.3  # standard deviations; a double below one is not further out
_CELLS = 4_096
_STEP = 2 * _END / _CELLS


def quantiles(shape: Distribution, share: np.ndarray) -> np.ndarray:
    """Return what `shape.ppf` does, for PERT and beta within 1e-10 of their range and some thirty times sooner."""
    if isinstance(shape, Beta):
        return _beta(shape.successes + 1, shape.failures + 1, share)
    if isinstance(shape, Pert) and shape.low < shape.high:
        width = shape.high - shape.low
        a = 1 + PERT_WEIGHT * (shape.mode - shape.low) / width
        b = 1 + PERT_WEIGHT * (shape.high - shape.mode) / width
        return shape.low + width * _beta(a, b, share)
    return shape.ppf(share)


def _beta(a: float, b: float, share: np.ndarray) -> np.ndarray:
    values, slopes = _table(a, b)
    place = (np.clip(ndtri(share), -_END, _END) + _END) / _STEP
    cell = np.minimum(place.astype(np.int64), _CELLS - 1)
    x = place - cell
    low, high = values[cell], values[cell + 1]
    rise, start, end = high - low, slopes[cell], slopes[cell + 1]
    return expit(low + x * (start + x * (3 * rise - 2 * start - end + x * (start + end - 2 * rise))))


@lru_cache(maxsize=64)
def _table(a: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits of the quantiles at even steps of the normal one, and their slopes a step."""
    z = np.linspace(-_END, _END, _CELLS + 1)
    is_low = z <= 0
    near = np.where(is_low, betaincinv(a, b, ndtr(-np.abs(z))), betaincinv(b, a, ndtr(-np.abs(z))))
    log_near, log_far = np.log(near), np.log1p(-near)  # of the nearer end and of the other, so that both keep digits
    logit = np.where(is_low, 1.0, -1.0) * (log_near - log_far)
    log_q, log_rest = np.where(is_low, log_near, log_far), np.where(is_low, log_far, log_near)
    slope = np.exp(betaln(a, b) - a * log_q - b * log_rest - z * z / 2) / np.sqrt(2 * np.pi)
    return logit, slope * _STEP
