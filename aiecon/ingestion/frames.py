"""Small files of known columns: demand, usage, seats, outcomes, actuals; every problem with column and row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Literal

import ibis
import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine
from aiecon.ingestion.engine import Opened, Rule
from aiecon.ingestion.history import day
from aiecon.vocabulary.source import Source, Table

Check = Callable[[str, pd.DataFrame], list[str]]
_DATED = ("day", "month", "moment")


@dataclass(frozen=True)
class Column:
    """A column a file may have.

    Attributes
    ----------
    name
        What it is called in the frame.
    kind
        number; amount (of money, as `engine.amount`); flag (1 or 0, as a file also says true or false); day or month (a
        date at midnight); moment (date and time); text.
    is_needed
        Whether a file without it is refused.
    at_least, at_most
        Smallest and largest number it may hold.
    may_be_empty
        Whether a cell may be empty; then it is missing.
    also
        Other names it goes by in files.
    """

    name: str
    kind: Literal["number", "amount", "flag", "day", "month", "moment", "text"] = "number"
    is_needed: bool = True
    at_least: float | None = None
    at_most: float | None = None
    may_be_empty: bool = False
    also: tuple[str, ...] = ()


def reader(*columns: Column, check: Check | None = None) -> Any:
    """Return a reader for `ingestion.resolve` of files with these columns; `check` says what else is wrong."""

    @engine.reader
    def read(source: Source, inputs: Any) -> Table:
        """Read the columns that the file has, up to `as_of`; FrameError names every problem with column and row."""
        return read_columns(source, columns, check=check, as_of=getattr(inputs, "as_of", None))

    return read


def read_columns(
    source: Source,
    columns: Sequence[Column],
    *,
    check: Check | None = None,
    as_of: date | None = None,
) -> Table:
    """Read a CSV or Parquet file of known columns, in the order of its rows; those dated after `as_of` are left out.

    Returns
    -------
    Table
        frame: the columns the file has, under their names, beside `row`, the row of the file; numbers as floats, dates
        as timestamps, text as text. facts: columns, as_of (last day it has, None without dates), left_out.
    """
    opened = engine.open_file(source)
    given = {column: _given(opened, column) for column in columns}
    opened = _renamed(opened, {name: column.name for column, name in given.items() if name})
    problems = engine.missing_columns(opened, [column.name for column in columns if column.is_needed])
    typed, rules, bounds = {}, [], []
    for column in columns:
        if column.name in opened.columns:
            typed[column.name], found = _typed(opened, column)
            rules += found
            bounds += _bounds(column, typed[column.name])
    told = problems + engine.check(opened, [*rules, *bounds])
    broken = engine.check(opened, rules)
    known, optional = [column.name for column in columns], [column.name for column in columns if not column.is_needed]
    misspelt = _misspelt(opened, known, optional)
    if problems:
        engine.refuse([*told, *misspelt])
    frame = opened.table.select(row=opened.table[engine.ROW], **typed).order_by("row").to_pandas()
    if broken:
        of_rows = getattr(check, "of_rows", None)
        engine.refuse([*told, *(of_rows(opened.name, frame) if of_rows else []), *misspelt])
    if frame.empty:
        raise InputError(f"{opened.name}: the file has a header and no rows")
    if told := [*told, *(check(opened.name, frame) if check else [])]:
        engine.refuse([*told, *misspelt])
    rows, last = len(frame), None
    dated = next((column for column in columns if column.name in typed and column.kind in _DATED), None)
    if dated is not None:
        ends = frame[dated.name] + (pd.offsets.MonthEnd(0) if dated.kind == "month" else pd.Timedelta(0))
        if as_of is not None:
            is_later = ends.dt.normalize() > pd.Timestamp(as_of)  # a row without a day is read
            frame, ends = frame[~is_later], ends[~is_later]
            if frame.empty:
                raise InputError(f"{opened.name}: no row lies on or before {as_of}, the day it is read as of")
        last = None if dated.may_be_empty else ends.max().date()
    unread = engine.unread_columns(opened, known)
    facts = {"columns": tuple(typed), "as_of": last, "left_out": rows - len(frame), "unread": unread}
    return Table(frame.reset_index(drop=True), engine.digest(opened.path), rows, facts)


def _misspelt(opened: Opened, known: Sequence[str], optional: Sequence[str]) -> list[str]:
    """One problem for each column that is not read and whose name may be a slip of an optional one that is absent."""
    absent, found = [name for name in optional if name not in opened.columns], []
    for name in (name for name in opened.columns if name not in known):
        if near := get_close_matches(name.lower(), absent, n=1, cutoff=0.6):
            found.append(f"{opened.name}: column '{name}' is not read; did you mean '{near[0]}'?")
    return found


def _given(opened: Opened, column: Column) -> str | None:
    """The name that the file has for a column, if it has one of those it goes by."""
    if column.name in opened.columns:
        return None
    return next((name for name in column.also if name in opened.columns), None)


def _renamed(opened: Opened, names: dict[str, str]) -> Opened:
    if not names:
        return opened
    table = opened.table.rename({new: old for old, new in names.items()})
    return Opened(opened.name, opened.path, table, opened.is_text)


def _typed(opened: Opened, column: Column) -> tuple[Any, list[Rule]]:
    cell = opened.table[column.name]
    if column.kind == "text":
        value = cell.cast("string").strip()
        empty = ibis.coalesce(value, "") == ""
        return value, [] if column.may_be_empty else [Rule(column.name, empty, "a name is expected")]
    if column.kind in ("day", "month"):
        value, rules = day(opened, column.name)
    elif column.kind == "moment":
        value, rules = engine.moment(opened, column.name)
    elif column.kind == "flag":
        value, rules = _flag(opened, column.name)
    else:
        value, rules = (engine.amount if column.kind == "amount" else engine.number)(opened, column.name)
    if column.may_be_empty:
        rules = [Rule(rule.column, rule.broken & cell.notnull(), rule.expected) for rule in rules]
    return value, rules


def _flag(opened: Opened, column: str) -> tuple[Any, list[Rule]]:
    """A column of true and false as 1 and 0, with the rule that makes it one."""
    cell = opened.table[column]
    said = cell.cast("string").strip().lower()
    value = ibis.cases((said == "true", 1.0), (said == "false", 0.0), else_=said.try_cast("float64"))
    broken = ~ibis.coalesce(value.isin([0.0, 1.0]), engine.FALSE)
    return value, [Rule(column, broken, "true or false, or 1 or 0, is expected")]


def _bounds(column: Column, value: Any) -> list[Rule]:
    """What numbers a column may not hold; those of a file that is otherwise well typed are told with all else."""
    found = []
    if column.at_least is not None:
        found.append(Rule(column.name, value < column.at_least, f"a number of {column.at_least:g} or more is expected"))
    if column.at_most is not None:
        found.append(Rule(column.name, value > column.at_most, f"a number of {column.at_most:g} or less is expected"))
    return found


def doubled(*keys: str) -> Check:
    """Return a check that refuses rows with the same values in all of these columns."""

    def check(name: str, frame: pd.DataFrame) -> list[str]:
        present = [key for key in keys if key in frame]
        if not present:
            return []
        again = frame[frame.duplicated(present) & frame[present].notna().all(axis=1)]
        if again.empty:
            return []
        first = again.iloc[0]
        shown = ", ".join(f"{key} {_shown(first[key])}" for key in present)
        more = f"; {len(again):,} rows repeat one" if len(again) > 1 else ""
        return [f"{name}: row {first['row']} repeats {shown}; one row each is expected{more}"]

    return by_row(check)


def by_row(check: Check) -> Check:
    """Mark a check that holds for the rows that can be read, too, where others are broken."""
    check.of_rows = check  # type: ignore[attr-defined]  # a mark that `read_columns` looks for
    return check


def unbroken(name_of_month: str) -> Check:
    """Return a check that refuses a file with months between its first and last of which it has no row."""

    def check(name: str, frame: pd.DataFrame) -> list[str]:
        if name_of_month not in frame:
            return []
        months = frame[name_of_month].dt.to_period("M")
        every = pd.period_range(months.min(), months.max(), freq="M")
        absent = [str(month) for month in every.difference(pd.PeriodIndex(months.unique()))]
        if not absent:
            return []
        return [
            f"{name}: column {name_of_month!r}: no row is of {', '.join(absent)}, between {every[0]} and {every[-1]}; "
            "rows of every month are expected: add them (with 0 where nothing was used) or leave out those before"
        ]

    return check


def every(*checks: Check) -> Check:
    """Return a check that tells what all of these tell; where rows are broken, what those by row tell of the others."""

    def check(name: str, frame: pd.DataFrame) -> list[str]:
        return [problem for one in checks for problem in one(name, frame)]

    of_rows = [one.of_rows for one in checks if hasattr(one, "of_rows")]
    if of_rows:
        check.of_rows = check if len(of_rows) == len(checks) else every(*of_rows)  # type: ignore[attr-defined]  # as `by_row`
    return check


def _shown(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else repr(value)
