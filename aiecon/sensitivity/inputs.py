"""Inputs of a sensitivity: numbers and distributions by name, which of them vary, and their values at given shares."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from aiecon.errors import InputError
from aiecon.vocabulary.distribution import Distribution, base

Inputs = Mapping[str, float | Distribution]

_TABLE: TypeAdapter[Any] = TypeAdapter(Distribution)
_EDGE = 2.0**-40  # an input varies when it differs between these two shares


def as_distributions(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with tables of a distribution, {shape = ...}, made into one; InputError where one is not sound."""
    found, problems = dict(inputs), []
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            try:
                found[name] = _TABLE.validate_python(dict(value))
            except ValidationError as error:
                words = "; ".join(detail["msg"] for detail in error.errors())
                problems.append(f"{name} is no distribution: {words}")
    if problems:
        raise InputError(problems)
    return found


def quantiles(value: float | Distribution, shares: np.ndarray) -> np.ndarray:
    """Return the values not exceeded with the given probabilities; a number is the same at each. Same shape as shares.

    Examples
    --------
    >>> quantiles(3.0, np.array([0.1, 0.9])).tolist()
    [3.0, 3.0]
    """
    return value.ppf(shares) if hasattr(value, "ppf") else np.full(shares.shape, float(value))


def varying_names(inputs: Inputs) -> list[str]:
    """Return the names of the inputs that vary, sorted; InputError where a value is no number and no distribution.

    Examples
    --------
    >>> from aiecon.vocabulary.distribution import Uniform
    >>> varying_names({"b": Uniform(low=0, high=1), "a": Uniform(low=0, high=1), "fixed": 3.0})
    ['a', 'b']
    """
    problems = [
        f"{name} must be a finite number or a distribution, got {value!r}"
        for name, value in inputs.items()
        if not hasattr(value, "ppf") and not _is_number(value)
    ]
    if problems:
        raise InputError(problems)
    return sorted(name for name, value in inputs.items() if _varies(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)


def _varies(value: Any) -> bool:
    if not hasattr(value, "ppf"):
        return False
    low, high = value.ppf(np.array([_EDGE, 1 - _EDGE]))
    return bool(low < high)


def steady(inputs: Inputs, varying: Sequence[str]) -> dict[str, float]:
    """Return the inputs that do not vary, at their value.

    Examples
    --------
    >>> steady({"a": 3.0}, [])
    {'a': 3.0}
    """
    left = {name: value for name, value in inputs.items() if name not in varying}
    return {name: base(value) for name, value in left.items()}
