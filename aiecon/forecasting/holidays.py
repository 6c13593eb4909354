"""Public holidays: what they took off or added in the past, left out of the fit and put back on those to come.

A holiday's value is held against the median of the same weekday around it; the mean of these ratios, held towards no
effect by how few there were, is the effect of the next ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.forecasting.calendar import Calendar
from aiecon.vocabulary.strict import nearest

_HOLD = 3.0  # holidays that no effect counts as
_WEEKS_AROUND = 3
_DAYS_PER_WEEK = 7


@dataclass(frozen=True, eq=False)
class Holidays:
    """Holidays of a country in a history.

    Attributes
    ----------
    country
        ISO code, with a subdivision where one was given: US, DE-BY.
    effects
        Series -> value on a holiday over that on the same weekday without one; 1 where none was seen.
    seen
        Holidays that the history has.
    """

    country: str
    effects: Mapping[str, float]
    seen: int

    def factor(self, series: str, dates: pd.DatetimeIndex) -> np.ndarray:
        """Return what a series is multiplied by on each date, shape (n,)."""
        return np.where(falls_on(self.country, dates), self.effects[series], 1.0)


def falls_on(country: str, dates: pd.DatetimeIndex) -> np.ndarray:
    """Which dates are public holidays of a country (US) or a part of it (DE-BY), shape (n,).

    Raises
    ------
    InputError
        When there is no such country or part, with the nearest code.
    """
    import holidays

    code, _, part = country.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if code not in known:
        near = get_close_matches(code.upper(), sorted(known), n=3, cutoff=0.3)
        raise InputError(f"holidays: {country!r} is no country code of ISO 3166 such as {', '.join(near or ['US'])}")
    if part and part not in known[code]:
        raise InputError(f"holidays: {country!r} is not a part of {code}{nearest(part, known[code])}")
    years = range(dates[0].year, dates[-1].year + 1)
    days = holidays.country_holidays(code, subdiv=part or None, years=years)
    return np.array([day.date() in days for day in dates])


def learnt(values: pd.DataFrame, calendar: Calendar, country: str) -> tuple[pd.DataFrame, Holidays]:
    """Return a daily history with its holidays missing, and what they did to each series.

    Raises
    ------
    InputError
        When the history is not daily.
    """
    if calendar.frequency != "D":
        raise InputError("holidays need a daily history; leave holidays out, or give daily values")
    dates = pd.DatetimeIndex(values.index)
    marked = falls_on(country, dates)
    plain = values.copy()
    plain.loc[marked] = np.nan
    effects = {str(name): _effect(values[name], plain[name], marked) for name in values}
    return plain, Holidays(country, effects, int(marked.sum()))


def _effect(values: pd.Series, plain: pd.Series, marked: np.ndarray) -> float:
    ratios = []
    for place in np.flatnonzero(marked):
        day, value = values.index[place], values.iloc[place]
        around = [day + pd.Timedelta(days=_DAYS_PER_WEEK * week) for week in range(-_WEEKS_AROUND, _WEEKS_AROUND + 1)]
        usual = plain.reindex(around).median()
        if value >= 0 and usual > 0:
            ratios.append(value / usual)
    return float((np.sum(ratios) + _HOLD) / (len(ratios) + _HOLD))
