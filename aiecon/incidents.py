"""Money held against incidents: how many come is Poisson, what each costs is a distribution, their sum is compound."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError
from scipy.special import ndtr, pdtr

from aiecon.errors import InputError
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.arguments import is_number, number_problems
from aiecon.vocabulary.distribution import Discrete, Distribution

_NODES, _END = 16_384, 7.5  # of the size, even in normal scores; standard deviations of the last one
_CELLS = 2**16
_FAR = 12.0  # standard deviations above the mean that the sum is followed to
_DISTRIBUTION: TypeAdapter[Any] = TypeAdapter(Distribution)


@dataclass(frozen=True)
class IncidentReserve:
    """What incidents cost in a period, and what to hold for them.

    Attributes
    ----------
    expected
        Incidents in the period.
    mean, sd
        Of their cost together: expected × E[size], √(expected × E[size²]). [currency]
    held
        Suffices with probability `quantile`, mean included. [currency]
    quantile
        As asked.
    none_probability
        Of a period without any.
    """

    expected: float
    mean: float
    sd: float
    held: float
    quantile: float
    none_probability: float


def incident_reserve(
    *, per_year: float, size: float | Distribution | Mapping[str, Any], quantile: float, months: float = 12.0
) -> IncidentReserve:
    """Return what to hold so that the incidents of a period are paid for with a probability.

    Parameters
    ----------
    per_year
        Incidents expected a year.
    size
        What one costs: a number or a distribution; what lies below nothing counts as nothing. [currency/incident]
    quantile
        Probability that the money suffices.
    months
        Of the period. [months]

    Notes
    -----
    Compound Poisson: incidents come independently, sizes are independent of each other and of their number. Mean and
    variance are exact; the quantile is that of the sum on 65,536 steps, by the fast Fourier transform of what the
    recursion of Panjer (1981) adds up (Embrechts and Frei 2009), good to one step: a few 1e-4 of the mean of a year.

    Examples
    --------
    >>> found = incident_reserve(per_year=6, size=20_000, quantile=0.9)
    >>> found.mean, found.held
    (120000.0, 180000.0)
    """
    problems = number_problems(per_year=per_year) + number_problems("above zero", months=months)
    if not (is_number(quantile) and 0 < quantile < 1):
        problems.append(f"quantile must be between 0 and 1, got {quantile!r}")
    if isinstance(size, str | int | float):
        problems += number_problems(size=size)
    if problems:
        raise InputError(problems)
    expected = per_year * months / MONTHS_PER_YEAR
    amounts, weights = _atoms(size)
    first, second = float(amounts @ weights), float(amounts**2 @ weights)
    mean, sd = expected * first, float(np.sqrt(expected * second))
    held = _sum_quantile(expected, amounts, weights, quantile, mean + _FAR * sd) if sd > 0 else 0.0
    return IncidentReserve(expected, mean, sd, held, quantile, float(np.exp(-expected)))


def _atoms(size: Any) -> tuple[np.ndarray, np.ndarray]:
    """Amounts and weights that stand for a size: all it has, or nodes even in normal scores (trapezoid rule)."""
    if isinstance(size, Mapping):
        try:
            size = _DISTRIBUTION.validate_python(dict(size))
        except ValidationError as error:
            raise InputError([f"size: {problem['msg']}" for problem in error.errors()]) from None
    if isinstance(size, int | float):
        amounts, weights = np.array([float(size)]), np.ones(1)
    elif isinstance(size, Discrete):
        amounts, weights = np.array(size.values), np.array(size.weights)
    else:
        scores = np.linspace(-_END, _END, _NODES)
        amounts, weights = size.ppf(ndtr(scores)), np.exp(-(scores**2) / 2)
    return np.maximum(amounts, 0.0), weights / weights.sum()


def _sum_quantile(expected: float, amounts: np.ndarray, weights: np.ndarray, quantile: float, far: float) -> float:
    """Quantile of the sum of a Poisson number of sizes."""
    if len(amounts) == 1:
        count = np.arange(np.ceil(far / amounts[0]) + 1)
        return float(amounts[0] * count[np.searchsorted(pdtr(count, expected), quantile)])
    step = far / (_CELLS // 2)  # the upper half stays empty: what lies beyond comes round there
    place = np.minimum(amounts / step, _CELLS // 2 - 1)
    low = place.astype(np.int64)
    sizes = np.bincount(low, weights * (1 - (place - low)), _CELLS)  # split over two cells: the mean is kept
    sizes += np.bincount(low + 1, weights * (place - low), _CELLS)
    together = np.fft.irfft(np.exp(expected * (np.fft.rfft(sizes) - 1.0)), _CELLS)
    return float(step * np.searchsorted(np.cumsum(together), quantile))
