"""The headline figures of a panel as a table: each with its range, what was pinned and how it differs, and words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from aiecon.charts.formats import unbroken
from aiecon.vocabulary.metric import Metric
from aiecon.widgets.words import NONE, difference_words, figure_words

_SHOWN = 16  # headline figures shown
_LONG = 50  # characters of a note
_ENDS = ("p10", "p90")
_SAME = "pinned: the same"


@dataclass(frozen=True)
class Pin:
    """Figures that later ones are held against, by key, and the command that gives them."""

    line: str
    figures: Mapping[str, Any]


def values(metrics: Sequence[Metric]) -> dict[str, Any]:
    """Return figures by key."""
    return {metric.key: metric.value for metric in metrics}


def table(metrics: Sequence[Metric], *, pin: Pin | None) -> str:
    """Return headline figures as HTML, each beside the pinned one and the difference where there is a pin."""
    every = values(metrics)
    shown = [metric for metric in metrics if not _is_end(metric.key, every)][:_SHOWN]
    first = {metric.note: metric.key for metric in reversed(shown)}  # a long note is told once
    notes = (one.note if len(one.note or "") < _LONG or first[one.note] == one.key else None for one in shown)
    rows = (_row(metric, every, note, pin) for metric, note in zip(shown, notes, strict=True))
    pinned = f"<p>Pinned: <code>{escape(pin.line)}</code></p>" if pin else ""
    return f"<table>{''.join(rows)}</table>{pinned}"


def _row(metric: Metric, every: Mapping[str, Any], note: str | None, pin: Pin | None) -> str:
    """A figure with its range, what was pinned, and what is to be said of it."""
    shown = escape(figure_words(metric.value, metric.unit) + _range(metric, every))
    if pin is not None and metric.key in pin.figures:
        shown += f" <small class='aiecon-pinned'>{escape(_against(metric, pin.figures[metric.key]))}</small>"
    words = f" <small>{escape(note)}</small>" if note else ""
    told = unbroken(shown + words)
    return f"<tr><th scope='row'>{escape(metric.label)}</th><td data-key='{metric.key}'>{told}</td></tr>"


def _against(metric: Metric, pinned: Any) -> str:
    """A pinned figure and how the present one differs."""
    difference = difference_words(metric.value, pinned, metric.unit)
    return _SAME if difference == NONE else f"pinned: {figure_words(pinned, metric.unit)}; difference: {difference}"


def _range(metric: Metric, every: Mapping[str, Any]) -> str:
    """The 10th and 90th percentile of a figure that has them, in words."""
    ends = [every.get(f"{metric.key}_{end}") for end in _ENDS]
    if any(not isinstance(end, int | float) for end in ends):
        return ""
    return f" ({' to '.join(figure_words(end, metric.unit) for end in ends)} in eight of ten draws)"


def _is_end(key: str, every: Mapping[str, Any]) -> bool:
    """Whether a figure is an end of the range of another that is shown."""
    return key.endswith(_ENDS) and key[:-4] in every and all(f"{key[:-4]}_{end}" in every for end in _ENDS)
