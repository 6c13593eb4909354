"""A commitment held against what was used: what it costs, what lies idle, and what would have been right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aiecon.errors import InputError
from aiecon.models.provisioned.curve import SAME, Curve
from aiecon.models.provisioned.inputs import Contract, ProvisionedInputs
from aiecon.models.provisioned.ladder import demand_problems, term_ladder
from aiecon.models.provisioned.pool import Pool, pool
from aiecon.units import HOURS_PER_MONTH, MINUTES_PER_MONTH
from aiecon.vocabulary.arguments import as_numbers, number_problems, whole_problems
from aiecon.vocabulary.distribution import base


@dataclass(frozen=True)
class Rightsizing:
    """Committed units against the cheapest number of them.

    Attributes
    ----------
    committed_units, right_units
        Bought, and cheapest.
    cost_per_month, right_cost_per_month
        Of both, what spills included. [currency/month]
    idle_cost_per_month
        Of committed units that no demand used. [currency/month]
    utilization
        Of the committed units; None without any.
    """

    committed_units: int
    right_units: int
    cost_per_month: float
    right_cost_per_month: float
    idle_cost_per_month: float
    utilization: float | None

    @property
    def savings_per_month(self) -> float:
        """What the right number saves. [currency/month]"""
        return self.cost_per_month - self.right_cost_per_month

    @property
    def is_better(self) -> bool:
        """Whether another number of units costs less."""
        return self.right_units != self.committed_units and self.savings_per_month > SAME * max(
            self.cost_per_month, 1.0
        )


def rightsize(
    demand_units: Sequence[float] | np.ndarray,
    *,
    committed_units: int,
    price_per_unit_month: float,
    payg_per_unit_month: float,
    increment: int = 1,
    minimum: int = 0,
) -> Rightsizing:
    """Return what a commitment cost against the demand there was, and what would have been cheapest.

    Parameters
    ----------
    demand_units
        Demand of each minute in units of capacity, shape (n_minutes,). [units]
    committed_units
        Units under contract.
    price_per_unit_month, payg_per_unit_month
        Of a committed unit, and pay-as-you-go cost of a unit used all month. [currency/unit/month]
    increment, minimum
        In which units are sold.

    Examples
    --------
    >>> found = rightsize([1, 1, 1, 5], committed_units=5, price_per_unit_month=60.0, payg_per_unit_month=100.0)
    >>> found.right_units, found.savings_per_month, found.idle_cost_per_month
    (1, 140.0, 180.0)
    """
    demand = as_numbers(demand_units)
    problems = [
        *whole_problems("committed_units", committed_units, least=0),
        *number_problems(price_per_unit_month=price_per_unit_month),
        *demand_problems(demand),
    ]
    if demand is None or problems:
        raise InputError(problems)
    term = {"name": "contract", "price_per_unit_month": float(price_per_unit_month), "commitment_months": 12}
    best = term_ladder(
        demand, payg_per_unit_month=payg_per_unit_month, terms=[term], increment=increment, minimum=minimum
    )
    served = float(np.minimum(demand, committed_units).mean())
    spill = float(np.maximum(demand - committed_units, 0.0).mean()) * payg_per_unit_month
    return Rightsizing(
        committed_units=committed_units,
        right_units=best.layers["contract"],
        cost_per_month=committed_units * price_per_unit_month + spill,
        right_cost_per_month=best.cost_per_month,
        idle_cost_per_month=(committed_units - served) * price_per_unit_month,
        utilization=served / committed_units if committed_units else None,
    )


def rightsized(inputs: ProvisionedInputs, found: Curve) -> Rightsizing | None:
    """Return the contract of a question held against its demand, at the price of each minute; None without one."""
    contract = inputs.held
    if contract is None:
        return None
    price, at = base(contract.price_per_unit_month), min(contract.units, found.peak)
    place = found.best(price)
    served = (found.demand_tokens - float(found.every_spill_tokens[at])) / (inputs.unit_tokens * MINUTES_PER_MONTH)
    return Rightsizing(
        committed_units=contract.units,
        right_units=int(found.units[place]),
        cost_per_month=contract.units * price + float(found.every_spill_cost[at]),
        right_cost_per_month=float(found.cost(price)[place]),
        idle_cost_per_month=(contract.units - served) * price,
        utilization=served / contract.units if contract.units else None,
    )


def shared(inputs: ProvisionedInputs) -> Pool | None:
    """Return a month of the contract's units shared by its deployments; None unless both are given.

    What was seen of deployments over time stands for the month, each stretch in proportion to its length.
    """
    contract, hourly = inputs.held, inputs.hourly_price
    if contract is None or not contract.is_shared or hourly is None:
        return None
    units, minutes = deployed(contract)
    return pool(
        units,
        reserved_units=contract.units,
        reserved_price_per_unit_hour=base(contract.price_per_unit_month) / HOURS_PER_MONTH,
        hourly_price_per_unit=hourly,
        minutes=minutes * MINUTES_PER_MONTH / minutes.sum(),
    )


def deployed(contract: Contract) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Units of each deployment in each stretch of time, and the stretches' minutes; all shapes (n_stretches,)."""
    if contract.deployed is not None:
        frame = contract.deployed.table.frame
        minutes, *units = frame.to_numpy().T  # by place: a deployment may be called minutes
        return dict(zip(map(str, frame.columns[1:]), units, strict=True)), minutes
    return {one.name: np.array([one.units]) for one in contract.deployments}, np.array([MINUTES_PER_MONTH])
