"""Months, quarters and budgets of a forecast: what finance reads instead of days."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from aiecon.bridges import price_volume_mix
from aiecon.errors import InputError
from aiecon.forecasting import calendar as calendars
from aiecon.forecasting.ensemble import Forecast
from aiecon.units import TOKENS_PER_MTOK
from aiecon.vocabulary.source import Source

_RUN_RATE_PERIODS = {"D": 28, "W": 4, "MS": 3}


@dataclass(frozen=True)
class Budget:
    """A budget, the months it is for (None: the periods forecast) and what was spent of it before the forecast."""

    amount: float
    spent: float
    months: tuple[pd.Timestamp, ...] | None
    label: str

    def weights(self, forecast: Forecast) -> np.ndarray:
        """1 for each forecast period that counts against the budget, shape (horizon,)."""
        if self.months is None:
            return np.ones(len(forecast.dates))
        return np.isin(month_of(forecast.dates), np.array(self.months, dtype="datetime64[us]")).astype(float)


_GAP = 0.1  # part of its periods that a series may lack and still be held against another span


def budget_of(given: float | Source | None, forecast: Forecast) -> Budget | None:
    """Return the budget of the periods forecast.

    A number is for exactly the periods forecast. Of a file, the months that the forecast touches and reaches the end
    of count, and the actual spend of the first of them counts against them; None when it reaches the end of none.
    InputError when the file has none of the months touched.
    """
    if given is None:
        return None
    if not isinstance(given, Source):
        return Budget(float(given), 0.0, None, covered(forecast))
    amounts = monthly_amounts(given, forecast)
    touched = pd.DatetimeIndex(month_of(forecast.dates)).unique()
    if not any(month in amounts for month in touched):
        raise InputError(
            f"{given.path}: no month from {touched[0]:%Y-%m} to {touched[-1]:%Y-%m}, the periods forecast, has a budget"
        )
    months = tuple(month for month in touched if month in amounts and month + pd.offsets.MonthEnd() <= reach(forecast))
    if not months:
        return None
    actual = actual_by_month(forecast)
    spent = sum(float(actual.get(month, 0.0)) for month in months)
    return Budget(sum(amounts[month] for month in months), spent, months, _months_name(months))


def _months_name(months: tuple[pd.Timestamp, ...]) -> str:
    """The months a budget is for; one by one where some between have none."""
    first, last = months[0], months[-1] + pd.offsets.MonthEnd()
    whole = len(pd.date_range(first, last, freq="MS")) == len(months)
    *names, end = [f"{month:%B %Y}" for month in months]
    return name(first, last) if whole else f"{', '.join(names)} and {end}"


def reach(forecast: Forecast) -> pd.Timestamp:
    """The last day the forecast speaks of; a weekly one that ends in a month's last week reaches its end."""
    last = calendars.last_day(forecast.dates[-1], forecast.calendar.frequency)
    ahead = forecast.calendar.after(forecast.dates[-1], 1)[0]
    return (
        last
        if month_of(pd.DatetimeIndex([ahead]))[0] == month_of(pd.DatetimeIndex([last]))[0]
        else last + pd.offsets.MonthEnd(0)
    )


def monthly_amounts(given: Source, forecast: Forecast) -> dict[pd.Timestamp, float]:
    """Month -> budget of the file: its total where it states one, else the sum over its series."""
    frame = given.table.frame.assign(month=lambda rows: month_of(pd.DatetimeIndex(rows["month"])))
    if "total" in set(frame["series"]):
        frame = frame[frame["series"] == "total"]
    return frame.groupby("month")["amount"].sum().to_dict()


def budget_notes(given: float | Source | None, forecast: Forecast, *, new: Collection[str] = ()) -> list[str]:
    """What does not match between the series of a budget file and those of the forecast; all count in the totals.

    Series in `new` were no series of the past.
    """
    if not isinstance(given, Source):
        return []
    budgets, costs = set(given.table.frame["series"]), set(forecast.expected) - set(new)
    if "total" in budgets | costs:
        return []
    pairs = ((budgets - costs, "a budget and no spend"), (costs - budgets, "spend and no budget"))
    return [
        f"Series with {what}, which the totals count all the same: {', '.join(sorted(names))}"
        for names, what in pairs
        if names
    ]


