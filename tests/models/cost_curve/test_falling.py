"""Costs that fall: Wright's curve over the months, list prices, models as good, and their lines in the step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.adoption import learning_cost
from aiecon.errors import InputError
from aiecon.models.cost_curve import CostCurveInputs, cost_curve
from aiecon.vocabulary.overrides import override

TOKENS = {
    "name": "tokens",
    "layer": "model",
    "kind": "power",
    "cost_per_month": 20_000.0,
    "at_users": 1_000,
    "exponent": 0.7,
}
TEAM = {"name": "team", "layer": "people", "kind": "fixed", "cost_per_month": 8_000.0, "from_users": 500}
EACH = {"name": "seats", "layer": "saas", "kind": "per_user", "cost_per_user_month": 1.5}
ALL = {"components": [TOKENS, TEAM, EACH], "pilot_users": 100, "production_users": 10_000}
QUALITY = {"fixed_quality_decline_per_year": 0.9, "switch_every_months": 12}
FULL = 20_000 * 10**0.7


def ask(*, month=None, tokens=(), team=(), each=(), **changes):
    components = [TOKENS | dict(tokens), TEAM | dict(team), EACH | dict(each)]
    return cost_curve(override(CostCurveInputs.build(ALL | {"components": components, "month": month}), changes))


def tokens_in(month, **rates):
    """Cost of tokens in production in a month."""
    table = ask(month=month, tokens=rates).to_frame()
    return float(table[(table["users"] == 10_000) & (table["component"] == "tokens")]["cost"].iloc[0])


def problems(**given):
    with pytest.raises(InputError) as caught:
        ask(**given)
    return caught.value.problems


def test_a_learnt_cost_follows_wright_over_the_months():
    months = [1, 2, 4, 8]
    expected = learning_cost(np.array(months), first=FULL, learning=0.8)
    assert [tokens_in(month, learning_rate=0.2) for month in months] == pytest.approx(list(expected))


def test_a_list_price_falls_by_its_rate_a_year():
    found = [tokens_in(month, price_decline_per_year=0.1) for month in (1, 7, 13, 25)]
    assert found == pytest.approx([FULL, FULL * 0.9**0.5, FULL * 0.9, FULL * 0.81])


def test_a_model_as_good_is_cheaper_at_each_switch_alone():
    found = [tokens_in(month, **QUALITY) for month in (1, 12, 13, 24, 25, 37)]
    assert found == pytest.approx([FULL, FULL, FULL / 10, FULL / 10, FULL / 100, FULL / 1_000])


def test_between_switches_the_list_price_falls_and_starts_anew():
    found = [tokens_in(month, price_decline_per_year=0.1, **QUALITY) for month in (12, 13, 19)]
    assert found == pytest.approx([FULL * 0.9 ** (11 / 12), FULL * 0.1, FULL * 0.1 * 0.9**0.5])


def test_nothing_falls_up_to_the_month_it_falls_from():
    found = [tokens_in(month, price_decline_per_year=0.1, falls_from_month=6) for month in (1, 6, 18)]
    assert found == pytest.approx([FULL, FULL, FULL * 0.9])


def test_without_rates_a_month_changes_nothing():
    assert ask(month=36).production_cost == ask().production_cost


@LAW
@given(
    st.integers(1, 60),
    st.floats(0.01, 0.5),
    st.floats(0.01, 0.6),
    st.floats(1, 50_000),
    st.booleans(),
)
def test_parts_sum_to_the_total_and_the_step_to_both_ends(month, learning, decline, users, regulated):
    rates = {"learning_rate": learning, "price_decline_per_year": decline}
    changes = {"regulated": {"opex_share": 0.3, "roles": 1, "cost_per_role_month": 9_000}} if regulated else {}
    answer = ask(month=month, tokens={**rates, **QUALITY}, team={"learning_rate": learning}, users=[users], **changes)
    table = answer.to_frame()
    inner = table[table["component"] != "(total)"].groupby("users")["cost"].sum()
    total = table[table["component"] == "(total)"].set_index("users")["cost"]
    np.testing.assert_allclose(inner, total.loc[inner.index], rtol=1e-12)
    step = answer.cliff()
    np.testing.assert_allclose(step[["pilot", "production"]].iloc[:-1].sum(), step[["pilot", "production"]].iloc[-1])
    assert step.set_index("component").loc["tokens", "production"] == pytest.approx(FULL)


@LAW
@given(st.integers(1, 59), st.floats(0, 0.9), st.floats(0, 0.9))
def test_costs_never_rise_with_the_months_or_with_a_rate(month, learning, decline):
    now = tokens_in(month, learning_rate=learning, price_decline_per_year=decline)
    assert tokens_in(month + 1, learning_rate=learning, price_decline_per_year=decline) <= now * (1 + 1e-12)
    assert now <= tokens_in(month, learning_rate=learning) * (1 + 1e-12)


def test_the_marginal_cost_and_what_levers_save_fall_with_the_cost():
    lever = {"name": "cache", "applies_to": "all", "saving": 0.5}
    answer = ask(month=13, each={"price_decline_per_year": 0.2}, tokens={"learning_rate": 0.1}, levers=[lever])
    slope = (answer.cost(10_000.5) - answer.cost(9_999.5)) / 1.0
    assert answer.marginal_cost_per_user == pytest.approx(slope, rel=1e-6)
    assert sum(answer.lever_savings().values()) == pytest.approx(answer.production_cost)


def test_a_rate_may_be_uncertain():
    answer = ask(month=25, tokens={"price_decline_per_year": {"shape": "uniform", "low": 0.0, "high": 0.2}})
    low, high = answer.production_range
    assert low < answer.production_cost < high


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ({"learning_rate": 1.0}, "components.tokens.learning_rate must be less than 1, got 1.0"),
        (
            {"price_decline_per_year": -0.1},
            "components.tokens.price_decline_per_year must be greater than or equal to 0, got -0.1",
        ),
        (
            {"switch_every_months": 12},
            "components.tokens.switch_every_months needs fixed_quality_decline_per_year, what a switch saves",
        ),
        (
            {"fixed_quality_decline_per_year": 0.9},
            "components.tokens.fixed_quality_decline_per_year needs switch_every_months: a model as good is cheaper "
            "only for who switches to it",
        ),
    ],
)
def test_a_rate_out_of_bounds_or_half_given_is_refused(tokens, words):
    assert problems(month=12, tokens=tokens) == (words,)


def test_rates_need_a_month_and_equal_quality_a_model():
    assert problems(team={"learning_rate": 0.1} | QUALITY) == (
        "month is missing: components.team.learning_rate needs the month that the curve is of; set month",
        "components.team.fixed_quality_decline_per_year is of layer model, and this is people; use "
        "price_decline_per_year",
    )
