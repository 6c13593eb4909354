"""What the tiering question is asked: tiers with prices and success, where failures go, and what it is held against."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from aiecon.levers import cache_problems, unknown_targets
from aiecon.models.tiering.ages import PriceDay, price_days
from aiecon.models.tiering.retries import UNTIL_ACCEPTED
from aiecon.vocabulary.distribution import base, uncertain
from aiecon.vocabulary.known import Grade
from aiecon.vocabulary.lever import Lever
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.shape import RequestShape
from aiecon.vocabulary.source import ByName
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Date, Many, Strict, nearest, quoted
from aiecon.vocabulary.token_price import SeenOnCard, TokenPrice

_WHOLE = 1e-6


class FlatPrice(Strict):
    """A price by the request."""

    cost_per_request: uncertain(ge=0) = Field(description="of an attempt [currency/request]")  # type: ignore[valid-type]
    currency: Currency | None = Field(default=None, description="of it; that of the question when left out")


def _kind_of_price(value: object) -> str:
    names = value if isinstance(value, dict) else getattr(type(value), "model_fields", {})
    is_flat = not {"provider", "model", "input_per_mtok"} & set(names)
    return "a price by the request" if is_flat else "token prices"


Price = Annotated[
    Annotated[TokenPrice, Tag("token prices")] | Annotated[FlatPrice, Tag("a price by the request")],
    Discriminator(_kind_of_price),
]


class CheapCheck(Strict):
    """A cheap look at a request before a model sees it: what needs none (spam, doubles, the empty) is filtered out."""

    cost_per_request: uncertain(ge=0) = Field(description="of looking at a request [currency/request]")  # type: ignore[valid-type]
    filtered_share: uncertain(ge=0, le=1) = Field(description="requests that go no further [share]")  # type: ignore[valid-type]
    wrongly_filtered_share: uncertain(ge=0, le=1) = Field(  # type: ignore[valid-type]
        default=0.0, description="of them, those that needed an answer; they are not accepted [share of filtered]"
    )


class Tier(Strict):
    """A model that requests may go to."""

    speakers: ClassVar = {"success_rate": ("success_grade", "success_source", "success_dated")}

    name: str = Field(min_length=1, description="what it is called")
    share: uncertain(ge=0, le=1) = Field(  # type: ignore[valid-type]
        title="requests that enter here", description="part of the requests that enter here [share]"
    )
    price: Annotated[Price, ByName("prices", ("provider", "model"), "input_per_mtok")] = Field(
        description="what a token costs, or a request; the shipped row of the day where a model is named alone"
    )
    price_seen: Annotated[Date | None, SeenOnCard("price")] = Field(
        default=None, description="day the price was last seen; that of the rate card's row when left out"
    )
    success_rate: uncertain(ge=0, le=1) | None = Field(  # type: ignore[valid-type]
        title="answers accepted",
        default=None,
        description="attempts that are accepted; counts as {shape = beta} [share]",
    )
    success_grade: Grade | None = Field(
        default=None, description="of the success: contract, measured, published, judgement or rumour"
    )
    success_source: str | None = Field(default=None, description="where the success comes from")
    success_dated: Date | None = Field(default=None, description="day it was measured or agreed")
    review_cost: uncertain(ge=0) = Field(default=0.0, description="of looking at an attempt [currency/attempt]")  # type: ignore[valid-type]
    attempts: Annotated[int, Field(ge=1)] | Literal["until accepted"] = Field(
        default=1, description="at this model before a request goes on, at most; or 'until accepted'"
    )
    repeat_failure_share: uncertain(ge=0, le=1) = Field(  # type: ignore[valid-type]
        default=0.0,
        description="failed requests that fail at every retry too; 0: each retry is a draw of its own [share]",
    )
    check: CheapCheck | None = Field(default=None, description="made before a request is tried here")
    shape: RequestShape | None = Field(default=None, description="its own mean request, where it differs")
    latency_s: float | None = Field(default=None, ge=0, description="of an attempt, for a limit [s]")
    switch_cost: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        default=0.0, description="of an attempt that came from another tier: cache lost, routing [currency/attempt]"
    )

    is_local: bool = Field(default=False, description="run by ourselves, for a limit")
    minimum_share: float = Field(
        default=0.0, ge=0, le=1, description="attempts there at least, once the best mix uses it [share of requests]"
    )
    fixed_cost_per_month: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        default=0.0, description="paid once any request goes there [currency/month]"
    )


class Region(Strict):
    """A part of the requests whose data must stay with some of the tiers."""

    name: str = Field(min_length=1, description="what it is called")
    share: float = Field(gt=0, le=1, description="of the requests [share]")
    tiers: Many[str] = Field(min_length=1, description="tiers its requests may go to, escalated ones included")


class Candidate(Strict):
    """A model that may take the place of a tier's."""

    name: str = Field(min_length=1, description="what it is called")
    tier: str = Field(min_length=1, description="tier whose model it would replace")
    price: Annotated[Price, ByName("prices", ("provider", "model"), "input_per_mtok")] = Field(
        description="what a token costs, or a request; the shipped row of the day where a model is named alone"
    )
    success_rate: uncertain(ge=0, le=1) | None = Field(  # type: ignore[valid-type]
        default=None, description="attempts that are accepted in its evaluation; that of the tier when left out [share]"
    )
    shape: RequestShape | None = Field(default=None, description="its own mean request, where it counts other tokens")
    price_seen: Annotated[Date | None, SeenOnCard("price")] = Field(
        default=None, description="day the price was last seen; that of the rate card's row when left out"
    )
    training_cost: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        default=0.0, description="of fine-tuning it, once, beside migration [currency]"
    )


