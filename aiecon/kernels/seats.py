"""Futures of many people's use: what holders of seats overrun and what the others pay, added up by rank.

The random numbers and polynomials are those of kernels/simulation, one lane a future; clear the cache when that file
changes.
"""

import numpy as np
from numba import njit, prange

from aiecon.kernels.simulation import LANES, _exp, _normals, _uniforms

_MONTHS_PER_DRAW = 4


@njit(cache=True, error_model="numpy")
def _block(expected, bucket, growth, sigma, lasting, included, start, k0, k1, used, over):
    """Add up the futures of one block of lanes."""
    s = np.zeros(23 * LANES)
    bits = s.view(np.uint64)
    lasts, normals, uniforms, factors = 12, 13, 17, 22
    state = s[lasts * LANES : (lasts + 1) * LANES]
    factor = s[factors * LANES : (factors + 1) * LANES]
    shift = 0.5 * sigma * sigma
    for person in range(len(expected)):
        mean, place = expected[person], bucket[person]
        kept, fresh = 0.0, 1.0
        for t in range(growth.shape[0]):
            part = t % _MONTHS_PER_DRAW
            if part == 0 and sigma > 0.0:
                _uniforms(s, bits, uniforms, np.uint64(start), np.uint64(t), np.uint64(person), k0, k1)
                _normals(s, bits, uniforms, normals, normals + 1)
                _normals(s, bits, uniforms + 2, normals + 2, normals + 3)
            z = s[(normals + part) * LANES : (normals + part + 1) * LANES]
            for i in range(LANES):
                state[i] = kept * state[i] + fresh * z[i]
                factor[i] = sigma * state[i] - shift
            kept, fresh = lasting, np.sqrt(1.0 - lasting * lasting)
            _exp(s, bits, factors)
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
