"""Known things in a forecast: dated prices, drivers, overlays and events, each exactly its own size.

Spend is volume times price. The history is brought to the prices of its last day, what is forecast is volume at those
prices, and the prices of the days ahead multiply it; so a price cut moves the forecast by the change in price times the
volume from that day on and by nothing else. Drivers multiply the volume, overlays add to the spend.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from aiecon.forecasting.backtest import LEVEL_WINDOW
from aiecon.forecasting.calendar import Calendar, last_day
from aiecon.forecasting.ensemble import Forecast
from aiecon.forecasting.holidays import Holidays
from aiecon.forecasting.paths import PATHS, Drawn
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.distribution import base, stream
from aiecon.vocabulary.known import Driver, Event, Overlay, PriceEvent

_DAYS_PER_MONTH = 365.25 / MONTHS_PER_YEAR


@dataclass(frozen=True)
class Step:
    """One known thing: what it is called, of what kind, and how it changes a forecast."""

    name: str
    kind: str
    apply: Callable[[Forecast], Forecast]


def part_after(calendar: Calendar, dates: pd.DatetimeIndex, day: date) -> np.ndarray:
    """Return the part of each period that lies on or after a day, shape (n,); a day or a week is one or the other."""
    start = pd.Timestamp(day)
    if calendar.frequency != "MS":
        return np.asarray(dates >= start, dtype=float)
    days = np.asarray(dates.days_in_month, dtype=float)
    return 1.0 - np.clip(np.asarray((start - dates).days, dtype=float), 0.0, days) / days


def price_level(calendar: Calendar, dates: pd.DatetimeIndex, events: Iterable[PriceEvent], series: str) -> np.ndarray:
    """Return the price of a series at each period over that before every event, shape (n,)."""
    level = np.ones(len(dates))
    for event in events:
        if event.series in (None, series):
            level = level * (1.0 + event.change * part_after(calendar, dates, event.date))
    return level


def at_last_prices(
    values: pd.DataFrame, calendar: Calendar, events: Sequence[PriceEvent], *, index: pd.DataFrame | float = 1.0
) -> pd.DataFrame:
    """Return a history at the prices of its last day: what the same volumes would have cost.

    `index` says the same of list prices (list_prices.ListPrices).
    """
    values = values * index
    dates = pd.DatetimeIndex(values.index)
    past = [event for event in events if pd.Timestamp(event.date) <= last_day(dates[-1], calendar.frequency)]
    found = values.copy()
    for name in values:
        whole = np.prod([1.0 + event.change for event in past if event.series in (None, str(name))])
        found[name] = values[name] * whole / price_level(calendar, dates, past, str(name))
    return found


def without_events(values: pd.DataFrame, calendar: Calendar, events: Sequence[Event]) -> tuple[pd.DataFrame, list[str]]:
    """Return a history whose masked periods are missing and whose levels are those after each lasting event; notes."""
    found, notes = values.copy(), []
    dates = pd.DatetimeIndex(values.index)
    for event in sorted(events, key=lambda one: one.start):
        names = [name for name in found if event.series in (None, name)]
        if event.effect == "mask":
            inside = _touches(calendar, dates, event)
            found.loc[inside, names] = np.nan
            notes.append(f"{event.name}: {int(inside.sum())} periods from {event.start} are left out of the fit")
            continue
        for name in names:
            ratio = _shift(found[name], dates, event, LEVEL_WINDOW[calendar.frequency])
            if ratio is None:
                notes.append(
                    f"{event.name}: no whole period above zero of {name} before or after {event.start} shows "
                    "its level, so it changes nothing yet; a driver says what it will do"
                )
            else:
                after = part_after(calendar, dates, event.start)
                found[name] = found[name] * ratio / (1.0 - after + ratio * after)
                notes.append(
                    f"{event.name}: {name} before {event.start} is brought to the level after it, times {ratio:.3g}"
                )
    return found, notes


def _touches(calendar: Calendar, dates: pd.DatetimeIndex, event: Event) -> np.ndarray:
    first, last = pd.Timestamp(event.start), pd.Timestamp(event.last)
    ends = dates + pd.offsets.MonthEnd(0) if calendar.frequency == "MS" else dates
    return np.asarray((ends >= first) & (dates <= last))


def _shift(values: pd.Series, dates: pd.DatetimeIndex, event: Event, window: int) -> float | None:
    """Median after an event over that before it; None where one of them is not above zero."""
    start = pd.Timestamp(event.start)
    before = values[dates < start].dropna().iloc[-window:].median()
    after = values[dates >= start].dropna().iloc[:window].median()
    return float(after / before) if before > 0 and after > 0 else None


def steps(
    *,
    price_events: Sequence[PriceEvent] = (),
    price_decline_per_year: float = 0.0,
    volume_multiple: float = 1.0,
    drivers: Sequence[Driver] = (),
    overlays: Sequence[Overlay] = (),
    holidays: Holidays | None = None,
    last: pd.Timestamp,
) -> list[Step]:
    """Return what is known of the time after `last` as steps in the order applied: prices, volume, amounts."""
    found = [Step(f"Holidays of {holidays.country}", "event", _celebrated(holidays))] if holidays else []
    found += [Step(event.label, "price", _priced(event)) for event in price_events if pd.Timestamp(event.date) > last]
    if price_decline_per_year:
        found.append(Step("Price decline", "price", _declining(price_decline_per_year)))
    if volume_multiple != 1.0:
        found.append(Step("Volume, scenario", "volume", _multiplied(volume_multiple)))
    found += [Step(driver.name, "driver", _driven(driver)) for driver in drivers]
    return found + [Step(overlay.name, "overlay", _overlaid(overlay)) for overlay in overlays]


def _priced(event: PriceEvent) -> Callable[[Forecast], Forecast]:
    def apply(forecast: Forecast) -> Forecast:
        """Multiply by the price at each period over that at the end of the history."""

        def level(name: str) -> np.ndarray:
            return price_level(forecast.calendar, forecast.dates, [event], name)

        return forecast.changed(lambda name, fan: fan.scaled(level(name)))

    return apply


def _celebrated(holidays: Holidays) -> Callable[[Forecast], Forecast]:
    def apply(forecast: Forecast) -> Forecast:
        return forecast.changed(lambda name, fan: fan.scaled(holidays.factor(name, forecast.dates)))

    return apply


def _declining(rate: float) -> Callable[[Forecast], Forecast]:
    def apply(forecast: Forecast) -> Forecast:
        months = forecast.dates.year * MONTHS_PER_YEAR + forecast.dates.month
        level = (1 - rate) ** ((months - months[0]).to_numpy() / MONTHS_PER_YEAR)
        return forecast.changed(lambda name, fan: fan.scaled(level))

    return apply


def _multiplied(factor: float) -> Callable[[Forecast], Forecast]:
    def apply(forecast: Forecast) -> Forecast:
        return forecast.changed(lambda name, fan: fan.scaled(np.full(len(forecast.dates), factor)))

    return apply


def _driven(driver: Driver) -> Callable[[Forecast], Forecast]:
    def apply(forecast: Forecast) -> Forecast:
        part = _ramped(forecast, driver)
        level = 1.0 + base(driver.change) * part
        moved = [name for name in forecast.fans if driver.series in (None, name)]
        found = forecast.changed(lambda name, fan: fan.scaled(level) if name in moved else fan)
        found = replace(
            found, extras={name: one * level if name in moved else one for name, one in found.extras.items()}
        )
        sizes = {name: part * forecast.fans[name].paths(seed=forecast.seed) for name in moved}
        return _doubted(found, driver.change, f"drivers.{driver.name}.change", sizes, lowest=-1.0)

    return apply


def _overlaid(overlay: Overlay) -> Callable[[Forecast], Forecast]:
    def apply(forecast: Forecast) -> Forecast:
        forecast, target = _target(forecast, overlay)
        months = _ramped(forecast, overlay) * _share_of_month(forecast)
        amount = base(overlay.amount_per_month) * months
        found = forecast.changed(lambda name, fan: fan.shifted(amount) if name == target else fan)
        return _doubted(found, overlay.amount_per_month, f"overlays.{overlay.name}.amount_per_month", {target: months})

    return apply


def _target(forecast: Forecast, overlay: Overlay) -> tuple[Forecast, str]:
    """The series an overlay is added to: its own, the only one, or a new one of its name beside several."""
    if overlay.series is not None:
        return forecast, overlay.series
    if len(forecast.fans) == 1:
        return forecast, next(iter(forecast.fans))
    nothing = np.zeros((PATHS, len(forecast.dates)))
    return replace(forecast, fans={**forecast.fans, overlay.name: Drawn(nothing, nothing[0])}), overlay.name


def _doubted(
    forecast: Forecast, value: Any, name: str, sizes: Mapping[str, np.ndarray], *, lowest: float = -np.inf
) -> Forecast:
    """The forecast with what is uncertain about a row in the paths of its series: draws about the base × its size."""
    if isinstance(value, float | int):
        return forecast
    shares = (stream(name, seed=forecast.seed).permutation(PATHS) + 0.5) / PATHS  # every part of it once
    draws = (np.maximum(value.ppf(shares), lowest) - base(value))[:, None]
    extras = {series: forecast.extras.get(series, 0.0) + draws * size for series, size in sizes.items()}
    return replace(forecast, extras={**forecast.extras, **extras})


def _ramped(forecast: Forecast, row: Driver | Overlay) -> np.ndarray:
    """How much of a row counts in each period: none before it starts or after it ends, evenly more as it ramps."""
    dates = forecast.dates
    part = part_after(forecast.calendar, dates, row.start)
    if row.end is not None:
        after = row.end + pd.Timedelta(days=1)
        part = part - part_after(forecast.calendar, dates, after)
    if row.ramp_months:
        passed = (dates - pd.Timestamp(row.start)).days.to_numpy() / _DAYS_PER_MONTH
        part = part * np.clip(
            (passed + (0.5 if forecast.calendar.frequency == "MS" else 0.0)) / row.ramp_months, 0.0, 1.0
        )
    return part


def _share_of_month(forecast: Forecast) -> np.ndarray:
    """What part of its month each period is: a whole month's periods add up to one."""
    if forecast.calendar.frequency == "MS":
        return np.ones(len(forecast.dates))
    months = forecast.dates.to_period("M")
    first, last = months[0].start_time, months[-1].end_time.normalize()
    every = forecast.calendar.until(first - pd.DateOffset(days=8), last).to_period("M")
    counts = pd.Series(every).value_counts()
    return 1.0 / counts.reindex(months).to_numpy(dtype=float)
