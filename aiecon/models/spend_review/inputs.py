"""What the spend review is asked: charges, outcomes, the period, the comparison, how shared cost is allocated."""

from datetime import date
from typing import Annotated, ClassVar, Self

import pandas as pd
from pydantic import BeforeValidator, Field, model_validator

from aiecon.errors import InputError
from aiecon.ledger import RAMP, Method, allocate, chargeback
from aiecon.vocabulary.known import PriceEvent
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.source import Reads, Source, unless_false
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Date, Many, Strict


def span(text: str) -> tuple[date, date]:
    """First and last day of a period: 2026, 2026-Q1, 2026-03, or 2026-01-15..2026-02-14.

    Examples
    --------
    >>> [day.isoformat() for day in span("2026-Q1")]
    ['2026-01-01', '2026-03-31']
    """
    first, dots, last = text.partition("..")
    if dots:
        start, end = date.fromisoformat(first.strip()), date.fromisoformat(last.strip())
        if end < start:
            raise ValueError
        return start, end
    found = pd.Period(text.replace("-Q", "Q"), freq=_frequency(text))
    return found.start_time.date(), found.end_time.date()


def _frequency(text: str) -> str:
    return "Q" if "Q" in text else {0: "Y", 1: "M", 2: "D"}[text.count("-")]


def last_quarter(as_of: date, first_day: date) -> tuple[date, date]:
    """The last whole calendar quarter, or the one under way where the charges begin in it."""
    quarter = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period("Q") - 1
    if quarter.end_time.date() < first_day:
        quarter += 1
    return quarter.start_time.date(), quarter.end_time.date()


