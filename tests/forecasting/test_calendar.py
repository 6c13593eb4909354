import numpy as np
import pandas as pd
import pytest

from aiecon.errors import InputError
from aiecon.forecasting import calendar


def history(dates, values=None):
    dates = pd.DatetimeIndex(dates)
    return pd.DataFrame(
        {"date": dates, "series": "total", "value": np.arange(1.0, len(dates) + 1) if values is None else values}
    )


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (pd.date_range("2026-01-01", periods=40), "D"),
        (pd.bdate_range("2026-01-01", periods=40), "D"),
        (pd.date_range("2026-01-04", periods=20, freq="W-SUN"), "W"),
        (pd.date_range("2026-01-01", periods=20, freq="MS"), "MS"),
        (pd.date_range("2026-01-31", periods=20, freq="ME"), "MS"),
    ],
)
def test_frequency_is_inferred_from_the_usual_distance(dates, expected):
    assert calendar.infer_frequency(pd.DatetimeIndex(dates)) == expected


def test_an_absent_period_is_missing_and_not_zero():
    dates = pd.date_range("2026-01-01", periods=40).delete([10, 11])
    values, _ = calendar.regular(history(dates))
    assert len(values) == 40
    assert values["total"].isna().sum() == 2


def test_days_off_that_never_have_a_value_leave_the_calendar():
    values, found = calendar.regular(history(pd.bdate_range("2026-01-01", periods=60)))
    ahead = found.after(values.index[-1], 10)
    assert not values["total"].isna().any()
    assert found.season == 5
    assert set(ahead.day_of_week) <= {0, 1, 2, 3, 4}
    assert "Saturday, Sunday" in found.notes[0]


def test_weeks_keep_their_weekday_and_one_day_off_is_moved():
    dates = [*pd.date_range("2025-11-16", "2026-02-08", freq="W-SUN"), "2026-02-16", "2026-02-23"]
    values, found = calendar.regular(history(dates))
    assert {day.day_name() for day in values.index} == {"Sunday"}
    assert values.index[-1] == pd.Timestamp("2026-02-22")
    assert found.after(values.index[-1], 1)[0] == pd.Timestamp("2026-03-01")
    assert found.notes


def test_month_ends_stand_for_their_month():
    values, _ = calendar.regular(history(pd.date_range("2026-01-31", periods=6, freq="ME")))
    assert list(values.index) == list(pd.date_range("2026-01-01", periods=6, freq="MS"))


def test_two_dates_in_a_month_are_refused():
    dates = [*pd.date_range("2025-01-01", periods=10, freq="MS"), "2025-10-20"]
    with pytest.raises(InputError, match="two dates lie in 2025-10"):
        calendar.regular(history(dates), "MS")


def test_quarters_are_refused_with_words():
    with pytest.raises(InputError, match="days, weeks or months are expected"):
        calendar.infer_frequency(pd.date_range("2024-01-01", periods=8, freq="QS"))


@pytest.mark.parametrize(
    ("as_of", "end"), [("2026-03-31", "2026-06-30"), ("2026-05-15", "2026-09-30"), ("2026-12-31", "2027-03-31")]
)
def test_the_horizon_ends_with_the_quarter_after(as_of, end):
    assert calendar.quarter_after(pd.Timestamp(as_of)) == pd.Timestamp(end)
