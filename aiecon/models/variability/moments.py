"""Cost of an agent's request in closed form, when every step costs the same."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import nbinom

from aiecon.errors import InputError


@dataclass(frozen=True)
class AgentCostMoments:
    """Mean and spread of a request's cost.

    Attributes
    ----------
    mean, sd
        Of the cost of a request. [currency/request]
    cap_probability
        That the cap cuts a request short; 0 without a cap.
    """

    mean: float
    sd: float
    cap_probability: float


def agent_cost_moments(
    *, steps_mean: float, step_cost: float, steps_cap: int | None = None, steps_dispersion: float = 1.0
) -> AgentCostMoments:
    """Return mean and standard deviation of the cost of a request whose steps are 1 + a negative binomial.

    Parameters
    ----------
    steps_mean
        Mean number of steps before the cap, 1 or more. [steps/request]
    step_cost
        Of every step. [currency/step]
    steps_cap
        Steps at which a request is stopped; None for no cap. [steps]
    steps_dispersion
        Their variance is m + dispersion × m² with m = mean − 1; 1 is geometric. [ratio]

    Notes
    -----
    With r(k) the chance that step k is reached (geometric: q^(k − 1) with q = 1 − 1 ÷ mean), E[N] is the sum of r(k) up
    to the cap and E[N²] that of (2k − 1) r(k); the cap cuts with r(cap + 1).

    Examples
    --------
    >>> found = agent_cost_moments(steps_mean=4.0, step_cost=0.01)
    >>> round(found.mean, 6), round(found.sd, 6), found.cap_probability
    (0.04, 0.034641, 0.0)
    """
    rules = (
        ("steps_mean must be 1 or more", steps_mean, lambda value: value >= 1),
        ("step_cost must be zero or more", step_cost, lambda value: value >= 0),
        ("steps_cap must be a whole number of 1 or more", steps_cap, lambda value: value >= 1 and value == int(value)),
        ("steps_dispersion must be above zero", steps_dispersion, lambda value: value > 0),
    )
    problems = [
        f"{words}, got {value!r}"
        for words, value, holds in rules
        if not (value is None and value is steps_cap) and not (_is_number(value) and holds(value))
    ]
    if problems:
        raise InputError(problems)
    beyond, size = steps_mean - 1.0, 1.0 / steps_dispersion
    if steps_cap is None:
        sd = float(np.sqrt(beyond + steps_dispersion * beyond**2))
        return AgentCostMoments(steps_mean * step_cost, sd * step_cost, 0.0)
    k = np.arange(1, int(steps_cap) + 1)
    reached = nbinom.sf(k - 2, size, size / (size + beyond))
    mean, square = reached.sum(), ((2 * k - 1) * reached).sum()
    sd, cut = np.sqrt(max(square - mean**2, 0.0)), nbinom.sf(steps_cap - 1, size, size / (size + beyond))
    return AgentCostMoments(float(mean) * step_cost, float(sd) * step_cost, float(cut))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(np.isfinite(value))
