"""What stands in place of a panel where nothing can be moved: its first telling control as a table and a chart."""

from typing import Any

import pandas as pd

from aiecon import catalog
from aiecon.charts.what_if import what_if_chart
from aiecon.errors import InputError
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.overrides import override
from aiecon.vocabulary.question import Answer
from aiecon.widgets.controls import Control, controls_of, given_way, sharing
from aiecon.widgets.words import figure_words, shown

_TIMES, _FEW_TIMES = (0.5, 0.75, 1.0, 1.25, 1.5), (0.5, 1.0, 1.5)  # few where each takes its time
_BETWEEN = tuple(round(0.5 + 0.1 * step, 1) for step in range(11))  # drawn where figures jump
_FIGURES = 3  # columns of the table
_TOLD = 1e-6  # relative move of a figure from which a control tells something


def twin(name: str, answer: Answer) -> list[Block]:
    """Return a table and a chart of an answer over the first control that moves it; nothing where none does.

    Each row is asked anew, as the panel would, with the fewer draws of the fast profile.
    """
    question = catalog.find(name)
    ask, rough = question.load_function(), dict(question.fast)
    found = controls_of(answer, question.controls)
    for control in found:
        if control.kind not in ("number", "whole", "range") or not _middle(control):
            continue
        told = _places(control, _FEW_TIMES if rough else _TIMES)
        drawn = _places(control, _BETWEEN) if question.is_stepped else told
        asked = [(place, _asked(ask, answer, found, control, place, rough)) for place in drawn]
        rows = [(place, one) for place, one in asked if one is not None]
        columns = _columns([one for _, one in rows])
        if len(rows) > 1 and columns:
            return _shown(control, rows, columns, told=told)
    return []


def _places(control: Control, factors: tuple[float, ...]) -> list[Any]:
    """Places of a control about where it stands, within its ends; of a range, both its percentiles."""
    if control.kind == "range":
        return [tuple(min(max(end * times, control.low), control.high) for end in control.value) for times in factors]
    places = [min(max(control.value * times, control.low), control.high) for times in factors]
    return list(dict.fromkeys(round(place) if control.kind == "whole" else place for place in places))


def _middle(control: Control) -> float:
    low, high = control.value if control.kind == "range" else (control.value, control.value)
    return float(low + high) / 2


def _asked(
    ask: Any, answer: Answer, found: list[Control], control: Control, place: Any, rough: dict[str, Any]
) -> Answer | None:
    """The answer with a control at a place; None where the field does not take it."""
    moved = {control.name: control.change(place)}
    if others := sharing(found, control):
        moved |= given_way({one.name: float(one.value) for one in others}, float(place))
    try:
        one: Answer = ask(override(answer.inputs, {**rough, **moved}))
    except InputError:
        return None
    return one


def _columns(answers: list[Answer]) -> list[Any]:
    """The first figures that are numbers in every answer and move, most a table's width."""
    found = []
    for metrics in zip(*(answer.summary() for answer in answers), strict=True):
        values = [metric.value for metric in metrics]
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            size = max(abs(value) for value in values)
            if max(values) - min(values) > _TOLD * size:
                found.append(metrics[0])
    return found[:_FIGURES]


def _shown(control: Control, rows: list[tuple[Any, Answer]], columns: list[Any], *, told: list[Any]) -> list[Block]:
    """The chart of every place, and a table of those that are told."""
    what, cells, points = control.named, [], []
    for place, answer in rows:
        values = {metric.key: metric.value for metric in answer.summary()}
        ends = [shown(end, control.unit) for end in (place if control.kind == "range" else (place,))]
        words = " to ".join(f"{end:,.6g}" for end in ends)
        if place in told:
            cells.append([words, *(figure_words(values[metric.key], metric.unit) for metric in columns)])
        middle = sum(ends) / len(ends)
        is_now = place == control.value
        points.append({"place": middle, "value": values[columns[0].key], "now": is_now, "told": place in told})
    note = "Each row is asked anew with fewer draws; the panel in the notebook moves every control."
    bold = [row for row, point in enumerate(point for point in points if point["told"]) if point["now"]]
    names = [what, *(metric.label for metric in columns)]
    table = blocks.table(f"What if: {control.said}", names, cells, note=note, bold=bold)
    frame = pd.DataFrame(points)
    first = columns[0]
    chart = what_if_chart(frame, figure=first.label, unit=first.unit, control=what)
    said = "; ".join(
        f"{point['place']:,.6g}: {figure_words(point['value'], first.unit)}" for point in points if point["told"]
    )
    return [blocks.chart(chart, alt=f"{first.label} by {what}: {said}."), table]
