"""Prices in another unit: one hundreds of times off what else is known of its like.

A price per token or per thousand tokens where millions are meant is a factor of 1,000 and more; no discount is. What
else is known is the median of a trusted table (the one aiecon ships) and that of the table itself, of the narrowest
circle that has enough rows. The table itself can accuse a price and never clear one: all its rows may be in one wrong
unit. Only a note that begins with one of CONFIRMED answers for such a price.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

UNIT_JUMP = 300.0
"""Factor beyond which a price is suspected of another unit."""
CONFIRMED = ("confirmed", "corrected", "suspicious")
"""How a note begins that answers for a price: confirmed by hand, or marked where the shipped table was built."""
_ENOUGH = (3, 5)  # rows that make a usual price: of the narrowest circle, of a wider one
_ENOUGH_TRUSTED = (1, 5)


@dataclass(frozen=True)
class Circles:
    """A price column, the columns whose rows are alike (narrowest first; () is the whole table), its unit in words."""

    column: str
    alike: tuple[tuple[str, ...], ...]
    unit: str


def is_confirmed(note: str) -> bool:
    """Whether a note answers for a price that a rule doubts."""
    return note.lower().startswith(CONFIRMED)


def times(factor: float) -> str:
    """A factor in words: "1,000 times" or "1/1,000 of"."""
    return f"{factor:,.0f} times" if factor > 1 else f"1/{1 / factor:,.0f} of"


def is_far(factor: float, *, ceiling: float = UNIT_JUMP) -> bool:
    """Whether a price over a usual one is so far from 1 that the unit must be another; no factor is not far."""
    return factor > 0 and (factor <= 1 / UNIT_JUMP or factor >= ceiling)


def suspected(
    typed: pd.DataFrame, circles: Circles, *, neighbours: pd.DataFrame | None = None
) -> Iterator[tuple[int, str]]:
    """Rows whose price is far from the usual one of the trusted rows `neighbours`, or of the table itself."""
    own = _Usual(typed, circles, _ENOUGH, with_currency=True)
    trusted = None if neighbours is None else _Usual(neighbours, circles, _ENOUGH_TRUSTED)
    for row, record in zip(typed.index, typed.to_dict("records"), strict=True):
        if is_confirmed(record["note"]) or not record[circles.column] > 0:
            continue
        usual = _far_from(record, circles.column, own, trusted)
        if usual:
            price = record[circles.column]
            yield (
                row,
                f"'{circles.column}' {price:g} is {times(price / usual)} its neighbours ({usual:g}, the median of its "
                f"like in the tables known); prices are {circles.unit}, this looks like another unit: correct it, or "
                "begin its note with 'confirmed: '",
            )


class _Usual:
    """Medians of a price by circle, and whose they are."""

    def __init__(
        self, rows: pd.DataFrame, circles: Circles, enough: Sequence[int], *, with_currency: bool = False
    ) -> None:
        positive = rows[rows[circles.column] > 0].assign(all="")
        self.currencies = set(positive["currency"])
        self.keys = [(*alike, "currency") if with_currency else (*alike, "all") for alike in circles.alike]
        self.medians: list[Mapping[Any, float]] = []
        for place, key in enumerate(self.keys):
            groups = positive.groupby(list(key))[circles.column]
            least = enough[0] if place == 0 and circles.alike[0] else enough[1]
            medians = groups.median()[groups.count() >= least].to_dict()
            tuples = {like if isinstance(like, tuple) else (like,): median for like, median in medians.items()}
            self.medians.append(tuples)

    def of(self, record: Mapping[str, Any]) -> tuple[int, float] | None:
        """The narrowest circle that knows the like of a row, and its median."""
        for place, (key, medians) in enumerate(zip(self.keys, self.medians, strict=True)):
            found = medians.get(tuple(record.get(column, "") for column in key))
            if found is not None:
                return place, found
        return None


def _far_from(record: Mapping[str, Any], column: str, own: _Usual, trusted: _Usual | None) -> float | None:
    """The usual price that a price is far from: the trusted one, or the table's own where it knows a narrower circle.

    In a currency the trusted rows do not have a price can only be far below: some currencies are worth a thousandth of
    a dollar, none is worth hundreds.
    """
    known, among = trusted and trusted.of(record), own.of(record)
    if trusted and known:
        ceiling = UNIT_JUMP if record["currency"] in trusted.currencies else float("inf")
        if is_far(record[column] / known[1], ceiling=ceiling):
            return known[1]
    is_nearer = among and (not known or among[0] < known[0])
    return among[1] if among and is_nearer and is_far(record[column] / among[1]) else None
