"""Levers: what they save together, split fairly; and what a cached prompt costs."""

from itertools import permutations
from math import prod

import numpy as np
import pytest

from aiecon.errors import InputError
from aiecon.levers import prompt_cache_ratio, remaining, semantic_cache_saving, split_saving
from aiecon.vocabulary.lever import Lever


def lever(name, applies_to, saving):
    return {"name": name, "applies_to": applies_to, "saving": saving}


LEVERS = [
    lever("cache", "all", 0.3),
    lever("batch", "large", 0.5),
    lever("context", ["small", "large"], 0.2),
    lever("prompts", "middle", 0.1),
]
BASE = {"small": 40.0, "middle": 25.0, "large": 120.0}


def left(levers, base):
    rows = [Lever.build(one) for one in levers]
    return sum(cost * prod(1 - row.saving for row in rows if row.reaches(part)) for part, cost in base.items())


def test_the_split_closes_exactly():
    found = split_saving(LEVERS, BASE)
    assert sum(found.values()) == pytest.approx(sum(BASE.values()) - left(LEVERS, BASE), rel=1e-14)


def test_the_split_is_the_mean_over_every_order():
    """Shapley by brute force: 24 orders of four levers."""
    orders = list(permutations(LEVERS))
    mean = dict.fromkeys((one["name"] for one in LEVERS), 0.0)
    for order in orders:
        for place, one in enumerate(order):
            mean[one["name"]] += (left(order[:place], BASE) - left(order[: place + 1], BASE)) / len(orders)
    assert split_saving(LEVERS, BASE) == pytest.approx(mean, rel=1e-12)


def test_the_order_of_levers_and_parts_changes_nothing():
    turned = split_saving(LEVERS[::-1], dict(reversed(BASE.items())))
    assert turned == pytest.approx(split_saving(LEVERS, BASE), rel=1e-14)


def test_a_lever_reaches_a_part_a_list_or_all():
    assert split_saving([lever("a", "x", 0.5)], {"x": 10.0, "y": 4.0}) == {"a": 5.0}
    assert split_saving([lever("a", ["x", "y"], 0.5)], {"x": 10.0, "y": 4.0}) == {"a": 7.0}
    assert split_saving([lever("a", "all", 0.5)], {"x": 10.0, "y": 4.0}) == {"a": 7.0}
    assert split_saving([], {"x": 10.0}) == {}


def test_levers_never_save_more_than_there_is():
    rng = np.random.default_rng(5)
    for _ in range(20):
        levers = [lever(str(place), "all", float(rng.uniform())) for place in range(5)]
        found = split_saving(levers, BASE)
        assert all(saving >= 0 for saving in found.values())
        assert sum(found.values()) <= sum(BASE.values())


def test_a_lever_on_nothing_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match=r"levers.a: applies_to 'smal' is not a part of the cost; did you mean small"):
        split_saving([lever("a", "smal", 0.5)], BASE)
    with pytest.raises(InputError, match="applies_to"):
        split_saving([lever("a", [], 0.5)], BASE)


def test_a_saving_above_one_a_name_twice_and_a_negative_cost_are_refused():
    with pytest.raises(InputError, match="saving must be less than or equal to 1"):
        split_saving([lever("a", "all", 1.2)], BASE)
    with pytest.raises(InputError) as caught:
        split_saving([lever("a", "all", 0.2), lever("a", "x", 0.1)], {"x": -1.0})
    assert caught.value.problems == ("levers: a stands twice", "base.x must be zero or more, got -1.0")
    with pytest.raises(InputError, match="at most 14"):
        split_saving([lever(str(place), "all", 0.1) for place in range(15)], BASE)


def test_what_remains_is_the_product_of_what_each_lever_leaves():
    rows = [Lever.build(one) for one in LEVERS]
    assert remaining(rows, "large") == pytest.approx(0.7 * 0.5 * 0.8)
    assert remaining(rows, "middle", "model") == pytest.approx(0.7 * 0.9)


def test_a_prompt_that_is_read_again_repays_its_write():
    assert prompt_cache_ratio(0) == 1.25
    assert prompt_cache_ratio(1) == pytest.approx((1.25 + 0.1) / 2)
    assert prompt_cache_ratio(1e9) == pytest.approx(0.1)
    assert prompt_cache_ratio(3, write=2.0, read=0.5) == pytest.approx((2 + 1.5) / 4)
    ratios = [prompt_cache_ratio(reuses) for reuses in range(10)]
    assert ratios == sorted(ratios, reverse=True)


def test_its_messages_name_every_argument():
    with pytest.raises(InputError) as caught:
        prompt_cache_ratio(-1, write=-2, read=float("nan"))
    assert [problem.split()[0] for problem in caught.value.problems] == ["reuses", "write", "read"]


