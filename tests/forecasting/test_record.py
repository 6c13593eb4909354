import numpy as np
import pandas as pd
import pytest

from aiecon.forecasting import calibration, record
from aiecon.forecasting.ensemble import LEVELS, forecast
from aiecon.forecasting.methods import METHODS

FAST = {name: METHODS[name] for name in ("seasonal_naive", "theta", "ets")}


def noisy(seed=1, length=150, **columns):
    """Daily spend with a week, noise and a level that wanders."""
    random = np.random.default_rng(seed)
    dates = pd.date_range("2025-01-06", periods=length)
    shape = np.array([1.2, 1.2, 1.15, 1.1, 1.0, 0.6, 0.5])[dates.day_of_week]
    walk = np.cumsum(random.normal(0, 0.01, length))
    values = 1_000 * np.exp(walk) * shape * random.lognormal(0, 0.05, length)
    return pd.DataFrame({"date": dates, "value": values, **columns})


def test_coverage_and_reliability_are_of_the_ranges_given_on_the_day():
    found = forecast(noisy(), horizon=14, methods=FAST, origins=6)
    test = found.backtests["total"]
    said = test.calibrated(calibration.MEASURED["D"])
    for level, low, high in ((0.8, 1, 3), (0.95, 0, 4)):
        inside = (test.actual >= said[:, low]) & (test.actual <= said[:, high])
        assert record.coverage(found, level=level) == pytest.approx(inside.mean())
    table = record.reliability(found)
    assert table["level"].tolist() == list(LEVELS.values())
    assert (table["cells"] == test.actual.size).all()
    assert table["observed"].is_monotonic_increasing
    assert table["observed"].iloc[2] == pytest.approx((test.actual <= said[:, 2]).mean())


def test_periods_of_which_nothing_was_said_are_no_misses():
    late = noisy(2, 150, series="late").tail(60)
    found = forecast(pd.concat([noisy(1, 150, series="long"), late]), horizon=14, methods=FAST, origins=20)
    inside = []
    for test in found.backtests.values():
        said = test.calibrated(calibration.MEASURED["D"])
        known = np.isfinite(test.actual) & np.isfinite(said[:, 0])
        inside.append(((test.actual >= said[:, 1]) & (test.actual <= said[:, 3]))[known].mean())
    assert record.coverage(found, level=0.8) == pytest.approx(np.mean(inside))


def test_a_series_that_has_ended_leaves_the_coverage_of_the_others_as_it_is():
    ended = noisy(2, 60, series="ended")
    found = forecast(pd.concat([noisy(1, 150, series="long"), ended]), horizon=14, methods=FAST, origins=6)
    alone = forecast(noisy(1, 150, series="long"), horizon=14, methods=FAST, origins=6)
    assert record.coverage(found, level=0.8) == pytest.approx(record.coverage(alone, level=0.8))


def test_mase_is_the_error_over_that_of_the_naive_method():
    found = forecast(noisy(), horizon=14, methods=FAST, origins=6)
    test, scores = found.backtests["total"], record.mase(found)
    assert scores.keys() == {*FAST, "median"}
    error = np.abs(test.actual - test.members["theta"][:, 2]).mean(axis=1)
    assert scores["theta"] == pytest.approx(np.mean(error / test.scales))
    assert record.mase(forecast(noisy(length=60).assign(value=1.0), horizon=7, methods=FAST, origins=3)) == {}
