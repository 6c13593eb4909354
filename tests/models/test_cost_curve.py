"""The cost curve: definitions, laws, what is uncertain, the fit, messages."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon import resources
from aiecon.errors import InputError
from aiecon.models.cost_curve import CostCurveInputs, cost_curve, fit_cost_curve
from aiecon.models.cost_curve.fitting import NOISE, PRIOR
from aiecon.vocabulary.distribution import Z90
from aiecon.vocabulary.overrides import override

FIXED = {"name": "gateway", "layer": "platform", "kind": "fixed", "cost_per_month": 5_000.0}
EACH = {"name": "connector", "layer": "saas", "kind": "per_user", "cost_per_user_month": 1.5}
POWER = {
    "name": "tokens",
    "layer": "model",
    "kind": "power",
    "cost_per_month": 20_000.0,
    "at_users": 1_000,
    "exponent": 0.7,
}
STEP = {
    "name": "replicas",
    "layer": "infrastructure",
    "kind": "step",
    "cost_per_step": 2_000.0,
    "users_per_step": 2_500,
}
LATER = {"name": "on-call", "layer": "people", "kind": "fixed", "cost_per_month": 8_000.0, "from_users": 500}
ALL = {"components": [FIXED, EACH, POWER, STEP, LATER], "pilot_users": 100, "production_users": 10_000}
HALF = {"name": "cache", "applies_to": "tokens", "saving": 0.5}


def ask(base=ALL, **changes):
    return cost_curve(override(CostCurveInputs.build(base), changes))


def figures(answer):
    return {metric.key: metric.value for metric in answer.summary()}


def test_each_kind_costs_what_the_contract_says():
    answer = ask()
    parts = answer.to_frame().set_index(["users", "component"])["cost"]
    assert parts[10_000, "gateway"] == 5_000
    assert parts[10_000, "connector"] == 15_000
    assert parts[10_000, "tokens"] == pytest.approx(20_000 * 10**0.7)
    assert parts[10_000, "replicas"] == 4 * 2_000
    assert (parts[100, "on-call"], parts[10_000, "on-call"]) == (0, 8_000)


def test_the_keys_by_definition():
    found = figures(ask())
    production = 5_000 + 15_000 + 20_000 * 10**0.7 + 8_000 + 8_000
    pilot = 5_000 + 150 + 20_000 * 0.1**0.7 + 2_000
    marginal = 1.5 + 0.7 * 20_000 * 10**0.7 / 10_000
    assert found["production_cost_per_month"] == pytest.approx(production)
    assert found["pilot_cost_per_month"] == pytest.approx(pilot)
    assert found["cliff_multiple"] == pytest.approx(production / pilot)
    assert found["cost_per_user"] == pytest.approx(production / 10_000)
    assert found["marginal_cost_per_user"] == pytest.approx(marginal)
    assert found["elasticity"] == pytest.approx(marginal * 10_000 / production)
    assert found["lever_saving_share"] == 0
    assert found["linear_cost_per_month"] == pytest.approx(100 * pilot)
    assert found["pilot_lines_cost_per_month"] == pytest.approx(production - 8_000)
    assert found["build_weeks"] is None


def test_steps_start_with_the_first_user_and_end_where_they_say():
    step = {"components": [STEP], "pilot_users": 1, "production_users": 2_501}
    answer = ask(step, users=[0, 1, 2_500, 2_500 * (1 + 1e-10), 5_000])
    costs = dict(zip(answer.curve_range()["users"], answer.curve_range()["cost"], strict=True))
    assert [costs[users] for users in (0, 1, 2_500, 2_500 * (1 + 1e-10), 2_501, 5_000)] == [
        0,
        2_000,
        2_000,
        2_000,
        4_000,
        4_000,
    ]


@pytest.mark.parametrize(
    ("production", "user", "cost"), [(2_500, 2_501, 2_000), (2_400, 2_501, 2_000), (460, 500, 8_000), (2_600, None, 0)]
)
def test_the_next_step_is_where_the_curve_jumps_next(production, user, cost):
    found = ask(production_users=production).near_step
    assert (found and found.users) == user
    if found:
        answer = ask()
        before = max(user - 1, production)
        assert found.cost == pytest.approx(answer.cost(user) - answer.cost(before))
        assert found.cost == pytest.approx(cost, abs=20)


@LAW
@given(st.floats(1, 20_000))
def test_the_curve_is_continuous_but_at_declared_steps(users):
    answer = ask()
    declared = [500, 2_500, 5_000, 7_500, 10_000, 12_500, 15_000, 17_500, 20_000]
    if min(abs(users - one) for one in declared) > 1e-3:
        near = [answer.cost(users * (1 + shift)) for shift in (-1e-9, 1e-9)]
        assert near[1] - near[0] == pytest.approx(0, abs=1e-3)


@LAW
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=5), st.booleans())
def test_parts_sum_to_the_total_at_every_number_of_users(users, regulated):
    changes = {"users": users, "levers": [HALF]}
    if regulated:
        changes["regulated"] = {"opex_share": 0.3, "roles": 1.5, "cost_per_role_month": 9_000}
    table = ask(**changes).to_frame()
    inner = table[table["component"] != "(total)"].groupby("users")["cost"].sum()
    total = table[table["component"] == "(total)"].set_index("users")["cost"]
    np.testing.assert_allclose(inner, total.loc[inner.index], rtol=1e-12)


@pytest.mark.parametrize("users", [60.0, 700.0, 9_999.0])
def test_the_marginal_cost_is_the_slope(users):
    answer = ask(production_users=users, levers=[HALF], regulated={"opex_share": 0.25, "roles": 1})
    step = 1e-3
    slope = (answer.cost(users + step) - answer.cost(users - step)) / (2 * step)
    assert answer.marginal_cost_per_user == pytest.approx(slope, rel=1e-6)


@LAW
@given(st.floats(0.1, 1.5), st.floats(1, 1e5))
def test_the_elasticity_of_a_power_is_its_exponent(exponent, users):
    alone = {"components": [POWER | {"exponent": exponent}], "pilot_users": 1, "production_users": users}
    assert ask(alone).elasticity == pytest.approx(exponent)


def test_double_every_price_and_every_cost_doubles():
    double = [
        {key: 2 * value if key.startswith("cost_per") else value for key, value in one.items()}
        for one in ALL["components"]
    ]
    once, twice = ask(), ask(ALL | {"components": double})
    assert twice.production_cost == pytest.approx(2 * once.production_cost)
    assert twice.elasticity == pytest.approx(once.elasticity)


@pytest.mark.parametrize(
    ("applies_to", "saved"),
    [
        ("tokens", 0.5 * 20_000 * 10**0.7),
        ("model", 0.5 * 20_000 * 10**0.7),
        (["saas", "gateway"], 0.5 * 20_000),
        ("all", 0.5 * (36_000 + 20_000 * 10**0.7)),
    ],
)
def test_a_lever_reaches_a_component_a_layer_a_list_or_all(applies_to, saved):
    answer = ask(levers=[HALF | {"applies_to": applies_to}])
    assert ask().production_cost - answer.production_cost == pytest.approx(saved)
    assert sum(answer.lever_savings().values()) == pytest.approx(saved)


def test_levers_on_one_thing_multiply_and_share_the_saving():
    answer = ask(levers=[HALF, {"name": "routing", "applies_to": "all", "saving": 0.2}])
    before, tokens = ask().production_cost, 20_000 * 10**0.7
    after = (before - tokens) * 0.8 + tokens * 0.4
    assert answer.production_cost == pytest.approx(after)
    assert answer.lever_saving_share == pytest.approx(1 - after / before)
    assert sum(answer.lever_savings().values()) == pytest.approx(before - after)


def test_the_month_a_lever_starts_matters_only_when_a_month_is_asked_for():
    levers = [HALF | {"from_month": 4}]
    assert ask(levers=levers).production_cost == ask(levers=[HALF]).production_cost
    early = ask(levers=levers, month=3)
    assert early.production_cost == ask().production_cost
    assert early.lever_savings() == {}
    costs = ask(levers=levers).phases_of_levers()
    assert list(costs["month"]) == [1, 4]
    assert costs["cost"].iloc[0] - costs["cost"].iloc[1] == pytest.approx(0.5 * 20_000 * 10**0.7)


@LAW
@given(st.floats(0, 1e5))
def test_regulation_adds_its_share_and_its_roles_at_every_number_of_users(users):
    regulated = {"opex_share": 0.3, "roles": 1.5, "cost_per_role_month": 9_000}
    assert ask(regulated=regulated).cost(users) == pytest.approx(1.3 * ask().cost(users) + 13_500)


def test_regulation_lengthens_the_build_alone():
    regulated = {"opex_share": 0.0, "build_share": 0.4}
    answer = ask(regulated=regulated, build_weeks=10)
    assert answer.build_weeks == pytest.approx(14)
    assert answer.production_cost == ask().production_cost


def test_the_way_from_pilot_to_production_closes():
    table = ask(levers=[HALF], regulated={"opex_share": 0.1}).cliff()
    inner, total = table.iloc[:-1], table.iloc[-1]
    assert list(inner["change"]) == sorted(inner["change"], reverse=True)
    assert inner["change"].sum() == pytest.approx(total["change"])
    assert total["pilot"] + total["change"] == pytest.approx(total["production"])


def test_what_is_uncertain_makes_a_range_and_leaves_the_base():
    doubt = POWER | {"exponent": {"shape": "normal", "p10": 0.6, "p90": 0.8}}
    answer = ask(ALL | {"components": [FIXED, doubt]})
    low, high = answer.production_range
    assert answer.production_cost == pytest.approx(5_000 + 20_000 * 10**0.7)
    assert low == pytest.approx(5_000 + 20_000 * 10**0.6, rel=0.01)
    assert high == pytest.approx(5_000 + 20_000 * 10**0.8, rel=0.01)
    assert ask().production_range == pytest.approx([ask().production_cost] * 2)


def test_draws_stay_within_what_a_field_may_be():
    lever = HALF | {"saving": {"shape": "normal", "p10": 0.5, "p90": 0.99}}
    free = FIXED | {"cost_per_month": {"shape": "normal", "p10": 0.0, "p90": 1_000.0}}
    flat = POWER | {"exponent": {"shape": "normal", "p10": 0.0, "p90": 0.6}}
    answer = ask(ALL | {"components": [free, flat], "levers": [lever]})
    values = answer.cases.values
    assert values["levers.cache.saving"].max() == 1
    assert values["components.gateway.cost_per_month"].min() == values["components.tokens.exponent"].min() == 0
    assert answer.cases.total(np.array([10_000.0])).min() >= 0


def test_every_figure_may_be_uncertain():
    spread = {"shape": "uniform", "low": 0.1, "high": 0.3}
    components = [
        FIXED | {"cost_per_month": spread},
        EACH | {"cost_per_user_month": spread},
        POWER | {"cost_per_month": spread, "exponent": spread},
        STEP | {"cost_per_step": spread},
    ]
    levers = [HALF | {"saving": spread, "effort_cost": spread}]
    regulated = dict.fromkeys(("opex_share", "build_share", "roles", "cost_per_role_month"), spread)
    answer = ask(ALL | {"components": components, "levers": levers, "regulated": regulated, "build_weeks": spread})
    low, high = answer.production_range
    assert low < answer.production_cost < high
    range_ = answer.curve_range()
    assert np.all(range_["p10"] < range_["p90"])


def test_the_seed_moves_the_range_and_nothing_else():
    doubt = ALL | {"components": [POWER | {"exponent": {"shape": "normal", "p10": 0.6, "p90": 0.8}}]}
    one, two, same = ask(doubt), ask(doubt, seed=1), ask(doubt)
    assert one.production_cost == two.production_cost
    assert one.production_range == same.production_range != two.production_range


def test_missing_people_and_governance_are_said():
    assert ask().notes == ["Layer governance has no component"]


def test_what_costs_nothing_has_words_for_its_ratios():
    free = {"components": [FIXED | {"cost_per_month": 0}], "pilot_users": 1, "production_users": 2}
    notes = {metric.key: (metric.value, metric.note) for metric in ask(free).summary()}
    assert notes["cliff_multiple"] == (None, "the pilot costs nothing")
    assert notes["elasticity"] == (None, "production costs nothing")
    assert notes["lever_saving_share"] == (None, "production costs nothing")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"components": [FIXED, FIXED | {"layer": "saas"}]}, "components.gateway: the name stands twice"),
        ({"levers": [HALF | {"applies_to": "tokns"}]}, "applies_to 'tokns' is not a part of the cost; did you mean"),
        ({"components": [FIXED | {"name": "model"}]}, "components.model: a layer goes by this name"),
        ({"components": [FIXED | {"kind": "linear"}]}, "must have kind fixed, per_user, power or step"),
        ({"components": [FIXED | {"layer": "cloud"}]}, "layer must be 'infrastructure'"),
        ({"levers": [HALF | {"saving": 1.2}]}, "levers.cache.saving must be less than or equal to 1, got 1.2"),
        (
            {"levers": [{"name": "kept", "applies_to": "all", "semantic_cache": {"hit_rate": 0.4}}]},
            "levers.kept.semantic_cache needs requests, which a cost curve has none of; give its saving",
        ),
        ({"components": []}, "components"),
        ({"production_users": 1e308}, "production_users must be less than or equal to 10000000000, got 1e+308"),
        (
            {"components": [FIXED, FIXED | {"name": "Gate way"}]},
            "components.Gate way: but for capitals and spaces it is 'gateway'; name it otherwise",
        ),
        ({"pilot_users": 0}, "pilot_users must be greater than 0, got 0"),
        ({"components": [FIXED | {"cost_per_month": -1}]}, "cost_per_month must be greater than or equal to 0, got -1"),
    ],
)
def test_bad_input_is_refused_with_words(change, words):
    with pytest.raises(InputError) as caught:
        CostCurveInputs.build(ALL | change)
    assert words in "\n".join(caught.value.problems)


def test_a_cost_beyond_any_number_is_refused():
    with pytest.raises(InputError, match=r"components.tokens: its cost at production_users is beyond any number"):
        ask(components=[POWER | {"exponent": 400.0}])


def test_two_points_move_the_prior_by_as_much_as_they_say():
    middle, spread = (PRIOR[0] + PRIOR[1]) / 2, (PRIOR[1] - PRIOR[0]) / (2 * Z90)
    found = fit_cost_curve([100, 150], [1_000.0, 2_000.0], noise=0.1)
    slope, doubt = np.log(2) / np.log(1.5), 0.1 * np.sqrt(2) / np.log(1.5)
    kept = doubt**2 / (doubt**2 + spread**2)
    assert found.exponent == pytest.approx(kept * middle + (1 - kept) * slope, abs=1e-4)
    assert found.high - found.low == pytest.approx(2 * Z90 * spread * np.sqrt(kept), rel=1e-3)
    far, near = fit_cost_curve([10, 10_000], [100, 100 * 1_000**0.65]), fit_cost_curve([100, 101], [100, 100.6])
    assert far.high - far.low < near.high - near.low == pytest.approx(PRIOR[1] - PRIOR[0], rel=5e-3)
    other = fit_cost_curve([100, 101], [100, 100.6], prior=(0.9, 1.1))
    assert other.interval == pytest.approx((0.9, 1.1), abs=1e-3)


def coverage(users, noise, *, given=None, of=200, exponent=None):
    """Share of fits whose interval holds the exponent, which is drawn from the prior when it is not said."""
    draws, users = np.random.default_rng(7), np.array(users, dtype=float)
    middle, spread = (PRIOR[0] + PRIOR[1]) / 2, (PRIOR[1] - PRIOR[0]) / (2 * Z90)
    inside = []
    for _ in range(of):
        true = draws.normal(middle, spread) if exponent is None else exponent
        size = float(NOISE.ppf(draws.random())) if noise is None else noise
        cost = 200 * users**true * np.exp(size * draws.normal(size=len(users)))
        found = fit_cost_curve(users, cost, noise=given)
        inside.append(found.low <= true <= found.high)
    return np.mean(inside)


@pytest.mark.parametrize("users", [[100, 150], [50, 100], [100, 10_000]])
def test_the_interval_of_two_points_covers_four_times_in_five(users):
    known = [coverage(users, noise, given=noise) for noise in (0.05, 0.1, 0.2)]
    assert known == pytest.approx([0.8] * 3, abs=0.07)  # of 200: its own doubt is 0.03
    assert np.mean(known) == pytest.approx(0.8, abs=0.04)
    assert coverage(users, None) == pytest.approx(0.8, abs=0.07)  # noise of the size that is stated for two points


@pytest.mark.parametrize("users", [[100, 1_000], [100, 10_000]])
def test_the_interval_of_two_points_whose_noise_nobody_knows_covers_at_twenty_per_cent_and_says_what_it_takes(users):
    assert coverage(users, 0.2, of=400) == pytest.approx(0.8, abs=0.03)
    assert coverage(users, 0.05) > 0.8
    assert "two points cannot say" in fit_cost_curve(users, [100, 300]).note
    assert fit_cost_curve(users, [100, 100 * (users[1] / 100) ** 0.6], noise=0.1).note is None
    rows = csv.DictReader(resources.path("data/assumptions.csv").open(encoding="utf-8"))
    (row,) = [one for one in rows if one["name"] == "rule.cost_curve.fit_noise"]
    assert (float(row["p10"]), float(row["p90"])) == (NOISE.p10, NOISE.p90)


def test_the_interval_of_more_points_covers_at_least_four_times_in_five():
    users = [50.0, 200.0, 1_000.0, 5_000.0]
    assert coverage(users, 0.2, of=600) == pytest.approx(0.82, abs=0.04)
    assert coverage(users, 0.2, of=300, exponent=0.65) > 0.8
    assert coverage([50, 80, 100], 0.1, of=300) == pytest.approx(0.8, abs=0.05)


def test_points_that_contradict_the_prior_move_the_exponent_and_it_is_said():
    found = fit_cost_curve([100, 300, 1_000, 5_000], [5_750, 13_500, 42_500, 275_000])
    assert found.exponent > 0.8
    assert found.low < 0.993 < found.high
    assert "points and prior disagree: the points alone say 0.993, the prior 0.566 to 0.767" in found.note
    exact = fit_cost_curve([100, 1_000, 10_000], [10, 100, 1_000])
    assert exact.exponent == pytest.approx(1)
    assert "disagree" in exact.note
    two = fit_cost_curve([100, 10_000], [100, 10_000])
    assert "two points cannot say" in two.note
    assert "disagree" in two.note


@pytest.mark.parametrize("exponent", [0.9, 1.0])
def test_an_exponent_outside_the_prior_is_covered_once_points_say_it(exponent):
    assert coverage([50, 200, 1_000, 5_000], 0.1, of=100, exponent=exponent) > 0.6
    assert coverage([10, 30, 100, 300, 1_000, 3_000], 0.1, of=100, exponent=exponent) > 0.7
    assert coverage([50, 200, 1_000, 5_000], 0.1, of=100, exponent=exponent, given=0.1) > 0.7


@LAW
@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_the_exponent_is_unchanged_when_users_or_cost_are_counted_otherwise(users_unit, cost_unit):
    users, cost = np.array([10.0, 90.0, 700.0]), np.array([3.0, 11.0, 50.0])
    once, again = fit_cost_curve(users, cost), fit_cost_curve(users * users_unit, cost * cost_unit)
    assert again.exponent == pytest.approx(once.exponent)
    assert again.interval == pytest.approx(once.interval)


@pytest.mark.parametrize(
    ("users", "cost", "words"),
    [
        ([10], [5], "two points at least"),
        ([10, 20], [5, 6, 7], "the same length"),
        (["a", 2], [5, 6], "users must be finite numbers, got 'a'"),
        ([1, 2], [5, "6"], "cost must be finite numbers, got '6'"),
        ([10, 10**400], [5, 6], "users must be finite numbers, got a number beyond 1e308"),
        (None, [5, 6], "users must be finite numbers, got None"),
        ([10, 0], [5, 6], "above zero"),
        ([10, 20], [5, float("nan")], "cost must be finite numbers, got nan"),
        ([10, 10], [5, 6], "two different numbers"),
    ],
)
def test_points_that_carry_no_slope_are_refused(users, cost, words):
    with pytest.raises(InputError, match=words):
        fit_cost_curve(users, cost)


@pytest.mark.parametrize(
    ("belief", "words"),
    [
        ({"noise": 0.0}, "noise must be above zero"),
        ({"noise": float("nan")}, "noise must be"),
        ({"noise": 10**400}, "noise must be above zero, got a number beyond 1e308"),
        ({"noise": 1e300}, "noise must be at most 100, got 1e"),
        ({"prior": (0.8, 0.6)}, "prior must be the 10th and the 90th percentile, lower first"),
        ({"prior": None}, "prior must be .* two numbers within -100 and 100, got None"),
        ({"prior": 0.5}, "prior must be .*, got 0.5"),
        ({"prior": (0.1, 10**5_000)}, "prior must be .*, got a number beyond 1e308"),
        ({"prior": (0.1, 1e300)}, "prior must be "),
    ],
)
def test_beliefs_that_cannot_be_are_refused(belief, words):
    with pytest.raises(InputError, match=words):
        fit_cost_curve([10, 20], [5, 6], **belief)
