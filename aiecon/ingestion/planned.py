"""A budget by what a charge may say of itself, read as charges are: what a period is compared to."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine, frames
from aiecon.ingestion.focus import NOT_SAID
from aiecon.ingestion.frames import Column
from aiecon.vocabulary.source import Source, Table
from aiecon.vocabulary.spend import DIMENSIONS, TOKEN_COLUMNS


@engine.reader
def read_planned(source: Source, inputs: Any) -> Table:
    """Read a budget as charges summed by month.

    Parameters
    ----------
    source
        CSV or Parquet: amount [currency]; and, where known, month, tokens, x_Requests, currency, DIMENSIONS and the
        dimension that is asked about.
    inputs
        The question's: `dimension`, `where`.

    Returns
    -------
    Table
        frame: when (no day where no month is said: of the whole period), the dimensions, billed, effective [currency],
        token columns (all tokens as input), x_Requests; facts: currency (None where not said), unread (words on columns
        that are not).

    Raises
    ------
    FrameError
        Also for a column of the filter that the budget lacks, rows that stand twice, several currencies.
    """
    said = list(dict.fromkeys([*DIMENSIONS, inputs.dimension, *(inputs.where or {})]))
    table = frames.read_columns(
        source,
        [
            Column("month", "month", is_needed=False),
            Column("amount", "amount"),
            Column("tokens", is_needed=False, may_be_empty=True, at_least=0),
            Column("x_Requests", is_needed=False, may_be_empty=True, at_least=0),
            Column("currency", "text", is_needed=False, may_be_empty=True),
            *(Column(name, "text", is_needed=name in (inputs.where or {}), may_be_empty=True) for name in said),
        ],
        check=frames.doubled("month", *said),
    )
    frame = _kept(table.frame, inputs.where or {})
    currencies = sorted(set(table.frame.get("currency", pd.Series(dtype=str)).dropna()) - {""})
    if len(currencies) > 1:
        raise InputError(f"{source.path}: column 'currency' mixes {', '.join(currencies)}; convert one at a dated rate")
    if frame.empty:
        raise InputError(f"{source.path}: no row is kept by where")
    nothing = pd.Series(0.0, index=frame.index)
    money = dict.fromkeys(("billed", "effective"), frame["amount"])
    counts = {name: frame.get(name, nothing).fillna(0.0) for name in ("tokens", "x_Requests")}
    counts |= dict.fromkeys(TOKEN_COLUMNS, nothing) | {"x_InputTokens": counts.pop("tokens")}
    named = {name: frame[name].fillna(NOT_SAID) for name in said if name in frame}
    when = pd.to_datetime(frame["month"]) if "month" in frame else pd.NaT
    planned = pd.DataFrame({inputs.dimension: NOT_SAID, **named, **money, **counts}).assign(when=when)
    facts = {"currency": currencies[0] if currencies else None, "unread": table.facts["unread"]}
    return Table(planned, table.digest, table.rows, facts)


def _kept(frame: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """The rows that the filter of the charges keeps of the budget too."""
    for name, value in wanted.items():
        said = str(value).lower() if isinstance(value, bool) else str(value)
        frame = frame[frame[name] == said]
    return frame
