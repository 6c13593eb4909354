"""How often a month of hosting costs less than the API, over a grid of volumes and usable shares."""

import numpy as np
from numba import njit, prange

BLOCK = 512  # draws at a time: their four rows stay near the processor


@njit(cache=True, parallel=True, error_model="numpy")
def wins(volumes, shares, per_carried, price, per_server, fixed, sizes, forgiven, out):
    """Count the draws in which hosting is strictly cheaper, in each cell.

    Shapes: volumes (n,) [Mtok/month], shares (m,), out (n, m) zeros. Of each draw, shape (n_draws,): per_carried, one
    over what a replica carries at a usable share of 1 [month/Mtok]; price of the API [currency/Mtok]; a server with
    its GPUs and the rest [currency/month]. sizes holds the fewest replicas and the servers of a replica; GPUs bought
    one by one are servers of one. Rounding up forgives that part of a quotient. Each volume writes its own row.
    """
    fewest, of_replica = sizes[0], sizes[1] * (1.0 - forgiven)
    draws = len(price)
    for i in prange(len(volumes)):
        volume = volumes[i]
        for start in range(0, draws, BLOCK):
            end = min(start + BLOCK, draws)
            for j in range(len(shares)):
                load = volume / shares[j] * (1.0 - forgiven)
                count = 0
                for d in range(start, end):
                    replicas = max(np.ceil(load * per_carried[d]), fewest)
                    servers = np.ceil(replicas * of_replica)
                    count += servers * per_server[d] + fixed[d] < volume * price[d]
                out[i, j] += count
