import numpy as np
import pandas as pd
import pytest

from aiecon.forecasting.backtest import predict
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.methods import METHODS, asked, family, is_weighted
from aiecon.forecasting.predicted import predicted

HEAVY = ("prophet", "arima", "unobserved_components")
OURS = tuple(name for name in METHODS if name not in HEAVY)
LOG = tuple(name for name in OURS if name.startswith("log_"))
LENGTHS = {"D": (150, 7), "W-SUN": (120, 52), "MS": (36, 12)}  # values and season
SCORES = np.array([-1.0, 0.0, 1.0])

ours = pytest.mark.parametrize("name", OURS)
frequencies = pytest.mark.parametrize("freq", list(LENGTHS))


def history(freq, seed=1, length=None):
    """A growing series with a season and noise, above zero."""
    count, season = LENGTHS[freq]
    count = length or count
    random, time = np.random.default_rng(seed), np.arange(count)
    course = 0.004 * time + np.cumsum(random.normal(0, 0.02, count)) + 0.2 * np.sin(2 * np.pi * time / season)
    dates = pd.date_range("2024-01-01", periods=count, freq=freq)
    return pd.Series(100 * np.exp(course + random.normal(0, 0.05, count)), dates)


def said(name, train, freq, horizon=14, season=None):
    future = pd.date_range(train.index[-1], periods=horizon + 1, freq=freq)[1:]
    return predicted(METHODS[name](train, future, season or LENGTHS[freq][1]), horizon)


@ours
@frequencies
def test_every_method_expects_something_finite_and_says_how_sure_it_is(name, freq):
    train = history(freq)
    found = said(name, train, freq)
    course = found.quantiles(SCORES)
    assert found.center.shape == found.spread.shape == (14,)
    assert np.isfinite(course).all()
    assert (found.spread > 0).all()
    assert (np.abs(course[1] / train.mean() - 1) < 1).all()


@ours
@frequencies
def test_a_series_times_k_is_expected_k_times_as_large(name, freq):
    train = history(freq)
    plain, large = said(name, train, freq).quantiles(SCORES), said(name, train * 1_000, freq).quantiles(SCORES)
    np.testing.assert_allclose(large, plain * 1_000, rtol=1e-6)


@ours
@frequencies
@pytest.mark.parametrize("value", [1.0, 42.0])
def test_a_constant_stays_and_has_no_width(name, freq, value):
    found = said(name, history(freq) * 0 + value, freq).quantiles(SCORES)
    np.testing.assert_allclose(found, value, rtol=1e-8)


@pytest.mark.parametrize("name", [name for name in OURS if name not in LOG])
@frequencies
def test_zeros_stay_zero(name, freq):
    found = said(name, history(freq) * 0, freq).quantiles(SCORES)
    np.testing.assert_allclose(found, 0.0, atol=1e-8)


@pytest.mark.parametrize("name", [name for name in OURS if name not in (*LOG, "seasonal_naive")])
def test_a_line_is_gone_on_along(name):
    line = pd.Series(50.0 + 3.0 * np.arange(80), pd.date_range("2026-01-01", periods=80))
    found = said(name, line, "D", horizon=3)
    rising = found.center - line.iloc[-1]
    assert (np.diff(np.append(0.0, rising)) > (1.0 if name == "theta" else 2.0)).all()  # theta takes half of the slope


@pytest.mark.parametrize("name", LOG)
@pytest.mark.parametrize("value", [0.0, -3.0])
def test_methods_on_the_logarithm_need_values_above_zero(name, value):
    train = history("D")
    train.iloc[40] = value
    failures = {}
    members = predict(
        train,
        pd.date_range("2024-05-30", periods=7),
        Calendar("D", pd.offsets.Day(), 7),
        {name: METHODS[name], "drift": METHODS["drift"]},
        failures,
    )
    assert list(members) == ["drift"]
    assert list(failures) == [name]


@ours
@frequencies
def test_gaps_are_bridged(name, freq):
    train = history(freq)
    train.iloc[[0, 9, 10, -3]] = np.nan
    assert np.isfinite(said(name, train, freq).quantiles(SCORES)).all()


def test_seasonal_naive_repeats_the_last_season_and_is_less_sure_of_each_further_one():
    train = history("D")
    found = said("seasonal_naive", train, "D", horizon=17)
    np.testing.assert_array_equal(found.center, np.tile(train.iloc[-7:], 3)[:17])
    error = np.sqrt(np.mean((train.to_numpy()[7:] - train.to_numpy()[:-7]) ** 2))
    np.testing.assert_allclose(found.spread[[0, 6, 7, 14]], error * np.sqrt([1, 1, 2, 3]))


