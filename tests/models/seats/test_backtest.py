"""What expected use gains on last month's ranking, with its interval, on panels whose generator is stated."""

import numpy as np
import pandas as pd
import pytest

import aiecon
from aiecon.models.seats import SeatsInputs, seats
from aiecon.models.seats.backtest import backtest, stated_panel
from aiecon.models.seats.inputs import Plan

FLAT = Plan(name="seat", price_per_seat_month=30, overage_factor=0)
POOL = {"included_usage_per_seat_month": 25, "overage_factor": 1.0, "pooled": True, "minimum_seats": 3}
TWO = [FLAT, Plan(name="pool", price_per_seat_month=19, **POOL)]


def test_on_the_stated_panel_expectation_gains_more_than_chance():
    found = backtest(stated_panel(30.0), [FLAT], fee=0.0, seed=0)
    low, high = found.interval
    assert 0 < low < found.gain < high
    assert found.gain == pytest.approx((found.table["cost_last"] - found.table["cost_expected"]).mean())
    assert found.gain > 0.02 * found.table["cost_last"].mean()
    assert found.table["error_expected"].mean() < found.table["error_last"].mean()
    assert (found.table["cost_best"] <= found.table[["cost_last", "cost_expected"]].min(axis=1) + 1e-9).all()


def test_where_nobody_changes_nothing_is_gained_and_nothing_is_uncertain():
    frame = pd.DataFrame(np.repeat([[10.0], [50.0], [90.0]], 5, axis=1))
    found = backtest(frame, [FLAT], fee=0.0, seed=0)
    assert found.gain == 0
    assert found.interval == (0, 0)
    assert (found.table["cost_last"] == 10 + 30 + 30).all()


def test_costs_of_a_choice_are_those_of_the_plans():
    """Foreseen 100 and 10, came 20 and 70: the flat seat is held by the wrong one."""
    frame = pd.DataFrame([[100.0, 100.0, 20.0], [10.0, 10.0, 70.0]])
    table = backtest(frame, [FLAT], fee=2.0, seed=0).table
    assert table["cost_last"].item() == 30 + 70 + 2
    assert table["cost_best"].item() == 20 + 2 + 30


def test_a_pool_and_a_minimum_are_paid():
    frame = pd.DataFrame([[60.0, 60.0, 80.0], [15.0, 15.0, 40.0]])
    table = backtest(frame, [TWO[1]], fee=0.0, seed=0).table
    assert table["cost_last"].item() == 3 * 19 + (80 + 40 - 75)


def test_people_who_come_or_leave_in_the_month_are_left_out():
    frame = pd.DataFrame([[50.0, 50.0, 50.0], [np.nan, np.nan, 900.0], [70.0, 70.0, np.nan]])
    assert backtest(frame, [FLAT], fee=0.0, seed=0).table["cost_best"].item() == 30


def test_two_months_foresee_nothing():
    found = backtest(stated_panel(30.0, people=20, months=2), [FLAT], fee=0.0, seed=0)
    assert found.table.empty
    assert found.gain is found.interval is None


def test_the_same_seed_gives_the_same_interval_and_people_in_groups_nearly_the_same():
    frame = stated_panel(30.0, people=6_000, months=4)
    first, again = (backtest(frame, [FLAT], fee=0.0, seed=0) for _ in range(2))
    assert first.interval == again.interval
    low, high = first.interval
    gains = first.table["cost_last"] - first.table["cost_expected"]
    assert low < gains.mean() < high


def test_a_file_of_months_is_assigned_by_expected_use(tmp_path):
    frame = stated_panel(30.0, people=120, months=6)
    frame.index = [f"user {place:03d}" for place in frame.index]
    long = frame.reset_index(names="user").melt("user", var_name="month", value_name="spend")
    long["month"] = [f"{month:%Y-%m}" for month in long["month"]]
    long.to_csv(tmp_path / "use.csv", index=False)
    plan = {"name": "seat", "price_per_seat_month": 30, "overage_factor": 0}
    found = seats(aiecon.resolve(SeatsInputs.build({"usage": {"file": str(tmp_path / "use.csv")}, "plans": [plan]})))
    people = found.by_person()
    assert len(found.persistence.backtest.table) == 4
    assert ((people["expected"] > 30) == (people["plan_next"] == "seat")).all()
    assert found.allocation_next.total_seats == (people["plan_next"] == "seat").sum()
    assert not people["plan"].equals(people["plan_next"])
