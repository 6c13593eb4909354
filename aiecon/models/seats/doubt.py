"""What the cheapest allocation costs when prices, allowances and the number of people are not sure."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from aiecon.models.seats.allocation import Allocation, tariff_at
from aiecon.models.seats.inputs import Plan, SeatsInputs
from aiecon.models.seats.people import People
from aiecon.vocabulary.distribution import base, draw
from aiecon.vocabulary.strict import quoted

_SAME = 1e-12
_OF_PLAN = ("price_per_seat_month", "included_usage_per_seat_month", "overage_factor")


@dataclass(frozen=True)
class Doubt:
    """The allocation of the base case held, whatever the uncertain inputs turn out to be.

    Attributes
    ----------
    names
        Dotted names of the uncertain inputs.
    cost, api
        80 % range of its cost, and of everyone's at API prices. [currency/month]
    dearer_probability
        Share of draws in which it costs more than everyone at API prices.
    """

    names: tuple[str, ...]
    cost: tuple[float, float]
    api: tuple[float, float]
    dearer_probability: float


def doubt_of(inputs: SeatsInputs, people: People, allocation: Allocation) -> Doubt | None:
    """Return what the allocation costs over draws of the uncertain inputs; None where none is uncertain.

    The same people, or parts of a population, keep their plan; the number of all scales with `usage.users`. Prices of
    volume tiers count at their base.
    """
    fields: dict[str, Any] = {"metered_fee_per_user_month": inputs.metered_fee_per_user_month}
    if inputs.usage.users is not None:
        fields["usage.users"] = inputs.usage.users
    for plan in inputs.plans:
        if plan.name in allocation.seats:
            fields |= {f"plans.{quoted(plan.name)}.{one}": getattr(plan, one) for one in _OF_PLAN}
    names = tuple(name for name, value in fields.items() if hasattr(value, "ppf"))
    if not names:
        return None
    drawn = {
        name: np.maximum(draw(value, name, draws=inputs.draws, seed=inputs.seed), 0.0) for name, value in fields.items()
    }
    times = drawn.get("usage.users", np.ones(inputs.draws)) / base(fields.get("usage.users", 1.0))
    fee = drawn["metered_fee_per_user_month"]
    outside = people.weight * (1.0 - allocation.parts.sum(axis=1))
    cost = times * (float(outside @ people.spend) + fee * float(outside.sum()))
    for place, plan in enumerate(inputs.plans):
        if plan.name in allocation.seats:
            of_plan = [drawn[f"plans.{quoted(plan.name)}.{one}"] for one in _OF_PLAN]
            cost = cost + _cost(plan, people, allocation, place, times, *of_plan)
    api = times * (people.total + fee * people.count)
    return Doubt(names, _range(cost), _range(api), float((cost > api * (1 + _SAME)).mean()))


def _cost(
    plan: Plan,
    people: People,
    allocation: Allocation,
    place: int,
    times: np.ndarray,
    price: np.ndarray,
    included: np.ndarray,
    overage: np.ndarray,
) -> np.ndarray:
    """What a plan costs its people in each draw; shape (n_draws,)."""
    part = allocation.parts[:, place] * people.weight
    tariff = tariff_at(plan, allocation.seats[plan.name])
    seats = np.maximum(allocation.holders[plan.name] * times, plan.minimum_seats)
    if tariff.price != base(plan.price_per_seat_month):
        price = np.full_like(price, tariff.price)
    if plan.pooled:
        beyond = np.maximum(float(part @ people.spend) * times - seats * included, 0.0)
    else:
        above = np.searchsorted(-people.spend, -included, side="left")  # people who use more than is included
        used, held = (np.append(0.0, np.cumsum(values))[above] for values in (part * people.spend, part))
        beyond = (used - held * included) * times
    return np.asarray(seats * price + overage * beyond)


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.1, 0.9])
    return float(low), float(high)
