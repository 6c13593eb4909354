"""Demand by the minute: a file of minutes, or a log of requests added up by minute in bounded memory."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine, minute_order, request_log, time_zones
from aiecon.ingestion.engine import Opened, Rule
from aiecon.units import TOKENS_PER_MTOK
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.source import Source, Table

_ALSO = {"context_tokens": "input_tokens", "generated_tokens": "output_tokens"}
_NUMBERS = {"timestamp": ("seconds", 60), "timestamp_ms": ("milliseconds", 60_000), "minute": ("minutes", 1)}
_SECONDS_PER_MINUTE = 60
_SLOT_SECONDS = 10  # finer ones show the ticks of a clock, longer ones what minutes show
_MINUTES_PER_DAY = 1_440
_MOST_MINUTES = 5_300_000  # ten years


@engine.reader
def read_demand(source: Source, inputs: Any) -> Table:
    """Read {minute or timestamp, tokens or requests} or requests {timestamp, input_tokens, output_tokens, ...}.

    Parameters
    ----------
    source
        CSV or Parquet; context_tokens and generated_tokens are read as input and output, timestamp_ms as timestamp;
        requests without tokens have the question's shape.
    inputs
        The question's: `capacity_unit` normalises tokens, `payg` prices each row, `as_of` is the last day read.

    Returns
    -------
    Table
        frame: minute (from 0 to the last, absent ones zero), tokens (normalised), day, and for requests value, what the
        minute costs at pay-as-you-go; facts: minutes, absent, requests, as_of (None without dates), first, last, notes,
        log (the requests one by one with their max_tokens where they say it; None where they are too many or unknown),
        is_long_log (whether they are too many).
    """
    opened = _named(engine.open_file(source))
    opened = replace(opened, table=engine.settled(opened.table, opened))
    is_log = "tokens" not in opened.columns and {"input_tokens", "output_tokens"} & set(opened.columns)
    when = next((name for name in _NUMBERS if name in opened.columns), "timestamp" if is_log else "minute")
    is_count = not is_log and "tokens" not in opened.columns and "requests" in opened.columns
    needed = [when, *(("input_tokens", "output_tokens") if is_log else ("requests",) if is_count else ("tokens",))]
    problems = engine.missing_columns(opened, needed)
    engine.refuse(problems)
    minute, rules, start = _minute(opened, when)
    if is_log:
        amounts, more = _amounts(opened, inputs, when, is_dated=start is not None)
    else:
        amounts, more = _requests(opened, inputs) if is_count else _tokens(opened)
    table = opened.table.mutate(__minute=minute, **amounts)
    order = minute_order.ANY
    if when == "minute" or not is_log:
        order = minute_order.order_of(opened, table, when, is_dated=start is not None)
    engine.refuse([*engine.check(opened, [*rules, *more]), *time_zones.problems(opened, when), *order.problems])
    as_of = getattr(inputs, "as_of", None)
    if as_of is not None and start is not None:
        table = table.filter(table["__minute"] < _minutes_between(start, as_of + timedelta(days=1)))
    is_kept = bool(is_log) and request_log.is_kept(opened, when)
    table = engine.settled(table.select("__minute", *amounts), opened) if is_kept else table
    names = [name for name in ("tokens", "value", "requests") if f"__{name}" in table.columns]
    sums = {name: table[f"__{name}"].sum() for name in names}
    found = table.group_by("__minute").aggregate(**sums).order_by("__minute").to_pandas()
    if found.empty and as_of is None:
        raise InputError(f"{opened.name}: the file has a header and no rows")
    if found.empty:
        raise InputError(f"{opened.name}: no row lies on or before {as_of}, the day it is read as of")
    frame, digest, rows, facts = _filled(opened, found, start, when)
    log = request_log.requests_of(table) if is_kept else None
    notes = [*order.notes, *_notes(opened, inputs, when, is_log=bool(is_log))]
    facts |= {"log": log, "is_long_log": bool(is_log) and opened.rows > request_log.MOST_REQUESTS, "notes": notes}
    return Table(frame, digest, rows, facts)


@engine.reader
def read_workload(source: Source, inputs: Any) -> Table:
    """Read requests {timestamp, input_tokens, output_tokens} up to `as_of` and add them up by minute.

    Returns a frame with minute (from 0 to the last, absent ones zero), day, input_tokens, output_tokens, requests;
    facts as `read_demand` has them, and arrival_variation: variance of the requests of ten seconds over their mean
    inside a minute, weighed by requests (1 by pure chance; None where every row stands at a whole minute).
    """
    opened = _named(engine.open_file(source))
    engine.refuse(engine.missing_columns(opened, ["timestamp", "input_tokens", "output_tokens"]))
    minute, rules, start = _minute(opened, "timestamp")
    amounts: dict[str, Any] = {"__requests": ibis.literal(1), "__second": _second(opened)}
    for name in ("input_tokens", "output_tokens", *(("requests",) if "requests" in opened.columns else ())):
        amounts[f"__{name}"], more = engine.number(opened, name)
        rules += [*more, Rule(name, amounts[f"__{name}"] < 0, "a number of zero or more is expected")]
    engine.refuse([*engine.check(opened, rules), *time_zones.problems(opened, "timestamp")])
    table = opened.table.mutate(__minute=minute, **amounts)
    as_of = getattr(inputs, "as_of", None)
    if as_of is not None and start is not None:
        table = table.filter(table["__minute"] < _minutes_between(start, as_of + timedelta(days=1)))
    sums = {name: table[f"__{name}"].sum() for name in ("input_tokens", "output_tokens", "requests")}
    found = table.group_by("__minute").aggregate(**sums).order_by("__minute").to_pandas()
    if found.empty:
        raise InputError(f"{opened.name}: no row lies on or before {as_of}, the day it is read as of")
    frame, digest, rows, facts = _filled(opened, found, start, "timestamp")
    return Table(frame, digest, rows, facts | {"arrival_variation": _variation(table)})


def _second(opened: Opened) -> Any:
    """The second of its minute that each row stands at."""
    if _is_number(opened, "timestamp"):
        elapsed = engine.number(opened, "timestamp")[0]
    else:
        elapsed = engine.moment(opened, "timestamp")[0].epoch_seconds()
    return elapsed.floor().cast("int64") % _SECONDS_PER_MINUTE


def _variation(table: Any) -> float | None:
    """Variance over mean of the requests of ten seconds inside a minute; None where rows stand at whole minutes."""
    if engine.row(table, last=table["__second"].max())["last"] == 0:
        return None
    slot = (table["__second"] / _SLOT_SECONDS).floor().name("__slot")
    slots = table.group_by("__minute", slot).aggregate(count=table["__requests"].sum())
    count = slots["count"].cast("float64")
    minutes = slots.group_by("__minute").aggregate(count=count.sum(), squares=(count * count).sum())
    of_minute = _SECONDS_PER_MINUTE / _SLOT_SECONDS
    sums = engine.row(
        minutes,
        count=minutes["count"].sum(),
        squares=minutes["squares"].sum(),
        even=(minutes["count"] * minutes["count"]).sum() / of_minute,
    )
    if not sums["count"]:
        return None
    return float((sums["squares"] - sums["even"]) * of_minute / (of_minute - 1) / sums["count"])


def _named(opened: Opened) -> Opened:
    """The file with its columns under the names we use."""
    names = {new: old for old, new in _ALSO.items() if old in opened.columns and new not in opened.columns}
    if not names:
        return opened
    return Opened(opened.name, opened.path, opened.table.rename(names), opened.is_text)


def _minute(opened: Opened, when: str) -> tuple[Any, list[Rule], pd.Timestamp | None]:
    """Number of each row's minute, its rules, and the moment that minute 0 begins; None where there are no dates.

    Numbers in `minute` are minutes, in `timestamp` seconds, in `timestamp_ms` milliseconds.
    """
    cell = opened.table[when]
    if _is_number(opened, when):
        value, rules = engine.number(opened, when)
        return (value / _NUMBERS[when][1]).floor().cast("int64"), rules, None
    value, rules = engine.moment(opened, when, cell=cell)
    first = engine.row(opened.table, first=value.min())["first"]
    if first is None:
        return ibis.null().cast("int64"), rules, None
    start = pd.Timestamp(first).floor("min")
    elapsed = value.epoch_seconds() - int(start.timestamp())
    return (elapsed / _SECONDS_PER_MINUTE).floor().cast("int64"), rules, start


def _is_number(opened: Opened, when: str) -> bool:
    cell = opened.table[when]
    if when == "timestamp_ms":
        return True
    if not opened.is_text:
        return bool(cell.type().is_numeric())
    first = opened.table.filter(cell.notnull()).limit(1).select(when).to_pyarrow()[when].to_pylist()
    return bool(first) and first[0].strip().replace(".", "", 1).lstrip("-").isdigit()


def _tokens(opened: Opened) -> tuple[dict[str, Any], list[Rule]]:
    value, rules = engine.number(opened, "tokens")
    rules.append(Rule("tokens", value < 0, "a number of zero or more is expected"))
    return {"__tokens": value}, rules


def _requests(opened: Opened, inputs: Any) -> tuple[dict[str, Any], list[Rule]]:
    """Requests of each row, all of the question's shape."""
    value, rules = engine.number(opened, "requests")
    rules.append(Rule("requests", value < 0, "a number of zero or more is expected"))
    return {"__tokens": value * inputs.capacity_unit.normalised(inputs.shape), "__requests": value}, rules


