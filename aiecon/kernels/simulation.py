"""Paths of AI spend, many at a time: adoption, use, model and agent, drawn by counter.

Random numbers are Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): the words of
a path, period and slot are a function of (seed, path, period, slot) alone, so any path can be computed again by itself,
on any thread, in any order, and comes out the same to the last bit. Blocks of LANES paths are run through short loops
without branches, which compile to vector instructions; exp, log, sine and cosine are polynomials in the same loops
(within 1e-9). Arithmetic is strict: nothing is contracted or reordered.
"""

import numpy as np
from numba import njit, prange

from aiecon.kernels.one_by_one import requests_cost

LANES = 64

# rows of `params`, one column a path
(
    USERS, GROWTH, INVERSE_CEILING, CEILING, INNOVATION, STAY, VIRAL, VIRAL_TIMES,
    REQUESTS, AMPLITUDE, SIGMA, AR1, SHOCK, SHOCK_TIMES,
    DECLINE, SWITCH, OUTPUT_TIMES, PRICE_TIMES, MIGRATION,
    DEPTH, SPREAD, LOOSE_SPREAD, LOOSE_IN, LOOSE_OUT,
) = range(24)  # fmt: skip
N_PARAMS = 24
"""Then, for each tier, what a request costs for input and for output at the first month's prices."""

SCALE_ORIGIN, UTILIZATION_ORIGIN, MODEL_ORIGIN, AGENT_ORIGIN = range(4)

# rows of the scratch of a block
_U, _X, _L, _P, _D, _C, _N, _H, _G, _T1, _T2, _T3 = range(12)
_Z = 12  # three normals: compound, depth, noise
_W = 15  # four uniform numbers, and four of the other version
_F = 23  # standard deviation of what is new in a period's noise
_IN, _OUT = 24, 25  # cost of a request at the list prices of the period, all tiers
_E = 26  # use of a period over what is usual
_B = 27  # requests in a period from which on the bound of a cap cannot bind
_V = 28  # what the requests of a period would cost without a cap over their expectation then
_PAR = 29  # the parameters

_LOW32 = np.uint64(0xFFFFFFFF)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_S32 = np.uint64(32)
_UNIT = 2.0**-32
_TWO52, _TWO52_BITS = 2.0**52, np.uint64(0x4330000000000000)  # a whole number below 2^52 in its low bits is added
_BEFORE = 2.0**52 - 0.5
_MAGIC = 6755399441055744.0  # 1.5 × 2^52: adding it rounds to a whole number, which then stands in the low bits
_LOG2E, _LN2_HIGH, _LN2_LOW = 1.4426950408889634, 0.693147180369123816490, 1.90821492927058770002e-10
_SQRT2 = 1.4142135623730951
_MANTISSA, _ONE_BITS = np.uint64(0x000FFFFFFFFFFFFF), np.uint64(0x3FF0000000000000)
_VERSION_SLOT = 16  # slots of the other version of a draw lie so far off
_LARGEST = 6.8  # no normal of 32 bits is larger: sqrt(66 log 2) is 6.764
_LEAST_LIFT = 1e-6  # below it rounding could matter, and the bound is always taken


@njit(cache=True, error_model="numpy", forceinline=True)  # else its rows are unknown and its loops stay scalar
def _uniforms(s, bits, row, first, period, slot, k0, k1):
    """Fill four rows with uniform numbers between 0 and 1, ends left out, for the paths of a block."""
    c2, c3 = np.uint64(period), np.uint64(slot)
    for i in range(LANES):
        path = first + np.uint64(i)
        w0, w1, w2, w3 = path & _LOW32, path >> _S32, c2, c3
        a, b = k0, k1
        for _ in range(10):
            p0, p1 = _M0 * w0, _M1 * w2
            w0, w1, w2, w3 = (p1 >> _S32) ^ w1 ^ a, p1 & _LOW32, (p0 >> _S32) ^ w3 ^ b, p0 & _LOW32
            a, b = (a + _W0) & _LOW32, (b + _W1) & _LOW32
        bits[row * LANES + i] = w0 | _TWO52_BITS
        bits[(row + 1) * LANES + i] = w1 | _TWO52_BITS
        bits[(row + 2) * LANES + i] = w2 | _TWO52_BITS
        bits[(row + 3) * LANES + i] = w3 | _TWO52_BITS
    for i in range(4 * LANES):
        s[row * LANES + i] = (s[row * LANES + i] - _BEFORE) * _UNIT


