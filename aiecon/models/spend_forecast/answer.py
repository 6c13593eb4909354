"""The spend forecast's answer: totals, months and quarters, the budget, the bridge, and how it was tested."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from aiecon.forecasting import calendar as calendars
from aiecon.forecasting import factors, periods, record, revision
from aiecon.forecasting.backtest import COMBINED, TESTED
from aiecon.forecasting.ensemble import Forecast
from aiecon.forecasting.evaluation import backtest
from aiecon.models.spend_forecast.inputs import SpendForecastInputs
from aiecon.vocabulary.metric import Metric

_COMPARED_ORIGINS = 5


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
    bridge
        From the last forecast, or the course of the past, to the expected landing: step, kind, amount, total; the
        amounts close exactly. [currency]
    year
        The calendar year ahead or under way, a row like those of `table`. [currency]
    last_forecast
        Months of the last forecast that are over: month, p10, p50, p90, actual, error (share), inside_80.
    why_missed
        Why the last forecast was wrong: step (expected, price, mix, event, volume, actual), amount. [currency]
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
    bridge: pd.DataFrame
    year: Mapping[str, Any]
    last_forecast: pd.DataFrame
    why_missed: pd.DataFrame
    breakdown: pd.DataFrame
    facts: Mapping[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """Months and quarters, actual to date and forecast."""
        return self.table

    def tables(self) -> dict[str, pd.DataFrame]:
        """What `ask --json` tells beside the main table: bridge (step, kind, amount, total). [currency]"""
        return {"bridge": self.bridge}

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
        return revision.landing(self.forecast, self.budget)

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
        return record.mase(self.forecast)

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """Back-test scores of the forecast of all series together and of the methods compared, best first.

        Empty when no method is to be compared, as in the fast profile.
        """
        if not self.inputs.compare:
            return pd.DataFrame(columns=["method"])
        total = self.forecast.history.sum(axis=1, min_count=1).rename("value").rename_axis("date").reset_index()
        found = backtest(
            total.dropna(),
            horizon=len(self.forecast.dates),
            frequency=self.forecast.calendar.frequency,
            origins=_COMPARED_ORIGINS,
            compare=self.inputs.compare,
        )
        rows = found.scores[found.scores["series"] == "all"]
        rows = rows[rows["method"].isin([COMBINED, *self.inputs.compare])]
        return rows.sort_values("wql", ignore_index=True)

    @cached_property
    def by_series(self) -> pd.DataFrame:
        """Landing of every series and node of a hierarchy: series, p10, p50, p90, is_node; dearest series first."""
        weights = np.ones(len(self.forecast.dates)) if self.budget is None else self.budget.weights(self.forecast)
        rows = []
        own = {name: self.forecast.doubted(name) for name in self.forecast.fans}
        for is_node, fans in ((True, self.forecast.parents), (False, own)):
            for name, fan in fans.items():
                sums = np.maximum(fan.paths(seed=self.forecast.seed), fan.lowest) @ weights
                low, middle, high = np.quantile(sums, [0.1, 0.5, 0.9])
                rows.append({"series": name, "p10": low, "p50": middle, "p90": high, "is_node": is_node})
        return pd.DataFrame(rows).sort_values(["is_node", "p50"], ascending=False, ignore_index=True)

    @property
    def period(self) -> str:
        """What the answer is about: the budget's months, else the periods forecast, as finance calls them."""
        return periods.covered(self.forecast) if self.budget is None else self.budget.label

    @property
    def is_short(self) -> bool:
        """Whether the history is too short for a whole back-test."""
        asked = min(len(self.forecast.dates), TESTED[self.forecast.calendar.frequency])
        return max(test.steps for test in self.forecast.backtests.values()) < asked

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        mase, best = self.mase.get(COMBINED), self._best_method()
        covered = {level: record.coverage(self.forecast, level=level) for level in (0.8, 0.95)}
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
            Metric("year_p50", f"Spend of {self.year['period']}, expected", self.year["p50"], self.currency),
            Metric("year_p10", "Lower end of the year's 80 % range", self.year["p10"], self.currency),
            Metric("year_p90", "Upper end of the year's 80 % range", self.year["p90"], self.currency),
            Metric("year_budget", "Budget of the year", self.year["budget"], self.currency, self._year_note),
            Metric("last_error", "Error of the last forecast", self.last_error, "share", self._last_note),
            Metric("last_verdict", "Gate of the last forecast", self.last_verdict, "", self._last_note),
            Metric(
                "mase",
                "Back-test: MASE (error over one period's naive error)",
                mase,
                "ratio",
                None if best else no_error,
            ),
            Metric(
                "best_method", "Member with the smallest MASE (median: together)", best, "", None if best else no_error
            ),
        ]

    @cached_property
    def last_error(self) -> float | None:
        """Expected minus actual over expected, of the months of the last forecast that are over; None without any."""
        expected = float(self.last_forecast["p50"].sum())
        return (expected - float(self.last_forecast["actual"].sum())) / expected if expected else None

    @property
    def last_verdict(self) -> str | None:
        """Whether the last forecast's error stayed within its gate: passed or failed; None when nothing is over yet."""
        if self.last_error is None:
            return None
        return "passed" if abs(self.last_error) <= self.inputs.forecast_error_gate else "failed"

    @property
    def _last_note(self) -> str | None:
        if self.inputs.previous is None:
            return "no last forecast was given"
        count = len(self.last_forecast)
        return f"over the {count} months that are over since" if count else "no month of it is over yet"

    @property
    def _year_note(self) -> str | None:
        return None if self.year["budget"] is not None else "not every month of the year has a budget"

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
        return "ranges as they would have been given on the day; neighbouring test windows overlap"

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
        held += periods.budget_notes(
            self.inputs.budget, self.forecast, new=[overlay.name for overlay in self.inputs.overlays]
        )
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

    @cached_property
    def why_changed(self) -> pd.DataFrame | None:
        """Price, volume and mix of the last three whole months against the three before; None where not known."""
        volumes = self.facts.get("volumes")
        return (
            None
            if volumes is None
            else periods.why_changed(volumes, periods.actual_by_month(self.forecast), self.as_of)
        )

    @cached_property
    def factors(self) -> pd.DataFrame | None:
        """Users, requests, tokens and price of the last three whole months against the three before; None if unknown.

        Columns factor, before, now, effect. [currency for effects]
        """
        volumes = self.facts.get("volumes")
        if volumes is None or volumes.empty:
            return None
        return factors.factors(volumes, self.facts["users"], self.as_of)

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
