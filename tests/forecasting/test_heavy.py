import warnings

import numpy as np
import pandas as pd
import pytest

from aiecon.forecasting.methods import METHODS
from aiecon.forecasting.predicted import predicted

heavy_ones = pytest.mark.parametrize("name", ["prophet", "arima", "unobserved_components"])


def history(freq, length, season, seed=1):
    random, time = np.random.default_rng(seed), np.arange(length)
    course = 100 + 0.3 * time + 10 * np.sin(2 * np.pi * time / season) + random.normal(0, 3, length)
    return pd.Series(course, pd.date_range("2024-01-01", periods=length, freq=freq))


def said(name, train, freq, season, horizon=6):
    future = pd.date_range(train.index[-1], periods=horizon + 1, freq=freq)[1:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of optimisers that stop early
        return predicted(METHODS[name](train, future, season), horizon)


@heavy_ones
@pytest.mark.parametrize(("freq", "length", "season"), [("D", 100, 7), ("W-SUN", 110, 52), ("MS", 36, 12)])
def test_what_is_expected_is_finite_and_near_the_course(name, freq, length, season):
    found = said(name, history(freq, length, season), freq, season)
    expected = (
        100 + 0.3 * np.arange(length, length + 6) + 10 * np.sin(2 * np.pi * np.arange(length, length + 6) / season)
    )
    np.testing.assert_allclose(found.center, expected, rtol=0.15)
    assert found.spread is None if name == "prophet" else (found.spread > 0).all()


@heavy_ones
def test_a_series_times_k_is_expected_k_times_as_large(name):
    """K is a power of two: no digit is rounded, so their optimisers stop at the same place."""
    train = history("D", 80, 7)
    plain, large = said(name, train, "D", 7), said(name, train * 1_024, "D", 7)
    np.testing.assert_allclose(large.center, plain.center * 1_024, rtol=1e-9)


@heavy_ones
def test_a_constant_stays_and_has_next_to_no_width(name):
    found = said(name, history("D", 80, 7) * 0 + 42, "D", 7)
    np.testing.assert_allclose(found.center, 42.0, rtol=1e-6)
    if found.spread is not None:
        assert found.spread.max() < 42 * 1e-3


@heavy_ones
def test_gaps_and_a_short_history_are_no_hindrance(name):
    gappy = history("MS", 12, 12)
    gappy.iloc[[3, 7]] = np.nan
    assert np.isfinite(said(name, gappy, "MS", 1).center).all()


def test_prophet_says_the_same_twice_and_keeps_quiet(capfd):
    train = history("D", 80, 7)
    first, second = (said("prophet", train, "D", 7).center for _ in range(2))
    assert (first == second).all()
    assert capfd.readouterr() == ("", "")


def test_a_state_space_model_is_fitted_to_the_last_values_alone():
    long = history("D", 700, 7)
    old = long.copy()
    old.iloc[:300] = 1e6
    alone, after = (said("arima", train, "D", 1, horizon=3) for train in (long, old))
    np.testing.assert_array_equal(alone.center, after.center)
