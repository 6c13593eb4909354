"""Where the figures of an answer come from: files, prices with their row of the rate card, and single rows used."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from aiecon.ingestion.rate_cards import quote_of
from aiecon.vocabulary.overrides import item_name
from aiecon.vocabulary.question import Answer
from aiecon.vocabulary.strict import Strict, quoted
from aiecon.vocabulary.token_price import TokenPrice

AS_GIVEN = "as given"


def prices(inputs: Strict, *, as_of: date | None) -> list[dict[str, Any]]:
    """Return each token price of the inputs with its dotted name and the row of the shipped rate card that says it.

    One record a price: field, provider, model, source, effective_from, last_seen; `source` is "as given" and the days
    are None where no row says this price.
    """
    return [_price(name, price, as_of) for name, price in _prices_in(inputs, "")]


def rows(answer: Answer) -> list[dict[str, Any]]:
    """Return the rows of tables that an answer's figures were computed from, where it says them."""
    return list(getattr(answer, "rows_used", ()))


def _price(name: str, price: TokenPrice, as_of: date | None) -> dict[str, Any]:
    quote = quote_of(price, day=as_of)
    return {
        "field": name,
        "provider": price.provider,
        "model": price.model,
        "source": AS_GIVEN if quote is None else quote.source,
        "effective_from": price.effective_from if quote is None else quote.price.effective_from,
        "last_seen": None if quote is None else quote.seen_on,
    }


def _prices_in(value: Any, name: str) -> Iterator[tuple[str, TokenPrice]]:
    if isinstance(value, TokenPrice):
        yield name, value
    elif isinstance(value, Strict):
        for field in type(value).model_fields:
            yield from _prices_in(getattr(value, field), f"{name}.{field}" if name else field)
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _prices_in(item, f"{name}.{quoted(item_name(item, place))}")