@njit(cache=True, error_model="numpy")
def _exp(s, bits, row):
    """Exponential of a row in place, |x| below 700; exp(0) is 1 exactly."""
    for i in range(LANES):
        x = min(max(s[row * LANES + i], -700.0), 700.0)
        t = x * _LOG2E + _MAGIC
        n = t - _MAGIC
        r = (x - n * _LN2_HIGH) - n * _LN2_LOW
        p = 1.0 / 362880.0
        p = p * r + 1.0 / 40320.0
        p = p * r + 1.0 / 5040.0
        p = p * r + 1.0 / 720.0
        p = p * r + 1.0 / 120.0
        p = p * r + 1.0 / 24.0
        p = p * r + 1.0 / 6.0
        p = p * r + 0.5
        p = p * r + 1.0
        s[_T1 * LANES + i] = p * r + 1.0
        s[row * LANES + i] = t
    for i in range(LANES):
        bits[row * LANES + i] = (bits[row * LANES + i] + np.uint64(1023)) << np.uint64(52)
    for i in range(LANES):
        s[row * LANES + i] = s[row * LANES + i] * s[_T1 * LANES + i]


@njit(cache=True, error_model="numpy")
def _log(s, bits, row):
    """Natural logarithm of a row of positive normal numbers in place; log(1) is 0 exactly."""
    for i in range(LANES):
        b = bits[row * LANES + i]
        bits[_T1 * LANES + i] = (b >> np.uint64(52)) | _TWO52_BITS
        bits[row * LANES + i] = (b & _MANTISSA) | _ONE_BITS
    for i in range(LANES):
        m = s[row * LANES + i]
        e = s[_T1 * LANES + i] - (_TWO52 + 1023.0)
        big = m > _SQRT2
        m = 0.5 * m if big else m
        e = e + 1.0 if big else e
        f = (m - 1.0) / (m + 1.0)
        q = f * f
        p = 1.0 / 11.0
        p = p * q + 1.0 / 9.0
        p = p * q + 1.0 / 7.0
        p = p * q + 1.0 / 5.0
        p = p * q + 1.0 / 3.0
        s[row * LANES + i] = e * 0.6931471805599453 + 2.0 * f * (1.0 + q * p)


@njit(cache=True, error_model="numpy", forceinline=True)  # as above
def _normals(s, bits, row, cosine, sine):
    """Two rows of standard normals from two rows of uniform numbers, after Box and Muller (1958)."""
    for i in range(LANES):
        s[_T2 * LANES + i] = s[row * LANES + i]
    _log(s, bits, _T2)
    for i in range(LANES):
        radius = np.sqrt(-2.0 * s[_T2 * LANES + i])
        v = 4.0 * s[(row + 1) * LANES + i]
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
        odd = (k == 1.0) or (k == 3.0)
        x = d if odd else c
        y = c if odd else d
        x = -x if (k == 1.0) or (k == 2.0) else x
        y = -y if (k == 2.0) or (k == 3.0) else y
        s[cosine * LANES + i] = radius * x
        s[sine * LANES + i] = radius * y


@njit(cache=True, error_model="numpy")
def _draw(s, bits, first, period, k0, k1, slot, versions, owners):
    """Four rows of uniform numbers of a period, each from the version that its origin is drawn in."""
    own, futures = versions[owners[0]], 1
    for j in range(1, 4):
        futures = 2 if versions[owners[j]] != own else futures
    for future in range(futures):
        version = own if future == 0 else 1 - own
        there = np.uint64(slot) + np.uint64(_VERSION_SLOT) * np.uint64(version)
        _uniforms(s, bits, _W + 4 * future, first, period, there, k0, k1)
    for j in range(1, 4):
        if versions[owners[j]] != own:
            for i in range(LANES):
                s[(_W + j) * LANES + i] = s[(_W + 4 + j) * LANES + i]


