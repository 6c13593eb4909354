"""The shipped rate card, a user's own, and what a second price table says of the same model and day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from aiecon import resources
from aiecon.errors import InputError
from aiecon.ingestion import cells, engine
from aiecon.vocabulary import rate_card
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.rate_card import Quote, RateCard
from aiecon.vocabulary.source import Source, Table
from aiecon.vocabulary.strict import as_day
from aiecon.vocabulary.token_price import TokenPrice

MAKERS = ("openai", "anthropic", "gemini", "mistral", "xai", "deepseek", "cohere", "azure", "vertex_ai", "bedrock")
"""Providers in the order they are answered: those who make the model before those who resell it."""
SHIPPED = "data/prices/token_prices.csv"
SECOND = "genai-prices 0.2.3"
_THEIR_NAMES = {"gemini": "google", "vertex_ai": "google", "xai": "x-ai", "bedrock": "aws"}
_COMPARED = {
    "input_per_mtok": "input_mtok",
    "output_per_mtok": "output_mtok",
    "cached_input_per_mtok": "cache_read_mtok",
}
LONG_REQUEST = 400_000
"""Input tokens of the request whose price is compared beside that of a short one."""
_SAME = 1e-6  # relative difference that two spellings of one price may have


@cache
def shipped_rate_card() -> RateCard:
    """Return the rate card that ships with aiecon: list prices of the main providers from 2023 on.

    Examples
    --------
    >>> from datetime import date
    >>> quote = shipped_rate_card().on("gpt-5", day=date(2026, 3, 1))[0]
    >>> quote.price.input_per_mtok, quote.price.output_per_mtok, quote.price.effective_from.isoformat()
    (1.25, 10.0, '2025-08-13')
    """
    trusted = partial(rate_card.trusted, makers=MAKERS)
    return cells.checked(resources.path(SHIPPED), trusted, name=Path(SHIPPED).name)


def read_rate_card(path: str | Path, *, name: str | None = None, as_of: date | str | None = None) -> RateCard:
    """Read a CSV of dated prices (columns: rate_card.COLUMNS); FrameError names every problem by row.

    Prices are held against those of the shipped rate card: one hundreds of times off is taken for another unit.

    Parameters
    ----------
    path
        The file.
    name
        What messages call it; its path when None.
    as_of
        The day that no row can have been read after; a date, or ISO text.
    """
    path = Path(path)
    make = partial(
        rate_card.card,
        makers=MAKERS,
        neighbours=None if is_shipped(path, SHIPPED) else shipped_rate_card().frame,
        as_of=None if as_of is None else as_day(as_of, name="as_of"),
    )
    return cells.checked(path, make, name=name or str(path))


@cache
def quote_of(price: TokenPrice, *, day: date | None = None) -> Quote | None:
    """The latest shipped row up to a day, that of the card when left out, that says a price; None when none does.

    It may have been replaced by then: see `Quote.price.holds_on`.
    """
    shipped = shipped_rate_card()
    if not shipped.has(price.provider, price.model):
        return None
    last, said = day or shipped.last_day, (price.input_per_mtok, price.output_per_mtok)
    found = [
        one
        for one in shipped.levels(price.model, provider=price.provider)
        if one.price.effective_from and one.price.effective_from <= last
        if (one.price.input_per_mtok, one.price.output_per_mtok) == said
    ]
    return found[-1] if found else None


def last_price_day() -> date:
    """Return the last day that a row of the shipped rate card begins or was seen on."""
    days = pd.read_csv(resources.path(SHIPPED), usecols=["effective_from", "last_seen"], dtype=str)
    return date.fromisoformat(str(days.max().dropna().max()))


@engine.reader
def read_table(source: Source, inputs: Any) -> Table:
    """Read the rate card that a source names; facts: is_shipped."""
    path = engine.locate(source)
    if not path.exists():
        raise InputError(f"{source.path}: no such file{engine.looked(source)}")
    shipped = is_shipped(path, SHIPPED)
    found = shipped_rate_card() if shipped else read_rate_card(path, name=source.path)
    return Table(found.frame, engine.digest(path), len(found.frame), {"is_shipped": shipped})


def is_shipped(path: Path, shipped: str) -> bool:
    """Whether a file is the one that ships with aiecon, which has nothing to be held against but itself."""
    return path.exists() and path.samefile(resources.path(shipped))


@dataclass(frozen=True)
class Opinion:
    """What another price table says: field -> price, and the fields it says differently from ours.

    `long_context` has what a request of LONG_REQUEST input tokens costs there: input and output per million tokens.
    """

    source: str
    prices: Mapping[str, float]
    long_context: Mapping[str, float]
    disagrees: tuple[str, ...]


def second_opinion(quote: Quote, *, day: date | str) -> Opinion | None:
    """Return what genai-prices says of a quote's model on a day; None when it does not know the model.

    Compared are the prices of a short request, and input and output of one of LONG_REQUEST input tokens.
    """
    found = _their_price(quote.price.provider, quote.price.model, as_day(day, name="day"))
    if found is None:
        return None
    prices = {ours: value for ours, theirs in _COMPARED.items() if (value := _plain(found, theirs)) is not None}
    own = {field: getattr(quote.price, field) for field in prices}
    disagrees = tuple(
        field
        for field, value in prices.items()
        if own[field] is not None and abs(base(own[field]) - value) > _SAME * max(value, base(own[field]))
    )
    theirs = {side: _at(found, f"{side}_mtok", LONG_REQUEST) for side in ("input", "output")}
    long = {side: value for side, value in theirs.items() if value is not None}
    ours = _own_long(quote.price)
    agreed = {side: value for side, value in long.items() if f"{side}_per_mtok" not in disagrees}
    if any(abs(ours[side] - value) > _SAME * max(value, ours[side]) for side, value in agreed.items()):
        disagrees = (*disagrees, "long_context")
    return Opinion(SECOND, prices, long, disagrees)


def _own_long(price: TokenPrice) -> dict[str, float]:
    """Our prices of a request of LONG_REQUEST input tokens. [currency/Mtok]"""
    tier = price.long_context
    reached = tier if tier and tier.from_tokens <= LONG_REQUEST else price
    return {"input": base(reached.input_per_mtok), "output": base(reached.output_per_mtok)}


def _at(price: Any, field: str, tokens: int) -> float | None:
    """Their price of a request with so many input tokens: that of the highest tier it reaches."""
    value = getattr(price, field, None)
    tiers = sorted(getattr(value, "tiers", []), key=lambda tier: tier.start)
    reached = [tier.price for tier in tiers if tier.start < tokens]
    return float(reached[-1]) if reached else _plain(price, field)


def _their_price(provider: str, model: str, day: date) -> Any:
    from genai_prices import Usage, calc_price

    try:
        return calc_price(
            Usage(input_tokens=1),
            model_ref=model,
            provider_id=_THEIR_NAMES.get(provider, provider),
            genai_request_timestamp=datetime.combine(day, time(12), UTC),
        ).model_price
    except LookupError:
        return None


def _plain(price: Any, field: str) -> float | None:
    value = getattr(price, field, None)
    value = getattr(value, "base", value)
    return None if value is None else float(value)