def test_with_fewer_than_two_seasons_seasonal_naive_is_drift():
    train = history("MS", length=20)
    short, drift = (said(name, train, "MS") for name in ("seasonal_naive", "drift"))
    np.testing.assert_array_equal(short.center, drift.center)


def test_drift_goes_on_along_the_line_from_the_first_value_to_the_last():
    train = pd.Series([10.0, 30.0, 5.0, 40.0], pd.date_range("2026-01-01", periods=4))
    np.testing.assert_allclose(said("drift", train, "D", horizon=3).center, [50.0, 60.0, 70.0])


@ours
@frequencies
def test_a_longer_horizon_keeps_what_is_expected_of_the_shorter(name, freq):
    train = history(freq)
    short, long = (said(name, train, freq, horizon=horizon).quantiles(SCORES) for horizon in (5, 14))
    np.testing.assert_allclose(long[:, :5], short, rtol=1e-12)


def test_a_season_of_the_year_is_seen_in_three_years_of_days():
    dates = pd.date_range("2023-01-01", periods=1_000)
    train = pd.Series(100 + 20 * np.cos(2 * np.pi * np.arange(1_000) / 365.25), dates)
    found = said("theta", train, "D", horizon=90)
    expected = 100 + 20 * np.cos(2 * np.pi * np.arange(1_000, 1_090) / 365.25)
    np.testing.assert_allclose(found.center, expected, rtol=0.05)


def test_growth_on_the_logarithm_has_an_end():
    train = pd.Series(np.exp(0.5 * np.arange(24)), pd.date_range("2024-01-01", periods=24, freq="MS"))
    for name in LOG:
        assert said(name, train, "MS", horizon=120).center.max() <= np.log(train.max()) + 4.0


LONGER = ["ets", "log_theta", "log_ces", "log_ar"]
DAILY = ["ets", "log_ces", "log_ar"]
TINY = ["drift", "theta", "ets"]


@pytest.mark.parametrize(
    ("freq", "length", "expected"),
    [
        ("D", 150, DAILY),
        ("D", 12, DAILY),
        ("D", 11, TINY),
        ("W-SUN", 120, LONGER),
        ("MS", 36, LONGER),
        ("MS", 12, LONGER),
        ("MS", 11, TINY),
    ],
)
def test_the_family_is_fixed_by_frequency_and_length(freq, length, expected):
    frequency = freq.partition("-")[0]
    assert list(family(history(freq, length=length), frequency)) == expected


@pytest.mark.parametrize(("freq", "expected"), [("D", ["ets", "ces", "ar"]), ("MS", ["ets", "theta", "ces", "ar"])])
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_series_that_touches_zero_has_a_family_without_logarithms(freq, expected, value):
    values = history(freq)
    values.iloc[3] = value
    assert list(family(values, freq)) == expected


def test_missing_values_count_neither_for_the_length_nor_as_zeros():
    values = history("D", length=15)
    assert list(family(values, "D")) == DAILY
    values.iloc[5:10] = np.nan
    assert list(family(values, "D")) == TINY


@pytest.mark.parametrize("freq", ["D", "W-SUN", "MS"])
def test_weights_are_the_default_but_on_a_few_values_or_many_zeros(freq):
    values = history(freq, length=40)
    assert is_weighted(values)
    assert not is_weighted(values.head(11))
    values.iloc[:13] = 0.0
    assert not is_weighted(values)


def test_methods_asked_for_replace_the_family():
    mine = {"mine": METHODS["drift"]}
    assert asked(mine, None, "D").family(history("D")) == mine
    assert list(asked(None, None, "D").family(history("D"))) == DAILY
    assert asked(mine, None, "D").prior == {}
    assert set(asked(None, None, "D").prior) >= {*DAILY, *LONGER}


def test_the_family_and_its_weights_are_asked_of_each_training_series():
    found, long, short = asked(None, None, "D"), history("D"), history("D", length=11)
    assert (list(found.family(long)), list(found.family(short))) == (DAILY, TINY)
    assert (found.is_weighted(long), found.is_weighted(short)) == (True, False)
    for weighted in (True, False):
        assert asked(None, weighted, "D").is_weighted(long) is weighted
        assert asked(None, weighted, "D").is_weighted(short) is weighted


def test_methods_beside_the_family_are_none_unless_named():
    beside = {"mine": METHODS["drift"]}
    assert asked(None, None, "D").beside == {}
    found = asked(None, None, "D", beside=beside)
    assert found.beside == beside
    assert "mine" not in found.family(history("D"))
