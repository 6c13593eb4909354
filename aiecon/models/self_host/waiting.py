"""How long requests wait for a replica at the busiest load: Erlang, bursts, and what a target would take."""

from dataclasses import dataclass

import numpy as np

from aiecon.errors import InputError
from aiecon.kernels import queueing as kernel
from aiecon.queueing import erlang_c, mean_wait, required_replicas, wait_share

SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True, eq=False)
class Waiting:
    """Waiting at the busiest load.

    Attributes
    ----------
    load
        Busiest load in replicas. [erlang]
    wait_share
        Requests that wait for a replica at the answer's number of them, by Erlang C.
    mean_wait_s
        Mean wait by Erlang C; infinite at a load the replicas cannot serve. [s]
    replicas_for_target
        Replicas at which no more than the target waits; None without a target.
    service_s
        Time of a replica that a request takes. [s]
    minutes
        Load of each minute of the file at the volume of the month; None without a file. [erlang], shape (n_minutes,)
    arrival_variation
        Variance over mean of the file's requests of ten seconds inside its minutes; None where no file says it.
    replicas_for_bursts
        Replicas at which no more than the target waits when arrivals are as uneven; None without either.
    """

    load: float
    wait_share: float
    mean_wait_s: float
    replicas_for_target: int | None
    service_s: float
    minutes: np.ndarray | None
    arrival_variation: float | None
    replicas_for_bursts: int | None

    def bursty_wait_share(self, replicas: int) -> float | None:
        """Requests that wait when arrivals are as uneven as the file's; None where no file says it."""
        if self.arrival_variation is None:
            return None
        return wait_share(self.load, replicas, arrival_variation=self.arrival_variation)

    def wait_over_time(self, replicas: int) -> float | None:
        """Mean wait when the minutes of the file come one after another; None without a file. [s]"""
        if self.minutes is None:
            return None
        return mean_wait_over_time(self.minutes, replicas, service=self.service_s, slot=SECONDS_PER_MINUTE)


def waiting(
    load: float,
    replicas: int,
    *,
    service: float,
    target: float | None,
    minutes: np.ndarray | None,
    arrival_variation: float | None,
) -> Waiting:
    """Return waiting at a load; what a file says of minutes and arrivals is None without one."""
    for_bursts = None
    if target is not None and arrival_variation is not None:
        for_bursts = required_replicas(load, target_wait_share=target, arrival_variation=arrival_variation)
    return Waiting(
        load=load,
        wait_share=erlang_c(load, replicas),
        mean_wait_s=mean_wait(load, replicas, service=service),
        replicas_for_target=None if target is None else required_replicas(load, target_wait_share=target),
        service_s=service,
        minutes=minutes,
        arrival_variation=arrival_variation,
        replicas_for_bursts=for_bursts,
    )


def mean_wait_over_time(
    load: np.ndarray, servers: int, *, service: float, slot: float, service_variation: float = 1.0
) -> float:
    """Return the mean wait of an arrival when the load changes from slot to slot.

    Parameters
    ----------
    load
        Arrivals a second × seconds each takes, in each slot. [erlang], shape (n_slots,)
    servers
        Number of them, one or more.
    service
        Mean time each takes, short beside a slot. [s]
    slot
        Length of a slot. [s]
    service_variation
        Squared coefficient of variation of the time each takes.

    Notes
    -----
    Load above the servers piles up as a backlog, which later slots work off; slots without one have the wait of
    `mean_wait` at their own load, no longer than a queue can grow within the slot (2/3 × root(2 × variance of its work
    ÷ π) ÷ servers, the mean of a reflected random walk). Inside a slot arrivals are taken as pure chance, which
    understates the wait of finer bursts.

    Examples
    --------
    >>> mean_wait_over_time(np.array([2.0, 0.0]), 1, service=0.001, slot=60.0)
    30.0
    """
    found = np.asarray(load, dtype=float)
    problems = []
    if found.ndim != 1 or not len(found) or not np.all(np.isfinite(found) & (found >= 0)):
        problems.append("load must be a list of numbers of zero or more, one a slot")
    if isinstance(servers, bool) or int(servers) != servers or servers < 1:
        problems.append(f"servers must be a whole number of one or more, got {servers!r}")
    if problems:
        raise InputError(problems)
    if not found.any():
        return 0.0
    waited = np.empty(len(found))
    kernel.slot_waits(found, int(servers), service, slot, (1.0 + service_variation) / 2, waited)
    return float(waited @ found / found.sum())


def simulate_waits(arrival_s: np.ndarray, service_s: np.ndarray, *, servers: int) -> np.ndarray:
    """Return how long each request waits when the server that is free first takes the next one.

    Parameters
    ----------
    arrival_s, service_s
        When each request comes, in order of time, and how long it takes. [s], shape (n_requests,)
    servers
        Number of them, one or more.

    Examples
    --------
    >>> simulate_waits(np.array([0.0, 0.0, 1.0]), np.array([2.0, 2.0, 2.0]), servers=2).tolist()
    [0.0, 0.0, 1.0]
    """
    arrival, service = np.asarray(arrival_s, dtype=float), np.asarray(service_s, dtype=float)
    problems = []
    if arrival.shape != service.shape or arrival.ndim != 1 or not len(arrival):
        problems.append("arrival_s and service_s must be lists of the same length, one value a request")
    elif not (np.all(np.isfinite(arrival)) and np.all(np.isfinite(service)) and service.min() >= 0):
        problems.append("arrival_s and service_s must be numbers, and no service below zero")
    elif np.any(np.diff(arrival) < 0):
        problems.append("arrival_s must be in order of time; sort the requests by arrival")
    if isinstance(servers, bool) or int(servers) != servers or servers < 1:
        problems.append(f"servers must be a whole number of 1 or more, got {servers!r}")
    if problems:
        raise InputError(problems)
    waited = np.empty(len(arrival))
    kernel.waits(arrival, service, int(servers), waited)
    return waited
