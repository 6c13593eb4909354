"""Ways to budget on simulated years ahead: without chance by hand, pairs that all pools share, what is left out."""

import numpy as np
import pytest
from budget_scene import asked, months

from aiecon.models.adaptive_budget import adaptive_budget

RULES = {"unit_cost_target": 1.0, "headroom": 0.1, "growth_cap": 0.1}


def years(actuals, *pools):
    return adaptive_budget(asked(actuals, *pools, draws=100)).years


def test_a_year_without_chance_is_twelve_months_as_the_last():
    """120 a month against a base of 100: the rules go to 110, 121 and 132 = 120 × 1.1, where 1, 12 ... are unspent."""
    found = years(months([120.0] * 14, driver=[120.0] * 14), RULES)
    table = found[found["headroom"].isna()].set_index("policy")
    assert table["overspend"].to_dict() == pytest.approx(
        {"static": 240.0, "rolling": 20.0, "run-rate": 20.0, "adaptive": 30.0}
    )
    assert table["stranded"].to_dict() == pytest.approx({"static": 0, "rolling": 0, "run-rate": 0, "adaptive": 109.0})
    assert table["revisions"]["adaptive"] == 3.0
    assert table["value_refused"].isna().all()  # no value is on record


def test_value_refused_is_that_of_what_is_over_budget():
    """Two for each unit of spend: static refuses 12 × 20 of 120, the rules 30 in all."""
    actuals = months([120.0] * 14, driver=[120.0] * 14, value=[240.0] * 14)
    bare = months([60.0] * 14, pool="dev", driver=[60.0] * 14)
    found = years(actuals + bare, RULES, RULES | {"name": "dev", "base": 50.0})
    table = found[found["headroom"].isna()].set_index("policy")
    refused = {"static": 480.0, "rolling": 40.0, "run-rate": 40.0, "adaptive": 60.0}
    assert table["value_refused"].to_dict() == pytest.approx(refused)
    assert found["value_refused"].notna().all()


def test_agreed_rules_that_all_pools_share_are_their_pair():
    drawn = np.random.default_rng(1).lognormal(0, 0.2, (2, 14)) * 100
    actuals = months(drawn[0].tolist(), driver=drawn[0].tolist(), value=drawn[1].tolist())
    actuals += months(drawn[1].tolist(), pool="dev", driver=(drawn[1] * 2).tolist())
    found = years(actuals, RULES, RULES | {"name": "dev", "unit_cost_target": 0.5})
    ours = found[(found["policy"] == "adaptive") & found["headroom"].isna()].iloc[0]
    pair = found[(found["headroom"] == 0.1) & (found["growth_cap"] == 0.1)].iloc[0]
    for name in ("overspend", "stranded", "escalations", "revisions", "value_refused"):
        assert ours[name] == pytest.approx(pair[name])
    by_room = found[found["growth_cap"] == 0.5].sort_values("headroom")
    assert by_room["overspend"].is_monotonic_decreasing
    assert by_room["stranded"].is_monotonic_increasing


def test_pools_without_driver_or_target_are_left_out():
    driven = months([120.0] * 6, driver=[120.0] * 6)
    alone = years(driven, RULES)
    assert years(driven + months([9.0] * 6, pool="dev"), RULES, RULES | {"name": "dev"}).equals(alone)
    assert years(months([120.0] * 6), RULES).empty
    assert years(driven, RULES | {"unit_cost_target": None, "headroom": 0.0}).empty
