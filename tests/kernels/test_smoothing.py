"""The compiled filters against their plain twins, dense algebra and statsmodels."""

import inspect
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from strategies import LAW

from aiecon.kernels import smoothing

SHAPES = [(False, False), (True, False), (False, True), (True, True)]  # has_trend, has_season
shaped = pytest.mark.parametrize(("has_trend", "has_season"), SHAPES, ids=["level", "trend", "season", "both"])


def series(seed, length=60, m=4):
    """A level that wanders, a trend and a season."""
    random = np.random.default_rng(seed)
    time = np.arange(length)
    walk = np.cumsum(random.normal(0, 0.3, length))
    return 20 + 0.1 * time + walk + 2 * np.sin(2 * np.pi * time / m) + random.normal(0, 1, length)


def season_of(states, m):
    return np.append(states[len(states) - m + 1 :], -states[len(states) - m + 1 :].sum()) if m > 1 else np.zeros(1)


def errors_from(y, m, weights, states, has_trend):
    """What the plain filter leaves when it starts from given states."""
    errors = np.empty(len(y))
    slope = states[1] if has_trend else 0.0
    smoothing.smooth.py_func(y, m, weights, states[0], slope, season_of(states, m), errors)
    return errors


def lstsq_states(y, errors_at, count):
    """First states by a dense least squares, from how the errors answer to each; and the squares that are left."""
    at_nothing = errors_at(np.zeros(count))
    response = np.column_stack([errors_at(unit) - at_nothing for unit in np.eye(count)])
    seen = ~np.isnan(y)
    states = np.linalg.lstsq(response[seen], -at_nothing[seen], rcond=None)[0]
    return states, float(np.sum((at_nothing + response @ states)[seen] ** 2))


@pytest.fixture
def plain(monkeypatch):
    """The module with every compiled function replaced by the Python it was compiled from."""
    for name, function in vars(smoothing).copy().items():
        if hasattr(function, "py_func"):
            monkeypatch.setattr(smoothing, name, function.py_func)
    assert inspect.isfunction(smoothing.fit_smoothing)
    return smoothing


def test_simple_smoothing_by_hand():
    errors = np.empty(3)
    level, slope = smoothing.smooth(
        np.array([12.0, 14.0, 13.0]), 1, np.array([0.5, 0.0, 0.0, 1.0]), 10.0, 0.0, np.zeros(1), errors
    )
    assert (level, slope) == (12.75, 0.0)
    assert errors.tolist() == [2.0, 3.0, 0.5]


@shaped
def test_the_compiled_filter_does_what_its_plain_twin_does(has_trend, has_season):
    m = 4 if has_season else 1
    y = series(1)
    y[[7, 8, 30]] = np.nan
    weights = np.array([0.3, 0.1 * has_trend, 0.2 * has_season, 0.9])
    ends = []
    for filter_ in (smoothing.smooth, smoothing.smooth.py_func):
        errors, season = np.empty(len(y)), np.arange(float(m))
        level, slope = filter_(y, m, weights, 18.0, 0.2, season, errors)
        ends.append(np.concatenate([[level, slope], season, errors]))
    np.testing.assert_allclose(*ends, rtol=1e-12)


def test_the_compiled_complex_filter_does_what_its_plain_twin_does():
    y = series(2)
    y[10:13] = np.nan
    ends = []
    for filter_ in (smoothing.complex_smooth, smoothing.complex_smooth.py_func):
        errors = np.empty(len(y))
        ends.append(np.concatenate([filter_(y, np.array([1.3, 1.0]), 20.0, 1.0, errors), errors]))
    np.testing.assert_allclose(*ends, rtol=1e-12)


