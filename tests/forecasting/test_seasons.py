import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.forecasting import seasons

PATTERN = np.array([-4.0, -3.0, -1.0, 0.0, 2.0, 5.0, 6.0, 3.0, 1.0, -2.0, -3.0, -4.0])


def repeated(length):
    return PATTERN[np.arange(length) % 12]


def noise(seed, length):
    return np.random.default_rng(seed).normal(0, 1, length)


@pytest.mark.parametrize("length", [24, 36, 60, 100])
def test_a_pure_season_on_a_line_is_found_whole(length):
    values = 50 + 0.7 * np.arange(length) + repeated(length)
    found = seasons.by_phase(values, 12, 9)
    np.testing.assert_allclose(found.past, repeated(length), atol=1e-6)
    np.testing.assert_allclose(found.ahead, repeated(length + 9)[length:], atol=1e-6)
    assert found.degrees == pytest.approx(11, abs=1e-6)
    assert found.stat_variance == pytest.approx(0, abs=1e-9)


def test_a_long_season_is_found_by_its_waves():
    share = np.arange(160) / 52
    course = 5 * np.sin(2 * np.pi * share) + 2 * np.cos(4 * np.pi * share)
    found = seasons.by_phase(100 + course[:140], 52, 20)
    np.testing.assert_allclose(np.append(found.past, found.ahead), course, atol=1e-6)


def test_the_season_of_the_year_is_found_in_daily_values():
    share = np.arange(900) / seasons.DAYS_PER_YEAR % 1.0
    course = 8 * np.cos(2 * np.pi * share)
    found = seasons.by_year(200 + 0.1 * np.arange(800) + course[:800], share)
    np.testing.assert_allclose(found.ahead, course[800:], atol=1e-4)


@pytest.mark.parametrize(("length", "period"), [(24, 12), (36, 12), (60, 12), (140, 7)])
def test_noise_is_hardly_taken_for_a_season(length, period):
    size = [np.mean(seasons.by_phase(noise(seed, length), period, period).past ** 2) for seed in range(200)]
    unshrunk = (period - 1) / length  # what least squares would take of a variance of one
    assert np.mean(size) < 0.3 * unshrunk
    assert np.mean(np.array(size) == 0) > 0.2  # often there is none at all


def test_noise_is_hardly_taken_for_a_season_of_the_year():
    share = np.arange(800) / seasons.DAYS_PER_YEAR % 1.0
    size = [np.mean(seasons.by_year(noise(seed, 800), share).past ** 2) for seed in range(40)]
    assert np.mean(size) < 0.3 * 12 / 800


def test_two_years_of_months_carry_a_season_through_noise():
    alike = []
    for seed in range(50):
        found = seasons.by_phase(100 + repeated(24) + noise(seed, 24), 12, 12)
        alike.append(np.corrcoef(found.ahead, PATTERN)[0, 1])
    assert np.mean(alike) > 0.95


@pytest.mark.parametrize(("length", "period"), [(23, 12), (13, 7), (103, 52), (40, 1)])
def test_fewer_than_two_seasons_are_none(length, period):
    found = seasons.by_phase(repeated(length), period, 5)
    assert not found.past.any()
    assert found.ahead.tolist() == [0.0] * 5
    assert (found.degrees, found.stat_variance) == (0.0, 0.0)


@LAW
@given(st.integers(0, 10_000), st.floats(0.01, 1e4), st.floats(-1e3, 1e3), st.floats(-10, 10))
def test_a_line_on_top_changes_no_season_and_a_factor_scales_it(seed, factor, level, slope):
    values = repeated(40) + noise(seed, 40)
    plain = seasons.by_phase(values, 12, 6)
    moved = seasons.by_phase(factor * values + level + slope * np.arange(40), 12, 6)
    scale = factor + 1e-6 * (abs(level) + abs(slope))
    np.testing.assert_allclose(moved.ahead / scale, factor * plain.ahead / scale, atol=1e-5)


@LAW
@given(st.integers(0, 10_000), st.integers(24, 80), st.sampled_from([4, 7, 12]))
def test_the_indices_of_a_whole_season_add_up_to_nothing(seed, length, period):
    found = seasons.by_phase(repeated(length) + noise(seed, length), period, period)
    assert found.ahead.sum() == pytest.approx(0, abs=1e-9)
    assert 0 <= found.degrees <= period - 1 + 1e-9
    assert found.stat_variance >= 0


@pytest.mark.parametrize("length", [3, 4, 5, 12, 60])
@pytest.mark.parametrize("penalty", [0.0, 1.0, 213.0])
def test_the_banded_trend_is_the_dense_one(length, penalty):
    columns = np.random.default_rng(length).normal(0, 1, (length, 3))
    bends = np.diff(np.eye(length), n=2, axis=0)
    dense = np.linalg.solve(np.eye(length) + penalty * bends.T @ bends, columns)
    np.testing.assert_allclose(seasons._trend(columns, penalty), dense, atol=1e-10)


@pytest.mark.parametrize("length", [24, 60, 200])
def test_the_degrees_of_the_trend_are_nearly_the_trace_of_its_smoother(length):
    penalty = 16 * (12 / (2 * np.pi)) ** 4
    bends = np.diff(np.eye(length), n=2, axis=0)
    trace = np.trace(np.linalg.inv(np.eye(length) + penalty * bends.T @ bends))
    assert seasons._trend_degrees(length, penalty) == pytest.approx(trace, rel=0.35)
