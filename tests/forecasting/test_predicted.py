import numpy as np
import pandas as pd
import pytest

from aiecon.forecasting.predicted import Predicted, filled, predicted


def series(values):
    return pd.Series(values, pd.date_range("2026-01-01", periods=len(values)), dtype=float)


def test_quantiles_lie_scores_times_the_spread_from_the_center():
    found = Predicted(np.array([10.0, 20.0]), np.array([1.0, 2.0])).quantiles(np.array([-1.0, 0.0, 2.0]))
    assert found.tolist() == [[9.0, 18.0], [10.0, 20.0], [12.0, 24.0]]


def test_quantiles_of_a_logarithm_are_ratios():
    found = Predicted(np.log([10.0]), np.log([2.0]), is_log=True).quantiles(np.array([-1.0, 0.0, 1.0]))
    np.testing.assert_allclose(found[:, 0], [5.0, 10.0, 20.0])


def test_without_a_spread_every_quantile_is_the_center():
    assert Predicted(np.array([3.0])).quantiles(np.array([-2.0, 2.0])).tolist() == [[3.0], [3.0]]


def test_an_array_does_for_a_prediction_and_a_prediction_stays_itself():
    assert predicted([1, 2, 3], 3).center.tolist() == [1.0, 2.0, 3.0]
    own = Predicted(np.ones(2), np.ones(2))
    assert predicted(own, 2) is own


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (np.ones(3), r"it returned shape \(3,\), expected \(2,\)"),
        (np.ones((2, 1)), r"it returned shape \(2, 1\)"),
        (np.array([1.0, np.nan]), "not finite"),
        (np.array([1.0, np.inf]), "not finite"),
        (Predicted(np.ones(2), np.array([1.0, np.nan])), "not finite"),
        (Predicted(np.array([1.0, 1_000.0]), is_log=True), "not finite"),
    ],
)
def test_what_is_no_finite_forecast_of_the_horizon_is_refused(found, words):
    with np.errstate(over="ignore"), pytest.raises(ValueError, match=words):
        predicted(found, 2)


def test_missing_values_are_bridged_by_a_line():
    assert filled(series([1, np.nan, np.nan, 4]), 1).tolist() == [1.0, 2.0, 3.0, 4.0]
    assert filled(series([np.nan, 2, 3, np.nan]), 1).tolist() == [2.0, 2.0, 3.0, 3.0]


def test_with_two_seasons_each_day_is_bridged_on_its_own_line():
    week = np.array([10.0, 30.0, 20.0])
    values = np.concatenate([week, week + 1, week + 2])
    values[4] = np.nan
    assert filled(series(values), 3).tolist()[4] == 31.0
    assert filled(series(values), 1).tolist()[4] == 16.0  # between its neighbours 11 and 21


def test_a_series_without_gaps_is_left_alone():
    whole = series([1, 2, 3])
    assert filled(whole, 7) is whole


def test_a_day_of_the_season_that_was_never_seen_is_bridged_from_its_neighbours():
    values = np.tile([1.0, np.nan, 3.0], 4)
    assert filled(series(values), 3).notna().all()
