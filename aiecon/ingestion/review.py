"""FOCUS charges added up for a review: by month and everything that says whose and for what, and by day."""

from typing import Any

import ibis
import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine
from aiecon.ingestion.engine import Opened, Rule
from aiecon.ingestion.focus import (
    EXACT,
    NOT_SAID,
    currency_problems,
    filter_problems,
    last_complete_day,
    long_share_of,
    spread_charges,
    typed_charges,
    where,
)
from aiecon.vocabulary.source import Source, Table
from aiecon.vocabulary.spend import CHARGE_COLUMNS, DIMENSIONS, TOKEN_COLUMNS

KEYS = (*DIMENSIONS, "ProviderName", "ChargeCategory", "x_CostCentre")
"""Columns a review asks about, where the file has them."""
_COUNTED = (*TOKEN_COLUMNS, "x_Requests", "x_Retries", "x_ToolCalls")


@engine.reader
def read_review(source: Source, inputs: Any) -> Table:
    """Read charges as one row a month and combination of what is known of them.

    Parameters
    ----------
    source
        The file or store.
    inputs
        The question's: `as_of`, `currency`, `dimension`, and whether its periods begin inside a month.

    Returns
    -------
    Table
        frame: when (month, or day where a period begins inside one), KEYS the file has, billed, effective [currency],
        token columns, x_Requests, charges; facts: currency, as_of, keys, daily (date, value), has_effective.
    """
    opened = engine.open_file(source)
    wanted = inputs.where or {}
    is_asked = "dimension" in inputs.model_fields_set
    asked = [name for name in (*([inputs.dimension] if is_asked else []), *wanted) if name not in opened.columns]
    problems = engine.missing_columns(opened, ["BilledCost", *CHARGE_COLUMNS, *asked])
    opened = opened.narrowed(
        [
            "BilledCost",
            "EffectiveCost",
            *CHARGE_COLUMNS,
            *KEYS,
            *_COUNTED,
            inputs.dimension,
            *wanted,
        ]
    )
    charges, rules = typed_charges(opened, "BilledCost")
    effective, more = _effective(opened)
    problems += engine.check(opened, [*rules, *more])
    if not problems:
        problems += filter_problems(opened, wanted)
    if "BillingCurrency" in opened.columns:
        problems += currency_problems(opened, inputs)
    engine.refuse(problems)
    typed = {"billed": charges["__cost"].cast(EXACT), "effective": effective.cast(EXACT)}
    every = engine.settled(charges.mutate(day=charges["__start"].date(), **typed), opened)
    as_of = inputs.as_of or last_complete_day(opened, every)  # of all charges, whatever the filter keeps
    charges = where(every, wanted)
    read = charges.filter(charges.day <= as_of)
    found = engine.row(read, currency=read["BillingCurrency"].max(), charges=read.count())
    if not found["charges"]:
        raise InputError(f"{opened.name}: no charge starts on or before {as_of}, the day it is read as of")
    keys = [name for name in dict.fromkeys([*KEYS, inputs.dimension]) if name in opened.columns]
    frame = _sums(read, keys, by_day=_inside_a_month(inputs))
    if inputs.dimension not in frame:
        frame = frame.assign(**{inputs.dimension: NOT_SAID})
    daily = _daily(charges.mutate(value=charges.billed), as_of)
    facts = {
        "currency": str(found["currency"]),
        "as_of": as_of,
        "first_day": engine.row(every, day=every.day.min())["day"],
        "keys": tuple(keys),
        "daily": daily.assign(date=pd.to_datetime(daily["day"]))[["date", "value"]],
        "has_effective": "EffectiveCost" in opened.columns,
        "charges": int(frame["charges"].sum()),
        "notes": _notes(opened, inputs, charges),
    }
    return Table(frame, engine.digest(opened.path), opened.rows, facts)


def _notes(opened: Opened, inputs: Any, charges: Any) -> list[str]:
    """What a reader of the page should know about the file."""
    found = []
    if inputs.dimension not in opened.columns:
        found.append(
            f"The charges have no column {inputs.dimension}, so nothing is attributed; dimension names another"
        )
    if _inside_a_month(inputs) and (share := long_share_of(charges, charges)):
        found.append(
            f"Charges for longer than a day, {share * 100:.1f} % of the cost, count on the day they start, so a period "
            "that begins inside a month has all of them or none"
        )
    return found


def _effective(opened: Opened) -> tuple[Any, list[Rule]]:
    """Effective cost, or billed where the file has none."""
    if "EffectiveCost" not in opened.columns:
        value, _ = engine.number(opened, "BilledCost")
        return value, []
    return engine.number(opened, "EffectiveCost")


def _daily(charges: Any, as_of: Any) -> pd.DataFrame:
    """Billed by day; charges for longer than a day count evenly on their days: day, value."""
    even = spread_charges(charges) if _are_mixed(charges) else charges
    read = even.filter(lambda rows: rows.day <= as_of)
    found: pd.DataFrame = read.group_by("day").aggregate(value=read.value.sum().cast("float64")).to_pandas()
    return found.sort_values("day", ignore_index=True)


def _are_mixed(charges: Any) -> bool:
    """Whether charges for longer than a day stand beside others: one look at all of them."""
    is_long = charges["__end"] > charges.day.cast("timestamp") + ibis.interval(days=1)
    found = engine.row(charges, long=is_long.any(), short=(~is_long).any())
    return bool(found["long"] and found["short"])


def _inside_a_month(inputs: Any) -> bool:
    return any(".." in text for text in (inputs.period, inputs.compare_to) if text)


def _sums(read: Any, keys: list[str], *, by_day: bool) -> pd.DataFrame:
    """One row a month (or day) and combination of the keys."""
    named = {name: ibis.coalesce(read[name].cast("string"), NOT_SAID) for name in keys}
    table = read.mutate(**named, when=read.day if by_day else read.day.truncate("M"))
    sums = {name: table[name].sum().cast("float64") for name in ("billed", "effective")}
    for name in _COUNTED:
        if name in table.columns:
            sums[name] = ibis.coalesce(table[name].try_cast("float64"), 0.0).sum()
    found: pd.DataFrame = table.group_by(["when", *keys]).aggregate(**sums, charges=table.count()).to_pandas()
    for name in _COUNTED:
        if name not in found:
            found[name] = 0.0
    return found.assign(when=pd.to_datetime(found["when"])).sort_values(["when", *keys], ignore_index=True)
