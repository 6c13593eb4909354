"""Every number of capacity units over a year of minutes in one pass, and requests against a leaky bucket."""

import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def fill_buckets(demand, value, unit, counts, sums, values, ratios):
    """Count minutes by the number of whole units their demand fills.

    Shapes: demand (n,) normalised tokens of a minute, value (n,) what they cost at pay-as-you-go; counts, sums, values
    and ratios (n_units + 1,) grow by 1, demand, value and value ÷ demand of each minute; the last holds all beyond.
    """
    last = len(counts) - 1
    inverse = 1.0 / unit
    for i in range(len(demand)):
        d = demand[i]
        if d > 0.0:
            k = min(int(d * inverse), last)
            counts[k] += 1.0
            sums[k] += d
            values[k] += value[i]
            ratios[k] += value[i] / d
        else:  # cached input may cost money and burn no capacity: it is paid where no unit is bought
            values[0] += value[i]


@njit(cache=True, error_model="numpy")
def spilled(counts, sums, values, ratios, unit, tokens, cost):
    """Tokens beyond each number of units, and their cost; tokens and cost (n_units + 1,) are filled in.

    Minutes whose demand fills u units or more spill what is beyond u × unit: the sums of their buckets minus the
    capacity as often as there are such minutes.
    """
    minutes, demand, value, ratio = 0.0, 0.0, 0.0, 0.0
    for u in range(len(counts) - 1, -1, -1):
        minutes += counts[u]
        demand += sums[u]
        value += values[u]
        ratio += ratios[u]
        tokens[u] = max(demand - u * unit * minutes, 0.0)
        cost[u] = max(value - u * unit * ratio, 0.0)


@njit(cache=True, error_model="numpy")
def spilled_by_day(demand, value, starts, unit, tokens, cost):
    """What `spilled` says of each stretch of minutes between two starts; tokens and cost (n_days, n_units + 1).

    Shapes: demand and value (n,); starts (n_days + 1,), the last being n.
    """
    tables = np.empty((4, tokens.shape[1]))
    for day in range(len(starts) - 1):
        tables[:] = 0.0
        first, last = starts[day], starts[day + 1]
        fill_buckets(demand[first:last], value[first:last], unit, tables[0], tables[1], tables[2], tables[3])
        spilled(tables[0], tables[1], tables[2], tables[3], unit, tokens[day], cost[day])


@njit(cache=True, error_model="numpy")
def cheapest_of_days(drawn, steps, step_costs, monthly, best):
    """Place of the cheapest number of units when days are drawn anew; best (n_resamples,) is filled in.

    Shapes: drawn (n_resamples, n_days), how often each day counts; steps (n_places - 1, n_days), what the next number
    of units changes in the cost of a day's spill; step_costs (n_places - 1,), what it costs itself; monthly
    (n_resamples,) months over minutes drawn. Cost is convex in units, so the place is found by halving.
    """
    for i in range(len(best)):
        low, high = 0, len(steps)
        while low < high:
            middle = (low + high) // 2
            slope = 0.0
            for day in range(drawn.shape[1]):
                slope += drawn[i, day] * steps[middle, day]
            if slope * monthly[i] + step_costs[middle] < 0.0:
                low = middle + 1
            else:
                high = middle
        best[i] = low


@njit(cache=True, error_model="numpy")
def leaky_bucket(arrival, estimate, actual, completion, by_completion, capacity, drain, admitted, retry_after, levels):
    """Admit requests while the level before them does not exceed the capacity; returns the level at the end.

    Shapes: arrival (n,) in order of time [s]; estimate and actual (n,) normalised tokens; completion (n,) [s];
    by_completion (n,) places in order of completion; admitted (n,) bool, retry_after (n,) [s] and levels (n,) are
    filled in. The level falls by `drain` tokens a second, never below 0; a request adds its estimate on arrival and is
    corrected to what it used at completion, which comes before arrivals of the same instant.
    """
    count = len(arrival)
    if count == 0:
        return 0.0
    level, now, done = 0.0, arrival[0], 0
    j = by_completion[0]
    end = completion[j]
    for i in range(count):
        at = arrival[i]
        while end <= at and j < i:  # one that ends the instant it arrives waits for the next arrival
            if admitted[j]:
                level = max(level - drain * (end - now), 0.0)
                level = max(level + actual[j] - estimate[j], 0.0)
                now = end
            done += 1
            j = by_completion[done] if done < count else 0
            end = completion[j] if done < count else np.inf
        level = max(level - drain * (at - now), 0.0)
        now = at
        levels[i] = level
        if level > capacity:
            admitted[i] = False
            retry_after[i] = (level - capacity) / drain
        else:
            admitted[i] = True
            retry_after[i] = 0.0
            level += estimate[i]
    return level