def month_of(dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The first day of the month each date lies in."""
    return dates.to_period("M").to_timestamp()


def actual_by_month(forecast: Forecast) -> pd.Series:
    """Actual spend by month over all series; a month without any value is absent."""
    values = forecast.history
    return values.groupby(month_of(pd.DatetimeIndex(values.index))).sum(min_count=1).sum(axis=1, min_count=1).dropna()


@dataclass(frozen=True)
class Span:
    """What a span of the past cost."""

    amount: float
    label: str


def before(forecast: Forecast, budget: Budget | None) -> Span | None:
    """Return what as many whole months before the budget's (or the forecast's) cost; None where that is not known."""
    months = list(budget.months if budget is not None and budget.months else month_of(forecast.dates).unique())
    last = calendars.last_day(forecast.dates[-1], forecast.calendar.frequency)
    if not (forecast.dates[0].is_month_start or (budget is not None and budget.months)) or not last.is_month_end:
        return None
    earlier = [month - pd.DateOffset(months=len(months)) for month in months]
    actual = actual_by_month(forecast)
    history = forecast.history.index
    known = history[0] <= earlier[0] and earlier[-1] + pd.offsets.MonthEnd() <= calendars.last_day(
        history[-1], forecast.calendar.frequency
    )
    if not known or any(month not in actual for month in earlier) or _has_gap(forecast.history, earlier):
        return None
    return Span(float(actual[earlier].sum()), name(earlier[0], earlier[-1] + pd.offsets.MonthEnd()))


def _has_gap(history: pd.DataFrame, months: list[pd.Timestamp]) -> bool:
    """Whether a series lacks more than a tenth of the periods of some months, between its first value and its last."""
    inside = (history.ffill().notna() & history.bfill().notna()).to_numpy()
    within = np.isin(month_of(pd.DatetimeIndex(history.index)), np.array(months, dtype="datetime64[us]"))
    absent = (inside & history.isna().to_numpy())[within].mean(axis=0)
    return bool((absent > _GAP).any())


def breach_month(forecast: Forecast, budget: Budget) -> str | None:
    """First month by whose end the budget is passed with a probability of one half or more."""
    counted = budget.weights(forecast)
    months = month_of(forecast.dates)
    for month in months.unique():
        weights = counted * (months <= month)
        if weights.any() and forecast.sum_exceeds(weights, budget.amount, offset=budget.spent) >= 0.5:
            return f"{month:%Y-%m}"
    return None


def name(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """A span as finance calls it.

    Examples
    --------
    >>> name(pd.Timestamp("2026-04-01"), pd.Timestamp("2026-06-30"))
    'Q2 2026'
    >>> name(pd.Timestamp("2026-05-01"), pd.Timestamp("2026-09-30"))
    'May to September 2026'
    >>> name(pd.Timestamp("2026-05-07"), pd.Timestamp("2026-09-30"))
    '7 May to 30 September 2026'
    """
    whole = first.is_month_start and last.is_month_end
    if whole and first.is_quarter_start and last == first + pd.offsets.QuarterEnd():
        return f"Q{first.quarter} {first.year}"
    if whole and first.is_year_start and last == first + pd.offsets.YearEnd():
        return f"{first.year}"
    if whole and first.to_period("M") == last.to_period("M"):
        return f"{first:%B %Y}"
    year = f" {first.year}" if first.year != last.year else ""
    if whole:
        return f"{first:%B}{year} to {last:%B %Y}"
    return f"{first.day} {first:%B}{year} to {last.day} {last:%B %Y}"


def covered(forecast: Forecast) -> str:
    """The periods forecast by name; weeks by their dates, since a date does not say which end of the week it is."""
    last = calendars.last_day(forecast.dates[-1], forecast.calendar.frequency)
    said = name(forecast.dates[0], last)
    return f"Weeks dated {said}" if forecast.calendar.frequency == "W" else said


def run_rate(forecast: Forecast) -> float:
    """Mean spend a day over the last periods. [currency/day]"""
    recent = forecast.history.sum(axis=1, min_count=1).iloc[-_RUN_RATE_PERIODS[forecast.calendar.frequency] :]
    recent = recent.dropna()
    return float(recent.sum() / _days(forecast, pd.DatetimeIndex(recent.index)))


def budget_rate(forecast: Forecast, budget: Budget) -> float:
    """Spend a day over the budget's periods to come at which it is met exactly. [currency/day]"""
    return (budget.amount - budget.spent) / _days(forecast, forecast.dates[budget.weights(forecast) > 0])


