import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from strategies import LAW

from aiecon.errors import InputError
from aiecon.forecasting import accuracy

values = arrays(float, 8, elements=st.floats(1, 1e6))


@LAW
@given(values, values, st.floats(0.01, 100))
def test_scale_free_measures_do_not_change_with_the_currency(actual, forecast, rate):
    for measure in (accuracy.mape, accuracy.smape, accuracy.wape):
        assert measure(actual * rate, forecast * rate) == pytest.approx(measure(actual, forecast), rel=1e-9)


@pytest.mark.long
@LAW
@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(0.1, 1e3))
def test_crps_agrees_with_an_independent_library(actual, mean, sd):
    import scoringrules  # compiles for seconds, so when it is asked for

    expected = float(scoringrules.crps_normal(actual, mean, sd))
    assert accuracy.crps_normal(actual, mean=mean, sd=sd) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_pinball_loss_is_smallest_at_the_quantile():
    actual = np.random.default_rng(1).gamma(2.0, size=4_000)
    grid = np.quantile(actual, [0.7, 0.8, 0.9, 0.95])
    losses = [accuracy.pinball_loss(actual, np.full_like(actual, point), level=0.9) for point in grid]
    assert losses.index(min(losses)) == 2


def test_naive_scale_leaves_gaps_out():
    assert accuracy.naive_scale(np.array([1.0, np.nan, 4.0, 6.0])) == 2.0


def test_the_scale_of_a_season_is_the_difference_one_season_apart():
    assert accuracy.naive_scale(np.array([1.0, 10.0, 3.0, 14.0]), season=2) == 3.0
    assert np.isnan(accuracy.naive_scale(np.array([1.0, np.nan]), season=1))
    assert np.isnan(accuracy.naive_scale(np.array([1.0]), season=1))


def test_without_an_error_of_the_naive_method_there_is_no_scaled_error():
    assert np.isnan(accuracy.mase(np.array([1.0]), np.array([2.0]), train=np.ones(5)))


def test_a_forecast_and_an_actual_of_nothing_are_no_error():
    assert accuracy.smape(np.zeros(2), np.zeros(2)) == 0.0
    assert accuracy.smape(np.array([0.0]), np.array([3.0])) == 2.0
    assert accuracy.mape(np.array([0.0]), np.array([3.0])) == np.inf


@LAW
@given(values, values, st.floats(0.05, 0.95))
def test_an_interval_score_is_what_the_pinball_losses_of_its_ends_add_up_to(actual, edge, coverage):
    low, high = np.minimum(edge, 100.0), np.maximum(edge, 100.0)
    tail = (1 - coverage) / 2
    losses = accuracy.pinball_loss(actual, low, level=tail) + accuracy.pinball_loss(actual, high, level=1 - tail)
    score = accuracy.interval_score(actual, low, high, coverage=coverage)
    assert score == pytest.approx(losses / tail, rel=1e-9, abs=1e-6)


@LAW
@given(values, st.floats(-1e5, 1e5))
def test_bias_is_above_zero_where_the_forecast_was_too_high(actual, more):
    found = accuracy.bias(actual, actual + more)
    assert found == pytest.approx(8 * more / actual.sum(), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("n", "alpha", "rank"), [(9, 0.1, 9), (19, 0.1, 18), (99, 0.05, 95)])
def test_the_conformal_rank_is_that_of_split_conformal_intervals(n, alpha, rank):
    assert accuracy.conformal_rank(n, alpha=alpha) == rank


def test_too_few_scores_for_a_conformal_interval_are_refused():
    with pytest.raises(InputError, match="4 scores are too few for 90% coverage; at least 9"):
        accuracy.conformal_rank(4, alpha=0.1)
