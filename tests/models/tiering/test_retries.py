"""Retries, checks, prompt caches and fine-tuning against simulations of single requests, and their messages."""

from itertools import pairwise

import numpy as np
import pytest

from aiecon.errors import InputError
from aiecon.models.tiering import TieringInputs, tiering
from aiecon.models.tiering.retries import tried

RUNS = 400_000


def tier(name, share, cost, **more):
    return {"name": name, "share": share, "price": {"cost_per_request": cost}, **more}


def build(*tiers, **more):
    return TieringInputs.build({"tiers": list(tiers), **more})


def test_retries_to_acceptance_are_one_over_the_success():  # D-UE-1: 1.25 attempts, 4.25 an approved one
    again = tier("gen", 1.0, 0.4, success_rate=0.8, review_cost=3.0, attempts="until accepted")
    answer = tiering(build(again))
    assert answer.success_rate == 1.0
    assert answer.cost_per_request == pytest.approx(1.25 * 0.4)
    assert answer.cost_per_accepted == pytest.approx(4.25)


def test_retries_checks_and_escalation_cost_what_single_requests_do_in_a_simulation():
    small = tier("small", 1.0, 0.01, success_rate=0.5, attempts=3, repeat_failure_share=0.4, review_cost=0.02)
    check = {"cost_per_request": 0.001, "filtered_share": 0.3, "wrongly_filtered_share": 0.1}
    large = tier("large", 0.0, 0.5, success_rate=0.8, attempts=2, check=check, switch_cost=0.05, latency_s=2.0)
    answer = tiering(build(small | {"latency_s": 1.0}, large, escalate=["small", "large"], baseline="large"))
    rng, cost, accepted, time = np.random.default_rng(8), np.zeros(RUNS), np.zeros(RUNS, bool), np.zeros(RUNS)
    alive, stuck = np.ones(RUNS, bool), rng.random(RUNS) < 0.4
    for attempt in range(3):
        cost[alive], time[alive] = cost[alive] + 0.03, time[alive] + 1.0
        won = alive & (rng.random(RUNS) < 0.5) & ((attempt == 0) | ~stuck)
        accepted, alive = accepted | won, alive & ~won
    cost[alive] += 0.001
    out = alive & (rng.random(RUNS) < 0.3)
    accepted |= out & (rng.random(RUNS) >= 0.1)
    alive &= ~out
    cost[alive] += 0.05
    for _ in range(2):
        cost[alive], time[alive] = cost[alive] + 0.5, time[alive] + 2.0
        won = alive & (rng.random(RUNS) < 0.8)
        accepted, alive = accepted | won, alive & ~won
    found_cost, review, success = answer.case.of_mix(answer.shares)
    assert found_cost[0] + review[0] == pytest.approx(cost.mean(), rel=0.01)
    assert success[0] == pytest.approx(accepted.mean(), rel=0.01)
    assert answer.case.entered["small"][3] == pytest.approx(time.mean(), rel=0.01)


def test_draws_of_retries_are_the_answers_of_their_values():
    rate = {"shape": "uniform", "low": 0.4, "high": 0.8}
    answer = tiering(build(tier("a", 1.0, 1.0, success_rate=rate, attempts=3), tier("b", 0.0, 3.0, success_rate=0.9)))
    rates = answer.cases.figure("tiers.a.success_rate")[:3]
    for place, rate in enumerate(rates):
        one = tiering(
            build(tier("a", 1.0, 1.0, success_rate=float(rate), attempts=3), tier("b", 0.0, 3.0, success_rate=0.9))
        )
        assert answer.drawn_savings[place] == pytest.approx(one.saving_share)


def test_more_tries_never_accept_less_and_a_lone_attempt_is_no_retry():
    success, repeats = np.linspace(0, 1, 11), np.full(11, 0.3)
    parts = [tried(success, count, repeats) for count in (1, 2, 5)]
    assert all(np.all(later[1] >= sooner[1] - 1e-15) for sooner, later in pairwise(parts))
    assert parts[0][0].tolist() == [1.0]
    assert np.allclose(parts[0][1], success)
    assert parts[2][0][0] == 5.0  # nothing succeeds: every attempt is made


def test_retries_that_never_end_are_refused_in_words():
    with pytest.raises(InputError, match=r"tiers\.a\.attempts: until accepted never ends at a success_rate of 0"):
        build(tier("a", 1.0, 1.0, success_rate=0.0, attempts="until accepted"))
    with pytest.raises(InputError, match="never ends for the repeat_failure_share"):
        build(tier("a", 1.0, 1.0, success_rate=0.5, attempts="until accepted", repeat_failure_share=0.1))
    with pytest.raises(InputError, match=r"tiers\.a\.attempts"):
        build(tier("a", 1.0, 1.0, success_rate=0.5, attempts=0))


def test_a_prompt_cache_saves_what_a_simulation_of_its_time_to_live_does():
    cache = {"share_of_cost": 0.6, "minutes_between": 4.0, "kept_minutes": 5.0}
    lever = {"name": "prompt", "applies_to": "all", "prompt_cache": cache}
    answer = tiering(build(tier("a", 1.0, 1.0), levers=[lever]))
    gaps = np.random.default_rng(2).exponential(4.0, RUNS)
    cost = 0.4 + 0.6 * np.where(gaps <= 5.0, 0.1, 1.25)
    assert answer.cost_per_request == pytest.approx(cost.mean(), rel=0.005)
    hits = answer.inputs.levers[0].prompt_hits
    counted = lever | {"prompt_cache": {"share_of_cost": 0.6, "reuses": hits / (1 - hits)}}
    same = tiering(build(tier("a", 1.0, 1.0), levers=[counted]))
    assert same.cost_per_request == pytest.approx(answer.cost_per_request)
    rare = lever | {"prompt_cache": cache | {"minutes_between": 500.0}}
    assert tiering(build(tier("a", 1.0, 1.0), levers=[rare])).cost_per_request > 1.1  # written and never read


def test_fine_tuning_is_repaid_by_the_tokens_it_saves():  # D-OP-6
    price = {"provider": "p", "model": "m", "input_per_mtok": 3.0, "output_per_mtok": 15.0}
    shape = {"input_tokens_per_request": 6_000.0, "output_tokens_per_request": 300.0}
    tuned = {"tier": "a", "price": price, "shape": shape | {"input_tokens_per_request": 1_000.0}}
    candidates = [tuned | {"name": name, "training_cost": paid} for name, paid in (("low", 5e3), ("high", 15e3))]
    asked = build({"name": "a", "share": 1.0, "price": price}, shape=shape, candidates=candidates)
    repaid = [one.break_even_requests for one in tiering(asked).switches]
    assert repaid == pytest.approx([333_333.33, 1_000_000.0])
