"""Who gets which plan at the lowest cost, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np

from aiecon.models.seats.inputs import Plan
from aiecon.models.seats.people import People
from aiecon.models.seats.solver import solve
from aiecon.vocabulary.distribution import base

_SAME = 1e-9
_ROUNDING = 1e-13


@dataclass(frozen=True)
class Tariff:
    """A plan's base figures. [currency/seat/month]"""

    name: str
    price: float
    included: float
    is_pooled: bool
    overage: float
    minimum: int
    commitment: float
    true_up: int = 1
    """Months from one true-up date of a term to the next."""
    fill: str = "free"
    """How many seats are bought: free, not below holders and minimum; holders, just those; minimum, just that."""


def tariffs_of(plan: Plan) -> list[Tariff]:
    """The base figures of a plan, one for each price it has: a volume price is a plan of its own minimum."""
    steps = [(0, base(plan.price_per_seat_month))]
    steps += [(tier.from_seats, base(tier.price_per_seat_month)) for tier in plan.volume_tiers]
    return [
        Tariff(
            plan.name,
            price,
            base(plan.included_usage_per_seat_month),
            plan.pooled,
            base(plan.overage_factor),
            max(plan.minimum_seats, start),
            base(plan.commitment_months),
            plan.true_up_months,
        )
        for start, price in steps
    ]


def tariff_at(plan: Plan, seats: float) -> Tariff:
    """A plan at the price of so many seats."""
    variants = tariffs_of(plan)
    return [one for one in variants if one is variants[0] or one.minimum <= seats + _SAME][-1]


@dataclass(frozen=True, eq=False)
class Allocation:
    """Who gets what.

    Attributes
    ----------
    cost
        Seats, overage, and everyone else at API prices and fee. [currency/month]
    seats
        Plan -> seats bought, those of a minimum included.
    holders
        Plan -> people who hold one.
    parts
        Of each person, heaviest first, in each plan; wholes for a list. Shape (n, n_plans)
    gap
        What the cost may be above the lowest possible, proved by its dual; 0 where it is exact. [currency/month]
    """

    cost: float
    seats: dict[str, float]
    holders: dict[str, float]
    parts: np.ndarray
    gap: float = 0.0

    @property
    def plan(self) -> np.ndarray:
        """For each person, heaviest first, the place of the plan that has the larger part, −1 for none; shape (n,)."""
        return np.where(self.parts.sum(axis=1) > 0.5, self.parts.argmax(axis=1), -1)

    @property
    def total_seats(self) -> float:
        """Seats bought over all plans."""
        return float(sum(self.seats.values()))


def plan_cost(tariff: Tariff, spend: np.ndarray, weight: np.ndarray) -> float:
    """What a plan costs for the people in it: seats, those of its minimum included, and overage. [currency/month]"""
    held = float(weight.sum())
    if held <= 0:
        return 0.0
    seats = max(held, float(tariff.minimum))
    fee = seats * tariff.price
    if tariff.is_pooled:
        return fee + tariff.overage * max(float(weight @ spend) - seats * tariff.included, 0.0)
    return fee + tariff.overage * float(weight @ np.maximum(spend - tariff.included, 0.0))


def all_seats_cost(people: People, plans: Sequence[Plan]) -> float:
    """Everyone in the cheapest single plan. [currency/month]"""
    return min(plan_cost(one, people.spend, people.weight) for plan in plans for one in tariffs_of(plan))


def allocate(people: People, plans: Sequence[Plan], *, fee: float) -> Allocation:
    """Return the cheapest allocation of people to plans, one plan each.

    One plan whose overage is no dearer than the API: the heaviest people hold its seats, and every number of seats is
    tried. Otherwise every set of plans that could be bought is tried, each as a linear program over people (solver).
    A tie goes to fewer seats, held by the heaviest.
    """
    best = Allocation(people.total + fee * people.count, {}, {}, np.zeros((len(people.spend), len(plans))))
    bound = best.cost
    prices = [tariffs_of(plan) for plan in plans]
    for size in range(1, len(plans) + 1):
        for chosen in combinations(range(len(plans)), size):
            for bought in product(*(_filled(prices[place]) for place in chosen)):
                if size == 1 and (not bought[0].is_pooled or bought[0].overage <= 1):
                    found = _one_plan(people, bought[0], fee)
                    found = replace(found, parts=_placed(found.parts, chosen, len(plans)))
                elif (several := _several(people, bought, fee, below=best.cost * (1 + _SAME))) is not None:
                    found = replace(several, parts=_placed(several.parts, chosen, len(plans)))
                else:
                    continue
                bound = min(bound, found.cost - found.gap)
                best = _better(best, found)
    return replace(best, gap=max(best.cost - bound, 0.0))


