"""Whether rows of minutes are in order, each minute once: what is refused of a file, and what is only said."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from aiecon.ingestion import engine
from aiecon.ingestion.engine import Opened

_SECONDS_PER_MINUTE = 60
_PER_MINUTE = {"timestamp": 60.0, "timestamp_ms": 60_000.0}


@dataclass(frozen=True)
class Order:
    """What is wrong with the order of a file's rows, and what a reader should know of it."""

    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


ANY = Order()
"""That of requests, which may come in any order and many at once."""


def order_of(opened: Opened, table: Any, when: str, *, is_dated: bool) -> Order:
    """Return what is to be said of a file whose rows are minutes, of those rows whose minute can be read.

    A `minute` column has each minute once, in order. Moments may lie within a minute and are added up then; where all
    stand on full minutes, one row a minute is meant: a repeated one is refused, rows out of order are said.
    """
    if when != "minute" and not _is_by_minute(opened, when, is_dated=is_dated):
        return ANY
    frame = table.select(row=table[engine.ROW], minute=table["__minute"]).order_by("row").to_pandas()
    frame = frame[frame["minute"].notna()]
    step, rows = np.diff(frame["minute"].to_numpy(dtype=float)), frame["row"].to_numpy()[1:]
    late = _told(opened.name, rows, step < 0, "lies before the row above it; minutes in order are expected")
    if when == "minute":
        again = _told(opened.name, rows, step == 0, "repeats the minute before it; one row a minute is expected")
        return Order(problems=(*again, *late))
    twice = pd.Series(frame["minute"]).duplicated().to_numpy()
    words = "repeats a moment that stands above; one row a minute is expected: remove it or add the rows up"
    out = _told(opened.name, rows, step < 0, "lies before the row above it; rows were put in order")
    return Order(problems=tuple(_told(opened.name, frame["row"].to_numpy(), twice, words)), notes=tuple(out))


def _told(name: str, rows: np.ndarray, broken: np.ndarray, words: str) -> list[str]:
    """One line for rows that break a rule: the first of them, and how many do."""
    if not broken.any():
        return []
    more = f"; {int(broken.sum()):,} rows do" if broken.sum() > 1 else ""
    return [f"{name}: row {rows[int(np.flatnonzero(broken)[0])]} {words}{more}"]


def _is_by_minute(opened: Opened, when: str, *, is_dated: bool) -> bool:
    """Whether every moment that can be read stands on a full minute."""
    if is_dated:
        value, _ = engine.moment(opened, when)
        within = (value.epoch_seconds() % _SECONDS_PER_MINUTE != 0) | (value.microsecond() != 0)
    else:
        within = engine.number(opened, when)[0] % _PER_MINUTE[when] != 0
    return not engine.row(opened.table, within=within.sum())["within"]
