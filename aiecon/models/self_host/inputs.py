"""What the self-host question is asked: a workload, what the API charges, what a GPU serves and costs."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from aiecon.models.self_host.gpu import Amount, Gpu
from aiecon.vocabulary.distribution import base, uncertain
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.shape import RequestShape
from aiecon.vocabulary.source import ByName, Reads, Source
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Many, Strict
from aiecon.vocabulary.token_price import TokenPrice

HOURS = (24, 168)  # of a day, of a week
MOST_MTOK_PER_MONTH = 1e9
MOST_MTOK = 1e10  # a month that growth may lead to


class Workload(Strict):
    """Tokens a month, how they grow, and how uneven they come."""

    mtok_per_month: uncertain(ge=0, le=MOST_MTOK_PER_MONTH) = Field(  # type: ignore[valid-type]
        title="volume of the first month",
        description="all input and output, first month [million tokens/month]",
    )
    peak_to_mean: uncertain(ge=1) = Field(  # type: ignore[valid-type]
        title="busiest load as a multiple of the mean",
        default=1.0,
        description="busiest load over the mean one [ratio]",
    )
    monthly_growth: uncertain(gt=-1, le=1) = Field(  # type: ignore[valid-type]
        title="growth of volume",
        default=0.0,
        description="growth of volume [share per month]",
    )
    shape: RequestShape = Field(description="mean request")
    file: Annotated[Source | None, Reads("workload", of_question=True)] = Field(
        default=None, description="requests {timestamp, input_tokens, output_tokens}: say the peak where it is left out"
    )
    hourly_load: Many[float] | None = Field(
        default=None, description="load of 24 hours or of the 168 of a week: says the peak where it is left out [ratio]"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        hours = self.hourly_load
        if hours is None:
            return self
        if len(hours) not in HOURS:
            raise ValueError(f"hourly_load must have 24 values (a day) or 168 (a week), got {len(hours)}")
        if not all(0 <= one < float("inf") for one in hours) or sum(hours) <= 0:
            raise ValueError("hourly_load must be numbers of zero or more, one of them above zero")
        return self


class Latency(Strict):
    """Latency target that a throughput must be measured at."""

    ttft_ms: float | None = Field(default=None, gt=0, description="time to the first token [ms]")
    tpot_ms: float | None = Field(default=None, gt=0, description="time for each output token [ms]")


class Measurement(Strict):
    """Measured rows that say what a replica serves: those of one model on one GPU."""

    file: Annotated[Source, Reads("serving", of_question=True)] = Field(
        default=Source(path="shipped:gpu/serving.parquet"),
        description="rows {model, gpu, gpus_per_replica, input_tokens, output_tokens, ttft_ms, tpot_ms, "
        "output_tokens_per_second}",
    )
    model: str = Field(min_length=1, description="as the rows spell it")
    gpu: str = Field(min_length=1, description="as the rows spell it")
    precision: str | None = Field(default=None, description="of the weights, where the rows have several")
    engine: str | None = Field(default=None, description="that serves, where the rows have several")


class Autoscaling(Strict):
    """Replicas rented by the hour as the load asks, instead of all hours."""

    minimum_replicas: int | None = Field(
        default=None, ge=0, description="on in every hour; those of serving when left out [replicas]"
    )
    cold_start_minutes: uncertain(ge=0, le=60) = Field(  # type: ignore[valid-type]
        default=0.0, description="paid before a replica serves, each time it is started [min]"
    )


class Serving(Strict):
    """What one replica serves, measured."""

    one_of: ClassVar = (("output_tokens_per_second", "requests_per_second", "measured"),)

    input_tokens_per_second: uncertain(gt=0) | None = Field(  # type: ignore[valid-type]
        default=None, description="uncached input a replica reads [tokens/s]"
    )
    output_tokens_per_second: uncertain(gt=0) | None = Field(  # type: ignore[valid-type]
        default=None, description="output a replica writes [tokens/s]"
    )
    requests_per_second: uncertain(gt=0) | None = Field(  # type: ignore[valid-type]
        default=None, description="requests a replica serves [requests/s]"
    )
    measured: Measurement | None = Field(default=None, description="both rates from measured rows")
    gpus_per_replica: int = Field(ge=1, description="GPUs of a replica [GPUs]")
    usable_share: uncertain(gt=0, le=1) = Field(  # type: ignore[valid-type]
        title="throughput that may be planned",
        default=1.0,
        description="part of the measured throughput that is planned with [share]",
    )
    minimum_replicas: int = Field(default=1, ge=0, description="replicas kept at least [replicas]")
    autoscaling: Autoscaling | None = Field(
        default=None, description="rented GPUs switched by the hour: shown beside the answer"
    )
    latency: Latency | None = Field(default=None, description="target: measured rows that miss it are not used")
    wait_share: float | None = Field(
        default=None, gt=0, le=1, description="requests that may wait at the peak: shown beside the answer [share]"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.input_tokens_per_second is None) != (self.output_tokens_per_second is None):
            missing = "input" if self.input_tokens_per_second is None else "output"
            raise ValueError(
                f"input_tokens_per_second and output_tokens_per_second go together; add {missing}_tokens_per_second"
            )
        return self


class SelfHostInputs(QuestionInputs):
    """Workload, API price, serving, GPU, and the time looked at."""

    one_of: ClassVar = (("api", "api_blended_per_mtok"),)

    workload: Workload = Field(description="what is to be served")
    api: Annotated[TokenPrice | None, ByName("prices", ("provider", "model"), "input_per_mtok")] = Field(
        default=None, description="API price it is held against; the shipped row where it is named alone"
    )
    api_blended_per_mtok: Amount | None = Field(default=None, description="the same as one price [currency/Mtok]")
    api_price_decline_per_year: uncertain(ge=0, lt=1) = Field(  # type: ignore[valid-type]
        title="fall of the API price",
        default=0.0,
        description="fall of the API price [share per year]",
    )
    serving: Serving = Field(description="what a replica serves")
    gpu: Gpu = Field(description="what a GPU costs")
    fixed_cost_per_month: Amount = Field(
        title="fixed cost of hosting", default=0.0, description="people, storage, egress, upkeep [currency/month]"
    )
    migration_cost: Amount = Field(default=0.0, description="once, at the start [currency]")
    horizon_months: int = Field(title="time compared", ge=1, le=240, description="months compared [months]")
    discount_rate: uncertain(gt=-1) = Field(description="effective per year [share per year]")  # type: ignore[valid-type]
    api_success_rate: uncertain(gt=0, le=1) = Field(  # type: ignore[valid-type]
        default=1.0, description="answers of the API that are accepted, for cost per accepted answer [share]"
    )
    success_rate: uncertain(gt=0, le=1) = Field(  # type: ignore[valid-type]
        default=1.0, description="answers of the hosted model that are accepted [share]"
    )
    currency: Currency | None = Field(default=None, description="of every price; the API price says it, else USD")

    @model_validator(mode="after")
    def _check_growth(self) -> Self:
        growth = base(self.workload.monthly_growth)
        last = base(self.workload.mtok_per_month) * (1.0 + growth) ** (self.horizon_months - 1)
        if last > MOST_MTOK:
            raise ValueError(
                f"workload.monthly_growth: {last:.3g} Mtok would be reached in month {self.horizon_months}, more "
                f"than {MOST_MTOK:g}"
            )
        return self

    @model_validator(mode="after")
    def _check_currency(self) -> Self:
        if self.api is not None and self.currency is not None and self.api.currency != self.currency:
            raise ValueError(
                f"currency is {self.currency} and api is in {self.api.currency}; convert one at a dated rate"
            )
        of_gpu = self.gpu.currency or self.currency or ("USD" if self.api else None)
        named = {one for one in (self.currency, of_gpu, self.api.currency if self.api else None) if one}
        if len(named) > 1:
            raise ValueError(f"gpu.currency: prices must be in one currency, got {' and '.join(sorted(named))}")
        return self

    @model_validator(mode="after")
    def _check_shape(self) -> Self:
        shape = self.workload.shape
        other = shape.other_input_tokens or {}
        found = [
            f"workload.shape.other_input_tokens.{kind} must be zero or more, got {tokens:g}"
            for kind, tokens in other.items()
            if tokens < 0
        ]
        read = base(shape.input_tokens_per_request) + sum(other.values())
        if not found and read + base(shape.output_tokens_per_request) <= 0:
            found.append("workload.shape: a request of no tokens cannot be priced")
        if found:
            raise ValueError("\n".join(found))
        return self
