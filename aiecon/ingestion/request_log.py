"""Requests one by one, in order of arrival: what admission is replayed on, where a log is small enough to hold."""

from typing import Any

import ibis
import pandas as pd

from aiecon.ingestion import engine
from aiecon.ingestion.engine import Opened, Rule

MOST_REQUESTS = 1_000_000
"""Requests of a log that are held in memory; a longer one is added up by minute alone."""
_PER_SECOND = {"timestamp": 1.0, "timestamp_ms": 1_000.0}


def limit(opened: Opened) -> tuple[Any, list[Rule]]:
    """Tokens a request may write at most, as it says itself, with the rules of the column; None without one."""
    if "max_tokens" not in opened.columns:
        return None, []
    value, rules = engine.number(opened, "max_tokens")
    return value, [*rules, Rule("max_tokens", value < 0, "a number of zero or more is expected")]


def second(opened: Opened, when: str, *, is_dated: bool) -> Any:
    """Second of each row, fractions kept: of the epoch for moments, of the trace for numbers."""
    cell = opened.table[when]
    if is_dated:
        return engine.moment(opened, when, cell=cell)[0].epoch_seconds().cast("float64")
    return engine.number(opened, when)[0] / _PER_SECOND[when]


def is_kept(opened: Opened, when: str) -> bool:
    """Whether rows are requests, each with its time, and few enough to hold."""
    return when in _PER_SECOND and "requests" not in opened.columns and opened.rows <= MOST_REQUESTS


def requests_of(table: Any) -> pd.DataFrame:
    """Return arrival_s (from 0), input_tokens, cached_tokens, output_tokens, max_tokens? of each request.

    Parameters
    ----------
    table
        Its checked rows with __second, __read, __cached, __written and, where requests say it, __most.
    """
    names = {"arrival_s": "second", "input_tokens": "read", "cached_tokens": "cached", "output_tokens": "written"}
    names |= {"max_tokens": "most"} if "__most" in table.columns else {}
    chosen = {name: table[f"__{short}"].cast("float64") for name, short in names.items()}
    frame: pd.DataFrame = table.select(**chosen).order_by(*(ibis.asc(name) for name in names)).to_pandas()
    return frame.assign(arrival_s=frame["arrival_s"] - frame["arrival_s"].min())
