"""Higham 2002, section 4: the nearest correlation matrix to one of ones beside the diagonal."""

import numpy as np

from aiecon.sensitivity.nearest import impossible, nearest_correlation


def test_the_published_example():
    asked = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    expected = [[1.0, 0.7607, 0.1573], [0.7607, 1.0, 0.7607], [0.1573, 0.7607, 1.0]]
    np.testing.assert_allclose(nearest_correlation(asked), expected, atol=5e-5)


def test_a_matrix_that_can_be_is_left_alone():
    good = np.array([[1.0, 1.0], [1.0, 1.0]])
    assert impossible(good) is None
    np.testing.assert_allclose(nearest_correlation(good), good, atol=1e-9)


def test_the_nearest_leaves_room_for_four_digits():
    bad = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    assert np.linalg.eigvalsh(impossible(bad).round(4))[0] > 0
