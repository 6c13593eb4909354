"""What usage without a cost would have cost at list price: each request at the rate card of its day, exactly."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from aiecon.errors import InputError
from aiecon.ingestion import rate_cards
from aiecon.ingestion.adapters.reading import RefusedError
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.token_price import TokenPrice

_MTOK = Decimal(1_000_000)
_WRITE_1H = Decimal(2)  # times the input price, where a provider charges for writes and the card has none for an hour
BATCH_DISCOUNT = 0.5
"""Off input and output of a batch job where the card records none (OpenAI and Anthropic, batch guides)."""


@dataclass(frozen=True)
class Tokens:
    """Tokens of one request, each in one class."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int | None = None

    @property
    def all_input(self) -> int:
        """Input with what was read from and written to the cache: what long-context prices look at."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    def cells(self) -> dict[str, int | None]:
        """The token columns of the spend store."""
        return {
            "x_InputTokens": self.input,
            "x_CacheReadTokens": self.cache_read,
            "x_CacheWrite5mTokens": self.cache_write_5m,
            "x_CacheWrite1hTokens": self.cache_write_1h,
            "x_OutputTokens": self.output,
            "x_ReasoningTokens": self.reasoning,
        }


def inside(total: int, *, cache_read: int, cache_write_5m: int = 0, cache_write_1h: int = 0, output: int) -> Tokens:
    """Tokens of a source whose input includes the cached ones.

    A total smaller than the cached tokens is one that leaves them out, as older instrumentations of Anthropic have it.

    Examples
    --------
    >>> inside(1_000, cache_read=800, output=50).input, inside(31, cache_read=0, cache_write_5m=1_253, output=9).input
    (200, 31)
    """
    cached = cache_read + cache_write_5m + cache_write_1h
    uncached = total - cached if total >= cached else total
    return Tokens(uncached, cache_read, cache_write_5m, cache_write_1h, output)


def priced(
    provider: str,
    model: str | None,
    day: date,
    tokens: Tokens,
    *,
    requests: int = 1,
    is_long: bool | None = None,
    is_batch: bool = False,
) -> Decimal:
    """Cost at the shipped rate card of a day. [currency]

    Parameters
    ----------
    provider, model
        As the rate card spells them; refused when it does not know them, with the nearest names.
    day
        The day of the request.
    tokens
        Of one request, or of several together.
    requests
        How many; of several together the length of each is not known, and base prices hold unless `is_long`.
    is_long
        Whether long-context prices hold, when the source says so.
    is_batch
        Whether the batch discount holds.

    Notes
    -----
    Cached input and cache writes keep their ratio to the input price in a long request. Without a price for writes they
    cost as input; without one for an hour twice the input price where the provider charges for writes at all.
    """
    price = _price(provider, model, day)
    long = price.long_context
    if is_long is None:
        is_long = long is not None and requests <= 1 and tokens.all_input >= long.from_tokens
    per_input, per_output = _number(price.input_per_mtok), _number(price.output_per_mtok)
    ratio = Decimal(1)
    if is_long and long is not None:
        ratio = _number(long.input_per_mtok) / per_input if per_input else ratio
        per_output = _number(long.output_per_mtok)
    read, write, write_1h = _cache_prices(price)
    cost = tokens.input * per_input + tokens.cache_read * read
    cost = (cost + tokens.cache_write_5m * write + tokens.cache_write_1h * write_1h) * ratio
    cost = (cost + tokens.output * per_output) / _MTOK
    return cost * (1 - _number(price.batch_discount or BATCH_DISCOUNT)) if is_batch else cost


def _cache_prices(price: TokenPrice) -> tuple[Decimal, Decimal, Decimal]:
    """Prices of a token read from the cache, written for 5 minutes, written for an hour."""
    per_input = _number(price.input_per_mtok)
    read = per_input if price.cached_input_per_mtok is None else _number(price.cached_input_per_mtok)
    if price.cache_write_1h_per_mtok is not None:
        hour = _number(price.cache_write_1h_per_mtok)
    else:
        hour = per_input if price.cache_write_per_mtok is None else per_input * _WRITE_1H
    write = per_input if price.cache_write_per_mtok is None else _number(price.cache_write_per_mtok)
    return read, write, hour


def _number(value: Any) -> Decimal:
    return Decimal(str(base(value)))


@cache
def _price(provider: str, model: str | None, day: date) -> TokenPrice:
    if model is None:
        raise RefusedError("x_ModelId", "names no model, so that it has no price; group the export by model")
    try:
        return rate_cards.shipped_rate_card().on(model, day=day, provider=provider)[0].price
    except InputError as error:
        raise RefusedError("x_ModelId", str(error)) from None
