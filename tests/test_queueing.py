"""Erlang's formulas against their sums, their limits and their shape."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.kernels import queueing as kernel
from aiecon.queueing import erlang_b, erlang_c, mean_wait, required_replicas, wait_share

loads = st.floats(0.01, 60)


def blocked_by_sums(load, servers):
    terms = [load**k / math.factorial(k) for k in range(servers + 1)]
    return terms[-1] / sum(terms)


def waiting_by_sums(load, servers):
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / math.factorial(k) for k in range(servers)) + last)


@LAW
@given(loads, st.integers(0, 90))
def test_erlang_b_is_the_ratio_of_its_sums(load, servers):
    assert erlang_b(load, servers) == pytest.approx(blocked_by_sums(load, servers), rel=1e-9)


@LAW
@given(loads, st.integers(1, 30))
def test_erlang_c_is_the_ratio_of_its_sums(load, more):
    servers = math.floor(load) + more
    assert erlang_c(load, servers) == pytest.approx(waiting_by_sums(load, servers), rel=1e-9)


@LAW
@given(loads, st.integers(1, 80))
def test_a_further_server_helps_and_more_load_hurts(load, servers):
    for formula in (erlang_b, erlang_c):
        assert formula(load, servers + 1) <= formula(load, servers)
        assert formula(load * 1.1, servers) >= formula(load, servers)
    assert erlang_b(load, servers) <= erlang_c(load, servers)


def test_limits():
    assert (erlang_b(0, 0), erlang_b(0, 3), erlang_b(5, 0)) == (1.0, 0.0, 1.0)
    assert (erlang_c(0, 0), erlang_c(0, 3), erlang_c(3, 3), erlang_c(4, 3)) == (0.0, 0.0, 1.0, 1.0)
    assert erlang_c(0.3, 1) == pytest.approx(0.3)  # one server: the share of time it is busy
    assert erlang_b(1e6, 10) == pytest.approx(1 - 10 / 1e6, rel=1e-9)
    assert 0 < erlang_c(9_900, 10_000) < 1  # neither overflows


@LAW
@given(loads, st.floats(1e-6, 0.999))
def test_required_replicas_are_the_fewest(load, target):
    found = required_replicas(load, target_wait_share=target)
    assert erlang_c(load, found) <= target
    assert found == 1 or erlang_c(load, found - 1) > target


def test_required_replicas_at_the_ends():
    assert required_replicas(0, target_wait_share=0.1) == 0
    assert required_replicas(3, target_wait_share=1.0) == 3
    assert required_replicas(3.2, target_wait_share=1.0) == 4


@LAW
@given(st.floats(0.01, 0.95), st.floats(0.1, 10))
def test_mean_wait_of_one_server_is_that_of_pollaczek_and_khinchine(load, service):
    assert mean_wait(load, 1, service=service) == pytest.approx(load * service / (1 - load))
    fixed = mean_wait(load, 1, service=service, service_variation=0.0)
    assert fixed == pytest.approx(load * service / (1 - load) / 2)


def test_mean_wait_has_no_end_at_full_load_and_follows_bursts():
    assert mean_wait(3, 3, service=1.0) == math.inf
    assert mean_wait(2, 3, service=1.0, arrival_variation=99.0) == pytest.approx(50 * mean_wait(2, 3, service=1.0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: erlang_b(-1, 2), "load must be zero or more, got -1"),
        (lambda: erlang_c(math.nan, 2), "load must be zero or more, got nan"),
        (lambda: erlang_b(1, 2.5), "servers must be a whole number of 0 or more, got 2.5"),
        (lambda: erlang_b(1, True), "servers must be a whole number of 0 or more, got True"),
        (
            lambda: required_replicas(1, target_wait_share=0.0),
            "target_wait_share must be above 0 and at most 1, got 0.0",
        ),
        (lambda: required_replicas(2e6, target_wait_share=0.5), "load: 2e+06 erlang need more than 1,000,000 servers"),
    ],
)
def test_messages(call, words):
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.problems[0].startswith(words)


# Arrivals in bursts.


@LAW
@given(loads, st.integers(1, 60), st.floats(1, 40))
def test_bursts_never_let_fewer_wait_and_a_further_server_never_more(load, servers, variation):
    share = wait_share(load, servers, arrival_variation=variation)
    assert erlang_c(load, servers) <= share <= 1
    assert wait_share(load, servers + 1, arrival_variation=variation) <= share + 1e-12
    assert wait_share(load, servers, arrival_variation=1.0) == pytest.approx(erlang_c(load, servers))


@LAW
@given(loads, st.floats(0.005, 1), st.floats(0.5, 30))
def test_replicas_for_bursts_are_the_fewest_that_meet_the_target(load, target, variation):
    count = required_replicas(load, target_wait_share=target, arrival_variation=variation)
    assert wait_share(load, count, arrival_variation=variation) <= target
    assert count == 1 or count - 1 <= load or wait_share(load, count - 1, arrival_variation=variation) > target
    assert count >= required_replicas(load, target_wait_share=target)


@pytest.mark.parametrize("variation", [4, 16])
def test_in_simulated_bursts_hayward_is_nearer_than_erlang(variation):
    random = np.random.default_rng(0)
    size = (variation + 1) / 2  # of a geometric batch whose counts are so uneven
    batches = random.geometric(1 / size, int(200_000 / size))
    arrival = np.repeat(np.cumsum(random.exponential(size / 10.0, len(batches))), batches)
    service, waited = random.exponential(1.0, len(arrival)), np.empty(len(arrival))
    for servers in (12, 15, 20, 30):
        kernel.waits(arrival, service, servers, waited)
        found = (waited > 0).mean()
        ours = abs(wait_share(10.0, servers, arrival_variation=variation) - found)
        assert ours < 0.17
        assert ours < abs(erlang_c(10.0, servers) - found) + 0.01


@pytest.mark.parametrize("variation", [-1.0, float("nan"), "many"])
def test_a_variation_that_is_none_is_refused(variation):
    with pytest.raises(InputError, match="arrival_variation must be zero or more"):
        required_replicas(2.0, target_wait_share=0.1, arrival_variation=variation)
