"""Budget rules on many futures: what each policy overspends, strands, escalates, moves and refuses."""

import numpy as np
from numba import njit, prange

from aiecon.units import EXACTLY

OVERSPEND, STRANDED, ESCALATIONS, REVISIONS, VALUE_REFUSED = range(5)
LEAST_SPEND = 1e-12
"""Of the value it brings: less is no spend, and its value none of a unit's."""
_MOVED = 1e-9  # of a budget of size 1: what counts as a move


@njit(cache=True, parallel=True, error_model="numpy")
def policy_grid(spend, driver, value, growth, headroom, base, target, floor, ceiling, every, over, sums):
    """Follow every policy along every future and add up what it comes to.

    Shapes: spend, driver and value (n_paths, n_months, n_teams), each month's budget knows the driver of the month
    before, value is what the spend brings or NaN where it is not known; growth and headroom (n_policies,) growth cap
    and headroom of each policy; base, target, floor, ceiling, every and over (n_teams,): the first month's budget, cost
    of a unit of the driver, least and largest budget, months between reviews, share over budget above which a month
    escalates; sums (n_blocks, 5, n_policies) zeros, filled with overspend, stranded, escalations, revisions, value
    refused, summed over the block's share of paths. [currency/month] A driver of 0 moves no budget: a unit's cost is
    undefined there.

    Policies are innermost: they differ in two numbers alone, so one instruction serves several of them, and no sum
    waits for the one before it.
    """
    paths, months, teams = spend.shape
    blocks, cap, room = len(sums), 1.0 + growth, 1.0 + headroom
    for block in prange(blocks):
        for path in range(block * paths // blocks, (block + 1) * paths // blocks):
            for team in range(teams):
                budget = np.full(len(growth), base[team])
                least, most = floor[team], ceiling[team]
                for month in range(months):
                    if month == 1 or (month > 1 and month % every[team] == 0):
                        needed = driver[path, month - 1, team] * target[team]
                        held = month % every[team] > 0 or driver[path, month - 1, team] == 0.0
                        _move(budget, cap, room, needed, least, most, held, sums[block])
                    cost, brought = spend[path, month, team], value[path, month, team]
                    unit = brought / cost if cost > LEAST_SPEND * abs(brought) else 0.0
                    _count(budget, cost, unit, over[team], sums[block])


@njit(cache=True, error_model="numpy")
def _move(budget, cap, room, needed, least, most, held, sums):
    """Set every policy's budget anew, (n_policies,), and count those that moved; held within its limits alone."""
    moved = sums[REVISIONS]
    for policy in range(len(budget)):
        before = budget[policy]
        asked = before if held else min(before * cap[policy], needed * room[policy])
        after = min(most, max(least, asked))
        moved[policy] += 1.0 if abs(after - before) > _MOVED else 0.0
        budget[policy] = after


@njit(cache=True, error_model="numpy")
def _count(budget, cost, unit, over, sums):
    """Add what a month's cost, of so much value a unit, comes to against every policy's budget, (n_policies,)."""
    limit = (1.0 + over) * EXACTLY
    overspend, stranded, escalated, refused = sums[OVERSPEND], sums[STRANDED], sums[ESCALATIONS], sums[VALUE_REFUSED]
    for policy in range(len(budget)):
        gap = cost - budget[policy]
        above = max(gap, 0.0)
        overspend[policy] += above
        stranded[policy] += above - gap
        escalated[policy] += 1.0 if cost > budget[policy] * limit else 0.0
        refused[policy] += above * unit
