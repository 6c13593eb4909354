from itertools import permutations
from math import prod

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

from aiecon.bridges import factor_effects, move_effects, price_volume_mix
from aiecon.errors import FrameError, InputError

QUICK_LAW = law(20)
ITEMS = ["small", "large", "embedding", "image"]
rows = st.lists(
    st.tuples(st.sampled_from(ITEMS), st.floats(0, 1e6), st.floats(0.001, 1e3)), min_size=1, max_size=8
).map(lambda found: pd.DataFrame(found, columns=["item", "quantity", "price"]))


def frame(**items):
    """Item = (quantity, price)."""
    return pd.DataFrame([(name, *pair) for name, pair in items.items()], columns=["item", "quantity", "price"])


def effects(found):
    return np.array([found.price_effect, found.volume_effect, found.mix_effect])


def close(found, expected, budget, actual):
    size = max((one["quantity"] * one["price"]).sum() for one in (budget, actual)) + 1e-9
    np.testing.assert_allclose(found / size, expected / size, atol=1e-6)


@QUICK_LAW
@given(rows, rows)
def test_the_effects_add_up_to_the_change(budget, actual):
    found = price_volume_mix(budget, actual)
    totals = [(one["quantity"] * one["price"]).sum() for one in (budget, actual)]
    close(np.array([found.budget, found.actual]), np.array(totals), budget, actual)
    close(effects(found).sum(), found.actual - found.budget, budget, actual)


@QUICK_LAW
@given(rows, rows)
def test_the_table_has_a_row_an_item_that_closes_and_adds_up(budget, actual):
    found = price_volume_mix(budget, actual)
    table = found.to_frame()
    assert list(table) == ["item", "budget", "actual", "price_effect", "quantity_effect"]
    assert sorted(table["item"]) == sorted({*budget["item"], *actual["item"]})
    close(table["budget"] + table["price_effect"] + table["quantity_effect"], table["actual"], budget, actual)
    close(table[["budget", "actual"]].sum().to_numpy(), np.array([found.budget, found.actual]), budget, actual)
    close(table["price_effect"].sum(), found.price_effect, budget, actual)


@QUICK_LAW
@given(rows, rows, st.integers(0, 100))
def test_row_order_never_matters(budget, actual, seed):
    turned = [one.sample(frac=1, random_state=seed) for one in (budget, actual)]
    close(effects(price_volume_mix(*turned)), effects(price_volume_mix(budget, actual)), budget, actual)


@QUICK_LAW
@given(rows, rows, st.floats(0.1, 0.9))
def test_a_row_may_come_in_two_parts(budget, actual, share):
    parts = [actual.assign(quantity=actual["quantity"] * part) for part in (share, 1 - share)]
    split = pd.concat(parts)
    close(effects(price_volume_mix(budget, split)), effects(price_volume_mix(budget, actual)), budget, actual)


@QUICK_LAW
@given(rows, rows, st.floats(0.01, 100))
def test_a_currency_at_another_rate_scales_every_effect(budget, actual, rate):
    scaled = [one.assign(price=one["price"] * rate) for one in (budget, actual)]
    close(effects(price_volume_mix(*scaled)) / rate, effects(price_volume_mix(budget, actual)), budget, actual)


@QUICK_LAW
@given(rows)
def test_what_came_as_planned_has_no_effects(budget):
    close(effects(price_volume_mix(budget, budget)), np.zeros(3), budget, budget)


@QUICK_LAW
@given(rows, st.floats(0.01, 10))
def test_more_of_everything_is_volume_alone(budget, factor):
    actual = budget.assign(quantity=budget["quantity"] * factor)
    total = (budget["quantity"] * budget["price"]).sum()
    close(effects(price_volume_mix(budget, actual)), np.array([0.0, (factor - 1) * total, 0.0]), budget, actual)


