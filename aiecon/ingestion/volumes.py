"""Forecast volumes by month or by day, and units deployed over time."""

from typing import Any

import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine, frames
from aiecon.ingestion.frames import Column
from aiecon.vocabulary.source import Source, Table

_MOST_DAYS = 3_660  # ten years
_QUARTER = 15.0  # minutes, the shortest stretch that is billed
_COLUMNS = (
    Column("month", "month", is_needed=False),
    Column("date", "day", is_needed=False),
    Column("tokens", at_least=0),
)


@engine.reader
def read_volumes(source: Source, _inputs: Any) -> Table:
    """Read {month, tokens} or {date, tokens}: normalised tokens of each period, in any order.

    Returns
    -------
    Table
        frame: start (first day of the period), days (its length), tokens, one row a period from the first to the last,
        absent ones zero; facts: absent, is_monthly, first and last day. Nothing is cut at `as_of`: all is to come.
    """
    read = frames.read_columns(source, _COLUMNS, check=_problems)
    column = "month" if "month" in read.frame else "date"
    step = "MS" if column == "month" else "D"
    tokens = read.frame.set_index(column)["tokens"]
    starts = pd.date_range(tokens.index.min(), tokens.index.max(), freq=step)
    end = starts[-1] + (pd.offsets.MonthBegin(1) if step == "MS" else pd.Timedelta(days=1))
    days = (starts[1:].append(pd.DatetimeIndex([end])) - starts).days.to_numpy()
    if days.sum() > _MOST_DAYS:
        raise InputError(f"{source.path}: it spans {days.sum():,} days, more than ten years; check '{column}'")
    frame = pd.DataFrame({"start": starts, "days": days, "tokens": tokens.reindex(starts, fill_value=0.0).to_numpy()})
    facts = {
        "absent": len(starts) - len(tokens),
        "is_monthly": step == "MS",
        "first": starts[0].date(),
        "last": (end - pd.Timedelta(days=1)).date(),
        "as_of": None,
    }
    return Table(frame, read.digest, read.rows, facts)


@frames.by_row
def _problems(name: str, frame: pd.DataFrame) -> list[str]:
    """Periods are months or days, each once."""
    named = [column for column in ("month", "date") if column in frame]
    if len(named) == 1:
        return frames.doubled(*named)(name, frame)
    got = "both" if named else "neither"
    return [f"{name}: one of the columns 'month' and 'date' is expected, it has {got}"]


_DEPLOYED = (Column("timestamp", "moment"), Column("name", "text"), Column("units", at_least=0))


@engine.reader
def read_deployed(source: Source, _inputs: Any) -> Table:
    """Read {timestamp, name, units}: what each deployment holds from a moment on, until a later row says otherwise.

    Returns
    -------
    Table
        frame: minutes (length of each stretch; the last is as long as the one before it, a quarter of an hour when
        alone) and one column of units a deployment, zero before its first row; facts: first, last, as_of (None: it says
        nothing about the demand).
    """
    read = frames.read_columns(source, _DEPLOYED, check=frames.doubled("timestamp", "name"))
    units = read.frame.pivot(index="timestamp", columns="name", values="units").sort_index().ffill().fillna(0.0)
    lengths = units.index.to_series().diff().dt.total_seconds().to_numpy()[1:] / 60
    last = lengths[-1] if len(lengths) else _QUARTER
    frame = units.reset_index(drop=True).rename_axis(columns=None)
    frame.insert(0, "minutes", [*lengths, last], allow_duplicates=True)
    return Table(frame, read.digest, read.rows, {"first": units.index[0], "last": units.index[-1], "as_of": None})