class Migration(Strict):
    """What switching a tier to another model costs once."""

    prompts_cost: uncertain(ge=0) = Field(default=0.0, description="of rewriting prompts [currency]")  # type: ignore[valid-type]
    tests_cost: uncertain(ge=0) = Field(default=0.0, description="of judging answers side by side [currency]")  # type: ignore[valid-type]
    other_cost: uncertain(ge=0) = Field(default=0.0, description="of contract, security and roll-out [currency]")  # type: ignore[valid-type]


class TieringInputs(QuestionInputs):
    """Tiers, the shape of requests, escalation, levers and the baseline."""

    speakers: ClassVar = {"requests_per_month": ("requests_grade", "requests_source", "requests_dated")}

    tiers: Many[Tier] = Field(min_length=1, description="where requests go")
    shape: RequestShape | None = Field(default=None, description="mean request; needed where a tier has a token price")
    escalate: Many[str] = Field(
        title="a failed answer goes to the next tier",
        default=(),
        description="tiers in order: a failed attempt goes to the next",
    )
    batch_share: uncertain(ge=0, le=1) = Field(  # type: ignore[valid-type]
        title="requests that go in batches", default=0.0, description="requests that go in batches [share]"
    )
    levers: Many[Lever] = Field(default=(), description="savings on tiers")
    baseline: str | dict[str, float] | None = Field(
        title="what runs today",
        default=None,
        description="what runs today, one attempt a request: a tier's name or shares by name; else all on the dearest",
    )
    minimum_success_rate: float | None = Field(
        title="acceptance the best mix must reach",
        default=None,
        ge=0,
        le=1,
        description="success the best mix must reach [share]",
    )
    maximum_latency_s: float | None = Field(default=None, ge=0, description="mean time of a request at most [s]")
    minimum_local_share: float | None = Field(
        default=None, ge=0, le=1, description="requests of the best mix that enter at a local tier [share]"
    )
    residency: Many[Region] = Field(default=(), description="regions and the tiers their requests may go to")
    router_cost: uncertain(ge=0) = Field(default=0.0, description="of choosing a tier [currency/request]")  # type: ignore[valid-type]
    requests_per_month: uncertain(ge=0) | None = Field(  # type: ignore[valid-type]
        title="volume",
        default=None,
        description="volume, for figures of a month [requests/month]",
    )
    requests_grade: Grade | None = Field(
        default=None, description="of requests_per_month: contract, measured, published, judgement or rumour"
    )
    requests_source: str | None = Field(default=None, description="where requests_per_month comes from")
    requests_dated: Date | None = Field(default=None, description="day it was measured or agreed")
    candidates: Many[Candidate] = Field(default=(), description="models that may take a tier's place")
    migration: Migration | None = Field(default=None, description="what a switch costs once; nothing when left out")
    last_review: Date | None = Field(default=None, description="day of the last model review; later prices are new")
    horizon_months: int = Field(default=12, ge=1, description="months that a switch is counted for [months]")
    stale_after_days: float | None = Field(
        default=None, ge=0, description="age from which a price counts as stale; none does when left out [days]"
    )
    refused_after_days: float | None = Field(
        default=None, ge=0, description="age from which a pack refuses a price; none is refused when left out [days]"
    )
    currency: Currency | None = Field(default=None, description="of flat prices; token prices say their own")

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*self._share_problems(), *self._price_problems(), *self._name_problems(), *self._limit_problems()]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def names(self) -> list[str]:
        """Names of the tiers, in order."""
        return [tier.name for tier in self.tiers]

    @property
    def has_success(self) -> bool:
        """Whether any tier states how often it succeeds."""
        return any(tier.success_rate is not None for tier in self.tiers)

    @property
    def money(self) -> str:
        """Currency of every amount."""
        priced = [tier.price.currency for tier in self.tiers if tier.price.currency]
        return priced[0] if priced else self.currency or "USD"

    def stale_on(self, day: date | None) -> dict[str, int]:
        """Tier -> days since its price was seen, else began, of prices older than the limit on a day. [days]"""
        if day is None or self.stale_after_days is None:
            return {}
        ages = {one.name: one.age(day) for one in price_days("tiers", self.tiers)}
        return {name: age for name, age in ages.items() if age is not None and age > self.stale_after_days}

    @property
    def price_days(self) -> list[PriceDay]:
        """The day that each price of tiers and candidates is known from."""
        return [*price_days("tiers", self.tiers), *price_days("candidates", self.candidates)]

    def cache_before(self, name: str) -> Lever | None:
        """The semantic cache that is asked before a tier; None where there is none."""
        return next((lever for lever in self.levers if lever.semantic_cache is not None and lever.reaches(name)), None)

    def _share_problems(self) -> list[str]:
        total = sum(base(tier.share) for tier in self.tiers)
        found = [] if abs(total - 1) <= _WHOLE else [f"tiers: shares must add up to 1, they add up to {total:g}"]
        if isinstance(self.baseline, dict):
            total = sum(self.baseline.values())
            if abs(total - 1) > _WHOLE or any(share < 0 for share in self.baseline.values()):
                found.append(
                    f"baseline: shares of zero or more that add up to 1 are expected, they add up to {total:g}"
                )
        return found

    def _price_problems(self) -> list[str]:
        found = [
            f"tiers.{tier.name}: a token price needs a shape, its own or that of all"
            for tier in self.tiers
            if isinstance(tier.price, TokenPrice) and tier.shape is None and self.shape is None
        ]
        currencies = {tier.price.currency for tier in self.tiers if tier.price.currency}
        currencies |= {self.currency} if self.currency else set()
        for one in self.candidates:
            tier = next((tier for tier in self.tiers if tier.name == one.tier), None)
            is_token = isinstance(one.price, TokenPrice)
            if is_token and tier is not None and (one.shape or tier.shape or self.shape) is None:
                found.append(f"candidates.{one.name}: a token price needs a shape, its own or that of all")
        currencies |= {one.price.currency for one in self.candidates if one.price.currency}
        if len(currencies) > 1:
            found.append(f"tiers: prices must be in one currency, got {' and '.join(sorted(currencies))}")
        if self.maximum_latency_s is not None:
            found += [
                f"tiers.{tier.name}.latency_s is needed for maximum_latency_s"
                for tier in self.tiers
                if tier.latency_s is None
            ]
        return found

    def _limit_problems(self) -> list[str]:
        found = []
        total = sum(region.share for region in self.residency)
        if self.residency and abs(total - 1) > _WHOLE:
            found.append(f"residency: shares must add up to 1, they add up to {total:g}")
        for region in self.residency:
            found += [
                f"residency.{region.name}: {name!r} is not a tier{nearest(name, self.names)}"
                for name in region.tiers
                if name not in self.names
            ]
        if self.minimum_local_share and not any(tier.is_local for tier in self.tiers):
            found.append("minimum_local_share needs a tier that is_local")
        monthly = self.requests_per_month
        if self.has_fixed_cost and (monthly is None or base(monthly) <= 0):
            found.append("requests_per_month is needed, more than zero, for fixed_cost_per_month of the tiers")
        return found

    @property
    def has_fixed_cost(self) -> bool:
        """Whether any tier costs something by the month."""
        return any(base(tier.fixed_cost_per_month) > 0 for tier in self.tiers)

    def _retry_problems(self) -> list[str]:
        found = []
        for tier in self.tiers:
            at, ends = f"tiers.{quoted(tier.name)}", tier.attempts != UNTIL_ACCEPTED
            if not ends and tier.success_rate is not None and base(tier.success_rate) <= 0:
                found.append(
                    f"{at}.attempts: until accepted never ends at a success_rate of 0; give a number of attempts"
                )
            found += [
                f"candidates.{quoted(one.name)}.success_rate: {tier.name} tries until accepted, which never ends at 0"
                for one in self.candidates
                if not ends and one.tier == tier.name and one.success_rate is not None and base(one.success_rate) <= 0
            ]
            if tier.attempts != 1 and tier.success_rate is None:
                found.append(f"{at}.attempts: without a success_rate nothing fails; give one, or leave attempts out")
            if not ends and not (isinstance(tier.repeat_failure_share, float) and tier.repeat_failure_share == 0):
                found.append(
                    f"{at}.attempts: until accepted never ends for the repeat_failure_share of requests that fail at "
                    "every retry; give a number of attempts"
                )
        return found

    def _name_problems(self) -> list[str]:
        names = self.names
        named = [("escalate", name) for name in self.escalate]
        given = self.baseline
        named += [("baseline", name) for name in (given if isinstance(given, dict) else [given] if given else [])]
        named += [(f"candidates.{one.name}.tier", one.tier) for one in self.candidates]
        found = [f"{field}: {name!r} is not a tier{nearest(name, names)}" for field, name in named if name not in names]
        if len(set(self.escalate)) < len(self.escalate):
            found.append("escalate: a tier stands twice")
        if self.minimum_success_rate is not None and not self.has_success:
            found.append("minimum_success_rate needs a success_rate of the tiers")
        found += self._retry_problems()
        return [*found, *unknown_targets(self.levers, names), *cache_problems(self.levers, names)]
