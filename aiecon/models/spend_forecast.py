"""What will we spend next quarter, and how sure are we?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from aiecon.errors import InputError
from aiecon.forecasting import calendar as calendars
from aiecon.forecasting import ensemble, periods
from aiecon.forecasting.calendar import Frequency
from aiecon.forecasting.ensemble import Forecast, forecast
from aiecon.vocabulary.metric import Metric
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.source import Reads, Source
from aiecon.vocabulary.spend import Cost, Currency
from aiecon.vocabulary.strict import Date, Many, Strict

_LONGEST = 1500  # periods


class Point(Strict):
    """One value of a history; an absent one is missing."""

    date: Date = Field(description="day, first day of the month, or day of the week that dates a week")
    series: str = Field(default="total", description="what the value is of")
    value: float | None = Field(default=None, description="spend of the period [currency]; missing when left out")


class SpendForecastInputs(QuestionInputs):
    """A history (inline, a file, or FOCUS charges) and the budget it is held against."""

    one_of: ClassVar = (("history", "file", "spend"),)

    history: Many[Point] | None = Field(default=None, description="dated values {date, series?, value} [currency]")
    file: Annotated[Source | None, Reads("history")] = Field(
        default=None, description="CSV or Parquet with date, series?, value [currency]"
    )
    spend: Annotated[Source | None, Reads("daily_spend")] = Field(
        default=None, description="FOCUS charges: CSV, Parquet or a store of Parquet files"
    )
    cost: Cost = Field(default="BilledCost", description="FOCUS cost column that is summed")
    group_by: Many[str] = Field(default=(), description="columns of the FOCUS charges that make a series each")
    where: dict[str, str | int | float | bool] | None = Field(
        default=None, description="column = value that a charge must have to count"
    )
    budget: Annotated[Annotated[float, Field(ge=0)] | Source | None, Reads("budget")] = Field(
        default=None, description="budget of the periods forecast [currency], or a file {month, amount, series?}"
    )
    currency: Currency | None = Field(default=None, description="of a history or file; FOCUS charges say their own")
    frequency: Frequency | None = Field(default=None, description="D, W or MS; inferred from the dates")
    horizon: int | None = Field(
        default=None, ge=1, le=_LONGEST, description="periods after the last date; to the end of the next quarter"
    )
    back_test_origins: int = Field(
        default=ensemble.ORIGINS, ge=3, le=60, description="days of the past the methods are tried from, at most"
    )


@dataclass(frozen=True, eq=False)
class SpendForecast:
    """The forecast, the months and quarters it makes, and the budget it is held against.

    Attributes
    ----------
    inputs
        What was asked.
    as_of
        Last day the data was read as of.
    currency
        Of every amount.
    forecast
        Periods, expectation and intervals of every series.
    table
        Months and quarters, one row each: period, level, start, end, actual, p10, p50, p90, budget, variance,
        breach_probability, complete. Forecast figures include the actual to date. [currency]
    breakdown
        Cost by month, dimension and item where the charges say so.
    facts
        What was read and what is odd about it.
    """

    inputs: SpendForecastInputs
    as_of: date
    currency: str
    forecast: Forecast
    table: pd.DataFrame
    breakdown: pd.DataFrame
    facts: Mapping[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """Months and quarters, actual to date and forecast."""
        return self.table

    @cached_property
    def total(self) -> dict[str, float]:
        """Quantiles of the sum over all periods forecast, actual to date of the budget's months not included."""
        return self.forecast.sum_quantiles(np.ones(len(self.forecast.dates)))

    @cached_property
    def budget(self) -> "periods.Budget | None":
        """The budget of the periods forecast, with the actual spend that counts against it."""
        return periods.budget_of(self.inputs.budget, self.forecast)

    @cached_property
    def landing(self) -> dict[str, float]:
        """Quantiles of what the budget's months will have cost, actual to date included; `total` without a budget."""
        if self.budget is None:
            return self.total
        return self.forecast.sum_quantiles(self.budget.weights(self.forecast), offset=self.budget.spent)

    @cached_property
    def gap(self) -> float | None:
        """Expected landing minus budget; None without a budget. [currency]"""
        return None if self.budget is None else self.landing["p50"] - self.budget.amount

    @cached_property
    def breach_probability(self) -> float | None:
        """Probability that the spend of the budget's months passes the budget; None without one."""
        if self.budget is None:
            return None
        return self.forecast.sum_exceeds(
            self.budget.weights(self.forecast), self.budget.amount, offset=self.budget.spent
        )

    @cached_property
    def breach_month(self) -> str | None:
        """First month by whose end the budget is more likely passed than not, as 2026-05; None when none is."""
        return None if self.budget is None else periods.breach_month(self.forecast, self.budget)

    @cached_property
    def mase(self) -> dict[str, float]:
        """Method -> mean absolute scaled error in the back-test."""
        return ensemble.mase(self.forecast)

    @property
    def period(self) -> str:
        """What the answer is about: the budget's months, else the periods forecast, as finance calls them."""
        return periods.covered(self.forecast) if self.budget is None else self.budget.label

    @property
    def is_short(self) -> bool:
        """Whether the history is too short to test the whole horizon."""
        return max(test.errors.shape[1] for test in self.forecast.backtests.values()) < len(self.forecast.dates)

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        mase, best = self.mase.get(ensemble.COMBINED), self._best_method()
        covered = {level: ensemble.coverage(self.forecast, level=level) for level in (0.8, 0.95)}
        no_error = "repeating the last season makes no error on this history, so no method can be held against it"
        too_short = "the history is too short for a back-test of intervals"
        no_budget = "no budget was given" if self.inputs.budget is None else "no whole month of the budget is forecast"
        landing, spent = self.landing if self.budget else {}, self._spent_note(no_budget)
        return [
            Metric("total_p50", "Spend over the forecast, expected", self.total["p50"], self.currency),
            Metric("total_p10", "Lower end of the 80 % range", self.total["p10"], self.currency),
            Metric("total_p90", "Upper end of the 80 % range", self.total["p90"], self.currency),
            *(
                Metric(f"landing_{level}", f"{words} of the budget's months", landing.get(level), self.currency, spent)
                for level, words in (("p50", "Expected cost"), ("p10", "Lower end (80 %)"), ("p90", "Upper end (80 %)"))
            ),
            Metric(
                "budget",
                "Budget",
                self.budget and self.budget.amount,
                self.currency,
                f"of {self.budget.label}" if self.budget else no_budget,
            ),
            Metric(
                "breach_probability",
                "Probability of passing the budget",
                self.breach_probability,
                "share",
                None if self.budget else no_budget,
            ),
            Metric(
                "breach_month", "Month the budget is passed", self.breach_month, "month", self._breach_note(no_budget)
            ),
            Metric(
                "coverage_80",
                "Back-test: inside the 80 % range",
                covered[0.8],
                "share",
                self._coverage_note(too_short, covered[0.8]),
            ),
            Metric(
                "coverage_95",
                "Back-test: inside the 95 % range",
                covered[0.95],
                "share",
                self._coverage_note(too_short, covered[0.95]),
            ),
            Metric("mase", "Back-test: error over the naive one", mase, "ratio", None if best else no_error),
            Metric("best_method", "Method with the smallest error", best, "", None if best else no_error),
        ]

    def _best_method(self) -> str | None:
        return min(self.mase, key=lambda name: self.mase[name]) if self.mase else None

    def _spent_note(self, no_budget: str) -> str | None:
        if self.budget is None:
            return no_budget
        spent = f"{self.budget.spent:,.0f} {self.currency} spent by {self.as_of} included"
        return spent if self.budget.spent else None

    def _breach_note(self, no_budget: str) -> str | None:
        if self.budget is None:
            return no_budget
        return None if self.breach_month else "within the budget in the expected course"

    def _coverage_note(self, too_short: str, covered: float | None) -> str | None:
        if covered is None:
            return too_short
        return "each origin judged by the errors of the others; neighbouring test windows overlap"

    @property
    def notes(self) -> list[str]:
        """What a reader must know before trusting the figures."""
        failed = [
            f"Method {name} failed on series {series} and was left out: {why}"
            for series, failures in self.forecast.failures.items()
            for name, why in failures.items()
        ]
        values, held, late = self.forecast.history, [], []
        absent = int(values.isna().all(axis=1).sum())
        gaps = (
            [f"{absent} of {len(values)} periods have no value; they count as missing, not as zero"] if absent else []
        )
        if self.inputs.where and self.budget:
            held = ["The budget given is held against the charges that the filter keeps, and no others"]
        last = calendars.last_day(values.index[-1], self.forecast.calendar.frequency)
        if self.forecast.calendar.frequency == "D" and last.date() < self.as_of:
            late = [f"The data end on {last:%Y-%m-%d}; the days from there to {self.as_of} are forecast too"]
        held += periods.budget_notes(self.inputs.budget, self.forecast)
        return [*self.facts["notes"], *self.forecast.notes, *gaps, *late, *held, *failed]

    @cached_property
    def previous(self) -> "periods.Span | None":
        """What the same number of whole months before the forecast cost, when it covers whole months."""
        return periods.before(self.forecast, self.budget)

    @property
    def quarter_names(self) -> tuple[str, str]:
        """How the three whole months before the last three, and the last three, are called."""
        return periods.last_quarters(self.as_of)

    def quarter_by(self, dimension: str) -> pd.DataFrame | None:
        """Cost of the last three whole months by item (item, before, now), dearest first; None where not known."""
        return periods.two_quarters(self.breakdown, dimension, self.as_of)

    @property
    def months_ahead(self) -> int:
        """Months in which something is forecast."""
        return int((~self.table.loc[self.table["level"] == "month", "complete"].astype(bool)).sum())

    def paths(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Actual values (date, actual) and the forecast (date, p2_5 ... p97_5) of all series added up."""
        values = self.forecast.history.sum(axis=1, min_count=1)
        actual = pd.DataFrame({"date": values.index, "actual": values.to_numpy()})
        return actual, self.forecast.total_frame()

    @cached_property
    def run_rate(self) -> float:
        """Spend a day over the last four weeks (three months of a monthly history). [currency/day]"""
        return periods.run_rate(self.forecast)

    @cached_property
    def expected_rate(self) -> float:
        """Expected spend a day over the periods forecast. [currency/day]"""
        return self.total["p50"] / periods.days_ahead(self.forecast)

    @cached_property
    def budget_rate(self) -> float | None:
        """Spend a day at which the budget is met exactly; None without a budget. [currency/day]"""
        return None if self.budget is None else periods.budget_rate(self.forecast, self.budget)


def spend_forecast(inputs: SpendForecastInputs) -> SpendForecast:
    """Forecast the spend to the end of the next quarter and hold it against the budget.

    The daily, weekly or monthly history is forecast by seasonal naive, exponential smoothing and Prophet, combined by
    their median; intervals come from the errors the same combination made from earlier days (forecasting/intervals).

    Parameters
    ----------
    inputs
        Read by `aiecon.resolve` when they name a file.

    Returns
    -------
    SpendForecast
        Totals, months and quarters with p10, p50, p90; breach probability; back-test.

    Raises
    ------
    InputError
        When the history is too short or holds nothing on or before `as_of`.

    Examples
    --------
    >>> days = [{"date": day.date(), "value": 100.0} for day in pd.date_range("2026-01-01", "2026-03-31")]
    >>> answer = spend_forecast(SpendForecastInputs(history=days, budget=9_200))
    >>> round(answer.total["p50"]), answer.period
    (9100, 'Q2 2026')
    """
    history, facts = _history(inputs)
    frame = ensemble.checked(history)
    history, as_of, frequency = _as_of(frame, inputs, facts)
    horizon = inputs.horizon or _horizon(history, as_of, frequency)
    found = forecast(history, horizon=horizon, frequency=frequency, origins=inputs.back_test_origins, seed=inputs.seed)
    budget = periods.budget_of(inputs.budget, found)
    return SpendForecast(
        inputs=_as_resolved(inputs, as_of, found, facts["currency"]),
        as_of=as_of.date(),
        currency=facts["currency"],
        forecast=found,
        table=periods.table(found, inputs.budget, budget),
        breakdown=facts["breakdown"],
        facts=facts,
    )


def _as_resolved(
    inputs: SpendForecastInputs, as_of: pd.Timestamp, found: Forecast, currency: str
) -> SpendForecastInputs:
    """The inputs with what the data filled in: day, frequency, horizon and currency."""
    settled = {"as_of": as_of.date(), "frequency": found.calendar.frequency, "currency": currency}
    return inputs.model_copy(update={**settled, "horizon": len(found.dates)})


_NO_BREAKDOWN = pd.DataFrame(columns=["month", "dimension", "item", "value"])


def _history(inputs: SpendForecastInputs) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The history as a frame, and facts: currency, as_of where the data says it, breakdown, notes."""
    assumed = [] if inputs.currency else ["The history states no currency; USD is assumed"]
    facts: dict[str, Any] = {"currency": inputs.currency or "USD", "breakdown": _NO_BREAKDOWN, "notes": assumed}
    if inputs.history is not None:
        points = [{"date": point.date, "series": point.series, "value": point.value} for point in inputs.history]
        return pd.DataFrame(points, columns=["date", "series", "value"]), facts
    if inputs.file is not None:
        return inputs.file.table.frame, facts
    assert inputs.spend is not None  # the model takes exactly one of the three
    table = inputs.spend.table
    return table.frame, table.facts


def _as_of(
    history: pd.DataFrame, inputs: SpendForecastInputs, facts: Mapping[str, Any]
) -> tuple[pd.DataFrame, pd.Timestamp, Frequency]:
    """The history up to the day it is read as of, that day, and the frequency."""
    frequency = inputs.frequency or calendars.infer_frequency(pd.DatetimeIndex(sorted(set(history["date"]))))
    if (
        frequency == "MS" and inputs.spend is not None
    ):  # charges add up to months; values of a history are what they are
        months = history["date"].dt.to_period("M").dt.to_timestamp()
        history = history.assign(date=months).groupby(["date", "series"], as_index=False)["value"].sum()
    covered = calendars.last_day(pd.DatetimeIndex(history["date"]), frequency)
    as_of = pd.Timestamp(inputs.as_of or facts.get("as_of") or max(covered))
    kept = history[covered <= as_of]
    if kept.empty:
        raise InputError(f"as_of is {as_of:%Y-%m-%d} and the history starts on {history['date'].min():%Y-%m-%d}")
    return kept, as_of, frequency


def _horizon(history: pd.DataFrame, as_of: pd.Timestamp, frequency: Frequency) -> int:
    """Periods from the last date to the end of the calendar quarter after `as_of`."""
    values, calendar = calendars.regular(history, frequency)
    ahead = len(calendar.until(values.index[-1], calendars.quarter_after(as_of)))
    if ahead > _LONGEST:
        last = f"{values.index[-1]:%Y-%m-%d}"
        raise InputError(f"as_of is {as_of:%Y-%m-%d} and the data end on {last}; {_LONGEST} periods ahead at most")
    return max(1, ahead)
