"""Why a forecast is what it is: from the course of the past through each known thing, and from the last forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from aiecon.forecasting import periods
from aiecon.forecasting.ensemble import Forecast
from aiecon.forecasting.known import Step
from aiecon.forecasting.periods import Budget

COURSE = "Volume, as now expected"
COLUMNS = ("step", "kind", "amount", "total")
SCORED = ("month", "p10", "p50", "p90", "actual", "error", "inside_80")


@dataclass(frozen=True, eq=False)
class Previous:
    """An earlier forecast.

    Attributes
    ----------
    months
        One row a month it spoke of: month (first day), p10, p50, p90. [currency]
    as_of
        Its day.
    known
        Names of the steps it had already.
    label
        What it is called.
    """

    months: pd.DataFrame
    as_of: date
    known: frozenset[str]
    label: str


def applied(forecast: Forecast, steps: Sequence[Step]) -> list[tuple[Step | None, Forecast]]:
    """The forecast of the past's course, and after each step."""
    stages: list[tuple[Step | None, Forecast]] = [(None, forecast)]
    for step in steps:
        stages.append((step, step.apply(stages[-1][1])))
    return stages


def landing(forecast: Forecast, budget: Budget | None) -> dict[str, float]:
    """Quantiles of the budget's months, actual to date included; of the periods forecast without a budget."""
    if budget is None:
        return forecast.sum_quantiles(np.ones(len(forecast.dates)))
    return forecast.sum_quantiles(budget.weights(forecast), offset=budget.spent)


def bridge(
    stages: Sequence[tuple[Step | None, Forecast]], budget: Budget | None, previous: Previous | None
) -> pd.DataFrame:
    """Return the way to the expected landing as rows that add up to it exactly.

    Columns: step, kind (start, course, event, price, volume, driver, overlay, end), amount, total (so far). Each
    known thing has exactly its size in the expected course. It starts from the last forecast where that spoke of all
    the months, and from the course of the past otherwise.
    """
    final = stages[-1][1]
    end = landing(final, budget)["p50"]
    sizes = [_expected(forecast, budget) for _, forecast in stages]
    steps = [
        (step.name, step.kind, after - before)
        for (step, _), before, after in zip(stages[1:], sizes, sizes[1:], strict=False)
        if step is not None
    ]
    start = _expected_before(previous, final, budget)
    if previous is None or start is None:
        rows = [("Course of the past", "start", end - sum(amount for *_, amount in steps)), *steps]
    else:
        new = [row for row in steps if row[0] not in previous.known]
        course = end - start - sum(amount for *_, amount in new)
        rows = [(previous.label, "start", start), (COURSE, "course", course), *new]
    frame = pd.DataFrame(rows, columns=list(COLUMNS[:3]))
    frame.loc[len(frame)] = ["Expected now", "end", end]
    frame["total"] = [*np.cumsum(frame["amount"].to_numpy()[:-1]), end]
    return frame


def _expected(forecast: Forecast, budget: Budget | None) -> float:
    """The expected course over the budget's months; without a budget over the periods forecast."""
    weights = np.ones(len(forecast.dates)) if budget is None else budget.weights(forecast)
    return float(weights @ forecast.expected.sum(axis=1).to_numpy())


def _months(forecast: Forecast, budget: Budget | None) -> pd.DatetimeIndex:
    if budget is not None and budget.months:
        return pd.DatetimeIndex(budget.months)
    return periods.month_of(forecast.dates).unique()


def _starts_inside_a_month(forecast: Forecast) -> bool:
    """Whether the calendar has a period of the first month before the first one forecast."""
    first = forecast.dates[0]
    eve = first.to_period("M").start_time - pd.Timedelta(days=1)
    return (
        len(forecast.calendar.until(eve - pd.Timedelta(days=8), first))
        > len(forecast.calendar.until(eve - pd.Timedelta(days=8), eve)) + 1
    )


def _expected_before(previous: Previous | None, forecast: Forecast, budget: Budget | None) -> float | None:
    """What the last forecast expected of the same months; None where it does not speak of all of them, or of a part."""
    if previous is None or (budget is None and _starts_inside_a_month(forecast)):
        return None
    asked = previous.months.set_index("month")["p50"].reindex(_months(forecast, budget))
    return None if asked.isna().any() else float(asked.sum())


def scored(previous: Previous, forecast: Forecast) -> pd.DataFrame:
    """Months of the last forecast that are over since: month, p10, p50, p90, actual, error, inside_80.

    The error is expected minus actual, a share of the expected.
    """
    actual = periods.actual_by_month(forecast)
    first_ahead = periods.month_of(forecast.dates[:1])[0]
    rows = previous.months[
        (previous.months["month"] < first_ahead)
        & (previous.months["month"] + pd.offsets.MonthEnd(0) > pd.Timestamp(previous.as_of))
        & previous.months["month"].isin(actual.index)
    ]
    came = actual.reindex(rows["month"]).to_numpy()
    return rows.assign(
        actual=came,
        error=((rows["p50"] - came) / rows["p50"].where(rows["p50"] != 0)).to_numpy(),
        inside_80=(came >= rows["p10"]) & (came <= rows["p90"]),
    ).reset_index(drop=True)
