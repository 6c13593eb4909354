"""Quantiles of amounts that are not kept: counts in bins that follow the bits of a number, without a logarithm."""

import numpy as np
from numba import njit

BINS = 6144  # up to 2^40, a million millions
_SHIFT = np.int64(45)  # keeps eleven bits of exponent and seven of mantissa: 128 bins an octave
_FIRST_BIN = (np.int64(1023) - np.int64(8)) << np.int64(7)


@njit(cache=True, error_model="numpy")
def count(values, counts):
    """Count values (n_months, n) in bins of one 128th of an octave from 2^-8 on; counts (n_months, BINS) grow."""
    for m in range(values.shape[0]):
        bits = values[m].view(np.int64)
        for i in range(values.shape[1]):
            place = (bits[i] >> _SHIFT) - _FIRST_BIN
            counts[m, min(max(place, 0), BINS - 1)] += 1


def bin_edges():
    """Lower ends of the bins of `count`, and the upper end of the last; shape (BINS + 1,)."""
    return ((np.arange(BINS + 1) + int(_FIRST_BIN)) << int(_SHIFT)).view(np.float64)
