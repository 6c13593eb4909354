"""Deciding under change: each commitment against the others, over futures with price cuts, upgrades and growth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.models.provisioned.curve import SAME, Curve
from aiecon.models.provisioned.demand import MOST_UNITS, sold_counts
from aiecon.models.provisioned.inputs import ProvisionedInputs
from aiecon.vocabulary.distribution import base, draw, stream

_FUTURES = 400


@dataclass(frozen=True, eq=False)
class Commitment:
    """What each term is expected to cost over the horizon, and what it costs to have chosen wrongly.

    Attributes
    ----------
    table
        One row a term, and pay-as-you-go: term, commitment_months (−1 for pay-as-you-go), expected_cost, p10, p90,
        expected_regret (against the best of them in each future), best_share (of futures in which it is
        cheapest). [currency/horizon]
    """

    table: pd.DataFrame

    @property
    def best(self) -> str:
        """The term with the smallest expected cost; a tie goes to what commits to less, pay-as-you-go first."""
        costs = self.table["expected_cost"]
        tied = self.table[costs <= costs.min() + SAME * max(abs(costs.min()), 1e-12)]
        return str(tied.loc[tied["commitment_months"].idxmin(), "term"])


def _most(units: float) -> float:
    """Units of the busiest minute in any future; InputError when no table of them could be made."""
    if not units <= MOST_UNITS:
        raise InputError(
            f"outlook: as it grows, its busiest minute needs {units:,.3g} units, more than {MOST_UNITS:,}; lower "
            "outlook.monthly_growth or outlook.horizon_months"
        )
    return units


def commitment(inputs: ProvisionedInputs, found: Curve) -> Commitment | None:
    """Return what each term costs over the outlook's horizon; None without an outlook.

    A term of m months fixes its units for m months at a time, at the cheapest number for what is known when it is
    signed; one of a month or less is adjusted every month. A cut lowers the price of what spills; an upgrade changes
    what a unit serves; growth scales the demand. All terms meet the same futures.
    """
    if inputs.outlook is None or found.demand_tokens <= 0:
        return None
    months = inputs.outlook.horizon_months
    futures = _futures(inputs, months)
    units = sold_counts(inputs, inputs.capacity_unit.sold(_most(found.peak * float(futures[0].max()))))
    names = [*(term.name for term in inputs.terms), "pay as you go"]
    signed = [*(base(term.commitment_months) for term in inputs.terms), -1.0]
    costs = np.zeros((len(names), _FUTURES))
    for future in range(_FUTURES):
        scale, level = (part[future] for part in futures)
        monthly = [_spill(found, units, scale[month], level[month]) for month in range(months)]
        for row, term in enumerate(inputs.terms):
            price, length = base(term.price_per_unit_month), max(int(np.ceil(base(term.commitment_months))), 1)
            for month in range(0, months, length):
                place = int(np.argmin(units * price + monthly[month]))
                last = min(month + length, months)
                costs[row, future] += sum(units[place] * price + monthly[at][place] for at in range(month, last))
        costs[-1, future] = sum(spill[0] for spill in monthly)
    least = costs.min(axis=0)
    low, high = np.quantile(costs, [0.1, 0.9], axis=1)
    return Commitment(
        pd.DataFrame(
            {
                "term": names,
                "commitment_months": signed,
                "expected_cost": costs.mean(axis=1),
                "p10": low,
                "p90": high,
                "expected_regret": (costs - least).mean(axis=1),
                "best_share": (costs <= least + 1e-9 * np.maximum(least, 1e-12)).mean(axis=1),
            }
        )
    )


def _futures(inputs: ProvisionedInputs, months: int) -> tuple[np.ndarray, np.ndarray]:
    """Demand in units of capacity over today's, and price of what spills over today's; shapes (futures, months).

    A cut or an upgrade comes in a month drawn evenly, when the future's own uniform number lies below its probability:
    a higher probability keeps every cut there was and adds some.
    """
    assert inputs.outlook is not None
    outlook = inputs.outlook

    def share(name: str) -> np.ndarray:
        return (stream(f"outlook.{name}", seed=inputs.seed).permutation(_FUTURES) + 0.5) / _FUTURES

    def comes(name: str, probability: float) -> np.ndarray:
        month = np.floor(share(f"{name}_month") * months)
        happens = share(f"{name}_happens") < probability
        return happens[:, None] & (np.arange(months)[None, :] >= np.maximum(month, 1)[:, None])

    def value(name: str) -> np.ndarray:
        return draw(getattr(outlook, name), f"outlook.{name}", draws=_FUTURES, seed=inputs.seed)[:, None]

    grown = (1.0 + value("monthly_growth")) ** np.arange(months)
    capacity = np.where(comes("upgrade", outlook.upgrade_probability), value("upgrade_capacity"), 1.0)
    level = np.where(comes("cut", outlook.price_cut_probability), 1.0 - value("price_cut"), 1.0)
    return grown / capacity, level * grown


def _spill(found: Curve, units: np.ndarray, scale: float, level: float) -> np.ndarray:
    """Cost of what spills at each number of units when demand in units is scaled and its cost is `level` as high."""
    every = np.arange(len(found.every_spill_cost))
    return np.interp(units / scale, every, found.every_spill_cost) * level
