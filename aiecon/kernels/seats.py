"""Futures of many people's use: what holders of seats overrun and what the others pay, added up by rank.

The random numbers and polynomials are those of kernels/simulation, one lane a future; clear the cache when that file
changes.
"""

import numpy as np
from numba import njit, prange

from aiecon.kernels.simulation import LANES, _exp, _normals, _uniforms

_MONTHS_PER_DRAW = 4


@njit(cache=True, parallel=True, error_model="numpy")
def futures(expected, bucket, buckets, growth, sigma, lasting, included, key, used, over):
    """Add up use and overrun of people by bucket, month and future.

    Shapes: expected (n_people,) mean use a month, of rank order; bucket (n_people,) which sum each counts in; growth
    (n_months, n_futures) factor on all use, n_futures a multiple of LANES; sigma and lasting, spread and
    autocorrelation of a person's log use; included, use that does not count as overrun; used and over (buckets,
    n_months, n_futures) zeros. [currency/month]
    """
    months, count = growth.shape
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    fresh = np.sqrt(1.0 - lasting * lasting)
    shift = 0.5 * sigma * sigma
    for block in prange(count // LANES):
        start = block * LANES
        s = np.zeros(32 * LANES)
        bits = s.view(np.uint64)
        state, normals, uniforms, work = 12, 13, 18, 22
        for person in range(len(expected)):
            mean, place = expected[person], bucket[person]
            for i in range(LANES):
                s[state * LANES + i] = 0.0
            for t in range(months):
                part = t % _MONTHS_PER_DRAW
                if part == 0 and sigma > 0.0:
                    _uniforms(s, bits, uniforms, np.uint64(start), np.uint64(t), np.uint64(person), k0, k1)
                    _normals(s, bits, uniforms, normals, normals + 1)
                    _normals(s, bits, uniforms + 2, normals + 2, normals + 3)
                first = t == 0
                for i in range(LANES):
                    z = s[(normals + part) * LANES + i]
                    x = z if first else lasting * s[state * LANES + i] + fresh * z
                    s[state * LANES + i] = x
                    s[work * LANES + i] = sigma * x - shift
                _exp(s, bits, work)
                for i in range(LANES):
                    u = mean * growth[t, start + i] * s[work * LANES + i]
                    used[place, t, start + i] += u
                    over[place, t, start + i] += max(u - included, 0.0)
