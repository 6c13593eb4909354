"""Who gets which plan at the lowest cost, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from aiecon.models.seats.inputs import Plan
from aiecon.models.seats.people import People
from aiecon.models.seats.solver import lowest, solve
from aiecon.vocabulary.distribution import base

_SAME = 1e-9
_ROUNDING = 1e-13
PART = 1e-6  # of an entry of a population: less is rounding


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
    """How many seats are bought: free, not below holders and minimum; holders, just those, who must reach the minimum;
    minimum, just that."""

    @property
    def floor(self) -> int:
        """Seats that are paid for however few people hold one."""
        return 0 if self.fill == "holders" else self.minimum


def tariffs_of(plan: Plan) -> list[Tariff]:
    """The base figures of a plan, one for each price it has; a volume price above the minimum is for so many holders.

    No empty seat beyond the minimum is bought, so holders have to reach a volume price that the minimum does not.
    """
    prices = {plan.minimum_seats: base(plan.price_per_seat_month)}
    for tier in plan.volume_tiers:
        start, price = max(tier.from_seats, plan.minimum_seats), base(tier.price_per_seat_month)
        if start == plan.minimum_seats or price < min(prices.values()):
            prices[start] = price
    return [
        Tariff(
            plan.name,
            price,
            base(plan.included_usage_per_seat_month),
            plan.pooled,
            base(plan.overage_factor),
            start,
            base(plan.commitment_months),
            plan.true_up_months,
            fill="holders" if start > plan.minimum_seats else "free",
        )
        for start, price in prices.items()
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
    unit_months
        Seats bought × months they are committed for. [seat-months]
    """

    cost: float
    seats: dict[str, float]
    holders: dict[str, float]
    parts: np.ndarray
    gap: float = 0.0
    unit_months: float = 0.0

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
    if tariff.fill == "holders" and held < tariff.minimum - _SAME:
        return float("inf")
    seats = max(held, float(tariff.floor))
    fee = seats * tariff.price
    if tariff.is_pooled:
        return fee + tariff.overage * max(float(weight @ spend) - seats * tariff.included, 0.0)
    return fee + tariff.overage * float(weight @ np.maximum(spend - tariff.included, 0.0))


def all_seats_cost(people: People, plans: Sequence[Plan]) -> float:
    """Everyone in the cheapest single plan. [currency/month]"""
    return min(plan_cost(one, people.spend, people.weight) for plan in plans for one in tariffs_of(plan))


def allocate(people: People, plans: Sequence[Plan], *, fee: float, near: float = 0.0) -> Allocation:
    """Return the cheapest allocation of people to plans, one plan each, or one within `near` of its cost.

    One plan whose overage is no dearer than the API: the heaviest people hold its seats, and every number of seats is
    tried. Otherwise the ways to buy plans (not at all, with the minimum, at a volume price) are searched plan by plan,
    each as a linear program over people (solver); a branch is left when no way in it can be cheaper than the best so
    far. With `near` it is also left when none can be cheaper by that share, and of many people none is decided one by
    one. A tie goes to fewer unit-months (seats × months committed), then to fewer seats, held by the heaviest.
    """
    best = Allocation(people.total + fee * people.count, {}, {}, np.zeros((len(people.spend), len(plans))))
    is_single = len(plans) == 1
    for place, plan in enumerate(plans):
        for one in _filled(tariffs_of(plan)):
            if not one.is_pooled or one.overage <= 1:
                found = _one_plan(people, one, fee)
                best = _better(best, replace(found, parts=_placed(found.parts, [place], len(plans))))
            else:
                is_single = False
    if is_single:
        return best
    search = _Search(people, [_options(plan) for plan in plans], fee, near, best, best.cost)
    search.visit(())
    return replace(search.best, gap=max(search.best.cost - search.bound, near * search.best.cost))


@dataclass
class _Search:
    """Branch and bound over the ways to buy each plan: None, not at all."""

    people: People
    options: list[list[Tariff | None]]
    fee: float
    near: float
    best: Allocation
    bound: float

    def visit(self, chosen: tuple[Tariff | None, ...]) -> None:
        """Look at every way that begins with these choices, unless none can be cheaper than the best so far."""
        below = self.best.cost * (1 + _SAME - self.near)
        if len(chosen) == len(self.options):
            self._solve(chosen, below)
            return
        later = [_cheapest_of(options) for options in self.options[len(chosen) :]]
        open_ones = [one for one in (*chosen, *later) if one is not None]
        if len(chosen) and lowest(self.people, open_ones, fee=self.fee) > below:
            return
        for option in self.options[len(chosen)]:
            self.visit((*chosen, option))

    def _solve(self, chosen: tuple[Tariff | None, ...], below: float) -> None:
        bought = [one for one in chosen if one is not None]
        found = _several(self.people, bought, self.fee, below=below, is_rough=self.near > 0) if bought else None
        if found is None:
            return
        places = [place for place, one in enumerate(chosen) if one is not None]
        self.bound = min(self.bound, found.cost - found.gap)
        self.best = _better(self.best, replace(found, parts=_placed(found.parts, places, len(self.options))))


