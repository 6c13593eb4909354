"""What the variability question is asked: adoption, use, models, agent and prices, each with its doubt."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from aiecon.vocabulary.correlation import Correlation
from aiecon.vocabulary.distribution import base, uncertain
from aiecon.vocabulary.known import Grade
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.source import Reads, Source
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Date, Many, Strict
from aiecon.vocabulary.token_price import TokenPrice

Share = uncertain(ge=0, le=1)
Probability = uncertain(ge=0, le=1)
Amount = uncertain(ge=0)


class Scale(Strict):
    """How many people use it: adoption, jumps and people who leave."""

    users_start: Amount = Field(description="people in the first month [users]")  # type: ignore[valid-type]
    users_ceiling: uncertain(gt=0) | None = Field(  # type: ignore[valid-type]
        default=None, description="people who can use it at most; growth slows as it nears [users]"
    )
    growth_per_month: uncertain(gt=-1) = Field(  # type: ignore[valid-type]
        title="growth of use before it levels off",
        default=0.0,
        description="growth far from the ceiling, by those who use it already [share per month]",
    )
    innovation_per_month: Probability = Field(  # type: ignore[valid-type]
        default=0.0,
        description="part of those who do not use it yet that starts by itself (Bass's p) [share per month]",
    )
    viral_probability_per_month: Probability = Field(  # type: ignore[valid-type]
        default=0.0, description="that use jumps in a month [share]"
    )
    viral_multiple: uncertain(gt=0) = Field(  # type: ignore[valid-type]
        default=1.0, description="people after a jump over people before it [ratio]"
    )
    churn_per_month: Share = Field(  # type: ignore[valid-type]
        default=0.0, description="people who leave [share per month]"
    )


class Utilization(Strict):
    """How much each of them asks: level, season, noise that lasts, shocks that do not."""

    requests_per_user_month: Amount = Field(description="requests of a user [requests/month]")  # type: ignore[valid-type]
    seasonal_amplitude: Share = Field(  # type: ignore[valid-type]
        default=0.0, description="height of the yearly wave over its mean; month 1 lies on the mean, rising [share]"
    )
    noise_sigma: Amount = Field(  # type: ignore[valid-type]
        title="spread of use about its mean",
        default=0.0,
        description="standard deviation of the logarithm of use about its mean [log]",
    )
    noise_ar1: uncertain(ge=-0.999, le=0.999) = Field(  # type: ignore[valid-type]
        default=0.0, description="part of a period's noise that lasts into the next [share]"
    )
    shock_probability_per_month: Probability = Field(  # type: ignore[valid-type]
        default=0.0, description="that a month sees a shock that passes with it [share]"
    )
    shock_multiple: Amount = Field(  # type: ignore[valid-type]
        default=1.0, description="use in a shock over use without it [ratio]"
    )


class PriceStep(Strict):
    """A dated change of a list price."""

    month: int = Field(ge=2, description="first month of the new price; month 1 is the first of the horizon")
    change: float = Field(gt=-1, description="new price over the old one, minus 1 [share]")
    tier: str | None = Field(default=None, description="whose price; all tiers when left out")


class Model(Strict):
    """What the models do: prices that fall or step, updates that lengthen answers, migrations."""

    price_decline_per_year: uncertain(ge=0, lt=1) = Field(  # type: ignore[valid-type]
        title="fall of all prices",
        default=0.0,
        description="fall of all prices [share per year]",
    )
    switch_probability_per_month: Probability = Field(  # type: ignore[valid-type]
        default=0.0, description="that an update or a migration changes the model in a month [share]"
    )
    output_length_multiple: uncertain(gt=0) = Field(  # type: ignore[valid-type]
        default=1.0, description="output tokens after an update over those before it [ratio]"
    )
    switch_price_multiple: uncertain(gt=0) = Field(  # type: ignore[valid-type]
        default=1.0, description="prices after an update over those before it [ratio]"
    )
    migration_cost: Amount = Field(  # type: ignore[valid-type]
        default=0.0, description="once at each update: tests, prompts, people [currency]"
    )
    price_steps: Many[PriceStep] = Field(default=(), description="dated changes of list prices")


class Agent(Strict):
    """What one request does: steps, the context that grows with them, output, attempts."""

    steps_mean: uncertain(ge=1) = Field(  # type: ignore[valid-type]
        title="work of an agent",
        default=1.0,
        description="mean number of steps from 1, before the cap [steps/request]",
    )
    steps_dispersion: uncertain(gt=0) = Field(  # type: ignore[valid-type]
        default=1.0,
        description="spread of the steps, negative binomial: their variance is m + dispersion × m², m the mean less 1; "
        "1 is geometric, less is steadier, more has a heavier tail [ratio]",
    )
    steps_cap: int | None = Field(
        title="most work of an agent", default=None, ge=1, description="steps at which a request is stopped [steps]"
    )
    base_input_tokens: Amount = Field(description="input of the first step [tokens]")  # type: ignore[valid-type]
    added_input_tokens_per_step: Amount = Field(  # type: ignore[valid-type]
        default=0.0, description="input that each step adds: step k reads base + (k - 1) × added [tokens/step]"
    )
    output_tokens_per_step: Amount = Field(  # type: ignore[valid-type]
        description="output of a step, reasoning included [tokens/step]"
    )
    output_sigma: Amount = Field(  # type: ignore[valid-type]
        default=0.0, description="standard deviation of the logarithm of a step's output about its mean [log]"
    )
    retry_probability: uncertain(ge=0, lt=1) = Field(  # type: ignore[valid-type]
        default=0.0, description="that an attempt at a step fails and is paid again [share]"
    )
    depth_sigma: Amount = Field(  # type: ignore[valid-type]
        default=0.0, description="standard deviation of the logarithm of a period's mean cost of a request [log]"
    )


class Tier(Strict):
    """Requests that go to one model at one price."""

    name: str = Field(min_length=1, description="what it is called")
    share: Share = Field(description="part of the requests [share]")  # type: ignore[valid-type]
    price: TokenPrice = Field(description="what a token costs")
    cached_input_share: Share = Field(  # type: ignore[valid-type]
        default=0.0, description="part of the input that is read from the provider's cache [share]"
    )
    batch_share: Share = Field(default=0.0, description="part of the requests that go in batches [share]")  # type: ignore[valid-type]


class Guardrail(Strict):
    """A measure whose effect is measured on the same futures."""

    name: str = Field(min_length=1, description="what it is called")
    set: dict[str, float | int | str | bool] = Field(min_length=1, description="dotted name = value with it")


class VariabilityInputs(QuestionInputs):
    """Adoption, use, models and agent, each a number or a distribution, over a horizon."""

    speakers: ClassVar = {"budget": ("budget_grade", "budget_source", "budget_dated")}

    horizon_months: int = Field(title="time added up", ge=1, le=120, description="months added up [months]")
    period: Literal["month", "day"] = Field(
        default="month", description="step of the simulation; a day is a thirtieth of a month"
    )
    paths: int | None = Field(default=None, ge=100, le=5_000_000, description="futures drawn; `draws` when left out")
    precision: float | None = Field(
        default=None, gt=0, lt=1, description="standard error of p90 wanted: chooses the number of paths [share of p90]"
    )
    store_paths: bool = Field(default=False, description="keep the months of every path in the answer")
    memory_limit_mib: float = Field(default=64.0, gt=0, description="what stored paths may take at most [MiB]")
    micro_below: float = Field(
        default=50.0,
        ge=0,
        le=10_000,
        description="requests in a period below which they are drawn one by one; raise it where few are made and their "
        "cost spreads far [requests]",
    )
    budget: float | None = Field(title="budget", default=None, ge=0, description="budget of the horizon [currency]")
    budget_grade: Grade | None = Field(
        default=None, description="of the budget: contract, measured, published, judgement or rumour"
    )
    budget_source: str | None = Field(default=None, description="where the budget comes from")
    budget_dated: Date | None = Field(default=None, description="day it was agreed")
    currency: Currency | None = Field(default=None, description="of the prices; they say it themselves")
    scale: Scale = Field(description="people")
    utilization: Utilization = Field(description="what they ask")
    model: Model = Field(default_factory=Model, description="what the models do")
    agent: Agent = Field(description="what a request does")
    tiers: Many[Tier] = Field(min_length=1, description="where requests go and at what price")
    correlations: Many[Correlation] = Field(default=(), description="what moves together, by dotted name")
    guardrails: Many[Guardrail] = Field(default=(), description="measures to try on the same futures")
    usage: Annotated[Source | None, Reads("usage", of_question=True)] = Field(
        default=None, description="past use {date, requests, users?}: what the inputs leave out is learnt from it"
    )
    requests: Annotated[Source | None, Reads("requests")] = Field(
        default=None,
        description="past requests {input_tokens, output_tokens, steps?, attempts?, cached_tokens?}: the same for the "
        "agent",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*self._tier_problems(), *self.memory_problems()]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _tier_problems(self) -> list[str]:
        problems = []
        total = sum(base(tier.share) for tier in self.tiers)
        if abs(total - 1) > 1e-6:
            problems.append(f"tiers: shares must add up to 1, they add up to {total:g}")
        currencies = sorted(
            {tier.price.currency for tier in self.tiers} | ({self.currency} if self.currency else set())
        )
        if len(currencies) > 1:
            problems.append(f"tiers: prices must be in one currency, got {' and '.join(currencies)}")
        for tier in self.tiers:
            if tier.price.batch_discount is None and base(tier.batch_share) > 0:
                problems.append(f"tiers.{tier.name}.batch_share: the price has no batch_discount; give one or leave it")
        names = [tier.name for tier in self.tiers]
        problems += [
            f"model.price_steps: tier {step.tier!r} is not one of {', '.join(names)}"
            for step in self.model.price_steps
            if step.tier is not None and step.tier not in names
        ]
        return problems

    def memory_problems(self) -> list[str]:
        """Words on stored paths that would take more memory than they may."""
        if not self.store_paths:
            return []
        needed = (self.paths or self.draws) * self.horizon_months * 8 / 2**20
        if needed <= self.memory_limit_mib:
            return []
        return [
            f"store_paths: {self.paths or self.draws:,} paths of {self.horizon_months} months would take {needed:,.0f} "
            f"MiB, more than memory_limit_mib = {self.memory_limit_mib:g}; ask for fewer paths, leave store_paths out "
            "(figures are the same) or raise the limit"
        ]
