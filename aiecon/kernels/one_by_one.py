"""Requests of an agent drawn one by one, by counter: steps, tokens of each, attempts."""

import numpy as np
from numba import njit

# rows of `agent`, one column a path; then PER_TIER rows for each tier
CONTINUE, CAP, INPUT, ADDED, OUTPUT, OUTPUT_SIGMA, RETRY, STEPS_SIZE = range(8)
N_AGENT = 8
TIER_SHARE, TIER_IN, TIER_OUT, TIER_FROM, TIER_LONG_IN, TIER_LONG_OUT, TIER_BATCH, TIER_DISCOUNT = range(8)
PER_TIER = 8

_LOW32 = np.uint64(0xFFFFFFFF)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_S32 = np.uint64(32)
_UNIT = 2.0**-32
_MICRO_SLOT = 64  # first slot of single requests; below are the slots of a period


@njit(cache=True, error_model="numpy")
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32: four words from a counter of four and a key of two, each below 2^32 in a uint64."""
    for _ in range(10):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (p1 >> _S32) ^ c1 ^ k0, p1 & _LOW32, (p0 >> _S32) ^ c3 ^ k1, p0 & _LOW32
        k0, k1 = (k0 + _W0) & _LOW32, (k1 + _W1) & _LOW32
    return c0, c1, c2, c3


@njit(cache=True, error_model="numpy")
def _steps(q, size, cap, share):
    """Steps that at least the share `share` of requests goes beyond: 1 + a negative binomial, geometric at size 1."""
    if size == 1.0:
        return 1.0 + np.floor(np.log(share) / np.log(q))
    steps, here = 1.0, (1.0 - q) ** size
    beyond = 1.0 - here
    while beyond >= share and steps < cap:
        here *= (steps - 1.0 + size) / steps * q
        beyond -= here
        steps += 1.0
    return steps


@njit(cache=True, error_model="numpy")
def _request_cost(agent, lane, tier, length, path, period, slot, k0, k1):
    """Draw one request of a tier and return its cost before price decline: steps, tokens of each, attempts."""
    at = N_AGENT + PER_TIER * tier
    low, high, when = path & _LOW32, path >> _S32, np.uint64(period) + (np.uint64(tier) << np.uint64(16))
    q, cap = agent[CONTINUE, lane], agent[CAP, lane]
    steps = 1.0
    if q > 0.0:
        depth, _, _, _ = philox(low, high, when, np.uint64(slot), k0, k1)
        steps = _steps(q, agent[STEPS_SIZE, lane], cap, (np.float64(depth) + 0.5) * _UNIT)
    steps = min(steps, cap)
    sigma, retry = agent[OUTPUT_SIGMA, lane], agent[RETRY, lane]
    cost, read = 0.0, agent[INPUT, lane]
    for j in range(int(steps)):
        output = agent[OUTPUT, lane] * length
        attempts = 1.0
        if sigma > 0.0 or retry > 0.0:
            step = np.uint64(slot) + np.uint64(1 + j) * np.uint64(1 << 20)
            a, b, c, _ = philox(low, high, when, step & _LOW32, k0, k1)
            radius = np.sqrt(-2.0 * np.log((np.float64(a) + 0.5) * _UNIT))
            normal = radius * np.cos(6.283185307179586 * (np.float64(b) + 0.5) * _UNIT)
            output *= np.exp(sigma * normal - 0.5 * sigma * sigma)
            if retry > 0.0:
                attempts = 1.0 + np.floor(np.log((np.float64(c) + 0.5) * _UNIT) / np.log(retry))
        is_long = read >= agent[at + TIER_FROM, lane]
        per_input = agent[at + TIER_LONG_IN, lane] if is_long else agent[at + TIER_IN, lane]
        per_output = agent[at + TIER_LONG_OUT, lane] if is_long else agent[at + TIER_OUT, lane]
        cost += attempts * (per_input * read + per_output * output)
        read += agent[ADDED, lane]
    return cost


@njit(cache=True, error_model="numpy")
def requests_cost(agent, lane, tiers, listed, length, count, path, period, version, k0, k1):
    """Cost of a small number of requests drawn one by one.

    Each tier has its share of them, and of each the same share goes in batches; the last of a tier counts for the part
    of it that there is.
    """
    cost = 0.0
    for tier in range(tiers):
        at = N_AGENT + PER_TIER * tier
        there = count * agent[at + TIER_SHARE, lane]
        whole = int(np.floor(there))
        total = 0.0
        for request in range(whole + 1):
            part = 1.0 if request < whole else there - whole
            slot = _MICRO_SLOT + 2 * request + version
            if part > 0.0:
                total += part * _request_cost(agent, lane, tier, length, path, period, slot, k0, k1)
        cost += total * listed[tier] * (1.0 - agent[at + TIER_BATCH, lane] * agent[at + TIER_DISCOUNT, lane])
    return cost
