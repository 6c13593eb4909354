"""FOCUS charges (1.0 to 1.3, CSV, Parquet or a store of Parquet) summed by day of ChargePeriodStart.

Columns and their meaning: FOCUS specification, https://focus.finops.org (BilledCost, EffectiveCost,
ChargePeriodStart inclusive, ChargePeriodEnd exclusive, BillingCurrency).
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import add, and_, or_
from typing import Any

import ibis
import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine, tags
from aiecon.ingestion.engine import Opened, Rule
from aiecon.vocabulary.source import Source, Table
from aiecon.vocabulary.spend import AI_CATEGORY, CHARGE_COLUMNS, CURRENCIES, DIMENSIONS, TOKEN_COLUMNS

EXACT = "decimal(38, 12)"  # sums of decimals do not depend on the order that threads add in
_ALL_AI = 0.999  # share of the cost marked as AI from which a file is about AI alone
SERIES_SHOWN = 24  # series of a group_by that are forecast one by one, the rest together
NOT_SAID = "(not tagged)"
NO_MODEL = "(no model)"


@engine.reader
def read_daily_spend(source: Source, inputs: Any) -> Table:
    """Read charges as one row a day and series; charges for longer than a day count evenly on the days they are for.

    The days are those of the month the charge starts in, so that a month costs what was charged in it. A file of
    longer charges alone keeps the days they start on.

    Parameters
    ----------
    source
        The file or store.
    inputs
        Any inputs with `cost`, `group_by`, `where`, `as_of` and `currency`.

    Returns
    -------
    Table
        frame: date, series, value [currency/day]; facts: currency, as_of, first_day, charges, and `breakdown`, the
        cost by month for each dimension the file has (month, dimension, item, value).

    Raises
    ------
    FrameError
        With every problem: missing columns, cells that are no number or date, periods that end before they start,
        unknown or mixed currencies, filters that match nothing.
    """
    needed = [inputs.cost, *CHARGE_COLUMNS]
    asked = [column for column in [*inputs.group_by, *(inputs.where or {})] if column not in needed]
    opened, tagged = tags.told(engine.open_file(source, asked=asked), asked)
    twice = sorted({column for column in inputs.group_by if inputs.group_by.count(column) > 1})
    problems = [f"group_by names {column} twice" for column in twice]
    problems += engine.missing_columns(opened, [*needed, *dict.fromkeys(asked)])
    opened = opened.narrowed([*needed, *asked, *DIMENSIONS, *TOKEN_COLUMNS, "x_Requests", "x_User"])
    charges, rules = typed_charges(opened, inputs.cost)
    problems += engine.check(opened, rules)
    if not problems:
        problems += filter_problems(opened, inputs.where or {})
    if "BillingCurrency" in opened.columns:
        problems += currency_problems(opened, inputs)
    engine.refuse(problems)
    charges = engine.settled(charges.mutate(day=charges["__start"].date(), value=charges["__cost"].cast(EXACT)), opened)
    kept = where(charges, inputs.where or {})
    as_of = inputs.as_of or last_complete_day(opened, charges)
    long_share = long_share_of(charges, kept)
    read = (spread_charges(kept) if long_share else kept).filter(lambda rows: rows.day <= as_of)
    dimensions = [name for name in DIMENSIONS if name in opened.columns]
    sums = _sums(read, [*dict.fromkeys([*dimensions, *inputs.group_by])])
    series, folded = _largest(_daily(sums, inputs.group_by))
    daily = _on_every_day(series, _days(charges, as_of))
    if daily.empty:
        raise InputError(f"{opened.name}: no charge starts on or before {as_of}, the day it is read as of")
    started = kept.day <= as_of
    counts = {"after": kept.count(where=~started), "charges": kept.count(where=started)}
    found = engine.row(kept, **counts, currency=kept["BillingCurrency"].max())
    ai_share = _ai_share(sums, dimensions)
    facts = {
        "currency": str(found["currency"]),
        "as_of": as_of,
        "first_day": daily["date"].min().date(),
        "charges": found["charges"],
        "charges_after": found["after"],
        "breakdown": _breakdown(sums, dimensions),
        "volumes": _volumes(kept.filter(started)),
        "users": users_by_month(kept.filter(started)),
        "ai_share": ai_share,
        "notes": [*tagged, *_notes(as_of, found["after"], ai_share, long_share), *folded],
    }
    return Table(daily, engine.digest(opened.path), opened.rows, facts)


def typed_charges(opened: Opened, cost: str) -> tuple[Any, list[Rule]]:
    """The charges with typed cost and period, and the rules that every row must keep."""
    table, rules, typed = opened.table, [], {}
    if cost in opened.columns:
        typed["cost"], more = engine.amount(opened, cost)
        rules += more
    for column, name in (("ChargePeriodStart", "start"), ("ChargePeriodEnd", "end")):
        if column in opened.columns:
            typed[name], more = engine.moment(opened, column)
            rules += more
    if {"start", "end"} <= set(typed):
        words = "a period that ends after its ChargePeriodStart is expected"
        rules.append(Rule("ChargePeriodEnd", typed["end"] <= typed["start"], words, by_bounds=True))
    if "BillingCurrency" in opened.columns:
        currency = table["BillingCurrency"].cast("string")
        known = ibis.coalesce(ibis.literal(sorted(CURRENCIES)).contains(currency), engine.FALSE)
        rules.append(Rule("BillingCurrency", ~known, "a currency code of ISO 4217 such as USD is expected"))
        if opened.is_text and cost in opened.columns:
            dollars = table[cost].contains("$") & ~currency.endswith("D")
            words = "no dollar sign in a currency that is no dollar is expected: which of the two holds?"
            rules.append(Rule(cost, dollars, words))
    return table.mutate(**{f"__{name}": value for name, value in typed.items()}), rules


def where(charges: Any, wanted: Mapping[str, Any]) -> Any:
    """The charges that the filter keeps."""
    return charges.filter(kept) if (kept := kept_mark(charges, wanted)) is not None else charges


def kept_mark(charges: Any, wanted: Mapping[str, Any]) -> Any:
    """The mark of the charges that the filter keeps; None without a filter."""
    marks = [_equals(charges[column], value) for column, value in wanted.items() if column in charges.columns]
    return reduce(and_, marks) if marks else None


def _equals(cell: Any, wanted: Any) -> Any:
    if cell.type().is_numeric() and isinstance(wanted, int | float):
        return cell == wanted
    return cell.cast("string") == (str(wanted).lower() if isinstance(wanted, bool) else str(wanted))


def filter_problems(opened: Opened, wanted: Mapping[str, Any]) -> list[str]:
    """Say that a file has no rows, or that the filter keeps none and what its columns hold instead."""
    if not opened.rows:
        return [f"{opened.name}: the file has a header and no rows"]
    kept = kept_mark(opened.table, wanted)
    if kept is None or engine.row(opened.table, kept=kept.any())["kept"]:
        return []
    problems = [f"{opened.name}: no row has {' and '.join(f'{key} = {value!r}' for key, value in wanted.items())}"]
    for column in wanted:
        seen = opened.table.select(column).distinct().order_by(column).limit(6).to_pyarrow()[column].to_pylist()
        shown = ", ".join(str(value) for value in seen[:5]) + (", ..." if len(seen) > 5 else "")
        problems.append(f"{opened.name}: column '{column}' has {shown}")
    return problems


def currency_problems(opened: Opened, inputs: Any) -> list[str]:
    """Refuse charges of several currencies, or of another one than was asked for."""
    kept = where(opened.table, inputs.where or {})
    counted = (
        kept.group_by("BillingCurrency").aggregate(rows=kept.count()).order_by([ibis.desc("rows"), "BillingCurrency"])
    )
    found = {row["BillingCurrency"]: row["rows"] for row in counted.limit(200).to_pyarrow().to_pylist()}
    known = {code: rows for code, rows in found.items() if code in CURRENCIES}
    if len(known) > 1:
        shown = ", ".join(f"{code} in {rows:,} rows" for code, rows in known.items())
        return [
            f"{opened.name}: column 'BillingCurrency' mixes currencies ({shown}); keep one with "
            "--set where.BillingCurrency=CODE or convert the file at a dated rate"
        ]
    if inputs.currency and known and inputs.currency not in known:
        return [f"currency is {inputs.currency} and {opened.name} is billed in {next(iter(known))}; leave currency out"]
    return []


def last_complete_day(opened: Opened, charges: Any) -> date:
    """The last day on which charges of a day or less start, when they run to its midnight; else the day before.

    A file of longer charges alone (by month, by week) is complete to the day before the last of them ends.
    """
    marked = charges.mutate(is_long=is_long(charges))
    ends = {"end": marked["__end"].max(), "first_end": marked["__end"].min()}
    return complete_to(marked.group_by(["day", "is_long"]).aggregate(**ends).to_pandas(), name=opened.name)


def is_long(charges: Any) -> Any:
    """The mark of charges for longer than a day."""
    return charges["__end"] > charges.day.cast("timestamp") + ibis.interval(days=1)


def complete_to(days: pd.DataFrame, *, name: str) -> date:
    """The last complete day of charges by day and length: day, is_long, end (of the last) and first_end."""
    starts = pd.to_datetime(days["day"])
    short = ~days["is_long"].astype(bool)
    if not short.any():
        first_end: pd.Timestamp = days.loc[starts == starts.max(), "first_end"].min()
        return (first_end - timedelta(microseconds=1)).date()
    first, last = starts[short].min(), starts[short].max()
    end = days.loc[short & (starts == last), "end"].max()
    complete = (end + timedelta(seconds=1)).date() > last.date()  # many exports end a day at 23:59:59
    if not complete and first == last:
        raise InputError(f"{name}: all charges lie on {last.date()}, which is not complete")
    found: date = (last if complete else last - timedelta(days=1)).date()
    return found


def days_long(charges: Any) -> Any:
    """Days a charge is for, within the month it starts in; 1 for a charge of a day or less."""
    month_end = charges.day.truncate("M") + ibis.interval(months=1)
    last = ibis.least(charges["__end"].date(), month_end.cast("date"))
    return ibis.greatest(last.delta(charges.day, unit="day"), 1)


def long_share_of(charges: Any, kept: Any) -> float:
    """Share of the kept cost that is charged for longer than a day; 0 where the file has no shorter charges."""
    if not engine.row(charges, short=(days_long(charges) == 1).any())["short"]:
        return 0.0
    cost = kept["__cost"].abs()
    found = engine.row(kept, long=cost.sum(where=days_long(kept) > 1), all=cost.sum())
    return (found["long"] or 0.0) / found["all"] if found["all"] else 0.0


def spread_charges(charges: Any) -> Any:
    """The charges with those for longer than a day split into equal parts, one for each of their days."""
    days = days_long(charges)
    start = charges.day.cast("timestamp")
    each = ibis.range(start, start + days * ibis.interval(days=1), ibis.interval(days=1)).unnest()
    part = (charges["__cost"] / days).cast(EXACT)
    split = charges.filter(days > 1).mutate(day=each.cast("date"), value=part)
    return charges.filter(days == 1).union(split)


def _sums(read: Any, columns: Sequence[str]) -> Any:
    """Cost by day and every column that is asked about: one pass over the charges, the rest is done on the sums."""
    return read.group_by(["day", *columns]).aggregate(value=read.value.sum()).cache()


def _daily(sums: Any, group_by: Sequence[str]) -> pd.DataFrame:
    keys = {f"k{place}": ibis.coalesce(sums[column].cast("string"), NOT_SAID) for place, column in enumerate(group_by)}
    grouped = sums.mutate(**keys).group_by(["day", *keys]).aggregate(value=sums.value.sum().cast("float64"))
    frame = grouped.to_pandas()
    series = frame[list(keys)].agg(" / ".join, axis=1) if keys else "total"
    frame = frame.assign(date=pd.to_datetime(frame["day"]), series=series)
    return frame[["date", "series", "value"]].sort_values(["series", "date"], ignore_index=True)


def _largest(daily: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The dearest series one by one and the rest as one, with a note when there is a rest."""
    cost = daily["value"].abs().groupby(daily["series"]).sum().sort_values(ascending=False, kind="stable")
    if len(cost) <= SERIES_SHOWN:
        return daily, []
    kept, rest = cost.index[: SERIES_SHOWN - 1], len(cost) - SERIES_SHOWN + 1
    others = f"({rest:,} others)"
    named = daily.assign(series=daily["series"].where(daily["series"].isin(kept), others))
    note = f"Of {len(cost):,} series the {SERIES_SHOWN - 1} dearest are forecast one by one, {rest:,} together"
    return named.groupby(["series", "date"], as_index=False)["value"].sum(), [note]


