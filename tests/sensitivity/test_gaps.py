import numpy as np
import pytest

from aiecon.sensitivity.gaps import kept_gaps, paired_gaps, shapley_weights, subset_table


def test_the_gaps_of_pairs_are_the_plain_double_loop():
    y = np.random.default_rng(0).normal(size=(8, 5))
    plain = np.zeros(8)
    for kept in range(8):
        rest = 7 - kept
        plain[kept] = np.mean([(y[s] - y[s ^ rest]) ** 2 for s in range(8)]) / 2
    np.testing.assert_allclose(paired_gaps(y), plain, atol=1e-12)


def test_gaps_from_one_row():
    assert kept_gaps(np.array([[0.0, 2.0], [1.0, 1.0], [0.0, 0.0]]), full=2).tolist() == [1.0, 0.5, 0.0]


@pytest.mark.parametrize("players", [1, 2, 3, 5])
def test_effects_sum_to_the_gap_of_none_whatever_the_gaps(players):
    gaps = np.random.default_rng(players).random(2**players)
    gaps[-1] = 0.0
    assert (shapley_weights(players) @ gaps).sum() == pytest.approx(gaps[0])


def test_subsets_run_from_none_to_all():
    table = subset_table(3)
    assert not table[0].any()
    assert table[-1].all()
    assert table[0b101].tolist() == [True, False, True]
    assert subset_table(0).shape == (1, 0)
    assert shapley_weights(0).shape == (0, 1)
