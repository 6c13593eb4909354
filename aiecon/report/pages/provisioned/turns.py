"""Where the answer turns: prices, volume and cached share at which reserving starts or ends."""

import numpy as np

from aiecon.models.provisioned import Provisioned
from aiecon.models.provisioned.curve import with_refusals
from aiecon.models.provisioned.demand import Minutes, peak_units, sold_counts
from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.distribution import base

_GRID = 200  # steps between no unit and the peak, in which the volume is sought
_SHARES = np.linspace(0.05, 1.0, 20)


def dearest_price(answer: Provisioned) -> float | None:
    """Unit price below which some number of units pays; None when nothing is demanded. [currency/unit/month]

    The most that any number of units saves at pay-as-you-go, per unit.
    """
    if answer.curve is None or len(answer.curve.units) == 1:
        return None
    spill, units = answer.curve.spill_cost, answer.curve.units
    return float(np.max((spill[0] - spill[1:]) / units[1:]))


def next_price(answer: Provisioned) -> tuple[int, float] | None:
    """Units of the next step, and the unit price below which they pay too; None without a step above the optimum."""
    found, place = answer.curve, answer.place
    if found is None or answer.term is None or place + 1 >= len(found.units):
        return None
    step = int(found.units[place + 1] - found.units[place])
    return step, float((found.spill_cost[place] - found.spill_cost[place + 1]) / step)


def price_ratio(answer: Provisioned) -> float | None:
    """Pay-as-you-go prices over today's at which reserving starts or ends."""
    dearest = dearest_price(answer)
    return base(answer.cheapest.price_per_unit_month) / dearest if dearest else None


def volume_ratio(answer: Provisioned) -> float | None:
    """Demand over today's at which the fewest units that are sold start to pay; None when no volume makes them.

    With m times the demand u units serve what u ÷ m serve today; what a unit saves falls with the number of units.
    """
    found = answer.curve
    if found is None or len(found.units) == 1:
        return None
    units, saved = _saved(answer)
    price = base(answer.cheapest.price_per_unit_month)
    if saved[0] <= price:
        return None
    if saved[-1] > price:  # beyond the peak a further unit saves nothing, and the mean falls as 1 ÷ units
        return float(found.units[1] * price / (saved[-1] * units[-1]))
    return float(found.units[1] / np.interp(-price, -saved, units))  # np.interp wants rising values


def most_used(answer: Provisioned) -> float:
    """Utilisation that the very first part of a unit would have; that of no larger number is higher."""
    worth = answer.unit_worth
    return float(_saved(answer)[1][0] / worth) if worth else 0.0


def _saved(answer: Provisioned) -> tuple[np.ndarray, np.ndarray]:
    """Units from a small part of the peak to the peak, whole or not, and what each saves at pay-as-you-go on average.

    [units], [currency/unit/month], shapes (_GRID,)
    """
    minutes = answer.minutes
    assert minutes is not None
    step = minutes.peak / _GRID
    tokens, cost = minutes.spill(step, _GRID)
    spill = with_refusals(answer.inputs, tokens * MINUTES_PER_MONTH, cost * MINUTES_PER_MONTH)
    units = np.arange(1, _GRID + 1) * step / answer.inputs.unit_tokens
    return units, (spill[0] - spill[1:]) / units


def cached_share(answer: Provisioned) -> float | None:
    """Cached part of the input of the same requests at which reserving starts or ends; None when there is none.

    Cached tokens weigh little or nothing on a unit, so the minutes shrink, and still cost something at pay-as-you-go.
    A log of requests says itself what was cached, and how much of each could be is not known.
    """
    inputs, minutes = answer.inputs, answer.minutes
    file = inputs.demand.trace
    if minutes is None or (file is not None and "value" in file.table.frame):
        return None
    today = base(inputs.shape.cached_input_share)
    shares = [float(share) for share in _SHARES if share > today]
    pays = (share for share in shares if _pays(answer, minutes, share) is not (answer.term is not None))
    return next(pays, None)


def _pays(answer: Provisioned, minutes: Minutes, share: float) -> bool:
    """Whether some number of units on the cheapest term pays when such a part of the input is read from cache."""
    inputs = answer.inputs
    shape = inputs.shape.model_copy(update={"cached_input_share": share})
    tokens, now = inputs.capacity_unit.normalised(shape), inputs.capacity_unit.normalised(inputs.shape)
    if tokens <= 0 or now <= 0:
        return False
    shrunk = tokens / now  # of the load of a request
    cost = shape.cost(inputs.payg, input_weights=inputs.capacity_unit.input_weights)
    dearer = cost / inputs.shape.cost(inputs.payg, input_weights=inputs.capacity_unit.input_weights)
    peak = peak_units(inputs, minutes.peak * shrunk)
    spilled, paid = minutes.spill(inputs.unit_tokens / shrunk, peak)
    spill = with_refusals(inputs, spilled * shrunk * MINUTES_PER_MONTH, paid * dearer * MINUTES_PER_MONTH)
    units = sold_counts(inputs, peak)[1:]
    saved = (spill[0] - spill[units]) / units
    return bool((saved > base(answer.cheapest.price_per_unit_month)).any())
