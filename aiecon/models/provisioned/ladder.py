"""Layers of terms: how many units on which, and the rest at pay-as-you-go."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aiecon.errors import InputError
from aiecon.models.provisioned.inputs import Term
from aiecon.vocabulary.capacity import rounded_up
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.strict import quoted

_SAME = 1e-12


@dataclass(frozen=True)
class TermLadder:
    """Units on each term, and what all costs a month, spill included.

    Attributes
    ----------
    layers
        Term -> units; the first carries the base load.
    cost_per_month
        Units at their prices plus what spills. [currency/month]
    """

    layers: dict[str, int]
    cost_per_month: float


def term_ladder(
    demand_units: Sequence[float] | np.ndarray,
    *,
    payg_per_unit_month: float,
    terms: Sequence[Term | dict[str, Any]],
    increment: int = 1,
    minimum: int = 0,
) -> TermLadder:
    """Return the cheapest stack of units over terms; what is above it is paid as it goes.

    Parameters
    ----------
    demand_units
        Demand of each minute in units of capacity, shape (n_minutes,). [units]
    payg_per_unit_month
        Pay-as-you-go cost of a unit used all month. [currency/unit/month]
    terms
        {name, price_per_unit_month, commitment_months} each.
    increment
        Units are added in steps of this. [units]
    minimum
        Fewer units than this are not sold. [units]

    Notes
    -----
    The k-th step of units serves the demand between (k − 1) and k steps, less of it the higher it lies; it is bought
    while that costs more at pay-as-you-go than the step does. Every unit can be on any term, so each goes to the
    cheapest; of equal prices to the one that commits to fewer months, and what only breaks even is not bought.

    Examples
    --------
    >>> found = term_ladder([2, 4, 4], payg_per_unit_month=100.0,
    ...                     terms=[{"name": "month", "price_per_unit_month": 60.0, "commitment_months": 1}])
    >>> found.layers, round(found.cost_per_month, 2)
    ({'month': 4}, 240.0)
    """
    rows = [term if isinstance(term, Term) else Term.build(term) for term in terms]
    demand = np.asarray(demand_units, dtype=float)
    problems = [] if rows else ["terms: at least one is needed"]
    names = [term.name for term in rows]
    problems += [f"terms.{quoted(name)}: the name stands twice" for name in sorted(set(names)) if names.count(name) > 1]
    if demand.ndim != 1 or not len(demand) or not np.all(np.isfinite(demand)) or demand.min(initial=0) < 0:
        problems.append("demand_units: a list of numbers of zero or more is needed, one a minute")
    if not (np.isfinite(payg_per_unit_month) and payg_per_unit_month >= 0):
        problems.append(f"payg_per_unit_month must be zero or more, got {payg_per_unit_month!r}")
    if isinstance(increment, bool) or int(increment) != increment or increment < 1:
        problems.append(f"increment must be a whole number of 1 or more, got {increment!r}")
    if isinstance(minimum, bool) or int(minimum) != minimum or minimum < 0:
        problems.append(f"minimum must be a whole number of 0 or more, got {minimum!r}")
    if problems:
        raise InputError(problems)
    best = min(rows, key=lambda term: (base(term.price_per_unit_month), base(term.commitment_months)))
    price = base(best.price_per_unit_month)
    steps = rounded_up(demand.max() / increment)

    def breaks_even(step: int) -> bool:
        worth = float(np.clip(demand - step * increment, 0.0, increment).mean()) * payg_per_unit_month
        return worth <= price * increment + _SAME * max(worth, 1.0)

    def cost(units: int) -> float:
        return units * price + float(np.maximum(demand - units, 0.0).mean()) * payg_per_unit_month

    bought = increment * bisect_left(range(steps), True, key=breaks_even)
    fewest = max(minimum, increment)
    costs = {units: cost(units) for units in sorted({0, fewest, bought}) if units == 0 or units >= fewest}
    least = min(costs.values())
    bought = next(units for units, found in costs.items() if found <= least + _SAME * max(least, 1.0))
    return TermLadder(dict.fromkeys((term.name for term in rows), 0) | {best.name: bought}, costs[bought])
