"""Where the answer turns: prices, volume and cached share at which reserving starts or ends."""

import numpy as np

from aiecon.models.provisioned import Provisioned
from aiecon.models.provisioned.curve import with_refusals
from aiecon.models.provisioned.demand import full_value
from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.distribution import base

_GRID = 200  # steps between no unit and the peak, in which the volume is sought
_SHARES = np.linspace(0.0, 0.99, 100)


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
    value = full_value(answer.inputs)
    return float(_saved(answer)[1][0] / value) if value else 0.0


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
    """Cached part of the input at which reserving starts or ends, at the same minutes; None when there is none.

    Cached tokens weigh little or nothing on a unit and still cost something at pay-as-you-go.
    """
    ratio, inputs = price_ratio(answer), answer.inputs
    today = full_value(inputs)
    if ratio is None or not today:
        return None
    shapes = [inputs.shape.model_copy(update={"cached_input_share": float(share)}) for share in _SHARES]
    values = np.array([inputs.capacity_unit.value_per_month(shape, inputs.payg) for shape in shapes])
    pays = values >= today * ratio
    if pays.all() or not pays.any() or pays[0]:
        return None
    return float(_SHARES[np.argmax(pays)])