def _notes(as_of: date, after: int, ai_share: float | None, long_share: float) -> list[str]:
    """What a reader of the page should know about the file."""
    notes = [f"{after:,} charges start after {as_of} and were not read"] if after else []
    if long_share:
        notes.append(
            f"Charges for longer than a day, {long_share * 100:.1f} % of the cost, count evenly on the days they are "
            "for within the month they start in"
        )
    if ai_share is not None and ai_share < _ALL_AI:
        said = "No charge" if ai_share == 0 else f"Only {ai_share * 100:.1f} % of the cost"
        notes.append(
            f"{said} is marked as AI (ServiceCategory {AI_CATEGORY}, a model in x_ModelId or a layer in x_Layer); all "
            f'charges that the filter keeps are forecast. To keep AI alone: where.ServiceCategory = "{AI_CATEGORY}"'
        )
    return notes


def _days(charges: Any, as_of: date) -> pd.DatetimeIndex:
    """The days on which the file has any charge, filter or not."""
    days = charges.filter(charges.day <= as_of).select("day").distinct().to_pandas()["day"]
    return pd.DatetimeIndex(sorted(pd.to_datetime(days)))


def _on_every_day(daily: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """A series without a charge on a day that the bill has costs nothing then; a day the bill lacks stays absent."""
    wide = daily.pivot_table(index="date", columns="series", values="value", aggfunc="sum")
    wide = wide.reindex(days.union(wide.index))
    begun = wide.notna().cumsum() > 0
    filled = wide.fillna(0.0).where(begun)
    long = filled.rename_axis("date").melt(ignore_index=False, var_name="series").reset_index().dropna()
    return long[["date", "series", "value"]].sort_values(["series", "date"], ignore_index=True)


def _ai_share(sums: Any, dimensions: Sequence[str]) -> float | None:
    """Share of the cost that FOCUS calls AI, or that names a model or a layer; None where the file says none of it."""
    marks = []
    if "ServiceCategory" in dimensions:
        marks.append(ibis.coalesce(sums["ServiceCategory"].cast("string") == AI_CATEGORY, engine.FALSE))
    marks += [sums[column].notnull() for column in ("x_ModelId", "x_Layer") if column in dimensions]
    if not marks:
        return None
    is_ai = reduce(or_, marks)
    cost = {"ai": sums.value.sum(where=is_ai).cast("float64"), "all": sums.value.sum().cast("float64")}
    found = engine.row(sums, **cost)
    return (found["ai"] or 0.0) / found["all"] if found["all"] else None


def _breakdown(sums: Any, dimensions: Sequence[str]) -> pd.DataFrame:
    parts = [_by_month(sums, dimension) for dimension in dimensions]
    if not parts:
        return pd.DataFrame(columns=["month", "dimension", "item", "value"])
    frame = pd.concat(parts).assign(month=lambda rows: pd.to_datetime(rows["month"]))
    return frame[["month", "dimension", "item", "value"]].sort_values(["dimension", "item", "month"], ignore_index=True)


def _volumes(kept: Any) -> pd.DataFrame:
    """Tokens by class, requests and cost of the charges that count tokens, by month and model; empty where not said."""
    columns = ["month", "item", "tokens", "cost", "requests", *TOKEN_COLUMNS]
    given = [column for column in TOKEN_COLUMNS if column in kept.columns]
    if not given or "x_ModelId" not in kept.columns:
        return pd.DataFrame(columns=columns)
    counts = {
        column: ibis.coalesce(kept[column].try_cast("float64"), 0.0) if column in kept.columns else ibis.literal(0.0)
        for column in (*TOKEN_COLUMNS, "x_Requests")
    }
    counted = kept.mutate(**counts, month=kept.day.truncate("M"))
    counted = counted.mutate(
        tokens=reduce(add, [counted[column] for column in TOKEN_COLUMNS]),
        item=ibis.coalesce(counted["x_ModelId"].cast("string"), NO_MODEL),
    )
    used = counted.filter(counted.tokens > 0)
    sums = {name: used[name].sum() for name in ("tokens", *TOKEN_COLUMNS)}
    sums |= {"cost": used.value.sum().cast("float64"), "requests": used["x_Requests"].sum()}
    frame: pd.DataFrame = used.group_by(["month", "item"]).aggregate(**sums).to_pandas()
    frame = frame.assign(month=pd.to_datetime(frame["month"]))
    return frame[columns].sort_values(["month", "item"], ignore_index=True)


def users_by_month(kept: Any) -> pd.DataFrame:
    """People who caused charges, by month (month, users); empty where the file does not name them."""
    if "x_User" not in kept.columns:
        return pd.DataFrame(columns=["month", "users"])
    found = kept.mutate(month=kept.day.truncate("M"))
    frame: pd.DataFrame = found.group_by("month").aggregate(users=found["x_User"].nunique()).to_pandas()
    return frame.assign(month=pd.to_datetime(frame["month"])).sort_values("month", ignore_index=True)


def _by_month(sums: Any, dimension: str) -> pd.DataFrame:
    absent = NO_MODEL if dimension == "x_ModelId" else NOT_SAID
    keys = {"month": sums.day.truncate("M"), "item": ibis.coalesce(sums[dimension].cast("string"), absent)}
    cost = sums.value.sum().cast("float64")
    found: pd.DataFrame = sums.mutate(**keys).group_by(["month", "item"]).aggregate(value=cost).to_pandas()
    return found.assign(dimension=dimension)
