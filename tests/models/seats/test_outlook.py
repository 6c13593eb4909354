"""What is expected of a term, held against the mean of its futures and against the overrun by hand."""

import numpy as np
import pytest

from aiecon.models.seats.allocation import tariffs_of
from aiecon.models.seats.futures import futures_of
from aiecon.models.seats.inputs import SeatsInputs
from aiecon.models.seats.noise import Noise
from aiecon.models.seats.outlook import outlooks, overrun
from aiecon.models.seats.people import people_of
from aiecon.models.seats.terms import expected

USES = [144.0, 89.0, 55.0, 34.0, 21.0, 13.0]
FUTURE = {"horizon_months": 8, "usage_sigma": 0.6, "usage_growth_per_month": 0.03, "user_growth_per_month": 0.02}


def both(**plan):
    """Expected cost of a first term of three months for those between two cuts, and its mean over the futures."""
    given = {"name": "seat", "price_per_seat_month": 30, "included_usage_per_seat_month": 40, "overage_factor": 0.8}
    inputs = SeatsInputs.build(
        {"usage": {"per_user": USES}, "plans": [{**given, **plan}], "future": FUTURE, "draws": 2_000}
    )
    people, tariffs = people_of(inputs.usage), tariffs_of(inputs.plans[0])
    futures = futures_of(inputs, inputs.future, people, tariffs, noise=Noise(0.6, 0.7), cuts=[], fee=4.0)
    added = expected(outlooks(futures, people, tariffs, sigma=0.6))
    return added(tariffs[0], 0, 3), futures, tariffs[0]


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("minimum", [0, 4])
def test_the_expected_cost_of_a_term_is_near_the_mean_of_its_futures(pooled, minimum):
    found, futures, tariff = both(pooled=pooled, minimum_seats=minimum, commitment_months=3)
    for low, high in ((0, 2), (1, 4), (0, 6)):
        simulated = futures.added(tariff, (low, high))[:3].mean(axis=1)
        paid = 30 * max(high - low, minimum)
        np.testing.assert_allclose(found[:, low, high], simulated, atol=0.05 * paid)


def test_nobody_between_two_cuts_is_no_way_to_hold_a_plan():
    found, *_ = both()
    assert np.isinf(found[:, 3, 3]).all()
    assert np.isinf(found[:, 4, 2]).all()


def test_overrun_is_that_of_many_draws_and_without_spread_what_is_above():
    draws = 50 * np.exp(0.5 * np.random.default_rng(0).standard_normal(400_000) - 0.125)
    assert overrun(np.array(50.0), 40.0, 0.5) == pytest.approx(np.maximum(draws - 40, 0).mean(), rel=0.01)
    assert overrun(np.array([50.0, 30.0, 0.0]), 40.0, 0.0).tolist() == [10.0, 0.0, 0.0]
    assert overrun(np.array([50.0, 0.0]), 0.0, 0.7).tolist() == [50.0, 0.0]