@QUICK_LAW
@given(rows, st.floats(0.01, 10))
def test_dearer_by_the_same_share_is_price_alone(budget, factor):
    actual = budget.assign(price=budget["price"] * factor)
    total = (budget["quantity"] * budget["price"]).sum()
    close(effects(price_volume_mix(budget, actual)), np.array([(factor - 1) * total, 0.0, 0.0]), budget, actual)


def test_dearer_items_that_take_a_larger_part_are_mix_alone():
    found = price_volume_mix(frame(small=(60, 1.0), large=(40, 3.0)), frame(small=(40, 1.0), large=(60, 3.0)))
    np.testing.assert_allclose(effects(found), [0.0, 0.0, 40.0])


def test_an_item_without_a_budget_price_has_no_price_effect_and_is_in_mix():
    found = price_volume_mix(frame(small=(100, 1.0)), frame(small=(100, 1.5), new=(20, 4.0)))
    np.testing.assert_allclose(effects(found), [50.0, 20.0, 60.0])
    new = found.table.set_index("item").loc["new"]
    assert (new["budget"], new["price_effect"], new["quantity_effect"]) == (0.0, 0.0, 80.0)


def test_an_item_planned_at_a_price_and_not_bought_then_has_a_price_effect():
    found = price_volume_mix(frame(small=(100, 1.0), new=(0, 3.0)), frame(small=(100, 1.0), new=(20, 4.0)))
    np.testing.assert_allclose(effects(found), [20.0, 20.0, 40.0])


def test_an_item_that_was_dropped_has_no_price_effect():
    found = price_volume_mix(frame(small=(100, 1.0), old=(50, 2.0)), frame(small=(100, 1.0)))
    np.testing.assert_allclose(effects(found), [0.0, -50 * 200 / 150, 50 * 200 / 150 - 100])


def test_without_a_budget_everything_is_mix():
    found = price_volume_mix(frame(small=(0, 1.0)), frame(large=(10, 2.0)))
    np.testing.assert_allclose(effects(found), [0.0, 0.0, 20.0])


def test_rows_of_one_item_have_their_average_price():
    budget = frame(small=(100, 1.0))
    actual = pd.DataFrame({"item": ["small", "small"], "quantity": [30.0, 10.0], "price": [1.0, 3.0]})
    found = price_volume_mix(budget, actual)
    assert found.price_effect == pytest.approx(20.0)  # forty at an average of 1.5
    assert len(found.table) == 1


def test_what_was_given_is_left_as_it_was():
    budget, actual = frame(small=(100, 1.0)), frame(large=(10, 2.0))
    before = budget.copy(), actual.copy()
    price_volume_mix(budget, actual)
    pd.testing.assert_frame_equal(budget, before[0])
    pd.testing.assert_frame_equal(actual, before[1])


@pytest.mark.parametrize(
    ("changes", "place", "expected"),
    [
        ({"quantity": [-1.0, 2.0]}, "'quantity': row 0", "a number of zero or more is expected"),
        ({"quantity": [1.0, np.nan]}, "'quantity': row 1", "a number of zero or more is expected"),
        ({"quantity": [1.0, np.inf]}, "'quantity': row 1", "a number of zero or more is expected"),
        ({"price": ["free", 2.0]}, "'price': row 0", "a finite number is expected"),
        ({"price": [1.0, None]}, "'price': row 1", "a finite number is expected"),
    ],
)
def test_what_is_no_quantity_or_price_is_refused_with_its_row(changes, place, expected):
    (found,) = problems(frame(small=(1.0, 1.0), large=(2.0, 2.0)).assign(**changes))
    assert found.startswith(f"actual: column {place} has ")
    assert found.endswith(expected)


def test_what_is_refused_is_shown_as_it_was_given():
    (found,) = problems(frame(small=(-1.0, 1.0)))
    assert found == "actual: column 'quantity': row 0 has '-1.0', a number of zero or more is expected"
    (found,) = problems(frame(small=(1.0, 1.0)).assign(price="free"))
    assert found == "actual: column 'price': row 0 has 'free', a finite number is expected"


