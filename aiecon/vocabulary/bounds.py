"""What a distribution states, held against the bounds of the field it stands in."""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

Shape = TypeVar("Shape")
_BOUNDS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "ge": (operator.ge, "at least"),
    "gt": (operator.gt, "above"),
    "le": (operator.le, "at most"),
    "lt": (operator.lt, "below"),
}
_CLOSED = {"gt": "ge", "lt": "le"}
_NAMES = ("value", "p10", "p90", "low", "mode", "high", "minimum")
_WEIGHTY = ("value", "values")  # what comes up as it stands; an end has no weight of its own


def within(bounds: Mapping[str, float], found: Shape) -> Shape:
    """Return a distribution whose ends, mode, percentiles, values and base case lie within bounds, else ValueError.

    Parameters
    ----------
    bounds
        `ge`, `gt`, `le`, `lt`.
    found
        Tails of a normal, lognormal, mixture or Pareto may reach beyond: they are held to the bounds where drawn.
    """
    if problems := list(_misfits(found, bounds)):
        raise ValueError("\n".join(problems))
    return found


def _misfits(found: Any, bounds: Mapping[str, float]) -> Iterator[str]:
    """What is stated beyond the bounds, in words."""
    for name, figure in dict.fromkeys(_stated(found)):
        for bound, limit in bounds.items():
            fits, words = _BOUNDS[bound if name in _WEIGHTY else _CLOSED.get(bound, bound)]
            if not fits(figure, limit):
                yield f"{name} must be {words} {limit:g}, got {figure:g}"


def _stated(found: Any) -> Iterator[tuple[str, float]]:
    """Every figure that is of the kind that is asked, with its field's name."""
    for name in _NAMES:
        if getattr(found, name, None) is not None:
            yield name, float(getattr(found, name))
    if getattr(found, "successes", None) is not None:  # a beta, which is a share
        yield from (("the lower end of a beta", 0.0), ("the upper end of a beta", 1.0))
    for part in getattr(found, "parts", ()):
        yield from _stated(part)
    for value, weight in zip(getattr(found, "values", ()), getattr(found, "weights", ()), strict=False):
        if weight > 0:
            yield "values", float(value)
