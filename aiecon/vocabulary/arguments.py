"""What plain arguments of public functions may be, in words: numbers within bounds, whole numbers, lists of numbers."""

import sys
from typing import Any

import numpy as np

_BOUNDS = {"zero or more": lambda value: value >= 0, "above zero": lambda value: value > 0}


def is_number(value: Any) -> bool:
    """Whether a value is a finite number; true and false are none.

    Examples
    --------
    >>> is_number(1), is_number(float("nan")), is_number("1"), is_number(True), is_number(10**400)
    (True, False, False, False, False)
    """
    is_real = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return is_real and not _is_too_large(value) and bool(np.isfinite(value))


def got(value: Any) -> str:
    """What arrived, in words that fit on a line.

    Examples
    --------
    >>> got("a"), got(10**400)
    ("got 'a'", 'got a number beyond 1e308')
    """
    parts = value if isinstance(value, list | tuple) else [value]
    return "got a number beyond 1e308" if any(map(_is_too_large, parts)) else f"got {value!r}"


def _is_too_large(value: Any) -> bool:
    """Whether it is a whole number that no float can hold."""
    return isinstance(value, int) and abs(value) > sys.float_info.max


def number_problems(bound: str = "zero or more", **values: Any) -> list[str]:
    """One sentence for each value that is no number, or not within "zero or more" or "above zero".

    Examples
    --------
    >>> number_problems(price="a", units=2)
    ["price must be zero or more, got 'a'"]
    """
    return [
        f"{name} must be {bound}, {got(value)}"
        for name, value in values.items()
        if not (is_number(value) and _BOUNDS[bound](value))
    ]


def whole_problems(name: str, value: Any, *, least: int) -> list[str]:
    """A sentence for a value that is no whole number of so many or more.

    Examples
    --------
    >>> whole_problems("increment", 1.5, least=1)
    ['increment must be a whole number of 1 or more, got 1.5']
    """
    is_whole = is_number(value) and int(value) == value and value >= least
    return [] if is_whole else [f"{name} must be a whole number of {least} or more, {got(value)}"]


def as_numbers(value: Any) -> np.ndarray | None:
    """A number or a list of them as an array of floats; None for what holds anything else.

    Examples
    --------
    >>> as_numbers([1, 2.5]), as_numbers(["a"])
    (array([1. , 2.5]), None)
    """
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return None
