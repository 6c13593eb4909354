"""What time and repetition do to cost and use: learning, falling prices, adoption."""

import numpy as np

from aiecon.errors import InputError
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.arguments import is_number, number_problems


def learning_cost(units: float | np.ndarray, *, first: float, learning: float) -> float | np.ndarray:
    """Cost of the n-th unit when each doubling of what was made brings the cost to a fixed part of it.

    Parameters
    ----------
    units
        How many have been made, this one included, above zero.
    first
        Cost of the first. [currency]
    learning
        Cost after a doubling over cost before it, in (0, 1]. [ratio]

    Notes
    -----
    first × units^b, b = log2(learning) (Wright 1936).

    Examples
    --------
    >>> [round(float(learning_cost(unit, first=100.0, learning=0.8)), 2) for unit in (1, 2, 4, 8)]
    [100.0, 80.0, 64.0, 51.2]
    """
    problems = number_problems(first=first)
    if not (is_number(learning) and 0 < learning <= 1):
        problems.append(f"learning must be in (0, 1], got {learning!r}")
    if not (np.all(np.isfinite(units)) and np.all(np.asarray(units) > 0)):
        problems.append(f"units must be above zero, got {units!r}")
    if problems:
        raise InputError(problems)
    return first * np.asarray(units, dtype=float) ** np.log2(learning)


def halving_months(decline_per_year: float) -> float | None:
    """Months in which a price halves that falls by a share a year; None when it does not fall.

    Examples
    --------
    >>> round(halving_months(0.9), 3)  # ten times cheaper a year
    3.612
    """
    if not decline_per_year < 1:
        raise InputError(f"decline_per_year must be below 1, got {decline_per_year!r}")
    if decline_per_year <= 0:
        return None
    return float(-MONTHS_PER_YEAR * np.log(2.0) / np.log1p(-decline_per_year))


def adopters(time: float | np.ndarray, *, innovation: float, imitation: float, market: float) -> float | np.ndarray:
    """Cumulative number of adopters of a product that spreads on its own and by word of mouth.

    Parameters
    ----------
    time
        Since the start. [periods]
    innovation, imitation
        Bass's p and q. [share per period]
    market
        Who can ever adopt. [users]

    Notes
    -----
    m (1 − e^(−(p + q) t)) ÷ (1 + (q ÷ p) e^(−(p + q) t)) (Bass 1969). Most adopt in a period at ln(q ÷ p) ÷ (p + q).

    Examples
    --------
    >>> round(float(adopters(5, innovation=0.03, imitation=0.38, market=100)), 6)
    33.119864
    """
    if not innovation > 0:
        raise InputError(f"innovation must be above zero, got {innovation!r}")
    left = np.exp(-(innovation + imitation) * np.asarray(time, dtype=float))
    return market * (1.0 - left) / (1.0 + imitation / innovation * left)


def peak_of_adoption(*, innovation: float, imitation: float) -> float | None:
    """Time at which most adopt; None when nobody imitates more than starts by himself. [periods]

    Examples
    --------
    >>> round(peak_of_adoption(innovation=0.03, imitation=0.38), 6)
    6.192619
    """
    if not innovation > 0:
        raise InputError(f"innovation must be above zero, got {innovation!r}")
    if imitation <= innovation:
        return None
    return float(np.log(imitation / innovation) / (innovation + imitation))