def days_ahead(forecast: Forecast) -> int:
    """Days that the periods forecast cover."""
    return _days(forecast, forecast.dates)


def _days(forecast: Forecast, dates: pd.DatetimeIndex) -> int:
    frequency = forecast.calendar.frequency
    return int(np.sum(dates.days_in_month)) if frequency == "MS" else len(dates) * (7 if frequency == "W" else 1)


def table(forecast: Forecast, given: float | Source | None, budget: Budget | None) -> pd.DataFrame:
    """Months and quarters in order of time, actual to date and forecast.

    Columns: period, level (month, quarter), start, end, actual, p10, p50, p90, budget, variance (p50 − budget, or
    actual − budget), breach_probability, complete. A quarter stands after its last month; p10 to p90 include the
    actual to date and are missing where nothing is forecast.
    """
    amounts = monthly_amounts(given, forecast) if isinstance(given, Source) else {}
    actual = actual_by_month(forecast)
    last = calendars.last_day(forecast.dates[-1], forecast.calendar.frequency)
    months = pd.date_range(actual.index[0], month_of(pd.DatetimeIndex([last]))[0], freq="MS")
    rows = []
    for month in months:
        rows.append(_row(forecast, "month", [month], actual, amounts))
        if month.month % 3 == 0 or month == months[-1]:
            quarter = [one for one in months if one.to_period("Q") == month.to_period("Q")]
            rows.append(_row(forecast, "quarter", quarter, actual, amounts))
    frame = pd.DataFrame(rows)
    if budget is not None and budget.months is None:
        frame = _with_number(frame, forecast, budget)
    return frame


def _row(
    forecast: Forecast,
    level: str,
    months: list[pd.Timestamp],
    actual: pd.Series,
    amounts: Mapping[pd.Timestamp, float],
) -> dict[str, object]:
    """One month or quarter; a quarter counts only the months that history and forecast reach."""
    start, end = months[0], months[-1] + pd.offsets.MonthEnd()
    spent = float(sum(actual.get(month, 0.0) for month in months))
    ahead = np.isin(month_of(forecast.dates), np.array(months, dtype="datetime64[us]")).astype(float)
    found = forecast.sum_quantiles(ahead, offset=spent) if ahead.any() else {}
    known = all(month in amounts for month in months) and (not ahead.any() or end <= reach(forecast))
    budget = sum(amounts[month] for month in months) if known else None
    landing = found.get("p50", spent)
    exceeds = forecast.sum_exceeds(ahead, budget, offset=spent) if ahead.any() and budget is not None else None
    return {
        "period": f"{start:%Y-%m}" if level == "month" else f"{start.year}-Q{start.quarter}",
        "level": level,
        "start": start,
        "end": end,
        "actual": spent if any(month in actual for month in months) else None,
        **{key: found.get(key) for key in ("p10", "p50", "p90")},
        "budget": budget,
        "variance": None if budget is None else landing - budget,
        "breach_probability": exceeds,
        "complete": not ahead.any(),
    }


def year_row(forecast: Forecast, given: float | Source | None) -> dict[str, object]:
    """The calendar year of the first period forecast, as a row of `table`: actual to date, forecast to its end, budget.

    The forecast reaches the year's end; months of the year that the history does not cover count as nothing.
    """
    year = forecast.dates[0].year
    months = list(pd.date_range(f"{year}-01-01", periods=12, freq="MS"))
    amounts = monthly_amounts(given, forecast) if isinstance(given, Source) else {}
    return {**_row(forecast, "year", months, actual_by_month(forecast), amounts), "period": str(year)}


