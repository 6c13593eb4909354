"""Accounts that close to the cent, and Shapley's axioms by brute force over every order of teams."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.ledger import allocate, chargeback, split, to_the_cent

amounts = st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents) / 100)
drivers = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1e6), min_size=1).filter(
    lambda found: sum(found.values()) > 0
)
needs = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 50), min_size=1).filter(
    lambda found: sum(found.values()) > 0
)


@LAW
@given(amounts, drivers, st.sampled_from(["even", "proportional", "shapley"]))
def test_parts_add_up_exactly_and_are_whole_cents(amount, weights, method):
    parts = allocate(amount, weights, method=method)
    assert sum(parts.values(), Decimal(0)) == amount
    assert list(parts) == list(weights)
    assert all(part == part.quantize(Decimal("0.01")) for part in parts.values())
    assert all(part * amount >= 0 for part in parts.values())


@LAW
@given(amounts, drivers)
def test_no_part_is_a_cent_or_more_from_its_exact_share(amount, weights):
    total = sum(Decimal(str(weight)) for weight in weights.values())
    for team, part in split(amount, weights).items():
        assert abs(part - amount * Decimal(str(weights[team])) / total) < Decimal("0.01")


@LAW
@given(st.dictionaries(st.sampled_from("abcdefgh"), st.decimals(-(10**6), 10**6, places=5), min_size=1))
def test_amounts_of_either_sign_are_rounded_to_their_rounded_sum(given_amounts):
    found = to_the_cent(given_amounts)
    assert sum(found.values()) == sum(given_amounts.values()).quantize(Decimal("0.01"))
    assert all(abs(found[name] - amount) < Decimal("0.01") for name, amount in given_amounts.items())


@LAW
@given(st.integers(1, 10**7), st.integers(1, 8))
def test_fixed_shares_close_too(cents, teams):
    shares = {f"t{place}": 1 / teams for place in range(teams)}
    assert sum(allocate(Decimal(cents) / 100, shares, method="fixed").values()) == Decimal(cents) / 100


def by_brute_force(amount, wanted):
    """Mean over every order of what a team adds to the largest need, as a share of the amount."""
    orders = list(permutations(wanted))
    added = dict.fromkeys(wanted, 0.0)
    for order in orders:
        reached = 0.0
        for team in order:
            added[team] += max(0.0, wanted[team] - reached)
            reached = max(reached, wanted[team])
    return {team: float(amount) * part / len(orders) / max(wanted.values()) for team, part in added.items()}


@LAW
@given(st.integers(1, 10**6), needs)
def test_shapley_is_the_mean_over_every_order(cents, wanted):
    amount = Decimal(cents) / 100
    parts = allocate(amount, wanted, method="shapley")
    known = by_brute_force(amount, wanted)
    assert sum(parts.values()) == amount  # efficiency
    for team, part in parts.items():
        assert float(part) == pytest.approx(known[team], abs=0.011)


def test_shapley_treats_equals_alike_and_charges_a_dummy_nothing():
    parts = allocate(900, {"a": 20, "b": 20, "idle": 0, "c": 50}, method="shapley")
    assert parts["a"] == parts["b"]
    assert parts["idle"] == 0
    assert parts["c"] > parts["a"]


def test_what_is_negative_is_split_like_a_credit_and_nothing_is_minus_zero():
    parts = allocate(-100, {"a": 1, "b": 2, "c": 0})
    assert {team: str(part) for team, part in parts.items()} == {"a": "-33.33", "b": "-66.67", "c": "0.00"}


def test_floats_are_taken_as_they_are_written():
    assert sum(allocate(0.1 + 0.2, {"a": 1, "b": 1}).values()) == Decimal(str(0.1 + 0.2))


@pytest.mark.parametrize(
    ("weights", "method", "words"),
    [
        ({}, "even", "at least one team"),
        ({"a": -1, "b": 2}, "proportional", r"weights.a must be zero or more, got -1"),
        ({"a": float("nan")}, "proportional", "weights.a must be"),
        ({"a": float("inf")}, "even", "weights.a must be"),
        ({"a": "much"}, "proportional", "weights.a must be"),
        ({"a": 0, "b": 0}, "shapley", "all are zero"),
        ({"a": 0.5, "b": 0.6}, "fixed", "add up to 1.1"),
        ({"a": 1}, "fair", "method must be one of"),
    ],
)
def test_weights_that_say_nothing_are_refused(weights, method, words):
    with pytest.raises(InputError, match=words):
        allocate(10, weights, method=method)


def test_an_amount_that_is_none_is_refused():
    with pytest.raises(InputError, match="amount must be a finite number"):
        allocate(float("nan"), {"a": 1})


def test_chargeback_follows_its_ramp():
    shares = [chargeback(100, month=month) for month in (1, 6, 7, 12, 13, 40)]
    assert shares == [0, 0, 50, 50, 100, 100]
    assert chargeback(100, month=2, ramp=((1, 0.1), (2, 0.25))) == 25


@pytest.mark.parametrize("ramp", [(), ((2, 0.5),), ((1, 0.0), (1, 0.5)), ((1, 1.5),)])
def test_a_ramp_that_is_none_is_refused(ramp):
    with pytest.raises(InputError, match="ramp"):
        chargeback(100, month=1, ramp=ramp)
    with pytest.raises(InputError, match="month must be 1 or more"):
        chargeback(100, month=0)
