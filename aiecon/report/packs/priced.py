"""Prices, terms and counts that stand in the inputs with no assumption row, each with who says it and since when."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from aiecon import resources
from aiecon.charts.formats import full, significant
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.packs.agreement import Results, day_of, figure
from aiecon.report.pages.seats.terms import shipped_row

Row = tuple[str, str, str, str, str]
"""What it is, its value, its grade, the day it was read, who says it."""
Who = tuple[str, str, str]
_GIVEN: Who = ("not graded", "–", "as given in the inputs")
_COUNTS = {"budget": "{value} {currency}", "requests_per_month": "{value} requests a month"}
"""Fields of a question's inputs that no file and no row says; their grade, day and source begin with the first word."""


def table(results: Results) -> Block:
    """One row a price, term or count, with the pages that use it."""
    pages: dict[Row, list[str]] = {}
    for question, result in results.items():
        for row in dict.fromkeys(_rows(question, result)):
            pages.setdefault(row, []).append(question)
    if not pages:
        return blocks.nothing()
    rows = [[f"{' and '.join(names)}: {row[0]}", *row[1:]] for row, names in pages.items()]
    columns = ["Figure", "Value", "Grade", "Read on", "Source"]
    note = "Of the shipped tables where they say this price; those of a contract are set in the inputs."
    later = sum(row[3] > day_of(results) for row in rows if row[3] != _GIVEN[1])
    if later:
        note += f" {later} of {len(rows)} were read after {day_of(results)}, the day of the pack."
    title = "Prices and counts of the inputs"
    return blocks.table(title, columns, rows, text_columns=5, note=note, widths=(2.1, 2.0, 0.9, 0.9, 3.6))


def _rows(question: str, result: Mapping[str, Any]) -> Iterator[Row]:
    inputs = result["inputs"]
    currency = str(inputs.get("currency") or "USD")
    yield from _token_prices(result, currency)
    yield from _seats(inputs, currency)
    yield from _terms(inputs)
    for field, words in _COUNTS.items():
        if isinstance(inputs.get(field), int | float):
            value = words.format(value=full(inputs[field]), currency=currency)
            yield (field.replace("_", " "), value, *_who(inputs, field.partition("_")[0]))
    yield from _together("success of", "tried", list(_successes(inputs)))


def _together(what: str, unit: str, items: list[tuple[str, str, Who]]) -> Iterator[Row]:
    """Items of one kind, those that one source says in one row."""
    for who in dict.fromkeys(who for *_, who in items):
        mine = [(name, value) for name, value, said_by in items if said_by == who]
        names, values = (", ".join(parts) for parts in zip(*mine, strict=True))
        yield (f"{what} {names}", f"{values} {unit}", *who)


def _successes(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, Who]]:
    for tier in inputs.get("tiers") or ():
        success = tier.get("success_rate")
        if isinstance(success, Mapping) and "successes" in success:
            tried = success["successes"] + success["failures"]
            yield tier["name"], f"{full(success['successes'])} of {full(tried)}", _who(tier, "success")


def _who(item: Mapping[str, Any], of: str) -> Who:
    """Grade, day and source that an item gives of one of its figures."""
    grade, day, source = (item.get(f"{of}_{field}") for field in ("grade", "dated", "source"))
    return str(grade or _GIVEN[0]), str(day or _GIVEN[1]), str(source or _GIVEN[2])


def _token_prices(result: Mapping[str, Any], currency: str) -> Iterator[Row]:
    said = {(one["provider"], one["model"]): one for one in result["provenance"]["prices"]}
    for price in _prices_in(result["inputs"]):
        row = said.get((price["provider"], price["model"]))
        parts = {"in": "input_per_mtok", "cached": "cached_input_per_mtok", "out": "output_per_mtok"}
        told = [f"{significant(figure(price[field]))} {word}" for word, field in parts.items() if price.get(field)]
        value = f"{', '.join(told)} {price.get('currency') or currency}/Mtok"
        who = _GIVEN if row is None or row["last_seen"] is None else ("published", row["last_seen"], row["source"])
        yield (f"{price['model']} at {price['provider']}", value, *who)


def _prices_in(values: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(values, Mapping):
        if "input_per_mtok" in values and "model" in values:
            yield values
        else:
            for inner in values.values():
                yield from _prices_in(inner)
    elif isinstance(values, list):
        for inner in values:
            yield from _prices_in(inner)


def _seats(inputs: Mapping[str, Any], currency: str) -> Iterator[Row]:
    for plan in inputs.get("plans") or ():
        price = figure(plan["price_per_seat_month"])
        row = shipped_row(plan["name"], price=price, currency=currency)
        who = _GIVEN if row is None else (row["grade"], row["retrieved_on"], f"{row['vendor']}: {row['source']}")
        yield (plan["name"], f"{significant(price)} {currency} a seat and month", *who)


def _terms(inputs: Mapping[str, Any]) -> Iterator[Row]:
    unit = inputs.get("capacity_unit")
    if unit:
        currency = next((term["currency"] for term in inputs["terms"] if term.get("currency")), "USD")
        yield from _together("term", f"{currency} a unit and month", list(_term_prices(unit, inputs["terms"])))


def _term_prices(unit: Mapping[str, Any], terms: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, Who]]:
    shipped = pd.read_csv(resources.path("data/capacity/ptu_prices.csv"))
    shipped = shipped[(shipped["provider"] == unit["provider"]) & (shipped["deployment"] == unit["deployment"])]
    for term in terms:
        price = figure(term["price_per_unit_month"])
        same = shipped["term"].eq(term["name"]) & shipped["price_per_unit_month"].sub(price).abs().lt(1e-6 * price)
        row = next(iter(shipped[same].to_dict("records")), None)
        who = _GIVEN if row is None else (str(row["grade"]), str(row["retrieved_on"]), str(row["source"]))
        yield term["name"], significant(price), who