def _with_number(frame: pd.DataFrame, forecast: Forecast, budget: Budget) -> pd.DataFrame:
    """A budget given as one number stands in the row of the span it is for, when that is a whole month or quarter."""
    last = calendars.last_day(forecast.dates[-1], forecast.calendar.frequency)
    same = (frame["start"] == forecast.dates[0]) & (frame["end"] == last) & ~frame["complete"].astype(bool)
    span = frame.index[same]
    if len(span):
        row = span[-1]
        frame.loc[row, "budget"] = budget.amount
        frame.loc[row, "variance"] = frame.loc[row, "p50"] - budget.amount
        frame.loc[row, "breach_probability"] = forecast.sum_exceeds(budget.weights(forecast), budget.amount)
    return frame


def _last_whole_month(as_of: date) -> pd.Timestamp:
    """First day of the last month that was over on the as-of day."""
    return (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period("M").to_timestamp() - pd.DateOffset(months=1)


def last_quarter_months(as_of: date) -> pd.DatetimeIndex:
    """First days of the last six whole months, oldest first."""
    return pd.date_range(end=_last_whole_month(as_of), periods=6, freq="MS")


def last_quarters(as_of: date) -> tuple[str, str]:
    """How the three whole months before the last three, and the last three, are called."""
    last = _last_whole_month(as_of)
    before = last - pd.DateOffset(months=3)
    earlier, later = (name(month - pd.DateOffset(months=2), month + pd.offsets.MonthEnd(0)) for month in (before, last))
    return earlier, later


def two_quarters(breakdown: pd.DataFrame, dimension: str, as_of: date) -> pd.DataFrame | None:
    """Return the cost of the last three whole months and of the three before by item, dearest first.

    Columns item, before, now; None where the breakdown does not have the dimension or starts later.
    """
    rows = breakdown[breakdown["dimension"] == dimension]
    last = _last_whole_month(as_of)
    first = last - pd.DateOffset(months=5)
    if rows.empty or breakdown["month"].min() > first:
        return None
    rows = rows[(rows["month"] >= first) & (rows["month"] <= last)]
    middle = last - pd.DateOffset(months=2)
    found = rows.assign(part=np.where(rows["month"] >= middle, "now", "before"))
    wide = found.pivot_table(index="item", columns="part", values="value", aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(columns=["before", "now"], fill_value=0.0).reset_index()
    return wide.sort_values(["now", "item"], ascending=[False, True], ignore_index=True)


def why_changed(volumes: pd.DataFrame, actual: pd.Series, as_of: date) -> pd.DataFrame | None:
    """Return why the last three whole months cost what they did against the three before, as rows that close.

    Parameters
    ----------
    volumes
        Tokens and cost by month and model: month, item, tokens, cost. [tokens/month, currency/month]
    actual
        Spend by month. [currency/month]
    as_of
        Day of the last actual.

    Returns
    -------
    pandas.DataFrame or None
        Columns step, amount: before, price (of the same models), volume (tokens), mix (of models), other (spend that
        counts no tokens), now. None where one of the six months, or their tokens, are not known.
    """
    months = last_quarter_months(as_of)
    if volumes.empty or not set(months) <= set(actual.index):
        return None
    parts = [volumes[volumes["month"].isin(part)] for part in (months[:3], months[3:])]
    if any(part.empty for part in parts):
        return None
    tables = []
    for part in parts:
        sums = part.groupby("item", as_index=False)[["tokens", "cost"]].sum()
        quantity = sums["tokens"] / TOKENS_PER_MTOK
        tables.append(pd.DataFrame({"item": sums["item"], "quantity": quantity, "price": sums["cost"] / quantity}))
    found = price_volume_mix(*tables)
    before, now = (float(actual[list(part)].sum()) for part in (months[:3], months[3:]))
    other = (now - before) - (found.actual - found.budget)
    effects = [found.price_effect, found.volume_effect, found.mix_effect, other]
    return pd.DataFrame(
        {"step": ["before", "price", "volume", "mix", "other", "now"], "amount": [before, *effects, now]}
    )
