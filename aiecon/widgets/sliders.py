"""A control as what a reader moves: a slider with a box to type in, two handles, a list or a tick."""

import math
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np

from aiecon.widgets.controls import Control
from aiecon.widgets.words import shown, typed, unit_words

_ECHO = 0.501  # steps within which a slider repeats where it was put: the nearest of its places, dust apart
_LATE = 1.0  # seconds in which it does, those apart in which answers are worked out
_MOST_STEPS = 1e9  # of a slider whose ends gave way, beyond which floats know no steps
_SAME = 1e-6  # steps that floats add to a place


class Mover:
    """One control's widgets; `widget` is what is shown.

    The slider tells of every place it is moved to when `is_live`, else of where it is let go. What is typed may lie
    beyond the slider's ends, which then give way: the field's own rule decides. Shares are shown and typed in per cent
    (`face`), and told and put in the unit of the model.
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
        self.face = control.face
        self._puts: list[tuple[float, Any]] = []  # when and where the slider was put and has not yet repeated it
        self._main = _main(self.face, is_live=is_live)
        self._main.observe(lambda change: self._slid(change["new"]), names="value")
        parts, self._box = [self._main], None
        if control.kind in ("number", "whole"):
            kind = widgets.FloatText if control.kind == "number" else widgets.IntText
            named = {"description": control.named, "tooltip": control.label}
            self._box = kind(value=self.face.value, step=self.face.step, **named)
            self._box.add_class("aiecon-box")  # whose name is heard, not seen: it is the slider's
            self._box.observe(lambda change: self._tell(typed(change["new"], control.unit)), names="value")
            parts.append(self._box)
        self._unit = widgets.Label(unit_words(control.unit, control.value))
        self._unit.add_class("aiecon-unit")
        parts += [self._unit] if self._slides else []
        self.widget = widgets.HBox(parts)
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
        place = shown(value, self.control.unit)
        try:
            is_there = self._is_near(self._main.value, place, _SAME) if self._slides else self._main.value == place
            if not is_there:  # where its ends move, too, a slider repeats the place it leaves
                self._puts += [(self._clock(), one) for one in (self._main.value, place)]
            # one after the other: of a place and ends that come together a browser keeps the place to the old ends
            if self._box is not None:
                low, high = self._ends(place)
                self._main.max, self._main.min = max(self._main.max, high), min(self._main.min, low)
                self._box.value = place
            self._main.value = self._main.value if is_there else place
            if self._box is not None:  # ends that gave way to what was typed come back with it
                self._main.max, self._main.min = high, low
        finally:
            self._is_set = False

    def _ends(self, place: Any) -> tuple[float, float]:
        """Ends that hold a place: its own, or the next one beyond it, so that the first key moves on from it."""
        low, high, step = self.face.low, self.face.high, self.face.step
        steps = (place - low) / step
        if low <= place <= high or abs(steps) > _MOST_STEPS:
            return min(low, place), max(high, place)
        return min(low, low + math.floor(steps) * step), max(high, low + math.ceil(steps) * step)

    def _slid(self, place: Any) -> None:
        """A browser's slider sends the step nearest to where it was put, soon or late; that is no move."""
        if self._is_set or not self._slides:
            self._tell(place)
            return
        here = shown(self._at, self.control.unit)
        if self._is_echo(place):
            if not self._is_near(place, here):  # it repeats a place that it left: it is told where it stands again
                self.put(self._at)
            return
        if self._is_near(place, here):
            return
        if self.control.kind == "range":  # a handle that was not moved stays where it was, not on the nearest step
            ends = zip(place, here, self._at, strict=True)
            self._tell(tuple(was if self._is_near(new, at) else self._typed(new) for new, at, was in ends))
        else:
            self._tell(self._typed(place))

    def _typed(self, place: float) -> float:
        """A place of the slider in the unit of the model."""
        return _plain(typed(place, self.control.unit))

    def _is_echo(self, place: Any) -> bool:
        """Whether the slider repeats where it was put; what it was put at before that it will repeat no more."""
        self._puts = [(when, put) for when, put in self._puts if self._clock() - when < _LATE]
        found = next((at for at, (_, put) in enumerate(self._puts) if self._is_near(place, put)), None)
        if found is not None:
            del self._puts[: found + 1]
        return found is not None

    @property
    def _slides(self) -> bool:
        return self.control.kind in ("number", "whole", "range")

    def _is_near(self, value: Any, other: Any, steps: float = _ECHO) -> bool:
        return bool(np.max(np.abs(np.subtract(value, other))) <= steps * self.face.step)

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
