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


def unit_words(unit: str, value: Any = None) -> str:
    """A unit as a reader says it, in the singular for one.

    Examples
    --------
    >>> unit_words("USD/seat/month"), unit_words("million tokens/month"), unit_words("USD/Mtok"), unit_words("ratio")
    ('USD per seat per month', 'million tokens per month', 'USD per million tokens', '')
    >>> unit_words("replicas", 1), unit_words("replicas", 2), unit_words("Mtok", 1)
    ('replica', 'replicas', 'million tokens')
    """
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
    if unit == "share":
        return percent(value)
    if isinstance(value, bool | str):
        return str(value)
    if unit.startswith("share per "):
        return f"{percent(value)} {unit.removeprefix('share ')}"
    if isinstance(value, int):
        return f"{unit} {value}" if unit == _PLACE else f"{value:,} {unit_words(unit, value)}".strip()
    return f"{full(value) if abs(value) >= 1_000 else significant(float(value))} {unit_words(unit)}".strip()


def place_words(value: Any, unit: str = "") -> str:
    """Where a control stands, as it is typed and as TOML has it: no per cent, no rounding but of dust.

    Examples
    --------
    >>> place_words(1_000_000.0, "requests/month"), place_words((0.1, 0.25), "share"), place_words(1e300)
    ('1,000,000 requests per month', '0.1 to 0.25 share', '1e+300')
    """
    if isinstance(value, tuple | list):
        return f"{' to '.join(map(place_words, value))} {unit_words(unit)}".strip()
    number = f"{value:,.12g}" if abs(value) < HUGE else f"{float(value):g}"
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
