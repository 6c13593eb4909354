"""Allocations against brute force, and the laws of cost."""

from itertools import product
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.models.seats.allocation import allocate
from aiecon.models.seats.inputs import Plan
from aiecon.models.seats.people import People

uses = st.lists(st.integers(0, 200).map(float), min_size=1, max_size=7)
tariffs = st.builds(
    Plan,
    name=st.just("seat"),
    price_per_seat_month=st.integers(1, 60).map(float),
    included_usage_per_seat_month=st.sampled_from([0.0, 10.0, 40.0]),
    pooled=st.booleans(),
    overage_factor=st.sampled_from([0.0, 0.4, 1.0, 1.3]),
    minimum_seats=st.sampled_from([0, 0, 2, 5, 9]),
)
several = st.lists(tariffs, min_size=1, max_size=2).map(
    lambda found: [plan.model_copy(update={"name": f"plan {place}"}) for place, plan in enumerate(found)]
)
fees = st.sampled_from([0.0, 5.0])


def people(spend):
    ranked = np.sort(np.asarray(spend, dtype=float))[::-1]
    return People(ranked, np.ones(len(ranked)), np.arange(len(ranked)))


def cheapest(spend, plans, fee=0.0):
    return allocate(people(spend), plans, fee=fee)


def cost_of_plan(plan, inside, spend):
    """Cost and seats of a plan for each way to fill it, at the best volume price that holders or minimum reach."""
    held = inside.sum(axis=1)
    cost, seats = np.full(len(inside), np.inf), np.zeros(len(inside))
    steps = [(0, plan.price_per_seat_month)]
    for start, price in steps + [(tier.from_seats, tier.price_per_seat_month) for tier in plan.volume_tiers]:
        bought = np.maximum(held, plan.minimum_seats)
        included = plan.included_usage_per_seat_month
        over = (
            np.maximum(inside @ spend - bought * included, 0)
            if plan.pooled
            else inside @ np.maximum(spend - included, 0)
        )
        found = np.where(bought >= start, bought * price + plan.overage_factor * over, np.inf)
        seats = np.where(found < cost - 1e-9, bought, seats)
        cost = np.minimum(cost, found)
    return np.where(held > 0, cost, 0.0), np.where(held > 0, seats, 0.0)


def brute_force(spend, plans, fee):
    """Lowest cost of all ways to give people plans, and the fewest seats that reach it."""
    spend = np.asarray(spend, dtype=float)
    ways = np.array(list(product(range(-1, len(plans)), repeat=len(spend))))
    cost, seats = ((ways < 0) * (spend + fee)).sum(axis=1), np.zeros(len(ways))
    for place, plan in enumerate(plans):
        found, bought = cost_of_plan(plan, (ways == place).astype(float), spend)
        cost, seats = cost + found, seats + bought
    return cost.min(), seats[cost <= cost.min() + 1e-9].min()


def random_case(seed):
    random = np.random.default_rng(seed)
    spend = np.round(random.lognormal(3, 1.5, random.integers(1, 7)), random.integers(0, 3))
    plans = []
    for place in range(random.integers(1, 4)):
        price = float(random.integers(1, 60))
        tiers = [{"from_seats": int(random.integers(2, 6)), "price_per_seat_month": price / 2}]
        plans.append(
            Plan(
                name=f"plan {place}",
                price_per_seat_month=price,
                included_usage_per_seat_month=float(random.choice([0, 10, 25, 60])),
                pooled=bool(random.random() < 0.5),
                overage_factor=float(random.choice([0, 0.3, 0.8, 1, 1.2, 2])),
                minimum_seats=int(random.choice([0, 0, 2, 4, 8])),
                volume_tiers=tiers if random.random() < 0.2 else [],
            )
        )
    return spend * (random.random(len(spend)) > 0.15), plans, float(random.choice([0, 0, 4, 20]))


