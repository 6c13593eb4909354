import numpy as np
import pandas as pd
import pytest

from aiecon.errors import InputError
from aiecon.forecasting import holidays
from aiecon.forecasting.calendar import Calendar
from aiecon.models.spend_forecast import SpendForecastInputs, spend_forecast

DAILY = Calendar("D", pd.offsets.Day(), 7)
AROUND_NEW_YEAR = pd.date_range("2025-12-01", "2026-02-28")  # Christmas, New Year, Martin Luther King, Presidents' Day
OFF = ["2025-12-25", "2026-01-01", "2026-01-19", "2026-02-16"]


def history(on_holidays=40.0, **columns):
    values = pd.DataFrame(columns or {"total": 100.0}, index=AROUND_NEW_YEAR)
    values.loc[pd.DatetimeIndex(OFF)] = on_holidays
    return values


def test_public_holidays_are_those_of_the_country_and_its_part():
    days = pd.DatetimeIndex([*OFF, "2026-01-06", "2026-01-07"])
    assert holidays.falls_on("US", days).tolist() == [True] * 4 + [False] * 2
    assert holidays.falls_on("DE", days).tolist() == [True, True, False, False, False, False]
    assert holidays.falls_on("DE-BY", days).tolist() == [True, True, False, False, True, False]  # Epiphany


@pytest.mark.parametrize(
    ("country", "words"),
    [
        ("USS", "holidays: 'USS' is no country code of ISO 3166 such as"),
        ("us", "such as US"),
        ("DE-XX", "holidays: 'DE-XX' is not a part of DE"),
    ],
)
def test_no_such_country_or_part_is_refused_with_the_nearest(country, words):
    with pytest.raises(InputError, match=words):
        holidays.falls_on(country, AROUND_NEW_YEAR)


def test_holidays_are_left_out_of_the_fit_and_what_they_did_is_learnt():
    values = history()
    plain, found = holidays.learnt(values, DAILY, "US")
    assert list(plain.index[plain["total"].isna()].strftime("%Y-%m-%d")) == OFF
    assert (found.country, found.seen) == ("US", 4)
    assert found.effects["total"] == pytest.approx((4 * 0.4 + 3) / 7)  # four holidays, held as if three had no effect
    assert values["total"].notna().all()


def test_a_holiday_is_held_against_the_same_weekday_around_it():
    values = pd.DataFrame({"total": 100.0 + 50.0 * AROUND_NEW_YEAR.day_of_week}, index=AROUND_NEW_YEAR)
    values.loc[pd.DatetimeIndex(OFF), "total"] *= 0.5
    _, found = holidays.learnt(values, DAILY, "US")
    assert found.effects["total"] == pytest.approx((4 * 0.5 + 3) / 7)


def test_each_series_has_an_effect_of_its_own_and_holidays_that_change_nothing_have_none():
    values = history(search=100.0, support=10.0)
    values.loc[pd.DatetimeIndex(OFF), "search"] = 100.0
    values.loc[pd.DatetimeIndex(OFF), "support"] = 30.0
    _, found = holidays.learnt(values, DAILY, "US")
    assert found.effects["search"] == pytest.approx(1.0)
    assert found.effects["support"] == pytest.approx((4 * 3.0 + 3) / 7)
    factor = found.factor("support", pd.DatetimeIndex(["2026-07-03", "2026-07-05", "2026-12-25"]))
    np.testing.assert_allclose(factor, [found.effects["support"], 1.0, found.effects["support"]])


def test_the_more_holidays_were_seen_the_more_their_effect_is_believed():
    long = pd.DataFrame({"total": 100.0}, index=pd.date_range("2023-01-01", "2026-12-31"))
    long.loc[holidays.falls_on("US", long.index)] = 40.0
    _, few = holidays.learnt(history(), DAILY, "US")
    _, many = holidays.learnt(long, DAILY, "US")
    assert 0.4 < many.effects["total"] < few.effects["total"]
    assert many.effects["total"] == pytest.approx(0.4, rel=0.1)


def test_a_history_without_a_holiday_learns_nothing():
    quiet = pd.DataFrame({"total": 100.0}, index=pd.date_range("2026-03-01", "2026-03-31"))
    plain, found = holidays.learnt(quiet, DAILY, "US")
    assert (found.effects["total"], found.seen) == (1.0, 0)
    pd.testing.assert_frame_equal(plain, quiet)


def test_weeks_and_months_have_no_holidays():
    months = pd.DataFrame({"total": 1.0}, index=pd.date_range("2025-01-01", periods=6, freq="MS"))
    with pytest.raises(InputError, match="holidays need a daily history"):
        holidays.learnt(months, Calendar("MS", pd.offsets.MonthBegin(), 1), "US")


def test_the_forecast_falls_on_the_holidays_ahead_and_on_no_other_day():
    values = pd.DataFrame({"date": AROUND_NEW_YEAR, "value": history()["total"].to_numpy()})
    points = [{"date": row.date.date(), "value": row.value} for row in values.itertuples()]
    answers = [
        spend_forecast(SpendForecastInputs(history=points, horizon=95, back_test_origins=3, holidays="US")),
        spend_forecast(
            SpendForecastInputs(
                history=[{**point, "value": 100.0} for point in points], horizon=95, back_test_origins=3
            )
        ),
    ]
    found, steady = (answer.forecast.expected["total"] for answer in answers)
    memorial_day = pd.Timestamp("2026-05-25")
    assert found[memorial_day] / steady[memorial_day] == pytest.approx((4 * 0.4 + 3) / 7)
    np.testing.assert_allclose(found.drop(memorial_day), steady.drop(memorial_day), rtol=1e-6)
    bridge = answers[0].bridge.set_index("step")["amount"]
    assert bridge["Holidays of US"] == pytest.approx(((4 * 0.4 + 3) / 7 - 1) * steady[memorial_day])


def test_holidays_without_any_spend_are_not_taken_for_days_like_others():
    _, found = holidays.learnt(history(on_holidays=0.0), DAILY, "US")
    assert found.effects["total"] == pytest.approx(3 / 7)  # nothing four times, held as if three had no effect


def test_the_effect_is_the_mean_of_what_each_holiday_did():
    values = history()
    values.loc[pd.DatetimeIndex(OFF), "total"] = [0.0, 50.0, 150.0, 40.0]
    _, found = holidays.learnt(values, DAILY, "US")
    assert found.effects["total"] == pytest.approx((0.0 + 0.5 + 1.5 + 0.4 + 3) / 7)
    values.loc[pd.Timestamp(OFF[0]), "total"] = np.nan  # not known, and so not seen
    _, found = holidays.learnt(values, DAILY, "US")
    assert found.effects["total"] == pytest.approx((0.5 + 1.5 + 0.4 + 3) / 6)
