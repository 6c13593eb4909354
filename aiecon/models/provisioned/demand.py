"""Demand by the minute: what each number of units serves and what spills, exactly, for samples and populations."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from aiecon.errors import InputError
from aiecon.kernels import provisioned as kernel
from aiecon.models.provisioned.inputs import Forecast, ProvisionedInputs
from aiecon.models.provisioned.spreading import spread
from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.capacity import rounded_up
from aiecon.vocabulary.distribution import Discrete, Distribution, Empirical, Mixture

PEAK_SHARE = 0.999
"""Part of a population's minutes that its peak covers."""
MOST_UNITS = 1_000_000
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)
_LEAST = -8.1  # standard normal below which no minute counts
_HALVINGS = 50
_AT_ONCE = 2_000  # capacities whose nodes are held in memory together


class Minutes(Protocol):
    """Demand of which every number of units can be asked."""

    @property
    def mean(self) -> float:
        """Mean normalised tokens of a minute."""

    @property
    def peak(self) -> float:
        """Normalised tokens of the busiest minute."""

    @property
    def value(self) -> float:
        """Mean pay-as-you-go cost of a minute. [currency/minute]"""

    def spill(self, unit: float, units: int) -> tuple[np.ndarray, np.ndarray]:
        """Tokens beyond each number of units from 0 on, and their cost, of a mean minute; shapes (units + 1,)."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Minutes one by one: seen, or forecast.

    Attributes
    ----------
    tokens, values
        Normalised tokens of each minute and what they cost at pay-as-you-go. Shapes (n,)
    days
        Number of the day each minute belongs to, in order, for resampling. Shape (n,)
    seen
        Minutes that were seen; fewer than n where they are a forecast's.
    is_forecast
        Whether they are still to come: their days are given and not to be drawn again.
    """

    tokens: np.ndarray
    values: np.ndarray
    days: np.ndarray
    seen: int
    is_forecast: bool = False

    @property
    def mean(self) -> float:
        """Mean normalised tokens of a minute."""
        return float(self.tokens.mean())

    @property
    def peak(self) -> float:
        """Normalised tokens of the busiest minute."""
        return float(self.tokens.max())

    @property
    def value(self) -> float:
        """Mean pay-as-you-go cost of a minute. [currency/minute]"""
        return float(self.values.mean())

    def spill(self, unit: float, units: int) -> tuple[np.ndarray, np.ndarray]:
        """Tokens beyond each number of units, and their cost, of a mean minute; one pass over the minutes."""
        tokens, cost = spilled(self.tokens, self.values, unit, units)
        return tokens / len(self.tokens), cost / len(self.tokens)

    @cached_property
    def is_by_day(self) -> bool:
        """Whether there are days enough to resample."""
        return not self.is_forecast and bool(self.days[0] != self.days[-1])


def spilled(tokens: np.ndarray, values: np.ndarray, unit: float, units: int) -> tuple[np.ndarray, np.ndarray]:
    """Tokens beyond each number of units, and their cost, summed over minutes; shapes (units + 1,)."""
    counts, sums, costs, ratios = np.zeros((4, units + 1))
    kernel.fill_buckets(tokens, values, unit, counts, sums, costs, ratios)
    beyond, cost = np.empty(units + 1), np.empty(units + 1)
    kernel.spilled(counts, sums, costs, ratios, unit, beyond, cost)
    return beyond, cost


@dataclass(frozen=True, eq=False)
class Population:
    """A distribution of minutes, by quadrature over its quantiles; below zero counts as zero.

    Attributes
    ----------
    distribution
        Of the normalised tokens of a minute.
    value_per_token
        Pay-as-you-go cost of a normalised token. [currency/token]
    """

    distribution: Distribution
    value_per_token: float

    @cached_property
    def mean(self) -> float:
        """Mean normalised tokens of a minute."""
        return float(self._beyond(np.zeros(1))[0])

    @cached_property
    def peak(self) -> float:
        """The 99.9th percentile of the minutes."""
        return max(float(self.distribution.ppf(np.array([PEAK_SHARE]))[0]), 0.0)

    @property
    def value(self) -> float:
        """Mean pay-as-you-go cost of a minute. [currency/minute]"""
        return self.mean * self.value_per_token

    def spill(self, unit: float, units: int) -> tuple[np.ndarray, np.ndarray]:
        """Tokens beyond each number of units, and their cost, of a mean minute."""
        tokens = self._beyond(unit * np.arange(units + 1))
        return tokens, tokens * self.value_per_token

    def _beyond(self, capacity: np.ndarray) -> np.ndarray:
        """Expectation of max(demand − capacity, 0) at each capacity of zero or more."""
        shape = self.distribution
        if isinstance(shape, Discrete | Empirical):
            return self._beyond_steps(shape, capacity)
        if isinstance(shape, Mixture):
            kinds = zip(shape.parts, shape.shares, strict=True)
            return sum(share * Population(part, 0.0)._beyond(capacity) for part, share in kinds)
        parts = np.split(capacity, range(_AT_ONCE, len(capacity), _AT_ONCE))
        return np.concatenate([self._tail(part) for part in parts])

    def _tail(self, capacity: np.ndarray) -> np.ndarray:
        """An integral over standard normals from where demand passes each capacity; shape (n,)."""
        shape, reach = self.distribution, self.distribution.reach
        low, high = np.full(len(capacity), _LEAST), np.full(len(capacity), reach)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            is_below = shape.at_normal(middle) < capacity
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        z = low[:, None] + (reach - low)[:, None] * (_NODES + 1) / 2
        excess = np.maximum(shape.at_normal(z) - capacity[:, None], 0.0)
        return (reach - low) / 2 * ((np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * excess) @ _WEIGHTS)

    def _beyond_steps(self, shape: Discrete | Empirical, capacity: np.ndarray) -> np.ndarray:
        values, shares = shape.points
        above = np.searchsorted(values, capacity, side="right")
        share = np.append(np.cumsum(shares[::-1])[::-1], 0.0)[above]
        total = np.append(np.cumsum((shares * values)[::-1])[::-1], 0.0)[above]
        return np.maximum(total - capacity * share, 0.0)