@pytest.mark.parametrize("part", range(6))
def test_brute_force_never_beats_the_allocation(part):
    for seed in range(100 * part, 100 * part + 100):
        spend, plans, fee = random_case(seed)
        found = cheapest(spend, plans, fee)
        cost, seats = brute_force(spend, plans, fee)
        assert found.cost == pytest.approx(cost, rel=1e-9, abs=1e-9), seed
        assert found.total_seats == seats, seed
        assert found.gap <= 1e-9 * cost


def tied_case(seed):
    """Small whole amounts, so that many allocations cost the same."""
    random = np.random.default_rng(seed)
    spend = random.integers(0, 12, random.integers(2, 7)).astype(float)
    plans = [
        Plan(
            name=f"plan {place}",
            price_per_seat_month=float(random.integers(1, 6)),
            included_usage_per_seat_month=float(random.choice([0, 5, 10])),
            pooled=bool(random.random() < 0.6),
            overage_factor=float(random.choice([0, 0.5, 1, 1.5])),
            minimum_seats=int(random.choice([0, 0, 1, 3])),
            commitment_months=float(random.choice([0, 1, 12])),
        )
        for place in range(random.integers(1, 4))
    ]
    return spend, plans, float(random.choice([0, 5]))


@pytest.mark.parametrize("part", range(3))
def test_a_tie_goes_to_fewer_unit_months_then_to_fewer_seats(part):
    for seed in [*range(50 * part, 50 * part + 50), *((124, 134, 177, 226, 263, 328, 368, 663, 677, 997)[part::3])]:
        spend, plans, fee = tied_case(seed)
        found = cheapest(spend, plans, fee)
        ways = np.array(list(product(range(-1, len(plans)), repeat=len(spend))))
        cost, months, seats = ((ways < 0) * (spend + fee)).sum(axis=1), np.zeros(len(ways)), np.zeros(len(ways))
        for place, plan in enumerate(plans):
            each, bought = cost_of_plan(plan, (ways == place).astype(float), spend)
            cost, seats = cost + each, seats + bought
            months = months + bought * plan.commitment_months
        is_least = cost <= cost.min() + 1e-9
        fewest = months[is_least].min()
        assert found.cost == pytest.approx(cost.min()), seed
        assert found.unit_months == pytest.approx(fewest), seed
        assert found.total_seats == pytest.approx(seats[is_least & (months <= fewest + 1e-9)].min()), seed


def test_no_empty_seat_is_bought_to_reach_a_volume_price():
    """Two of five would be cheapest with seven seats at half the price, whose allowance they would use."""
    tier = {"from_seats": 7, "price_per_seat_month": 9.5}
    pool = {"included_usage_per_seat_month": 19, "pooled": True, "overage_factor": 1}
    found = cheapest(
        [0, 10.35, 19.93, 50.66, 85], [Plan(name="p", price_per_seat_month=19, volume_tiers=[tier], **pool)]
    )
    assert found.seats == {}
    assert found.cost == pytest.approx(165.94)


def test_a_volume_price_counts_from_the_seats_of_the_minimum():
    tier = {"from_seats": 3, "price_per_seat_month": 10}
    plan = Plan(name="p", price_per_seat_month=20, overage_factor=0, minimum_seats=3, volume_tiers=[tier])
    assert cheapest([90, 80, 1], [plan]).cost == 3 * 10


def test_a_tie_goes_to_the_shorter_commitment_then_to_fewer_seats():
    year, month = (
        Plan(name=name, price_per_seat_month=30, overage_factor=0, commitment_months=months)
        for name, months in (("year", 12), ("month", 1))
    )
    for plans in ([year, month], [month, year]):
        assert cheapest([60, 60, 60], plans).seats == {"month": 3}
    assert cheapest([60, 30, 30], [year]).seats == {"year": 1}


