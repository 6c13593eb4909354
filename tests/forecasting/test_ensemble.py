import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiecon.errors import FrameError, InputError
from aiecon.forecasting import backtest, ensemble
from aiecon.forecasting import calendar as calendars
from aiecon.forecasting.ensemble import LEVELS, forecast
from aiecon.forecasting.methods import METHODS, ets, seasonal_naive

FAST = {"seasonal_naive": seasonal_naive, "ets": ets}


def noisy(seed, length=150, level=1_000.0):
    random = np.random.default_rng(seed)
    shape = np.array([1.2, 1.2, 1.15, 1.1, 1.0, 0.6, 0.5])
    dates = pd.date_range("2025-01-06", periods=length)
    walk = np.cumsum(random.normal(0, 0.01, length))
    return pd.DataFrame(
        {"date": dates, "value": level * np.exp(walk) * shape[dates.day_of_week] * random.lognormal(0, 0.05, length)}
    )


def test_levels_never_cross_and_dates_go_on(days):
    frame = forecast(days, horizon=30).to_frame()
    assert list(frame.columns) == ["series", "date", "p2_5", "p10", "p50", "p90", "p97_5"]
    assert (frame[list(LEVELS)].diff(axis=1).iloc[:, 1:] >= 0).all().all()
    assert frame["date"].iloc[0] == days["date"].iloc[-1] + pd.Timedelta(days=1)
    assert len(frame) == 30


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1_000), st.floats(0.01, 1_000))
def test_prices_times_k_give_spend_times_k(seed, factor):
    history = noisy(seed)
    base = forecast(history, horizon=14, methods=FAST, origins=4).to_frame()
    scaled = forecast(history.assign(value=history["value"] * factor), horizon=14, methods=FAST, origins=4).to_frame()
    assert np.allclose(scaled[list(LEVELS)], base[list(LEVELS)] * factor, rtol=2e-3)


def test_row_order_never_matters(days):
    shuffled = days.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(forecast(days, horizon=7).to_frame(), forecast(shuffled, horizon=7).to_frame())


def test_a_longer_horizon_keeps_the_expected_values_of_the_shorter(days):
    short, long = (forecast(days, horizon=horizon, methods=FAST).expected for horizon in (7, 21))
    assert np.allclose(long["total"].iloc[:7], short["total"])


def test_without_noise_the_range_closes(days):
    steady = days.assign(value=100.0)
    frame = forecast(steady, horizon=14, methods=FAST).to_frame()
    assert np.allclose(frame["p10"], 100.0, atol=1e-3)
    assert np.allclose(frame["p90"], 100.0, atol=1e-3)


def test_quantiles_of_the_sum_are_not_sums_of_quantiles():
    found = forecast(noisy(5), horizon=28, methods=FAST)
    total, frame = found.sum_quantiles(np.ones(28)), found.to_frame()
    assert total["p50"] == pytest.approx(frame["p50"].sum())
    assert total["p90"] < frame["p90"].sum()


def test_breach_probability_agrees_with_the_quantiles():
    found = forecast(noisy(6), horizon=28, methods=FAST)
    total = found.sum_quantiles(np.ones(28))
    for name, share in LEVELS.items():
        assert found.sum_exceeds(np.ones(28), total[name]) == pytest.approx(1 - share, abs=1e-9)


def test_one_failing_method_is_recorded_and_survived(days):
    def broken(train, future, season):
        raise RuntimeError("no luck")

    found = forecast(days, horizon=7, methods={**FAST, "broken": broken})
    assert "no luck" in found.failures["total"]["broken"]
    assert np.isfinite(found.to_frame()["p50"]).all()


def test_when_every_method_fails_the_words_say_so(days):
    def broken(train, future, season):
        return np.full(len(future), np.nan)

    with pytest.raises(InputError, match="every method failed on series 'total'"):
        forecast(days, horizon=7, methods={"broken": broken})


def test_a_gap_does_not_become_zero_spend(days):
    gappy = days.drop(index=range(100, 107))
    full, holed = (forecast(history, horizon=7, methods=FAST) for history in (days, gappy))
    ratio = holed.sum_quantiles(np.ones(7))["p50"] / full.sum_quantiles(np.ones(7))["p50"]
    assert 0.97 < ratio < 1.03


