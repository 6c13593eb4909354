import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.forecasting import backtest as backtests
from aiecon.forecasting import combine
from aiecon.forecasting.backtest import Asked
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.calibration import INNER, MEASURED, OUTER
from aiecon.forecasting.methods import METHODS

DAILY = Calendar("D", pd.offsets.Day(), 7)
FEW = {name: METHODS[name] for name in ("seasonal_naive", "drift", "theta")}
weighted = pytest.mark.parametrize("is_weighted", [False, True], ids=["median", "weighted"])


def noisy(seed=1, length=150):
    random = np.random.default_rng(seed)
    dates = pd.date_range("2025-01-06", periods=length)
    shape = np.array([1.2, 1.2, 1.15, 1.1, 1.0, 0.6, 0.5])[dates.day_of_week]
    walk = np.cumsum(random.normal(0, 0.01, length))
    return pd.Series(1_000 * np.exp(walk) * shape * random.lognormal(0, 0.05, length), dates, name="total")


def run(values, *, methods=FEW, beside=None, is_weighted=False, horizon=14, **settings):
    asked = Asked(family=lambda train: methods, is_weighted=lambda train: is_weighted, beside=beside or {})
    return backtests.run(values, DAILY, asked=asked, horizon=horizon, **settings)


def test_what_a_method_was_worth_elsewhere_multiplies_its_weight():
    plain, prior = (
        backtests.run(
            noisy(),
            DAILY,
            asked=Asked(family=lambda train: FEW, is_weighted=lambda train: True, prior=given),
            horizon=14,
        ).weights
        for given in ({}, {next(iter(FEW)): 0.5})
    )
    first = next(iter(FEW))
    assert prior[first] == pytest.approx(plain[first] / 2)
    assert {name: weight for name, weight in prior.items() if name != first} == {
        name: weight for name, weight in plain.items() if name != first
    }


def last_value(train, future, season):
    return np.full(len(future), train.iloc[-1])


