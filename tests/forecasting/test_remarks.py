"""What a reader is told: credits that are left out of learning, periods that one of several series lacks."""

import numpy as np
import pandas as pd

from aiecon.forecasting.ensemble import forecast
from aiecon.forecasting.remarks import without_credits


def months(values):
    return pd.DataFrame({"date": pd.date_range("2024-01-01", periods=len(values), freq="MS"), "value": values})


def test_one_credit_leaves_the_forecast_where_it_was():
    plain = [100.0 + 2 * place for place in range(24)]
    credited = [-300.0 if place == 15 else value for place, value in enumerate(plain)]
    before, after = (forecast(months(one), horizon=3).expected["total"] for one in (plain, credited))
    np.testing.assert_allclose(after, before, rtol=0.05)
    found = forecast(months(credited), horizon=3)
    assert any("below zero (2025-04-01) count as credits" in note for note in found.notes)
    assert found.history["total"].min() == -300.0


def test_a_series_that_is_below_zero_often_is_taken_as_it_is():
    values = pd.DataFrame({"net": [5.0, -3.0] * 10}, pd.date_range("2024-01-01", periods=20, freq="MS"))
    kept, said = without_credits(values)
    pd.testing.assert_frame_equal(kept, values)
    assert said == []


def test_periods_that_one_of_several_series_lacks_are_told():
    days = pd.date_range("2026-01-01", periods=90)
    rows = [{"date": day, "series": name, "value": value} for day in days for name, value in (("a", 6.0), ("b", 4.0))]
    rows = [row for row in rows if row["series"] == "a" or not 30 <= row["date"].dayofyear <= 60]
    notes = forecast(rows, horizon=7, origins=3).notes
    assert any(
        note.startswith("Series b has no value in 31 of 90 periods (2026-01-30 to 2026-03-01)") for note in notes
    )