@shaped
def test_the_compiled_fit_and_forecast_are_those_of_the_plain_twin(plain, has_trend, has_season, monkeypatch):
    m, y = (4 if has_season else 1), series(3, length=24)
    y[5] = np.nan
    by_hand = plain.fit_smoothing(y, m, has_trend, has_season)
    ahead_by_hand = plain.project_smoothing(y, m, has_trend, has_season, by_hand[1], by_hand[2], 9)
    monkeypatch.undo()
    compiled = smoothing.fit_smoothing(y, m, has_trend, has_season)
    ahead = smoothing.project_smoothing(y, m, has_trend, has_season, compiled[1], compiled[2], 9)
    for found, expected in zip((*compiled, *ahead), (*by_hand, *ahead_by_hand), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_the_compiled_complex_fit_and_forecast_are_those_of_the_plain_twin(plain, monkeypatch):
    y = series(4, length=24)
    by_hand = plain.fit_complex(y)
    ahead_by_hand = plain.project_complex(y, by_hand[1], by_hand[2], 9)
    monkeypatch.undo()
    compiled = smoothing.fit_complex(y)
    ahead = smoothing.project_complex(y, compiled[1], compiled[2], 9)
    for found, expected in zip((*compiled, *ahead), (*by_hand, *ahead_by_hand), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@shaped
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("initialisation", ["heuristic", "estimated"])
def test_no_more_error_is_left_than_by_statsmodels(has_trend, has_season, seed, initialisation):
    m, y = (4 if has_season else 1), series(seed, length=48)
    model = ETSModel(
        y,
        error="add",
        trend="add" if has_trend else None,
        damped_trend=has_trend,
        seasonal="add" if has_season else None,
        seasonal_periods=m if has_season else None,
        initialization_method=initialisation,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says so when its optimiser stops early
        theirs = model.fit(disp=False)
    ours = smoothing.fit_smoothing(y, m, has_trend, has_season)[0]
    assert ours <= theirs.sse * 1.005


def check_first_states(y, m, has_trend, has_season):
    total, weights, states, errors = smoothing.fit_smoothing(y, m, has_trend, has_season)
    expected, squares = lstsq_states(y, lambda s: errors_from(y, m, weights, s, has_trend), len(states))
    np.testing.assert_allclose(states, expected, rtol=1e-5, atol=1e-5)
    assert total == pytest.approx(squares, rel=1e-8)
    np.testing.assert_allclose(errors, errors_from(y, m, weights, states, has_trend), atol=1e-8)


def check_complex_first_states(y):
    total, weights, states, errors = smoothing.fit_complex(y)

    def errors_at(first):
        found = np.empty(len(y))
        smoothing.complex_smooth.py_func(y, weights, first[0], first[1], found)
        return found

    expected, squares = lstsq_states(y, errors_at, 2)
    assert total == pytest.approx(squares, rel=1e-6)
    np.testing.assert_allclose(errors, errors_at(states), atol=1e-6)
    np.testing.assert_allclose(errors, errors_at(expected), atol=0.02)  # where the values hardly tell the two apart


def with_gaps(seed):
    y = series(seed)
    y[[0, 9, 10, 11, 40]] = np.nan
    return y


@shaped
def test_first_states_are_those_of_a_dense_least_squares(has_trend, has_season):
    check_first_states(series(5), 4 if has_season else 1, has_trend, has_season)


def test_first_states_of_complex_smoothing_are_those_of_a_dense_least_squares():
    check_complex_first_states(series(6))


@shaped
def test_first_states_before_missing_values_are_those_of_a_dense_least_squares(has_trend, has_season):
    check_first_states(with_gaps(5), 4 if has_season else 1, has_trend, has_season)


def test_first_states_of_complex_smoothing_before_missing_values_are_those_of_a_dense_least_squares():
    check_complex_first_states(with_gaps(6))


@shaped
def test_a_fit_leaves_no_error_where_a_value_is_missing(has_trend, has_season):
    y = with_gaps(7)
    total, _, _, errors = smoothing.fit_smoothing(y, 4 if has_season else 1, has_trend, has_season)
    assert (errors[np.isnan(y)] == 0).all()
    assert total == pytest.approx(float(np.sum(errors**2)), rel=1e-8)


@shaped
def test_a_missing_value_moves_no_state(has_trend, has_season):
    m, y = (4 if has_season else 1), series(7)
    weights = np.array([0.3, 0.1 * has_trend, 0.2 * has_season, 0.9 if has_trend else 1.0])
    states = np.array([20.0] + [0.1] * has_trend + [1.0, 0.0, -1.0] * has_season)
    bridged = y.copy()
    y[[12, 13]] = np.nan
    bridged[[12, 13]] = smoothing.project_smoothing(y[:12], m, has_trend, has_season, weights, states, 2)[0]
    after, expected = (errors_from(values, m, weights, states, has_trend) for values in (y, bridged))
    np.testing.assert_allclose(after, expected, atol=1e-9)  # as if what was expected had come
    ahead, _ = smoothing.project_smoothing(y, m, has_trend, has_season, weights, states, 3)
    same, _ = smoothing.project_smoothing(bridged, m, has_trend, has_season, weights, states, 3)
    np.testing.assert_allclose(ahead, same, atol=1e-9)


@shaped
def test_a_forecast_goes_on_with_the_filter_as_if_no_error_came(has_trend, has_season):
    m, y = (4 if has_season else 1), series(8)
    _, weights, states, _ = smoothing.fit_smoothing(y, m, has_trend, has_season)
    ahead, answer = smoothing.project_smoothing(y, m, has_trend, has_season, weights, states, 11)
    gone_on = np.append(y, ahead)
    assert np.abs(errors_from(gone_on, m, weights, states, has_trend)[len(y) :]).max() < 1e-9
    surprised = np.append(y, ahead[0] + 1.0)
    after, _ = smoothing.project_smoothing(surprised, m, has_trend, has_season, weights, states, 10)
    np.testing.assert_allclose(after, (ahead + answer)[1:], atol=1e-9)
    assert answer[0] == 1.0


def test_a_complex_forecast_goes_on_with_the_filter_as_if_no_error_came():
    y = series(9)
    _, weights, states, _ = smoothing.fit_complex(y)
    ahead, answer = smoothing.project_complex(y, weights, states, 11)
    errors = np.empty(len(y) + 11)
    smoothing.complex_smooth(np.append(y, ahead), weights, states[0], states[1], errors)
    assert np.abs(errors[len(y) :]).max() < 1e-8
    after, _ = smoothing.project_complex(np.append(y, ahead[0] + 1.0), weights, states, 10)
    np.testing.assert_allclose(after, (ahead + answer)[1:], rtol=1e-8)
    assert answer[0] == 1.0


@LAW
@given(st.integers(0, 10_000), st.integers(8, 80), st.sampled_from([0.0, 0.5, 5.0]))
def test_complex_weights_forget_their_past(seed, length, slope):
    random = np.random.default_rng(seed)
    y = slope * np.arange(length) + np.cumsum(random.normal(0, 1, length)) + random.normal(0, 2, length)
    a0, a1 = smoothing.fit_complex(y)[1]
    passed_on = np.array([[1.0 - (a0 - a1), -(1 - a1)], [1.0 - (a0 + a1), 1 - a0]])  # of the states, after an error
    assert np.abs(np.linalg.eigvals(passed_on)).max() <= 1 + 1e-9


@LAW
@given(st.integers(0, 10_000), st.integers(6, 60), st.sampled_from(SHAPES))
def test_smoothing_weights_stay_within_their_bounds(seed, length, shape):
    has_trend, has_season = shape
    y = np.random.default_rng(seed).normal(0, 1, length) * np.random.default_rng(seed + 1).choice([1e-6, 1.0, 1e9])
    alpha, beta, gamma, phi = smoothing.fit_smoothing(y, 4 if has_season else 1, has_trend, has_season)[1]
    assert 0 < alpha < 1
    assert 0 <= beta <= alpha
    assert 0 <= gamma <= 1 - alpha + 1e-12
    assert phi == 1.0 if not has_trend else 0.8 <= phi <= 0.98


@pytest.mark.parametrize("seed", [1, 2, 3])
@shaped
def test_a_series_times_k_has_the_same_weights_and_k_times_the_states(has_trend, has_season, seed):
    m, y = (4 if has_season else 1), series(seed)
    total, weights, states, _ = smoothing.fit_smoothing(y, m, has_trend, has_season)
    large, same, scaled, _ = smoothing.fit_smoothing(y * 1024, m, has_trend, has_season)  # a power of two: no rounding
    assert large == pytest.approx(total * 1024**2, rel=1e-9)
    np.testing.assert_allclose(same, weights, rtol=1e-6)
    np.testing.assert_allclose(scaled, states * 1024, rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, 7.0, -1e6])
@shaped
def test_a_constant_leaves_no_error_and_goes_on(has_trend, has_season, value):
    m, y = (4 if has_season else 1), np.full(30, value)
    total, weights, states, _ = smoothing.fit_smoothing(y, m, has_trend, has_season)
    ahead, _ = smoothing.project_smoothing(y, m, has_trend, has_season, weights, states, 8)
    assert total <= 1e-15 * (1 + value**2)
    np.testing.assert_allclose(ahead, value, rtol=1e-8, atol=1e-8)
