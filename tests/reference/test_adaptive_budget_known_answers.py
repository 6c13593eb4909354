"""Published and textbook figures of adaptive_budget and of the arithmetic behind it.

Numbers in the names are those of the project's table of known answers.
"""

import pytest

import aiecon
from aiecon.budgets import exhausted_after, mismatch_cost
from aiecon.errors import InputError

DAY = 24


@pytest.mark.parametrize(("spent", "hours", "rate"), [(0.02, 1, 14.4), (0.05, 6, 6.0), (0.10, 3 * DAY, 1.0)])
def test_d_ab_1_burn_rates_of_the_sre_workbook(spent, hours, rate):
    """Google, The Site Reliability Workbook, chapter 5, table 5-8: budget of 30 days."""
    assert aiecon.burn_rate(spent, 1.0, elapsed=hours, period=30 * DAY) == pytest.approx(rate, rel=1e-12)


def test_d_ab_1_a_month_spent_too_fast():
    """42,000 of 90,000 by day 10 of 30, in the same arithmetic."""
    assert aiecon.burn_rate(42_000, 90_000, elapsed=10, period=30) == pytest.approx(1.4, rel=1e-12)
    assert aiecon.run_rate(42_000, elapsed_days=10, period_days=30) == 126_000
    assert exhausted_after(42_000, 90_000, elapsed=10) == pytest.approx(21.43, abs=0.005)


def test_d_ab_2_the_newsvendor_with_normal_demand():
    """Arrow, Harris and Marschak, Optimal inventory policy, Econometrica 19 (1951); any textbook of operations."""
    found = [aiecon.reserve(100_000, 20_000, quantile=quantile) for quantile in (3 / (3 + 1), 0.8, 0.9)]
    assert [round(one, 2) for one in found] == [113_489.80, 116_832.42, 125_631.03]
    cost = mismatch_cost(found[0], 100_000, 20_000, short_cost=3, long_cost=1)
    assert round(cost, 2) == 25_422.13


def test_d_ab_4_the_run_rate_rule_needs_three_days():
    """Oracle Cloud Infrastructure, budgets: actual ÷ days × days of the period, from the third day on."""
    assert aiecon.run_rate(9_000, elapsed_days=3, period_days=31) == 93_000
    with pytest.raises(InputError, match="3 or more"):
        aiecon.run_rate(9_000, elapsed_days=2, period_days=31)


@pytest.mark.parametrize(
    ("actual", "level"),
    [(120_000, None), (120_000.01, "vice_president"), (140_000, "vice_president"), (140_000.01, "c_suite")],
)
def test_d_ab_5_levels_begin_strictly_above(actual, level):
    """Source document S3: "exceeding" 20 and 40 per cent."""
    assert aiecon.escalation(100_000, actual) == level
    answer = aiecon.ask(
        "adaptive_budget",
        inputs={
            "actuals": [{"month": "2026-03-01", "team": "search", "pool": "prod", "spend": actual}],
            "policy": {"version": "1", "pools": [{"name": "prod", "owner": "finance", "base": 100_000}]},
        },
    )
    assert [one["level"] for one in answer.escalations] == ([level] if level else [])


def test_d_ab_6_individual_values_and_moving_ranges():
    """Wheeler, Understanding Variation (1993): 2.66 times the mean moving range."""
    found = aiecon.control_limits([10, 12, 11, 13, 12, 11])
    assert (found.centre, round(found.moving_range, 3)) == (11.5, 1.4)
    assert (round(found.low, 3), round(found.high, 3)) == (7.776, 15.224)
    assert found.signals(30)


@pytest.mark.parametrize(("share", "held"), [(0.15, 300_000), (0.25, 500_000)])
def test_d_ab_7_the_reserve_for_model_upgrades(share, held):
    """Source document S0: 15 to 25 per cent of current spend, here two million."""
    line = {"name": "prod", "owner": "finance", "base": 2_000_000, "upgrade_reserve_share": share}
    answer = aiecon.ask(
        "adaptive_budget",
        inputs={
            "actuals": [{"month": "2026-03-01", "team": "search", "pool": "prod", "spend": 2_000_000}],
            "policy": {"version": "1", "pools": [line]},
        },
    )
    assert answer.reserve == pytest.approx(held)
