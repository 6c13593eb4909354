"""Histories and budgets from small files of dated values."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from aiecon.errors import FrameError, InputError
from aiecon.ingestion import engine
from aiecon.ingestion.engine import Opened, Rule
from aiecon.vocabulary.known import PriceEvent
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
def read_previous(source: Source, inputs: Any) -> Table:
    """Read an earlier forecast: the results.json of a report, or a CSV {month, p50, p10?, p90?, series?}.

    Returns a frame with month (first day), p10, p50, p90; facts: as_of, and `known`, the names of what it had already.
    """
    path = engine.locate(source)
    if path.suffix.lower() == ".json":
        if not path.is_file():
            raise InputError(f"{source.path}: no such file")
        return _results(path, source.path)
    given = engine.open_file(source).columns
    levels = [level for level in ("p10", "p50", "p90") if level in given or level == "p50"]
    tables = _levels(source, levels)
    sums = {level: _whole(table.frame, level) for level, table in tables.items()}
    frame = pd.DataFrame({level: sums.get(level, sums["p50"]) for level in ("p10", "p50", "p90")}).reset_index()
    as_of = (frame["month"].min() - pd.Timedelta(days=1)).date()
    return Table(
        frame, tables["p50"].digest, tables["p50"].rows, {"as_of": as_of, "known": [], "label": "Last forecast"}
    )


def _levels(source: Source, levels: Sequence[str]) -> dict[str, Table]:
    """The file by level, problems of all levels together; each month's levels must rise."""
    tables: dict[str, Table] = {}
    problems: list[str] = []
    for level in levels:
        try:
            tables[level] = _read(source, when="month", what=level, blank_is_missing=False)
        except FrameError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    engine.refuse(problems)
    wide = pd.DataFrame({level: table.frame.set_index(["month", "series"])[level] for level, table in tables.items()})
    fallen = wide[(wide.diff(axis=1).iloc[:, 1:] < 0).any(axis=1)]
    for (month, series), row in fallen.iterrows():
        said = ", ".join(f"{level} {row[level]:,g}" for level in levels)
        problems.append(f"{source.path}: {month:%Y-%m} of series '{series}' has {said}; levels that rise are expected")
    engine.refuse(problems)
    return tables


def _whole(frame: pd.DataFrame, level: str) -> pd.Series:
    """Month -> its total where the file states one, else the sum over its series."""
    if "total" in set(frame["series"]):
        frame = frame[frame["series"] == "total"]
    return frame.groupby("month")[level].sum()


def _results(path: Path, name: str) -> Table:
    """The spend forecast in a results.json, or in what `ask --json` printed."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        answer = found.get("spend_forecast", found)
        rows = [row for row in answer["table"] if row["level"] == "month" and row["p50"] is not None]
        frame = pd.DataFrame(
            {
                "month": pd.to_datetime([row["start"] for row in rows]),
                **{level: [float(row[level]) for row in rows] for level in ("p10", "p50", "p90")},
            }
        )
        as_of = date.fromisoformat(answer["provenance"]["as_of"])
        given = answer["inputs"]
        known = [row["name"] for field in ("drivers", "overlays") for row in given.get(field) or []]
        known += [PriceEvent.build(row).label for row in given.get("price_events") or []]
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{name}: no spend forecast in it ({type(error).__name__}: {error}); the results.json of a report, or what "
            "aiecon ask spend_forecast --json printed, is expected"
        ) from None
    if frame.empty:
        raise InputError(f"{name}: the forecast in it speaks of no month")
    return Table(
        frame, engine.digest(path), len(frame), {"as_of": as_of, "known": known, "label": f"Forecast of {as_of}"}
    )


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
    series = opened.table["series"].cast("string") if "series" in opened.columns else ibis.literal("total")
    if "series" in opened.columns and engine.row(opened.table, named=series.notnull().any())["named"]:
        rules.append(Rule("series", ~series.notnull() | (series.strip() == ""), "the name of a series is expected"))
    problems += engine.check(opened, rules, beside=("series", when))
    if {when, what} <= set(opened.columns):
        table = opened.table.select(row=opened.table[engine.ROW], series=ibis.coalesce(series, "total"), **typed)
        frame = table.order_by("row").to_pandas()
        if frame.empty:
            raise InputError(f"{opened.name}: the file has a header and no rows")
        frame[when] = pd.to_datetime(frame[when])
        problems += _twice(opened.name, frame.dropna(subset=[when]), when)
    engine.refuse(problems)
    unread = engine.unread_columns(opened, [when, "series", what])
    facts = {"blank": int(frame[what].isna().sum()), "unread": unread}
    columns = [when, "series", what]
    if frame[what].isna().all():
        raise InputError(f"{opened.name}: column '{what}' has no value")
    sorted_frame = frame[columns].dropna(subset=[what]).sort_values(["series", when], ignore_index=True)
    return Table(sorted_frame, engine.digest(opened.path), len(frame), facts)


def _typed(opened: Opened, when: str, what: str, blank_is_missing: bool) -> tuple[dict[str, Any], list[Rule]]:
    typed, rules = {}, []
    if when in opened.columns:
        typed[when], found = day(opened, when)
        rules += found
    if what in opened.columns:
        typed[what], (rule,) = engine.amount(opened, what)
        if what == "amount":
            rules.append(Rule(what, typed[what] < 0, "a budget of zero or more is expected"))
        if blank_is_missing:
            rule = Rule(what, rule.broken & opened.table[what].notnull(), rule.expected)
        rules.append(rule)
    return typed, rules


def day(opened: Opened, column: str) -> tuple[Any, list[Rule]]:
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
