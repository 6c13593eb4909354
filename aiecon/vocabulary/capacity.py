"""A unit of bought capacity: Azure's PTU, Google's GSU, a Bedrock model unit, all counted in normalised tokens."""

import math

from pydantic import Field

from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.distribution import base, uncertain
from aiecon.vocabulary.shape import RequestShape
from aiecon.vocabulary.strict import Strict
from aiecon.vocabulary.token_price import TokenPrice

NO_WEIGHT = "capacity_unit.input_weights has no weight for it; give one"
FORGIVEN = 1e-9
"""Part of a quotient that rounding up forgives."""


def rounded_up(quotient: float) -> int:
    """The next whole number, forgiving what arithmetic leaves over.

    Examples
    --------
    >>> rounded_up(3.0000000001), rounded_up(3.1)
    (3, 4)
    """
    return math.ceil(quotient - FORGIVEN * max(abs(quotient), 1.0))


class CapacityUnit(Strict):
    """What one unit serves a minute, and in which numbers units are sold.

    Examples
    --------
    >>> unit = CapacityUnit(provider="azure", model="m", tokens_per_minute=3_400, output_weight=8, minimum_units=15,
    ...                     increment_units=5)
    >>> unit.units_for(360_000), unit.units_for(100), unit.units_for(0)
    (110, 15, 0)
    """

    provider: str = Field(min_length=1, description="who sells it")
    model: str = Field(min_length=1, description="model it serves")
    deployment: str | None = Field(
        default=None, description="where it is served, as the shipped table says it: global, data_zone, regional"
    )
    tokens_per_minute: uncertain(gt=0) = Field(  # type: ignore[valid-type]
        title="what a unit serves", description="normalised tokens a unit serves [tokens/minute]"
    )
    output_weight: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        title="input tokens that an output token counts as", description="an output token in input tokens [ratio]"
    )
    cached_weight: uncertain(ge=0, le=1) = Field(  # type: ignore[valid-type]
        default=0.0, description="a cached input token in input tokens [ratio]"
    )
    minimum_units: int = Field(ge=0, description="units sold at least [units]")
    increment_units: int = Field(ge=1, description="units are sold in multiples of this [units]")
    input_weights: dict[str, float] | None = Field(
        default=None, description="a token of another input in input tokens, by kind [ratio]"
    )

    def unweighted(self, shape: RequestShape) -> list[str]:
        """Other inputs of a request that have no weight."""
        return [kind for kind in shape.other_input_tokens or {} if kind not in (self.input_weights or {})]

    def normalised(self, shape: RequestShape) -> float:
        """Normalised tokens of a request. [tokens/request]"""
        return shape.normalised(
            output_weight=base(self.output_weight),
            cached_weight=base(self.cached_weight),
            input_weights=self.input_weights,
        )

    def units_for(self, tokens_per_minute: float) -> int:
        """Units that serve so many normalised tokens a minute: none for none, else within minimum and increment."""
        return self.sold(tokens_per_minute / base(self.tokens_per_minute))

    def sold(self, raw: float) -> int:
        """The number of units sold for a raw one: 0, or the minimum, or the next multiple of the increment."""
        if raw <= 0:
            return 0
        return max(self.minimum_units, self.increment_units * rounded_up(raw / self.increment_units))

    def value_per_month(self, shape: RequestShape, payg: TokenPrice) -> float:
        """What a fully used unit-month would cost at pay-as-you-go prices. [currency/month]"""
        tokens = self.normalised(shape)
        if tokens <= 0:
            return 0.0
        per_token = shape.cost(payg, input_weights=self.input_weights) / tokens
        return base(self.tokens_per_minute) * MINUTES_PER_MONTH * per_token
