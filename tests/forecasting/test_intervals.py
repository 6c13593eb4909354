import numpy as np
import pytest

from aiecon.forecasting import intervals
from aiecon.forecasting.backtest import plan
from aiecon.forecasting.intervals import ErrorPaths


def test_sum_scale_agrees_with_simulated_paths():
    random = np.random.default_rng(2)
    errors = random.normal(0, 1, (9, 20)).cumsum(axis=1)
    paths = ErrorPaths(errors, degrees=5.0, season=1)
    factor = np.sqrt(5.0 / random.chisquare(5.0, 200_000))
    drawn = (random.normal(0, 1, (200_000, 9)) @ errors / 3.0 * factor[:, None]).sum(axis=1)
    expected = paths.quantile(0.9) * paths.sum_scale(np.ones(20))
    assert np.quantile(drawn, 0.9) == pytest.approx(expected, rel=0.02)


def test_errors_beyond_the_tested_steps_grow_with_the_root_of_the_distance():
    carried = intervals.extended(np.ones((3, 4)), 16, season=1)
    assert carried.shape == (3, 16)
    assert np.allclose(carried[:, :4], 1.0)
    assert np.allclose(carried[0, 15], 2.0)


def test_what_moves_together_adds_up_together():
    errors = np.array([[1.0, 2.0], [-1.0, 1.0]])
    one = ErrorPaths(errors, 3.0, 1)
    weights = np.ones(2)
    assert intervals.total([one, one]).sum_scale(weights) == pytest.approx(2 * one.sum_scale(weights))
    assert intervals.total([one, ErrorPaths(-errors, 3.0, 1)]).sum_scale(weights) == 0.0


def test_overlapping_windows_count_once():
    assert intervals.degrees_of_freedom(np.arange(100, 200, 10), steps=10) == pytest.approx(10.0)
    assert intervals.degrees_of_freedom(np.arange(100, 110), steps=50) == 3.0


def test_left_out_coverage_needs_two_origins():
    assert intervals.left_out_coverage(np.ones((1, 4)), 3.0, 1, coverage=0.8) is None
    assert intervals.left_out_coverage(np.ones((4, 4)), 3.0, 1, coverage=0.8) == 1.0


@pytest.mark.parametrize(("length", "horizon"), [(6, 12), (24, 3), (30, 92), (730, 91)])
def test_origins_leave_half_for_training_and_end_inside_the_history(length, horizon):
    positions, steps = plan(length, horizon=horizon, origins=12)
    assert 1 <= steps <= horizon
    assert positions[0] >= min(length // 2, length - steps)
    assert positions[-1] + steps <= length
    assert len(positions) <= 12
