"""Reserves of the policy: simulated years of upgrades against closed forms, incidents, laws and messages."""

import numpy as np
import pytest
from budget_scene import asked, months, refused
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

import aiecon
from aiecon.models.adaptive_budget import adaptive_budget, upgrade_years

UPGRADES = {"per_year": 2, "spend_share": 0.3, "parallel_months": 1, "requalification_months": 0.5}


def test_a_year_of_upgrades_costs_what_its_parts_do_on_average():
    """λ × share × (parallel + requalification + (multiple − 1) × 6) ÷ 12; variance λ E[cost²] of a compound Poisson."""
    years = upgrade_years(UPGRADES | {"cost_multiple": 1.2}, draws=200_000)
    assert years.needs.mean() == pytest.approx(2 * 0.3 * (1.5 + 0.2 * 6) / 12, rel=0.01)
    months = 1.5**2 + 2 * 1.5 * 0.2 * 6 + 0.2**2 * 12**2 / 3  # E[(1.5 + 0.2 × left)²], left even over 12
    assert years.needs.var() == pytest.approx(2 * (0.3 / 12) ** 2 * months, rel=0.02)
    assert np.mean(years.counts == 0) == pytest.approx(np.exp(-2), abs=0.005)


def test_upgrades_of_one_cost_are_those_of_the_incident_reserve():
    years = upgrade_years(UPGRADES, draws=100_000)
    for quantile in (0.5, 0.75, 0.95):
        held = aiecon.incident_reserve(per_year=2, size=0.3 * 1.5 / 12, quantile=quantile).held
        assert years.share_for(quantile) == pytest.approx(held)
        assert years.suffices(held + 1e-9) >= quantile


@LAW
@given(st.floats(0, 5), st.floats(0, 1), st.floats(0.5, 2), st.floats(0.01, 0.99))
def test_more_and_dearer_upgrades_never_need_less(rate, share, multiple, quantile):
    base = UPGRADES | {"per_year": rate, "spend_share": share, "cost_multiple": multiple}
    calm = upgrade_years(base, draws=500)
    for more in ({"cost_multiple": multiple + 0.1}, {"parallel_months": 2}, {"requalification_months": 3}):
        assert upgrade_years(base | more, draws=500).share_for(quantile) >= calm.share_for(quantile) - 1e-12
    assert calm.suffices(calm.share_for(quantile)) >= quantile
    assert upgrade_years(base | {"per_year": 0}, draws=500).needs.max() == 0


def test_incidents_and_upgrades_are_those_of_the_policy():
    policy = {"incidents": {"per_year": 6, "size": 50.0}, "upgrades": UPGRADES}
    answer = adaptive_budget(asked(months([100.0]), policy=policy, horizon_months=6))
    assert (answer.incidents.expected, answer.incidents.mean) == (3.0, 150.0)
    assert answer.incidents.held == 200.0  # P(3 or fewer) 0.65, P(4 or fewer) 0.82; 0.75 is asked
    assert answer.upgrades.needs.mean() == pytest.approx(2 * 0.3 * 1.5 / 12, rel=0.1)
    bare = adaptive_budget(asked(months([100.0])))
    assert bare.incidents is bare.upgrades is None


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"incidents": {"per_year": -1, "size": 1.0}}, "policy.incidents.per_year must be"),
        ({"incidents": {"per_year": 1}}, "policy.incidents.size is missing"),
        ({"upgrades": UPGRADES | {"spend_share": 1.2}}, "policy.upgrades.spend_share"),
    ],
)
def test_reserves_that_cannot_be_are_refused(policy, words):
    assert words in refused(months([1.0]), policy=policy)
