import numpy as np
import pytest

from aiecon.errors import InputError
from aiecon.sensitivity.points import Moments, evaluate, is_flat, points, whole_draws

ROWS = {"a": np.array([1.0, 2.0])}


def test_points_are_within_the_unit_cube_spread_evenly_and_seeded():
    spread = points("x", dimensions=4, draws=1024, seed=1)
    assert spread.min() > 0
    assert spread.max() < 1
    assert np.abs(spread.mean(axis=0) - 0.5).max() < 1e-3
    assert (spread == points("x", dimensions=4, draws=1024, seed=1)).all()
    assert (spread != points("x", dimensions=4, draws=1024, seed=2)).any()


@pytest.mark.parametrize(("given", "expected"), [(256, 256), (257, 512), (2**14, 2**14)])
def test_draws_are_rounded_up_to_a_power_of_two(given, expected):
    assert whole_draws(given) == expected


@pytest.mark.parametrize("draws", [255, 2**25, 1000.0, True, None])
def test_draws_out_of_range_are_refused(draws):
    with pytest.raises(InputError, match="draws must be a whole number from 256"):
        whole_draws(draws)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: 3.0, r"one figure a draw, shape \(2,\), got shape \(\)"),
        (lambda x: np.ones((2, 1)), r"got shape \(2, 1\)"),
        (lambda x: {"cost": 1}, "an array of numbers, got dict"),
        (lambda x: np.log(x["a"] - 1), r"finite figures, got -inf at a = 1 \(1 of 2\)"),
    ],
)
def test_a_function_that_returns_something_else_is_refused(f, words):
    with pytest.raises(InputError, match=words), np.errstate(divide="ignore"):
        evaluate(f, ROWS, 2)


def test_a_function_may_not_spoil_the_rows_by_adding_names():
    assert evaluate(lambda x: x.pop("a") * 2, ROWS, 2).tolist() == [2.0, 4.0]
    assert "a" in ROWS


def test_moments_in_parts_are_those_of_the_whole():
    values = 1e6 + np.random.default_rng(0).normal(size=(10, 50))
    moments = Moments()
    for part in values:
        moments.add(part)
    assert moments.mean == pytest.approx(values.mean(), rel=1e-12)
    assert moments.variance == pytest.approx(values.var(), rel=1e-9)


def test_flat_means_no_variance_but_rounding():
    assert is_flat(0.0, 0.0)
    assert is_flat(1e-14, 1e6)
    assert not is_flat(1e-6, 1.0)
