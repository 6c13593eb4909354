"""The allocation held over uncertain people, prices and allowances, against what each draw costs."""

import numpy as np
import pytest

from aiecon.models.seats import SeatsInputs, seats

TEN = [144.0, 89.0, 55.0, 34.0, 21.0, 13.0, 8.0, 5.0, 3.0, 2.0]
PLAN = {"name": "seat", "price_per_seat_month": 30, "included_usage_per_seat_month": 40, "overage_factor": 0.5}
UNIFORM = {"shape": "uniform", "low": 0, "high": 100}
USERS = {"shape": "normal", "p10": 800, "p90": 1_200}


def answer(usage=None, fee=0.0, draws=4_000, **plan):
    given = {"usage": usage or {"per_user": TEN}, "plans": [{**PLAN, **plan}]}
    return seats(SeatsInputs.build({**given, "draws": draws, "metered_fee_per_user_month": fee}))


def test_uncertain_users_keep_the_headline_at_their_base_and_give_it_a_range():
    sure, unsure = (answer({"users": users, "distribution": UNIFORM}) for users in (1_000, USERS))
    assert unsure.allocation.cost == pytest.approx(sure.allocation.cost)
    assert sure.doubt is None
    assert unsure.doubt.names == ("usage.users",)
    assert unsure.doubt.cost == pytest.approx((0.8 * sure.allocation.cost, 1.2 * sure.allocation.cost), rel=0.01)
    found = {metric.key: metric for metric in unsure.summary()}
    assert found["best_cost_p10"].value < found["best_cost"].value < found["best_cost_p90"].value
    assert {metric.key: metric.note for metric in sure.summary()}[
        "best_cost_p10"
    ] == "no input of the month is uncertain"


def test_a_minimum_is_paid_when_fewer_come():
    few = answer({"users": {**USERS, "p10": 100}, "distribution": UNIFORM}, minimum_seats=600).doubt.cost[0]
    assert few > 600 * 30


@pytest.mark.parametrize("pooled", [False, True])
def test_an_uncertain_allowance_is_what_each_draw_costs(pooled):
    found = answer(
        included_usage_per_seat_month={"shape": "discrete", "values": [20, 40, 60], "weights": [1, 1, 1]}, pooled=pooled
    )
    held = int(found.allocation.total_seats)
    inside = np.array(TEN[:held])
    over = [max(inside.sum() - one * held, 0) if pooled else np.maximum(inside - one, 0).sum() for one in (20, 40, 60)]
    costs = [30 * held + 0.5 * one + sum(TEN[held:]) for one in over]
    assert found.doubt.cost == pytest.approx((costs[2], costs[0]))


def test_the_chance_to_be_dearer_than_api_prices_is_that_of_the_price():
    """One person who uses 50: the flat seat is worth it below 50, so in nine of ten draws from 10 to 54.4."""
    price = {"shape": "uniform", "low": 10, "high": 54.4}
    found = answer({"per_user": [50.0]}, price_per_seat_month=price, overage_factor=0, draws=20_000)
    assert found.doubt.dearer_probability == pytest.approx(4.4 / 44.4, abs=0.01)
    assert found.doubt.api == (50, 50)


def test_an_uncertain_fee_and_several_names_are_told():
    fee = {"shape": "uniform", "low": 0, "high": 4}
    found = answer(fee=fee, overage_factor={"shape": "uniform", "low": 0.4, "high": 0.6}).doubt
    assert found.names == ("metered_fee_per_user_month", "plans.seat.overage_factor")


def test_the_base_case_of_every_draw_is_the_allocation():
    same = {"shape": "discrete", "values": [30], "weights": [1]}
    for pooled in (False, True):
        found = answer(price_per_seat_month=same, pooled=pooled, minimum_seats=6)
        assert found.doubt.cost == pytest.approx((found.allocation.cost, found.allocation.cost))
