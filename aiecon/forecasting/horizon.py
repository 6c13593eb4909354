"""How far a history is read and how far it is forecast."""

from datetime import date

import pandas as pd

from aiecon.errors import InputError
from aiecon.forecasting import calendar as calendars
from aiecon.forecasting.calendar import Calendar, Frequency

LONGEST = 1500  # periods
_FINENESS: tuple[Frequency, ...] = ("D", "W", "MS")


def read_up_to(
    history: pd.DataFrame, *, as_of: date | None, frequency: Frequency | None, adds_up: bool
) -> tuple[pd.DataFrame, pd.Timestamp, Frequency]:
    """Return the history up to the day it is read as of, that day, and the frequency.

    Parameters
    ----------
    history
        Columns date, series, value.
    as_of
        The day; the last one the data covers when None.
    frequency
        D, W or MS; inferred when None.
    adds_up
        Whether values of several days of a month are parts of it, as charges are.
    """
    dates = pd.DatetimeIndex(sorted(set(history["date"])))
    if frequency is not None and len(dates) > 1 and not adds_up:
        usual = calendars.infer_frequency(dates)
        if _FINENESS.index(frequency) < _FINENESS.index(usual):
            raise InputError(f"frequency is {frequency} and the dates lie as far apart as {usual}; leave frequency out")
    frequency = frequency or calendars.infer_frequency(dates)
    if frequency == "MS" and adds_up:
        months = history["date"].dt.to_period("M").dt.to_timestamp()
        history = history.assign(date=months).groupby(["date", "series"], as_index=False)["value"].sum()
    covered = calendars.last_day(pd.DatetimeIndex(history["date"]), frequency)
    day = pd.Timestamp(as_of or max(covered))
    kept = history[covered <= day]
    if kept.empty:
        raise InputError(f"as_of is {day:%Y-%m-%d} and the history starts on {history['date'].min():%Y-%m-%d}")
    return kept, day, frequency


def to_next_quarter(last: pd.Timestamp, calendar: Calendar, as_of: pd.Timestamp) -> int:
    """Periods from the last date to the end of the calendar quarter after `as_of`."""
    ahead = len(calendar.until(last, calendars.quarter_after(as_of)))
    if ahead > LONGEST:
        raise InputError(f"as_of is {as_of:%Y-%m-%d} and the data end on {last:%Y-%m-%d}; {LONGEST} periods at most")
    return max(1, ahead)
