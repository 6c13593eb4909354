"""Futures of many people's use: what holders of seats overrun and what the others pay, added up by rank.

The random numbers and polynomials are those of kernels/simulation, one lane a future; clear the cache when that file
changes.
"""

import numpy as np
from numba import njit, prange

from aiecon.kernels.simulation import LANES, _exp, _log, _uniforms

_MONTHS_PER_DRAW = 4
_STATE, _NORMALS, _UNIFORMS, _FACTOR = 12, 13, 17, 21  # rows of the scratch of a block, after those of the simulation


@njit(cache=True, error_model="numpy", inline="always")
def _turned(log, angle):
    """Two standard normals from the log of one uniform number and another, without a branch."""
    radius = np.sqrt(-2.0 * log)
    v = 4.0 * angle
    k = np.floor(v + 0.5)
    a = (v - k) * 1.5707963267948966
    q = a * a
    c = -1.0 / 3628800.0
    c = c * q + 1.0 / 40320.0
    c = c * q - 1.0 / 720.0
    c = c * q + 1.0 / 24.0
    c = c * q - 0.5
    c = c * q + 1.0
    d = -1.0 / 39916800.0
    d = d * q + 1.0 / 362880.0
    d = d * q - 1.0 / 5040.0
    d = d * q + 1.0 / 120.0
    d = d * q - 1.0 / 6.0
    d = a * (d * q + 1.0)
    half = np.floor(0.5 * k)
    odd = k - 2.0 * half
    even = 1.0 - odd
    turned = 1.0 - 2.0 * (half - 2.0 * np.floor(0.5 * half))
    return radius * turned * (even * c - odd * d), radius * turned * (odd * c + even * d)


@njit(cache=True, error_model="numpy")
def _four_normals(s, bits):
    """Four rows of standard normals from four of uniform numbers, after Box and Muller (1958).

    Rows are constants here: with rows that are arguments the compiler cannot see that they differ, and no loop becomes
    vector instructions.
    """
    _log(s, bits, _UNIFORMS)
    _log(s, bits, _UNIFORMS + 2)
    for i in range(LANES):
        first, second = _turned(s[_UNIFORMS * LANES + i], s[(_UNIFORMS + 1) * LANES + i])
        s[_NORMALS * LANES + i] = first
        s[(_NORMALS + 1) * LANES + i] = second
    for i in range(LANES):
        first, second = _turned(s[(_UNIFORMS + 2) * LANES + i], s[(_UNIFORMS + 3) * LANES + i])
        s[(_NORMALS + 2) * LANES + i] = first
        s[(_NORMALS + 3) * LANES + i] = second


@njit(cache=True, error_model="numpy")
def _block(expected, bucket, growth, sigma, lasting, included, start, k0, k1, used, over):
    """Add up the futures of one block of lanes."""
    s = np.zeros(22 * LANES)
    bits = s.view(np.uint64)
    state = s[_STATE * LANES : (_STATE + 1) * LANES]
    factor = s[_FACTOR * LANES : (_FACTOR + 1) * LANES]
    shift = 0.5 * sigma * sigma
    for person in range(len(expected)):
        mean, place = expected[person], bucket[person]
        kept, fresh = 0.0, 1.0
        for t in range(growth.shape[0]):
            part = t % _MONTHS_PER_DRAW
            if part == 0 and sigma > 0.0:
                _uniforms(s, bits, _UNIFORMS, np.uint64(start), np.uint64(t), np.uint64(person), k0, k1)
                _four_normals(s, bits)
            z = s[(_NORMALS + part) * LANES : (_NORMALS + part + 1) * LANES]
            for i in range(LANES):
                state[i] = kept * state[i] + fresh * z[i]
                factor[i] = sigma * state[i] - shift
            kept, fresh = lasting, np.sqrt(1.0 - lasting * lasting)
            _exp(s, bits, _FACTOR)
            grown = growth[t, start : start + LANES]
            use = used[place, t, start : start + LANES]
            overrun = over[place, t, start : start + LANES]
            for i in range(LANES):
                u = mean * grown[i] * factor[i]
                use[i] += u
                overrun[i] += max(u - included, 0.0)


@njit(cache=True, parallel=True, error_model="numpy")
def futures(expected, bucket, growth, sigma, lasting, included, key, used, over):
    """Add up use and overrun of people by bucket, month and future.

    Shapes: expected (n_people,) mean use a month, of rank order; bucket (n_people,) which sum each counts in; growth
    (n_months, n_futures) factor on all use, n_futures a multiple of LANES; sigma and lasting, spread and
    autocorrelation of a person's log use; included, use that does not count as overrun; used and over (n_buckets,
    n_months, n_futures) zeros. [currency/month]
    """
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    for block in prange(growth.shape[1] // LANES):
        _block(expected, bucket, growth, sigma, lasting, included, block * LANES, k0, k1, used, over)
