from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

from aiecon.errors import FrameError, InputError
from aiecon.forecasting import ensemble
from aiecon.forecasting.ensemble import LEVELS, forecast
from aiecon.forecasting.methods import METHODS
from aiecon.forecasting.predicted import Predicted

QUANTILES = list(LEVELS)
FAST = {name: METHODS[name] for name in ("seasonal_naive", "theta", "ets")}
SLOW_LAW = law(10)


def noisy(seed=1, length=150, level=1_000.0, **columns):
    """Daily spend with a week, noise and a level that wanders."""
    random = np.random.default_rng(seed)
    dates = pd.date_range("2025-01-06", periods=length)
    shape = np.array([1.2, 1.2, 1.15, 1.1, 1.0, 0.6, 0.5])[dates.day_of_week]
    walk = np.cumsum(random.normal(0, 0.01, length))
    values = level * np.exp(walk) * shape * random.lognormal(0, 0.05, length)
    return pd.DataFrame({"date": dates, "value": values, **columns})


def monthly(length, seed=1, growth=0.02, noise=0.05, **columns):
    random = np.random.default_rng(seed)
    values = 100 * np.exp(growth * np.arange(length)) * random.lognormal(0, noise, length)
    return pd.DataFrame({"date": pd.date_range("2024-01-01", periods=length, freq="MS"), "value": values, **columns})


def quantiles(found):
    return found.to_frame()[QUANTILES].to_numpy()


def series_of(**values):
    """A history of series that all end on 2026-03-31."""
    frames = [
        pd.DataFrame({"date": pd.date_range(end="2026-03-31", periods=len(found)), "series": name, "value": found})
        for name, found in values.items()
    ]
    return pd.concat(frames, ignore_index=True)


def test_the_frame_has_a_row_a_series_and_date_and_dates_go_on(days):
    found = forecast(days, horizon=30, methods=FAST, origins=4)
    frame = found.to_frame()
    assert list(frame) == ["series", "date", *QUANTILES]
    assert frame["date"].iloc[0] == days["date"].iloc[-1] + pd.Timedelta(days=1)
    assert len(frame) == 30
    assert frame["p50"].tolist() == found.expected["total"].tolist()
    pd.testing.assert_frame_equal(found.total_frame(), frame.drop(columns="series"))


@SLOW_LAW
@given(st.integers(0, 1_000), st.sampled_from([20, 60, 95]), st.sampled_from(["plain", "zeros", "credits"]))
def test_levels_never_cross_and_nothing_lies_below_zero_that_never_did(seed, length, kind):
    history = noisy(seed, length)
    if kind == "zeros":
        history.loc[::4, "value"] = 0.0
    if kind == "credits":
        history.loc[::4, "value"] *= -1
    found = forecast(history, horizon=10, origins=2)
    levels = quantiles(found)
    assert (np.diff(levels, axis=1) >= 0).all()
    assert np.isfinite(levels).all()
    assert kind == "credits" or (levels >= 0).all()
    weights = np.random.default_rng(seed).integers(0, 2, 10).astype(float)
    sums = [*found.sum_quantiles(np.ones(10)).values(), *found.sum_quantiles(weights).values()]
    assert kind == "credits" or min(sums) >= 0
    assert kind == "credits" or (found.total_frame()[QUANTILES] >= 0).all().all()
    assert kind == "credits" or found.sum_exceeds(weights, -1e-9) == 1.0


@SLOW_LAW
@given(st.integers(0, 1_000), st.floats(0.001, 1e6), st.booleans())
def test_prices_times_k_give_spend_times_k(seed, factor, is_monthly):
    history = monthly(30, seed) if is_monthly else noisy(seed, 110)
    scaled = history.assign(value=history["value"] * factor)
    base, large = (quantiles(forecast(one, horizon=6, methods=FAST, origins=3)) for one in (history, scaled))
    np.testing.assert_allclose(large, base * factor, rtol=1e-6)


@pytest.mark.parametrize("history", [noisy(length=110), noisy(length=40), monthly(30)], ids=["long", "short", "months"])
def test_prices_times_k_give_spend_times_k_for_the_default_methods(history):
    """But for what complex smoothing of the logarithm owes to the unit: see test_methods."""
    scaled = history.assign(value=history["value"] * 1_000)
    base, large = (quantiles(forecast(one, horizon=6, origins=3)) for one in (history, scaled))
    np.testing.assert_allclose(large, base * 1_000, rtol=0.01)