def _filled(tariffs: Sequence[Tariff]) -> list[Tariff]:
    """Plans of which no empty seat beyond the minimum may be bought, where one would enlarge the pool at a profit."""
    found = []
    for one in tariffs:
        if not one.is_pooled or one.overage * one.included <= one.price:
            found.append(one)
            continue
        found.append(replace(one, fill="holders"))
        if one.minimum:
            found.append(replace(one, fill="minimum"))
    return found


def edges(plans: Sequence[Plan], fee: float) -> list[float]:
    """Uses at which a person is as well off with a seat of a plan as without, pools left aside. [currency/month]"""
    found = []
    for plan in plans:
        for one in tariffs_of(plan):
            found += [one.included, one.price - fee]
            if one.overage < 1:
                found.append((one.price - fee - one.overage * one.included) / (1 - one.overage))
    return found


def _better(first: Allocation, second: Allocation) -> Allocation:
    """The cheaper of two; of equal ones that with fewer seats."""
    same = abs(first.cost - second.cost) <= _SAME * max(abs(first.cost), 1e-9)
    if same:
        return second if second.total_seats < first.total_seats - _SAME else first
    return second if second.cost < first.cost else first


def _placed(parts: np.ndarray, chosen: Sequence[int], width: int) -> np.ndarray:
    """Parts in some plans as parts in all of them."""
    found = np.zeros((len(parts), width))
    found[:, list(chosen)] = parts
    return found


def _one_plan(people: People, tariff: Tariff, fee: float) -> Allocation:
    """Every number of seats, held by those who gain most from one; parts of a population where its cost turns."""
    spend, weight = people.spend, people.weight
    overrun = np.maximum(spend - tariff.included, 0.0)
    order = np.argsort(-(spend - (0.0 if tariff.is_pooled else tariff.overage * overrun)), kind="stable")
    each = weight[order]
    held, used, over = (np.cumsum(each * values) for values in (np.ones(len(each)), spend[order], overrun[order]))
    if people.is_population:
        numbers = _turns(tariff, held, used)
        used, over = (np.interp(numbers, np.append(0.0, held), np.append(0.0, values)) for values in (used, over))
    else:
        numbers = held
    seats = np.maximum(numbers, tariff.minimum)
    beyond = tariff.overage * (np.maximum(used - seats * tariff.included, 0.0) if tariff.is_pooled else over)
    cost = seats * tariff.price + beyond + (people.total - used) + fee * (people.count - numbers)
    lowest = float(cost.min())
    same = _ROUNDING if people.is_population else _SAME  # the cost of a population is flat where it is lowest
    place = int(np.flatnonzero(cost <= lowest + same * max(abs(lowest), 1e-9))[0])
    parts = np.zeros((len(spend), 1))
    parts[order, 0] = np.clip((numbers[place] - (held - each)) / np.maximum(each, 1e-300), 0.0, 1.0)
    return Allocation(
        float(cost[place]), {tariff.name: float(seats[place])}, {tariff.name: float(numbers[place])}, parts
    )


def _turns(tariff: Tariff, held: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Numbers of holders at which the cost of a population may turn: its points, the minimum, where the pool ends."""
    numbers = np.unique(np.append(held, min(float(tariff.minimum), held[-1]) or held[0]))
    if not tariff.is_pooled:
        return numbers
    needed = np.interp(numbers, np.append(0.0, held), np.append(0.0, used))
    left = needed - np.maximum(numbers, tariff.minimum) * tariff.included
    turn = np.flatnonzero(left[:-1] * left[1:] < 0)
    step = left[turn] / (left[turn] - left[turn + 1])
    return np.unique(np.append(numbers, numbers[turn] + step * (numbers[turn + 1] - numbers[turn])))


def _several(people: People, bought: Sequence[Tariff], fee: float, *, below: float) -> Allocation | None:
    """The cheapest allocation in which exactly these plans are paid for; None when it cannot be below a cost."""
    found = solve(people, bought, fee=fee, below=below)
    if found is None:
        return None
    cost, seats, holders = 0.0, {}, {}
    outside = people.weight.copy()
    for column, one in enumerate(bought):
        part = found.parts[:, column] * people.weight
        outside = outside - part
        held = float(part.sum())
        count = max(held, float(one.minimum))
        seats[one.name], holders[one.name] = count, held
        cost += plan_cost(one, people.spend, part) if held > 0 else count * one.price
    outside = np.maximum(outside, 0.0)
    cost += float(outside @ people.spend) + fee * float(outside.sum())
    return Allocation(cost, seats, holders, found.parts, gap=found.gap)
