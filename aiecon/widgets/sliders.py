"""A control as what a reader moves: a slider with a box to type in, two handles, a list or a tick."""

import math
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np

from aiecon.widgets.controls import Control
from aiecon.widgets.words import unit_words

_ECHO = 0.501  # steps within which a slider repeats where it was put: the nearest of its places, dust apart
_LATE = 1.0  # seconds in which it does, those apart in which answers are worked out
_MOST_STEPS = 1e9  # of a slider whose ends gave way, beyond which floats know no steps
_SAME = 1e-6  # steps that floats add to a place


class Mover:
    """One control's widgets; `widget` is what is shown.

    The slider tells of every place it is moved to when `is_live`, else of where it is let go. What is typed may lie
    beyond the slider's ends, which then give way: the field's own rule decides.
    """

    def __init__(
        self,
        control: Control,
        *,
        is_live: bool,
        moved: Callable[[Control, Any], None],
        clock: Callable[[], float],
    ) -> None:
        self._clock = clock  # seconds, those apart in which answers are worked out
        self.control, self._moved, self._is_set, self._at = control, moved, False, control.value
        self._puts: list[tuple[float, Any]] = []  # when and where the slider was put and has not yet repeated it
        self._main = _main(control, is_live=is_live)
        self._main.observe(lambda change: self._slid(change["new"]), names="value")
        shown, self._box = [self._main], None
        if control.kind in ("number", "whole"):
            kind = widgets.FloatText if control.kind == "number" else widgets.IntText
            named = {"description": control.named, "tooltip": control.label}
            self._box = kind(value=control.value, step=control.step, **named)
            self._box.add_class("aiecon-box")  # whose name is heard, not seen: it is the slider's
            self._box.observe(lambda change: self._tell(change["new"]), names="value")
            shown.append(self._box)
        self._unit = widgets.Label(unit_words(control.unit, control.value))
        self._unit.add_class("aiecon-unit")
        shown += [self._unit] if self._slides else []
        self.widget = widgets.HBox(shown)
        self.widget.add_class("aiecon-control")

    @property
    def value(self) -> Any:
        """Where it stands."""
        return self._at

    @property
    def is_one_value(self) -> bool:
        """Whether a range has no spread."""
        return bool(self._at[0] == self._at[1])

    @property
    def is_beyond(self) -> bool:
        """Whether it stands beyond the ends that its slider began with."""
        low, high = self.control.low, self.control.high
        return self._slides and bool(np.min(self._at) < low or np.max(self._at) > high)

    def put(self, value: Any) -> None:
        """Move it without telling anybody."""
        self._is_set, self._at = True, value
        self._unit.value = unit_words(self.control.unit, value)
        try:
            is_there = self._is_near(self._main.value, value, _SAME) if self._slides else self._main.value == value
            if not is_there:  # where its ends move, too, a slider repeats the place it leaves
                self._puts += [(self._clock(), place) for place in (self._main.value, value)]
            # one after the other: of a place and ends that come together a browser keeps the place to the old ends
            if self._box is not None:
                low, high = self._ends(value)
                self._main.max, self._main.min = max(self._main.max, high), min(self._main.min, low)
                self._box.value = value
            self._main.value = self._main.value if is_there else value
            if self._box is not None:  # ends that gave way to what was typed come back with it
                self._main.max, self._main.min = high, low
        finally:
            self._is_set = False

    def _ends(self, value: Any) -> tuple[float, float]:
        """Ends that hold a value: its own, or the next place beyond it, so that the first key moves on from it."""
        low, high, step = self.control.low, self.control.high, self.control.step
        steps = (value - low) / step
        if low <= value <= high or abs(steps) > _MOST_STEPS:
            return min(low, value), max(high, value)
        return min(low, low + math.floor(steps) * step), max(high, low + math.ceil(steps) * step)

    def _slid(self, value: Any) -> None:
        """A browser's slider sends the step nearest to where it was put, soon or late; that is no move."""
        if self._is_set or not self._slides:
            self._tell(value)
            return
        if self._is_echo(value):
            if not self._is_near(value, self._at):  # it repeats a place that it left: it is told where it stands again
                self.put(self._at)
            return
        if self.control.kind == "range":  # a handle that was not moved stays where it was, not on the nearest step
            pairs = zip(value, self._at, strict=True)
            value = tuple(was if self._is_near(new, was) else _plain(new) for new, was in pairs)
        if not self._is_near(value, self._at):
            self._tell(value if self.control.kind == "range" else _plain(value))

    def _is_echo(self, value: Any) -> bool:
        """Whether the slider repeats where it was put; what it was put at before that it will repeat no more."""
        self._puts = [(when, put) for when, put in self._puts if self._clock() - when < _LATE]
        place = next((at for at, (_, put) in enumerate(self._puts) if self._is_near(value, put)), None)
        if place is not None:
            del self._puts[: place + 1]
        return place is not None

    @property
    def _slides(self) -> bool:
        return self.control.kind in ("number", "whole", "range")

    def _is_near(self, value: Any, other: Any, steps: float = _ECHO) -> bool:
        return bool(np.max(np.abs(np.subtract(value, other))) <= steps * self.control.step)

    def _tell(self, value: Any) -> None:
        if not self._is_set:
            self._at = value
            self._moved(self.control, value)


def _plain(value: float) -> float:
    """A place of a slider without what floats add to it."""
    return value if isinstance(value, int) else float(f"{value:.12g}")


def _main(control: Control, *, is_live: bool) -> Any:
    shared = {
        "description": control.said,
        "tooltip": control.label,
        "style": {"description_width": "initial"},
    }
    sliding = {"min": control.low, "max": control.high, "step": control.step, "continuous_update": is_live, **shared}
    if control.kind == "range":
        return widgets.FloatRangeSlider(value=control.value, readout_format=",.4r", **sliding)
    if control.kind == "number":
        return widgets.FloatSlider(value=control.value, readout=False, **sliding)
    if control.kind == "whole":
        whole = {"min": int(control.low), "max": int(control.high), "step": 1}
        return widgets.IntSlider(value=control.value, readout=False, **{**sliding, **whole})
    if control.kind in ("choice", "day"):
        return widgets.Dropdown(value=control.value, options=list(control.choices), **shared)
    return widgets.Checkbox(value=control.value, **shared)
