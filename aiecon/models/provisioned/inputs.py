"""What the provisioned question is asked: a unit of capacity, its terms, the price it is held against, and demand."""

from typing import Annotated, Any, ClassVar, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from aiecon.units import HOURS_PER_MONTH
from aiecon.vocabulary.capacity import NO_WEIGHT, CapacityUnit
from aiecon.vocabulary.distribution import Distribution, base, uncertain
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.shape import RequestShape
from aiecon.vocabulary.source import ByName, Reads, Source
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Many, Strict
from aiecon.vocabulary.token_price import TokenPrice

READ_WITH = ("payg", "capacity_unit", "shape", "as_of")
"""Fields that say what a minute of demand weighs and costs."""


class Term(Strict):
    """What a unit costs a month under a commitment."""

    name: str = Field(min_length=1, description="what it is called")
    price_per_unit_month: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        title="price of a unit", description="of a unit for a month [currency/unit/month]"
    )
    commitment_months: uncertain(ge=0) = Field(description="months it is signed for; 0 by the hour [months]")  # type: ignore[valid-type]
    currency: Currency | None = Field(default=None, description="of the price; that of pay-as-you-go when left out")


def _checked_minutes(minutes: Any) -> Any:
    """Minutes as given; ValueError with the first of each kind that cannot be and how many are."""
    if isinstance(minutes, np.ndarray):
        minutes = minutes.tolist()
    if not isinstance(minutes, list | tuple):
        return minutes
    if not minutes:
        raise ValueError("at least one minute is needed")
    is_number = [isinstance(value, int | float) and not isinstance(value, bool) for value in minutes]
    values = np.array(
        [value if known else np.nan for value, known in zip(minutes, is_number, strict=True)], dtype=float
    )
    problems = []
    for broken, words in ((~np.isfinite(values), "a number is expected"), (values < 0, "zero or more is expected")):
        places = np.flatnonzero(broken)
        if len(places):
            more = f"; {len(places):,} minutes break this" if len(places) > 1 else ""
            problems.append(f"minute {places[0]} has {minutes[places[0]]!r}; {words}{more}")
    if problems:
        raise ValueError("\n".join(problems))
    return minutes


class Forecast(Strict):
    """Volumes still to come, spread over the minutes of a week as a trace had them."""

    volumes: Annotated[Source, Reads("volumes")] = Field(description="{month or date, tokens}, normalised tokens")
    profile: Annotated[Source, Reads("demand", of_question=True, uses=READ_WITH)] = Field(
        description="a trace whose weeks say which minutes are busy; as demand.file"
    )


class Demand(Strict):
    """Demand: minutes given or in a file, a forecast, a population of minutes, or a peak."""

    one_of: ClassVar = (("tokens_per_minute", "file", "distribution", "peak_requests_per_minute", "forecast"),)
    populations: ClassVar = ("distribution",)

    tokens_per_minute: Annotated[Many[float] | None, BeforeValidator(_checked_minutes)] = Field(
        default=None, description="normalised tokens of each minute, in order [tokens/minute]"
    )
    file: Annotated[Source | None, Reads("demand", of_question=True, uses=READ_WITH)] = Field(
        default=None,
        description="{minute or timestamp, tokens} by the minute, or requests {timestamp, input_tokens, ...}",
    )
    forecast: Forecast | None = Field(default=None, description="volumes to come over a weekly profile")
    distribution: Distribution | None = Field(
        default=None, description="population of minutes, normalised tokens [tokens/minute]"
    )
    peak_requests_per_minute: float | None = Field(
        default=None, ge=0, description="busiest minute: sizes alone [requests/minute]"
    )

    @property
    def trace(self) -> Source | None:
        """The file of what was seen: demand itself, or the profile of a forecast."""
        return self.forecast.profile if self.forecast is not None else self.file


class Outlook(Strict):
    """What may change while a commitment runs: a price cut, an upgrade of the model, growth."""

    horizon_months: int = Field(default=12, ge=1, le=60, description="months looked at [months]")
    price_cut_probability: float = Field(
        title="chance of a price cut",
        default=0.0,
        ge=0,
        le=1,
        description="that pay-as-you-go prices are cut within the horizon [share]",
    )
    price_cut: uncertain(ge=0, lt=1) = Field(  # type: ignore[valid-type]
        title="size of a price cut", default=0.0, description="size of the cut [share]"
    )
    upgrade_probability: float = Field(
        default=0.0, ge=0, le=1, description="that the model is upgraded within the horizon [share]"
    )
    upgrade_capacity: uncertain(gt=0) = Field(  # type: ignore[valid-type]
        title="capacity after an upgrade, as a multiple",
        default=1.0,
        description="tokens a unit serves after the upgrade over before [ratio]",
    )
    monthly_growth: uncertain(gt=-1, le=1) = Field(  # type: ignore[valid-type]
        title="growth of demand", default=0.0, description="growth of demand [share per month]"
    )


class Admission(Strict):
    """How requests are admitted; counts where demand is a log of requests."""

    max_tokens_per_request: uncertain(ge=0) | None = Field(  # type: ignore[valid-type]
        default=None, description="output that a request reserves on arrival where the file does not say it [tokens]"
    )
    output_tokens_per_second: uncertain(gt=0) = Field(  # type: ignore[valid-type]
        default=50.0, description="speed of an answer, which says when it ends [tokens/s]"
    )
    window_minutes: uncertain(gt=0) = Field(  # type: ignore[valid-type]
        default=1.0, description="minutes of capacity the bucket holds before requests are refused [minutes]"
    )
    accepted_refused_share: float = Field(
        default=0.01, ge=0, le=1, description="requests that may be refused, for which units are sought [share]"
    )


