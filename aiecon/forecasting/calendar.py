"""The calendar of a history: its frequency inferred, gaps kept as missing values, the periods to come."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from aiecon.errors import InputError

Frequency = Literal["D", "W", "MS"]

DAYS_OF_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CODES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_QUIET_AFTER_WEEKS = 4  # a weekday that never has a value in so many weeks is no gap but a day off


@dataclass(frozen=True, eq=False)
class Calendar:
    """The regular dates of a history and how they go on."""

    frequency: Frequency
    offset: Any
    season: int
    notes: tuple[str, ...] = ()

    def after(self, last: pd.Timestamp, periods: int) -> pd.DatetimeIndex:
        """The dates of the next periods."""
        return pd.date_range(last, periods=periods + 1, freq=self.offset)[1:]

    def until(self, last: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
        """The dates after `last` up to and including `end`."""
        return pd.date_range(last, end, freq=self.offset)[1:]


def regular(history: pd.DataFrame, frequency: Frequency | None = None) -> tuple[pd.DataFrame, Calendar]:
    """Return the history on its regular calendar, one column a series, and the calendar.

    Parameters
    ----------
    history
        Columns date, series, value; any order, dates at midnight.
    frequency
        D, W or MS; inferred from the distances between dates when None.

    Returns
    -------
    tuple
        Values with NaN where a period is absent, shape (n_periods, n_series), and the Calendar. Weeks keep their
        weekday; a day of the week that never has a value in four weeks or more is left out of the calendar.
    """
    if frequency is not None and frequency not in get_args(Frequency):
        raise InputError(f"frequency must be D, W or MS, got {frequency!r}")
    wide = history.pivot_table(index="date", columns="series", values="value", aggfunc="sum").sort_index()
    dates = pd.DatetimeIndex(wide.index)
    frequency = frequency or infer_frequency(dates)
    if frequency == "MS":
        return _monthly(wide)
    return _weekly(wide) if frequency == "W" else _daily(wide)


def infer_frequency(dates: pd.DatetimeIndex) -> Frequency:
    """Return D, W or MS from the usual distance between dates, gaps notwithstanding."""
    if len(dates) < 2:
        raise InputError("the history has one date; give frequency = D, W or MS and more dates")
    days = np.diff(dates.values).astype("timedelta64[D]").astype(int)
    usual = float(np.median(days))
    if usual <= 4:
        return "D"
    if 5 <= usual <= 9:
        return "W"
    if 27 <= usual <= 32:
        return "MS"
    raise InputError(f"dates lie {usual:g} days apart; days, weeks or months are expected (or give frequency)")


def _daily(wide: pd.DataFrame) -> tuple[pd.DataFrame, Calendar]:
    dates = pd.DatetimeIndex(wide.index)
    present = sorted(set(dates.day_of_week))
    weeks = (dates[-1] - dates[0]).days / 7
    if len(present) == 7 or weeks < _QUIET_AFTER_WEEKS:
        return wide.asfreq("D"), Calendar("D", pd.offsets.Day(), 7)
    mask = " ".join(_CODES[day].title() for day in present)
    offset = pd.offsets.CustomBusinessDay(weekmask=mask)
    off = ", ".join(DAYS_OF_WEEK[day] for day in range(7) if day not in present)
    note = f"No value ever falls on {off}; none is forecast there"
    return wide.asfreq(offset), Calendar("D", offset, len(present), (note,))


def _weekly(wide: pd.DataFrame) -> tuple[pd.DataFrame, Calendar]:
    dates = pd.DatetimeIndex(wide.index)
    day = int(pd.Series(dates.day_of_week).mode()[0])
    distance = (dates.day_of_week.to_numpy() - day + 3) % 7 - 3
    moved = dates - pd.to_timedelta(distance, unit="D")
    if moved.has_duplicates:
        first = moved[moved.duplicated()][0]
        raise InputError(
            f"two dates lie in the week of {first:%A %Y-%m-%d}; one value a week is expected (or leave frequency out)"
        )
    count = int((distance != 0).sum())
    notes = (f"{count} of {len(dates)} weeks are dated off their usual {DAYS_OF_WEEK[day]} and were moved to it",)
    offset = pd.offsets.Week(weekday=day)
    season = 52 if len(dates) >= 104 else 1
    return wide.set_axis(moved).asfreq(offset), Calendar("W", offset, season, notes if count else ())


def _monthly(wide: pd.DataFrame) -> tuple[pd.DataFrame, Calendar]:
    months = pd.DatetimeIndex(wide.index).to_period("M").to_timestamp()
    if months.has_duplicates:
        first = months[months.duplicated()][0]
        raise InputError(f"two dates lie in {first:%Y-%m}; one value a month is expected (or leave frequency out)")
    season = 12 if len(months) >= 24 else 1
    return wide.set_axis(months).asfreq("MS"), Calendar("MS", pd.offsets.MonthBegin(), season)


def last_day(date: pd.Timestamp, frequency: Frequency) -> pd.Timestamp:
    """The last day a period's value is known to cover: the end of a month, else the date itself."""
    return date + pd.offsets.MonthEnd(0) if frequency == "MS" else date


def quarter_after(as_of: pd.Timestamp) -> pd.Timestamp:
    """The last day of the calendar quarter that follows the one `as_of` lies in."""
    return (as_of.to_period("Q") + 1).end_time.normalize()
