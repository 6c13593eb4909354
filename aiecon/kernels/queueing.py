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
