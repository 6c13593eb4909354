"""A lever: something that saves a part of a cost, from a month on, for an effort."""

from pydantic import Field

from aiecon.vocabulary.distribution import base, uncertain
from aiecon.vocabulary.strict import Many, Strict

ALL = "all"


class SemanticCache(Strict):
    """Answers kept by meaning: a request like an earlier one gets that one's answer and no model is called."""

    hit_rate: uncertain(ge=0, le=1) = Field(description="requests answered from it [share]")  # type: ignore[valid-type]
    wrong_hit_share: uncertain(ge=0, le=1) = Field(  # type: ignore[valid-type]
        default=0.0, description="hits whose answer does not fit; they are not accepted [share of hits]"
    )
    wrong_hit_cost: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        default=0.0, description="of putting a wrong hit right [currency/wrong hit]"
    )
    lookup_cost: uncertain(ge=0) = Field(default=0.0, description="of a lookup, hit or not [currency/request]")  # type: ignore[valid-type]


class Lever(Strict):
    """A saving on a part, a layer or everything; savings on one thing multiply.

    Examples
    --------
    >>> Lever(name="prompt caching", applies_to="large", saving=0.3).reaches("large", "model")
    True
    """

    one_of = (("saving", "semantic_cache"),)

    name: str = Field(min_length=1, description="what it is called")
    applies_to: str | Many[str] = Field(
        min_length=1, description="name of a tier or component, a layer, a list of them, or all"
    )
    saving: uncertain(ge=0, le=1) | None = Field(default=None, description="of what it applies to [share]")  # type: ignore[valid-type]
    semantic_cache: SemanticCache | None = Field(
        default=None, description="instead of a saving: what hits, lookups and wrong hits come to"
    )
    from_month: int = Field(default=1, ge=1, description="month it works from")
    effort_cost: uncertain(ge=0) = Field(default=0.0, description="once, to put it to work [currency]")  # type: ignore[valid-type]

    @property
    def targets(self) -> tuple[str, ...]:
        """What it applies to, as a list."""
        return (self.applies_to,) if isinstance(self.applies_to, str) else self.applies_to

    @property
    def taken(self) -> float:
        """Part of the cost it takes off at base values: its saving, or the hit rate of a semantic cache."""
        if self.semantic_cache is not None:
            return base(self.semantic_cache.hit_rate)
        return base(self.saving or 0.0)

    @property
    def added_per_request(self) -> float:
        """What it costs by the request at base values: lookups and wrong hits. [currency/request]"""
        cache = self.semantic_cache
        if cache is None:
            return 0.0
        wrong = base(cache.hit_rate) * base(cache.wrong_hit_share)
        return base(cache.lookup_cost) + wrong * base(cache.wrong_hit_cost)

    def reaches(self, *names: str) -> bool:
        """Whether it applies to something that goes by any of these names."""
        return ALL in self.targets or any(name in self.targets for name in names)
