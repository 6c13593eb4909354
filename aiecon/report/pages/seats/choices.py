"""The plain choices an allocation is held against, and asking again with other prices and other use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aiecon.models.seats import Seats
from aiecon.models.seats.allocation import Allocation, allocate, plan_cost, tariffs_of
from aiecon.models.seats.inputs import Plan
from aiecon.models.seats.people import People
from aiecon.vocabulary.distribution import base

_ASKED_AGAIN = 1_500  # people, or groups of like people, with whom a changed price is tried
_SAME = 1e-6
_HALVINGS = 12  # to a four-thousandth of the range searched
_DEAREST = 4.0  # times today's price, up to which a turn is searched


@dataclass(frozen=True)
class Choice:
    """One way to provide everyone: in words, and its cost. [currency/month]"""

    name: str
    cost: float


def plain_choices(answer: Seats) -> list[Choice]:
    """Everyone at API prices, and everyone in each plan."""
    return plain_choices_of(answer.people, answer.inputs.plans, answer.fee)


def plain_choices_of(people: People, plans: Sequence[Plan], fee: float) -> list[Choice]:
    """What the plain choices cost some people."""
    found = [Choice("Everyone at API prices", people.total + fee * people.count)]
    for plan in plans:
        cost = min(plan_cost(one, people.spend, people.weight) for one in tariffs_of(plan))
        found.append(Choice(f"Everyone in {plan.name}", cost))
    return found


def best_plain(answer: Seats) -> Choice:
    """The cheapest of the plain choices; of equal ones that with fewer seats."""
    return min(plain_choices(answer), key=lambda choice: choice.cost)


def gain(answer: Seats) -> float:
    """What the allocation saves on the best plain choice. [currency/month]"""
    return best_plain(answer).cost - answer.allocation.cost


def asked_again(
    answer: Seats,
    *,
    use: float = 1.0,
    price: float = 1.0,
    fee: float | None = None,
    change: Callable[[Plan], Plan] = lambda plan: plan,
) -> tuple[Allocation, People]:
    """The allocation with use and seat prices multiplied, another fee or other plans, and the people it is of."""
    people = _grouped(answer.people)
    people = replace(people, spend=people.spend * use)
    plans = [change(priced(plan, price)) for plan in answer.inputs.plans]
    return allocate(people, plans, fee=answer.fee if fee is None else fee), people


def priced(plan: Plan, factor: float) -> Plan:
    """A plan with its seat prices multiplied."""
    tiers = tuple(
        tier.model_copy(update={"price_per_seat_month": base(tier.price_per_seat_month) * factor})
        for tier in plan.volume_tiers
    )
    price = base(plan.price_per_seat_month) * factor
    return plan.model_copy(update={"price_per_seat_month": price, "volume_tiers": tiers})


def _grouped(people: People) -> People:
    """People as they are, or where there are many in groups of neighbours by use."""
    count = len(people.spend)
    if count <= _ASKED_AGAIN:
        return people
    of = np.arange(count) * _ASKED_AGAIN // count
    weight = np.bincount(of, weights=people.weight)
    return People(np.bincount(of, weights=people.weight * people.spend) / weight, weight)


def main_plan(answer: Seats) -> Plan:
    """The plan with most seats; where none is bought the first."""
    seats = answer.allocation.seats
    name = max(seats, key=lambda one: seats[one]) if seats else answer.inputs.plans[0].name
    return next(plan for plan in answer.inputs.plans if plan.name == name)


def turning_price(answer: Seats) -> float | None:
    """The price of the main plan's seats at which they go, or where none is bought come; None where there is none.

    Its other prices move with that of the seats bought. [currency/seat/month]
    """
    plan = main_plan(answer)
    now = answer.seat_price(plan.name)
    is_bought = answer.allocation.seats.get(plan.name, 0.0) > 0
    if now <= 0:
        return None

    def bought(price: float) -> bool:
        def change(one: Plan) -> Plan:
            return priced(one, price / now) if one.name == plan.name else one

        return asked_again(answer, change=change)[0].seats.get(plan.name, 0.0) > _SAME

    low, high = (now, now * _DEAREST) if is_bought else (0.0, now)
    if is_bought and bought(high):
        return None
    if not is_bought and not bought(low):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if bought(middle) else (low, middle)
    return (low + high) / 2
