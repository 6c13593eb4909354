from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.forecasting import paths
from aiecon.forecasting.combine import SCORES, SHARES
from aiecon.forecasting.paths import PATHS, Drawn, Fan

# Gaps between neighbouring levels of each period, the middle, and how errors pass on.
gaps = st.lists(st.lists(st.floats(0, 50), min_size=4, max_size=4), min_size=1, max_size=5)


def fan(
    middle=100.0,
    spread=10.0,
    horizon=6,
    name="total",
    shared=0.3,
    loading=0.0,
    response=None,
    lowest=-np.inf,
    highest=np.inf,
):
    said = np.repeat((middle + spread * SCORES)[:, None], horizon, axis=1)
    response = np.ones(horizon) if response is None else response
    return Fan(said, response, shared, loading, name, np.full(horizon, lowest), np.full(horizon, highest))


def skewed(steps, middle=100.0):
    """A fan whose levels lie unevenly apart; `steps` has four gaps a period."""
    below, above = np.array(steps).T[:2], np.array(steps).T[2:]
    levels = [middle - below.sum(axis=0), middle - below[1], np.full(len(steps), middle)]
    levels += [middle + above[0], middle + above.sum(axis=0)]
    return replace(fan(horizon=len(steps)), said=np.array(levels))


@LAW
@given(gaps, st.integers(0, 1_000))
def test_the_quantiles_of_the_paths_are_those_given(steps, seed):
    given_ = skewed(steps)
    found = np.quantile(given_.paths(seed=seed), SHARES, axis=0)
    width = np.array(steps).sum(axis=1)
    assert (np.abs(found - given_.quantiles) <= 0.01 * width + 1e-9).all()


