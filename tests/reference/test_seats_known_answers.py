"""Known answers of seats. D-ST-2 and 3 are closed forms, 6 and 7 are derived from the inputs on the page."""

import math

import pytest
from scipy.special import ndtri

from aiecon.models.seats import SeatsInputs, seats

TEN = [2, 3, 5, 8, 13, 21, 34, 55, 89, 144]


def answer(spend, price, **plan):
    plans = [{"name": "seat", "price_per_seat_month": price, "overage_factor": 0, **plan}]
    usage = spend if isinstance(spend, dict) else {"per_user": spend}
    return seats(SeatsInputs.build({"usage": usage, "plans": plans}))


@pytest.mark.parametrize("median", [0.3, 20.0, 4_000.0])
def test_d_st_2_a_lognormal_of_sigma_one_and_a_half(median):
    """Gini 2Φ(σ/√2) − 1, top share Φ(σ − z) (Aitchison and Brown, The Lognormal Distribution, 1957, chapter 11)."""
    reach = 1.5 * ndtri(0.9)
    spread = {"shape": "lognormal", "p10": median * math.exp(-reach), "p90": median * math.exp(reach)}
    people = answer({"users": 500, "distribution": spread}, 30).people
    assert people.gini == pytest.approx(0.7111556, abs=5e-8)
    assert people.top_share(0.1) == pytest.approx(0.5864601, abs=6e-8)
    assert people.top_share(0.2) == pytest.approx(0.7448526, abs=5e-8)


def test_d_st_3_a_pareto_of_eighty_and_twenty():
    """α = log 5 ÷ log 4 and Gini 1 ÷ (2α − 1) (Arnold, Pareto Distributions, 1983, chapter 4)."""
    alpha = math.log(5) / math.log(4)
    assert alpha == pytest.approx(1.1609640, abs=5e-8)
    assert 1 / (2 * alpha - 1) == pytest.approx(0.7564708, abs=5e-8)
    people = answer({"users": 500, "distribution": {"shape": "pareto", "minimum": 4.0, "alpha": alpha}}, 30).people
    assert people.gini == pytest.approx(0.7564708, abs=5e-8)
    assert people.top_share(0.2) == pytest.approx(0.8, abs=1e-9)
    assert people.total == pytest.approx(500 * 4.0 * alpha / (alpha - 1), rel=1e-9)


@pytest.mark.parametrize(
    ("price", "minimum", "cost", "held"),
    [(30, 0, 172, 4), (30, 6, 198, 6), (30, 8, 245, 8), (60, 0, 261, 2), (60, 3, 266, 3)],
)
def test_d_st_6_ten_users_and_a_flat_seat(price, minimum, cost, held):
    found = answer(TEN, price, minimum_seats=minimum)
    assert found.all_api_cost == 374
    assert found.allocation.cost == pytest.approx(cost, abs=1e-9)
    assert found.allocation.total_seats == held


@pytest.mark.parametrize(
    ("price", "held", "minimum", "bought", "floor"),
    [(45, 100, 150, 81_000, 135_000), (30, 400, 500, 180_000, 210_000)],
)
def test_d_st_7_what_a_floor_costs_a_year(price, held, minimum, bought, floor):
    """The source prices its floors at two prices: 150 seats at 45 and 75, 500 at 30 and 35, for twelve months."""
    for one, year in ((price, bought), ({45: 75, 30: 35}[price], floor)):
        found = answer([1_000.0] * held, one, minimum_seats=minimum)
        assert found.allocation.cost * 12 == pytest.approx(year)
        assert found.allocation.total_seats == minimum
        assert found.minimum_cost == pytest.approx((minimum - held) * one)
