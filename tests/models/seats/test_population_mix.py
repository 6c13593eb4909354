"""Several plans over a population: the cheapest mix is found, as a large sample of the same people finds it."""

import numpy as np
import pytest

from aiecon.models.seats import SeatsInputs, seats

PLANS = [
    {"name": "p", "price_per_seat_month": 20.0, "overage_factor": 0.5, "included_usage_per_seat_month": 30.0},
    {"name": "r", "price_per_seat_month": 50.0, "overage_factor": 0.0},
]


def ask(usage):
    return seats(SeatsInputs.build({"usage": usage, "plans": PLANS}))


def test_a_uniform_population_costs_the_integral_of_the_cheapest_of_three_ways():
    population = {"users": 100.0, "distribution": {"shape": "uniform", "low": 0.0, "high": 100.0}}
    # E[min(x, 20 + (x - 30)+ / 2, 50)] over 0 to 100 is 30
    assert ask(population).allocation.cost == pytest.approx(3_000.0, rel=1e-6)


def test_a_population_costs_what_its_people_as_a_list_cost():
    shape = {"shape": "lognormal", "p10": 5.0, "p90": 140.0}
    found = ask({"users": 100.0, "distribution": shape}).allocation.cost
    from aiecon.vocabulary.distribution import Lognormal

    spend = Lognormal(**shape).ppf((np.arange(2_000) + 0.5) / 2_000)
    assert found == pytest.approx(ask({"per_user": spend.tolist()}).allocation.cost / 20, rel=2e-3)