def _amounts(opened: Opened, inputs: Any, when: str, *, is_dated: bool) -> tuple[dict[str, Any], list[Rule]]:
    """Normalised tokens and pay-as-you-go cost of each row, and what they are made of."""
    typed, rules = {}, []
    for name in ("input_tokens", "output_tokens", "cached_tokens"):
        if name in opened.columns:
            typed[name], more = engine.number(opened, name)
            rules += [*more, Rule(name, typed[name] < 0, "a number of zero or more is expected")]
    read, written = typed["input_tokens"], typed["output_tokens"]
    cached = typed.get("cached_tokens", ibis.literal(0.0))
    if "cached_tokens" in typed:
        rules.append(Rule("cached_tokens", cached > read, "no more than input_tokens is expected, which holds them"))
    unit, price = inputs.capacity_unit, inputs.payg
    tokens = read + base(unit.output_weight) * written - (1.0 - base(unit.cached_weight)) * cached
    per_input, per_output = ibis.literal(base(price.input_per_mtok)), ibis.literal(base(price.output_per_mtok))
    requests = ibis.literal(1)
    if "requests" in opened.columns:
        requests, more = engine.number(opened, "requests")
        rules += [*more, Rule("requests", requests < 0, "a number of zero or more is expected")]
    if price.long_context is not None:
        size = _request_size(opened, inputs, when, read=read, requests=requests)
        is_long = size >= price.long_context.from_tokens
        per_input = ibis.ifelse(is_long, base(price.long_context.input_per_mtok), per_input)
        per_output = ibis.ifelse(is_long, base(price.long_context.output_per_mtok), per_output)
    cost = (read - cached) * per_input + cached * per_input * price.cached_ratio + written * per_output
    most, more = request_log.limit(opened)
    parts = {"__read": read, "__cached": cached, "__written": written, **({} if most is None else {"__most": most})}
    if when != "minute":
        parts["__second"] = request_log.second(opened, when, is_dated=is_dated)
    counted = {"__tokens": tokens, "__value": cost / TOKENS_PER_MTOK, "__requests": requests}
    return counted | parts, [*rules, *more]


