"""What a path costs in all sixteen mixtures of two futures: each origin from the first or from the second.

Both futures of a period are drawn once; the sixteen bills are formed from users and use of either, and from what a
request costs in the four pairs of model and agent. It is made of the steps of `simulation` and gives what sixteen runs
of it give. numba does not see when an imported file changes: clear its cache (`__pycache__`) after a change there.
"""

import numpy as np
from numba import njit, prange

from aiecon.kernels.simulation import (
    _E,
    _G,
    _L,
    _N,
    _PAR,
    _T2,
    _T3,
    _U,
    _Z,
    LANES,
    N_PARAMS,
    REQUESTS,
    _advance,
    _begin,
    _bill,
    _compound,
    _one_by_one,
    _price,
)

SETS = 16
_ALONE = 3  # from the pair of first model and first agent to that of both second, where a whole future is kept


@njit(cache=True, error_model="numpy")
def _pair(s, model, agent, listed, t, costs):
    """Take a period's price level, output length and switch from one future and the agent's normals from another."""
    for i in range(LANES):
        s[_L * LANES + i] = model[_L * LANES + i]
        s[_G * LANES + i] = model[_G * LANES + i]
        s[_T3 * LANES + i] = model[_T3 * LANES + i]
        s[_Z * LANES + i] = agent[_Z * LANES + i]
        s[(_Z + 1) * LANES + i] = agent[(_Z + 1) * LANES + i]
    _price(s, listed, t, costs)


@njit(cache=True, error_model="numpy")
def _requests(s, scale, use):
    """Requests of the period with the users of one future and the use of another."""
    for i in range(LANES):
        per_user = use[(_PAR + REQUESTS) * LANES + i]
        s[_N * LANES + i] = scale[_U * LANES + i] * per_user * use[_E * LANES + i]


@njit(cache=True, error_model="numpy")
def _add(s, sums):
    """Count a period's bill and what is paid once."""
    for i in range(LANES):
        sums[i] += s[_T2 * LANES + i] + s[_T3 * LANES + i]


@njit(cache=True, error_model="numpy")
def _block(params, agent, tiers, season, listed, first, start, k0, k1, futures, apart, micro_below, out):
    """Run the paths of one block through all periods, both futures of each."""
    s = np.zeros((4, (_PAR + params.shape[1]) * LANES))
    bits, sums = s.view(np.uint64), np.zeros((SETS, LANES))
    binds = np.zeros(4, dtype=np.bool_)
    path0, costs = np.uint64(first + start), (params.shape[1] - N_PARAMS) // 2
    for pair in range(4):
        _begin(s[pair], params[pair], start)
    for t in range(len(season)):
        for future in range(2):
            there = _ALONE * future
            _advance(s[there], bits[there], path0, t, season[t], k0, k1, np.array([future] * 4))
        for model in range(futures[2]):
            for writer in range(futures[3]):
                _pair(s[2 * model + writer], s[_ALONE * model], s[_ALONE * writer], listed, t, costs)
        for scale in range(futures[0]):
            for use in range(futures[1]):
                for model in range(futures[2]):
                    for writer in range(futures[3]):
                        pair = 2 * model + writer
                        _requests(s[pair], s[_ALONE * scale], s[_ALONE * use])
                        if apart or model == 0:
                            binds[pair] = _compound(s[pair], bits[pair])
                        source = pair if apart else writer
                        _bill(s[pair], s[source], binds[source])
                        _one_by_one(
                            s[pair], agent[pair], tiers, listed, t, path0, start, micro_below, writer, k0, k1
                        )  # fmt: skip
                        _add(s[pair], sums[8 * scale + 4 * use + pair])
    for i in range(LANES):
        for each in range(SETS):
            out[each, start + i] = sums[each, i]


@njit(cache=True, parallel=True, error_model="numpy")
def mixtures(params, agent, tiers, season, listed, first, key, futures, apart, micro_below, out):
    """Fill `out` with the cost of every path over the horizon, in every mixture of the two futures.

    Shapes: params (4, N_PARAMS + 2 tiers, n) and agent (4, N_AGENT + PER_TIER tiers, n), both as in `simulate`, for
    first model with first agent, first with second, second with first, and all of the second future (of the first pair
    everything is from the first); futures (4,) how many of each origin there are to mix, 1 or 2; apart, whether what
    requests spread depends on the future of the model; out (SETS, n), row 8 scale + 4 utilization + 2 model + agent
    with 1 for the second future of each. [currency]. All else is as in `simulate`.
    """
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    for block in prange(params.shape[2] // LANES):
        start = block * LANES
        _block(params, agent, tiers, season, listed, first, start, k0, k1, futures, apart, micro_below, out)