class Deployment(Strict):
    """A deployment that draws on the contract's units."""

    name: str = Field(min_length=1, description="team, product or model")
    units: float = Field(ge=0, description="units deployed all month [units]")


class Contract(Strict):
    """Units that are already committed, and what shares them."""

    units: int = Field(ge=0, description="units committed [units]")
    price_per_unit_month: uncertain(ge=0) = Field(description="of a committed unit [currency/unit/month]")  # type: ignore[valid-type]
    deployments: Many[Deployment] = Field(default=(), description="what shares the units, all month")
    deployed: Annotated[Source | None, Reads("deployed")] = Field(
        default=None, description="{timestamp, name, units}: what each deployment holds from then on"
    )
    hourly_price_per_unit: uncertain(ge=0) | None = Field(  # type: ignore[valid-type]
        default=None,
        description="of a unit deployed beyond the contract; the hourly term's when left out [currency/unit/hour]",
    )

    @property
    def is_shared(self) -> bool:
        """Whether it is known who deploys the units."""
        return bool(self.deployments) or self.deployed is not None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.deployments and self.deployed is not None:
            raise ValueError("only one of deployments, deployed may be given; got both")
        return self


class ProvisionedInputs(QuestionInputs):
    """Capacity, terms, pay-as-you-go price, shape and demand."""

    capacity_unit: Annotated[
        CapacityUnit, ByName("units", ("provider", "model", "deployment"), "tokens_per_minute", priced_in="terms")
    ] = Field(description="what a unit serves and how it is sold; the shipped row where it is named alone")
    payg: Annotated[
        TokenPrice, ByName("prices", ("provider", "model"), "input_per_mtok", beside="capacity_unit", provider="azure")
    ] = Field(description="pay-as-you-go price of the same model; the shipped row where it is named alone")
    terms: Many[Term] = Field(min_length=1, description="terms a unit can be bought at")
    shape: RequestShape = Field(description="mean request; prices what spills unless the file has requests")
    demand: Demand = Field(description="what is asked, by the minute")
    outlook: Outlook | None = Field(default=None, description="what may change while a commitment runs")
    admission: Admission = Field(default_factory=Admission, description="how requests are admitted")
    contract: Contract | None = Field(default=None, description="units already committed")
    example_contract: Contract | None = Field(
        default=None, description="a made-up one, which counts beside a shipped trace and where no contract is given"
    )
    refused_share: uncertain(ge=0, le=1) = Field(  # type: ignore[valid-type]
        title="spilled tokens that are refused",
        default=0.0,
        description="part of the spill that pay-as-you-go cannot take either [share]",
    )
    refusal_cost_per_mtok: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        title="cost of refused tokens",
        default=0.0,
        description="what a refused normalised token costs the business [currency/Mtok]",
    )
    bootstrap: int = Field(
        default=1_000, ge=0, le=20_000, description="resampled months behind the confidence [months]"
    )
    enough_days: int = Field(default=28, ge=1, description="days of demand below which a warning is given [days]")
    enough_months: float = Field(
        default=6.0, ge=0, description="months of production data that a commitment beyond a month should have [months]"
    )
    currency: Currency | None = Field(default=None, description="of the prices; pay-as-you-go says it")

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = []
        if self.currency is not None and self.currency != self.payg.currency:
            problems.append(
                f"currency is {self.currency} and payg is priced in {self.payg.currency}; leave currency out"
            )
        problems += [
            f"terms.{term.name}.currency is {term.currency} and payg is in {self.payg.currency}; convert one of them"
            for term in self.terms
            if term.currency not in (None, self.payg.currency)
        ]
        problems += [
            f"shape.other_input_tokens.{kind}: {NO_WEIGHT}" for kind in self.capacity_unit.unweighted(self.shape)
        ]
        if self.contract is not None and self.contract.is_shared and self.hourly_price is None:
            problems.append(
                "contract.hourly_price_per_unit: no term is sold by the hour; give the price of a unit beyond"
            )
        needs_shape = self.demand.trace is None
        if needs_shape and self.capacity_unit.normalised(self.shape) <= 0:
            problems.append("shape: a request of no normalised tokens cannot price what spills")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def is_priced_alike(self) -> bool:
        """Whether the pay-as-you-go price is of the model that the unit serves."""
        return self.payg.model == self.capacity_unit.model

    @property
    def is_refusal_priced(self) -> bool:
        """Whether a part of the spill is refused at a cost to the business."""
        return base(self.refused_share) > 0 and base(self.refusal_cost_per_mtok) > 0

    @property
    def held(self) -> Contract | None:
        """The contract that counts: the one given, or a made-up one beside a shipped trace."""
        is_example = self.demand.file is not None and self.demand.file.is_shipped
        return self.contract or (self.example_contract if is_example else None)

    @property
    def hourly_price(self) -> float | None:
        """Of a unit beyond the contract: given, or that of the term that commits to nothing. [currency/unit/hour]"""
        given = self.held.hourly_price_per_unit if self.held else None
        if given is not None:
            return base(given)
        hourly = (term for term in self.terms if base(term.commitment_months) == 0)
        return next((base(term.price_per_unit_month) / HOURS_PER_MONTH for term in hourly), None)

    @property
    def unit_tokens(self) -> float:
        """Normalised tokens a unit serves a minute."""
        return base(self.capacity_unit.tokens_per_minute)
