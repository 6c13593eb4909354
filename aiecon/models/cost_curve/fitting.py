"""The exponent of a cost curve from a few points, with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from aiecon.errors import InputError

PRIOR = (0.5663, 0.7670)
"""10th and 90th percentile of the exponent before any point: cost times 50 to 200 for users times 1,000 (S2-06)."""
_LEAST_FOR_INTERVAL = 3


@dataclass(frozen=True)
class CostCurveFit:
    """A power of the number of users fitted to points.

    Attributes
    ----------
    exponent
        Slope of log cost over log users.
    low, high
        80 % interval: by Student's t where there are three points or more, else as wide as PRIOR is.
    cost_at_one
        Cost of one user on the curve. [currency/month]
    """

    exponent: float
    low: float
    high: float
    cost_at_one: float

    @property
    def interval(self) -> tuple[float, float]:
        """80 % interval of the exponent."""
        return self.low, self.high

    def cost_at(self, users: float) -> float:
        """Cost on the curve. [currency/month]"""
        return self.cost_at_one * users**self.exponent


def fit_cost_curve(users: Sequence[float] | np.ndarray, cost: Sequence[float] | np.ndarray) -> CostCurveFit:
    """Fit cost = a × users^exponent to two points or more.

    Parameters
    ----------
    users
        Numbers of users, above zero, not all the same. Shape (n,)
    cost
        Cost of a month at each, above zero. [currency/month], shape (n,)

    Examples
    --------
    >>> found = fit_cost_curve([10, 100, 1_000, 10_000], [200 * u**0.65 for u in (10, 100, 1_000, 10_000)])
    >>> round(found.exponent, 6), round(found.cost_at(10_000), 2)
    (0.65, 79621.43)
    """
    x, y = np.asarray(users, dtype=float), np.asarray(cost, dtype=float)
    problems = []
    if x.shape != y.shape or x.ndim != 1 or len(x) < 2:
        problems.append("users and cost must be lists of the same length, two points at least")
    elif not (np.all(np.isfinite(x)) and np.all(x > 0)) or not (np.all(np.isfinite(y)) and np.all(y > 0)):
        problems.append("users and cost must be above zero")
    elif np.ptp(x) == 0:
        problems.append("users: at least two different numbers are needed")
    if problems:
        raise InputError(problems)
    log_users, log_cost = np.log(x), np.log(y)
    centred = log_users - log_users.mean()
    exponent = float(centred @ log_cost / (centred @ centred))
    start = float(log_cost.mean() - exponent * log_users.mean())
    half = (PRIOR[1] - PRIOR[0]) / 2
    low, high = exponent - half, exponent + half
    if len(x) >= _LEAST_FOR_INTERVAL:
        left = log_cost - start - exponent * log_users
        error = float(np.sqrt(max(left @ left, 0.0) / (len(x) - 2) / (centred @ centred)))
        reach = float(stats.t.ppf(0.9, len(x) - 2)) * error
        low, high = exponent - reach, exponent + reach
    return CostCurveFit(exponent, low, high, float(np.exp(start)))
