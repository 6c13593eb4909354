"""How old prices are: the day each was last seen, else the day it began."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiecon.vocabulary.strict import quoted
from aiecon.vocabulary.token_price import TokenPrice


@dataclass(frozen=True)
class PriceDay:
    """The day that a price is known from; None where nobody said one.

    Attributes
    ----------
    field
        Dotted name of the tier or candidate.
    name
        What it is called.
    day
        Last seen, else first in force.
    is_seen
        Whether it is the day it was seen.
    """

    field: str
    name: str
    day: date | None
    is_seen: bool

    def age(self, on: date) -> int | None:
        """Days before a day; None without one. [days]"""
        return None if self.day is None else (on - self.day).days

    @property
    def words(self) -> str:
        """'last seen on 2026-01-01', 'in force since 2022-01-01 and not seen since'."""
        return f"last seen on {self.day}" if self.is_seen else f"in force since {self.day} and not seen since"


def price_days(field: str, items: Iterable[Any]) -> Iterator[PriceDay]:
    """The day of each price of a list of tiers or candidates."""
    for item in items:
        begun = item.price.effective_from if isinstance(item.price, TokenPrice) else None
        day, seen = item.price_seen or begun, item.price_seen is not None
        yield PriceDay(f"{field}.{quoted(item.name)}", item.name, day, seen)