@pytest.mark.parametrize("value", [0.0, 0.1, 100.0, 1e9, -3.0])
@pytest.mark.parametrize(
    ("length", "freq"),
    [(6, "MS"), (12, "MS"), (24, "MS"), (60, "MS"), (20, "W-SUN"), (120, "W-SUN"), (10, "D"), (60, "B"), (100, "D")],
)
def test_a_constant_stays_and_has_no_width(value, length, freq):
    history = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=length, freq=freq), "value": value})
    found = forecast(history, horizon=5, origins=3)
    np.testing.assert_allclose(quantiles(found), value, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.total_paths, value, rtol=1e-7, atol=1e-9)
    assert found.sum_quantiles(np.ones(5))["p97_5"] == pytest.approx(5 * value, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("freq", ["D", "MS"])
def test_row_order_and_the_order_of_series_never_matter(freq):
    make = noisy if freq == "D" else monthly
    history = pd.concat([make(length=40, seed=seed, series=name) for seed, name in ((1, "b"), (2, "a"))])
    shuffled = history.sample(frac=1, random_state=3).reset_index(drop=True)
    first, second = (forecast(one, horizon=5, methods=FAST, origins=3) for one in (history, shuffled))
    pd.testing.assert_frame_equal(first.to_frame(), second.to_frame())
    np.testing.assert_array_equal(first.total_paths, second.total_paths)


@pytest.mark.parametrize("history", [noisy(length=60), monthly(36)], ids=["days", "months"])
def test_a_longer_horizon_keeps_the_expected_values_of_the_shorter(history):
    short, long = (forecast(history, horizon=horizon, origins=2).expected["total"] for horizon in (4, 9))
    np.testing.assert_array_equal(long.iloc[:4], short)


@pytest.mark.parametrize("horizons", [(5, 6), (5, 32), (26, 32), (32, 100)])
def test_a_longer_horizon_keeps_every_level_of_the_shorter(horizons):
    """Both have the same back-test whatever is asked, and so the same weights and factors."""
    short, long = (forecast(noisy(length=100), horizon=horizon, origins=3) for horizon in horizons)
    assert short.backtests["total"].weights is not None
    np.testing.assert_allclose(quantiles(long)[: horizons[0]], quantiles(short), rtol=1e-12)


def test_the_seed_moves_sums_and_leaves_the_levels_of_single_periods_as_they_are():
    first, second = (forecast(noisy(length=60), horizon=7, methods=FAST, origins=3, seed=seed) for seed in (0, 1))
    pd.testing.assert_frame_equal(first.to_frame(), second.to_frame())
    one, other = (found.sum_quantiles(np.ones(7)) for found in (first, second))
    assert one["p90"] != other["p90"]
    assert one["p90"] == pytest.approx(other["p90"], rel=0.02)


def test_a_users_function_is_a_method_like_any_other(days):
    def flat(train, future, season):
        return np.full(len(future), 70.0)

    found = forecast(days, horizon=7, methods={"flat": flat})
    np.testing.assert_allclose(found.expected["total"], 70.0)
    assert (found.to_frame()["p90"] > 70.0).all()  # it says no range and gets that of a random walk
    two = {"low": flat, "high": lambda train, future, season: flat(train, future, season) + 20}
    between = forecast(days, horizon=7, methods=two, is_weighted=False)
    np.testing.assert_allclose(between.expected["total"], 80.0)


def test_a_users_function_may_say_how_sure_it_is(days):
    def sure(train, future, season):
        return Predicted(np.full(len(future), 70.0), np.full(len(future), 1e-9))

    frame = forecast(days, horizon=7, methods={"sure": sure}, is_weighted=False).to_frame()
    np.testing.assert_allclose(frame[QUANTILES], 70.0, atol=1e-6)


def with_and_without_a_failing_method(history, *, is_weighted):
    def broken(train, future, season):
        raise RuntimeError("no luck")

    return (
        forecast(history, horizon=7, methods=methods, origins=3, is_weighted=is_weighted)
        for methods in ({**FAST, "broken": broken}, FAST)
    )


def test_one_failing_method_is_recorded_and_survived(days):
    found, alone = with_and_without_a_failing_method(days, is_weighted=False)
    assert found.failures == {"total": {"broken": "RuntimeError: no luck"}}
    pd.testing.assert_frame_equal(found.to_frame(), alone.to_frame())


def test_one_failing_method_leaves_the_weights_of_the_others_as_they_are(days):
    found, alone = with_and_without_a_failing_method(days, is_weighted=True)
    pd.testing.assert_frame_equal(found.to_frame(), alone.to_frame())


def test_a_series_on_which_every_method_fails_is_refused_and_the_others_are_forecast(days):
    def picky(train, future, season):
        if train.iloc[-1] > 1_000:
            raise RuntimeError("too dear")
        return np.full(len(future), train.iloc[-1])

    two = pd.concat([days.assign(series="cheap"), days.assign(series="dear", value=5_000.0)])
    found = forecast(two, horizon=7, methods={"picky": picky})
    assert list(found.fans) == list(found.history) == ["cheap"]
    assert found.refused == {"dear": "every method failed (picky: RuntimeError: too dear)"}
    assert found.notes[0] == (
        "Series dear is not forecast and not in the totals: every method failed (picky: RuntimeError: too dear)"
    )
    with pytest.raises(InputError, match=r"series 'total': every method failed \(picky: RuntimeError: too dear\)"):
        forecast(days.assign(value=5_000.0), horizon=7, methods={"picky": picky})


def test_a_method_that_returns_no_finite_forecast_of_the_horizon_fails(days):
    methods = {
        **FAST,
        "short": lambda train, future, season: np.ones(2),
        "endless": lambda train, future, season: np.full(len(future), np.inf),
    }
    found = forecast(days, horizon=7, methods=methods, origins=3)
    assert found.failures["total"] == {
        "short": "ValueError: it returned shape (2,), expected (7,)",
        "endless": "ValueError: it returned values that are not finite",
    }


def test_no_period_passes_the_ceiling():
    plain = forecast(noisy(), horizon=14, methods=FAST, origins=3)
    ceiling = float(plain.to_frame()["p90"].median())
    found = forecast(noisy(), horizon=14, methods=FAST, origins=3, ceiling=ceiling)
    np.testing.assert_array_equal(quantiles(found), np.minimum(quantiles(plain), ceiling))


def test_no_path_passes_the_ceiling():
    ceiling = float(forecast(noisy(), horizon=14, methods=FAST, origins=3).to_frame()["p97_5"].median())
    found = forecast(noisy(), horizon=14, methods=FAST, origins=3, ceiling=ceiling)
    assert found.total_paths.max() <= ceiling + 1e-9


def on_few_days():
    return forecast(series_of(total=np.where(np.arange(150) % 10 == 3, 500.0, 0.0)), horizon=30, origins=4)


def test_spend_on_few_days_is_expected_near_its_mean_day_and_never_below_zero():
    found = on_few_days()
    assert (quantiles(found) >= 0).all()
    assert found.expected["total"].mean() == pytest.approx(50.0, rel=0.3)


def test_the_sum_of_spend_on_few_days_is_near_its_mean():
    assert on_few_days().sum_quantiles(np.ones(30))["p50"] == pytest.approx(30 * 50.0, rel=0.3)


def test_a_gap_does_not_become_zero_spend(days):
    full, holed = (
        forecast(history, horizon=7, methods=FAST, origins=4).sum_quantiles(np.ones(7))["p50"]
        for history in (days, days.drop(index=range(100, 107)))
    )
    assert 0.97 < holed / full < 1.03


def test_after_a_level_shift_the_forecast_is_on_the_new_level():
    history = noisy()
    shifted = history.assign(value=np.where(history.index >= 110, 3.0, 1.0) * history["value"])
    before, after = (forecast(one, horizon=14, origins=6).expected["total"].mean() for one in (history, shifted))
    assert after / before == pytest.approx(3.0, rel=0.15)


@pytest.mark.parametrize("length", [6, 7, 8, 12, 18, 24])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_few_months_are_forecast_within_reason(length, seed):
    found = forecast(monthly(length, seed), horizon=6)
    frame, expected = found.to_frame(), 100 * np.exp(0.02 * np.arange(length, length + 6))
    assert found.backtests["total"].steps <= length // 4
    assert (frame["p50"] / expected).between(0.75, 1.35).all()
    assert ((frame["p2_5"] < frame["p50"]) & (frame["p50"] < frame["p97_5"])).all()


def test_a_history_too_short_to_test_the_horizon_says_so(days):
    found = forecast(monthly(8), horizon=6)
    assert "The history is short: 6 periods are forecast and only 2 could be back-tested" in found.notes[0]
    assert not forecast(days, horizon=7, methods=FAST, origins=3).notes


def test_days_off_are_not_forecast():
    dates = pd.bdate_range("2025-01-06", periods=80)
    history = pd.DataFrame({"date": dates, "value": 100.0 + 10.0 * dates.day_of_week})
    found = forecast(history, horizon=10, origins=3)
    assert set(found.dates.day_of_week) == set(range(5))
    np.testing.assert_allclose(found.expected["total"], 100.0 + 10.0 * found.dates.day_of_week, rtol=0.02)
    assert found.notes == ("No value ever falls on Saturday, Sunday; none is forecast there",)


def test_credits_below_zero_are_forecast_below_zero():
    found = forecast(series_of(total=np.tile([-10.0, -12.0], 30)), horizon=6, origins=3)
    np.testing.assert_allclose(found.expected["total"], -11.0, atol=1.5)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("value", np.inf, "row 30 has 'inf', a finite number is expected"),
        ("value", "ten", "row 30 has 'ten', a number is expected"),
        ("date", pd.Timestamp("2025-01-06"), "row 30 has '2025-01-06 00:00:00', one row a date and series is expected"),
    ],
)
def test_a_broken_series_is_refused_by_name_and_row_and_the_others_are_forecast(column, value, words):
    history = pd.concat([noisy(1, 20, series="good"), noisy(2, 20, series="bad")], ignore_index=True)
    history = history.astype({column: object})
    history.loc[30, column] = value
    found = forecast(history, horizon=3, methods=FAST, origins=2)
    assert list(found.fans) == ["good"]
    assert words in found.refused["bad"]
    assert any(note.startswith("Series bad is not forecast and not in the totals:") for note in found.notes)
    with pytest.raises(FrameError, match=words.replace("30", "10").split(",")[0]):
        forecast(history[history["series"] == "bad"].drop(columns="series").reset_index(drop=True), horizon=3)


