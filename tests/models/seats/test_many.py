"""Many people: what is said to be the lowest cost is within what is said it may miss, and near it."""

import numpy as np
import pytest

from aiecon.models.seats import solver
from aiecon.models.seats.allocation import Allocation, allocate
from aiecon.models.seats.inputs import Plan
from aiecon.models.seats.people import People


def pooled_case(seed: int, count: int, *, plans: int) -> tuple[People, list[Plan]]:
    """People and plans with pools and minimums, at whose prices whole groups are as well off in two of them."""
    random = np.random.default_rng(seed)
    spend = np.sort(random.lognormal(3, 1.5, count).round(2))[::-1]
    found = [
        Plan(
            name=f"p{place}",
            price_per_seat_month=float(random.integers(10, 60)),
            included_usage_per_seat_month=float(random.integers(0, 80)),
            pooled=True,
            overage_factor=float(random.choice([0.5, 0.8, 1.0])),
            minimum_seats=int(random.choice([0, count // 20, count // 3])),
        )
        for place in range(plans)
    ]
    return People(spend, np.ones(count), np.arange(count)), found


@pytest.mark.parametrize("seed", [1, 5, 22, 39])
def test_people_who_are_as_well_off_in_two_plans_go_where_minimums_need_them(seed):
    people, plans = pooled_case(seed, 700, plans=5)
    found = allocate(people, plans, fee=0.0)
    assert found.gap <= 2e-3 * found.cost
    assert sum(found.holders.values()) <= 700


@pytest.mark.parametrize("seed", range(12))
def test_the_way_of_many_is_as_near_to_all_decided_together_as_it_says(seed, monkeypatch):
    people, plans = pooled_case(seed, 90, plans=3)
    exact = allocate(people, plans, fee=0.0)
    monkeypatch.setattr(solver, "_EXACT_CELLS", 0)
    monkeypatch.setattr(solver, "_GROUPS", 30)
    monkeypatch.setattr(solver, "_OPEN", 20)
    many: Allocation = allocate(people, plans, fee=0.0)
    assert many.cost >= exact.cost - exact.gap - 1e-6
    assert many.cost - many.gap <= exact.cost + 1e-6
    assert many.cost <= exact.cost * 1.01
