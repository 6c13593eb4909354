"""Break-even: the value of one input at which a figure meets its target."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import brentq

from aiecon.errors import InputError
from aiecon.sensitivity.fields import Question, at_base, figures, number_at
from aiecon.vocabulary.overrides import override
from aiecon.vocabulary.strict import Strict

_STEPS = 16  # parts of the range that are searched for a change of side


@dataclass(frozen=True)
class BreakEven:
    """The value of the field at which the figure meets the target, in the field's unit; None with words when none."""

    field: str
    key: str
    target: float
    value: float | None
    at_low: float | None  # the figure at the lower end of the range
    at_high: float | None
    note: str | None = None


def break_even(
    question: Question, inputs: Strict, *, key: str, field: str, target: float = 0.0, low: float, high: float
) -> BreakEven:
    """Find the value of a field, between low and high, at which a figure meets its target, the others at their base.

    Parameters
    ----------
    question
        inputs -> answer.
    inputs
        Of the question; distributions stand at their base.
    key
        Of the figure in the answer's summary.
    field
        Dotted name of a numeric field. A field of whole numbers gives the first whole number at or past the target.
    target
        In the unit of the figure.
    low, high
        Range that is searched, in the unit of the field: in 16 parts for the first change of side, then by Brent's
        method (1973).

    Raises
    ------
    InputError
        For a key or field that is not there, ends the wrong way round and values that the inputs refuse.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from aiecon.vocabulary.metric import Metric
    >>> class Inputs(Strict):
    ...     price: float
    >>> def question(inputs):
    ...     return SimpleNamespace(summary=lambda: [Metric("saving", "Saving", 100 - 40 * inputs.price, "USD")])
    >>> break_even(question, Inputs(price=1.0), key="saving", field="price", low=0.0, high=10.0).value
    2.5
    """
    if not low < high:
        raise InputError(f"low must be below high, got {low!r} and {high!r}")
    still = at_base(inputs)
    is_whole = isinstance(number_at(inputs, field), int)

    def above(value: float) -> float | None:
        changed = override(still, {field: round(value) if is_whole else float(value)})
        ((figure, _),) = figures(question(changed), [key])
        return None if figure is None else figure - target

    places = [float(place) for place in np.linspace(low, high, _STEPS + 1)]
    sides = [above(place) for place in places]
    crossings = [
        (a, b)
        for (a, at_a), (b, at_b) in pairwise(zip(places, sides, strict=True))
        if at_a is not None and at_b is not None and at_a * at_b <= 0
    ]
    value, note = (
        (None, _none(key, target, low, high, sides)) if not crossings else _meet(above, *crossings[0], is_whole)
    )
    others = sum(1 for (_, end), (start, _) in pairwise(crossings) if start != end or above(start))
    if others:
        note = "; ".join(filter(None, [note, "the first of several: the figure meets the target again further up"]))
    at_low, at_high = (None if side is None else side + target for side in (sides[0], sides[-1]))
    return BreakEven(field, key, target, value, at_low, at_high, note)


def _meet(
    above: Callable[[float], float | None], low: float, high: float, is_whole: bool
) -> tuple[float | None, str | None]:
    """Where the figure changes side between two places, and words when it jumps there."""
    missing = False

    def side(value: float) -> float:
        nonlocal missing
        found = above(value)
        missing = missing or found is None
        return 0.0 if found is None else found

    value = float(brentq(side, low, high, xtol=1e-12 * max(abs(low), abs(high)), rtol=1e-14))
    if missing:
        return None, f"the figure does not exist everywhere between {low:g} and {high:g}, where it changes side"
    if is_whole:
        whole = _first_whole(side, low, value)
        return whole, None if side(
            whole
        ) == 0 else f"the first whole number past the target, which is passed at {whole}"
    left = abs(side(value))
    if left > 1e-6 * max(abs(side(low)), abs(side(high))):
        return value, f"the figure jumps over the target here, by {left:g}"
    return value, None


def _first_whole(side: Callable[[float], float], low: float, value: float) -> int:
    start = side(low)
    near = round(value)
    return next((one for one in (near - 1, near, near + 1) if one >= low and side(one) * start <= 0), near)


def _none(key: str, target: float, low: float, high: float, sides: list[Any]) -> str:
    known = [side for side in sides if side is not None]
    if not known:
        return f"{key} does not exist between {low:g} and {high:g}"
    where = "above" if min(known) > 0 else "below" if max(known) < 0 else "on either side of"
    missing = "" if len(known) == len(sides) else ", as far as it exists,"
    return f"{key}{missing} stays {where} {target:g} between {low:g} and {high:g}"
