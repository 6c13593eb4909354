"""A budget by what a charge may say of itself, read as charges are: what a period is compared to."""

from typing import Any

import pandas as pd

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
        CSV or Parquet: amount [currency]; and, where known, month, tokens, x_Requests, DIMENSIONS and the dimension
        that is asked about.
    inputs
        The question's: `dimension`.

    Returns
    -------
    Table
        frame: when (no day where no month is said: of the whole period), the dimensions, billed, effective [currency],
        token columns (all tokens as input), x_Requests.
    """
    said = list(dict.fromkeys([*DIMENSIONS, inputs.dimension]))
    table = frames.read_columns(
        source,
        [
            Column("month", "month", is_needed=False),
            Column("amount", "amount"),
            Column("tokens", is_needed=False, may_be_empty=True, at_least=0),
            Column("x_Requests", is_needed=False, may_be_empty=True, at_least=0),
            *(Column(name, "text", is_needed=False, may_be_empty=True) for name in said),
        ],
    )
    frame = table.frame
    nothing = pd.Series(0.0, index=frame.index)
    money = dict.fromkeys(("billed", "effective"), frame["amount"])
    counts = {name: frame.get(name, nothing).fillna(0.0) for name in ("tokens", "x_Requests")}
    counts |= dict.fromkeys(TOKEN_COLUMNS, nothing) | {"x_InputTokens": counts.pop("tokens")}
    named = {name: frame[name].fillna(NOT_SAID) for name in said if name in frame}
    when = pd.to_datetime(frame["month"]) if "month" in frame else pd.NaT
    planned = pd.DataFrame({inputs.dimension: NOT_SAID, **named, **money, **counts}).assign(when=when)
    return Table(planned, table.digest, table.rows, {})
