"""A lever: something that saves a part of a cost, from a month on, for an effort."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from aiecon.vocabulary.distribution import base, uncertain
from aiecon.vocabulary.known import Grade
from aiecon.vocabulary.strict import Date, Many, Strict

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


class PromptCache(Strict):
    """The part of a prompt that repeats is written to the vendor's cache and read while it is kept.

    How often it is read comes from a count of reuses, or from the time between requests against the time it is kept:
    each use starts that time anew, and requests that come at random come within it with 1 − e^(−kept ÷ between).
    """

    one_of = (("reuses", "minutes_between"),)

    share_of_cost: uncertain(ge=0, le=1) = Field(  # type: ignore[valid-type]
        description="of an attempt's cost that is the repeated part at the plain input price [share]"
    )
    read: uncertain(ge=0) = Field(default=0.1, description="price of reading it over that of plain input")  # type: ignore[valid-type]
    write: uncertain(ge=0) = Field(default=1.25, description="price of writing it over that of plain input")  # type: ignore[valid-type]
    reuses: uncertain(ge=0) | None = Field(default=None, description="reads after each write [uses]")  # type: ignore[valid-type]
    minutes_between: uncertain(gt=0) | None = Field(  # type: ignore[valid-type]
        default=None, description="mean time between requests with the same prompt [minutes]"
    )
    kept_minutes: uncertain(ge=0) = Field(default=5.0, description="time to live since the last use [minutes]")  # type: ignore[valid-type]

    def hits(self, figure: Callable[[str], Any]) -> Any:
        """Requests that find it in the cache, of figures by name. [share]"""
        if self.minutes_between is not None:
            return 1.0 - np.exp(-figure("kept_minutes") / figure("minutes_between"))
        return figure("reuses") / (1.0 + figure("reuses"))

    def saving(self, figure: Callable[[str], Any]) -> Any:
        """Part of an attempt's cost it takes off, of figures by name; negative where writing costs more. [share]"""
        hits = self.hits(figure)
        return figure("share_of_cost") * (1.0 - (1.0 - hits) * figure("write") - hits * figure("read"))


class Lever(Strict):
    """A saving on a part, a layer or everything; savings on one thing multiply.

    Examples
    --------
    >>> Lever(name="prompt caching", applies_to="large", saving=0.3).reaches("large", "model")
    True
    """

    one_of = (("saving", "semantic_cache", "prompt_cache"),)
    speakers: ClassVar = {"*": ("grade", "source", "dated")}

    name: str = Field(min_length=1, description="what it is called")
    applies_to: str | Many[str] = Field(
        min_length=1, description="name of a tier or component, a layer, a list of them, or all"
    )
    saving: uncertain(ge=0, le=1) | None = Field(  # type: ignore[valid-type]
        title="saving", default=None, description="of what it applies to [share]"
    )
    semantic_cache: SemanticCache | None = Field(
        default=None, description="instead of a saving: what hits, lookups and wrong hits come to"
    )
    prompt_cache: PromptCache | None = Field(
        default=None, description="instead of a saving: what is written and read of a prompt that repeats"
    )
    from_month: int = Field(default=1, ge=1, description="month it works from")
    effort_cost: uncertain(ge=0) = Field(default=0.0, description="once, to put it to work [currency]")  # type: ignore[valid-type]
    grade: Grade | None = Field(default=None, description="contract, measured, published, judgement or rumour")
    source: str | None = Field(default=None, description="where the saving comes from")
    owner: str | None = Field(default=None, description="who answers for it")
    dated: Date | None = Field(default=None, description="day it was measured or agreed")

    @property
    def targets(self) -> tuple[str, ...]:
        """What it applies to, as a list."""
        return (self.applies_to,) if isinstance(self.applies_to, str) else self.applies_to

    @property
    def taken(self) -> float:
        """Part of the cost it takes off at base values: its saving, or the hit rate of a semantic cache."""
        return float(self.taken_of(self._base_of))

    def taken_of(self, figure: Callable[[str], Any]) -> Any:
        """The same of figures by their dotted name below the lever's: numbers or arrays of draws."""
        if self.semantic_cache is not None:
            return figure("semantic_cache.hit_rate")
        if self.prompt_cache is not None:
            return self.prompt_cache.saving(lambda name: figure(f"prompt_cache.{name}"))
        return figure("saving")

    def _base_of(self, name: str) -> float:
        value: Any = self
        for part in name.split("."):
            value = getattr(value, part)
        return float(base(value))

    @property
    def prompt_hits(self) -> float | None:
        """Requests that find their prompt in the cache at base values; None where it is no prompt cache. [share]"""
        if self.prompt_cache is None:
            return None
        return float(self.prompt_cache.hits(lambda name: self._base_of(f"prompt_cache.{name}")))

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
