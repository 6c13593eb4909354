"""How long requests wait for a replica at the busiest load: Erlang, bursts, and what a target would take."""

from dataclasses import dataclass

import numpy as np

from aiecon.errors import InputError
from aiecon.kernels import queueing as kernel
from aiecon.queueing import erlang_c, mean_wait, required_replicas


@dataclass(frozen=True)
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
    burst_wait_s
        The same for arrivals as uneven as those of the file; None without one. [s]
    replicas_for_target
        Replicas at which no more than the target waits; None without a target.
    """

    load: float
    wait_share: float
    mean_wait_s: float
    burst_wait_s: float | None
    replicas_for_target: int | None


def waiting(
    load: float, replicas: int, *, service: float, target: float | None, arrival_variation: float | None
) -> Waiting:
    """Return waiting at a load; `arrival_variation` is the squared coefficient of variation of arrivals, if known."""
    return Waiting(
        load=load,
        wait_share=erlang_c(load, replicas),
        mean_wait_s=mean_wait(load, replicas, service=service),
        burst_wait_s=None
        if arrival_variation is None
        else mean_wait(load, replicas, service=service, arrival_variation=arrival_variation),
        replicas_for_target=None if target is None else required_replicas(load, target_wait_share=target),
    )


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
