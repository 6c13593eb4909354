"""Cost of an agent's request in closed form, when every step costs the same."""

from dataclasses import dataclass

import numpy as np

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


def agent_cost_moments(*, steps_mean: float, step_cost: float, steps_cap: int | None = None) -> AgentCostMoments:
    """Return mean and standard deviation of the cost of a request whose steps are geometric from 1.

    Parameters
    ----------
    steps_mean
        Mean number of steps before the cap, 1 or more. [steps/request]
    step_cost
        Of every step. [currency/step]
    steps_cap
        Steps at which a request is stopped; None for no cap. [steps]

    Notes
    -----
    With q = 1 − 1 ÷ mean, a step k is reached with q^(k − 1): E[N] = (1 − q^cap) ÷ (1 − q), E[N²] is the sum of
    (2k − 1) q^(k − 1) up to the cap, and the cap cuts with q^cap.

    Examples
    --------
    >>> found = agent_cost_moments(steps_mean=4.0, step_cost=0.01)
    >>> round(found.mean, 6), round(found.sd, 6), found.cap_probability
    (0.04, 0.034641, 0.0)
    """
    problems = []
    if not (np.isfinite(steps_mean) and steps_mean >= 1):
        problems.append(f"steps_mean must be 1 or more, got {steps_mean!r}")
    if not (np.isfinite(step_cost) and step_cost >= 0):
        problems.append(f"step_cost must be zero or more, got {step_cost!r}")
    if steps_cap is not None and (isinstance(steps_cap, bool) or int(steps_cap) != steps_cap or steps_cap < 1):
        problems.append(f"steps_cap must be a whole number of 1 or more, got {steps_cap!r}")
    if problems:
        raise InputError(problems)
    q = 1.0 - 1.0 / steps_mean
    if steps_cap is None:
        return AgentCostMoments(steps_mean * step_cost, float(np.sqrt(q)) * steps_mean * step_cost, 0.0)
    k = np.arange(1, int(steps_cap) + 1)
    reached = q ** (k - 1.0)
    mean, square = reached.sum(), ((2 * k - 1) * reached).sum()
    return AgentCostMoments(
        float(mean) * step_cost, float(np.sqrt(max(square - mean**2, 0.0))) * step_cost, float(q**steps_cap)
    )