@pytest.mark.long
def test_a_thousand_series_of_which_two_are_broken_give_998_and_two_names():
    months, random = pd.date_range("2024-01-01", periods=24, freq="MS"), np.random.default_rng(0)
    history = pd.DataFrame(
        {
            "date": np.tile(months, 1_000),
            "series": np.repeat([f"s{place:03}" for place in range(1_000)], 24),
            "value": (100 * random.lognormal(0, 0.1, 24_000)).astype(object),
        }
    )
    history.loc[24 * 3 + 5, "value"] = np.inf
    history.loc[24 * 700 + 1, "value"] = "twelve"
    history.loc[24 * 700 + 3, "date"] = months[2]
    told = []
    found = forecast(
        history,
        horizon=3,
        methods={"drift": METHODS["drift"]},
        origins=1,
        tell=lambda done, every: told.append((done, every)),
    )
    assert len(found.fans) == 998
    assert found.expected.notna().all().all()
    assert set(found.refused) == {"s003", "s700"}
    assert "row 77 has 'inf'" in found.refused["s003"]
    assert "row 16801 has 'twelve'" in found.refused["s700"]
    assert "row 16803 has '2024-03-01 00:00:00', one row a date and series" in found.refused["s700"]
    assert [note.split()[1] for note in found.notes[:2]] == list(found.refused)
    assert told == [(done, 998) for done in range(1, 999)]


