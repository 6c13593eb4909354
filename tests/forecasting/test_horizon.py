from datetime import date

import pandas as pd
import pytest

from aiecon.errors import InputError
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.horizon import LONGEST, read_up_to, to_next_quarter

DAILY = Calendar("D", pd.offsets.Day(), 7)
MONTHLY = Calendar("MS", pd.offsets.MonthBegin(), 12)


def history(dates, series="total"):
    dates = pd.DatetimeIndex(dates)
    return pd.DataFrame({"date": dates, "series": series, "value": range(1, len(dates) + 1)}).astype({"value": float})


def read(frame, *, as_of=None, frequency=None, adds_up=False):
    return read_up_to(frame, as_of=as_of, frequency=frequency, adds_up=adds_up)


def test_without_a_day_the_history_is_read_as_of_the_last_it_covers():
    days = history(pd.date_range("2026-01-01", periods=40))
    kept, day, frequency = read(days)
    assert (len(kept), day, frequency) == (40, pd.Timestamp("2026-02-09"), "D")
    _, day, frequency = read(history(pd.date_range("2026-01-01", periods=4, freq="MS")))
    assert (day, frequency) == (pd.Timestamp("2026-04-30"), "MS")


def test_rows_after_the_day_are_not_read_and_a_month_must_be_over():
    kept, day, _ = read(history(pd.date_range("2026-01-01", periods=40)), as_of=date(2026, 1, 31))
    assert (kept["date"].max(), day) == (pd.Timestamp("2026-01-31"), pd.Timestamp("2026-01-31"))
    kept, _, _ = read(history(pd.date_range("2026-01-01", periods=4, freq="MS")), as_of=date(2026, 3, 30))
    assert kept["date"].max() == pd.Timestamp("2026-02-01")


def test_days_that_add_up_make_the_months_asked_for():
    both = pd.concat([history(pd.date_range("2026-01-01", periods=59), name) for name in ("a", "b")])
    kept, _, frequency = read(both, frequency="MS", adds_up=True)
    assert frequency == "MS"
    assert kept.groupby("date")["value"].sum().tolist() == [2 * sum(range(1, 32)), 2 * sum(range(32, 60))]
    as_given, _, _ = read(both, frequency="MS")
    assert len(as_given) > len(kept)


def test_a_day_before_the_history_is_refused():
    with pytest.raises(InputError, match="as_of is 2020-01-01 and the history starts on 2026-01-01"):
        read(history(pd.date_range("2026-01-01", periods=40)), as_of=date(2020, 1, 1))


@pytest.mark.parametrize(
    ("calendar", "last", "as_of", "expected"),
    [
        (DAILY, "2026-03-31", "2026-03-31", 91),
        (DAILY, "2026-03-31", "2026-04-05", 183),
        (MONTHLY, "2026-03-01", "2026-03-31", 3),
        (MONTHLY, "2026-02-01", "2026-03-15", 4),
        (MONTHLY, "2026-06-01", "2026-03-31", 1),
    ],
)
def test_the_horizon_reaches_to_the_end_of_the_quarter_after_the_day(calendar, last, as_of, expected):
    assert to_next_quarter(pd.Timestamp(last), calendar, pd.Timestamp(as_of)) == expected


def test_a_day_years_after_the_data_is_refused():
    with pytest.raises(InputError, match=f"as_of is 2031-01-01 and the data end on 2026-03-31; {LONGEST} periods"):
        to_next_quarter(pd.Timestamp("2026-03-31"), DAILY, pd.Timestamp("2031-01-01"))
