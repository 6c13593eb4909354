"""The uncertain fields of a question's inputs by dotted name, and the figure of an answer by its key."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from aiecon.errors import InputError
from aiecon.vocabulary.distribution import Distribution
from aiecon.vocabulary.overrides import item_name, override, parts
from aiecon.vocabulary.strict import Strict, nearest, quoted

Model = TypeVar("Model", bound=Strict)
Question = Callable[[Any], Any]


def uncertain_fields(inputs: Strict) -> dict[str, Distribution]:
    """Return dotted name -> distribution for every field that is uncertain, in the order of the fields.

    An item of a list goes by its name, or its place from 1 on, quoted where it has a dot, just as `override` takes it.
    A population (of people, of minutes) is known and not uncertain.

    Examples
    --------
    >>> from aiecon.vocabulary.distribution import Uniform, uncertain
    >>> class Tier(Strict):
    ...     name: str
    ...     share: uncertain()
    >>> class Inputs(Strict):
    ...     tiers: tuple[Tier, ...]
    >>> list(uncertain_fields(Inputs(tiers=(Tier(name="gpt-4.1", share=Uniform(low=0.2, high=0.4)),))))
    ['tiers."gpt-4.1".share']
    """
    return dict(_walk(inputs, ""))


def _walk(value: Any, name: str) -> Iterator[tuple[str, Distribution]]:
    if hasattr(value, "ppf"):
        yield name, value
    elif isinstance(value, Strict):
        for field in type(value).model_fields:
            if field not in type(value).populations:
                yield from _walk(getattr(value, field), f"{name}.{field}" if name else field)
    elif isinstance(value, tuple | list):
        for place, item in enumerate(value):
            yield from _walk(item, f"{name}.{quoted(item_name(item, place))}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, f"{name}.{quoted(str(key))}")


def at_base(inputs: Model) -> Model:
    """Return the inputs with every distribution at its base case, without correlations, every check run again.

    Examples
    --------
    >>> from aiecon.vocabulary.distribution import Uniform, uncertain
    >>> class Inputs(Strict):
    ...     price: uncertain(gt=0)
    >>> at_base(Inputs(price=Uniform(low=1.0, high=3.0))).price
    2.0
    """
    changes: dict[str, Any] = {name: value.base for name, value in uncertain_fields(inputs).items()}
    if getattr(inputs, "correlations", None):
        changes["correlations"] = []
    return override(inputs, changes)


def value_at(inputs: Strict, name: str) -> Any:
    """Return the value of a field by its dotted name; InputError with the nearest name where there is none.

    Examples
    --------
    >>> class Inputs(Strict):
    ...     price: float
    >>> value_at(Inputs(price=3.0), "price")
    3.0
    """
    value: Any = inputs
    for part in parts(name):
        if isinstance(value, tuple | list):
            items = {item_name(item, place): item for place, item in enumerate(value)}
        else:
            items = dict(value) if isinstance(value, Strict | Mapping) else {}
        if part not in items:
            raise InputError(f"{name} is not a field{nearest(part, [str(item) for item in items])}")
        value = items[part]
    return value


def number_at(inputs: Strict, name: str) -> float:
    """Return the base case of a numeric field; InputError where the field is something else.

    Examples
    --------
    >>> class Inputs(Strict):
    ...     price: float
    >>> number_at(Inputs(price=3.0), "price")
    3.0
    """
    value = value_at(inputs, name)
    if hasattr(value, "ppf"):
        return float(value.base)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{name} must be a number to be varied, got {value!r}")
    return value


def figures(answer: Any, keys: Sequence[str]) -> list[tuple[float | None, Any]]:
    """Return the value, or None, and the Metric of each key of an answer's summary.

    Raises
    ------
    InputError
        With the nearest key for one that is not there, and for a value that is no number.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from aiecon.vocabulary.metric import Metric
    >>> answer = SimpleNamespace(summary=lambda: [Metric("cost", "Cost", 12.5, "USD")])
    >>> figures(answer, ["cost"])[0][0]
    12.5
    """
    metrics = {metric.key: metric for metric in answer.summary()}
    return [(_number(metrics, key), metrics[key]) for key in keys]


def _number(metrics: dict[str, Any], key: str) -> float | None:
    if key not in metrics:
        raise InputError(f"{key} is not a key of the answer{nearest(key, list(metrics))}")
    value = metrics[key].value
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{key} must be a number to be varied, got {value!r}") from None
    return number if math.isfinite(number) else None
