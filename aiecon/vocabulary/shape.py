"""The shape of a request: how many tokens it reads and writes."""

from collections.abc import Mapping

from pydantic import Field

from aiecon.vocabulary.distribution import base, uncertain
from aiecon.vocabulary.strict import Strict
from aiecon.vocabulary.token_price import TokenPrice


class RequestShape(Strict):
    """Tokens of a mean request; other inputs, such as audio, come on top of its input tokens.

    Examples
    --------
    >>> shape = RequestShape(input_tokens_per_request=200, output_tokens_per_request=20, cached_input_share=0.5)
    >>> shape.normalised(output_weight=8, cached_weight=0)
    260.0
    """

    input_tokens_per_request: uncertain(ge=0) = Field(description="cached tokens included [tokens/request]")  # type: ignore[valid-type]
    output_tokens_per_request: uncertain(ge=0) = Field(description="reasoning included [tokens/request]")  # type: ignore[valid-type]
    cached_input_share: uncertain(ge=0, le=1) = Field(  # type: ignore[valid-type]
        title="input read from the provider's cache",
        default=0.0,
        description="input read from the provider's cache [share of input tokens]",
    )
    other_input_tokens: dict[str, float] | None = Field(
        default=None, description="other inputs by kind, such as audio [tokens/request]"
    )

    def normalised(
        self, *, output_weight: float, cached_weight: float, input_weights: Mapping[str, float] | None = None
    ) -> float:
        """Input-equivalent tokens of a request. [tokens/request]

        input + Σ input weight × other input + output weight × output − (1 − cached weight) × cached input
        """
        read = base(self.input_tokens_per_request)
        cached = read * base(self.cached_input_share)
        other = sum(
            (input_weights or {}).get(kind, 1.0) * tokens for kind, tokens in (self.other_input_tokens or {}).items()
        )
        return read + other + output_weight * base(self.output_tokens_per_request) - (1.0 - cached_weight) * cached

    def cost(self, price: TokenPrice, *, input_weights: Mapping[str, float] | None = None) -> float:
        """Price of a request at base prices; a token of another input costs its weight in input tokens. [currency]"""
        read = base(self.input_tokens_per_request)
        other = sum(
            (input_weights or {}).get(kind, 1.0) * tokens for kind, tokens in (self.other_input_tokens or {}).items()
        )
        found = price.request_cost(
            input_tokens=read + other,
            output_tokens=base(self.output_tokens_per_request),
            cached_input_tokens=read * base(self.cached_input_share),
        )
        return float(found)
