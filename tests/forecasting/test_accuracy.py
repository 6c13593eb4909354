import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aiecon.errors import InputError
from aiecon.forecasting import accuracy

values = arrays(float, 8, elements=st.floats(1, 1e6))


@given(values, values, st.floats(0.01, 100))
def test_scale_free_measures_do_not_change_with_the_currency(actual, forecast, rate):
    for measure in (accuracy.mape, accuracy.smape, accuracy.wape):
        assert measure(actual * rate, forecast * rate) == pytest.approx(measure(actual, forecast), rel=1e-9)


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(0.1, 1e3))
def test_crps_agrees_with_an_independent_library(actual, mean, sd):
    expected = float(scoringrules.crps_normal(actual, mean, sd))
    assert accuracy.crps_normal(actual, mean=mean, sd=sd) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_pinball_loss_is_smallest_at_the_quantile():
    actual = np.random.default_rng(1).gamma(2.0, size=4_000)
    grid = np.quantile(actual, [0.7, 0.8, 0.9, 0.95])
    losses = [accuracy.pinball_loss(actual, np.full_like(actual, point), level=0.9) for point in grid]
    assert losses.index(min(losses)) == 2


def test_naive_scale_leaves_gaps_out():
    assert accuracy.naive_scale(np.array([1.0, np.nan, 4.0, 6.0])) == 2.0


def test_too_few_scores_for_a_conformal_interval_are_refused():
    with pytest.raises(InputError, match="4 scores are too few for 90% coverage; at least 9"):
        accuracy.conformal_rank(4, alpha=0.1)
