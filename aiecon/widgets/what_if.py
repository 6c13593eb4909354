"""A panel where it can be moved, and its static twin where it cannot."""

import os
from typing import Any

from aiecon.report.blocks import Block, nothing
from aiecon.report.kernel import STATIC
from aiecon.vocabulary.question import Answer
from aiecon.widgets.panel import Panel
from aiecon.widgets.twin import twin


def what_if(name: str, answer: Answer, **options: Any) -> "Panel | Block":
    """Return what a notebook shows last: a panel that starts from an answer, or in a report table and chart.

    A report of the fast profile leaves them out.

    Parameters
    ----------
    name
        The question.
    answer
        Its answer, which the twin starts from.
    options
        What `aiecon.prepare` was given, so that the panel's line says the same.
    """
    if not os.environ.get(STATIC):
        return Panel(name, start=answer, **options)
    shown = [] if options.get("profile") == "fast" else twin(name, answer)
    if not shown:
        return nothing()
    from IPython.display import display

    for block in shown[:-1]:
        display(block)
    return shown[-1]