@LAW
@given(gaps, st.integers(0, 1_000), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_a_scaled_and_shifted_fan_has_its_paths_scaled_and_shifted(steps, seed, factor, amount):
    plain = skewed(steps)
    horizon = len(steps)
    scaled = plain.scaled(np.full(horizon, factor)).paths(seed=seed)
    np.testing.assert_allclose(scaled, factor * plain.paths(seed=seed), rtol=1e-9, atol=1e-9)
    by_period = amount * np.arange(1, horizon + 1)
    shifted = plain.shifted(by_period).paths(seed=seed)
    np.testing.assert_allclose(shifted, plain.paths(seed=seed) + by_period, rtol=1e-9, atol=1e-6)


def test_the_same_seed_gives_the_same_paths_and_another_seed_others():
    one, same, other = (fan().paths(seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert one.shape == (PATHS, 6)


def test_each_series_has_random_numbers_of_its_own():
    one, other = (fan(name=name, shared=1.0).paths(seed=0)[:, 0] for name in ("a", "b"))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_certain_fan_has_one_constant_path(value):
    certain = fan(middle=value, spread=0.0)
    assert certain.is_certain
    assert (certain.paths(seed=1) == value).all()
    assert not fan(spread=1e-9).is_certain


def test_no_quantile_lies_outside_the_bounds_of_its_period():
    bounded = fan(middle=10.0, spread=10.0, lowest=0.0, highest=15.0)
    np.testing.assert_array_equal(bounded.quantiles, np.clip(bounded.said, 0.0, 15.0))
    assert bounded.middle.tolist() == [10.0] * 6
    assert (bounded.said[0] < 0.0).all()
    assert (bounded.said[-1] > 15.0).all()
    assert fan(middle=-5.0, lowest=0.0).middle.tolist() == [0.0] * 6


def test_no_path_passes_the_highest_value_and_some_fall_below_the_lowest_so_that_sums_stay_where_they_are():
    free = fan(middle=10.0, spread=10.0)
    low, capped = replace(free, lowest=np.zeros(6)), replace(free, highest=np.full(6, 15.0))
    np.testing.assert_array_equal(low.paths(seed=0), free.paths(seed=0))
    assert low.paths(seed=0).min() < -10.0
    np.testing.assert_array_equal(capped.paths(seed=0), np.minimum(free.paths(seed=0), 15.0))
    assert capped.paths(seed=0).max() == 15.0


@LAW
@given(gaps, st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_bounds_are_scaled_and_shifted_with_the_values(steps, factor, amount):
    horizon = len(steps)
    plain = replace(skewed(steps), lowest=np.full(horizon, 90.0), highest=np.full(horizon, 120.0))
    moved = plain.scaled(np.full(horizon, factor)).shifted(np.full(horizon, amount))
    np.testing.assert_allclose(moved.lowest, factor * 90.0 + amount)
    np.testing.assert_allclose(moved.highest, factor * 120.0 + amount)
    np.testing.assert_allclose(moved.quantiles, factor * plain.quantiles + amount, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(moved.paths(seed=0), factor * plain.paths(seed=0) + amount, rtol=1e-9, atol=1e-6)


def test_the_paths_of_a_symmetric_fan_mirror_each_other():
    found = fan().paths(seed=5)
    np.testing.assert_allclose(found[: PATHS // 2] + found[PATHS // 2 :], 200.0, atol=1e-6)


def test_an_odd_number_of_paths_may_be_asked_for():
    assert fan().paths(seed=0, count=7).shape == (7, 6)


def width(values):
    low, high = np.quantile(values, [0.1, 0.9])
    return high - low


def test_errors_that_pass_on_widen_the_sum_of_the_periods():
    passed_on, forgotten = np.ones(12), np.append(1.0, np.zeros(11))
    wide, narrow = (
        width(fan(horizon=12, shared=0.0, response=response).paths(seed=0).sum(axis=1))
        for response in (passed_on, forgotten)
    )
    alone = width(fan(horizon=12).paths(seed=0)[:, 0])
    assert narrow == pytest.approx(alone * np.sqrt(12), rel=0.1)  # independent periods
    assert wide > 1.5 * narrow


@pytest.mark.parametrize("shared", [0.0, 0.3, 1.0])
def test_the_shared_part_is_the_correlation_of_periods_whose_errors_do_not_pass_on(shared):
    forgetful = fan(horizon=2, shared=shared, response=np.array([1.0, 0.0])).paths(seed=1)
    assert np.corrcoef(forgetful.T)[0, 1] == pytest.approx(shared, abs=0.05)


def test_two_series_that_move_together_have_a_wider_total_than_two_independent_ones():
    together = sum(fan(name=name, loading=0.95).paths(seed=0) for name in ("a", "b")).sum(axis=1)
    apart = sum(fan(name=name, loading=0.0).paths(seed=0) for name in ("a", "b")).sum(axis=1)
    against = sum(fan(name=name, loading=by).paths(seed=0) for name, by in (("a", 0.95), ("b", -0.95))).sum(axis=1)
    assert width(apart) == pytest.approx(width(together) / np.sqrt(2), rel=0.1)
    assert width(against) < 0.5 * width(apart)


def test_paths_lie_in_each_period_where_the_leading_ones_lie():
    leading = np.random.default_rng(0).normal(0, 1, (PATHS, 3))
    found = paths.at_ranks_of(leading, fan(horizon=3).said)
    for step in range(3):
        np.testing.assert_array_equal(np.argsort(found[:, step]), np.argsort(leading[:, step]))
    np.testing.assert_allclose(np.quantile(found, SHARES, axis=0), fan(horizon=3).quantiles, atol=0.1)


def common_errors(count, length=200, seed=0):
    return pd.DataFrame(np.random.default_rng(seed).normal(0, 1, (length, 1)) * np.ones((1, count)))


def strangers(count, length=400, seed=1):
    return pd.DataFrame(np.random.default_rng(seed).normal(0, 1, (length, count)))


def test_series_that_move_as_one_load_on_the_common_factor_and_strangers_hardly():
    assert (paths.loadings(common_errors(2)) > 0.9).all()
    assert (paths.loadings(common_errors(10)) > 0.9).all()
    assert np.abs(paths.loadings(strangers(6))).mean() < 0.4
    first, second, third = paths.loadings(common_errors(3) * np.array([1.0, 1.0, -1.0]))
    assert first == pytest.approx(second)
    assert third == pytest.approx(-first)
    assert first > 0


@LAW
@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(0, 40), st.sampled_from([0.0, 0.5, 0.99]))
def test_loadings_are_correlations(seed, count, length, common):
    random = np.random.default_rng(seed)
    errors = common * random.normal(0, 1, (length, 1)) + (1 - common) * random.normal(0, 1, (length, count))
    if length:
        errors[random.random(errors.shape) < 0.1] = np.nan
    found = paths.loadings(pd.DataFrame(errors))
    assert found.shape == (count,)
    assert (np.abs(found) < 1).all()
    assert count > 1 or found[0] == 0  # nothing to share with


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_the_loading_is_the_correlation_with_what_moves_all(share):
    """Equally correlated series: any two correlate by the square of the loading."""
    random = np.random.default_rng(4)
    errors = share * random.normal(0, 1, (2_000, 1)) + np.sqrt(1 - share**2) * random.normal(0, 1, (2_000, 5))
    np.testing.assert_allclose(paths.loadings(pd.DataFrame(errors)), share, atol=0.08)


def test_loadings_do_not_depend_on_the_size_of_a_series():
    errors = common_errors(3) + strangers(3, length=200, seed=2)
    np.testing.assert_allclose(paths.loadings(errors * np.array([1.0, 1e6, 1e-3])), paths.loadings(errors))


def test_few_errors_are_held_towards_no_loading():
    few, many = (paths.loadings(common_errors(3, length=length)) for length in (5, 200))
    assert (few < 0.7 * many).all()
    assert (few > 0).all()
    assert (paths.loadings(common_errors(3, length=2)) == 0).all()


def test_missing_errors_are_shared_by_no_one():
    errors = strangers(3, length=300)
    errors.iloc[100:160] = np.nan  # all on the same days
    assert np.abs(paths.loadings(errors)).max() < 0.4
    errors = common_errors(3)
    errors.iloc[:100, 0] = np.nan
    assert (paths.loadings(errors) > 0.5).all()


def test_series_that_never_change_take_no_part_in_the_common_factor():
    found = paths.loadings(pd.concat([common_errors(2), pd.DataFrame(np.zeros((200, 3)))], axis=1))
    np.testing.assert_allclose(found[2:], 0.0, atol=1e-6)
    assert (found[:2] > 0.9).all()


def test_spend_on_few_days_is_not_taken_for_a_common_factor():
    """Four strangers that spend on few days load on each other as strangers that spend every day do: by chance."""

    def mean_loading(share):
        found = []
        for seed in range(40):
            random = np.random.default_rng(seed)
            spend = np.where(random.random((200, 4)) < share, random.gamma(2.0, 100.0, (200, 4)), 0.0)
            found.append(np.abs(paths.loadings(pd.DataFrame(np.diff(spend, axis=0)))))
        return np.mean(found)

    assert mean_loading(share=0.1) == pytest.approx(mean_loading(share=1.0), rel=0.15)


def test_drawn_paths_are_what_they_are_scaled_and_shifted_exactly():
    drawn = np.random.default_rng(3).gamma(2.0, 10.0, (PATHS, 4))
    found = Drawn(drawn, np.full(4, 5.0))
    np.testing.assert_array_equal(found.paths(seed=1), found.paths(seed=2))
    np.testing.assert_array_equal(found.said, np.quantile(drawn, SHARES, axis=0))
    np.testing.assert_array_equal(found.quantiles, np.maximum(found.said, 5.0))
    assert (found.said[0] < 5.0).all()
    np.testing.assert_array_equal(found.middle, np.median(drawn, axis=0))
    by_period = np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(found.scaled(by_period).paths(seed=1), drawn * by_period)
    np.testing.assert_array_equal(found.shifted(by_period).paths(seed=1), drawn + by_period)
    np.testing.assert_array_equal(found.scaled(by_period).lowest, 5.0 * by_period)
    np.testing.assert_array_equal(found.shifted(by_period).lowest, 5.0 + by_period)
    assert found.paths(seed=1, count=10).shape == (10, 4)