def test_six_plans_with_two_volume_prices_each_are_searched_in_seconds():
    spend = np.random.default_rng(0).lognormal(3, 1.2, 60)
    plans = [
        Plan(
            name=f"plan {place}",
            price_per_seat_month=40 - 3 * place,
            included_usage_per_seat_month=20,
            pooled=bool(place % 2),
            overage_factor=place / 6,
            volume_tiers=[
                {"from_seats": 10, "price_per_seat_month": 14 - place / 3},
                {"from_seats": 25, "price_per_seat_month": 11 - place / 3},
            ],
        )
        for place in range(6)
    ]
    start = process_time()
    found = cheapest(spend, plans, 2.0)
    assert process_time() - start < 20
    assert found.gap <= 1e-6 * found.cost


@LAW
@given(uses, several, fees, st.randoms(use_true_random=False))
def test_the_order_of_people_and_of_plans_changes_nothing(spend, plans, fee, random):
    first = cheapest(spend, plans, fee)
    random.shuffle(spend)
    other = cheapest(spend, plans[::-1], fee)
    assert other.cost == pytest.approx(first.cost, rel=1e-9)
    assert other.total_seats == first.total_seats


def pays_for_itself_empty(plan):
    """Whether a seat that nobody holds brings the pool more than it costs."""
    return plan.pooled and plan.overage_factor * plan.included_usage_per_seat_month > plan.price_per_seat_month


@LAW
@given(uses, several.filter(lambda plans: not any(map(pays_for_itself_empty, plans))), fees, st.integers(1, 9))
def test_a_minimum_never_lowers_cost(spend, plans, fee, more):
    higher = [plans[0].model_copy(update={"minimum_seats": plans[0].minimum_seats + more}), *plans[1:]]
    without = [plan.model_copy(update={"minimum_seats": 0}) for plan in plans]
    assert cheapest(spend, higher, fee).cost >= cheapest(spend, plans, fee).cost - 1e-6
    assert cheapest(spend, plans, fee).cost >= cheapest(spend, without, fee).cost - 1e-6


def test_a_minimum_lowers_cost_where_its_empty_seats_pay_for_themselves():
    """Only a minimum brings empty seats: three at 30 include 180 of the 190 used, one includes 60."""
    plan = Plan(name="seat", price_per_seat_month=30, included_usage_per_seat_month=60, pooled=True, overage_factor=1)
    assert cheapest([190], [plan]).cost == 30 + 130
    assert cheapest([190], [plan.model_copy(update={"minimum_seats": 3})]).cost == 90 + 10


@LAW
@given(uses, several, fees, st.floats(0, 1))
def test_a_cheaper_overage_never_raises_cost(spend, plans, fee, times):
    cheaper = [plan.model_copy(update={"overage_factor": plan.overage_factor * times}) for plan in plans]
    assert cheapest(spend, cheaper, fee).cost <= cheapest(spend, plans, fee).cost + 1e-6


@LAW
@given(uses, several, fees)
def test_a_pool_is_never_worse_than_the_same_allowance_per_seat(spend, plans, fee):
    pooled = [plan.model_copy(update={"pooled": True}) for plan in plans]
    alone = [plan.model_copy(update={"pooled": False}) for plan in plans]
    assert cheapest(spend, pooled, fee).cost <= cheapest(spend, alone, fee).cost + 1e-6


@LAW
@given(uses, several, fees, tariffs)
def test_another_plan_and_no_plan_never_raise_and_never_lower_cost(spend, plans, fee, more):
    found = cheapest(spend, plans, fee).cost
    assert cheapest(spend, [*plans, more.model_copy(update={"name": "more"})], fee).cost <= found + 1e-6
    assert found <= sum(spend) + fee * len(spend) + 1e-6


