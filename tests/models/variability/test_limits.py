"""What a question of variability refuses, and what it says of inputs that it takes in another way."""

import numpy as np
import pytest
from models.test_variability import CHANCE, CORRELATED, CORRELATIONS, asked, refused

from aiecon.errors import InputError
from aiecon.models.variability import agent_cost_moments, variability
from aiecon.models.variability.paths import Sums


@pytest.mark.parametrize("name", ["seed", "horizon_months", "micro_below", "paths", "budget"])
def test_a_measure_changes_the_bill_and_not_the_futures(name):
    problems = refused(guardrails=[{"name": "odd", "set": {name: 3}}])
    assert list(problems) == [
        f"guardrails.odd: {name} is no part of a measure; one sets fields of scale, utilization, model, agent or tiers"
    ]


def test_a_measure_may_fix_what_is_correlated():
    name = CORRELATIONS[0]["a"]
    rail = {"name": "fixed", "set": {name: 1.0}}
    answer = variability(
        asked(CHANCE | CORRELATED, correlations=CORRELATIONS, guardrails=[rail], paths=100, horizon_months=2)
    )
    kept = [row for row in CORRELATIONS if name not in (row["a"], row["b"])]
    alone = variability(asked(CHANCE | CORRELATED | {name: 1.0}, correlations=kept, paths=100, horizon_months=2))
    assert answer.guardrails.loc[1, "mean"] == pytest.approx(alone.totals.mean())


def test_a_base_case_out_of_bounds_is_refused():
    problems = refused({"scale.users_start": {"shape": "normal", "p10": -100, "p90": 50}})
    assert list(problems) == [
        "scale.users_start: p10 must be at least 0, got -100",
    ]


def test_a_start_above_the_ceiling_counts_as_the_ceiling_and_is_told():
    answer = variability(asked({"scale.users_start": 100.0, "scale.users_ceiling": 50.0}))
    assert answer.base[0] == pytest.approx(50 * 50 * 0.004)
    assert "scale.users_start is 100, above users_ceiling; it counts as 50" in answer.notes


def test_growth_beyond_all_money_is_refused():
    growth = {"shape": "lognormal", "p10": 10, "p90": 1e4}
    assert refused({"scale.growth_per_month": growth, "horizon_months": 120})[0].startswith("spend passes 1e+30")


def test_a_distribution_without_width_does_not_vary_with_another():
    flat = {"shape": "uniform", "low": 5.0, "high": 5.0}
    row = {"a": "scale.users_start", "b": "agent.steps_mean", "rank": 0.5}
    changes = {"scale.users_start": flat, "agent.steps_mean": {"shape": "uniform", "low": 1.0, "high": 3.0}}
    assert list(refused(changes, correlations=[row])) == [
        "correlations: scale.users_start does not vary; give it a distribution, or leave the correlation out"
    ]


@pytest.mark.parametrize(("field", "value"), [("draws", 10**9), ("seed", 2**64), ("seed", -1)])
def test_draws_and_seeds_have_their_limits(field, value):
    assert refused(**{field: value})[0].startswith(f"{field} must be ")


def test_paths_beside_a_precision_are_set_aside_and_that_is_said():
    answer = variability(asked(CHANCE, paths=500, precision=0.05))
    assert any("(paths = 500 does not count beside precision)" in note for note in answer.notes)


def test_what_is_no_number_is_refused_in_words():
    answer = variability(asked(paths=100))
    with pytest.raises(InputError, match="amount must be a number, got nan"):
        answer.probability_above(float("nan"))
    with pytest.raises(InputError, match="count must be a whole number of 1 or more, got 0"):
        answer.sample_paths(0)
    with pytest.raises(InputError) as caught:
        agent_cost_moments(steps_mean="4", step_cost=[1.0], steps_cap=2.5, steps_dispersion=0)
    assert [problem.split()[0] for problem in caught.value.problems] == [
        "steps_mean",
        "step_cost",
        "steps_cap",
        "steps_dispersion",
    ]


@pytest.mark.parametrize("size", [1, 7, 64, 1_000])
def test_sums_are_the_same_however_their_numbers_are_cut(size):
    rows = np.exp(np.random.default_rng(3).normal(0, 2, (2, 3_001))) * [[1.0], [1e9]]
    usual = np.array([1.0, 1e9])
    whole, parts = Sums(usual, 3_001), Sums(usual, 3_001)
    whole.add(rows)
    for start in range(0, 3_001, size):
        parts.add(rows[:, start : start + size])
    np.testing.assert_array_equal(parts.total, whole.total)
    np.testing.assert_allclose(whole.total, rows.sum(axis=1), rtol=1e-13)


@pytest.mark.parametrize(
    ("requests", "steps", "dispersion", "cap"),
    [(60, 5.0, 10.0, 50), (60, 3.0, 5.0, 10), (300, 5.0, 10.0, 50), (300, 3.0, 5.0, 20), (3_000, 3.0, 5.0, 30)],
)
def test_a_cap_takes_what_it_cuts_and_hardly_more_off_the_mean(requests, steps, dispersion, cap):
    agent = {"steps_mean": steps, "steps_dispersion": dispersion, "steps_cap": cap, "base_input_tokens": 500}
    agent |= {"added_input_tokens_per_step": 5_000, "output_tokens_per_step": 200}
    fields = {"micro_below": 0.0, "horizon_months": 1, "paths": 100_000, "agent": agent}
    answer = variability(asked(scale={"users_start": requests}, utilization={"requests_per_user_month": 1}, **fields))
    assert answer.totals.mean() == pytest.approx(answer.base.sum(), rel=0.01)
