"""Switching a tier's model: known answers, the same as asking again, the success it needs, verdicts and messages."""

import numpy as np
import pytest

from aiecon.errors import InputError
from aiecon.models.tiering import TieringInputs, tiering
from aiecon.vocabulary.overrides import override

COUNTS = {"shape": "beta", "successes": 60.0, "failures": 40.0}
THREE = [
    {"name": "small", "share": 0.7, "price": {"cost_per_request": 1.0}, "success_rate": COUNTS, "review_cost": 0.5},
    {"name": "middle", "share": 0.2, "price": {"cost_per_request": 4.0}, "success_rate": 0.8, "review_cost": 0.3},
    {"name": "large", "share": 0.1, "price": {"cost_per_request": 10.0}, "success_rate": 0.9, "review_cost": 0.2},
]
NEW = {"name": "new", "tier": "small", "price": {"cost_per_request": 0.6}}
MORE = {"escalate": ["small", "middle", "large"], "requests_per_month": 1_000, "draws": 500}


def switch(candidate=NEW, **more):
    answer = tiering(TieringInputs.build({"tiers": THREE, "candidates": [candidate], **MORE, **more}))
    return answer, answer.switches[0]


def test_without_success_it_saves_the_difference_of_prices():
    tiers = [{"name": "a", "share": 0.8, "price": {"cost_per_request": 2.0}}]
    tiers.append({"name": "b", "share": 0.2, "price": {"cost_per_request": 9.0}})
    given = {"candidates": [NEW | {"tier": "a"}], "migration": {"prompts_cost": 800.0, "tests_cost": 320.0}}
    found = tiering(TieringInputs.build({"tiers": tiers, "requests_per_month": 500, **given})).switches[0]
    assert found.saving == pytest.approx(0.8 * 1.4)
    assert found.saving_per_month == pytest.approx(560)
    assert found.break_even_requests == pytest.approx(1_000)
    assert found.break_even_months == pytest.approx(2)
    assert found.right_value == pytest.approx(12 * 560 - 1_120)
    assert found.needed_success is None
    assert found.verdict == "switch"


@pytest.mark.parametrize(("once", "queries"), [(5_000.0, 333_333), (15_000.0, 1_000_000)])
def test_d_op_6_a_model_that_reads_5_000_tokens_less_repays_after_a_third_to_a_whole_million_queries(once, queries):
    price = {"provider": "p", "model": "m", "input_per_mtok": 3.0, "output_per_mtok": 15.0}
    long, short = ({"input_tokens_per_request": read, "output_tokens_per_request": 500} for read in (6_000, 1_000))
    inputs = {
        "tiers": [{"name": "base", "share": 1.0, "price": price}],
        "shape": long,
        "candidates": [{"name": "tuned", "tier": "base", "price": price, "shape": short}],
        "migration": {"other_cost": once},
    }
    found = tiering(TieringInputs.build(inputs)).switches[0]
    assert round(found.break_even_requests) == queries
    assert found.saving_per_month is found.break_even_months is found.right_value is None


def test_it_saves_what_asking_again_says_at_as_many_accepted_answers():
    answer, found = switch(NEW | {"success_rate": 0.55})
    other = tiering(override(answer.inputs, {"tiers.small.price": NEW["price"], "tiers.small.success_rate": 0.55}))
    cost = answer.cost_per_accepted - other.cost_per_accepted
    assert found.saving == pytest.approx(answer.success_rate * cost)
    assert found.saving_per_month == pytest.approx(1_000 * found.saving)


def test_the_summary_has_what_each_candidate_saves_a_month_or_words():
    answer, found = switch()
    told = {metric.key: metric for metric in answer.summary()}["switch_saving_per_month"]
    assert told.value == {"new": found.saving_per_month}
    metrics = tiering(TieringInputs.build({"tiers": THREE, **MORE})).summary()
    (bare,) = [metric for metric in metrics if metric.key == "switch_saving_per_month"]
    assert (bare.value, bare.note) == (None, "no candidates are given")


def test_the_same_model_at_the_same_price_saves_nothing_in_any_draw():
    _, found = switch(NEW | {"price": {"cost_per_request": 1.0}})
    assert np.abs(found.savings).max() < 1e-12
    assert found.verdict == "stay"
    assert found.break_even_requests is None


def test_at_the_success_it_needs_it_saves_nothing():
    _, found = switch()
    assert 0 < found.needed_success < 0.6
    for change, saves in ((0.001, True), (-0.001, False)):
        assert (switch(NEW | {"success_rate": found.needed_success + change})[1].saving > 0) is saves
    assert switch(NEW | {"price": {"cost_per_request": 50.0}})[1].needed_success is None


def test_an_evaluation_of_its_own_widens_the_range_and_leaves_the_other_draws():
    answer, assumed = switch()
    same, tested = switch(NEW | {"success_rate": COUNTS})
    assert np.array_equal(answer.drawn_savings, same.drawn_savings)
    spread = [np.subtract(*found.saving_range[::-1]) for found in (assumed, tested)]
    assert spread[1] > 2 * spread[0]
    assert tested.saving == pytest.approx(assumed.saving)
    assert tested.right_value >= max(0.0, 12 * float(np.mean(tested.savings)) * 1_000) - 1e-9


def test_an_uncertain_volume_and_migration_are_in_the_range():
    wide = {"shape": "uniform", "low": 500.0, "high": 1_500.0}
    _, found = switch(NEW, requests_per_month=wide, migration={"tests_cost": {"shape": "uniform", "low": 1, "high": 9}})
    low, high = found.saving_range
    assert low < 0.75 * found.saving_per_month < 1.25 * found.saving_per_month < high
    assert found.migration[0] == 5.0
    assert len(found.migration[1]) == 500


@pytest.mark.parametrize(
    ("candidate", "migration", "verdict"),
    [
        (NEW, 0.0, "evaluate"),
        (NEW | {"success_rate": 0.6, "price": {"cost_per_request": 0.1}}, 100.0, "switch"),
        (NEW | {"success_rate": 0.6}, 1e6, "wait"),
        (NEW | {"success_rate": 0.1}, 0.0, "stay"),
    ],
)
def test_the_verdict_follows_saving_evaluation_and_migration(candidate, migration, verdict):
    assert switch(candidate, migration={"tests_cost": migration})[1].verdict == verdict


def test_double_the_money_and_every_saving_doubles():
    tiers = [
        one
        | {"price": {"cost_per_request": 2 * one["price"]["cost_per_request"]}, "review_cost": 2 * one["review_cost"]}
        for one in THREE
    ]
    _, first = switch(migration={"tests_cost": 70.0})
    _, other = switch(NEW | {"price": {"cost_per_request": 1.2}}, tiers=tiers, migration={"tests_cost": 140.0})
    assert other.saving == pytest.approx(2 * first.saving)
    assert other.break_even_requests == pytest.approx(first.break_even_requests)
    assert other.needed_success == pytest.approx(first.needed_success, abs=1e-9)


@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        (NEW | {"tier": "smal"}, r"candidates.new.tier: 'smal' is not a tier; did you mean small\?"),
        (
            NEW | {"price": {"provider": "p", "model": "m", "input_per_mtok": 1.0, "output_per_mtok": 1.0}},
            "candidates.new: a token price needs a shape",
        ),
        (NEW | {"price": {"cost_per_request": 1.0, "currency": "EUR"}}, "prices must be in one currency"),
    ],
)
def test_a_candidate_that_makes_no_sense_is_refused(candidate, words):
    with pytest.raises(InputError, match=words):
        TieringInputs.build({"tiers": THREE, "candidates": [candidate], "currency": "USD"})
