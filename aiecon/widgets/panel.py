"""A what-if panel for any question: sliders from the catalog, the answer's figures as text, its chart, a line to copy.

Nothing is computed here: every move goes through `override` and the question's own function.
"""

import json
import tomllib
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from aiecon import catalog
from aiecon.charts.formats import percent, significant
from aiecon.errors import InputError
from aiecon.report import asking, blocks
from aiecon.vocabulary.overrides import override
from aiecon.vocabulary.question import Answer, QuestionInputs
from aiecon.widgets.controls import Control, controls

_SHOWN = 8  # headline figures shown
_WIDE = {"description_width": "260px"}


class Panel:
    """A panel of one question; `widget` is what a notebook shows.

    Examples
    --------
    >>> shown = Panel("seats")
    >>> shown.set("metered_fee_per_user_month", 5.0)
    >>> shown.line
    'aiecon ask seats --set metered_fee_per_user_month=5.0'
    """

    def __init__(self, name: str, **options: Any) -> None:
        self.question = catalog.find(name)
        self.start: QuestionInputs = asking.prepare(name, **options)
        self._quick = dict(self.question.fast)
        self._function: Callable[[QuestionInputs], Answer] = self.question.load_function()
        self._picture = self.question.load_charts()[0]
        self.controls: list[Control] = controls(self.start, self.question.controls)
        self.changes: dict[str, Any] = {}
        self.pinned: dict[str, Any] | None = None
        self.answer: Answer = self._function(self.start)
        self._figures, self._words, self._copy, self._chart = (widgets.HTML() for _ in range(4))
        self._sliders = {control.name: _slider(control) for control in self.controls}
        self.widget = self._laid_out()
        self._show()

    def set(self, name: str, value: Any) -> None:
        """Move a control; a value the field does not take is told in words and changes nothing."""
        control = next((one for one in self.controls if one.name == name), None)
        if control is None:
            raise InputError(f"{name} is not a control of this panel ({', '.join(self._sliders)})")
        self._moved(control, value)

    def reset(self) -> None:
        """Put every control back."""
        self.changes = {}
        for control in self.controls:
            slider = self._sliders[control.name]
            slider.unobserve_all()
            slider.value = control.value
            self._watch(control)
        self._ask()

    def pin(self) -> None:
        """Keep the figures shown as the baseline that later ones are held against."""
        self.pinned = {metric.key: metric.value for metric in self.answer.summary()}
        self._show()

    @property
    def line(self) -> str:
        """The command that gives the same answer."""
        sets = "".join(f" --set {_quoted(name)}={_written(value)}" for name, value in self.changes.items())
        return f"aiecon ask {self.question.name}{sets}"

    @property
    def toml(self) -> str:
        """The changes as lines of an inputs file."""
        lines = [f"{name} = {_written(value)}" for name, value in self.changes.items()]
        text = "\n".join(lines)
        tomllib.loads(text)  # what is shown is what can be read
        return text

    def _moved(self, control: Control, value: Any) -> None:
        before = dict(self.changes)
        self.changes[control.name] = control.change(value)
        if value == control.value:
            del self.changes[control.name]
        if not self._ask():
            self.changes = before

    def _ask(self) -> bool:
        """Ask again with the changes; False, and words, where they cannot be."""
        try:
            self.answer = self._function(override(self.start, self.changes) if self.changes else self.start)
        except InputError as error:
            self._words.value = "".join(f"<p role='alert'>{_escaped(problem)}</p>" for problem in error.problems)
            return False
        self._words.value = ""
        self._show()
        return True

    def _show(self) -> None:
        rows = []
        for metric in self.answer.summary()[:_SHOWN]:
            shown = _figure(metric.value, metric.unit)
            before = ""
            if self.pinned is not None and metric.key in self.pinned:
                before = f" <small>(pinned: {_escaped(_figure(self.pinned[metric.key], metric.unit))})</small>"
            rows.append(
                f"<tr><td>{_escaped(metric.label)}</td><td data-key='{metric.key}'>{_escaped(shown)}{before}</td></tr>"
            )
        self._figures.value = f"<table aria-live='polite'>{''.join(rows)}</table>"
        self._copy.value = f"<code>{_escaped(self.line)}</code>"
        self._chart.value = blocks.chart(self._picture(self.answer), alt=self.question.question).html

    def _laid_out(self) -> widgets.VBox:
        reset, pin = widgets.Button(description="Reset"), widgets.Button(description="Pin as baseline")
        reset.on_click(lambda _: self.reset())
        pin.on_click(lambda _: self.pin())
        for control in self.controls:
            self._watch(control)
        rows = [widgets.HBox([slider, widgets.Label(control.unit)]) for control, slider in self._pairs()]
        figures = widgets.HBox([self._chart, self._figures])
        return widgets.VBox([widgets.VBox(rows), self._words, figures, widgets.HBox([reset, pin]), self._copy])

    def _pairs(self) -> list[tuple[Control, Any]]:
        return [(control, self._sliders[control.name]) for control in self.controls]

    def _watch(self, control: Control) -> None:
        self._sliders[control.name].observe(lambda change: self._moved(control, change["new"]), names="value")


def panel(name: str, **options: Any) -> widgets.VBox:
    """Return a what-if panel of a question for a notebook; options as `aiecon.prepare` takes them."""
    return Panel(name, **options).widget


def _slider(control: Control) -> Any:
    shared = {
        "description": control.label[:60] or control.name,
        "style": _WIDE,
        "layout": widgets.Layout(width="640px"),
        "continuous_update": False,
    }
    ends = {"min": control.low, "max": control.high, "step": control.step}
    if control.kind == "range":
        return widgets.FloatRangeSlider(value=control.value, readout_format=".3g", **ends, **shared)
    if control.kind == "number":
        return widgets.FloatSlider(value=control.value, readout_format=".3g", **ends, **shared)
    if control.kind == "whole":
        whole = {"min": int(control.low), "max": int(control.high), "step": 1}
        return widgets.IntSlider(value=control.value, **whole, **shared)
    del shared["continuous_update"]
    if control.kind == "choice":
        return widgets.Dropdown(value=control.value, options=list(control.choices), **shared)
    return widgets.Checkbox(value=control.value, **shared)


def _figure(value: Any, unit: str) -> str:
    if value is None:
        return "–"
    if unit == "share":
        return percent(value)
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int | float):
        return f"{value:,.0f} {unit}" if abs(value) >= 1_000 else f"{significant(float(value))} {unit}".strip()
    return json.dumps(value)


def _written(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_written(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def _quoted(name: str) -> str:
    return f"'{name}'" if any(mark in name for mark in ' "') else name


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