KEPT = {"hit_rate": 0.4, "wrong_hit_share": 0.05, "wrong_hit_cost": 0.5, "lookup_cost": 0.002}
CACHE = {"name": "kept answers", "applies_to": ["small", "large"], "semantic_cache": KEPT}
REQUESTS = {"small": 900.0, "middle": 50.0, "large": 300.0}


def bill(levers, base):
    """What is paid with these levers: every part multiplied down, lookups and wrong hits on top."""
    rows = [Lever.build(one) for one in levers]
    added = sum(REQUESTS[part] * row.added_per_request for part in base for row in rows if row.reaches(part))
    return added + sum(cost * prod(1 - row.taken for row in rows if row.reaches(part)) for part, cost in base.items())


def test_a_semantic_cache_is_split_with_the_others_as_the_mean_over_every_order():
    levers = [*LEVERS, CACHE]
    orders = list(permutations(levers))
    mean = dict.fromkeys((one["name"] for one in levers), 0.0)
    for order in orders:
        for place, one in enumerate(order):
            mean[one["name"]] += (bill(order[:place], BASE) - bill(order[: place + 1], BASE)) / len(orders)
    found = split_saving(levers, BASE, requests=REQUESTS)
    assert found == pytest.approx(mean, rel=1e-11)
    assert sum(found.values()) == pytest.approx(sum(BASE.values()) - bill(levers, BASE), rel=1e-13)
    assert split_saving(levers[::-1], BASE, requests=REQUESTS) == pytest.approx(found, rel=1e-12)


def test_a_semantic_cache_alone_saves_its_hits_less_lookups_and_wrong_hits():
    assert semantic_cache_saving(0.0375, hit_rate=0.4) == pytest.approx(0.4)
    found = semantic_cache_saving(0.0375, **KEPT)
    assert found == pytest.approx(0.4 - (0.002 + 0.4 * 0.05 * 0.5) / 0.0375)
    alone = split_saving([CACHE | {"applies_to": "all"}], {"a": 0.0375}, requests={"a": 1.0})
    assert alone["kept answers"] == pytest.approx(0.0375 * found)
    turn = 0.002 / (0.0375 - 0.05 * 0.5)  # hit rate it pays from
    assert semantic_cache_saving(0.0375, **KEPT | {"hit_rate": turn}) == pytest.approx(0.0, abs=1e-12)


def test_a_semantic_cache_is_refused_without_requests_twice_before_a_part_or_beside_a_saving():
    with pytest.raises(InputError, match=r"requests.large is needed, zero or more: levers.kept answers is a semantic"):
        split_saving([CACHE], BASE, requests={"small": 1.0})
    with pytest.raises(InputError, match="one semantic cache at most may stand before small, got kept answers and b"):
        split_saving([CACHE, CACHE | {"name": "b"}], BASE, requests=REQUESTS)
    with pytest.raises(InputError, match="only one of saving, semantic_cache, prompt_cache may be given"):
        Lever.build(CACHE | {"saving": 0.1})
    with pytest.raises(InputError, match="one of saving, semantic_cache, prompt_cache is needed"):
        Lever.build({"name": "a", "applies_to": "all"})
    with pytest.raises(InputError, match="cost_per_request must be more than zero, got 0"):
        semantic_cache_saving(0, hit_rate=0.1)


@pytest.mark.parametrize("value", ["a", None, float("nan"), float("inf"), -1.0, True])
def test_what_is_no_number_is_refused_in_words(value):
    with pytest.raises(InputError, match="reuses must be zero or more, got"):
        prompt_cache_ratio(value)
    with pytest.raises(InputError, match=r"base\.a must be zero or more, got"):
        split_saving([], {"a": value})


def test_arguments_of_another_kind_are_refused_in_words():
    with pytest.raises(InputError, match="levers must be a list of levers"):
        split_saving("cache", {"a": 1.0})
    with pytest.raises(InputError, match="number 1 must be a table"):
        split_saving(["cache"], {"a": 1.0})
    with pytest.raises(InputError, match="base must be a table of numbers by part"):
        split_saving([], [1.0])
    with pytest.raises(InputError, match=r"levers\.x\.saving"):
        split_saving([{"name": "x", "applies_to": "a", "saving": "half"}], {"a": 1.0})


def test_a_prompt_cache_is_split_as_the_saving_it_comes_to():
    cache = {"name": "c", "applies_to": "a", "prompt_cache": {"share_of_cost": 0.5, "reuses": 9.0}}
    saved = 0.5 * (1 - prompt_cache_ratio(9))
    assert split_saving([cache], {"a": 100.0})["c"] == pytest.approx(100 * saved)
