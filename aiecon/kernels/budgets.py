"""Budget rules on many futures: what each policy overspends, strands, escalates and moves."""

import numpy as np
from numba import njit, prange

OVERSPEND, STRANDED, ESCALATIONS, REVISIONS = range(4)
_MOVED = 1e-9  # of a budget of size 1: what counts as a move


@njit(cache=True, parallel=True, error_model="numpy")
def policy_grid(spend, driver, growth, headroom, base, target, floor, ceiling, every, over, sums):
    """Follow every policy along every future and add up what it comes to.

    Shapes: spend and driver (n_paths, n_months, n_teams), each month's budget knows the driver of the month before;
    growth and headroom (n_policies,) growth cap and headroom of each policy; base, target, floor, ceiling, every and
    over (n_teams,): the first month's budget, cost of a unit of the driver, least and largest budget, months between
    reviews, share over budget above which a month escalates; sums (n_paths, n_policies, 4) zeros, filled with
    overspend, stranded, escalations, revisions. [currency/month]
    """
    paths, months, teams = spend.shape
    for path in prange(paths):
        budget, wanted = np.empty(teams), np.empty(teams)
        for policy in range(len(growth)):
            cap, room = 1.0 + growth[policy], 1.0 + headroom[policy]
            overspend, stranded, escalated, moved = 0.0, 0.0, 0.0, 0.0
            for team in range(teams):
                budget[team] = base[team]
            for month in range(months):
                if month > 0:
                    for team in range(teams):
                        asked = min(budget[team] * cap, driver[path, month - 1, team] * target[team] * room)
                        is_review = month % every[team] == 0
                        asked = asked if is_review else budget[team]
                        wanted[team] = min(ceiling[team], max(floor[team], asked))
                    for team in range(teams):
                        moved += 1.0 if abs(wanted[team] - budget[team]) > _MOVED else 0.0
                        budget[team] = wanted[team]
                for team in range(teams):
                    gap = spend[path, month, team] - budget[team]
                    overspend += max(gap, 0.0)
                    stranded += max(-gap, 0.0)
                    escalated += 1.0 if gap > over[team] * budget[team] + _MOVED else 0.0
            sums[path, policy, OVERSPEND] = overspend
            sums[path, policy, STRANDED] = stranded
            sums[path, policy, ESCALATIONS] = escalated
            sums[path, policy, REVISIONS] = moved