@njit(cache=True, error_model="numpy")
def _free(s):
    """Requests from which on the bound of a cap cannot bind (_B), whatever is drawn: 0 where there is no cap.

    With v = log(1 + spread / n) and w the same of the loose spread, |sqrt(w) - sqrt(v)| <= a / sqrt(n) and
    |w - v| <= b / n for a and b the differences of the roots and of the spreads; the bound lies above the path where
    largest × a / sqrt(n) + b / (2 n) <= lift, which is a quadratic inequality in 1 / sqrt(n). The lift is the
    logarithm of how much dearer a request is without the cap, of which 2 (r - 1) / (r + 1) is less.
    """
    for i in range(LANES):
        tight, loose = s[(_PAR + SPREAD) * LANES + i], s[(_PAR + LOOSE_SPREAD) * LANES + i]
        ratio = min(s[(_PAR + LOOSE_IN) * LANES + i], s[(_PAR + LOOSE_OUT) * LANES + i])
        lift = 2.0 * (ratio - 1.0) / (ratio + 1.0)
        a, b = _LARGEST * abs(np.sqrt(loose) - np.sqrt(tight)), abs(loose - tight)
        root = (a + np.sqrt(a * a + 2.0 * b * lift)) / (2.0 * max(lift, _LEAST_LIFT))
        root = root if lift >= _LEAST_LIFT else np.inf
        s[_B * LANES + i] = root * root if loose != tight else 0.0


@njit(cache=True, error_model="numpy")
def _begin(s, params, start):
    """Copy the parameters of a block and set its state to that before the first period."""
    for r in range(params.shape[0]):
        for i in range(LANES):
            s[(_PAR + r) * LANES + i] = params[r, start + i]
    for i in range(LANES):
        s[_U * LANES + i] = min(s[(_PAR + USERS) * LANES + i], s[(_PAR + CEILING) * LANES + i])
        s[_L * LANES + i] = 1.0
        s[_P * LANES + i] = 1.0
        s[_D * LANES + i] = 1.0
        rho = s[(_PAR + AR1) * LANES + i]
        s[_F * LANES + i] = s[(_PAR + SIGMA) * LANES + i] * np.sqrt(1.0 - rho * rho)
    _free(s)


@njit(cache=True, error_model="numpy")
def _advance(s, bits, path0, t, wave, k0, k1, versions):
    """Draw a period: users, use, price level, output length and what is paid once (_T3), and the agent's normals."""
    _draw(s, bits, path0, t, k0, k1, 0, versions, (AGENT_ORIGIN, AGENT_ORIGIN, UTILIZATION_ORIGIN, UTILIZATION_ORIGIN))
    _normals(s, bits, _W, _Z, _Z + 1)
    _normals(s, bits, _W + 2, _Z + 2, _T3)
    _draw(s, bits, path0, t, k0, k1, 1, versions, (SCALE_ORIGIN, UTILIZATION_ORIGIN, MODEL_ORIGIN, MODEL_ORIGIN))
    for i in range(LANES):
        sigma = s[(_PAR + SIGMA) * LANES + i]
        rho = s[(_PAR + AR1) * LANES + i]
        z = s[(_Z + 2) * LANES + i]
        x = rho * s[_X * LANES + i] + s[_F * LANES + i] * z
        x = sigma * z if t == 0 else x
        s[_X * LANES + i] = x
        s[_E * LANES + i] = x - 0.5 * sigma * sigma
        s[_T3 * LANES + i] = 0.0
    _exp(s, bits, _E)
    if t > 0:
        for i in range(LANES):
            u = s[_U * LANES + i]
            g = s[(_PAR + GROWTH) * LANES + i]
            u = u * (1.0 + g) / (1.0 + u * g * s[(_PAR + INVERSE_CEILING) * LANES + i])
            u += s[(_PAR + INNOVATION) * LANES + i] * (s[(_PAR + CEILING) * LANES + i] - u)
            u *= s[(_PAR + STAY) * LANES + i]
            hit = s[_W * LANES + i] < s[(_PAR + VIRAL) * LANES + i]
            u = u * s[(_PAR + VIRAL_TIMES) * LANES + i] if hit else u
            s[_U * LANES + i] = min(u, s[(_PAR + CEILING) * LANES + i])
            s[_D * LANES + i] *= s[(_PAR + DECLINE) * LANES + i]
            moved = s[(_W + 2) * LANES + i] < s[(_PAR + SWITCH) * LANES + i]
            longer, dearer = s[(_PAR + OUTPUT_TIMES) * LANES + i], s[(_PAR + PRICE_TIMES) * LANES + i]
            s[_L * LANES + i] *= longer if moved else 1.0
            s[_P * LANES + i] *= dearer if moved else 1.0
            s[_T3 * LANES + i] = s[(_PAR + MIGRATION) * LANES + i] if moved else 0.0
    for i in range(LANES):
        shock = s[(_W + 1) * LANES + i] < s[(_PAR + SHOCK) * LANES + i]
        use = s[_E * LANES + i] * (s[(_PAR + SHOCK_TIMES) * LANES + i] if shock else 1.0)
        s[_E * LANES + i] = use * (1.0 + s[(_PAR + AMPLITUDE) * LANES + i] * wave)
        s[_G * LANES + i] = s[_D * LANES + i] * s[_P * LANES + i]