def test_series_add_up_to_the_total(days):
    two = pd.concat([days.assign(series="a"), days.assign(series="b", value=days["value"] * 3)])
    found = forecast(two, horizon=7, methods=FAST)
    parts = found.to_frame().groupby("series")["p50"].sum()
    assert found.sum_quantiles(np.ones(7))["p50"] == pytest.approx(parts.sum())


def test_a_series_that_has_just_begun_borrows_its_width(days):
    late = days.tail(3).assign(series="new", value=10.0)
    found = forecast(pd.concat([days.assign(series="old"), late]), horizon=7, methods=FAST)
    frame = found.to_frame().set_index("series").loc["new"]
    assert np.allclose(frame["p50"], 10.0)
    assert (frame["p90"] > frame["p50"]).all()
    assert any("new" in note for note in found.notes)


def test_a_history_too_short_is_refused_with_what_is_needed(days):
    with pytest.raises(InputError, match="has 5 values; at least 6"):
        forecast(days.head(5), horizon=3)


def test_all_problems_of_a_history_come_together():
    broken = pd.DataFrame({"date": ["2026-01-01", "4/1/26", "2026-01-03 10:00"], "value": [1.0, "x", 2.0]})
    with pytest.raises(FrameError) as error:
        forecast(broken, horizon=3)
    assert len(error.value.problems) == 3


def test_eighty_per_cent_ranges_hold_about_eighty_per_cent_of_what_comes():
    inside = []
    for seed in range(40):
        history = noisy(seed, length=148)
        found = forecast(history.head(120), horizon=28, methods=FAST, origins=8)
        total = found.sum_quantiles(np.ones(28))
        inside.append(total["p10"] <= history["value"].tail(28).sum() <= total["p90"])
    assert 0.65 <= np.mean(inside) <= 0.95


def test_prophet_is_one_of_the_methods_and_gives_the_same_twice(days):
    train = days.set_index("date")["value"].asfreq("D")
    future = pd.date_range("2026-04-01", periods=7)
    first, second = (METHODS["prophet"](train, future, 7) for _ in range(2))
    assert (first == second).all()
    assert ensemble.mase(forecast(days, horizon=7)).keys() == {"seasonal_naive", "ets", "prophet", "median"}


def series_of(**values):
    """A history of series that all end on 2026-03-31."""
    frames = [
        pd.DataFrame({"date": pd.date_range(end="2026-03-31", periods=len(found)), "series": name, "value": found})
        for name, found in values.items()
    ]
    return pd.concat(frames)


def test_a_series_of_few_values_is_held_at_their_mean(days):
    found = forecast(series_of(long=days["value"], refunds=[-4.0, -6.0], zeros=[0.0, 0.0]), horizon=7, methods=FAST)
    assert found.expected["refunds"].tolist() == [-5.0] * 7
    assert found.expected["zeros"].tolist() == [0.0] * 7
    frame = found.to_frame().set_index("series").loc["refunds"]
    assert (frame["p10"] < frame["p90"]).all()


def width(values):
    frame = forecast(series_of(total=values), horizon=28, methods=FAST).to_frame()
    return float((frame["p90"] - frame["p10"]).mean())


def test_one_late_spike_does_not_multiply_the_yardstick_of_the_width():
    calm = noisy(3)["value"].to_numpy()
    spiked = calm.copy()
    spiked[-5] *= 1_000
    assert level_of(spiked) == pytest.approx(level_of(calm), rel=0.05)


def test_spend_that_has_stopped_keeps_a_width():
    stopped = noisy(3)["value"].to_numpy().copy()
    stopped[70:] = 0.0
    assert level_of(stopped) > 0.1 * level_of(stopped[:70])
    assert width(stopped) > 0.0


def test_spend_on_few_days_is_measured_by_its_mean_day():
    lumpy = np.where(np.arange(150) % 10 == 3, 500.0, 0.0)
    assert level_of(lumpy) == pytest.approx(50.0)


def level_of(values):
    history = pd.DataFrame({"date": pd.date_range("2025-01-06", periods=len(values)), "series": "s", "value": values})
    train, calendar = calendars.regular(history, "D")
    return backtest.level(train["s"], calendar)
