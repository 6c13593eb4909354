"""The provisioned answer: what to reserve on which term, what it saves, how sure that is, what the peak would cost."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from aiecon.models.provisioned.admission import Refusals
from aiecon.models.provisioned.confidence import Confidence
from aiecon.models.provisioned.curve import Curve, cheapest_term, table, with_refusals
from aiecon.models.provisioned.demand import Minutes, Population, Sample, full_value
from aiecon.models.provisioned.inputs import ProvisionedInputs, Term
from aiecon.models.provisioned.ladder import TermLadder
from aiecon.models.provisioned.outlook import Commitment
from aiecon.models.provisioned.pool import Pool
from aiecon.models.provisioned.rightsizing import Rightsizing
from aiecon.models.provisioned.sizing import break_even_by_term
from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.metric import Metric

NO_MINUTES = "a peak alone is known; demand by the minute says it"
_MINUTES_PER_DAY = 1_440


@dataclass(frozen=True, eq=False)
class Provisioned:
    """Provisioned throughput against pay-as-you-go.

    Attributes
    ----------
    inputs
        What was asked.
    as_of
        Last day of the demand, or of the price; None without dates.
    minutes
        Demand by the minute; None when a peak alone is known.
    curve
        Every number of units; None when a peak alone is known.
    term
        The best term; None when no unit is worth buying.
    place
        Of the best number of units in the curve.
    peak_sized_units
        Units that serve the busiest minute.
    ladder
        The cheapest stack over terms; None for a population or a peak.
    confidence
        What resampled days say; None where there are not two days.
    commitment
        Terms under change; None without an outlook.
    refusals
        What admission refuses, request by request; None unless demand is a log of requests.
    rightsizing
        The contract against the demand; None without a contract or minutes.
    pool
        The contract's units shared by its deployments; None without them.
    notes
        What a reader must know before trusting the figures.
    """

    inputs: ProvisionedInputs
    as_of: date | None
    minutes: Minutes | None
    curve: Curve | None
    term: Term | None
    place: int
    peak_sized_units: int
    ladder: TermLadder | None
    confidence: Confidence | None
    commitment: Commitment | None
    refusals: Refusals | None
    rightsizing: Rightsizing | None
    pool: Pool | None
    notes: list[str]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.inputs.payg.currency

    @property
    def cheapest(self) -> Term:
        """The term cheapest per unit-month, which the break-even and the peak-sized cost are of."""
        return cheapest_term(self.inputs)

    @cached_property
    def break_even(self) -> pd.DataFrame:
        """Where each term breaks even, one row a term."""
        return break_even_by_term(self.inputs)

    @property
    def break_even_utilization(self) -> float | None:
        """Utilisation at which a unit of the cheapest term costs what pay-as-you-go would; None when that is free."""
        rows = self.break_even.set_index("term")["break_even_utilization"]
        found = rows[self.cheapest.name]
        return None if pd.isna(found) else float(found)

    @cached_property
    def unit_worth(self) -> float:
        """What the tokens of a unit used all month cost without it: as you go, or what refusing them costs.

        [currency/unit/month]
        """
        tokens = np.array([self.inputs.unit_tokens * MINUTES_PER_MONTH])
        return float(with_refusals(self.inputs, tokens, np.array([full_value(self.inputs)]))[0])

    def needed_utilization(self, price: float) -> float | None:
        """Utilisation at which a unit of a price pays, refusals counted; the break-even where nothing is refused."""
        return price / self.unit_worth if self.unit_worth > 0 else None

    @property
    def optimal_units(self) -> int | None:
        """The cheapest number of units under the best term."""
        return None if self.curve is None else int(self.curve.units[self.place])

    @property
    def optimal_cost(self) -> float | None:
        """Units of the best term and what spills. [currency/month]"""
        if self.curve is None:
            return None
        price = base(self.term.price_per_unit_month) if self.term else 0.0
        return float(self.curve.cost(price)[self.place])

    @property
    def payg_cost(self) -> float | None:
        """Everything at pay-as-you-go. [currency/month]"""
        return None if self.curve is None else float(self.curve.spill_cost[0])

    @property
    def peak_sized_cost(self) -> float | None:
        """Peak-sized units at the cheapest term, and what still spills. [currency/month]"""
        price = self.peak_sized_units * base(self.cheapest.price_per_unit_month)
        return price if self.curve is None else price + float(self.curve.spill_cost[-1])

    @property
    def latency_premium(self) -> float | None:
        """What the peak-sized reservation costs beyond the optimum: the price of capacity that is always there."""
        if self.peak_sized_cost is None or self.optimal_cost is None:
            return None
        return self.peak_sized_cost - self.optimal_cost

    @property
    def savings(self) -> float | None:
        """Pay-as-you-go minus the optimum. [currency/month]"""
        return None if self.payg_cost is None or self.optimal_cost is None else self.payg_cost - self.optimal_cost

    @property
    def spill_share(self) -> float | None:
        """Tokens that spill at the optimum ÷ tokens demanded; None when nothing is demanded."""
        if self.curve is None or self.curve.demand_tokens <= 0:
            return None
        if not self.optimal_units:
            return 1.0
        return min(float(self.curve.spill_tokens[self.place] / self.curve.demand_tokens), 1.0)

    @property
    def utilization(self) -> float | None:
        """Tokens served ÷ bought at the optimum; None when nothing is bought."""
        if self.curve is None or not self.optimal_units:
            return None
        served = self.curve.demand_tokens - self.curve.spill_tokens[self.place]
        return float(served / (self.optimal_units * self.inputs.unit_tokens * MINUTES_PER_MONTH))

    @property
    def days(self) -> float | None:
        """Days of demand that were seen, of a forecast those of its profile; None for a population or a peak."""
        return self.minutes.seen / _MINUTES_PER_DAY if isinstance(self.minutes, Sample) else None

    @property
    def is_short(self) -> bool:
        """Whether the demand seen is too short to commit to."""
        return self.days is not None and self.days < self.inputs.enough_days

    @property
    def is_forecast(self) -> bool:
        """Whether demand is still to come."""
        return isinstance(self.minutes, Sample) and self.minutes.is_forecast

    @property
    def is_population(self) -> bool:
        """Whether demand is a distribution."""
        return isinstance(self.minutes, Population)

    @property
    def is_demanded(self) -> bool:
        """Whether any tokens are asked for in the minutes that are known."""
        return self.curve is not None and self.curve.demand_tokens > 0

    def to_frame(self) -> pd.DataFrame:
        """One row a term and number of units; the peak-sized ones alone when no minutes are known."""
        if self.curve is not None:
            return table(self.inputs, self.curve)
        rows = [
            {
                "term": term.name,
                "units": self.peak_sized_units,
                "units_cost": self.peak_sized_units * base(term.price_per_unit_month),
                "is_peak": True,
            }
            for term in self.inputs.terms
        ]
        return pd.DataFrame(rows)

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        currency, unknown = self.currency, NO_MINUTES if self.curve is None else None
        none_bought = unknown or ("no unit is worth buying" if self.term is None else None)
        nothing = unknown or ("nothing is demanded" if self.spill_share is None else None)
        monthly = f"{currency}/month"
        peak = "nothing is known to spill when a peak alone is given" if self.curve is None else None
        return [
            Metric("optimal_units", "Units to reserve", self.optimal_units, "units", unknown),
            Metric("best_term", "Term of the units to reserve", self.term.name if self.term else None, "", none_bought),
            Metric(
                "optimal_cost_per_month", "Cost with the units, spill included", self.optimal_cost, monthly, unknown
            ),
            Metric(
                "payg_cost_per_month", "All at pay-as-you-go", self.payg_cost, monthly, unknown or self._refused_note
            ),
            Metric("savings_per_month", "Saving", self.savings, monthly, unknown),
            Metric("utilization", "Utilisation of the units", self.utilization, "share", none_bought),
            Metric("spill_share", "Tokens that spill", self.spill_share, "share", nothing),
            Metric(
                "break_even_utilization",
                "Break-even utilisation",
                self.break_even_utilization,
                "share",
                self._break_even_note,
            ),
            Metric("peak_sized_units", "Units for the peak", self.peak_sized_units, "units"),
            Metric("peak_sized_cost_per_month", "Cost sized to the peak", self.peak_sized_cost, monthly, peak),
            Metric("latency_premium_per_month", "Premium of the peak's size", self.latency_premium, monthly, unknown),
            Metric("saves_probability", "Saves money, of resampled months", self._saves, "share", self._saves_note),
            Metric(
                "ladder_cost_per_month", "Cost of the ladder of terms", self._ladder_cost, monthly, self._ladder_note
            ),
        ]

    @property
    def _break_even_note(self) -> str | None:
        found = self.break_even_utilization
        if found is None:
            return "pay-as-you-go costs nothing for this shape"
        words = f"of term {self.cheapest.name}, the cheapest per unit-month"
        return f"{words}; above 1 it never breaks even" if found > 1 else words

    @property
    def _refused_note(self) -> str | None:
        if not self.inputs.is_refusal_priced:
            return None
        return "no bill alone: what is refused counts with what it costs the business"

    @property
    def _saves(self) -> float | None:
        return self.confidence.saves_probability if self.confidence and self.term else None

    @property
    def _saves_note(self) -> str | None:
        if self._saves is not None:
            return None
        if self.curve is None:
            return NO_MINUTES
        if self.term is None:
            return "no unit is worth buying"
        if not self.inputs.bootstrap:
            return "no resamples were asked for"
        if self.is_forecast:
            return "the days of a forecast are given and not drawn"
        return "two days of demand at least are needed to resample"

    @property
    def _ladder_cost(self) -> float | None:
        return self.ladder.cost_per_month if self.ladder else None

    @property
    def _ladder_note(self) -> str | None:
        return None if self.ladder else "a list or file of minutes is needed"
