"""Cost, spill and utilisation of every number of units under every term, and the cheapest of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.models.provisioned.demand import Minutes, peak_units, sold_counts
from aiecon.models.provisioned.inputs import ProvisionedInputs, Term
from aiecon.units import MINUTES_PER_MONTH, TOKENS_PER_MTOK
from aiecon.vocabulary.distribution import base

SAME = 1e-9
"""Relative difference of costs that counts as a tie."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Every number of units that is sold, up to the peak.

    Attributes
    ----------
    units
        Numbers of units, shape (n,).
    spill_tokens, spill_cost
        Of a month: normalised tokens beyond the units, and what they cost. Shapes (n,)
    demand_tokens
        Of a month.
    peak
        Peak-sized units.
    every_spill_tokens, every_spill_cost
        `spill_tokens` and `spill_cost` of every number from none to the peak, sold or not. Shapes (peak + 1,)
    """

    units: np.ndarray
    spill_tokens: np.ndarray
    spill_cost: np.ndarray
    demand_tokens: float
    peak: int
    every_spill_tokens: np.ndarray
    every_spill_cost: np.ndarray

    def cost(self, price: float) -> np.ndarray:
        """Units at a price and what spills. [currency/month], shape (n,)"""
        return self.units * price + self.spill_cost

    def best(self, price: float) -> int:
        """Place of the cheapest number of units; of equal ones the fewest."""
        return cheapest(self.cost(price))


def cheapest(costs: np.ndarray) -> int:
    """Place of the lowest cost; the first of those that tie."""
    lowest = float(costs.min())
    return int(np.flatnonzero(costs <= lowest + SAME * max(abs(lowest), 1e-12))[0])


def curve(inputs: ProvisionedInputs, minutes: Minutes) -> Curve:
    """Return what every number of units costs over a month of such minutes."""
    peak = peak_units(inputs, minutes.peak)
    tokens, cost = (part * MINUTES_PER_MONTH for part in minutes.spill(inputs.unit_tokens, peak))
    cost = with_refusals(inputs, tokens, cost)
    units = sold_counts(inputs, peak)
    return Curve(
        units=units,
        spill_tokens=tokens[units],
        spill_cost=cost[units],
        demand_tokens=minutes.mean * MINUTES_PER_MONTH,
        peak=peak,
        every_spill_tokens=tokens,
        every_spill_cost=cost,
    )


def with_refusals(inputs: ProvisionedInputs, tokens: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Cost of spill of which a part is refused: the rest is paid, the refused costs what it costs the business."""
    refused, worth = base(inputs.refused_share), base(inputs.refusal_cost_per_mtok)
    return (1.0 - refused) * cost + refused * tokens / TOKENS_PER_MTOK * worth


def best_term(inputs: ProvisionedInputs, found: Curve) -> tuple[Term | None, int]:
    """The term whose own optimum is cheapest and its place; None and 0 when no unit is worth buying.

    A tie goes to what commits to less: fewer unit-months, then fewer units.
    """
    options = []
    for term in inputs.terms:
        price = base(term.price_per_unit_month)
        place = found.best(price)
        options.append((float(found.cost(price)[place]), term, place))
    lowest = min(cost for cost, *_ in options)
    tied = [option for option in options if option[0] <= lowest + SAME * max(abs(lowest), 1e-12)]
    _, term, place = min(
        tied, key=lambda one: (found.units[one[2]] * base(one[1].commitment_months), found.units[one[2]])
    )
    return (term, place) if found.units[place] else (None, 0)


def cheapest_term(inputs: ProvisionedInputs) -> Term:
    """The term cheapest per unit-month; of equal ones that which commits to less."""
    return min(inputs.terms, key=lambda term: (base(term.price_per_unit_month), base(term.commitment_months)))


def table(inputs: ProvisionedInputs, found: Curve) -> pd.DataFrame:
    """One row a term and number of units, with what it costs, spills and uses.

    Columns: term, units, units_cost, spill_cost, cost_per_month [currency/month], spill_share, utilization (None at no
    units), is_optimum (of the term), is_peak.
    """
    served = found.demand_tokens - found.spill_tokens
    bought = found.units * inputs.unit_tokens * MINUTES_PER_MONTH
    parts = []
    for term in inputs.terms:
        price = base(term.price_per_unit_month)
        best = found.best(price)
        parts.append(
            pd.DataFrame(
                {
                    "term": term.name,
                    "units": found.units,
                    "units_cost": found.units * price,
                    "spill_cost": found.spill_cost,
                    "cost_per_month": found.cost(price),
                    "spill_share": found.spill_tokens / found.demand_tokens if found.demand_tokens > 0 else np.nan,
                    "utilization": np.divide(served, bought, out=np.full(len(bought), np.nan), where=bought > 0),
                    "is_optimum": np.arange(len(found.units)) == best,
                    "is_peak": found.units == found.peak,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
