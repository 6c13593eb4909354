"""A what-if panel for any question: sliders from the catalog, the answer's figures as text, its chart, a line to copy.

Nothing is computed here: every move goes through `override` and the question's own function.
"""

import asyncio
import json
import shlex
import tomllib
from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path
from time import monotonic
from typing import Any

import ipywidgets as widgets

from aiecon import catalog
from aiecon.errors import InputError
from aiecon.report import asking, blocks, saving
from aiecon.vocabulary import by_hand
from aiecon.vocabulary.overrides import override
from aiecon.vocabulary.question import Answer, QuestionInputs
from aiecon.widgets import figures, layout
from aiecon.widgets.controls import Control, controls_of, given_way, sharing
from aiecon.widgets.sliders import Mover
from aiecon.widgets.words import alerts, is_share, place_words, status, toml

_AS_GIVEN = "as given"
_OPTIONS = ("inputs", "changes", "scenario", "as_of", "seed", "profile")
_TOLD = ("inputs", "scenario", "as_of", "seed")  # options of a panel that the command line has
_NOTHING = "This move changes nothing here ({}): figures and chart are as before."
_CHART_ALONE = "This move changes no figure here, only the chart ({})."
_PIN, _UNPIN = "Pin this", "Unpin"
_DECIMAL = " (a share is shown in per cent: 1 is 100 %)"
_ADDED = "Or add these lines to your inputs file, or to one saved after Reset, and ask with --scenario panel:"
_SOON, _AT_REST = 0.03, 0.5  # seconds after a move until the rough answer and the full one
_BUSY = 0.02  # seconds after it was due from which something comes late
_SLOW = 0.7  # seconds from which an answer is told to be on its way