def _options(plan: Plan) -> list[Tariff | None]:
    """The ways to buy a plan; without a minimum it may be held by nobody, and not to buy it is no way of its own."""
    found: list[Tariff | None] = [*_filled(tariffs_of(plan))]
    return found if plan.minimum_seats == 0 else [None, *found]


def _cheapest_of(options: Sequence[Tariff | None]) -> Tariff:
    """A plan that costs no more than any way to buy it: the lowest price, without a minimum."""
    found = [one for one in options if one is not None]
    return replace(min(found, key=lambda one: one.price), minimum=0, fill="free")


def _filled(tariffs: Sequence[Tariff]) -> list[Tariff]:
    """Plans of which no empty seat beyond the minimum may be bought, where one would enlarge the pool at a profit."""
    found = []
    for one in tariffs:
        if one.fill == "holders" or not one.is_pooled or one.overage * one.included <= one.price:
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


def threshold_of(people: People, allocation: Allocation, turns: Sequence[float]) -> float | None:
    """Smallest use that gets a seat, None when nobody does; of a smooth population the edge between two entries.

    `turns` are the uses at which a seat may begin to pay, for people spread over all uses; empty for a list.
    [currency/month]
    """
    held = people.spend[allocation.parts.sum(axis=1) > PART]
    if not len(held):
        return None
    least = float(held.min())
    below = people.spend[people.spend < least]
    cuts = [cut for cut in turns if len(below) and below.max() <= cut <= least]
    return cuts[0] if cuts else least


def _better(first: Allocation, second: Allocation) -> Allocation:
    """The cheaper of two; of equal ones that with fewer unit-months, then with fewer seats."""
    if abs(first.cost - second.cost) <= _SAME * max(abs(first.cost), 1e-9):
        commits = [(round(one.unit_months, 6), round(one.total_seats, 6)) for one in (first, second)]
        return second if commits[1] < commits[0] else first
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
    seats = np.maximum(numbers, tariff.floor)
    beyond = tariff.overage * (np.maximum(used - seats * tariff.included, 0.0) if tariff.is_pooled else over)
    cost = seats * tariff.price + beyond + (people.total - used) + fee * (people.count - numbers)
    if tariff.fill == "holders":
        cost = np.where(numbers < tariff.minimum - _SAME, np.inf, cost)
    least = float(cost.min())
    same = _ROUNDING if people.is_population else _SAME  # the cost of a population is flat where it is lowest
    place = int(np.flatnonzero(cost <= least + same * max(abs(least), 1e-9))[0])
    parts = np.zeros((len(spend), 1))
    parts[order, 0] = np.clip((numbers[place] - (held - each)) / np.maximum(each, 1e-300), 0.0, 1.0)
    bought = _counted(float(seats[place]))
    months = bought * tariff.commitment
    holders = _counted(float(numbers[place]))
    return Allocation(float(cost[place]), {tariff.name: bought}, {tariff.name: holders}, parts, unit_months=months)


def _counted(people: float) -> float:
    """A number of people without the rounding of its sum."""
    return float(round(people)) if abs(people - round(people)) <= _SAME * max(people, 1.0) else people


def _turns(tariff: Tariff, held: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Numbers of holders at which the cost of a population may turn: its points, the minimum, where the pool ends."""
    numbers = np.unique(np.append(held, min(float(tariff.minimum), held[-1]) or held[0]))
    if not tariff.is_pooled:
        return numbers
    needed = np.interp(numbers, np.append(0.0, held), np.append(0.0, used))
    left = needed - np.maximum(numbers, tariff.floor) * tariff.included
    turn = np.flatnonzero(left[:-1] * left[1:] < 0)
    step = left[turn] / (left[turn] - left[turn + 1])
    return np.unique(np.append(numbers, numbers[turn] + step * (numbers[turn + 1] - numbers[turn])))


def _several(
    people: People, bought: Sequence[Tariff], fee: float, *, below: float, is_rough: bool
) -> Allocation | None:
    """The cheapest allocation in which exactly these plans are paid for; None when it cannot be below a cost."""
    found = solve(people, bought, fee=fee, below=below, is_rough=is_rough)
    if found is None:
        return None
    cost, months, seats, holders = 0.0, 0.0, {}, {}
    outside = people.weight.copy()
    for column, one in enumerate(bought):
        part = found.parts[:, column] * people.weight
        outside = outside - part
        held = _counted(float(part.sum()))
        count = max(held, float(one.floor))
        if count <= 0:
            continue
        seats[one.name], holders[one.name] = count, held
        months += count * one.commitment
        cost += plan_cost(one, people.spend, part) if held > 0 else count * one.price
    outside = np.maximum(outside, 0.0)
    cost += float(outside @ people.spend) + fee * float(outside.sum())
    return Allocation(cost, seats, holders, found.parts, found.gap, months)
