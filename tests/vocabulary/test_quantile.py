"""Tabulated quantiles against scipy's."""

import numpy as np
import pytest

from aiecon.vocabulary.distribution import Beta, Lognormal, Pert
from aiecon.vocabulary.quantile import quantiles

SHARE = np.concatenate([[2.0**-53, 1e-12, 1 - 2.0**-53], np.random.default_rng(1).random(20_000)])


@pytest.mark.parametrize(
    "shape",
    [
        Pert(low=0, mode=0, high=1),
        Pert(low=-3, mode=2, high=9),
        Pert(low=1, mode=5, high=5),
        Beta(successes=0, failures=0),
        Beta(successes=3, failures=200),
        Beta(successes=1e6, failures=10),
        Beta(successes=0.5, failures=4e5),
    ],
    ids=str,
)
def test_tabulated_quantiles_are_those_of_scipy_to_1e_9_and_in_order(shape):
    width = shape.high - shape.low if isinstance(shape, Pert) else 1.0
    found = quantiles(shape, SHARE)
    assert np.abs(found - shape.ppf(SHARE)).max() < 1e-9 * width
    assert np.all(np.diff(quantiles(shape, np.sort(SHARE))) >= 0)


def test_other_families_and_no_width_are_left_to_their_own_formula():
    for shape in (Lognormal(p10=1, p90=3), Pert(low=2, mode=2, high=2)):
        np.testing.assert_array_equal(quantiles(shape, SHARE), shape.ppf(SHARE))


def test_the_ends_are_the_ends():
    np.testing.assert_allclose(quantiles(Pert(low=1, mode=2, high=3), np.array([0.0, 1.0])), [1, 3], atol=0.03)
