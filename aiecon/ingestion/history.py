"""Histories and budgets from small files of dated values."""

from dataclasses import replace
from typing import Any

import ibis
import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine
from aiecon.ingestion.engine import Opened, Rule
from aiecon.vocabulary.source import Source, Table


@engine.reader
def read_history(source: Source, inputs: Any) -> Table:
    """Read {date, series?, value}: one row a date and series; an empty value is a missing one.

    Returns a frame with date, series, value; FrameError names every problem with column and row.
    """
    return _read(source, when="date", what="value", blank_is_missing=True)


@engine.reader
def read_budget(source: Source, inputs: Any) -> Table:
    """Read {month, amount, series?}: one row a month and series; a month is 2026-04 or its first day.

    Returns a frame with month (first day), series, amount; FrameError names every problem with column and row.
    """
    return _read(source, when="month", what="amount", blank_is_missing=False)


@engine.reader
def read_column(source: Source, inputs: Any) -> Table:
    """Read the one column of numbers that an empirical distribution names."""
    opened = engine.open_file(source)
    engine.refuse(engine.missing_columns(opened, [inputs.column]))
    value, rules = engine.number(opened, inputs.column)
    engine.refuse(engine.check(opened, rules))
    frame = opened.table.select(**{inputs.column: value}).to_pandas()
    if frame.empty:
        raise InputError(f"{opened.name}: the file has a header and no rows")
    return Table(frame, engine.digest(opened.path), len(frame), {})


def _read(source: Source, *, when: str, what: str, blank_is_missing: bool) -> Table:
    opened = engine.open_file(source)
    problems = engine.missing_columns(opened, [when, what])
    typed, rules = _typed(opened, when, what, blank_is_missing)
    problems += engine.check(opened, rules)
    engine.refuse(problems)
    series = opened.table["series"].cast("string") if "series" in opened.columns else ibis.literal("total")
    table = opened.table.select(row=opened.table[engine.ROW], series=ibis.coalesce(series, "total"), **typed)
    frame = table.order_by("row").to_pandas()
    if frame.empty:
        raise InputError(f"{opened.name}: the file has a header and no rows")
    frame[when] = pd.to_datetime(frame[when])
    engine.refuse(_twice(opened.name, frame, when))
    facts = {"blank": int(frame[what].isna().sum())}
    columns = [when, "series", what]
    if frame[what].isna().all():
        raise InputError(f"{opened.name}: column '{what}' has no value")
    sorted_frame = frame[columns].dropna(subset=[what]).sort_values(["series", when], ignore_index=True)
    return Table(sorted_frame, engine.digest(opened.path), len(frame), facts)


def _typed(opened: Opened, when: str, what: str, blank_is_missing: bool) -> tuple[dict[str, Any], list[Rule]]:
    typed, rules = {}, []
    if when in opened.columns:
        typed[when], found = _day(opened, when)
        rules += found
    if what in opened.columns:
        typed[what], (rule,) = engine.number(opened, what)
        if what == "amount":
            rules.append(Rule(what, typed[what] < 0, "a budget of zero or more is expected"))
        if blank_is_missing:
            rule = Rule(what, rule.broken & opened.table[what].notnull(), rule.expected)
        rules.append(rule)
    return typed, rules


def _day(opened: Opened, column: str) -> tuple[Any, list[Rule]]:
    """A column as a day: midnight only, a month such as 2026-04 standing for its first."""
    cell = opened.table[column]
    if cell.type().is_string():
        month = cell.re_search(r"^\s*\d{4}-\d{2}\s*$")
        cell = ibis.ifelse(month, cell.strip().concat("-01"), cell)
    value, rules = engine.moment(opened, column, cell=cell)
    if column == "month":
        expected = "a month such as 2026-04, its first or its last day is expected"
        rules = [replace(rule, expected=expected) for rule in rules]
        edge = (value.day() == 1) | ((value + ibis.interval(days=1)).day() == 1)
        rules.append(Rule(column, ~edge, expected))
        return value.truncate("M"), rules
    midnight = value.truncate("D")
    timed = Rule(column, value != midnight, "a date without a time of day is expected; sum the values by day first")
    return value, [*rules, timed]


def _twice(name: str, frame: pd.DataFrame, when: str) -> list[str]:
    doubled = frame[frame.duplicated([when, "series"])]
    if doubled.empty:
        return []
    first = doubled.iloc[0]
    more = f"; {len(doubled):,} rows repeat one" if len(doubled) > 1 else ""
    words = (
        f"row {first['row']} repeats {first[when]:%Y-%m-%d} of series '{first['series']}', one row a date and series"
    )
    return [f"{name}: column '{when}': {words} is expected{more}"]