@njit(cache=True, error_model="numpy")
def _price(s, listed, t, costs):
    """Expected cost of a request at the list prices and output length of a period (_C)."""
    stepped = t == 0
    for tier in range(costs):
        stepped = stepped or listed[t, tier] != listed[t - 1, tier]
    if stepped:
        for i in range(LANES):
            s[_IN * LANES + i] = 0.0
            s[_OUT * LANES + i] = 0.0
        for tier in range(costs):
            price = listed[t, tier]
            for i in range(LANES):
                s[_IN * LANES + i] += price * s[(_PAR + N_PARAMS + 2 * tier) * LANES + i]
                s[_OUT * LANES + i] += price * s[(_PAR + N_PARAMS + 2 * tier + 1) * LANES + i]
    for i in range(LANES):
        s[_C * LANES + i] = s[_IN * LANES + i] + s[_OUT * LANES + i] * s[_L * LANES + i]


@njit(cache=True, error_model="numpy")
def _may_bind(s):
    """Whether a cap may lower the requests of a period (_N) of some path of a block."""
    found = False
    for i in range(LANES):
        found = found or s[_N * LANES + i] < s[_B * LANES + i]
    return found


@njit(cache=True, error_model="numpy")
def _relative(s, bits, row, spread):
    """What the requests of a period (_N) cost over their expectation, in a row: a lognormal and the period's depth."""
    for i in range(LANES):
        n = max(s[_N * LANES + i], 1e-300)
        s[_T2 * LANES + i] = 1.0 + min(s[(_PAR + spread) * LANES + i] / n, 1e12)
    _log(s, bits, _T2)
    for i in range(LANES):
        v, depth = s[_T2 * LANES + i], s[(_PAR + DEPTH) * LANES + i]
        deep = depth * s[(_Z + 1) * LANES + i] - 0.5 * depth * depth
        s[row * LANES + i] = (np.sqrt(v) * s[_Z * LANES + i] - 0.5 * v) + deep
    _exp(s, bits, row)


@njit(cache=True, error_model="numpy")
def _compound(s, bits):
    """What the requests of a period (_N) cost over their expectation (_H); returns whether a cap may lower it further.

    Then _V is the same without the cap, in the same future. It is worked out only for blocks where it may count.
    """
    _relative(s, bits, _H, SPREAD)
    binds = _may_bind(s)
    if binds:
        _relative(s, bits, _V, LOOSE_SPREAD)
    return binds


