"""What a panel can move: the catalog's controls with the bounds, unit and description their fields have.

A control `tiers.*.share` stands for one of each tier that the inputs have, `baseline|tiers` for a choice among them,
`as_of|tiers` for the day on which their prices are taken from the rate card.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from pydantic.fields import FieldInfo

from aiecon.ingestion.by_name import price_days
from aiecon.vocabulary.distribution import Lognormal, Normal
from aiecon.vocabulary.overrides import parts
from aiecon.vocabulary.question import Answer, QuestionInputs
from aiecon.vocabulary.strict import quoted
from aiecon.widgets.words import shown, unit_words

_WIDE = 3.0  # a slider ends at about so many times the value, unless
_NEAR = 4.0  # the field's own bound is as near as this
_ROUND = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)  # ends of sliders, times a power of ten
_EVEN = (1.0, 2.0, 5.0, 10.0)  # their steps
_REACH = {"share per month": 0.1, "share per year": 0.5, "currency/Mtok": 20.0}  # of one at nothing
_STEPS, _MOST_STEPS = 100, 1_000  # of a slider; at most
_FINE_STEPS, _FINEST_STEPS = 500, 5_000  # of one with two handles; at most
_DUST = 1e-9
_PLACES, _EXACT = 4, 12  # of a share that gives way; of one that has the rest
_SHARE = "share"
_AMONG = "|"
_DAY = "as_of"
_CURRENCY = "currency"
_UNSAID = "as usual"  # choice of a field that was left out
_UNIT = re.compile(r"\[([^\]]+)\]\s*$")


@dataclass(frozen=True)
class Control:
    """One thing a panel can move.

    Attributes
    ----------
    name
        Dotted name, as everywhere.
    kind
        number, whole, range (10th and 90th percentile of a distribution), choice, day (of the prices) or switch.
    value
        What it is now; for a range the two percentiles.
    low, high, step
        Of a slider.
    choices
        Of a choice.
    items
        Of a switch that leaves a list empty: what stands in it.
    said
        Its name in words: the item and the field's title, as in `Copilot Business: price of a seat`.
    label, unit
        From the field's description.
    shape
        Family of a range.
    moves
        Of a day: every choice with the changes that take the prices of it.
    """

    name: str
    kind: Literal["number", "whole", "range", "choice", "day", "switch"]
    value: Any
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    choices: tuple[Any, ...] = ()
    items: tuple[str, ...] = ()
    said: str = ""
    label: str = ""
    unit: str = ""
    shape: str = ""
    moves: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """Its name in words with its unit."""
        return ", ".join(filter(None, (self.said, unit_words(self.unit))))

    @property
    def face(self) -> "Control":
        """The control as it is shown and typed, a share in per cent."""
        places = ("value", "low", "high", "step") if self.kind in ("number", "range") else ()
        return replace(self, **{name: shown(getattr(self, name), self.unit) for name in places})

    def refused(self, value: Any) -> str | None:
        """Words on a value that is not of its kind; None where the field itself may judge it."""
        if self.kind in ("choice", "day") and value not in self.choices:
            return f"{self.name}: one of {', '.join(map(str, self.choices))} is expected, got {value!r}"
        if self.kind == "range":
            is_kind = isinstance(value, tuple | list) and len(value) == 2 and all(map(_is_number, value))
            return None if is_kind else f"{self.name}: two numbers, p10 and p90, are expected, got {value!r}"
        if self.kind in ("number", "whole") and not _is_number(value):
            return f"{self.name}: a number is expected, got {value!r}"
        return None

    def change(self, value: Any) -> Any:
        """A moved control's value as `override` and `--set` take it."""
        if self.kind == "range":
            return {"shape": self.shape, "p10": float(value[0]), "p90": float(value[1])}
        if self.items:
            return list(self.items) if value else []
        return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def controls(inputs: QuestionInputs, names: tuple[str, ...]) -> list[Control]:
    """The controls that these inputs have; one whose field holds nothing, or a file, is left out."""
    found = []
    for name in [each for one in names for each in _each(inputs, one)]:
        if _AMONG in name:
            field_name, items = name.split(_AMONG)
            found += _day(inputs, items) if field_name == _DAY else _chosen(inputs, field_name, items)
            continue
        at = _at(inputs, name)
        if at is not None:
            control = _control(name, *at)
            found += [control] if control is not None else []
    return found


def controls_of(answer: Answer, names: tuple[str, ...]) -> list[Control]:
    """The controls of an answer's inputs, with its currency in their units."""
    currency = str(getattr(answer, "currency", _CURRENCY))
    found = controls(answer.inputs, names)
    return [replace(one, unit=one.unit.replace(_CURRENCY, currency)) for one in found]


