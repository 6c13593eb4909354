"""How sure a short trace lets us be: months made of its days, drawn again and again."""

from dataclasses import dataclass

import numpy as np

from aiecon.models.provisioned.curve import Curve, with_refusals
from aiecon.models.provisioned.demand import Sample, spilled
from aiecon.models.provisioned.inputs import ProvisionedInputs, Term
from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.distribution import base, stream


@dataclass(frozen=True, eq=False)
class Confidence:
    """What resampled days say of the optimum.

    Attributes
    ----------
    units
        The cheapest number of units in each resample, shape (n,).
    savings
        Pay-as-you-go minus the answer's units, in each resample. [currency/month], shape (n,)
    """

    units: np.ndarray
    savings: np.ndarray

    @property
    def units_range(self) -> tuple[int, int]:
        """10th and 90th percentile of the cheapest number of units."""
        low, high = np.quantile(self.units, [0.1, 0.9], method="inverted_cdf")
        return int(low), int(high)

    @property
    def savings_range(self) -> tuple[float, float]:
        """10th and 90th percentile of the saving. [currency/month]"""
        low, high = np.quantile(self.savings, [0.1, 0.9])
        return float(low), float(high)

    @property
    def saves_probability(self) -> float:
        """Part of the resamples in which the answer's units save money."""
        return float(np.mean(self.savings > 0))


def confidence(inputs: ProvisionedInputs, sample: Sample, found: Curve, *, term: Term, place: int) -> Confidence | None:
    """Return what a bootstrap by day says of the optimum under a term; None where there are not two days.

    One table a day of what each number of units spills, and the counts with which days are drawn: a resample is their
    product. Days are drawn whole, so that what belongs together within a day stays together (Künsch 1989).
    """
    if not inputs.bootstrap or not sample.is_by_day:
        return None
    days = [sample.days == day for day in np.unique(sample.days)]
    minutes = np.array([day.sum() for day in days], dtype=float)
    spills = np.empty((len(days), len(found.units)))
    for row, day in enumerate(days):
        tokens, cost = spilled(sample.tokens[day], sample.values[day], inputs.unit_tokens, found.peak)
        spills[row] = with_refusals(inputs, tokens, cost)[found.units]
    random = stream("demand.days", seed=inputs.seed)
    drawn = random.multinomial(len(days), np.full(len(days), 1 / len(days)), size=inputs.bootstrap).astype(float)
    monthly = MINUTES_PER_MONTH / (drawn @ minutes)
    spill = (drawn @ spills) * monthly[:, None]
    costs = spill + found.units * base(term.price_per_unit_month)
    return Confidence(units=found.units[np.argmin(costs, axis=1)], savings=spill[:, 0] - costs[:, place])
