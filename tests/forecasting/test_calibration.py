import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.forecasting import calibration
from aiecon.forecasting.calibration import INNER, MEASURED, OUTER, Scores
from aiecon.forecasting.combine import SCORES

PRIOR = {INNER: 1.1, OUTER: 1.5}
sizes = st.floats(0.01, 1e4)
fans = st.lists(st.floats(-1e4, 1e4), min_size=5, max_size=5).map(lambda values: np.sort(values).round(3)[:, None])
factors = st.floats(0.3, 4.0)


def scored(values, windows=1.0):
    values = np.asarray(values, dtype=float)
    return Scores({INNER: values, OUTER: values}, windows)


def normal_range(center, spread, steps):
    """Quantiles of a normal distribution, the same in every period."""
    return np.repeat((center + spread * SCORES)[:, None], steps, axis=1)


def test_the_factor_is_the_share_of_scores_that_a_level_asks_for():
    ten = scored([[0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4]])
    assert ten.factor(INNER) == 1.2
    assert ten.factor(OUTER) == 1.4


def test_an_old_score_counts_less_than_a_new_one():
    calmer = np.repeat([2.0, 1.0], [40, 8])[:, None]  # one score an origin, oldest first
    assert scored(calmer).factor(INNER) == 2.0
    assert scored(np.repeat([2.0, 1.0], [40, 24])[:, None]).factor(INNER) == 1.0
    assert np.quantile(np.repeat([2.0, 1.0], [40, 24]), INNER) == 2.0  # were they to count the same


@LAW
@given(st.lists(st.lists(st.floats(0.3, 4.0), min_size=3, max_size=3), min_size=1, max_size=12), st.integers(0, 2))
def test_the_factor_is_the_smallest_score_that_covers_its_share_of_the_weight(values, gap):
    found = np.array(values)
    found[-1, gap] = np.nan  # not known yet
    weight = calibration._FADING ** np.arange(len(found))[::-1, None] * ~np.isnan(found)
    covered = [weight[found <= one].sum() / weight.sum() for one in np.sort(found[~np.isnan(found)])]
    expected = np.sort(found[~np.isnan(found)])[np.argmax(np.array(covered) >= INNER - 1e-9)]
    assert scored(found).factor(INNER) == pytest.approx(expected)


def test_without_scores_there_is_no_factor_of_its_own():
    assert scored(np.full((3, 2), np.nan)).factor(INNER) is None
    assert scored(np.empty((0, 2))).factor(OUTER) is None


def test_a_factor_stays_within_reason():
    assert scored([[0.0, 0.0]]).factor(INNER) == 0.3
    assert scored([[np.inf, np.inf]]).factor(INNER) == 4.0


@LAW
@given(fans, st.floats(-2e4, 2e4), st.booleans())
def test_a_range_stretched_by_a_score_reaches_just_to_the_actual(said, actual, is_positive):
    said, actual = (np.exp(said / 2e3), float(np.exp(actual / 2e3))) if is_positive else (said, actual)
    middle, low, high = said[2, 0], said[1, 0], said[3, 0]
    assume(min(middle - low, high - middle) > 1e-3 and actual != middle)
    assume(actual > 0 or low <= 0)  # a range above zero is stretched by a ratio and stays there
    score = float(calibration.scores(np.array([actual]), said)[INNER][0])
    end = calibration.stretched(said, {INNER: score, OUTER: score}, floor=False)[3 if actual > middle else 1, 0]
    assert score > 0
    assert end == pytest.approx(actual, rel=1e-6, abs=1e-6 * abs(middle))


def test_scores_count_half_widths_and_below_the_middle_of_positive_ranges_their_ratio():
    said = np.array([[25.0], [50.0], [100.0], [120.0], [140.0]])
    cases = {130.0: (1.5, 0.75), 100.0: (0.0, 0.0), 50.0: (1.0, 0.5), 25.0: (2.0, 1.0), 70.710678: (0.5, 0.25)}
    for actual, (inner, outer) in cases.items():
        found = calibration.scores(np.array([actual]), said)
        assert found[INNER][0] == pytest.approx(inner)
        assert found[OUTER][0] == pytest.approx(outer)
    assert np.isnan(calibration.scores(np.array([np.nan]), said)[INNER][0])
    assert calibration.scores(np.array([0.0]), said)[INNER][0] == np.inf
    assert calibration.scores(np.array([40.0]), np.array([[-20.0], [0.0], [100.0], [120.0], [140.0]]))[INNER][0] == 0.6