def _day(inputs: QuestionInputs, items: str) -> list[Control]:
    """The day on which the items' prices are those of the rate card; nothing where they name no row of it."""
    moves = {day.isoformat(): changes for day, changes in price_days(inputs, items).items()}
    if not moves:
        return []
    now = f"as given ({inputs.as_of})" if inputs.as_of else "as given"
    words: dict[str, Any] = {"said": "Prices of the day", "label": "day on which prices are those of the rate card"}
    return [Control(_DAY, "day", now, choices=(now, *moves), moves={now: {}, **moves}, **words)]


def _chosen(inputs: QuestionInputs, name: str, items: str) -> list[Control]:
    """A choice among the names of a list's items, or none of them; nothing where something else was given."""
    names, value = tuple(item.name for item in getattr(inputs, items)), getattr(inputs, name)
    if value is not None and value not in names:
        return []
    info = type(inputs).model_fields[name]
    words: dict[str, Any] = {"said": _said(name, info), "label": info.description or ""}
    first = () if value is not None else (_UNSAID,)  # a choice that was made can be changed, not unmade
    return [Control(name, "choice", value or _UNSAID, choices=(*first, *names), **words)]


def _each(inputs: QuestionInputs, name: str) -> list[str]:
    """A name with `*` as the names of all items it stands for."""
    head, star, rest = name.partition(".*.")
    if not star:
        return [name]
    value: Any = inputs
    for step in parts(head):
        value = getattr(value, step, None)
    return [f"{head}.{quoted(item.name)}.{rest}" for item in value or ()]


def sharing(found: Sequence[Control], moved: Control) -> list[Control]:
    """Return the other shares of a whole that a share is of, which give way when it moves; empty for what is none."""
    head, _, field = moved.name.rpartition(".")
    whole = head.rpartition(".")[0]
    if field != _SHARE or not whole or moved.kind != "number":
        return []
    return [
        one
        for one in found
        if one.name != moved.name
        and one.name.startswith(f"{whole}.")
        and one.kind == "number"
        and one.name.endswith(f".{_SHARE}")
    ]


def given_way(others: Mapping[str, float], value: float) -> dict[str, float]:
    """Return what other shares are when one of the whole is `value`: in proportion to what they were, else alike.

    To a hundredth of a per cent, the largest having what that leaves over.

    Examples
    --------
    >>> given_way({"b": 0.3, "c": 0.1}, 0.2), given_way({"b": 0.2, "c": 0.1}, 0.5)
    ({'b': 0.6, 'c': 0.2}, {'b': 0.3333, 'c': 0.1667})
    """
    whole, left = sum(others.values()), 1.0 - value
    exact = {name: left * (share / whole if whole else 1 / len(others)) for name, share in others.items()}
    shares = {name: round(share, _PLACES) for name, share in exact.items()}
    largest = max(exact, key=lambda name: exact[name])
    shares[largest] = max(round(shares[largest] + left - sum(shares.values()), _EXACT), 0.0)
    return shares


def _said(name: str, info: FieldInfo, item: str = "") -> str:
    """A field's name in words, after the item of a list that it is of."""
    title = info.title or name
    return f"{item}: {title}" if item else f"{title[0].upper()}{title[1:]}"


def _at(inputs: Any, name: str) -> tuple[FieldInfo, Any, str] | None:
    """The field a dotted name leads to, its value and the item it is of; None where the inputs have no such place."""
    model, info, value, of = inputs, None, inputs, ""
    for step in parts(name):
        if isinstance(value, tuple):
            value = next((item for item in value if getattr(item, "name", None) == step), None)
            model, of = value, step
        elif hasattr(value, "model_fields") and step in type(value).model_fields:
            model, info = value, type(value).model_fields[step]
            value = getattr(model, step)
        else:
            return None
        if value is None:
            return None
    return (info, value, of) if info is not None else None


def _control(name: str, info: FieldInfo, value: Any, item: str) -> Control | None:
    words = info.description or name
    unit = _UNIT.search(words)
    shared: dict[str, Any] = {"label": _UNIT.sub("", words).strip(), "unit": unit.group(1) if unit else ""}
    shared["said"] = _said(name, info, item)
    literal = next((part for part in _parts(info.annotation) if getattr(part, "__origin__", None) is Literal), None)
    if isinstance(value, bool):
        return Control(name, "switch", value, **shared)
    if isinstance(value, tuple) and value and all(isinstance(item, str) for item in value):
        return Control(name, "switch", True, items=value, **shared)
    if literal is not None and value in get_args(literal):
        return Control(name, "choice", value, choices=get_args(literal), **shared)
    if isinstance(value, Normal | Lognormal):
        low, high = _ends(info, max(abs(value.p90), abs(value.p10)), shared["unit"], is_range=True)
        handles = (value.p10, value.p90)
        step = _fine_step(handles, low, high)
        ends = _taken(info, handles, low, high, step, above=0.0 if isinstance(value, Lognormal) else -math.inf)
        return Control(name, "range", handles, *ends, shape=value.shape, **shared)
    if isinstance(value, int):
        low, high = _ends(info, value, shared["unit"])
        ends = _taken(info, (value,), float(int(low)), float(max(int(high), value + 1)), 1.0)
        return Control(name, "whole", value, *ends, **shared)
    if isinstance(value, float):
        ends = _taken(info, (value,), *_places(value, *_ends(info, value, shared["unit"])))
        return Control(name, "number", value, *ends, **shared)
    return None


