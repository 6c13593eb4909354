"""A reservation shared by deployments and teams: what is billed beyond it, whose it is, and what nobody used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.vocabulary.arguments import as_numbers, number_problems

_MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True, eq=False)
class Pool:
    """What a shared reservation costs.

    Attributes
    ----------
    reserved_cost
        Of the reservation over the hours. [currency]
    hourly_units
        Units deployed beyond it, in each hour. Shape (n_hours,)
    hourly_cost
        Of those, at the hourly price. [currency]
    unused_cost
        Part of the reservation's cost that no deployment used. [currency]
    by_team
        Team -> cost: its part of the reservation by units deployed, and of what is beyond it. [currency]
    """

    reserved_cost: float
    hourly_units: np.ndarray
    hourly_cost: float
    unused_cost: float
    by_team: dict[str, float]

    @property
    def cost(self) -> float:
        """Reservation and excess. [currency]"""
        return self.reserved_cost + self.hourly_cost

    def to_frame(self) -> pd.DataFrame:
        """One row a team, and what nobody used: name, cost. [currency]"""
        rows = [*self.by_team.items(), ("(unused)", self.unused_cost)]
        return pd.DataFrame(rows, columns=["name", "cost"])


def pool(
    deployed: Mapping[str, float | np.ndarray],
    *,
    reserved_units: float,
    reserved_price_per_unit_hour: float,
    hourly_price_per_unit: float,
    minutes: float | np.ndarray = 60.0,
) -> Pool:
    """Bill a reservation that several deployments share, whatever model they serve.

    Parameters
    ----------
    deployed
        Team or deployment -> units deployed: a number, or one for each stretch of time. [units]
    reserved_units
        Units of the reservation, used or not.
    reserved_price_per_unit_hour, hourly_price_per_unit
        Of a reserved unit, and of one beyond the reservation. [currency/unit/hour]
    minutes
        Length of each stretch; a quarter of an hour is billed as a quarter. [minutes]

    Notes
    -----
    In each stretch the reservation covers deployments up to its size, in proportion to their units; what is beyond is
    paid by the hour in the same proportion; what is not deployed is paid and belongs to nobody. Source: Microsoft,
    "Provisioned throughput reservations".

    Examples
    --------
    >>> found = pool({"search": 250}, reserved_units=200, reserved_price_per_unit_hour=0.5, hourly_price_per_unit=1.0)
    >>> found.hourly_units.tolist(), found.hourly_cost, found.unused_cost
    ([50.0], 50.0, 0.0)
    """
    problems = number_problems(
        reserved_units=reserved_units,
        reserved_price_per_unit_hour=reserved_price_per_unit_hour,
        hourly_price_per_unit=hourly_price_per_unit,
    )
    units = {team: _stretches(value) for team, value in deployed.items()}
    problems += [
        f"deployed.{team}: units of zero or more are expected"
        for team, row in units.items()
        if not (np.isfinite(row) & (row >= 0)).all()
    ]
    length = _stretches(minutes)
    if not (np.isfinite(length) & (length >= 0)).all():
        problems.append(f"minutes must be zero or more, got {minutes!r}")
    sizes = {len(row) for row in (*units.values(), length)} - {1}
    if len(sizes) > 1:
        problems.append(f"deployed and minutes: as many stretches each are expected, got {sorted(sizes)}")
    if not units:
        problems.append("deployed: at least one deployment is needed")
    if problems:
        raise InputError(problems)
    hours = length / _MINUTES_PER_HOUR
    table = np.array(np.broadcast_arrays(*units.values(), hours)[:-1])
    hours = np.broadcast_to(hours, table.shape[1:])
    total = table.sum(axis=0)
    beyond = np.maximum(total - reserved_units, 0.0)
    covered = total - beyond
    price = covered * reserved_price_per_unit_hour + beyond * hourly_price_per_unit
    parts = np.divide(table, total, out=np.zeros_like(table), where=total > 0) * price * hours
    return Pool(
        reserved_cost=float(reserved_units * reserved_price_per_unit_hour * hours.sum()),
        hourly_units=beyond,
        hourly_cost=float((beyond * hours).sum() * hourly_price_per_unit),
        unused_cost=float(((reserved_units - covered) * hours).sum() * reserved_price_per_unit_hour),
        by_team={team: float(row.sum()) for team, row in zip(units, parts, strict=True)},
    )


def _stretches(value: Any) -> np.ndarray:
    """A figure of each stretch of time; not a number where none is given."""
    found = as_numbers(value)
    return np.array([np.nan]) if found is None else np.atleast_1d(found)