def test_the_number_of_workers_changes_nothing(monkeypatch):
    monkeypatch.setattr(ensemble, "WIDE_CALL", 60)
    history = pd.concat([monthly(24, seed, series=f"s{seed:02}") for seed in range(60)], ignore_index=True)
    told = []
    alone = forecast(history, horizon=3, origins=2)
    shared = forecast(history, horizon=3, origins=2, workers=2, tell=lambda done, every: told.append((done, every)))
    pd.testing.assert_frame_equal(shared.to_frame(), alone.to_frame())
    np.testing.assert_array_equal(shared.total_paths, alone.total_paths)
    assert shared.factors == alone.factors
    assert told == [(done, 60) for done in range(1, 61)]


def test_methods_asked_for_travel_to_the_workers(monkeypatch):
    monkeypatch.setattr(ensemble, "WIDE_CALL", 50)
    history = pd.concat([monthly(12, seed, series=f"s{seed:02}") for seed in range(50)], ignore_index=True)
    methods = {"theta": METHODS["theta"], "last": lambda train, future, season: np.repeat(train.iloc[-1], len(future))}
    alone, shared = (
        forecast(history, horizon=1, origins=1, methods=methods, workers=workers).to_frame() for workers in (1, 2)
    )
    pd.testing.assert_frame_equal(shared, alone)