def _taken(
    info: FieldInfo, values: tuple[float, ...], low: float, high: float, step: float, *, above: float = -math.inf
) -> tuple[float, float, float]:
    """Low end, high end and step of a slider, its ends one step inside bounds that the field does not take."""
    least, most = _bounds(info, ("gt",), ("lt",))
    first = low + step if low <= max(least, above) else low
    last = high - step if high >= most else high
    return min(first, *values), max(last, *values), step


def _places(value: float, low: float, high: float) -> tuple[float, float, float]:
    """Low end, high end and step of a slider that has the value among its places: a browser shows no other.

    The step is even and about a hundredth of the slider. Where none down to a thousandth meets the value from the low
    end, the low end gives way.

    Examples
    --------
    >>> _places(68_000.0, 0.0, 250_000.0), _places(3_154_000.0, 0.0, 10_000_000.0)
    ((0.0, 250000.0, 2000.0), (54000.0, 10000000.0, 100000.0))
    """
    first = step = _even((high - low) / _STEPS)
    while step * _MOST_STEPS >= high - low:
        if _is_place(value, low, step):
            return low, high, step
        step = _even(step * 0.99)
    return value - math.floor((value - low) / first) * first, high, first


def _fine_step(handles: tuple[float, float], low: float, high: float) -> float:
    """The largest even step of a slider that has both its handles among its places; where there is none, a fine one.

    Examples
    --------
    >>> _fine_step((0.62, 0.767), 0.0, 2.5), _fine_step((5_200.0, 8_000.0), 0.0, 25_000.0)
    (0.001, 50.0)
    """
    step = _even((high - low) / _FINE_STEPS)
    while step * _FINEST_STEPS >= high - low:
        if all(_is_place(one, low, step) for one in handles):
            return step
        step = _even(step * 0.99)
    return (high - low) / _FINE_STEPS


def _is_place(value: float, low: float, step: float) -> bool:
    """Whether a slider has a value among its places."""
    return abs((value - low) / step - round((value - low) / step)) < _DUST


def _even(size: float) -> float:
    """The largest even number not above a size."""
    power = 10.0 ** math.floor(math.log10(size) + _DUST)
    return max(float(f"{each * power:.6g}") for each in _EVEN if each * power <= size * (1 + _DUST))


def _round(size: float) -> float:
    """The smallest round number not below a size.

    Examples
    --------
    >>> _round(0.27), _round(204_000.0)
    (0.3, 250000.0)
    """
    power = 10.0 ** math.floor(math.log10(size))
    return min(float(f"{each * power:.6g}") for each in _ROUND if each * power >= size * (1 - _DUST))


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation and everything it is made of."""
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _ends(info: FieldInfo, value: float, unit: str, *, is_range: bool = False) -> tuple[float, float]:
    """Ends of a slider: a field's bounds where they are near or those of a share, else round and wide of the value.

    What may be negative begins at nothing all the same, unless it is negative, nothing or a range.
    """
    low, high = _bounds(info)
    wide = _round(_WIDE * abs(value)) if value else _REACH.get(unit, 1.0 if math.isinf(high) else high)
    is_share = unit == _SHARE or unit.startswith(f"{_SHARE} of")
    top = high if (is_share and high < math.inf) or high <= _NEAR * value else wide
    bottom = -wide if value <= 0 or is_range else 0.0
    return max(low, bottom), max(min(high, top), value)


def _bounds(
    info: FieldInfo, least: tuple[str, ...] = ("ge", "gt"), most: tuple[str, ...] = ("le", "lt")
) -> tuple[float, float]:
    """The field's own bounds of these kinds; without end where it has none."""
    low, high = -math.inf, math.inf
    for mark in [*info.metadata, *_marks(info.annotation)]:
        low = next((float(end) for name in least if (end := getattr(mark, name, None)) is not None), low)
        high = next((float(end) for name in most if (end := getattr(mark, name, None)) is not None), high)
    return low, high


def _marks(annotation: Any) -> Iterator[Any]:
    """Bounds that stand inside an annotation."""
    for part in _parts(annotation):
        for mark in getattr(part, "__metadata__", ()):
            if isinstance(mark, FieldInfo):
                yield from mark.metadata
            else:
                yield mark
