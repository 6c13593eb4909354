"""What is expected: uncertain drivers, and pools that know nothing of each other."""

import numpy as np
import pytest
from budget_scene import GATED, asked, months
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.models.adaptive_budget import adaptive_budget

DRIVER = {"shape": "lognormal", "p10": 60.0, "p90": 240.0}
"""Median 120."""


def ahead(driver, **more):
    one = {"month": "2026-06-01", "team": "search", "pool": "prod", "driver": driver} | more
    actuals = months([100.0, 103.0, 99.0, 104.0, 100.0], driver=[100.0] * 5)
    pool = GATED | {"growth_cap": 2.0}
    return adaptive_budget(asked(actuals, pool, forecast=[one], horizon_months=1, draws=20_000))


def test_an_uncertain_driver_gives_the_budget_of_its_base_value_and_widens_what_is_learnt():
    sure, unsure = ahead(120.0), ahead(DRIVER)
    assert sure.next_budget == unsure.next_budget == pytest.approx(120.0)
    first, second = (np.log(one.lines[0].outlook.spend[:, 0]) for one in (sure, unsure))
    sigma = np.log(240 / 60) / 2 / 1.2815515655446004
    assert second.var() == pytest.approx(first.var() + sigma**2, rel=0.03)
    assert np.median(second) == pytest.approx(np.median(first), abs=0.02)
    assert ahead(DRIVER | {"value": 90.0}).next_budget == pytest.approx(90.0)


def test_a_driver_widens_no_spend_that_is_given():
    assert (
        ahead(DRIVER, spend=130.0).lines[0].outlook.spend.tolist()
        == ahead(1.0, spend=130.0).lines[0].outlook.spend.tolist()
    )


@LAW
@given(
    st.lists(st.floats(0, 1e4), min_size=5, max_size=5),
    st.floats(0, 1e4),
    st.integers(1, 6),
    st.floats(0.1, 1.0),
    st.sampled_from([None, "2026-06-01", "2026-08-15"]),
)
def test_pools_move_apart(spend, base, every, error, first):
    """Whatever becomes of development, its cadence and its evidence, production has the same budgets, gates, draws."""
    prod = months([90.0, 95, 99, 104, 109], driver=[90.0, 95, 99, 104, 109])
    calm = {"name": "dev", "base": 50.0}
    wild = {"name": "dev", "base": base, "review_every_months": every, "first_review": first}
    wild |= {"forecast_error_gate": 0.15, "forecast_error": error, "unit_cost_target": 1.0, "growth_cap": 0.5}
    rules = GATED | {"growth_cap": 0.1, "review_every_months": 2}
    one = adaptive_budget(asked(prod + months([40.0] * 5, pool="dev"), rules, calm, draws=100))
    two = adaptive_budget(asked(prod + months(spend, pool="dev", driver=spend), rules, wild, draws=100))
    first_table, second_table = (found.to_frame().query("pool == 'prod'") for found in (one, two))
    assert first_table.reset_index(drop=True).equals(second_table.reset_index(drop=True))


def test_each_pool_is_reviewed_in_its_own_months():
    rules = GATED | {"growth_cap": 0.1, "review_every_months": 3}
    lines = (rules | {"first_review": "2026-04-01"}, rules | {"name": "dev", "base": 50.0})
    actuals = months([100.0, 100.0], driver=[1e3] * 2) + months([50.0, 50.0], pool="dev", driver=[1e3] * 2)
    moves = adaptive_budget(asked(actuals, *lines, horizon_months=5)).to_frame()
    by_pool = {pool: rows["rule"].tolist() for pool, rows in moves.groupby("pool")}
    apart, cap = "between reviews", "growth cap"
    assert by_pool["prod"] == [apart, cap, apart, apart, cap]  # March to July, from April on
    assert by_pool["dev"] == [cap, apart, apart, cap, apart]
