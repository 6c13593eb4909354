"""Correlations of values and of the normal scores behind them, one from the other.

With x = F⁻¹(Φ(z)) written in Hermite polynomials of its normal score z, x = Σ c_k h_k(z), two inputs whose scores have
correlation r covary by Σ c_k d_k r^k, k from 1 (Mehler's formula): one table of coefficients an input serves every r.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from aiecon.errors import InputError
from aiecon.sensitivity.inputs import quantiles
from aiecon.vocabulary.distribution import Distribution

_SCORES = np.linspace(-8.0, 8.0, 8_001)  # beyond 8 a share is 1 in float64
_WEIGHTS = np.exp(-(_SCORES**2) / 2) / np.sqrt(2 * np.pi) * (_SCORES[1] - _SCORES[0])
_TERMS = 80


def pearson_of_normal(normal: float, a: float | Distribution, b: float | Distribution) -> float:
    """Return the correlation of two inputs' values when their normal scores have the given one.

    Examples
    --------
    >>> from aiecon.vocabulary.distribution import Lognormal, Z90
    >>> cost = Lognormal(p10=np.exp(-0.5 * Z90), p90=np.exp(0.5 * Z90))  # sigma 0.5
    >>> round(pearson_of_normal(0.6, cost, cost), 6)
    0.569788
    """
    if abs(normal) == 1:
        return _at_end(normal, a, b)
    powers = normal ** np.arange(1, _TERMS + 1)
    return float(np.sum(_coefficients(a) * _coefficients(b) * powers))


def normal_of_pearson(pearson: float, a: float | Distribution, b: float | Distribution) -> float:
    """Return the correlation of normal scores that gives two inputs the asked correlation of their values.

    Raises
    ------
    InputError
        When the two distributions cannot correlate so strongly, with the range they can.

    Examples
    --------
    >>> from aiecon.vocabulary.distribution import Lognormal, Z90
    >>> cost = Lognormal(p10=np.exp(-0.5 * Z90), p90=np.exp(0.5 * Z90))  # sigma 0.5
    >>> round(normal_of_pearson(0.5697879, cost, cost), 6)
    0.6
    """
    low, high = _at_end(-1.0, a, b), _at_end(1.0, a, b)
    if not low - 1e-9 <= pearson <= high + 1e-9:
        raise InputError(f"pearson must be between {low:.4f} and {high:.4f} for these distributions, got {pearson:g}")
    if pearson >= high - 1e-9 or pearson <= low + 1e-9:
        return 1.0 if pearson > 0 else -1.0
    first, second = _coefficients(a), _coefficients(b)
    powers = np.arange(1, _TERMS + 1)

    def missing(normal: float) -> float:
        return float(np.sum(first * second * normal**powers)) - pearson

    if missing(1.0) <= 0 or missing(-1.0) >= 0:  # a jump in a distribution takes more terms, this near to the end
        return 1.0 if pearson > 0 else -1.0
    return float(brentq(missing, -1.0, 1.0, xtol=1e-12))


def _standard(value: float | Distribution, scores: np.ndarray) -> np.ndarray:
    """Values at the normal scores, with mean zero and standard deviation one; shape (n_scores,)."""
    values = quantiles(value, ndtr(scores))
    values = values - np.sum(_WEIGHTS * values)
    return values / np.sqrt(np.sum(_WEIGHTS * values**2))


def _at_end(normal: float, a: float | Distribution, b: float | Distribution) -> float:
    return float(np.sum(_WEIGHTS * _standard(a, _SCORES) * _standard(b, normal * _SCORES)))


def _coefficients(value: float | Distribution) -> np.ndarray:
    """The coefficients of the normalised Hermite polynomials 1 to _TERMS, shape (_TERMS,)."""
    weighted = _WEIGHTS * _standard(value, _SCORES)
    before, now = np.zeros_like(_SCORES), np.ones_like(_SCORES)
    found = np.empty(_TERMS)
    for k in range(_TERMS):
        before, now = now, (_SCORES * now - np.sqrt(k) * before) / np.sqrt(k + 1)
        found[k] = np.sum(weighted * now)
    return found
