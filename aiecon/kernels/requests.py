"""What a request of an agent costs: mean and variance in closed form, over steps, tokens and attempts."""

import numpy as np
from numba import njit, prange

from aiecon.kernels.one_by_one import (
    ADDED,
    CAP,
    CONTINUE,
    INPUT,
    N_AGENT,
    OUTPUT,
    OUTPUT_SIGMA,
    PER_TIER,
    RETRY,
    STEPS_SIZE,
    TIER_BATCH,
    TIER_DISCOUNT,
    TIER_FROM,
    TIER_IN,
    TIER_LONG_IN,
    TIER_LONG_OUT,
    TIER_OUT,
    TIER_SHARE,
)

_TAIL = 1e-17  # weight of steps that count no more
_ROUNDING = 1e-13  # the same where the weight is what is left of 1


@njit(cache=True, parallel=True, error_model="numpy")
def request_moments(agent, tiers, cost, spread):
    """Expected cost of a request for each tier, for input and for output, and its squared coefficient of variation.

    Shapes: agent (N_AGENT + PER_TIER tiers, n); cost (2 tiers, n) and spread (n,) are filled in. cost has the tier's
    share in it: its columns add up to the expected cost of a request. [currency/request]

    Steps are 1 + a negative binomial of a size (1: geometric) cut at the cap. With r_j the chance that step j + 1 is
    reached (geometric: q^j), E[cost] is the sum of r_j d_j over the costs d_j of the steps, and E[cost^2] that of
    r_j d_j (2 (d_0 + ... + d_(j-1)) + d_j), to which the variance of each step's output and attempts is added. Shares
    of tiers and batches are shares, not chances: the variance of many requests is the sum of those inside the tiers.
    """
    for lane in prange(agent.shape[1]):
        q, cap, size = agent[CONTINUE, lane], agent[CAP, lane], agent[STEPS_SIZE, lane]
        attempts = 1.0 / (1.0 - agent[RETRY, lane])
        repeat = agent[RETRY, lane] * attempts * attempts
        varied = np.exp(agent[OUTPUT_SIGMA, lane] ** 2) - 1.0
        mean, variance = 0.0, 0.0
        for tier in range(tiers):
            at = N_AGENT + PER_TIER * tier
            part = agent[at + TIER_SHARE, lane]
            once = 1.0 - agent[at + TIER_BATCH, lane] * agent[at + TIER_DISCOUNT, lane]
            weight, read, total, second = 1.0, agent[INPUT, lane], 0.0, 0.0
            reads, writes, whole, noise, j = 0.0, 0.0, 0.0, 0.0, 0.0
            here, least = (1.0 - q) ** size, _TAIL if size == 1.0 else _ROUNDING
            while weight > least and j < cap:
                is_long = read >= agent[at + TIER_FROM, lane]
                per_input = agent[at + TIER_LONG_IN, lane] if is_long else agent[at + TIER_IN, lane]
                per_output = agent[at + TIER_LONG_OUT, lane] if is_long else agent[at + TIER_OUT, lane]
                x, y = per_input * read, per_output * agent[OUTPUT, lane]
                step = attempts * (x + y)
                noise += weight * ((attempts * attempts + repeat) * varied * y * y + repeat * (x + y) ** 2)
                reads += weight * attempts * x
                writes += weight * attempts * y
                whole += weight * step
                second += weight * step * (2.0 * total + step)
                total += step
                read += agent[ADDED, lane]
                j += 1.0
                if size == 1.0:
                    weight *= q
                else:
                    weight -= here
                    here *= (j - 1.0 + size) / j * q
            cost[2 * tier, lane] = part * once * reads
            cost[2 * tier + 1, lane] = part * once * writes
            mean += part * once * (reads + writes)
            variance += part * once * once * (noise + max(second - whole * whole, 0.0))
        spread[lane] = variance / (mean * mean) if mean > 0.0 else 0.0