def test_series_add_up_to_the_total(days):
    two = pd.concat([days.assign(series="a"), days.assign(series="b", value=days["value"] * 3)])
    found = forecast(two, horizon=7, methods=FAST, origins=4)
    paths = sum(fan.paths(seed=0) for fan in found.fans.values())
    np.testing.assert_allclose(found.total_paths, paths)
    frame = found.total_frame()
    assert list(frame) == ["date", *QUANTILES]
    np.testing.assert_allclose(frame[QUANTILES].to_numpy().T, np.quantile(paths, list(LEVELS.values()), axis=0))
    parts = found.to_frame().groupby("series")["p50"].sum()
    assert found.sum_quantiles(np.ones(7))["p50"] == pytest.approx(parts.sum(), rel=0.01)


def test_what_comes_on_top_of_a_series_is_in_its_ranges_and_the_totals(days):
    plain = forecast(days, horizon=7, methods=FAST, origins=3)
    found = replace(plain, extras={"total": np.full((2_000, 7), 5.0)})
    np.testing.assert_allclose(found.total_paths, plain.total_paths + 5.0)
    np.testing.assert_allclose(found.total_frame()["p50"], plain.total_frame()["p50"] + 5.0, rtol=1e-4)
    np.testing.assert_allclose(found.to_frame()["p90"], plain.to_frame()["p90"] + 5.0, rtol=1e-2)


def test_a_sum_that_equals_a_limit_does_not_pass_it():
    flat = [{"date": day.date(), "value": 0.1} for day in pd.date_range("2026-01-01", periods=60)]
    found = forecast(flat, horizon=30, origins=3)
    assert found.sum_exceeds(np.ones(30), 3.0) == 0.0
    assert found.sum_exceeds(np.ones(30), 2.999) == 1.0


def test_a_series_that_is_added_leaves_the_expected_values_of_the_others_as_they_were():
    two = pd.concat([noisy(seed, 60, series=name) for seed, name in ((1, "a"), (2, "b"))])
    three = pd.concat([two, noisy(3, 60, series="aa")])
    before, after = (forecast(one, horizon=7, origins=3).expected for one in (two, three))
    pd.testing.assert_frame_equal(after[["a", "b"]], before)


def test_quantiles_of_the_sum_are_not_sums_of_quantiles():
    found = forecast(noisy(5), horizon=28, methods=FAST, origins=6)
    total, frame = found.sum_quantiles(np.ones(28)), found.to_frame()
    assert total["p50"] == pytest.approx(frame["p50"].sum(), rel=0.01)
    assert total["p90"] < frame["p90"].sum()
    assert total["p10"] > frame["p10"].sum()
    shifted = found.sum_quantiles(np.ones(28), offset=50.0)
    assert shifted == pytest.approx({level: value + 50.0 for level, value in total.items()})


def test_breach_probability_agrees_with_the_quantiles():
    found = forecast(noisy(6), horizon=28, methods=FAST, origins=6)
    total = found.sum_quantiles(np.ones(28))
    for name, share in LEVELS.items():
        assert found.sum_exceeds(np.ones(28), total[name]) == pytest.approx(1 - share, abs=1e-3)
        assert found.sum_exceeds(np.ones(28), total[name] + 9.0, offset=9.0) == pytest.approx(1 - share, abs=1e-3)
    assert found.sum_exceeds(np.ones(28), 0.0) == 1.0


