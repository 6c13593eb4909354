"""Requests through a number of servers, first come first served."""

import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def waits(arrival, service, servers, waited):
    """Fill in how long each request waits for a server.

    Shapes: arrival (n,) in order of time [s], service (n,) [s], waited (n,). The server that is free first takes the
    next request: a heap of the moments at which servers become free.
    """
    free = np.full(servers, arrival[0] if len(arrival) else 0.0)
    for i in range(len(arrival)):
        at = arrival[i]
        start = free[0] if free[0] > at else at
        waited[i] = start - at
        done = start + service[i]
        place = 0
        while True:
            child = 2 * place + 1
            if child >= servers:
                break
            if child + 1 < servers and free[child + 1] < free[child]:
                child += 1
            if free[child] >= done:
                break
            free[place] = free[child]
            place = child
        free[place] = done


@njit(cache=True, error_model="numpy")
def slot_waits(load, servers, service, slot, variation, waited):
    """Fill in the mean wait of what arrives in each slot, the backlog of one slot carried to the next.

    Shapes: load (n,) [erlang], waited (n,) [s]. `service` [s] is what each takes on the mean, `slot` [s] the length of
    a slot, `variation` half the sum of the squared variations of arrivals and service inside a slot. Work above the
    servers' is a backlog that grows and shrinks evenly; without one, Erlang's wait, which cannot have grown further
    than a random walk gets within the slot: 2/3 × root(2 × variance of its work ÷ π).
    """
    backlog = 0.0
    for i in range(len(load)):
        left = servers - load[i]
        end = max(0.0, backlog - left * slot)
        if end > 0.0:
            mean, idle = (backlog + end) / 2, 0.0
        else:
            emptied = backlog / left if backlog > 0.0 else 0.0
            mean = backlog / 2 * emptied / slot
            idle = 1.0 - emptied / slot
        waited[i] = mean / servers
        if idle > 0.0 and load[i] > 0.0:
            furthest = 2.0 / 3.0 * np.sqrt(4.0 * load[i] * slot * service * variation / np.pi) / servers
            if left > 0.0:
                blocked = 1.0
                for count in range(1, servers + 1):
                    blocked = load[i] * blocked / (count + load[i] * blocked)
                waits_share = blocked / (1.0 - load[i] / servers * (1.0 - blocked))
                furthest = min(furthest, waits_share * service / left * variation)
            waited[i] += idle * furthest
        backlog = end
