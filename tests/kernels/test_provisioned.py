"""Both kernels against plain twins that follow the words of their rules."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.kernels import provisioned as kernel

integers = st.lists(st.integers(0, 40), min_size=1, max_size=60)
wholes = st.integers(0, 12)
requests = st.lists(st.tuples(wholes, wholes, wholes, wholes), min_size=1, max_size=25)


def swept(demand, value, unit, units):
    tables = np.zeros((4, units + 1))
    kernel.fill_buckets(demand, value, unit, *tables)
    tokens, cost = np.empty(units + 1), np.empty(units + 1)
    kernel.spilled(*tables, unit, tokens, cost)
    return tokens, cost


def swept_plainly(demand, value, unit, units):
    """Each number of units on its own: what is beyond it, at the minute's own price."""
    beyond = np.array([np.maximum(demand - count * unit, 0.0) for count in range(units + 1)])
    price = np.divide(value, demand, out=np.zeros_like(value), where=demand > 0)
    cost = beyond @ price
    cost[0] = value.sum()
    return beyond.sum(axis=1), cost


def admitted_plainly(rows, capacity, drain):
    """The leaky bucket told in words: (arrival, estimate, actual, completion) in order of arrival."""
    pending, level, now, found = [], 0.0, rows[0][0], []
    for arrival, estimate, actual, completion in rows:
        for end, correction in sorted(item for item in pending if item[0] <= arrival):
            level, now = max(level - drain * (end - now), 0.0), end
            level = max(level + correction, 0.0)
        pending = [item for item in pending if item[0] > arrival]
        level, now = max(level - drain * (arrival - now), 0.0), arrival
        is_admitted = level <= capacity
        found.append((is_admitted, 0.0 if is_admitted else (level - capacity) / drain, level))
        if is_admitted:
            level += estimate
            pending.append((completion, actual - estimate))
    return found


def admitted_by(function, rows, capacity, drain):
    arrival, estimate, actual, completion = np.array(rows, dtype=float).T
    admitted, retry, level = np.empty(len(rows), dtype=bool), np.empty(len(rows)), np.empty(len(rows))
    order = np.argsort(completion, kind="stable")
    function(arrival, estimate, actual, completion, order, capacity, drain, admitted, retry, level)
    return list(zip(admitted.tolist(), retry.tolist(), level.tolist(), strict=True))


@LAW
@given(demand=integers, price=st.integers(1, 9), unit=st.integers(1, 9), units=st.integers(0, 12))
def test_one_pass_gives_what_a_pass_for_each_number_of_units_gives(demand, price, unit, units):
    demand = np.array(demand, dtype=float)
    value = demand * price * (1 + np.arange(len(demand)) % 3) + (demand == 0)  # cached input alone costs 1
    for found, plain in zip(
        swept(demand, value, float(unit), units), swept_plainly(demand, value, float(unit), units), strict=True
    ):
        np.testing.assert_allclose(found, plain, rtol=1e-12, atol=1e-9)


def test_one_pass_is_exact_on_a_long_trace():
    random = np.random.default_rng(3)
    demand = random.lognormal(11, 1, 50_000)
    value = demand * random.uniform(1e-6, 3e-6, len(demand))
    unit, units = 3_400.0, 200
    for found, plain in zip(swept(demand, value, unit, units), swept_plainly(demand, value, unit, units), strict=True):
        np.testing.assert_allclose(found, plain, rtol=1e-12, atol=1e-12 * plain[0])


def test_the_compiled_sweep_does_what_its_python_does(monkeypatch):
    demand, value = np.array([0.0, 5.0, 10.0, 25.0, 99.0]), np.array([2.0, 5.0, 20.0, 25.0, 99.0])
    compiled = swept(demand, value, 10.0, 3)
    for name in ("fill_buckets", "spilled"):
        monkeypatch.setattr(kernel, name, getattr(kernel, name).py_func)
    for found, plain in zip(compiled, swept(demand, value, 10.0, 3), strict=True):
        assert found.tolist() == plain.tolist()
    assert compiled[0].tolist() == [139.0, 104.0, 84.0, 69.0]
    assert compiled[1].tolist() == [151.0, 104.0, 84.0, 69.0]


def test_days_on_their_own_are_what_each_of_them_spills():
    random = np.random.default_rng(8)
    demand, starts = random.uniform(0, 90, 50), np.array([0, 7, 8, 31, 50])
    value = demand * random.uniform(1, 3, 50)
    tokens, cost = np.empty((2, 4, 10))
    for function in (kernel.spilled_by_day, kernel.spilled_by_day.py_func):
        function(demand, value, starts, 10.0, tokens, cost)
        for day, (first, last) in enumerate(pairwise(starts)):
            alone = swept_plainly(demand[first:last], value[first:last], 10.0, 9)
            np.testing.assert_allclose((tokens[day], cost[day]), alone, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("price", [0.5, 7.0, 20.0, 400.0])
def test_the_cheapest_place_of_drawn_days_is_that_of_their_whole_curve(price):
    random = np.random.default_rng(9)
    spills = np.array([swept_plainly(day, day * 2.0, 10.0, 12)[1] for day in random.uniform(0, 120, (9, 40))])
    drawn = random.integers(0, 4, (30, 9)).astype(float)
    monthly = 1.0 / drawn.sum(axis=1)
    curves = (drawn @ spills) * monthly[:, None] + price * np.arange(13)
    steps = np.ascontiguousarray(np.diff(spills, axis=1).T)
    for function in (kernel.cheapest_of_days, kernel.cheapest_of_days.py_func):
        best = np.empty(30, dtype=np.int64)
        function(drawn, steps, np.full(12, price), monthly, best)
        assert best.tolist() == curves.argmin(axis=1).tolist()


@LAW
@given(rows=requests, capacity=st.integers(1, 20), drain=st.integers(1, 4))
def test_the_bucket_admits_what_the_rules_in_words_admit(rows, capacity, drain):
    rows = sorted(((a, e, min(u, e), a + length) for a, e, u, length in rows), key=lambda row: row[0])
    plain = admitted_plainly(rows, capacity, drain)
    for function in (kernel.leaky_bucket, kernel.leaky_bucket.py_func):
        found = admitted_by(function, rows, float(capacity), float(drain))
        assert [row[0] for row in found] == [row[0] for row in plain]
        np.testing.assert_allclose([row[1:] for row in found], [row[1:] for row in plain], atol=1e-9)


def test_a_request_that_ends_the_instant_it_arrives_is_corrected():
    found = admitted_by(kernel.leaky_bucket, [(0, 100, 10, 0), (0, 5, 5, 0), (1, 1, 1, 1)], 50.0, 1.0)
    assert found == [(True, 0.0, 0.0), (True, 0.0, 10.0), (True, 0.0, 14.0)]


@pytest.mark.parametrize("function", [kernel.leaky_bucket, kernel.leaky_bucket.py_func], ids=["compiled", "plain"])
def test_a_refused_request_leaves_nothing_behind(function):
    rows = [(0, 120, 120, 50), (1, 1_000, 1_000, 2), (40, 1, 1, 41)]
    assert admitted_by(function, rows, 100.0, 1.0) == [(True, 0.0, 0.0), (False, 19.0, 119.0), (True, 0.0, 80.0)]
