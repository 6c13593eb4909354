"""The spend forecast's function: from a history and what is known to an answer."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from aiecon.errors import InputError
from aiecon.forecasting import calendar as calendars
from aiecon.forecasting import holidays, known, list_prices, misses, periods, revision
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.ensemble import Forecast, Settings, forecast_values
from aiecon.forecasting.hierarchy import coherent
from aiecon.forecasting.history import checked, without_total
from aiecon.forecasting.holidays import Holidays
from aiecon.forecasting.horizon import read_up_to, to_next_quarter
from aiecon.forecasting.list_prices import ListPrices
from aiecon.forecasting.methods import METHODS
from aiecon.forecasting.revision import Previous
from aiecon.models.spend_forecast.answer import SpendForecast
from aiecon.models.spend_forecast.inputs import SpendForecastInputs
from aiecon.vocabulary.strict import nearest


def spend_forecast(
    inputs: SpendForecastInputs, *, tell: Callable[[int, int], None] = lambda done, every: None
) -> SpendForecast:
    """Forecast the spend to the end of the next quarter and hold it against the budget.

    What is known and what is not are kept apart: the history is brought to its last prices and cleared of known events,
    the volume it shows is forecast (forecasting/ensemble), dated prices, drivers and overlays are then applied one by
    one, each exactly its size, and a hierarchy is made to add up.

    Parameters
    ----------
    inputs
        Read by `aiecon.resolve` when they name a file.
    tell
        Called with how many series are forecast, and of how many.

    Returns
    -------
    SpendForecast
        Totals, months and quarters with p10, p50, p90; breach probability; bridge; back-test.

    Raises
    ------
    InputError
        When the history is too short or holds nothing on or before `as_of`, or a name fits no series.

    Examples
    --------
    >>> days = [{"date": day.date(), "value": 100.0} for day in pd.date_range("2026-01-01", "2026-03-31")]
    >>> answer = spend_forecast(SpendForecastInputs(history=days, budget=9_200))
    >>> round(answer.total["p50"]), answer.period
    (9100, 'Q2 2026')
    """
    history, facts = _history(inputs)
    frame, refused = checked(history)
    frame, summed = without_total(frame)
    frame, as_of, frequency = read_up_to(
        frame, as_of=inputs.as_of or facts.get("as_of"), frequency=inputs.frequency, adds_up=inputs.spend is not None
    )
    values, calendar = calendars.regular(frame, frequency)
    listed = _list_prices(inputs, facts, values, calendar)
    asked, masked = known.without_events(
        known.at_last_prices(values, calendar, inputs.price_events, index=listed.index), calendar, inputs.events
    )
    celebrated = None
    if inputs.holidays:
        asked, celebrated = holidays.learnt(asked, calendar, inputs.holidays)
    horizon = inputs.horizon or to_next_quarter(values.index[-1], calendar, as_of)
    settings = _settings(inputs)
    course = forecast_values(
        asked, calendar, horizon=horizon, seed=inputs.seed, settings=settings, refused=refused, tell=tell
    )
    last = calendars.last_day(values.index[-1], calendar.frequency)
    _check_names(inputs, list(course.fans), last)
    if inputs.hierarchy:
        course = coherent(course, asked, inputs.hierarchy, method=inputs.reconcile, settings=settings)
    course = replace(
        course,
        history=values[list(course.fans)],
        notes=(*summed, *course.notes, *listed.notes, *masked, *_begun(inputs, last)),
    )
    steps = _steps(inputs, celebrated, last, listed)
    stages = revision.applied(course, steps)
    found = stages[-1][1]
    budget, previous = periods.budget_of(inputs.budget, found), _previous(inputs)
    scored = revision.scored(previous, found) if previous else pd.DataFrame(columns=revision.SCORED)
    return SpendForecast(
        inputs=_as_resolved(inputs, as_of, found, facts["currency"]),
        as_of=as_of.date(),
        currency=facts["currency"],
        forecast=found,
        table=periods.table(found, inputs.budget, budget),
        bridge=revision.bridge(stages, budget, previous),
        year=periods.year_row(_to_year_end(inputs, course, asked, steps), inputs.budget),
        last_forecast=scored,
        why_missed=misses.why_missed(
            previous, scored, found, inputs=misses.Known(inputs.price_events, inputs.events), facts=facts
        ),
        breakdown=facts["breakdown"],
        facts=facts,
    )


def _to_year_end(
    inputs: SpendForecastInputs, course: Forecast, values: pd.DataFrame, steps: list[known.Step]
) -> Forecast:
    """The forecast on to the end of the year it starts in, with the weights and ranges of the shorter one."""
    last = pd.Timestamp(course.dates[0].year, 12, 31)
    horizon, settings = len(course.calendar.until(values.index[-1], last)), _settings(inputs)
    if horizon <= len(course.dates):
        return revision.applied(course, steps)[-1][1]
    longer = forecast_values(
        values[list(course.fans)],
        course.calendar,
        horizon=horizon,
        seed=course.seed,
        settings=settings,
        tested=course.backtests,
    )
    if inputs.hierarchy:
        longer = coherent(longer, values, inputs.hierarchy, method=inputs.reconcile, settings=settings)
    return revision.applied(replace(longer, history=course.history), steps)[-1][1]


def _settings(inputs: SpendForecastInputs) -> Settings:
    problems = [
        f"{field}: {name!r} is not a method{nearest(name, list(METHODS))}"
        for field, names in (("methods", inputs.methods), ("compare", inputs.compare))
        for name in names
        if name not in METHODS
    ]
    if problems:
        raise InputError(problems)
    return Settings(
        methods={name: METHODS[name] for name in inputs.methods} or None,
        is_weighted={"default": None, "median": False, "back_test": True}[inputs.weighting],
        ceiling=inputs.ceiling,
        origins=inputs.back_test_origins,
        workers=os.cpu_count() or 1,
    )


def _check_names(inputs: SpendForecastInputs, series: list[str], last: pd.Timestamp) -> None:
    """Every series that something known names must be there, and events must be past; all problems together."""
    named = (
        ("price_events", inputs.price_events),
        ("drivers", inputs.drivers),
        ("overlays", inputs.overlays),
        ("events", inputs.events),
    )
    problems = [
        f"{field}: series {row.series!r} is not in the history{nearest(row.series, series)}"
        for field, rows in named
        for row in rows
        if row.series is not None and row.series not in series
    ]
    late = [event for event in inputs.events if pd.Timestamp(event.start) > last]
    problems += [
        f"events.{event.name}: it starts on {event.start}, after the history ends on {last:%Y-%m-%d}; what is to come "
        "is a driver or an overlay"
        for event in late
    ]
    if problems:
        raise InputError(problems)


def _begun(inputs: SpendForecastInputs, last: pd.Timestamp) -> list[str]:
    """Words about drivers and overlays that the history has seen already."""
    return [
        f"{row.name} began on {row.start}, within the history; it is applied in full on top of the past's course"
        for row in (*inputs.drivers, *inputs.overlays)
        if pd.Timestamp(row.start) <= last
    ]


def _list_prices(
    inputs: SpendForecastInputs, facts: dict[str, Any], values: pd.DataFrame, calendar: Calendar
) -> ListPrices:
    """What the rate card says of the history's models; nothing where the history does not name any."""
    if inputs.rate_card is None or not inputs.rate_card.is_read or facts.get("volumes") is None:
        return list_prices.none(values)
    table = inputs.rate_card.table
    return list_prices.list_prices(
        values,
        calendar,
        facts["volumes"],
        table.frame,
        group_by=inputs.group_by,
        is_shipped=table.facts["is_shipped"],
    )


def _steps(
    inputs: SpendForecastInputs, celebrated: Holidays | None, last: pd.Timestamp, listed: ListPrices
) -> list[known.Step]:
    return known.steps(
        price_events=(*inputs.price_events, *listed.ahead),
        price_decline_per_year=inputs.price_decline_per_year,
        volume_multiple=inputs.volume_multiple,
        drivers=inputs.drivers,
        overlays=inputs.overlays,
        holidays=celebrated,
        last=last,
    )


def _previous(inputs: SpendForecastInputs) -> Previous | None:
    if inputs.previous is None:
        return None
    table = inputs.previous.table
    return Previous(table.frame, table.facts["as_of"], frozenset(table.facts["known"]), table.facts["label"])


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
