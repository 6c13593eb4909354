"""Figures, values and refusals as a panel says them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from aiecon.charts.formats import HUGE, full, percent, scale_of, significant

_RATES = {"month": "a month", "year": "a year", "day": "a day"}
_MILLIONS = {"Mtok": "tokens"}  # units that are a million of another
_UNITS = {"Mtok": "million tokens", "h": "hour", "log": "on a log scale", "ratio": ""}  # as a reader says them
_PLACE = "month"  # a unit that says which one, not how many
NONE = "none"
"""What is said of a difference that there is not."""
_SHARE = "share"
_PER_CENT = 100
_DIGITS = 12  # of a place, beyond which is what floats add
_DUST = 1e-12  # relative difference that floats make
_LEAST_POINTS = 0.05  # percentage points told with one decimal


def is_share(unit: str) -> bool:
    """Whether a unit is a share, of something or per time: it is shown and typed as per cent, and kept as a decimal."""
    return unit == _SHARE or unit.startswith(f"{_SHARE} ")


def shown(value: Any, unit: str) -> Any:
    """Where a control stands as it is shown and typed: a share in per cent, all else as it is.

    Examples
    --------
    >>> shown(0.07, "share"), shown((0.015, 0.06), "share per month"), shown(3.5, "USD"), typed(25.0, "share")
    (7.0, (1.5, 6.0), 3.5, 0.25)
    """
    return _times(value, _PER_CENT) if is_share(unit) else value


def typed(value: Any, unit: str) -> Any:
    """What was typed or slid to in the unit of the model, `--set` and TOML; the way back of `shown`."""
    return _times(value, 1 / _PER_CENT) if is_share(unit) else value


def _times(value: Any, factor: float) -> Any:
    """A place, or both ends of a range, times a factor, without what floats add."""
    if isinstance(value, tuple | list):
        return tuple(_times(one, factor) for one in value)
    return float(f"{value * factor:.{_DIGITS}g}")


def unit_words(unit: str, value: Any = None) -> str:
    """A unit as a reader says it, in the singular for one; a share in per cent.

    Examples
    --------
    >>> unit_words("USD/seat/month"), unit_words("million tokens/month"), unit_words("USD/Mtok"), unit_words("ratio")
    ('USD per seat per month', 'million tokens per month', 'USD per million tokens', '')
    >>> unit_words("replicas", 1), unit_words("replicas", 2), unit_words("Mtok", 1), unit_words("share per month")
    ('replica', 'replicas', 'million tokens', '% per month')
    """
    if is_share(unit):
        return f"%{unit.removeprefix(_SHARE)}"
    counted, *per = (_UNITS.get(part, part) for part in unit.split("/"))
    is_one = value == 1 and " " not in counted
    return " per ".join([counted.removesuffix("s") if is_one else counted, *per])


def figure_words(value: Any, unit: str) -> str:
    """A figure with its unit as a panel shows it; a dash where there is none.

    Examples
    --------
    >>> figure_words(0.182, "share"), figure_words([[1200.0, 3400.0], [5000.0, None]], "Mtok/month")
    ('18.2 %', 'from 1.20 to 3.40 billion tokens a month; from 5.00 billion tokens a month upwards')
    >>> figure_words(1, "replicas"), figure_words(7, "month"), figure_words(10.51, "USD/user/month")
    ('1 replica', 'month 7', '10.5 USD per user per month')
    """
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {figure_words(one, unit)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_item(one, unit) for one in value) or "none"
    if isinstance(value, bool | str):
        return str(value)
    if is_share(unit):
        return f"{percent(value)}{unit.removeprefix(_SHARE)}"
    if isinstance(value, int):
        return f"{unit} {value}" if unit == _PLACE else f"{value:,} {unit_words(unit, value)}".strip()
    return f"{full(value) if abs(value) >= 1_000 else significant(float(value))} {unit_words(unit)}".strip()


def difference_words(value: Any, before: Any, unit: str) -> str:
    """How a figure differs from one that was pinned, in its own unit with its sign; of shares in percentage points.

    Examples
    --------
    >>> difference_words(0.182, 0.15, "share"), difference_words(1_200.0, 1_500.5, "USD/month")
    ('+3.2 percentage points', '−300 USD per month')
    >>> difference_words(7, 8, "month"), difference_words(3, 1, "replicas"), difference_words(None, 8, "month")
    ('−1 month', '+2 replicas', 'one of them is not there')
    >>> difference_words({"a": 0.7, "b": 0.3}, {"a": 0.5, "b": 0.3}, "share"), difference_words("spot", "spot", "")
    ('a +20.0 percentage points', 'none')
    """
    if value == before:
        return NONE
    if value is None or before is None:
        return "one of them is not there"
    if all(isinstance(one, list) and len(one) == 1 for one in (value, before)):
        return difference_words(value[0], before[0], unit)
    if isinstance(value, Mapping) and isinstance(before, Mapping) and value.keys() == before.keys():
        apart = {name: difference_words(value[name], before[name], unit) for name in value}
        return ", ".join(f"{name} {words}" for name, words in apart.items() if words != NONE) or NONE
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in (value, before)):
        return "not the same"
    gap = value - before
    if abs(gap) <= _DUST * max(abs(value), abs(before)):
        return NONE
    return f"{'+' if gap > 0 else '−'}{_gap_words(abs(gap), unit)}"


def _gap_words(gap: float, unit: str) -> str:
    """The size of a difference with its unit."""
    if is_share(unit):
        points = _PER_CENT * gap
        number = f"{points:,.1f}" if points >= _LEAST_POINTS else significant(points, 1)
        return f"{number} percentage points{unit.removeprefix(_SHARE)}"
    if unit == _PLACE:
        return f"{gap:,.6g} {unit if gap == 1 else f'{unit}s'}"
    return figure_words(gap, unit)


def place_words(value: Any, unit: str = "") -> str:
    """Where a control stands, as it is typed: a share in per cent, no rounding but of dust.

    Examples
    --------
    >>> place_words(1_000_000.0, "requests/month"), place_words((0.1, 0.25), "share"), place_words(1e300)
    ('1,000,000 requests per month', '10 to 25 %', '1e+300')
    """
    place = shown(value, unit)
    if isinstance(value, tuple | list):
        return f"{' to '.join(map(place_words, place))} {unit_words(unit)}".strip()
    number = f"{place:,.{_DIGITS}g}" if abs(place) < HUGE else f"{float(place):g}"
    return f"{number} {unit_words(unit, value)}".strip()


def _item(value: Any, unit: str) -> str:
    """One of several: an interval, a record, or a figure."""
    if isinstance(value, list | tuple):
        return _between(*value, unit=unit)
    if isinstance(value, Mapping):
        return ", ".join(str(one).replace("_", " ") for one in value.values())
    return figure_words(value, unit)


def _between(low: float, high: float | None, *, unit: str) -> str:
    """An interval, open above where there is no upper end."""
    what, _, per = unit.partition("/")
    times = 1e6 if what in _MILLIONS else 1.0
    size, word = scale_of(times * (low if high is None else high))
    ends = [significant(times * end / size) for end in (low, high) if end is not None]
    said = ["from", " to ".join(ends), word, _MILLIONS.get(what, what), _RATES.get(per, per)]
    return " ".join([*filter(None, said), *([] if high is not None else ["upwards"])])


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def alerts(problems: Iterable[str]) -> str:
    """Problems as a page shows them and a screen reader says them at once."""
    return "".join(f"<p role='alert'>{escape(problem)}</p>" for problem in problems)


def status(sentences: Sequence[str]) -> str:
    """Sentences that are read when nothing else is."""
    return "".join(f"<p role='status'>{escape(one)}</p>" for one in sentences)
