"""Sixteen mixtures of two futures in one pass against sixteen runs of the simulation."""

from itertools import product

import numpy as np
import pytest
from kernels.test_simulation import KEY, setting, simulated

from aiecon.kernels import one_by_one
from aiecon.kernels import simulation as kernel
from aiecon.kernels.attribution import SETS, mixtures
from aiecon.kernels.requests import request_moments

TIERS = 3
ROWS = {
    0: range(kernel.USERS, kernel.VIRAL_TIMES + 1),
    1: range(kernel.REQUESTS, kernel.SHOCK_TIMES + 1),
    2: range(kernel.DECLINE, kernel.MIGRATION + 1),
    3: [kernel.DEPTH],
}


def mixed(first, second, versions):
    """Parameters of which each origin's are those of the first or of the second."""
    params, agent = first[0].copy(), first[1].copy()
    for origin, rows in ROWS.items():
        if versions[origin]:
            params[rows] = second[0][rows]
    if versions[3]:
        agent[: one_by_one.N_AGENT] = second[1][: one_by_one.N_AGENT]
    if versions[2]:
        agent[one_by_one.N_AGENT :] = second[1][one_by_one.N_AGENT :]
    request_moments(agent, TIERS, params[kernel.N_PARAMS :], params[kernel.SPREAD])
    return params, agent


@pytest.mark.parametrize("micro_below", [0.0, 20.0, 1e9])
@pytest.mark.parametrize("futures", [(2, 2, 2, 2), (1, 2, 2, 1), (2, 1, 1, 2)])
@pytest.mark.parametrize("apart", [True, False])
def test_one_pass_is_sixteen_runs(micro_below, futures, apart):
    requests = (0.02, 0.3) if micro_below > 1e6 else (0.02, 3.0)
    first, second = (setting(seed, n=256, tiers=TIERS, months=4, requests=requests) for seed in (1, 2))
    if not apart:
        second[1][one_by_one.N_AGENT :] = first[1][one_by_one.N_AGENT :]
    _, _, _, season, listed, month = first
    pairs = [mixed(first, second, versions) for versions in [(0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0), (1, 1, 1, 1)]]
    params, agent = (np.array(rows) for rows in zip(*pairs, strict=True))
    out, futures = np.zeros((SETS, 256)), np.array(futures)
    mixtures(params, agent, TIERS, season, listed, 5, KEY, futures, apart, micro_below, out)
    for row, versions in enumerate(product([0, 1], repeat=4)):
        if np.any(np.array(versions) >= futures):
            assert not np.any(out[row])
            continue
        given = *mixed(first, second, versions), TIERS, season, listed, month
        expected = simulated(given, first=5, versions=np.array(versions), micro_below=micro_below).sum(axis=0)
        np.testing.assert_allclose(out[row], expected, rtol=1e-12)
