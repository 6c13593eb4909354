"""A population is its expectation: against closed forms and against a large sorted sample."""

import numpy as np
import pytest

import aiecon
from aiecon.models.seats import SeatsInputs, seats
from aiecon.models.seats.allocation import allocate
from aiecon.models.seats.people import People, followed

SHAPES = [
    {"shape": "lognormal", "p10": 5, "p90": 100},
    {"shape": "normal", "p10": -5, "p90": 80},
    {"shape": "uniform", "low": 0, "high": 100},
    {"shape": "triangular", "low": 0, "mode": 10, "high": 150},
    {"shape": "pert", "low": 0, "mode": 10, "high": 150},
    {"shape": "beta", "successes": 2, "failures": 5},
    {"shape": "pareto", "minimum": 8, "alpha": 2.5},
    {"shape": "mixture", "parts": [{"p10": 2, "p90": 20}, {"p10": 60, "p90": 200}], "weights": [8, 2]},
    {"shape": "discrete", "values": [0, 10, 40, 200], "weights": [3, 3, 3, 1]},
]
SAMPLE = 200_000


def plan(scale=1.0, **fields):
    price, included = 19.0 * scale, 40.0 * scale
    given = {"price_per_seat_month": price, "included_usage_per_seat_month": included, "overage_factor": 0.8}
    return {"name": "seat", **given, **fields}


def population(shape, *plans, users=1_000, **fields):
    return SeatsInputs.build({"usage": {"users": users, "distribution": shape}, "plans": plans, **fields})


def sampled(inputs):
    """The same people as a sorted sample, each a small part of a person."""
    users = inputs.usage.users
    spend = np.maximum(inputs.usage.distribution.ppf((np.arange(SAMPLE) + 0.5) / SAMPLE), 0.0)[::-1]
    return allocate(People(spend, np.full(SAMPLE, users / SAMPLE)), inputs.plans, fee=0.0)


@pytest.mark.parametrize("minimum", [0, 700])
@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape["shape"])
def test_every_shape_is_as_its_large_sample(shape, pooled, minimum):
    scale = 0.005 if shape["shape"] == "beta" else 1.0
    inputs = population(shape, plan(scale, pooled=pooled, minimum_seats=minimum))
    found, other = seats(inputs), sampled(inputs)
    assert found.allocation.cost == pytest.approx(other.cost, rel=2e-4)
    assert found.allocation.total_seats == pytest.approx(other.total_seats, rel=2e-4)
    assert found.to_frame()["cost"].sum() == pytest.approx(found.allocation.cost)
    assert found.people.count == pytest.approx(1_000)


def test_a_uniform_population_is_its_closed_form():
    """Use from 0 to 100 and a flat seat of 30: seven in ten have a seat, the others spend 15 on average."""
    found = seats(population({"shape": "uniform", "low": 0, "high": 100}, {**plan(), **FLAT}))
    assert found.allocation.total_seats == pytest.approx(700, rel=1e-9)
    assert found.allocation.cost == pytest.approx(700 * 30 + 300 * 15, rel=1e-9)
    assert found.seat_threshold == pytest.approx(30)
    assert found.people.gini == pytest.approx(1 / 3, rel=1e-5)
    assert found.people.top_share(0.1) == pytest.approx(0.19, rel=1e-5)


FLAT = {"price_per_seat_month": 30.0, "included_usage_per_seat_month": 0.0, "overage_factor": 0.0}


def test_seats_of_a_population_may_be_fractional():
    found = seats(population({"shape": "uniform", "low": 0, "high": 100}, {**plan(), **FLAT}, users=5))
    assert found.allocation.total_seats == pytest.approx(3.5)


def test_a_value_many_people_share_is_split_where_the_pool_ends():
    """500 use 100 and 500 use 0; seats include 60, so those without use join until the pool covers 50,000."""
    found = seats(population({"shape": "discrete", "values": [0, 100], "weights": [1, 1]}, POOL))
    assert found.allocation.total_seats == pytest.approx(50_000 / 60)
    assert found.allocation.cost == pytest.approx(50_000 / 60 * 20)
    assert found.to_frame()["holders"].tolist() == pytest.approx([50_000 / 60, 1_000 - 50_000 / 60])


POOL = plan(price_per_seat_month=20.0, included_usage_per_seat_month=60.0, pooled=True, overage_factor=1.0)


def test_people_below_zero_count_as_zero():
    found = seats(population({"shape": "discrete", "values": [-50, 100], "weights": [1, 1]}, {**plan(), **FLAT}))
    assert found.all_api_cost == pytest.approx(50_000)


def test_several_plans_share_a_population_as_a_large_sample():
    plans = plan(pooled=True), plan(name="flat", price_per_seat_month=45.0, overage_factor=0.0)
    inputs = population(SHAPES[0], plans[0], {**plans[1], "included_usage_per_seat_month": 0.0})
    assert seats(inputs).allocation.cost == pytest.approx(sampled(inputs).cost, rel=3e-4)


def test_an_empirical_population_is_its_values(tmp_path):
    (tmp_path / "use.csv").write_text("use\n0\n10\n40\n200\n")
    shape = {"shape": "empirical", "file": str(tmp_path / "use.csv"), "column": "use"}
    inputs = aiecon.resolve(population(shape, {**plan(), **FLAT}, users=400))
    found = seats(inputs).allocation
    assert found.total_seats == pytest.approx(200)
    assert found.cost == pytest.approx(100 * 10 + 200 * 30)


def test_where_a_minimum_binds_the_threshold_is_the_use_that_many_reach():
    """150 of 400 people: the use at the 62.5th percentile."""
    inputs = population({"shape": "lognormal", "p10": 5, "p90": 150}, {**plan(), **FLAT}, users=400)
    plans = [inputs.plans[0].model_copy(update={"price_per_seat_month": 60.0, "minimum_seats": 150})]
    found = seats(inputs.model_copy(update={"plans": plans}))
    assert found.allocation.total_seats == pytest.approx(150)
    assert found.seat_threshold == pytest.approx(inputs.usage.distribution.ppf(1 - 150 / 400), rel=1e-9)


def test_a_population_is_followed_as_its_mean_persons():
    people = seats(population({"shape": "pareto", "minimum": 5, "alpha": 1.2}, plan(), users=400)).people
    persons = followed(people)
    assert len(persons.spend) == 400
    assert persons.total == pytest.approx(people.total)
    assert persons.spend[0] == pytest.approx(people.total * people.top_share(1 / 400), rel=1e-4)
    assert (np.diff(persons.spend) <= 0).all()


def test_what_a_population_signs_for_is_what_its_mean_persons_sign_for():
    shape, future = {"shape": "uniform", "low": 0, "high": 100}, {"horizon_months": 12, "usage_sigma": 0.2}
    flat = {**plan(), **FLAT, "commitment_months": 12}
    found = seats(population(shape, flat, users=200, future=future)).signing
    people = [100 * (place + 0.5) / 200 for place in range(200)]
    listed = seats(SeatsInputs.build({"usage": {"per_user": people}, "plans": [flat], "future": future})).signing
    assert found.seats == listed.seats
    assert found.choices["expected_cost"].to_numpy() == pytest.approx(listed.choices["expected_cost"].to_numpy())