@njit(cache=True, error_model="numpy")
def _bill(s, compound, binds):
    """The bill of a period (_T2), but for what is paid once, with the relative cost that stands in `compound`.

    A lognormal of less spread starts higher: under a cap, never more than the same future would cost without it.
    """
    for i in range(LANES):
        s[_T2 * LANES + i] = compound[_H * LANES + i] * s[_C * LANES + i]
    if binds:
        for i in range(LANES):
            loose_in = s[(_PAR + LOOSE_IN) * LANES + i] * s[_IN * LANES + i]
            loose_out = s[(_PAR + LOOSE_OUT) * LANES + i] * s[_OUT * LANES + i]
            loose = compound[_V * LANES + i] * (loose_in + loose_out * s[_L * LANES + i])
            s[_T2 * LANES + i] = min(s[_T2 * LANES + i], loose)
    for i in range(LANES):
        s[_T2 * LANES + i] = s[_T2 * LANES + i] * (s[_N * LANES + i] * s[_G * LANES + i])


@njit(cache=True, error_model="numpy")
def _one_by_one(s, agent, tiers, listed, t, path0, start, micro_below, version, k0, k1):
    """Put what a few requests cost, drawn one by one, in place of the bill (_T2) where there are so few."""
    for i in range(LANES):
        n = s[_N * LANES + i]
        if n < micro_below and s[(_PAR + SPREAD) * LANES + i] > 0.0:
            length, path = s[_L * LANES + i], path0 + np.uint64(i)
            drawn = requests_cost(agent, start + i, tiers, listed[t], length, n, path, t, version, k0, k1)
            depth = s[(_PAR + DEPTH) * LANES + i]
            deep = np.exp(depth * s[(_Z + 1) * LANES + i] - 0.5 * depth * depth)
            s[_T2 * LANES + i] = drawn * s[_G * LANES + i] * deep


@njit(cache=True, error_model="numpy")
def _block(params, agent, tiers, season, listed, month, first, start, k0, k1, versions, micro_below, out):
    """Run the paths of one block through all periods; adds their cost to `out` (n_months, n)."""
    s = np.zeros((_PAR + params.shape[0]) * LANES)
    bits = s.view(np.uint64)
    path0, costs = np.uint64(first + start), (params.shape[0] - N_PARAMS) // 2
    _begin(s, params, start)
    for t in range(len(season)):
        _advance(s, bits, path0, t, season[t], k0, k1, versions)
        _price(s, listed, t, costs)
        for i in range(LANES):
            s[_N * LANES + i] = s[_U * LANES + i] * s[(_PAR + REQUESTS) * LANES + i] * s[_E * LANES + i]
        _bill(s, s, _compound(s, bits))
        _one_by_one(s, agent, tiers, listed, t, path0, start, micro_below, versions[AGENT_ORIGIN], k0, k1)
        for i in range(LANES):
            out[month[t], start + i] += s[_T2 * LANES + i] + s[_T3 * LANES + i]


@njit(cache=True, parallel=True, error_model="numpy")
def simulate(params, agent, tiers, season, listed, month, first, key, versions, micro_below, out):
    """Add the cost of every path and month to `out`.

    Shapes: params (N_PARAMS + 2 tiers, n; or, where no list price moves, their sum as one tier) and agent (N_AGENT +
    PER_TIER tiers, n) with n a multiple of LANES; season (n_periods,) a wave between -1 and 1; listed (n_periods,
    tiers) list prices over those of the first period; month (n_periods,) the row of `out` that a period counts in;
    first, the number of the first path; key (2,) the two words of the seed; versions (4,) 0 or 1, which of two
    independent futures each origin is drawn from; out (n_months, n) zeros. [currency]. Below `micro_below` requests in
    a period they are drawn one by one; else their sum is lognormal with its exact mean and variance. Where a cap cuts
    requests, LOOSE_SPREAD says what they spread without it, LOOSE_IN and LOOSE_OUT how many times dearer their input
    and output are then at least.
    """
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    for block in prange(params.shape[1] // LANES):
        start = block * LANES
        _block(params, agent, tiers, season, listed, month, first, start, k0, k1, versions, micro_below, out)
