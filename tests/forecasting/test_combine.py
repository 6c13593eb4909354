import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from strategies import LAW

from aiecon.forecasting import combine
from aiecon.forecasting.predicted import Predicted

members = st.integers(1, 6).flatmap(lambda count: arrays(float, (count, 5, 3), elements=st.floats(-1e6, 1e6)))
ROUNDING = 1e-8  # of members up to a million
losses = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=6)


def named(stacked):
    return {f"m{place}": part for place, part in enumerate(stacked)}


def flat(**values):
    return {name: np.full((5, 2), value) for name, value in values.items()}


def test_the_combination_is_the_median_of_the_members():
    assert (combine.combined(flat(a=1.0, b=2.0, c=9.0)) == 2.0).all()
    assert (combine.combined(flat(a=1.0, b=2.0, c=4.0, d=9.0)) == 3.0).all()
    assert (combine.combined(flat(a=7.0)) == 7.0).all()


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({"a": 1.0, "b": 1.0, "c": 1.0}, 2.5),
        ({"a": 0.0, "b": 0.0, "c": 1.0}, 9.0),
        ({"a": 3.0, "b": 1.0, "c": 1.0}, 1.25),
        ({"a": 1.0, "b": 1.0, "c": 2.0}, 5.5),  # half of the middle is b's, half c's
        ({"a": 1.0, "b": 1.0, "c": 3.0}, 7.25),
        ({"a": 1.0, "b": 1.0}, 1.5),
    ],
)
def test_with_weights_it_is_the_mean_of_the_middle_of_the_weight(weights, expected):
    np.testing.assert_allclose(combine.combined(flat(a=1.0, c=9.0, b=2.0), weights), expected)


@LAW
@given(members, st.floats(0.0, 0.29), st.floats(-1e12, 1e12))
def test_a_member_with_less_than_three_tenths_of_the_weight_cannot_pull_it_away(stacked, share, value):
    weights = {f"m{place}": (1 - share) / len(stacked) for place in range(len(stacked))} | {"off": share}
    found = combine.combined({**named(stacked), "off": np.full_like(stacked[0], value)}, weights)
    assert (found >= stacked.min(axis=(0, 1)) - ROUNDING).all()
    assert (found <= stacked.max(axis=(0, 1)) + ROUNDING).all()


@LAW
@given(members, st.integers(0, 5), st.floats(0, 1e3))
def test_it_never_falls_when_a_member_rises(stacked, place, rise):
    weights = {f"m{member}": 0.5 + member for member in range(len(stacked))}
    raised = stacked.copy()
    raised[place % len(stacked)] += rise
    before, after = (combine.combined(named(one), weights) for one in (stacked, raised))
    assert (after >= before - ROUNDING).all()


@LAW
@given(members, st.floats(0.01, 100))
def test_only_the_ratio_of_weights_counts(stacked, factor):
    parts = named(stacked)
    weights = {name: 1.0 + place % 3 for place, name in enumerate(parts)}
    same = {name: weight * factor for name, weight in weights.items()}
    np.testing.assert_allclose(combine.combined(parts, weights), combine.combined(parts, same), atol=ROUNDING)


@LAW
@given(members, st.booleans())
def test_levels_never_cross_and_stay_among_the_members(stacked, is_weighted):
    parts = named(stacked)
    weights = {name: 0.5 + place for place, name in enumerate(parts)} if is_weighted else None
    found = combine.combined(parts, weights)
    assert (np.diff(found, axis=0) >= 0).all()
    assert (found >= stacked.min(axis=(0, 1)) - ROUNDING).all()
    assert (found <= stacked.max(axis=(0, 1)) + ROUNDING).all()


@LAW
@given(members)
def test_the_order_of_the_members_never_matters(stacked):
    parts = named(stacked)
    back = dict(reversed(parts.items()))
    weights = {name: 0.5 + place for place, name in enumerate(parts)}
    assert (combine.combined(parts) == combine.combined(back)).all()
    np.testing.assert_allclose(combine.combined(parts, weights), combine.combined(back, weights), atol=ROUNDING)


@LAW
@given(losses, st.floats(1e-3, 1e3))
def test_weights_fall_with_a_power_of_the_loss_whatever_its_unit(values, unit):
    found = combine.weights({f"m{place}": value for place, value in enumerate(values)})
    other = combine.weights({f"m{place}": value * unit for place, value in enumerate(values)})
    assert max(found.values()) == 1.0
    for place, value in enumerate(values):
        assert found[f"m{place}"] == pytest.approx(min(values) / value)
        assert other[f"m{place}"] == pytest.approx(found[f"m{place}"])


@pytest.mark.parametrize("values", [{}, {"a": 1.0, "b": np.nan}, {"a": 1.0, "b": np.inf}, {"a": 0.0, "b": 1.0}])
def test_without_a_loss_of_every_member_there_are_no_weights(values):
    assert combine.weights(values) is None


def test_a_member_without_a_range_gets_the_median_width_of_the_others():
    said = {
        "sure": Predicted(np.array([10.0]), np.array([1.0])),
        "unsure": Predicted(np.array([20.0]), np.array([3.0])),
        "silent": Predicted(np.array([30.0])),
    }
    found = combine.quantiles(said, fallback=np.array([99.0]))
    np.testing.assert_allclose(found["silent"][:, 0], 30.0 + 2.0 * combine.SCORES)
    np.testing.assert_allclose(found["sure"][:, 0], 10.0 + combine.SCORES)


def test_when_no_member_says_how_sure_it_is_the_fallback_does():
    found = combine.quantiles({"silent": Predicted(np.array([30.0, 31.0]))}, fallback=np.array([2.0, 4.0]))
    np.testing.assert_allclose(found["silent"] - [30.0, 31.0], np.outer(combine.SCORES, [2.0, 4.0]))


def test_losses_are_the_mean_pinball_losses_of_the_levels():
    said = np.array([[80.0], [90.0], [100.0], [110.0], [120.0]])
    by_hand = np.mean([0.025 * 25, 0.1 * 15, 0.5 * 5, 0.1 * 5, 0.025 * 15])
    assert combine.losses(np.array([105.0]), said)[0] == pytest.approx(by_hand)
    assert np.isnan(combine.losses(np.array([np.nan]), said)[0])
