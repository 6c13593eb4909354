"""The simulation of requests against a plain heap, and against Erlang where Erlang is exact."""

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.kernels.queueing import waits
from aiecon.models.self_host import simulate_waits
from aiecon.queueing import erlang_c, mean_wait


def by_heap(arrival, service, servers):
    free, waited = [-np.inf] * servers, []
    for at, takes in zip(arrival, service, strict=True):
        start = max(at, heapq.heappop(free))
        waited.append(start - at)
        heapq.heappush(free, start + takes)
    return waited


def poisson(load, *, count, seed):
    random = np.random.default_rng(seed)
    return np.cumsum(random.exponential(1 / load, count)), random.exponential(1.0, count)


@LAW
@given(st.integers(1, 40), st.floats(0.2, 1.3), st.integers(0, 1_000))
def test_the_simulation_is_a_plain_heap(servers, busy, seed):
    arrival, service = poisson(servers * busy, count=300, seed=seed)
    arrival = np.round(arrival, 1)  # some come at once
    found = simulate_waits(arrival, service, servers=servers)
    np.testing.assert_allclose(found, by_heap(arrival, service, servers), rtol=0, atol=1e-9)


def test_the_kernel_is_its_plain_twin():
    arrival, service = poisson(4.0, count=400, seed=1)
    compiled, plain = np.empty(400), np.empty(400)
    waits(arrival, service, 5, compiled)
    waits.py_func(arrival, service, 5, plain)
    np.testing.assert_array_equal(compiled, plain)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.8), (4, 2.0), (14, 10.0), (20, 18.0), (60, 50.0)])
def test_the_share_that_waits_is_erlangs_within_two_points(servers, load):
    arrival, service = poisson(load, count=400_000, seed=servers)
    waited = simulate_waits(arrival, service, servers=servers)
    assert (waited > 0).mean() == pytest.approx(erlang_c(load, servers), abs=0.02)
    assert waited.mean() == pytest.approx(mean_wait(load, servers, service=1.0), rel=0.2)


def test_nobody_waits_where_there_is_a_server_for_each():
    arrival, service = poisson(30.0, count=200, seed=3)
    assert not simulate_waits(arrival, service, servers=200).any()


@pytest.mark.parametrize(
    ("arrival", "service", "servers", "words"),
    [
        ([0.0, 1.0], [1.0], 1, "arrival_s and service_s must be lists of the same length, one value a request"),
        ([], [], 1, "arrival_s and service_s must be lists of the same length, one value a request"),
        ([0.0], [-1.0], 1, "arrival_s and service_s must be numbers, and no service below zero"),
        ([1.0, 0.0], [1.0, 1.0], 1, "arrival_s must be in order of time; sort the requests by arrival"),
        ([0.0], [1.0], 0, "servers must be a whole number of 1 or more, got 0"),
    ],
)
def test_messages(arrival, service, servers, words):
    with pytest.raises(InputError) as caught:
        simulate_waits(np.array(arrival), np.array(service), servers=servers)
    assert list(caught.value.problems) == [words]
