"""Why a forecast was wrong: price, mix, events and volume, closing exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from aiecon.bridges import price_volume_mix
from aiecon.forecasting import periods
from aiecon.forecasting.backtest import LEVEL_WINDOW
from aiecon.forecasting.ensemble import Forecast
from aiecon.forecasting.known import price_level
from aiecon.forecasting.revision import Previous
from aiecon.units import TOKENS_PER_MTOK
from aiecon.vocabulary.known import Event, PriceEvent

COLUMNS = ("step", "amount")
_BASE_MONTHS = 3


@dataclass(frozen=True, eq=False)
class Known:
    """What is known now: dated prices and events."""

    price_events: Sequence[PriceEvent]
    events: Sequence[Event]


def why_missed(
    previous: Previous | None, scored: pd.DataFrame, forecast: Forecast, *, inputs: Known, facts: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the way from what the last forecast expected to what came, over its months that are over.

    Parameters
    ----------
    previous, scored
        The last forecast, and its months with their actuals.
    forecast
        The present one, with the history.
    inputs
        What is known now.
    facts
        Of the charges: `volumes`, where they count tokens.

    Returns
    -------
    pandas.DataFrame
        Columns step, amount: expected, price, mix, event, volume, actual; the four in the middle are the miss exactly.
        Empty when no month is over. [currency]

    Notes
    -----
    Price: change of each model's cost per token since the three months before the forecast, times the tokens that
    came; where no tokens are counted, the dated price changes it did not know. Mix: models dearer or cheaper than then
    took a larger part. Event: what its days cost beyond the level before them; of a lasting one, only where it began
    after the forecast. Volume: the rest.
    """
    if previous is None or scored.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    months = pd.DatetimeIndex(scored["month"])
    expected, actual = float(scored["p50"].sum()), float(scored["actual"].sum())
    found = _from_tokens(facts.get("volumes"), months, pd.Timestamp(previous.as_of))
    price, mix = found if found else (_from_dates(previous, months, forecast, inputs.price_events), 0.0)
    event = _events(previous, months, forecast, inputs.events)
    rows = [
        ("expected", expected),
        ("price", price),
        ("mix", mix),
        ("event", event),
        ("volume", actual - expected - price - mix - event),
        ("actual", actual),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _from_tokens(
    volumes: pd.DataFrame | None, months: pd.DatetimeIndex, as_of: pd.Timestamp
) -> tuple[float, float] | None:
    """Price and mix effect against the three whole months before the forecast; None where tokens are not known."""
    if volumes is None or volumes.empty:
        return None
    last = (as_of + pd.Timedelta(days=1)).to_period("M").to_timestamp() - pd.DateOffset(months=1)
    base = volumes[volumes["month"].isin(pd.date_range(end=last, periods=_BASE_MONTHS, freq="MS"))]
    came = volumes[volumes["month"].isin(months)]
    if base.empty or came.empty:
        return None
    effects = price_volume_mix(_by_model(base), _by_model(came))
    return effects.price_effect, effects.mix_effect


def _by_model(part: pd.DataFrame) -> pd.DataFrame:
    sums = part.groupby("item", as_index=False)[["tokens", "cost"]].sum()
    quantity = sums["tokens"] / TOKENS_PER_MTOK
    return pd.DataFrame({"item": sums["item"], "quantity": quantity, "price": sums["cost"] / quantity})


def _inside(months: pd.DatetimeIndex, forecast: Forecast) -> np.ndarray:
    return np.asarray(periods.month_of(pd.DatetimeIndex(forecast.history.index)).isin(months))


def _from_dates(
    previous: Previous, months: pd.DatetimeIndex, forecast: Forecast, events: Sequence[PriceEvent]
) -> float:
    """What dated price changes after the last forecast, not known to it, did to the months that came."""
    dates = pd.DatetimeIndex(forecast.history.index)
    new = [one for one in events if one.date > previous.as_of and one.label not in previous.known]
    total = 0.0
    for name in forecast.history:
        level = price_level(forecast.calendar, dates, new, str(name))
        moved = forecast.history[name].to_numpy() * (1.0 - 1.0 / level)
        total += float(np.nansum(moved[_inside(months, forecast)]))
    return total


def _events(previous: Previous, months: pd.DatetimeIndex, forecast: Forecast, events: Sequence[Event]) -> float:
    """What the days of events cost beyond the level before them (a level's own: beyond the old level)."""
    values, inside = forecast.history, _inside(months, forecast)
    dates = pd.DatetimeIndex(values.index)
    window, total = LEVEL_WINDOW[forecast.calendar.frequency], 0.0
    for event in [one for one in events if one.effect == "mask" or one.start > previous.as_of]:
        first = pd.Timestamp(event.start)
        last = pd.Timestamp(event.last) if event.effect == "mask" else dates[-1]
        ends = dates + pd.offsets.MonthEnd(0) if forecast.calendar.frequency == "MS" else dates
        held = np.asarray((ends >= first) & (dates <= last)) & inside
        for name in [one for one in values if event.series in (None, one)]:
            before = values[name][ends < first].dropna().iloc[-window:].median()
            if held.any() and np.isfinite(before):
                total += float((values[name][held] - before).sum())
    return total
