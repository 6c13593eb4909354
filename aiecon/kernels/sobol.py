"""Sums behind Sobol's indices, in one pass over the outputs and without temporaries."""

import numpy as np
from numba import njit


@njit(cache=True)
def sobol_sums(a, b, swapped, mean, batches):
    """First-order and total parts of the variance, batch by batch.

        first_i = mean (b − mean) (swapped_i − a)   Saltelli et al. 2010, table 2 (b)
        total_i = mean (a − swapped_i)² / 2         Jansen 1999

    Shapes: a and b (n,), the outputs at two independent samples, whose common mean is given; swapped (d, n), at the
    first sample with input i from the second. Returns first and total, each (d, batches), and the variance of a and b
    together (batches,). The batches are consecutive and equally long; n is a multiple of them.
    """
    d, n = swapped.shape
    length = n // batches
    first, total, variance = np.empty((d, batches)), np.empty((d, batches)), np.empty(batches)
    for batch in range(batches):
        start = batch * length
        squares = 0.0
        for k in range(start, start + length):
            squares += (a[k] - mean) ** 2 + (b[k] - mean) ** 2
        variance[batch] = squares / (2 * length)
        for i in range(d):
            product, square = 0.0, 0.0
            for k in range(start, start + length):
                step = swapped[i, k] - a[k]
                product += (b[k] - mean) * step
                square += step * step
            first[i, batch] = product / length
            total[i, batch] = square / (2 * length)
    return first, total, variance