@LAW
@given(fans, factors, factors, st.booleans())
def test_stretched_levels_stay_in_order_and_the_middle_where_it_is(said, inner, outer, floor):
    said = np.maximum(said, 0.0) if floor else said
    found = calibration.stretched(said, {INNER: inner, OUTER: outer}, floor=floor)
    assert (np.diff(found, axis=0) >= -1e-9).all()
    assert found[2] == said[2]
    assert not floor or (found >= 0).all()


@LAW
@given(fans)
def test_a_factor_of_one_changes_nothing(said):
    found = calibration.stretched(said, {INNER: 1.0, OUTER: 1.0}, floor=False)
    np.testing.assert_allclose(found, said, rtol=1e-9, atol=1e-9)


@LAW
@given(fans, factors, factors, sizes)
def test_a_larger_factor_never_narrows_and_a_scaled_range_is_stretched_alike(said, one, other, size):
    small, large = sorted((one, other))
    narrow, wide = (calibration.stretched(said, {INNER: by, OUTER: by}, floor=False) for by in (small, large))
    assert (wide[3:] >= narrow[3:] - 1e-9).all()
    assert (wide[:2] <= narrow[:2] + 1e-9).all()
    scaled = calibration.stretched(said * size, {INNER: small, OUTER: small}, floor=False)
    np.testing.assert_allclose(scaled, narrow * size, rtol=1e-9, atol=1e-9 * size)


def test_stretching_a_positive_range_never_reaches_zero():
    found = calibration.stretched(
        np.array([[1.0], [5.0], [10.0], [15.0], [20.0]]), {INNER: 4.0, OUTER: 4.0}, floor=False
    )
    assert found[0, 0] == pytest.approx(10.0 * 0.1**4)
    assert found[4, 0] == 50.0


def test_without_scores_of_its_own_a_series_has_the_factors_of_all():
    assert calibration.factors(None, PRIOR) == pytest.approx(PRIOR)
    assert calibration.factors(scored(np.full((3, 2), np.nan), windows=3), PRIOR) == pytest.approx(PRIOR)


def test_its_own_factor_counts_by_the_windows_behind_it_and_half_as_much_in_the_tail():
    twice = np.full((10, 2), 2.0)
    found = calibration.factors(scored(twice, windows=calibration._HOLD), PRIOR)
    assert found[INNER] == pytest.approx(np.sqrt(2.0 * 1.1))  # as many windows as the prior counts
    assert found[OUTER] == pytest.approx(2.0 ** (1 / 3) * 1.5 ** (2 / 3))  # half as many
    assert calibration.factors(scored(twice, windows=1e9), PRIOR)[INNER] == pytest.approx(2.0)


@pytest.mark.parametrize("frequency", list(MEASURED))
def test_what_was_measured_before_holds_until_several_series_say_otherwise(frequency):
    before, windows = MEASURED[frequency], calibration._HOLD
    one = scored(np.full((10, 2), 3.0), windows)
    assert calibration.pooled([], frequency) == pytest.approx(before)
    assert calibration.pooled([one], frequency) == pytest.approx(before)  # it counts once, as its own
    blank = scored(np.full((2, 2), np.nan), windows=5.0)
    assert calibration.pooled([one, blank], frequency) == pytest.approx(before)
    found = calibration.pooled([one, one, scored(np.full((10, 2), 1.0), windows)], frequency)
    assert found[INNER] == pytest.approx(3.0**0.75 * before[INNER] ** 0.25)  # three times what the prior counts


@pytest.mark.parametrize("too_narrow", [0.4, 0.6])
def test_ranges_far_too_narrow_cover_four_fifths_of_what_comes_once_they_are_calibrated(too_narrow):
    random = np.random.default_rng(11)
    origins, steps, count = 15, 6, 120
    centers = random.uniform(50, 500, count)
    raw = [normal_range(center, too_narrow * 0.05 * center, steps) for center in centers]
    past = [random.normal(center, 0.05 * center, (origins, steps)) for center in centers]
    every = [
        Scores(calibration.scores(came, np.repeat(said[None], origins, axis=0)), origins)
        for came, said in zip(past, raw, strict=True)
    ]
    prior = calibration.pooled(every, "MS")
    inside = {"raw": [], "calibrated": []}
    for center, said, own in zip(centers, raw, every, strict=True):
        fresh = random.normal(center, 0.05 * center, (50, steps))
        given = calibration.stretched(said, calibration.factors(own, prior), floor=True)
        inside["raw"].append(((fresh >= said[1]) & (fresh <= said[3])).mean())
        inside["calibrated"].append(((fresh >= given[1]) & (fresh <= given[3])).mean())
    assert np.mean(inside["raw"]) < 0.6
    assert np.mean(inside["calibrated"]) == pytest.approx(0.8, abs=0.03)
