"""What the spend forecast is asked: a history, what is known of the time ahead, and the budget it is held against."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from aiecon.forecasting import ensemble
from aiecon.forecasting.calendar import Frequency
from aiecon.forecasting.horizon import LONGEST
from aiecon.forecasting.reconciliation import Reconciling
from aiecon.vocabulary.known import Driver, Event, Overlay, PriceEvent
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.source import Reads, Source, unless_false
from aiecon.vocabulary.spend import Cost, Currency
from aiecon.vocabulary.strict import Date, Many, Strict


class Point(Strict):
    """One value of a history; an absent one is missing."""

    date: Date = Field(description="day, first day of the month, or day of the week that dates a week")
    series: str = Field(default="total", description="what the value is of")
    value: float | None = Field(default=None, description="spend of the period [currency]; missing when left out")


class SpendForecastInputs(QuestionInputs):
    """A history (inline, a file, or FOCUS charges) and the budget it is held against."""

    is_dated: ClassVar = True
    one_of: ClassVar = (("history", "file", "spend"),)

    @model_validator(mode="after")
    def _check_filters(self) -> Self:
        given = [name for name in ("where", "group_by") if getattr(self, name)]
        if given and self.spend is None:
            words = f"{' and '.join(given)} choose among FOCUS charges; give spend, or leave {' and '.join(given)} out"
            raise ValueError(words)
        return self

    history: Many[Point] | None = Field(default=None, description="dated values {date, series?, value} [currency]")
    file: Annotated[Source | None, Reads("history")] = Field(
        default=None, description="CSV or Parquet with date, series?, value [currency]"
    )
    spend: Annotated[Source | None, Reads("daily_spend", uses=("cost", "group_by", "where", "currency", "as_of"))] = (
        Field(default=None, description="FOCUS charges: CSV, Parquet or a store of Parquet files")
    )
    cost: Cost = Field(title="cost column", default="BilledCost", description="FOCUS cost column that is summed")
    group_by: Many[str] = Field(default=(), description="columns of the FOCUS charges that make a series each")
    where: dict[str, str | int | float | bool] | None = Field(
        default=None, description="column = value that a charge must have to count"
    )
    budget: Annotated[Annotated[float, Field(ge=0)] | Source | None, Reads("budget")] = Field(
        title="budget of the forecast",
        default=None,
        description="budget of the periods forecast [currency], or a file {month, amount, series?}",
    )
    currency: Currency | None = Field(default=None, description="of a history or file; FOCUS charges say their own")
    frequency: Frequency | None = Field(default=None, description="D, W or MS; inferred from the dates")
    horizon: int | None = Field(
        title="time forecast",
        default=None,
        ge=1,
        le=LONGEST,
        description="periods after the last date; to the end of the next quarter [periods]",
    )
    back_test_origins: int = Field(
        default=ensemble.ORIGINS, ge=3, le=60, description="days of the past the methods are tried from, at most"
    )
    methods: Many[str] = Field(default=(), description="forecasting methods to combine; the default family when empty")
    compare: Many[str] = Field(
        default=(
            "seasonal_naive",
            "drift",
            "ets",
            "theta",
            "ces",
            "ar",
            "ari",
            "log_ets",
            "log_theta",
            "log_ces",
            "log_ar",
            "log_ari",
            "prophet",
            "arima",
            "unobserved_components",
        ),
        description="methods the report tries beside the forecast",
    )
    weighting: Literal["default", "median", "back_test"] = Field(
        title="how methods are combined",
        default="default",
        description="how methods are combined: by the rule, the plain median, or back-tested weights",
    )
    ceiling: float | None = Field(default=None, gt=0, description="what no period of a series can cost more [currency]")
    rate_card: Annotated[
        Source | None,
        BeforeValidator(unless_false),
        Reads("rate_card", beside="spend"),
    ] = Field(
        default=Source(path="shipped:prices/token_prices.csv"),
        description="dated token prices whose steps count for the models of the FOCUS charges; false for none",
    )
    price_events: Many[PriceEvent] = Field(default=(), description="dated price changes {date, series?, change}")
    price_decline_per_year: float = Field(
        title="fall of all prices",
        default=0.0,
        ge=0,
        lt=1,
        description="fall of all prices from the first month ahead on [share per year]",
    )
    volume_multiple: float = Field(
        title="volume as a multiple of the expected",
        default=1.0,
        gt=0,
        description="volume over what is expected, a scenario [ratio]",
    )
    drivers: Many[Driver] = Field(default=(), description="what moves the volume beyond what its past says")
    overlays: Many[Overlay] = Field(default=(), description="amounts on top: projects, contracts, people, savings")
    events: Many[Event] = Field(default=(), description="known events of the past, masked or brought to one level")
    holidays: str | None = Field(
        default=None, description="country whose public holidays count, such as US or DE-BY; of a daily history"
    )
    hierarchy: dict[str, Many[str]] | None = Field(default=None, description="parent = [children] over the series")
    reconcile: Reconciling = Field(default="mint", description="how a hierarchy is made to add up")
    previous: Annotated[Source | None, Reads("previous")] = Field(
        default=None, description="an earlier forecast: its results.json, or a CSV {month, p10, p50, p90}"
    )
    forecast_error_gate: float = Field(
        default=0.15,
        gt=0,
        lt=1,
        description="error of the last forecast beyond which its gate fails [share of forecast]",
    )