def test_eighty_per_cent_ranges_hold_about_eighty_per_cent_of_what_comes():
    inside, sums = [], []
    for seed in range(40):
        history = noisy(seed, length=88)
        found = forecast(history.head(74), horizon=14, methods=FAST, origins=4)
        came, frame = history["value"].tail(14).to_numpy(), found.to_frame()
        inside.append(((came >= frame["p10"]) & (came <= frame["p90"])).mean())
        total = found.sum_quantiles(np.ones(14))
        sums.append(total["p10"] <= came.sum() <= total["p90"])
    assert 0.7 <= np.mean(inside) <= 0.9
    assert 0.65 <= np.mean(sums) <= 0.95


def test_a_series_that_has_just_begun_borrows_its_width_and_keeps_its_mean(days):
    found = forecast(
        series_of(long=days["value"], refunds=[-4.0, -6.0], zeros=[0.0, 0.0]), horizon=7, methods=FAST, origins=4
    )
    assert found.expected["refunds"].tolist() == [-5.0] * 7
    assert found.expected["zeros"].tolist() == [0.0] * 7
    frame = found.to_frame().set_index("series")
    assert (frame.loc["refunds", "p10"] < frame.loc["refunds", "p90"]).all()
    long, short = frame.loc["long"], frame.loc["refunds"]
    relative = ((long["p90"] - long["p50"]) / days["value"].mean()).to_numpy()
    np.testing.assert_allclose((short["p90"] - short["p50"]) / 5.0, relative, rtol=0.3)
    assert found.notes == ("Too few values for a back-test, width taken from the other series: refunds, zeros",)
    assert set(found.backtests) == {"long"}


def width(values):
    frame = forecast(series_of(total=values), horizon=14, methods=FAST, origins=6).to_frame()
    return float((frame["p90"] - frame["p10"]).mean())


def test_wilder_series_have_wider_ranges():
    calm, wild = (100 * np.random.default_rng(1).lognormal(0, noise, 100) for noise in (0.05, 0.2))
    assert width(wild) > 3 * width(calm)


def test_spend_that_has_stopped_keeps_a_width():
    stopped = noisy(3)["value"].to_numpy().copy()
    stopped[110:] = 0.0
    assert width(stopped) > 0.0


def test_a_history_too_short_is_refused_with_what_is_needed(days):
    with pytest.raises(InputError, match="the history has 5 values; at least 6"):
        forecast(days.head(5), horizon=3)


def test_a_horizon_below_one_is_refused(days):
    with pytest.raises(InputError, match="horizon must be a whole number from 1 to 5,000, got 0"):
        forecast(days, horizon=0)


def test_all_problems_of_a_history_come_together():
    broken = pd.DataFrame({"date": ["2026-01-01", "4/1/26", "2026-01-03 10:00"], "value": [1.0, "x", 2.0]})
    with pytest.raises(FrameError) as error:
        forecast(broken, horizon=3)
    assert len(error.value.problems) == 3


def test_the_back_test_of_an_earlier_call_holds_when_it_is_given():
    history = noisy(length=100)
    values = history.set_index("date")[["value"]].rename(columns={"value": "total"}).asfreq("D")
    first = forecast(history, horizon=7, origins=3)
    longer = ensemble.forecast_values(values, first.calendar, horizon=20, tested=first.backtests)
    assert longer.backtests["total"] is first.backtests["total"]
    np.testing.assert_allclose(quantiles(longer)[:7], quantiles(first), rtol=1e-12)


def test_gaps_on_the_same_days_are_not_taken_for_a_common_factor():
    """What series that have nothing in common seem to share by chance is not more with the gaps than without."""

    def mean_loading(share):
        found = []
        for seed in range(10):
            random = np.random.default_rng(seed)
            every = {name: 100 + random.normal(0, 5, 180) for name in ("a", "b", "c")}
            missing = np.append(random.random(179) < share, False)
            for name in ("a", "b"):
                every[name][missing] = np.nan
            fans = forecast(series_of(**every), horizon=1, methods={"drift": METHODS["drift"]}, origins=1).fans
            found.append(max(abs(fan.loading) for fan in fans.values()))
        return np.mean(found)

    assert mean_loading(share=0.1) < 1.1 * mean_loading(share=0.0)


def test_a_series_that_starts_late_has_no_failures_from_before_its_start():
    late = noisy(2, 150, series="late").tail(60)
    found = forecast(pd.concat([noisy(1, 150, series="long"), late]), horizon=14, methods=FAST, origins=20)
    assert found.failures == {}


def test_no_default_method_fails_on_a_year_of_months():
    assert forecast(monthly(12), horizon=3).failures == {}