def _request_size(opened: Opened, inputs: Any, when: str, *, read: Any, requests: Any) -> Any:
    """Input tokens of a request: a row's own, the mean of a row of several, the shape's where a row is a minute."""
    if "requests" in opened.columns:
        return ibis.ifelse(requests > 0, read / requests, 0.0)
    return ibis.literal(base(inputs.shape.input_tokens_per_request)) if when == "minute" else read


def _notes(opened: Opened, inputs: Any, when: str, *, is_log: bool) -> list[str]:
    """What a reader must know of how the columns were read."""
    both = [name for name in ("input_tokens", "output_tokens", "cached_tokens") if name in opened.columns]
    if not is_log:
        words = f"{opened.name}: tokens are read, which are normalised; {' and '.join(both)} are not looked at"
        return [words] if both and "tokens" in opened.columns else []
    if inputs.payg.long_context is None or (when != "minute" and "requests" not in opened.columns):
        return []
    mean = "of a row's mean request" if "requests" in opened.columns else "of the shape"
    return [f"{opened.name}: rows are of several requests; long-context prices hold by the input {mean}"]


def _filled(
    opened: Opened, found: pd.DataFrame, start: pd.Timestamp | None, when: str
) -> tuple[pd.DataFrame, str, int, dict[str, Any]]:
    """Every minute from the first to the last, the absent ones zero, and what a reader should know."""
    first, last = int(found["__minute"].min()), int(found["__minute"].max())
    count = last - first + 1
    if count > _MOST_MINUTES:
        raise InputError(
            f"{opened.name}: column '{when}': it spans {count:,} minutes, more than ten years; check its unit"
            f" ({'ISO moments' if start is not None else _NUMBERS[when][0]} were read)"
        )
    absent = count - len(found)
    frame = found.set_index("__minute").reindex(range(first, last + 1), fill_value=0.0)
    origin = None if start is None else start + pd.Timedelta(minutes=first)
    offset = 0 if origin is None else origin.hour * 60 + origin.minute
    frame.insert(0, "day", (np.arange(count) + offset) // _MINUTES_PER_DAY)
    frame.insert(0, "minute", np.arange(count))
    requests = float(found["requests"].sum()) if "requests" in found else None
    end = None if origin is None else origin + pd.Timedelta(minutes=count)
    facts = {
        "minutes": count,
        "absent": absent,
        "requests": requests,
        "as_of": None if end is None else _last_day(end),
        "first": origin,
        "last": end,
    }
    return (
        frame.reset_index(drop=True),
        engine.digest(opened.path),
        opened.rows,
        facts,
    )


def _last_day(end: pd.Timestamp) -> date:
    return (end - pd.Timedelta(seconds=1)).date()


def _minutes_between(start: pd.Timestamp, day: date) -> int:
    return int((pd.Timestamp(day) - start) / pd.Timedelta(minutes=1))
