"""Where the parts of a panel stand, how they look in a light and a dark page, and what a screen reader is told."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import ipywidgets as widgets

from aiecon import resources
from aiecon.report import html
from aiecon.widgets.words import alerts

_RESTART = "<small>After a restart of the kernel nothing moves: run its cell again, or load the page anew.</small>"


def laid_out(
    *,
    picker: Sequence[widgets.Widget],
    controls: widgets.Widget,
    told: widgets.Widget,
    chart: widgets.Widget,
    figures: widgets.Widget,
    remarks: widgets.Widget,
    below: Sequence[Sequence[widgets.Widget]],
) -> widgets.VBox:
    """Return the parts of a panel as a notebook shows them: figures beside the chart, above it in a narrow window."""
    moved = [widgets.VBox(list(picker)), controls, told, chart]
    names = ("picker", "controls", "told", "chart")
    main = widgets.VBox([_classed(one, name) for one, name in zip(moved, names, strict=True)])
    parts = [
        _classed(main, "main"),
        _classed(widgets.VBox([figures, _classed(remarks, "remarks")]), "figures"),
    ]
    rows = [_classed(widgets.HBox(list(row), layout=widgets.Layout(flex_flow="row wrap")), "below") for row in below]
    look = widgets.HTML(f"<style>{html.fonts()}{_own('panel.css')}</style>")  # fonts: those of the charts
    shown = [
        _classed(look, "style"),
        _classed(widgets.VBox(parts), "parts"),
        *rows,
        _classed(widgets.HTML(_RESTART), "restart"),
        _script(),
    ]
    return _classed(widgets.VBox(shown), "panel")


def refused(problems: Iterable[str]) -> widgets.HTML:
    """What stands in place of a panel that cannot be."""
    return _classed(widgets.HTML(f"<style>{_own('panel.css')}</style>{alerts(problems)}"), "panel")


def _classed(widget: widgets.Widget, name: str) -> Any:
    return widget.add_class(f"aiecon-{name}")


def _script() -> widgets.Output:
    """What names the controls: an output, since a widget of HTML runs no script."""
    data = {"application/javascript": _own("panel.js")}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    return _classed(widgets.Output(outputs=(output,)), "script")


@cache
def _own(name: str) -> str:
    return resources.package(f"widgets/{name}").read_text(encoding="utf-8")