@pytest.mark.parametrize("frequency", ["D", "W", "MS"])
@pytest.mark.parametrize(("length", "horizon"), [(5, 1), (6, 12), (12, 3), (24, 3), (30, 92), (104, 13), (730, 91)])
def test_origins_lie_on_a_grid_leave_half_for_training_and_end_inside_the_history(frequency, length, horizon):
    positions, steps = backtests.plan(length, frequency=frequency, horizon=horizon, origins=12)
    spacing = {"D": 7 * max(1, horizon // 28), "W": max(1, horizon // 4), "MS": max(1, horizon // 6)}[frequency]
    assert 1 <= steps <= min(horizon, max(1, length // 4))
    assert 1 <= len(positions) <= 12
    assert positions[0] >= 4
    assert positions[-1] + steps <= length
    if len(positions) > 1:
        assert (positions % spacing == 0).all()
        assert (np.diff(positions) == spacing).all()
        assert positions[0] >= length // 2


def test_too_short_a_history_has_no_origin():
    positions, _ = backtests.plan(4, frequency="MS", horizon=3, origins=12)
    assert not len(positions)
    found = run(noisy(length=4))
    assert found.said.shape == (0, 5, 1)
    assert found.scores().factor(INNER) is None
    assert found.scores().windows == 0.0


def test_what_was_said_is_the_median_of_the_members_and_what_came_stands_beside_it():
    values = noisy()
    found = run(values)
    assert list(found.members) == list(FEW)
    np.testing.assert_array_equal(found.said, np.median(list(found.members.values()), axis=0))
    for place, origin in enumerate(found.origins):
        np.testing.assert_array_equal(found.actual[place], values.iloc[origin : origin + 14])
    assert found.steps == 14
    assert found.weights is None
    train = values.iloc[: found.origins[0]].to_numpy()
    assert found.scales[0] == pytest.approx(np.abs(train[7:] - train[:-7]).mean())


def test_the_members_know_no_more_than_what_came_before_the_origin():
    seen = []

    def spying(train, future, season):
        seen.append((train.index[-1], future[0], len(future)))
        return last_value(train, future, season)

    values = noisy()
    found = run(values, methods={"spying": spying})
    assert seen == [(values.index[at - 1], values.index[at], 14) for at in found.origins]


@weighted
def test_rows_that_come_later_leave_what_was_said_at_an_origin_as_it_was(is_weighted):
    """The same origins: what follows is changed beyond recognition."""
    values = noisy()
    found = run(values, is_weighted=is_weighted)
    for place, origin in list(enumerate(found.origins))[::2]:
        other = values.copy()
        other.iloc[origin:] = 1e6 + np.arange(len(values) - origin)
        again = run(other, is_weighted=is_weighted)
        np.testing.assert_array_equal(again.said[: place + 1], found.said[: place + 1])
        known = (at.calibrated(MEASURED["D"])[: place + 1] for at in (found, again))
        np.testing.assert_array_equal(*known)
        for name in FEW:
            np.testing.assert_array_equal(again.members[name][: place + 1], found.members[name][: place + 1])


def test_rows_that_are_added_leave_the_members_and_their_median_at_earlier_origins_as_they_were():
    values = noisy()
    before, after = run(values.iloc[:120]), run(values)
    common, mine, theirs = np.intersect1d(before.origins, after.origins, return_indices=True)
    assert len(common) >= 4
    np.testing.assert_array_equal(after.said[theirs], before.said[mine])
    np.testing.assert_array_equal(after.actual[theirs], before.actual[mine])
    np.testing.assert_array_equal(after.scales[theirs], before.scales[mine])


@pytest.mark.parametrize(("origins", "memory"), [(40, 40), (40, 2), (9, 2)], ids=["all", "forgetful", "last"])
@weighted
def test_rows_that_are_added_leave_the_ranges_given_at_earlier_origins_as_they_were(is_weighted, origins, memory):
    """From a fixed first origin; of the last so many, those whose own memory is whole, and that of what it holds."""
    values = noisy()
    before, after = (
        run(rows, is_weighted=is_weighted, origins=origins, memory=memory, least=42)
        for rows in (values.iloc[:134], values)
    )
    begins = 0 if origins == 40 else 2 * memory if is_weighted else memory
    common, mine, theirs = np.intersect1d(before.origins[begins:], after.origins[begins:], return_indices=True)
    assert len(common) >= (3 if begins else 12)
    given_before, given_after = (found.calibrated(MEASURED["D"])[begins:] for found in (before, after))
    np.testing.assert_array_equal(given_after[theirs], given_before[mine])


def test_a_first_origin_that_is_given_stays_whatever_the_length():
    for length in (80, 120, 400):
        positions, steps = backtests.plan(length, frequency="D", horizon=14, origins=100, least=42)
        assert positions[0] == 42
        assert steps == 14
        assert positions[-1] + steps <= length
    positions, steps = backtests.plan(48, frequency="D", horizon=14, origins=100, least=42)
    assert (positions.tolist(), steps) == ([42], 6)  # no more is left after the least


@weighted
def test_an_origin_learns_from_so_many_before_it_and_no_others(is_weighted):
    """What came at origins before those it remembers, and of their own memory, may have been anything."""
    values = noisy()
    other = values.copy()
    other.iloc[42:63] *= np.random.default_rng(3).lognormal(0, 0.5, 21)
    blind = {name: blinkered(METHODS[name]) for name in ("drift", "theta")}
    found, again = (
        run(rows, methods=blind, is_weighted=is_weighted, memory=2, least=42, horizon=7) for rows in (values, other)
    )
    late = found.origins >= 63 + 28 + 4 * 7
    assert late.any()
    given_, given_again = (one.calibrated(MEASURED["D"]) for one in (found, again))
    assert (given_ != given_again).any()
    np.testing.assert_array_equal(given_again[late], given_[late])
    assert by_level(found.scores())[INNER].shape == (2, 7)
    assert by_level(found.scores(known_at=int(found.origins[5])))[INNER].shape == (2, 7)


def blinkered(method):
    """It sees the last four weeks alone."""
    return lambda train, future, season: method(train.iloc[-28:], future, season)


def test_weights_are_learnt_from_the_memory_alone():
    found = run(noisy(), is_weighted=True, memory=3, least=42, origins=40)
    mean = {
        name: np.mean([combine.losses(found.actual[at], said[at]) for at in (-3, -2, -1)])
        for name, said in found.members.items()
    }
    assert found.weights == pytest.approx(combine.weights(mean))


def test_the_last_origins_are_marked():
    found = run(noisy())
    assert found.last(2).tolist() == [False] * (len(found.origins) - 2) + [True, True]
    assert found.last(100).all()
    assert not found.last(0).any()


def test_origins_from_before_a_series_began_are_not_tested():
    values = noisy()
    values.iloc[:90] = np.nan
    found = run(values)
    assert found.origins.tolist() == [98, 105, 112, 119, 126, 133]  # four values behind the first, at least
    assert np.isfinite(found.said).all()
    assert found.failures == {}
    never = run(values * np.nan)
    assert not len(never.origins)


def test_the_methods_and_their_weighing_are_asked_of_the_training_values_of_each_origin():
    seen = []

    def family(train):
        seen.append(len(train))
        return FEW if len(train) < 100 else {**FEW, "last": last_value}

    values = noisy()
    asked = Asked(family=family, is_weighted=lambda train: len(train) >= 110)
    found = backtests.run(values, DAILY, asked=asked, horizon=14)
    late = found.origins >= 100
    assert seen == [*found.origins, len(values)]
    assert np.isnan(found.members["last"][~late]).all()
    assert np.isfinite(found.members["last"][late]).all()
    plain, every = run(values), run(values, methods={**FEW, "last": last_value})
    np.testing.assert_array_equal(found.said[~late], plain.said[~late])
    middle = late & (found.origins < 110)
    np.testing.assert_array_equal(found.said[middle], every.said[middle])
    assert set(found.weights) == {*FEW, "last"}


def test_weights_are_those_of_the_losses_that_were_known():
    found = run(noisy(), is_weighted=True, methods={**FEW, "last": last_value})
    assert max(found.weights.values()) == 1.0
    mean = {}
    for name, said in found.members.items():
        mean[name] = np.mean([combine.losses(came, one) for came, one in zip(found.actual, said, strict=True)])
    assert found.weights == pytest.approx(combine.weights(mean))
    np.testing.assert_array_equal(found.said[0], np.median([said[0] for said in found.members.values()], axis=0))
    known = found.origins[:2, None] + np.arange(14) < found.origins[2]
    early = {
        name: np.array([combine.losses(found.actual[at], said[at]) for at in (0, 1)])[known].mean()
        for name, said in found.members.items()
    }
    parts = {name: said[2] for name, said in found.members.items()}
    np.testing.assert_array_equal(found.said[2], combine.combined(parts, combine.weights(early)))


def test_methods_beside_the_combination_are_tested_and_do_not_count_in_it():
    alone = run(noisy())
    beside = run(noisy(), beside={"last": last_value})
    np.testing.assert_array_equal(beside.said, alone.said)
    assert "last" in beside.members


def test_a_method_that_fails_is_recorded_and_left_out():
    def moody(train, future, season):
        if len(train) > 100:
            raise RuntimeError("too much\nto read")
        return last_value(train, future, season)

    found = run(noisy(), methods={**FEW, "moody": moody})
    late = found.origins > 100
    assert found.failures == {"moody": "RuntimeError: too much"}
    assert np.isnan(found.members["moody"][late]).all()
    assert np.isfinite(found.members["moody"][~late]).all()
    np.testing.assert_array_equal(found.said[late], run(noisy()).said[late])


def test_a_member_without_a_loss_counts_for_nothing_and_leaves_the_weights_of_the_others_as_they_are():
    def broken(train, future, season):
        raise RuntimeError("no luck")

    found, alone = (run(noisy(), is_weighted=True, methods=methods) for methods in ({**FEW, "broken": broken}, FEW))
    assert found.weights == alone.weights
    np.testing.assert_array_equal(found.said, alone.said)


def test_when_every_method_fails_nothing_is_said():
    def broken(train, future, season):
        raise RuntimeError("no luck")

    found = run(noisy(), methods={"broken": broken})
    assert np.isnan(found.said).all()
    assert found.scores().factor(INNER) is None


def test_warnings_of_a_method_are_not_passed_on(recwarn):
    def worried(train, future, season):
        warnings.warn("doubtful", UserWarning, stacklevel=1)
        return last_value(train, future, season)

    run(noisy(length=60), methods={"worried": worried})
    assert not [one for one in recwarn if "doubtful" in str(one.message)]


def test_a_method_sees_a_season_only_where_two_of_them_were():
    seen = {}

    def spying(train, future, season):
        seen[len(train)] = season
        return last_value(train, future, season)

    for length in (13, 14):
        backtests.predict(noisy(length=length), pd.date_range("2026-01-01", periods=2), DAILY, {"spying": spying}, {})
    assert seen == {13: 1, 14: 7}


def test_missing_values_before_the_first_are_not_part_of_the_training():
    seen = []

    def spying(train, future, season):
        seen.append(len(train))
        return last_value(train, future, season)

    values = noisy(length=30)
    values.iloc[:10] = np.nan
    backtests.predict(values, pd.date_range("2026-01-01", periods=2), DAILY, {"spying": spying}, {})
    assert seen == [20]


def test_methods_that_give_no_range_get_that_of_a_random_walk():
    values = noisy(length=60)
    members = backtests.predict(values, pd.date_range("2026-01-01", periods=4), DAILY, {"last": last_value}, {})
    found = backtests.quantiles(members, values, DAILY, 4)["last"]
    step = np.sqrt(np.mean(np.diff(values) ** 2))
    np.testing.assert_allclose(found, values.iloc[-1] + np.outer(combine.SCORES, step * np.sqrt([1, 2, 3, 4])))


def test_nothing_below_zero_is_given_of_a_series_that_never_was():
    near_zero = pd.Series(
        np.random.default_rng(0).gamma(0.5, 10.0, 60), pd.date_range("2026-01-01", periods=60), name="total"
    )
    found, credits_ = run(near_zero), run(near_zero - 1)
    assert found.floors.all()
    assert (found.calibrated(MEASURED["D"]) >= 0).all()
    assert not credits_.floors.any()
    assert (credits_.calibrated(MEASURED["D"]) < 0).any()
    assert backtests.has_floor(near_zero)
    assert not backtests.has_floor(near_zero - 1)


def test_a_credit_that_comes_later_leaves_the_floor_of_earlier_origins():
    values = noisy()
    values.iloc[110] = -1.0
    found = run(values)
    np.testing.assert_array_equal(found.floors, found.origins <= 110)


def by_level(scores):
    return scores.values  # noqa: PD011 (of scores; no frame is involved)


def test_scores_known_at_a_position_leave_out_what_came_later():
    found = run(noisy())
    position = int(found.origins[3])
    known, every = by_level(found.scores(known_at=position)), by_level(found.scores())
    came = found.origins[:3, None] + np.arange(14) < position
    for level in (INNER, OUTER):
        assert known[level].shape == (3, 14)
        np.testing.assert_array_equal(known[level][came], every[level][:3][came])
        assert np.isnan(known[level][~came]).all()


def test_windows_that_overlap_count_once():
    found = run(noisy())
    span = found.origins[-1] - found.origins[0] + 14
    assert found.scores().windows == pytest.approx(span / 14)
    assert len(found.origins) > span / 14


def test_ranges_given_on_the_day_are_stretched_by_what_was_known():
    found = run(noisy())
    given_ = found.calibrated({INNER: 2.0, OUTER: 2.0})
    first = found.said[0]
    np.testing.assert_allclose(given_[0][3] - first[2], 2.0 * (first[3] - first[2]))  # nothing was known: the prior
    assert (np.diff(given_, axis=1) >= 0).all()
    np.testing.assert_array_equal(given_[:, 2], found.said[:, 2])


@LAW
@given(st.integers(6, 400), st.integers(1, 120), st.sampled_from(["D", "W", "MS"]), st.integers(1, 30))
def test_later_rows_keep_the_origins_on_the_same_grid(length, horizon, frequency, more):
    before, steps = backtests.plan(length, frequency=frequency, horizon=horizon, origins=10_000)
    after, later_steps = backtests.plan(length + more, frequency=frequency, horizon=horizon, origins=10_000)
    assert later_steps >= steps
    shared = before[before >= max(4, (length + more) // 2)]
    if len(before) > 1 and later_steps == steps:
        assert set(shared) <= set(after)
