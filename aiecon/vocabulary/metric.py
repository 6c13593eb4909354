"""A headline figure of an answer."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Metric:
    """One figure: its key in `ask --json`, a label people read, the value or None, its unit, and words when needed."""

    key: str
    label: str
    value: Any
    unit: str = ""
    note: str | None = None
