"""A control as what a reader moves: a slider with a box to type in, two handles, a list or a tick."""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np

from aiecon.widgets.controls import Control

_ECHO = 0.75  # steps within which a slider repeats where it was put


class Mover:
    """One control's widgets; `widget` is what is shown.

    The slider tells of every place it is moved to when `is_live`, else of where it is let go. What is typed may lie
    beyond the slider's ends, which then give way: the field's own rule decides.
    """

    def __init__(self, control: Control, *, is_live: bool, moved: Callable[[Control, Any], None]) -> None:
        self.control, self._moved, self._is_set, self._at = control, moved, False, control.value
        self._main = _main(control, is_live=is_live)
        self._main.observe(lambda change: self._slid(change["new"]), names="value")
        shown, self._box = [self._main], None
        if control.kind in ("number", "whole"):
            kind = widgets.FloatText if control.kind == "number" else widgets.IntText
            self._box = kind(value=control.value, description=control.named, tooltip=control.label)
            self._box.add_class("aiecon-box")  # whose name is heard, not seen: it is the slider's
            self._box.observe(lambda change: self._tell(change["new"]), names="value")
            shown.append(self._box)
        if control.kind in ("number", "whole", "range"):
            unit = widgets.Label(control.unit)
            unit.add_class("aiecon-unit")
            shown.append(unit)
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

    def put(self, value: Any) -> None:
        """Move it without telling anybody."""
        self._is_set, self._at = True, value
        try:
            if self._box is not None:
                self._main.max, self._main.min = max(self._main.max, value), min(self._main.min, value)
                self._box.value = value
            self._main.value = value
        finally:
            self._is_set = False

    def _slid(self, value: Any) -> None:
        """A browser's slider sends the step nearest to where it was put; that is no move."""
        is_sliding = self.control.kind in ("number", "whole", "range")
        if self.control.kind == "range":  # a handle that was not moved stays where it was, not on the nearest step
            near = _ECHO * self.control.step
            value = tuple(was if abs(new - was) <= near else new for new, was in zip(value, self._at, strict=True))
        if not is_sliding or np.max(np.abs(np.subtract(value, self._at))) > _ECHO * self.control.step:
            self._tell(value)

    def _tell(self, value: Any) -> None:
        if not self._is_set:
            self._at = value
            self._moved(self.control, value)


def _main(control: Control, *, is_live: bool) -> Any:
    shared = {
        "description": control.said,
        "tooltip": control.label,
        "style": {"description_width": "initial"},
    }
    sliding = {"min": control.low, "max": control.high, "step": control.step, "continuous_update": is_live, **shared}
    if control.kind == "range":
        return widgets.FloatRangeSlider(value=control.value, readout_format=".3g", **sliding)
    if control.kind == "number":
        return widgets.FloatSlider(value=control.value, readout=False, **sliding)
    if control.kind == "whole":
        whole = {"min": int(control.low), "max": int(control.high), "step": 1}
        return widgets.IntSlider(value=control.value, readout=False, **{**sliding, **whole})
    if control.kind in ("choice", "day"):
        return widgets.Dropdown(value=control.value, options=list(control.choices), **shared)
    return widgets.Checkbox(value=control.value, **shared)
