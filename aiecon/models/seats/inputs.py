"""What the seats question is asked: what people use, the plans they could have, and what may change."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from aiecon.vocabulary.distribution import Distribution, base, uncertain
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.source import Reads, Source
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Many, Strict

_MOST = 1e12  # [currency], above which an amount is a slip
_SHOWN = 10  # wrong people, named one by one
_NOBODYS = "API"  # what the table calls those without a seat


class Usage(Strict):
    """What each person would cost at API prices a month: a list, a file, or a population."""

    one_of: ClassVar = (("per_user", "file", "distribution"),)
    populations: ClassVar = ("distribution",)

    per_user: Many[float] | None = Field(
        default=None, description="spend of each person at API prices [currency/month]"
    )
    file: Annotated[Source | None, Reads("seat_usage", of_question=True)] = Field(
        default=None,
        description="{user, month?, spend} [currency/month], or FOCUS charges with x_User, summed by whole month; "
        "several months are averaged",
    )
    absence: Literal["left", "idle"] | None = Field(
        default=None,
        description="whether a person without rows to the end of a file has left, or is idle and zero; when not said, "
        "left where the file has rows of zero spend, and so lists the idle too, else idle",
    )
    users: uncertain(gt=0, le=_MOST) | None = Field(  # type: ignore[valid-type]
        default=None, description="people of the distribution [users]"
    )
    distribution: Distribution | None = Field(
        default=None, description="population of people, spend of each at API prices [currency/month]"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.distribution is None) != (self.users is None):
            raise ValueError("users and distribution go together: how many people, and what each spends")
        if self.users is not None and base(self.users) <= 0:
            raise ValueError(f"users must be above 0 in the base case, got {base(self.users):g}")
        if self.per_user is not None:
            if not self.per_user:
                raise ValueError("per_user: at least one person is needed")
            bad = [(place, value) for place, value in enumerate(self.per_user) if not 0 <= value <= _MOST]
            if bad:
                said = ", ".join(f"person {place} has {value:g}" for place, value in bad[:_SHOWN])
                more = f" and {len(bad) - _SHOWN:,} more" if len(bad) > _SHOWN else ""
                raise ValueError(f"per_user: {said}{more}; zero or more is expected, at most {_MOST:g}")
        return self


class VolumeTier(Strict):
    """A price from a number of seats on, for all seats."""

    from_seats: int = Field(ge=2, description="seats from which it holds [seats]")
    price_per_seat_month: uncertain(ge=0, le=_MOST) = Field(description="of every seat then [currency/seat/month]")  # type: ignore[valid-type]


class Plan(Strict):
    """A seat plan: fee, allowance, overage, minimum, commitment."""

    name: str = Field(min_length=1, description="what it is called")
    price_per_seat_month: uncertain(ge=0, le=_MOST) = Field(  # type: ignore[valid-type]
        title="price of a seat", description="of a seat [currency/seat/month]"
    )
    included_usage_per_seat_month: uncertain(ge=0, le=_MOST) = Field(  # type: ignore[valid-type]
        title="use that a seat includes",
        default=0.0,
        description="use at API prices that a seat includes [currency/seat/month]",
    )
    pooled: bool = Field(default=False, description="whether the seats share what they include")
    overage_factor: uncertain(ge=0, le=_MOST) = Field(  # type: ignore[valid-type]
        description="use beyond what is included, over its API price; 0 is a flat rate [ratio]"
    )
    minimum_seats: int = Field(
        title="smallest purchase",
        default=0,
        ge=0,
        le=int(_MOST),
        description="seats bought at least, when any are [seats]",
    )
    commitment_months: uncertain(ge=0) = Field(default=0.0, description="months it is signed for [months]")  # type: ignore[valid-type]
    true_up_months: int = Field(
        default=1,
        ge=1,
        le=60,
        description="months from one true-up date of a term to the next: seats added are billed from the date on or "
        "after the month they are added to the term's end; 1 is from that month on [months]",
    )
    volume_tiers: Many[VolumeTier] = Field(default=(), description="prices from numbers of seats on")
    currency: Currency | None = Field(default=None, description="of its price; that of the question when left out")

    @model_validator(mode="after")
    def _check(self) -> Self:
        steps = [tier.from_seats for tier in self.volume_tiers]
        if steps != sorted(set(steps)):
            raise ValueError("volume_tiers: from_seats must rise from tier to tier")
        prices = [base(self.price_per_seat_month), *(base(tier.price_per_seat_month) for tier in self.volume_tiers)]
        if prices != sorted(prices, reverse=True):
            raise ValueError("volume_tiers: prices must not rise from tier to tier")
        return self


class Future(Strict):
    """What the months of a commitment may bring."""

    horizon_months: int = Field(default=12, ge=1, le=60, description="months looked at [months]")
    usage_growth_per_month: uncertain(gt=-1) = Field(  # type: ignore[valid-type]
        title="growth of each person's use",
        default=0.0,
        description="growth of each person's use [share per month]",
    )
    user_growth_per_month: uncertain(gt=-1) = Field(  # type: ignore[valid-type]
        title="growth of the number of people",
        default=0.0,
        description="growth of the number of people, who use like those there are [share per month]",
    )
    persistence: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="correlation of a person's log use from month to month; when not said, measured in a file of "
        "three months or more, else 0.7 [ratio]",
    )
    usage_sigma: float | None = Field(
        default=None,
        ge=0,
        description="standard deviation of a person's log use about its mean over the months; when not said, measured "
        "in a file of three months or more, else 0.5 [log]",
    )
    adoption_months: int = Field(
        default=0,
        ge=0,
        le=60,
        description="months in which the use of a person who joins grows, evenly, to that of the others [months]",
    )
    seat_price_growth_per_year: uncertain(gt=-1) = Field(  # type: ignore[valid-type]
        default=0.0, description="growth of seat prices, which holds from the next renewal on [share per year]"
    )
    api_price_decline_per_year: uncertain(ge=0, lt=1) = Field(  # type: ignore[valid-type]
        title="fall of API prices",
        default=0.0,
        description="fall of API prices [share per year]",
    )


class SeatsInputs(QuestionInputs):
    """Usage, plans and the fee of people without a seat."""

    usage: Usage = Field(description="what people use")
    plans: Many[Plan] = Field(min_length=1, max_length=12, description="plans that can be bought, twelve at most")
    metered_fee_per_user_month: uncertain(ge=0, le=_MOST) = Field(  # type: ignore[valid-type]
        title="fee of a person without a seat",
        default=0.0,
        description="paid by each person without a seat [currency/user/month]",
    )
    future: Future | None = Field(default=None, description="what the months of a commitment may bring")
    value_per_seat_month: uncertain(ge=0, le=_MOST) | None = Field(  # type: ignore[valid-type]
        default=None, description="what a seat is worth in work, shown apart and in no cost [currency/seat/month]"
    )
    currency: Currency | None = Field(default=None, description="of prices and spend; USD when left out")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(plan.name == _NOBODYS for plan in self.plans):
            raise ValueError(f"plans: {_NOBODYS} is what those without a seat are called; give the plan another name")
        named = {plan.currency for plan in self.plans if plan.currency} | ({self.currency} if self.currency else set())
        if len(named) > 1:
            raise ValueError(f"plans: prices must be in one currency, got {' and '.join(sorted(named))}")
        if self.currency is None and named:
            object.__setattr__(self, "currency", named.pop())
        if self.currency is None:
            object.__setattr__(self, "currency", "USD")
        return self