def minutes_of(inputs: ProvisionedInputs) -> Minutes | None:
    """The demand of a question, or None when a peak alone is known."""
    demand = inputs.demand
    if demand.peak_requests_per_minute is not None:
        return None
    if demand.file is not None:
        frame = demand.file.table.frame
        tokens = frame["tokens"].to_numpy(dtype=float)
        values = frame["value"].to_numpy(dtype=float) if "value" in frame else tokens * value_per_token(inputs)
        return Sample(tokens, values, frame["day"].to_numpy(), len(tokens))
    if demand.forecast is not None:
        return _forecast(inputs, demand.forecast)
    if demand.distribution is not None:
        return Population(demand.distribution, value_per_token(inputs))
    assert demand.tokens_per_minute is not None  # the model takes exactly one
    tokens = np.asarray(demand.tokens_per_minute, dtype=float)
    return Sample(tokens, tokens * value_per_token(inputs), np.arange(len(tokens)) // (24 * 60), len(tokens))


def _forecast(inputs: ProvisionedInputs, forecast: Forecast) -> Sample:
    """Minutes of a forecast, at the mean price of its trace's tokens where that has requests."""
    tokens, _ = spread(forecast)
    trace = forecast.profile.table.frame
    is_priced = "value" in trace and trace["tokens"].sum() > 0
    price = trace["value"].sum() / trace["tokens"].sum() if is_priced else value_per_token(inputs)
    return Sample(tokens, tokens * price, np.arange(len(tokens)) // (24 * 60), len(trace), is_forecast=True)


def value_per_token(inputs: ProvisionedInputs) -> float:
    """Pay-as-you-go cost of a normalised token of the question's shape. [currency/token]"""
    return inputs.capacity_unit.value_per_month(inputs.shape, inputs.payg) / (inputs.unit_tokens * MINUTES_PER_MONTH)


def peak_units(inputs: ProvisionedInputs, peak: float) -> int:
    """Units that serve the busiest minute; InputError when no table of them could be made."""
    units = inputs.capacity_unit.units_for(peak)
    if units > MOST_UNITS:
        raise InputError(
            f"demand: its busiest minute of {_count(peak)} normalised tokens would need {_count(units)} units of "
            f"{inputs.unit_tokens:,.0f} tokens a minute; check that tokens and units of the two agree"
        )
    return units


def _count(value: float) -> str:
    """A whole number in full, or where that would fill the line by its power of ten."""
    return f"{value:,.0f}" if value < 1e15 else f"{float(value):.3g}"


def sold_counts(inputs: ProvisionedInputs, peak: int) -> np.ndarray:
    """Every number of units that is sold up to the peak-sized one, none first."""
    unit = inputs.capacity_unit
    if peak == 0:
        return np.array([0])
    steps = np.arange(1, rounded_up(peak / unit.increment_units) + 1) * unit.increment_units
    counts = np.unique(np.concatenate([[0], np.maximum(steps, unit.minimum_units)]))
    return counts[counts <= peak]


def full_value(inputs: ProvisionedInputs) -> float:
    """Pay-as-you-go cost of a unit used all month: at the demand's own mean price where requests are known.

    [currency/unit/month]
    """
    demand = minutes_of(inputs)
    if isinstance(demand, Sample) and demand.mean > 0:
        return inputs.unit_tokens * MINUTES_PER_MONTH * demand.value / demand.mean
    return inputs.capacity_unit.value_per_month(inputs.shape, inputs.payg)
