"""FOCUS charges added up for a review: by month and everything that says whose and for what, and by day."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ibis
import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import covering, days, duck, engine, invoiced, kinds, tags
from aiecon.ingestion.engine import Opened, Rule
from aiecon.ingestion.focus import (
    NOT_SAID,
    currency_problems,
    filter_problems,
    kept_mark,
    long_share_of,
    typed_charges,
    users_by_month,
    where,
)
from aiecon.ingestion.spike_cells import CELL, odd_days, spike_cells
from aiecon.vocabulary.source import Source, Table
from aiecon.vocabulary.spend import AI_CATEGORY, CHARGE_COLUMNS, DIMENSIONS, TOKEN_COLUMNS

KEYS = (*DIMENSIONS, "ProviderName", "ChargeCategory", "x_CostCentre", covering.KIND)
"""Columns a review asks about, where the file has them."""
_MONTHS = 12  # of a year
_COUNTED = (*TOKEN_COLUMNS, "x_Requests", "x_Retries", "x_ToolCalls", covering.OWN)


@engine.reader
def read_review(source: Source, inputs: Any) -> Table:
    """Read charges as one row a month and combination of what is known of them.

    Parameters
    ----------
    source
        The file or store.
    inputs
        The question's: `as_of`, `currency`, `dimension`, `alarm_score`, and whether its periods begin inside a month.

    Returns
    -------
    Table
        frame: when (month, or day where a period begins inside one), KEYS the file has, billed, effective [currency],
        token columns, x_Requests, charges; facts: currency, as_of, keys, daily (of use: date, value), once (what is no
        use: date, kind, charges, billed), spike_cells (`spike_cells`), users (month, users), reconciled
        (`against_invoices`, None without invoices), has_effective.
    """
    wanted = inputs.where or {}
    digest = engine.digesting(engine.locate(source))
    opened, tagged = _opened(source, inputs)
    keys = [name for name in dict.fromkeys([*KEYS, inputs.dimension, *inputs.required_tags]) if name in opened.columns]
    first_currency = days.first_currency(opened)
    typed, rules = _typed(opened)
    charges = _marked(opened, typed, rules)
    currency = first_currency()
    every = engine.settled(charges, opened) if opened.is_text else charges
    glance = days.glance(every, kept_mark(every, wanted), currency=currency)
    kept = where(every, wanted)
    sums = duck.query(_sums(kept, keys, by_day=inputs.is_by_day, exact=days.NARROW))
    seen = glance() or _closely(charges, rules, wanted)
    if not seen.is_sound(inputs.currency):
        engine.refuse(_problems(opened, inputs, rules))
    as_of = inputs.as_of or seen.complete_to(opened.name)
    currency = str(seen.kept["currency"].iloc[0])
    reconciled = inputs.invoice and invoiced.against_invoices(opened, every, inputs.invoice, currency=currency)
    is_read = seen.kept["day"] <= pd.Timestamp(as_of)
    if not is_read.any():
        raise InputError(f"{opened.name}: no charge starts on or before {as_of}, the day it is read as of")
    read = kept if is_read.all() else kept.filter(kept.day <= as_of)
    if not (is_read.all() and seen.exact == days.NARROW):
        sums = duck.query(_sums(read, keys, by_day=inputs.is_by_day, exact=seen.exact))
    spread = seen.spread(kept)
    summed = sums.begun()
    daily, first_day, once = seen.daily(spread, as_of), seen.frame["day"].min().date(), seen.once(as_of)
    odd = odd_days(daily, window=inputs.window(as_of, first_day), score=inputs.alarm_score)
    frame = _with_layers(covering.laid_on_records(summed()))
    if inputs.dimension not in frame:
        frame = frame.assign(**{inputs.dimension: NOT_SAID})
    facts = {
        "currency": currency,
        "as_of": as_of,
        "first_day": first_day,
        "keys": tuple(keys),
        "daily": daily,
        "once": once,
        "spike_cells": spike_cells(read.filter(read.kind == kinds.USE), odd, dimension=inputs.dimension),
        "reconciled": reconciled,
        "has_effective": "EffectiveCost" in opened.columns,
        "charges": int(frame["charges"].sum()),
        "users": users_by_month(read),
        "notes": [*tagged, *_notes(opened, inputs, kept, frame, seen)],
    }
    return Table(frame, digest.result(), seen.rows, facts)


def _opened(source: Source, inputs: Any) -> tuple[Opened, list[str]]:
    """The file with the columns that a review reads, and what was said of its tags; refused where it lacks some."""
    is_asked = "dimension" in inputs.model_fields_set
    asked = (*([inputs.dimension] if is_asked else []), *(inputs.where or {}), *inputs.required_tags)
    opened, tagged = tags.told(engine.open_file(source, asked=asked), asked)
    problems = engine.missing_columns(opened, list(dict.fromkeys(["BilledCost", *CHARGE_COLUMNS, *asked])))
    if not {"BilledCost", *CHARGE_COLUMNS} & {*opened.columns}:
        hint = "these are no FOCUS charges; another export is made a store by `aiecon load`, then that is named"
        raise InputError([*problems, f"{opened.name}: {hint}"])
    opened = _narrowed(opened, inputs)
    if problems:
        engine.refuse([*problems, *_problems(opened, inputs, _typed(opened)[1])])
    return opened, tagged


def _narrowed(opened: Opened, inputs: Any) -> Opened:
    """The file with the columns that a review reads."""
    money = ("BilledCost", "EffectiveCost", *CHARGE_COLUMNS)
    asked = (inputs.dimension, *inputs.required_tags, *(inputs.where or {}))
    return opened.narrowed([*money, *KEYS, *_COUNTED, "x_User", *CELL, *kinds.COLUMNS, *invoiced.COLUMNS, *asked])


def _typed(opened: Opened) -> tuple[Any, list[Rule]]:
    """Charges with typed cost and period, as far as the file has them, and the rules that every row must keep."""
    charges, rules = typed_charges(opened, "BilledCost")
    if "EffectiveCost" in opened.columns:
        is_said = _effective_said(opened).notnull()
        _, more = engine.amount(opened, "EffectiveCost")
        rules += [replace(rule, broken=rule.broken & is_said) for rule in more]
    return charges, rules


def _marked(opened: Opened, charges: Any, rules: list[Rule]) -> Any:
    """Typed charges with what a review adds up and looks at; effective cost is billed where none is said."""
    billed = effective = charges["__cost"]
    said = {}
    if "EffectiveCost" in opened.columns:
        said[days.SAID] = _effective_said(opened)
        value, _ = engine.amount(opened, "EffectiveCost")
        is_said = said[days.SAID].notnull()
        effective = is_said.ifelse(value, billed) if opened.is_text else ibis.coalesce(value, billed)
    named = {"day": charges["__start"].date(), "billed": billed, "effective": effective, "odd": days.odd(rules)}
    return charges.mutate(**named, kind=kinds.kind_of(charges, billed), **said)


def _closely(charges: Any, rules: list[Rule], wanted: Mapping[str, Any]) -> days.Days:
    """What a close look finds by day in charges that are not all alike."""
    marked = charges.mutate(broken=days.broken(rules))
    return days.closely(marked, kept_mark(marked, wanted))


def _problems(opened: Opened, inputs: Any, rules: list[Rule]) -> list[str]:
    """Words for what is wrong with a file in which a first look has found something."""
    problems = engine.check(opened, rules)
    if not problems:
        problems += filter_problems(opened, inputs.where or {})
    if "BillingCurrency" in opened.columns:
        problems += currency_problems(opened, inputs)
    return problems


def _notes(opened: Opened, inputs: Any, charges: Any, frame: pd.DataFrame, seen: days.Days) -> list[str]:
    """What a reader of the page should know about the file."""
    found = []
    if seen.absent:
        found.append(f"Charges without an EffectiveCost count at their BilledCost: {seen.absent:,}")
    if (frame[inputs.dimension] == NOT_SAID).all():
        found.append(f"No charge says {inputs.dimension}, so nothing is attributed; dimension names another column")
    found += _unknown_categories(frame)
    if inputs.is_by_day and (share := long_share_of(charges, charges)):
        found.append(
            f"Charges for longer than a day, {share * 100:.1f} % of the cost, count on the day they start, so a period "
            "that begins inside a month has all of them or none"
        )
    return found


def _unknown_categories(frame: pd.DataFrame) -> list[str]:
    """What the charges say of their category that FOCUS does not."""
    if "ChargeCategory" not in frame:
        return []
    other = frame[~frame["ChargeCategory"].isin((*kinds.CATEGORIES, NOT_SAID, ""))]
    counts = other.groupby("ChargeCategory")["charges"].sum()
    shown = ", ".join(f"{category} in {int(rows):,} rows" for category, rows in counts.items())
    return [f"ChargeCategory has {shown}, which is no category of FOCUS; they count, apart from use"] if shown else []


def _effective_said(opened: Opened) -> Any:
    """The cell of effective cost, NULL where it is empty."""
    cell = opened.table["EffectiveCost"]
    return cell.strip().nullif("") if opened.is_text else cell


def _sums(read: Any, keys: list[str], *, by_day: bool, exact: str) -> Any:
    """One row a month (or day) and combination of the keys, in their order; words where a key is not said."""
    named = {name: read[name].cast("string") for name in keys}
    month = read.day.year() * _MONTHS + (read.day.month() - 1)  # grouped in less time than a date
    table = read.mutate(**named, when=read.day if by_day else month)
    sums = {name: days.summed(table[name], exact) for name in ("billed", "effective")}
    counts = {name: _count_of(table[name]) if name in table.columns else ibis.literal(0.0) for name in _COUNTED}
    sums |= {name: ibis.coalesce(found, 0.0).cast("float64") for name, found in counts.items()}
    found = table.group_by(["when", *keys]).aggregate(**sums, charges=table.count())
    said = {name: ibis.coalesce(found[name], NOT_SAID) for name in keys}
    when = found.when if by_day else ibis.date(found.when // _MONTHS, found.when % _MONTHS + 1, 1)
    return found.mutate(when=when.cast("timestamp"), **said).order_by(["when", *keys])


def _count_of(cell: Any) -> Any:
    """The sum of a count, in floats: they hold whole numbers up to 2^53 and take half the memory of wider ones."""
    return (cell if cell.type().is_decimal() else cell.try_cast("float64")).sum()


def _with_layers(frame: pd.DataFrame) -> pd.DataFrame:
    """AI services of a file that says layers are of the layer `model` where they say none."""
    if not {"x_Layer", "ServiceCategory"} <= set(frame):
        return frame
    is_silent = (frame["x_Layer"] == NOT_SAID) & (frame["ServiceCategory"] == AI_CATEGORY)
    return frame.assign(x_Layer=frame["x_Layer"].mask(is_silent, "model"))
