import numpy as np
import pytest

from aiecon.sensitivity.gaps import subset_table
from aiecon.sensitivity.refreshed import Refreshed
from aiecon.vocabulary.distribution import Z90, Normal

SCORE = Normal(p10=-Z90, p90=Z90)
INPUTS = {"a": SCORE, "b": SCORE, "fixed": 2.0}
MATRIX = np.array([[1.0, 0.8], [0.8, 1.0]])
ALL = slice(0, 4096)


def drawn(owner, matrix=MATRIX):
    refreshed = Refreshed(INPUTS, ["a", "b"], np.array(owner), matrix, draws=4096, seed=0)
    return refreshed, {k: v.reshape(-1, 4096) for k, v in refreshed.rows(ALL, subset_table(max(owner) + 1)).items()}


def test_every_mixture_has_the_joint_distribution():
    refreshed, rows = drawn([0, 1])
    assert not refreshed.is_independent
    for a, b in zip(rows["a"], rows["b"], strict=True):
        assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.8, abs=0.01)
        assert b.std() == pytest.approx(1.0, abs=0.02)
    assert (rows["fixed"] == 2.0).all()


def test_what_is_kept_is_kept_and_the_rest_knows_only_that():
    _, rows = drawn([0, 1])
    full, only_a, none = 3, 1, 0
    assert (rows["a"][only_a] == rows["a"][full]).all()
    assert np.corrcoef(rows["b"][only_a], rows["b"][full])[0, 1] == pytest.approx(0.64, abs=0.02)
    assert abs(np.corrcoef(rows["b"][none], rows["b"][full])[0, 1]) < 0.03


def test_correlated_inputs_of_one_player_move_as_one():
    refreshed, rows = drawn([0, 0])
    assert refreshed.is_independent
    assert np.corrcoef(rows["a"][0], rows["b"][0])[0, 1] == pytest.approx(0.8, abs=0.01)
    assert (rows["b"][0] != rows["b"][1]).any()


def test_a_part_of_the_draws_is_that_part():
    refreshed, rows = drawn([0, 1])
    part = refreshed.rows(slice(64, 128), subset_table(2))["b"].reshape(4, -1)
    np.testing.assert_allclose(part, rows["b"][:, 64:128], rtol=1e-12)