@LAW
@given(uses, several, fees, st.sampled_from([0.01, 0.5, 3.0, 1000.0]))
def test_cost_scales_with_all_amounts(spend, plans, fee, times):
    scaled = [
        plan.model_copy(
            update={
                "price_per_seat_month": plan.price_per_seat_month * times,
                "included_usage_per_seat_month": plan.included_usage_per_seat_month * times,
            }
        )
        for plan in plans
    ]
    found = cheapest([one * times for one in spend], scaled, fee * times)
    assert found.cost == pytest.approx(times * cheapest(spend, plans, fee).cost, rel=1e-7)
    assert found.total_seats == cheapest(spend, plans, fee).total_seats


@LAW
@given(uses, uses, tariffs.filter(lambda plan: plan.minimum_seats == 0 and not plan.pooled), fees)
def test_two_firms_cost_as_much_together_without_minimum_and_pool(first, second, plan, fee):
    together = cheapest([*first, *second], [plan], fee).cost
    assert together == pytest.approx(cheapest(first, [plan], fee).cost + cheapest(second, [plan], fee).cost, rel=1e-9)


@LAW
@given(uses, uses, tariffs.filter(lambda plan: plan.minimum_seats == 0 and plan.pooled), fees)
def test_two_firms_with_a_pool_are_never_dearer_together(first, second, plan, fee):
    apart = cheapest(first, [plan], fee).cost + cheapest(second, [plan], fee).cost
    assert cheapest([*first, *second], [plan], fee).cost <= apart + 1e-6


def large_case(seed, count):
    random = np.random.default_rng(seed)
    spend = random.lognormal(3, 1.5, count) * (random.random(count) > 0.1)
    plans = [
        Plan(
            name=f"plan {place}",
            price_per_seat_month=float(random.integers(5, 60)),
            included_usage_per_seat_month=float(random.choice([0, 10, 25, 60])),
            pooled=bool(random.random() < 0.5),
            overage_factor=float(random.choice([0, 0.3, 0.8, 1, 1.2])),
            minimum_seats=int(random.choice([0, 0, count // 10, count // 2, count + count // 5])),
        )
        for place in range(3)
    ]
    return spend, plans, float(random.choice([0, 5]))


@pytest.mark.parametrize("seed", range(10))
def test_five_thousand_people_are_allocated_within_a_millionth_of_the_lowest_cost(seed):
    found = cheapest(*large_case(seed, 5_000))
    assert found.gap <= 1e-6 * found.cost


def cheapest_bands(spend, flat, pool, minimum, fee):
    """Lowest cost of the heaviest in a flat plan, the next in a pool that includes its price, the rest without."""
    before, costs = np.append(0.0, np.cumsum(spend)), []
    for first in range(len(spend) + 1):
        last = np.arange(first, len(spend) + 1)
        used, held = before[last] - before[first], last - first
        inside = flat * max(first, minimum) * (first > 0) + pool * held + np.maximum(used - pool * held, 0)
        costs.append((inside + before[-1] - before[last] + fee * (len(spend) - last)).min())
    return min(costs)


@pytest.mark.parametrize(("mean", "spread", "count"), [(2.5, 1.2, 400), (2.5, 1.5, 2_000), (2.5, 1.0, 2_000)])
def test_no_bands_of_a_flat_plan_and_a_pool_are_cheaper_for_many_people(mean, spread, count):
    spend = np.sort(np.random.default_rng(2).lognormal(mean, spread, count))[::-1]
    pool = {"included_usage_per_seat_month": 19, "pooled": True, "overage_factor": 1}
    plans = [
        Plan(name="pool", price_per_seat_month=19, **pool),
        Plan(name="flat", price_per_seat_month=100, overage_factor=0, minimum_seats=5),
    ]
    assert cheapest(spend, plans, 3.0).cost <= cheapest_bands(spend, 100, 19, 5, 3.0) + 1e-6


def test_the_same_people_get_the_same_plans_again():
    first, again = (cheapest(*large_case(1, 400)) for _ in range(2))
    assert np.array_equal(first.parts, again.parts)