def problems(actual, budget=None):
    with pytest.raises(FrameError) as caught:
        price_volume_mix(frame(small=(1.0, 1.0)) if budget is None else budget, actual)
    return caught.value.problems


def test_all_problems_of_both_come_together():
    found = problems(frame(small=(-1.0, np.inf)), budget=frame(small=(1.0, 1.0)).drop(columns=["price", "item"]))
    assert [line.partition(":")[0] for line in found] == ["budget", "budget", "actual", "actual"]
    assert found[0] == "budget: column 'item' is missing; it has ['quantity']"


def test_a_price_below_zero_is_a_credit_and_counts():
    found = price_volume_mix(frame(small=(10, 1.0)), frame(small=(10, -1.0)))
    np.testing.assert_allclose(effects(found), [-20.0, 0.0, 0.0])


values = st.floats(0.0, 1e3)
moves = st.dictionaries(st.sampled_from("abcde"), st.tuples(values, values), min_size=1)


def before_and_after(moved):
    return tuple({name: move[place] for name, move in moved.items()} for place in (0, 1))


def same(found, expected, moved):
    assert set(found) == set(expected)
    size = prod(max(*move, 1.0) for move in moved.values())
    for name, effect in found.items():
        assert effect / size == pytest.approx(expected[name] / size, abs=1e-9)


@QUICK_LAW
@given(moves)
def test_the_effects_of_factors_are_the_change_of_their_product(moved):
    before, after = before_and_after(moved)
    change = prod(after.values()) - prod(before.values())
    same({"sum": sum(factor_effects(before, after).values())}, {"sum": change}, moved)


@QUICK_LAW
@given(moves)
def test_an_effect_is_the_mean_over_every_order_in_which_the_factors_could_have_moved(moved):
    before, after = before_and_after(moved)
    orders = list(permutations(moved))
    expected = dict.fromkeys(moved, 0.0)
    for order in orders:
        now = dict(before)
        for name in order:
            product = prod(now.values())
            now[name] = after[name]
            expected[name] += (prod(now.values()) - product) / len(orders)
    same(factor_effects(before, after), expected, moved)


@QUICK_LAW
@given(moves, st.randoms(use_true_random=False))
def test_the_order_in_which_factors_are_given_never_matters(moved, chance):
    before, after = before_and_after(moved)
    turned = [dict(chance.sample(list(one.items()), len(one))) for one in (before, after)]
    same(factor_effects(*turned), factor_effects(before, after), moved)


@QUICK_LAW
@given(moves, values)
def test_a_factor_that_stood_still_has_no_effect(moved, value):
    before, after = before_and_after({**moved, "still": (value, value)})
    assert factor_effects(before, after)["still"] == 0.0


@QUICK_LAW
@given(moves)
def test_the_way_back_has_the_opposite_effects(moved):
    before, after = before_and_after(moved)
    back = {name: -effect for name, effect in factor_effects(after, before).items()}
    same(factor_effects(before, after), back, moved)


def test_two_factors_share_what_they_did_together():
    """By hand: 2 x 3 = 6 becomes 5 x 4 = 20; (5 - 2) x 3.5 and (4 - 3) x 3.5."""
    assert factor_effects({"users": 2, "price": 3}, {"users": 5, "price": 4}) == {"users": 10.5, "price": 3.5}


def test_factors_that_do_not_match_are_refused():
    with pytest.raises(InputError, match=r"the same factors, got \['price', 'users'\] and \['price'\]"):
        factor_effects({"users": 2, "price": 3}, {"price": 4})


def test_moves_on_a_product_have_the_effects_of_its_factors():
    before, after = {"a": 10.0, "b": 2.0, "c": 7.0}, {"a": 4.0, "b": 3.0, "c": 9.0}

    def total(made):
        return prod((after if name in made else before)[name] for name in before)

    assert move_effects(list(before), total) == pytest.approx(factor_effects(before, after), rel=1e-12)
    assert move_effects([], total) == {}
