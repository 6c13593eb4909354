"""How sure a trace lets us be: months made of runs of its days, drawn again and again."""

from dataclasses import dataclass

import numpy as np

from aiecon.kernels import provisioned as kernel
from aiecon.models.provisioned.curve import Curve, with_refusals
from aiecon.models.provisioned.demand import Sample
from aiecon.models.provisioned.inputs import ProvisionedInputs, Term
from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.distribution import base, stream

MONTH_DAYS = 30
"""Days of a resampled month, where as many were seen."""
_RUNS = 12  # runs of days a trace is cut into at least, so that months of a short one still differ


@dataclass(frozen=True, eq=False)
class Confidence:
    """What resampled days say of the optimum.

    Attributes
    ----------
    units
        The cheapest number of units in each resample, shape (n,).
    savings
        Pay-as-you-go minus the answer's units, in each resample. [currency/month], shape (n,)
    month_days, run_days
        Days of a resample, and of the runs it is made of. [days]
    """

    units: np.ndarray
    savings: np.ndarray
    month_days: int
    run_days: int

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

    A resample is a month of 30 days, of as many as were seen where those are fewer. It is made of runs of days that
    followed each other (Künsch 1989), the longer the trace the longer: a day in two weeks, a month in a year, so that a
    season or a launch is in some months and not in others. One table a day says what each number of units spills, and
    how often each day is drawn: their product is the month.
    """
    if not inputs.bootstrap or not sample.is_by_day:
        return None
    starts = np.append(np.flatnonzero(np.append(True, np.diff(sample.days) != 0)), len(sample.days))
    spills = _spills(inputs, sample, found, starts)
    month, run = min(len(spills), MONTH_DAYS), run_days(len(spills))
    drawn = _drawn(len(spills), month, run, inputs)
    monthly = MINUTES_PER_MONTH / (drawn @ np.diff(starts))
    price, best = base(term.price_per_unit_month), np.empty(len(drawn), dtype=np.int64)
    steps = np.ascontiguousarray(np.diff(spills, axis=1).T)
    kernel.cheapest_of_days(drawn, steps, np.diff(found.units) * price, monthly, best)
    served = (drawn @ (spills[:, 0] - spills[:, place])) * monthly
    savings = served - found.units[place] * price
    return Confidence(units=found.units[best], savings=savings, month_days=month, run_days=run)


def run_days(days: int) -> int:
    """Days that are drawn together from a trace of so many.

    Examples
    --------
    >>> run_days(10), run_days(31), run_days(92), run_days(365)
    (1, 2, 7, 30)
    """
    return min(max(days // _RUNS, 1), MONTH_DAYS)


def _spills(inputs: ProvisionedInputs, sample: Sample, found: Curve, starts: np.ndarray) -> np.ndarray:
    """What each number of units that is sold spills on each day; shape (days, numbers). [currency/day]"""
    tokens, cost = np.empty((2, len(starts) - 1, found.peak + 1))
    kernel.spilled_by_day(sample.tokens, sample.values, starts, inputs.unit_tokens, tokens, cost)
    spills = with_refusals(inputs, tokens, cost) if base(inputs.refused_share) else cost
    return spills if len(found.units) == spills.shape[1] else spills[:, found.units]


def _drawn(days: int, month: int, run: int, inputs: ProvisionedInputs) -> np.ndarray:
    """How often each day is in each resampled month; shape (resamples, days). After the last day the first follows."""
    resamples = inputs.bootstrap
    runs = stream("demand.days", seed=inputs.seed).integers(0, days, size=(resamples, -(-month // run)), dtype=np.int32)
    picked = ((runs[:, :, None] + np.arange(run)) % days).reshape(resamples, -1)[:, :month]
    cells = picked + days * np.arange(resamples)[:, None]
    return np.bincount(cells.ravel(), minlength=days * resamples).reshape(resamples, days).astype(float)