class Shared(Strict):
    """How cost without a team is allocated, month by month."""

    method: Method = Field(
        title="how shared cost is split", default="proportional", description="even, proportional, fixed or shapley"
    )
    by: dict[str, float] | None = Field(
        default=None, description="team = driver, share or need; the teams' own cost of the month when left out"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            if self.by is not None:
                allocate(0, self.by, method=self.method)
        except InputError as error:
            raise ValueError("\n".join(problem.replace("weights", "by") for problem in error.problems)) from None
        if self.method == "fixed" and self.by is None:
            raise ValueError("by: fixed shares are needed, team = share, adding up to 1")
        return self


class RampStep(Strict):
    """A share of its cost that a team is charged from a month on."""

    from_month: int = Field(ge=1, description="whole month since showback began, the first is 1")
    share: float = Field(ge=0, le=1, description="charged of the cost from then on [share]")


class Chargeback(Strict):
    """From showback to chargeback: since when costs are shown, and from which month how much is charged."""

    since: Date = Field(description="first day of showback")
    ramp: Many[RampStep] = Field(
        default=tuple(RampStep(from_month=month, share=share) for month, share in RAMP),
        description="{from_month, share}, rising from month 1: nothing, half from the 7th, all from the 13th",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            chargeback(0, month=1, ramp=self.steps)
        except InputError as error:
            raise ValueError("\n".join(error.problems)) from None
        return self

    @property
    def steps(self) -> tuple[tuple[int, float], ...]:
        """The ramp as `ledger.chargeback` takes it."""
        return tuple((step.from_month, step.share) for step in self.ramp)


class SpendReviewInputs(QuestionInputs):
    """Charges, outcomes, period, comparison and allocation."""

    is_dated: ClassVar = True

    spend: Annotated[
        Source,
        Reads(
            "review", uses=("where", "dimension", "period", "compare_to", "currency", "as_of", "invoice", "alarm_score")
        ),
    ] = Field(description="FOCUS charges: CSV, Parquet or a store of Parquet files")
    where: dict[str, str | int | float | bool] | None = Field(
        default=None, description="column = value that a charge must have to count"
    )
    outcomes: Annotated[Source | None, Reads("outcomes", of_question=True)] = Field(
        default=None, description="{date, use_case, outcome, count, value?, human_minutes?, revenue?}"
    )
    period: str | None = Field(
        title="period", default=None, description="2026, 2026-Q1, 2026-03 or two days joined by two dots"
    )
    compare_to: str | None = Field(
        title="period it is compared to", default=None, description="the same; the period before when left out"
    )
    budget: Annotated[Source | None, Reads("planned", of_question=True, uses=("dimension", "where"))] = Field(
        default=None,
        description="{amount, month?, tokens?, x_Requests?, x_ModelId?, x_Team?, ...}: compared to it, not to a period",
    )
    dimension: str = Field(
        title="whose a charge is", default="x_Team", description="column that says whose a charge is"
    )
    rate_card: Annotated[Source | None, BeforeValidator(unless_false), Reads("rate_card")] = Field(
        default=Source(path="shipped:prices/token_prices.csv"),
        description="dated token prices whose steps are no alarm; false for none",
    )
    price_events: Many[PriceEvent] = Field(
        default=(), description="dated price changes {date, series?, change}, series a model or a service"
    )
    gateway: Annotated[Source | None, Reads("gateway", of_question=True, uses=("period", "compare_to"))] = Field(
        default=None, description="records of use, against which charges are held: a log or a store; the store's own"
    )
    gateway_match: Many[str] = Field(
        default=(), description="columns by which a charge is looked for in the records; those that both fill"
    )
    gateway_tolerance: float = Field(
        default=0.05, ge=0, lt=1, description="share of a charge's tokens that the records may lack [share]"
    )
    invoice: Annotated[Source | None, Reads("invoice")] = Field(
        default=None,
        description="{provider, month, amount, currency, account?, credits?, tax?}, reconciled to the charges",
    )
    invoice_tolerance: float = Field(
        default=0.005, ge=0, le=1, description="share of an invoice that may stay unexplained [share]"
    )
    required_tags: Many[str] = Field(default=(), description="columns that a charge must fill to count as tagged")
    least_coverage: float = Field(
        default=0.0, ge=0, le=1, description="share of the cost with every required tag, below which it is refused"
    )
    allocation: Shared = Field(default_factory=Shared, description="how cost without a team is allocated")
    chargeback: Chargeback | None = Field(
        default=None, description="{since, ramp?}: what teams are charged of what they carry; shown alone when left out"
    )
    spans: Annotated[Source | None, Reads("spans")] = Field(
        default=None,
        description="OpenTelemetry spans as JSON, or {trace_id, span_id, parent_id, name, cost, input_tokens?, "
        "failed?, start?}",
    )
    failed_outcomes: Many[str] = Field(
        default=("rejected", "failed", "error", "abandoned", "escalated"), description="outcomes that do not count"
    )
    outlier_multiple: float = Field(
        title="multiple of the peers' median that stands out",
        default=1.5,
        gt=1,
        description="of the peers' median, from which one stands out",
    )
    outlier_volume: float = Field(
        title="least use of a peer", default=1_000.0, ge=0, description="requests a peer must have [requests]"
    )
    outlier_guard: float = Field(
        default=2.0, ge=0, description="robust standard deviations above its peers that it must be, too [deviations]"
    )
    alarm_score: float = Field(
        default=4.0, gt=0, description="robust standard deviations from which a day stands out [deviations]"
    )
    act_below: float = Field(default=0.8, ge=0, le=1, description="attributed share below which to act [share]")
    watch_below: float = Field(default=0.9, ge=0, le=1, description="attributed share below which to watch [share]")
    currency: Currency | None = Field(default=None, description="charges say their own")

    def window(self, as_of: date, first_day: date) -> tuple[date, date]:
        """First and last day of the period that is reviewed: the one asked for, else the last whole quarter."""
        return span(self.period) if self.period else last_quarter(as_of, first_day)

    @property
    def is_by_day(self) -> bool:
        """Whether a period begins or ends inside a month, so that charges are kept by day."""
        return any(".." in text for text in (self.period, self.compare_to) if text)

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = []
        for name in ("period", "compare_to"):
            text = getattr(self, name)
            try:
                if text is not None:
                    span(text)
            except (ValueError, KeyError):
                problems.append(f"{name}: 2026, 2026-Q1, 2026-03 or 2026-01-01..2026-03-31 is expected, got {text!r}")
        if self.budget is not None and self.compare_to is not None:
            problems.append("compare_to: leave it out to compare to the budget, or leave out budget")
        if self.least_coverage and not self.required_tags:
            problems.append("least_coverage: name the required_tags that it is the share of")
        if self.act_below > self.watch_below:
            problems.append(f"act_below must not exceed watch_below, got {self.act_below} and {self.watch_below}")
        if problems:
            raise ValueError("\n".join(problems))
        return self
