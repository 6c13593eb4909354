"""Requests one by one at each number of units: what is refused, and what a high max_tokens costs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.models.provisioned.curve import Curve, cheapest_term
from aiecon.models.provisioned.demand import sold_counts
from aiecon.models.provisioned.inputs import ProvisionedInputs
from aiecon.models.provisioned.replaying import Queue
from aiecon.vocabulary.distribution import base

_SHOWN = 5  # numbers of units between none and the peak that are replayed
_BEYOND = 4  # times the busiest minute's units, up to which units that refuse little are sought


@dataclass(frozen=True, eq=False)
class Refusals:
    """Requests against the leaky bucket of provisioned throughput.

    Attributes
    ----------
    table
        One row a number of units: units; refused_share and refused_token_share when the length of an answer is known on
        arrival; refused_share_max_tokens, refused_token_share_max_tokens when max_tokens is reserved instead (NaN where
        no request says it); spill_token_share of the minute model beside them [share]; cost_per_month, the units on the
        cheapest term and the refused tokens at pay-as-you-go, and cost_per_month_max_tokens. [currency/month]
    units_needed, units_needed_max_tokens
        Fewest units that refuse no more than the accepted share; None when none up to four times the peak's do.
    overestimate_cost
        Difference of the two at the cheapest term. [currency/month]
    reserved_ratio
        Normalised tokens reserved on arrival ÷ used, of all requests; None where no request says max_tokens.
    """

    table: pd.DataFrame
    units_needed: int | None
    units_needed_max_tokens: int | None
    overestimate_cost: float | None
    reserved_ratio: float | None


@dataclass(frozen=True, eq=False)
class _Bucket:
    """Requests that are replayed against one number of units after the other."""

    queue: Queue
    tokens_per_minute: float
    window_minutes: float

    def refused(self, units: int) -> tuple[float, float]:
        """Part of the requests, and of their tokens, that so many units refuse."""
        admitted, *_ = self.queue.against(units * self.tokens_per_minute, window_minutes=self.window_minutes)
        asked = float(self.queue.actual.sum())
        lost = float(self.queue.actual[~admitted].sum())
        return 1.0 - float(admitted.mean()), lost / asked if asked > 0 else 0.0

    @property
    def reserved_ratio(self) -> float | None:
        """Tokens reserved ÷ used when all are admitted."""
        used = float(self.queue.actual.sum())
        return float(self.queue.estimate.sum()) / used if used > 0 else None

    def fewest(self, counts: np.ndarray, share: float) -> int | None:
        """The fewest units of those sold that refuse no more than a share of the requests, by halving."""
        low, high = 0, len(counts)
        while low < high:
            middle = (low + high) // 2
            if self.refused(int(counts[middle]))[0] <= share:
                high = middle
            else:
                low = middle + 1
        return int(counts[low]) if low < len(counts) else None


def refusals(inputs: ProvisionedInputs, found: Curve, *, place: int) -> Refusals | None:
    """Return what admission refuses at numbers of units up to the peak; None unless demand is a log of requests.

    Where the file has no max_tokens, `admission.max_tokens_per_request` stands for it; an answer ends its output tokens
    ÷ `admission.output_tokens_per_second` after it arrived. The bucket is empty when the log begins.
    """
    file = inputs.demand.file
    log = None if file is None else file.table.facts.get("log")
    if log is None or found.peak == 0 or len(log) == 0:
        return None
    exact = _bucket(inputs, log.assign(max_tokens=log["output_tokens"]))
    stated = _stated(inputs, log)
    reserved = None if stated is None else _bucket(inputs, stated)
    counts = sold_counts(inputs, inputs.capacity_unit.sold(_BEYOND * found.peak))[1:]
    accepted = inputs.admission.accepted_refused_share
    needed = exact.fewest(counts, accepted)
    needed_reserved = None if reserved is None else reserved.fewest(counts, accepted)
    price = base(cheapest_term(inputs).price_per_unit_month)
    both = needed is not None and needed_reserved is not None
    return Refusals(
        table=_table(found, exact, reserved, _sizes(found, place, needed, needed_reserved), price),
        units_needed=needed,
        units_needed_max_tokens=needed_reserved,
        overestimate_cost=(needed_reserved - needed) * price if both else None,  # type: ignore[operator]
        reserved_ratio=None if reserved is None else reserved.reserved_ratio,
    )


def _bucket(inputs: ProvisionedInputs, requests: pd.DataFrame) -> _Bucket:
    unit, rules = inputs.capacity_unit, inputs.admission
    seconds = requests["output_tokens"] / base(rules.output_tokens_per_second)
    queue = Queue.of(
        requests.assign(completion_s=requests["arrival_s"] + seconds),
        output_weight=base(unit.output_weight),
        cached_weight=base(unit.cached_weight),
    )
    return _Bucket(queue, inputs.unit_tokens, base(rules.window_minutes))


def _stated(inputs: ProvisionedInputs, log: pd.DataFrame) -> pd.DataFrame | None:
    """The log with the max_tokens of its requests, or the one given for all; never below what was written."""
    given = inputs.admission.max_tokens_per_request
    if "max_tokens" in log:
        most = log["max_tokens"]
    elif given is not None:
        most = pd.Series(base(given), index=log.index)
    else:
        return None
    return log.assign(max_tokens=np.maximum(most, log["output_tokens"]))


def _sizes(found: Curve, place: int, *needed: int | None) -> list[int]:
    """Units that are shown: some between none and the peak, the answer's, and those that are needed."""
    at = np.linspace(1, len(found.units) - 1, min(_SHOWN, len(found.units) - 1)).round().astype(int)
    return sorted({*(int(found.units[one]) for one in at), int(found.units[place]), *filter(None, needed)} - {0})


def _table(
    found: Curve, exact: _Bucket, reserved: _Bucket | None, sizes: list[int], price_per_unit_month: float
) -> pd.DataFrame:
    rows, payg = [], float(found.spill_cost[0])
    for units in sizes:
        spilled = np.interp(units, found.units, found.spill_tokens) / found.demand_tokens
        row = {"units": units, "spill_token_share": float(spilled)}
        for name, bucket in (("", exact), ("_max_tokens", reserved)):
            refused = (np.nan, np.nan) if bucket is None else bucket.refused(units)
            row[f"refused_share{name}"], row[f"refused_token_share{name}"] = refused
            row[f"cost_per_month{name}"] = units * price_per_unit_month + refused[1] * payg
        rows.append(row)
    return pd.DataFrame(rows)
