"""What a token costs: one dated price level of one model."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from pydantic import Field

from aiecon.units import TOKENS_PER_MTOK
from aiecon.vocabulary.distribution import base, uncertain
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Date, Strict, as_day

Price: Any = uncertain(ge=0)
Share: Any = uncertain(ge=0, le=1)
Tokens = float | np.ndarray


@dataclass(frozen=True)
class SeenOnCard:
    """Mark of a day left out: `ingestion.resolve` looks up when the price beside it was last seen on the rate card."""

    beside: str


class LongContext(Strict):
    """Dearer prices for the whole of a request whose input reaches `from_tokens`."""

    from_tokens: int = Field(gt=0, description="input tokens of a request from which these prices hold")
    input_per_mtok: Price = Field(description="input of such a request [currency/Mtok]")
    output_per_mtok: Price = Field(description="output of such a request [currency/Mtok]")


class TokenPrice(Strict):
    """Prices of a model in currency per million tokens, from `effective_from` up to, not including, `effective_to`."""

    provider: str = Field(description="who sells it")
    model: str = Field(description="its name there")
    currency: Currency = Field(default="USD", description="ISO code")
    input_per_mtok: Price = Field(title="price of input tokens", description="uncached input [currency/Mtok]")
    output_per_mtok: Price = Field(description="output, reasoning included [currency/Mtok]")
    cached_input_per_mtok: Price | None = Field(default=None, description="the input price when not recorded")
    cache_write_per_mtok: Price | None = Field(default=None, description="written to the cache for 5 minutes")
    cache_write_1h_per_mtok: Price | None = Field(default=None, description="written to the cache for an hour")
    batch_discount: Share | None = Field(default=None, description="0.5 = half price [share]")
    long_context: LongContext | None = Field(default=None, description="dearer prices of long requests")
    effective_from: Date | None = Field(default=None, description="first day of this price")
    effective_to: Date | None = Field(default=None, description="day it no longer holds")

    def holds_on(self, day: date | str) -> bool:
        """Whether this level is in force on a day; a date, or ISO text."""
        day = as_day(day, name="day")
        started = self.effective_from is None or self.effective_from <= day
        return started and (self.effective_to is None or day < self.effective_to)

    def request_cost(
        self,
        *,
        input_tokens: Tokens,
        output_tokens: Tokens,
        cached_input_tokens: Tokens = 0.0,
        cache_write_tokens: Tokens = 0.0,
    ) -> Any:
        """Price one request, or an array of requests one by one, at base prices. [currency/request]

        A month of tokens is not one request: where long-context prices apply, price the requests and add them up.

        Parameters
        ----------
        input_tokens
            Of the request, cached ones included, cache writes not. [tokens], a number or shape (n_requests,)
        output_tokens
            Reasoning included. [tokens]
        cached_input_tokens
            Of the input, read from the provider's cache. [tokens]
        cache_write_tokens
            Written to the cache for 5 minutes, on top of the input. [tokens]

        Notes
        -----
        From `long_context.from_tokens` input tokens on, the whole input and output are priced at the long-context
        prices and cached input keeps its ratio to the input price. Without a cached price cached tokens cost as input.

        Examples
        --------
        >>> price = TokenPrice(provider="p", model="m", input_per_mtok=3, output_per_mtok=15, cached_input_per_mtok=0.3)
        >>> round(price.request_cost(input_tokens=10_000, output_tokens=500, cached_input_tokens=8_000), 6)
        0.0159
        """
        per_input: Tokens = base(self.input_per_mtok)
        per_output: Tokens = base(self.output_per_mtok)
        if self.long_context is not None:
            is_long = np.asarray(input_tokens) >= self.long_context.from_tokens
            per_input = np.where(is_long, base(self.long_context.input_per_mtok), per_input)[()]
            per_output = np.where(is_long, base(self.long_context.output_per_mtok), per_output)[()]
        per_cached = per_input * self.cached_ratio
        per_write = per_input if self.cache_write_per_mtok is None else base(self.cache_write_per_mtok)
        cost = (input_tokens - cached_input_tokens) * per_input + cached_input_tokens * per_cached
        return (cost + cache_write_tokens * per_write + output_tokens * per_output) / TOKENS_PER_MTOK

    @property
    def cached_ratio(self) -> float:
        """Price of a cached input token over that of an uncached one; 1 when no cached price is recorded."""
        per_input = base(self.input_per_mtok)
        if self.cached_input_per_mtok is None or per_input == 0:
            return 1.0
        return base(self.cached_input_per_mtok) / per_input