class Panel:
    """A panel of one question; `widget` is what a notebook shows.

    Inputs that cannot be, such as those saved by another version, are told in its place, and stand in `problems`.

    Examples
    --------
    >>> shown = Panel("seats")
    >>> shown.set("metered_fee_per_user_month", 5.0)
    >>> shown.line
    'aiecon ask seats --set metered_fee_per_user_month=5.0'
    """

    def __init__(self, name: str, *, start: Answer | None = None, **options: Any) -> None:
        self.options = {key: value for key, value in options.items() if value not in (None, "", {})}
        unknown = sorted(options.keys() - _OPTIONS)
        self._timers: list[asyncio.TimerHandle] = []
        self._waiting: dict[str, tuple[Control, Any]] = {}  # moves that no answer has yet
        self.pinned: figures.Pin | None = None
        self._moved = ""  # what moved last, in words
        self._is_rough = False  # whether the last answer had fewer draws
        self._took = 0.0  # seconds that the last answer took
        self._worked = 0.0  # seconds in which answers were worked out and shown
        self._day: dict[str, Any] = {}  # changes that take the prices of another day
        self._figures, self._words, self._copy, self._chart, self._how = (widgets.HTML() for _ in range(5))
        self._rows, self.changes, self.movers = widgets.VBox(), dict[str, Any](), dict[str, Mover]()
        self.problems: tuple[str, ...] = ()
        try:
            if unknown:
                raise InputError([f"{one} is no option of a panel ({', '.join(_OPTIONS)})" for one in unknown])
            self.question = catalog.find(name)
            self._function: Callable[[QuestionInputs], Answer] = self.question.load_function()
            self._picture, self._quick = self.question.load_charts()[0], dict(self.question.fast)
            self._begin(start)
            self.widget = self._laid_out()
        except InputError as error:
            self.problems = error.problems
            self.widget = layout.refused(self.problems)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    def set(self, name: str, value: Any) -> None:
        """Move a control; a value the field does not take is told in words and changes nothing."""
        mover = self.movers.get(name)
        if mover is None:
            if self.problems:
                raise InputError(self.problems)
            raise InputError(f"{name} is not a control of this panel ({', '.join(self.movers)})")
        if words := mover.control.refused(value):
            self._tell([words])
            return
        self._move(mover.control, value)

    def reset(self) -> None:
        """Put every control back."""
        self._forget()
        self.changes = {}
        if self._day:
            self._take({})
        self._ask()

    def pin(self) -> None:
        """Keep the figures, in full where they are rough, as the baseline that later ones are held against."""
        for timer in self._timers:
            timer.cancel()
        self._rest()
        self._hold(figures.Pin(self.line, self._values()))

    def unpin(self) -> None:
        """Hold the figures against nothing any more."""
        self._hold(None)

    def _hold(self, pin: figures.Pin | None) -> None:
        self.pinned = pin
        self._pin.description = _UNPIN if pin else _PIN
        self._show()

    def choose(self, scenario: str) -> None:
        """Start again from a named set of changes."""
        self._forget()
        before = self.options.get("scenario")
        self.options["scenario"] = None if scenario == _AS_GIVEN else scenario
        try:
            self._begin()
            self._words.value = ""
        except InputError as error:
            self.options["scenario"] = before
            self._scenario.value = before or _AS_GIVEN
            self._tell(error.problems)

    def save(self, path: str) -> Path | None:
        """Write the inputs as they stand to a file that `--inputs` reads; None, and words, where it cannot be."""
        try:
            found = saving.save(self._inputs(), path)
        except InputError as error:
            self._tell(error.problems)
            return None
        self._words.value = status([f"Saved: aiecon ask {self.question.name} --inputs {shlex.quote(str(found))}"])
        return found

    @property
    def line(self) -> str:
        """The command that gives the same answer."""
        given = {
            key.replace("_", "-"): value for key, value in self.options.items() if key in _TOLD and value is not None
        }
        known = "".join(f" --{key} {shlex.quote(str(value))}" for key, value in given.items())
        sets = {**self.options.get("changes", {}), **self._day, **self.changes}
        told = "".join(f" --set {shlex.quote(f'{name}={toml(value)}')}" for name, value in sets.items())
        return f"aiecon ask {self.question.name}{known}{told}"

    @property
    def toml(self) -> str:
        """The changes as a scenario of an inputs file."""
        moved = {**self._day, **self.changes}
        text = "\n".join(["[scenarios.panel.set]", *(f"{json.dumps(name)} = {toml(moved[name])}" for name in moved)])
        tomllib.loads(text)  # what is shown is what can be read
        return text

    def _begin(self, answer: Answer | None = None) -> None:
        """Start from the inputs as given, with their scenario, or from an answer to them."""
        prepared = asking.prepare(self.question.name, **self.options) if answer is None else answer.inputs
        self.start: QuestionInputs = prepared
        self.answer: Answer = answer or self._function(self.start)
        self.controls: list[Control] = controls_of(self.answer, self.question.controls)
        self.changes, self._day = {}, {}
        is_live = bool(self._quick)
        shared: dict[str, Any] = {"is_live": is_live, "moved": self._slid, "clock": lambda: monotonic() - self._worked}
        self.movers = {one.name: Mover(one, **shared) for one in self.controls}
        self._rows.children = [mover.widget for mover in self.movers.values()]
        self._show()
        self._told = (self._values(), self._chart.value)

    def _slid(self, control: Control, value: Any) -> None:
        """A reader moved a control: roughly at once and in full at rest, where a full answer takes long."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        self._waiting[control.name] = (control, value)
        for timer in self._timers:
            timer.cancel()
        if loop is None or not self._quick:
            self._settle()
            return
        self._timers = [
            self._later(loop, _SOON, lambda: self._settle(is_quick=True)),
            self._later(loop, _AT_REST, self._rest),
        ]

    def _later(self, loop: asyncio.AbstractEventLoop, delay: float, then: Callable[[], None]) -> asyncio.TimerHandle:
        """Do something after a delay; where an answer was worked out meanwhile, hear the moves made in it first."""
        due = loop.time() + delay

        def when_due() -> None:
            if loop.time() - due > _BUSY:
                self._timers.append(loop.call_later(_SOON, then))
            else:
                then()

        return loop.call_later(delay, when_due)

    def _settle(self, *, is_quick: bool = False) -> None:
        """Answer to every move that waits, in their order."""
        waiting, self._waiting = self._waiting, {}
        for control, value in waiting.values():
            self._move(control, value, is_quick=is_quick)

    def _rest(self) -> None:
        """Answer in full to what was moved."""
        self._settle()
        if self._is_rough:
            self._ask()

    def _forget(self) -> None:
        """Let go of moves that no answer has yet."""
        for timer in self._timers:
            timer.cancel()
        self._timers, self._waiting = [], {}

    def _take(self, day: Mapping[str, Any]) -> None:
        """Start again with the prices of a day, or of the inputs; what was moved stays moved."""
        given = {**self.options.get("changes", {}), **day}
        self.start = asking.prepare(self.question.name, **{**self.options, "changes": given})
        self._day = dict(day)

    def _price(self, control: Control, value: Any) -> None:
        """Take the prices of a day; a day that has none is told in words and changes nothing."""
        before, start = self._day, self.start
        try:
            self._take(control.moves[value])
        except InputError as error:
            self._tell(error.problems)
            return
        if not self._ask():
            self._day, self.start = before, start

    def _move(self, control: Control, value: Any, *, is_quick: bool = False) -> None:
        self._moved = f"{control.said}, {value}: the prices are the same" if control.kind == "day" else control.said
        if control.kind == "day":
            self._price(control, value)
            return
        before = dict(self.changes)
        moved = {control.name: value}
        others = sharing(self.controls, control)
        if others and 0 <= value <= 1:  # else the share itself is told, not those that would give way to it
            moved |= given_way({one.name: self.movers[one.name].value for one in others}, float(value))
        starts = {one.name: one for one in self.controls}
        for name, one in moved.items():
            self.changes[name] = starts[name].change(one)
            if one == starts[name].value:
                del self.changes[name]
        if not self._ask(is_quick=is_quick):
            self.changes = before
            self._put_back()

    def _put_back(self) -> None:
        """Show every control where the changes have it."""
        for name, mover in self.movers.items():
            if mover.control.kind == "day":
                mover.put(next(day for day, moves in mover.control.moves.items() if moves == self._day))
                continue
            changed = self.changes.get(name, mover.control.value)
            place = (changed["p10"], changed["p90"]) if isinstance(changed, dict) else changed
            mover.put(bool(place) if mover.control.kind == "switch" else place)

    def _inputs(self) -> QuestionInputs:
        return by_hand.put(self.start, self.changes) if self.changes else self.start

    def _ask(self, *, is_quick: bool = False) -> bool:
        """Ask again with the changes; False, and words, where they cannot be."""
        rough = {name: value for name, value in self._quick.items() if name not in self.changes} if is_quick else {}
        if self._took > _SLOW and not rough:
            self._how.value = status([f"Figures before the full answer, which takes about {self._took:.0f} seconds."])
        begun = monotonic()
        try:
            inputs = self._inputs()
            self.answer = self._function(override(inputs, rough) if rough else inputs)
        except InputError as error:
            self._how.value = ""
            self._tell(error.problems)
            return False
        except Exception as error:  # noqa: BLE001  # a kernel's log is read by nobody who moves a slider
            self._how.value = ""
            self._tell(
                [f"This cannot be worked out, a fault of aiecon ({type(error).__name__}: {error}); nothing moved."]
            )
            return False
        self._took = self._took if rough else monotonic() - begun
        self._words.value, self._is_rough = "", bool(rough)
        self._put_back()
        self._show()
        self._how.value = status(self._remarks())
        self._worked += monotonic() - begun
        return True

    def _tell(self, problems: Iterable[str]) -> None:
        self._words.value = ""  # what is told again is heard, and seen, again
        self._words.value = alerts(map(self._by_label, problems))

    def _by_label(self, problem: str) -> str:
        """What is wrong with a control, by the name that it is seen by."""
        named = sorted((one for one in self.controls if problem.startswith(one.name)), key=lambda one: len(one.name))
        if not named:
            return problem
        return f"{named[-1].said}: {problem}{_DECIMAL if is_share(named[-1].unit) else ''}"

    def _values(self) -> dict[str, Any]:
        return figures.values(self.answer.summary())

    def _remarks(self) -> list[str]:
        """What figures do not say by themselves: what they are of, that a move changed none, that a range is none."""
        beyond = [_beyond(mover) for mover in self.movers.values() if mover.is_beyond]
        if self._is_rough:
            return ["Rough figures, with fewer draws than the full answer.", *beyond]
        (figures_before, chart_before), self._told = self._told, (self._values(), self._chart.value)
        is_still = figures_before == self._told[0] and bool(self.changes or self._day)
        still = _NOTHING if chart_before == self._told[1] else _CHART_ALONE
        same = [mover for mover in self.movers.values() if mover.control.kind == "range" and mover.is_one_value]
        return [
            *beyond,
            *([still.format(self._moved)] if is_still else []),
            *(f"{one.control.said}: p10 and p90 are both {_place(one)}, so no range is left." for one in same),
        ]

    def _show(self) -> None:
        self._figures.value = figures.table(self.answer.summary(), pin=self.pinned)
        lines = f"<p>{_ADDED}</p><pre>{escape(self.toml)}</pre>" if self.changes or self._day else ""
        self._copy.value = f"<code>{escape(self.line)}</code>{lines}"
        self._chart.value = blocks.chart(self._picture(self.answer), alt=self.question.question).html

    def _laid_out(self) -> widgets.Widget:
        reset, self._pin, save = (widgets.Button(description=one) for one in ("Reset", _PIN, "Save inputs as"))
        path = widgets.Text(value=f"{self.question.name}.toml", description="file", continuous_update=False)
        reset.on_click(lambda _: self.reset())
        self._pin.on_click(lambda _: self.unpin() if self.pinned else self.pin())
        save.on_click(lambda _: self.save(path.value))
        names, left_out = asking.scenario_names(self.question.name, self.options.get("inputs"))
        chosen = self.options.get("scenario") or _AS_GIVEN
        self._scenario = widgets.Dropdown(options=[_AS_GIVEN, *names], value=chosen, description="scenario")
        self._scenario.observe(lambda change: self.choose(change["new"]), names="value")
        picker = [self._scenario] if names else []
        picker += [widgets.HTML(alerts(f"Left out: {one}" for one in left_out))] if left_out else []
        return layout.laid_out(
            picker=picker,
            controls=self._rows,
            told=self._words,
            chart=self._chart,
            figures=self._figures,
            remarks=self._how,
            below=[[reset, self._pin, save, path], [self._copy]],
        )


def _beyond(mover: Mover) -> str:
    """Where a control stands that was typed beyond its slider."""
    control = mover.control
    ends = place_words((control.low, control.high), control.unit if is_share(control.unit) else "")
    return f"{control.said} stands at {place_words(mover.value, control.unit)}, beyond the {ends} of its slider."


def _place(mover: Mover) -> str:
    """Where both handles stand."""
    return place_words(mover.value[0], mover.control.unit)


def panel(name: str, **options: Any) -> widgets.Widget:
    """Return a what-if panel of a question for a notebook; options as `aiecon.prepare` takes them."""
    return Panel(name, **options).widget
