"""The simulation of requests against a plain heap, and against Erlang where Erlang is exact."""

import heapq
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.kernels.queueing import waits
from aiecon.models.self_host import mean_wait_over_time, simulate_waits
from aiecon.queueing import erlang_c, mean_wait

TRACES = Path(__file__).parents[2] / "benchmarks" / "data" / "request_arrivals.parquet"


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


# Over time.


def minutes(arrival, service):
    return np.bincount((arrival / 60).astype(int), weights=service) / 60


def test_an_even_load_waits_as_allen_and_cunneen_say():
    found = mean_wait_over_time(np.full(50, 7.0), 10, service=0.5, slot=3_600.0, service_variation=0.4)
    assert found == pytest.approx(mean_wait(7.0, 10, service=0.5, service_variation=0.4))


def test_a_backlog_grows_and_is_worked_off_by_later_slots():
    # 1 erlang too much for 60 s: 60 server-seconds, 30 s wait each on the mean of 2 servers; gone after 40 s of 0.5
    found = mean_wait_over_time(np.array([3.0, 0.5]), 2, service=1e-9, slot=60.0)
    assert found == pytest.approx((3.0 * 30 / 2 + 0.5 * 30 / 2 * 40 / 60) / 3.5)


@LAW
@given(st.lists(st.floats(0, 20), min_size=1, max_size=40), st.integers(1, 25), st.floats(0.01, 5))
def test_a_further_server_and_a_lighter_load_never_wait_longer(load, servers, service):
    one = mean_wait_over_time(np.array(load), servers, service=service, slot=60.0)
    assert one >= 0
    assert mean_wait_over_time(np.array(load), servers + 1, service=service, slot=60.0) <= one + 1e-9


@pytest.mark.parametrize(
    ("trace", "busy", "bursts_factor"),
    [("azure_code", 0.7, 2.0), ("azure_code", 0.5, 3.0), ("mooncake_conversation", 0.9, 1.0)],
)
def test_on_real_traces_it_is_nearer_to_the_simulation_than_allen_and_cunneen(trace, busy, bursts_factor):
    frame = pd.read_parquet(TRACES).query("trace == @trace")
    arrival = frame["arrival_s"].to_numpy()
    service = frame["input_tokens"].to_numpy() / 2_000 + frame["output_tokens"].to_numpy() / 100
    load, counts = service.sum() / arrival[-1], np.bincount((arrival / 60).astype(int))
    servers, variation = int(np.ceil(load / busy)), service.var() / service.mean() ** 2
    simulated = simulate_waits(arrival, service, servers=servers).mean()
    by_bursts = mean_wait(
        load,
        servers,
        service=service.mean(),
        arrival_variation=counts.var() / counts.mean(),
        service_variation=variation,
    )
    found = mean_wait_over_time(
        minutes(arrival, service), servers, service=service.mean(), slot=60.0, service_variation=variation
    )
    errors = [abs(np.log(one / simulated)) for one in (found, by_bursts)]
    assert errors[0] < np.log(2)
    assert errors[0] * bursts_factor < errors[1]


@pytest.mark.parametrize(
    ("load", "servers", "words"),
    [
        ([], 1, "load must be a list of numbers of zero or more"),
        ([-1.0], 1, "load must be a list of numbers of zero or more"),
        ([1.0], 0, "servers must be a whole number of one or more, got 0"),
    ],
)
def test_a_load_over_time_that_is_none_is_refused(load, servers, words):
    with pytest.raises(InputError, match=words):
        mean_wait_over_time(np.array(load), servers, service=1.0, slot=60.0)


def test_no_load_waits_for_nothing():
    assert mean_wait_over_time(np.zeros(5), 1, service=1.0, slot=60.0) == 0
