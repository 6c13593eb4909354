"""Waiting: Erlang's formulas, the servers a target takes, and what bursts do to both."""

import math
from bisect import bisect_left

from aiecon.errors import InputError
from aiecon.vocabulary.arguments import is_number, number_problems, whole_problems

_MOST_SERVERS = 1_000_000


def erlang_b(load: float, servers: int) -> float:
    """Return the share of arrivals that find all servers busy when nobody waits (Erlang 1917).

    Parameters
    ----------
    load
        Arrivals a second × seconds each takes. [erlang]
    servers
        Number of them.

    Notes
    -----
    B(0) = 1, B(n) = load × B(n − 1) ÷ (n + load × B(n − 1)), which neither overflows nor loses digits.

    Examples
    --------
    >>> round(erlang_b(10, 14), 10)
    0.0568191434
    """
    _check(load, servers)
    blocked = 1.0
    for count in range(1, int(servers) + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Return the share of arrivals that wait when all wait who must: 1 when the load is not below the servers.

    Parameters
    ----------
    load
        Arrivals a second × seconds each takes. [erlang]
    servers
        Number of them.

    Examples
    --------
    >>> round(erlang_c(10, 14), 10)
    0.1741319336
    """
    blocked = erlang_b(load, servers)
    if load >= servers:
        return 1.0 if load > 0 else 0.0
    return blocked / (1.0 - load / servers * (1.0 - blocked))


def wait_share(load: float, servers: int, *, arrival_variation: float) -> float:
    """Return the share of arrivals that wait when they come in bursts.

    Parameters
    ----------
    load, servers
        As in `erlang_c`.
    arrival_variation
        Variance of the number of arrivals in a short time over its mean: 1 by pure chance, more in bursts; less counts
        as 1.

    Notes
    -----
    Erlang's share at load ÷ variation and servers ÷ variation, a straight line between whole servers (Hayward's
    approximation, Fredericks 1980). It is never below Erlang's; against simulated bursts of 4 and 16 it is off by up to
    17 points and mostly too high, where Erlang's is too low by up to 55. On two real traces, their variation taken by
    ten seconds, the mean error is 6.8 and 2.2 points, of Erlang's share 62 and 2.7 (benchmarks/queueing.py).

    Examples
    --------
    >>> round(wait_share(10, 15, arrival_variation=1.0), 4), round(wait_share(10, 15, arrival_variation=4.0), 4)
    (0.102, 0.4155)
    """
    _check(load, servers)
    _check_variation(arrival_variation)
    if load >= servers:
        return erlang_c(load, servers)
    times = max(arrival_variation, 1.0)
    fewer, part = divmod(servers / times, 1.0)
    above = erlang_c(load / times, int(fewer) + 1)
    between = (1.0 - part) * erlang_c(load / times, int(fewer)) + part * above if part > 0 else None
    return max(erlang_c(load / times, int(fewer)) if between is None else between, erlang_c(load, servers))


def required_replicas(load: float, *, target_wait_share: float, arrival_variation: float = 1.0) -> int:
    """Return the fewest servers at which no larger share of arrivals waits than the target.

    Parameters
    ----------
    load
        Arrivals a second × seconds each takes. [erlang]
    target_wait_share
        Largest share of arrivals that may wait, above zero.
    arrival_variation
        As in `wait_share`: by pure chance when left out.

    Examples
    --------
    >>> required_replicas(10, target_wait_share=0.2), required_replicas(10, target_wait_share=0.2, arrival_variation=4)
    (14, 19)
    """
    _check(load, 0)
    _check_variation(arrival_variation)
    fewest = _by_chance(load, target_wait_share)
    if arrival_variation <= 1 or load == 0:
        return fewest
    most = math.ceil(arrival_variation * (_by_chance(load / arrival_variation, target_wait_share) + 1))
    return bisect_left(
        range(most + 1),
        True,
        lo=fewest,
        key=lambda count: wait_share(load, count, arrival_variation=arrival_variation) <= target_wait_share,
    )


def _by_chance(load: float, target_wait_share: float) -> int:
    """The fewest servers by Erlang C."""
    if not (is_number(target_wait_share) and 0 < target_wait_share <= 1):
        raise InputError(f"target_wait_share must be above 0 and at most 1, got {target_wait_share!r}")
    if load == 0:
        return 0
    blocked = 1.0
    for count in range(1, _MOST_SERVERS):
        blocked = load * blocked / (count + load * blocked)
        if load < count and blocked / (1.0 - load / count * (1.0 - blocked)) <= target_wait_share:
            return count
        if target_wait_share >= 1 and count >= load:
            return count
    raise InputError(f"load: {load:g} erlang need more than {_MOST_SERVERS:,} servers; check its unit")


def mean_wait(
    load: float, servers: int, *, service: float, arrival_variation: float = 1.0, service_variation: float = 1.0
) -> float:
    """Return the mean wait of an arrival; infinite when the load is not below the servers.

    Parameters
    ----------
    load, servers
        As in `erlang_c`.
    service
        Mean time each takes. [s]
    arrival_variation, service_variation
        Squared coefficient of variation of the time between arrivals, and of the time each takes; 1 as Erlang assumes.

    Notes
    -----
    C × service ÷ (servers − load) × (arrival variation + service variation) ÷ 2 (Allen and Cunneen; Allen 1990).

    Examples
    --------
    >>> round(mean_wait(2, 3, service=1.0), 6)
    0.444444
    """
    if load >= servers:
        return float("inf")
    return erlang_c(load, servers) * service / (servers - load) * (arrival_variation + service_variation) / 2


def _check_variation(variation: float) -> None:
    if not (is_number(variation) and variation >= 0):
        raise InputError(f"arrival_variation must be zero or more, got {variation!r}")


def _check(load: float, servers: int) -> None:
    problems = [*number_problems(load=load), *whole_problems("servers", servers, least=0)]
    if not problems and servers > _MOST_SERVERS:
        problems.append(f"servers must be at most {_MOST_SERVERS:,}, got {servers:,}")
    if problems:
        raise InputError(problems)
