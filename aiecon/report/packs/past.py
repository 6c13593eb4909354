"""Days that a page asks a decision by and that have gone, told as such."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from aiecon.report import blocks

_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def told(by: str, day: str) -> str:
    """Words on until when, and that the day in them has gone.

    Examples
    --------
    >>> told("2026-04-30, the committee", "2026-06-06")
    '2026-04-30, the committee (past: this is as of 2026-06-06)'
    >>> told("2026-06-30, the committee", "2026-06-06"), told("before the renewal", "2026-06-06")
    ('2026-06-30, the committee', 'before the renewal')
    """
    days = [found for found in _DAY.findall(by) if _is_day(found)]
    return f"{by} (past: this is as of {day})" if days and max(days) < day else by


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def mark(notebooks: Sequence[Any], day: str) -> None:
    """Let the decisions in executed notebooks say where the day they are asked by has gone."""
    for notebook in notebooks:
        for block in blocks.shown(notebook):
            if block["kind"] == "decision":
                by = told(block["by"], day)
                said = blocks.decision(what=block["what"], who=block["who"], by=by, changes=block["changes"])
                block |= {"by": by, "html": said.html}
