"""Waiting: Erlang's formulas, the servers a target takes, and what bursts do to both."""

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


def required_replicas(load: float, *, target_wait_share: float) -> int:
    """Return the fewest servers at which no larger share of arrivals waits than the target.

    Parameters
    ----------
    load
        Arrivals a second × seconds each takes. [erlang]
    target_wait_share
        Largest share of arrivals that may wait, above zero.

    Examples
    --------
    >>> required_replicas(10, target_wait_share=0.2)
    14
    """
    _check(load, 0)
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


def _check(load: float, servers: int) -> None:
    problems = [*number_problems(load=load), *whole_problems("servers", servers, least=0)]
    if not problems and servers > _MOST_SERVERS:
        problems.append(f"servers must be at most {_MOST_SERVERS:,}, got {servers:,}")
    if problems:
        raise InputError(problems)
