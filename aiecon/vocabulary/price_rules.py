"""What must hold between the cells and rows of a rate card.

Three kinds of doubt. An overlap is an error whatever a note says; a price in another unit, or one derived from the
input price that cannot be, needs a note that begins with "confirmed"; a gap, a jump and a price of zero need any note.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from aiecon.vocabulary import unit_doubts
from aiecon.vocabulary.spend import CURRENCIES
from aiecon.vocabulary.tables import Found
from aiecon.vocabulary.unit_doubts import Circles, is_confirmed, is_far, times

PRICES = (
    "input_per_mtok",
    "output_per_mtok",
    "cached_input_per_mtok",
    "cache_write_per_mtok",
    "cache_write_1h_per_mtok",
    "long_context_input_per_mtok",
    "long_context_output_per_mtok",
)
LONG_CONTEXT = ("long_context_from_tokens", "long_context_input_per_mtok", "long_context_output_per_mtok")
KEY = ["provider", "model"]
JUMP = 4.0
"""Factor between neighbouring prices of a model above which a row needs a note that says why."""
_UNIT = "per million tokens"
_CIRCLES = tuple(Circles(column, (("model",), ("provider",), ()), _UNIT) for column in PRICES[:2])
_WHY = "say why in its note, or correct it"
_CONFIRM = "correct it, or begin its note with 'confirmed: '"


def problems(typed: pd.DataFrame, *, neighbours: pd.DataFrame | None = None) -> list[Found]:
    """Everything doubtful in the typed rows of a rate card, by row."""
    found = [*_row_problems(typed), *_life_problems(typed)]
    for circles in _CIRCLES:
        found += unit_doubts.suspected(typed, circles, neighbours=neighbours)
    return sorted(found)


def _row_problems(typed: pd.DataFrame) -> Iterator[Found]:
    for row, record in zip(typed.index, typed.to_dict("records"), strict=True):
        if record["effective_to"] <= record["effective_from"]:
            ends = f"{record['effective_to']:%Y-%m-%d}"
            yield row, f"it ends on {ends}, before it starts; effective_to is exclusive: correct one of the days"
        without = [column for column in LONG_CONTEXT if pd.isna(record[column])]
        if 0 < len(without) < len(LONG_CONTEXT):
            yield row, f"{', '.join(LONG_CONTEXT)} come together; give {' and '.join(without)} too, or none"
        if not record["note"]:
            yield from ((row, f"{column} is 0; {_WHY}") for column in _zeros(record))
        if not is_confirmed(record["note"]):
            yield from ((row, f"{words}; {_CONFIRM}") for words in _derived(record))


def _zeros(record: Mapping[str, Any]) -> list[str]:
    """Prices of zero that surprise; an embedding model has no output."""
    has_output = "embed" not in record["model"].lower()
    return [
        f"'{column}'"
        for column in PRICES
        if record[column] == 0 and (column != "output_per_mtok" or has_output) and column not in LONG_CONTEXT
    ]


def _derived(record: Mapping[str, Any]) -> Iterator[str]:
    """Prices that their own input or output price denies."""
    for column in (*PRICES[2:5], *LONG_CONTEXT[1:]):
        base = "output_per_mtok" if "output" in column else "input_per_mtok"
        price, usual = record[column], record[base]
        if column in LONG_CONTEXT and 0 <= price < usual:
            yield f"a long-context price is below the base price ({_two(record, column, base)})"
        elif usual > 0 and is_far(price / usual):
            yield f"'{column}' {price:g} is {times(price / usual)} '{base}' ({usual:g}), one of them in another unit"
        elif column == "cached_input_per_mtok" and price > usual:
            yield f"cached input costs more than input ({_two(record, column, base)})"


def _two(record: Mapping[str, Any], column: str, base: str) -> str:
    return f"'{column}' {record[column]:g}, '{base}' {record[base]:g}"


def _life_problems(typed: pd.DataFrame) -> Iterator[Found]:
    """Overlaps, gaps, jumps and changes of currency inside the life of each model."""
    dated = typed[typed["effective_from"].notna() & (typed["provider"] != "") & (typed["model"] != "")]
    dated = dated.sort_values([*KEY, "effective_from"], kind="stable")
    every = zip(dated.index, dated.to_dict("records"), strict=True)
    for _, life in itertools.groupby(every, key=lambda pair: [pair[1][column] for column in KEY]):
        records = list(life)
        for place in range(1, len(records)):
            yield from _dates(records[:place], *records[place])
            yield from _moves(records[0], records[place - 1][1], *records[place])


def _dates(before: list[tuple[int, dict[str, Any]]], row: int, record: Mapping[str, Any]) -> Iterator[Found]:
    """Days for which a model has two prices, or none."""
    who, begins = f"{record['provider']}/{record['model']}", record["effective_from"]
    last_row, last = max(before, key=lambda pair: pair[1]["effective_to"].value)  # that of an open row is the least
    previous_row, previous = before[-1]
    if previous["effective_from"] == begins:
        yield row, f"{who} has two prices from {begins:%Y-%m-%d} (the other in row {previous_row}); keep one of them"
    elif last["effective_to"] > begins:
        ends = f"{last['effective_to']:%Y-%m-%d}"
        what = f"end it on {begins:%Y-%m-%d}, which is exclusive, or correct the days"
        yield last_row, f"it ends on {ends}, after row {row} of {who} begins on {begins:%Y-%m-%d}; {what}"
    elif pd.notna(previous["effective_to"]) and last["effective_to"] < begins and not previous["note"]:
        ends = f"{last['effective_to']:%Y-%m-%d}"
        what = "a note is expected: say why, or add the row that is missing"
        yield previous_row, f"{who} has no price from {ends} to {begins:%Y-%m-%d}; {what}"


def _moves(
    first: tuple[int, Mapping[str, Any]], before: Mapping[str, Any], row: int, record: Mapping[str, Any]
) -> Iterator[Found]:
    """A change of currency since the first row of a model, or a large change of price since the row before."""
    who, currency, other = f"{record['provider']}/{record['model']}", record["currency"], first[1]["currency"]
    factor = jump(before, record)
    if currency != other and {currency, other} <= CURRENCIES:
        what = "keep a model of a provider in one currency"
        yield row, f"{who} is in {currency} here and in {other} in row {first[0]}; {what}"
    elif factor > JUMP and not record["note"]:
        what = "a note is expected: say why, or correct the price"
        yield row, f"a price of {who} moves by a factor of {_round(factor)}; {what}"


def _round(factor: float) -> str:
    return f"{factor:,.0f}" if factor >= 100 else f"{factor:.3g}"


def jump(record: Mapping[str, Any], later: Mapping[str, Any]) -> float:
    """The largest factor between the input and output prices of two rows; 1 where one has none."""
    pairs = [(record[column], later[column]) for column in PRICES[:2]]
    return max([max(a, b) / min(a, b) for a, b in pairs if a > 0 and b > 0], default=1.0)
