"""Counts of amounts in bins against the amounts themselves."""

import numpy as np

from aiecon.kernels import bins


def test_binned_quantiles_are_good_to_a_200th():
    values = np.random.default_rng(1).lognormal([[2], [8], [24]], 1.2, (3, 40_000))  # cents to many millions
    counts = np.zeros((3, bins.BINS), dtype=np.int64)
    bins.count(values[:, :15_000].copy(), counts)
    bins.count(values[:, 15_000:].copy(), counts)
    assert np.all(counts.sum(axis=1) == 40_000)
    edges = bins.bin_edges()
    np.testing.assert_allclose(edges[1:] / edges[:-1], 1.0039, atol=0.004)
    for level in (0.1, 0.5, 0.9, 0.99):
        place = (np.cumsum(counts, axis=1) < level * 40_000).sum(axis=1)
        middle = (edges[place] + edges[place + 1]) / 2
        np.testing.assert_allclose(middle, np.quantile(values, level, axis=1), rtol=0.006)


def test_amounts_below_and_beyond_the_bins_stand_in_the_last_ones():
    counts = np.zeros((1, bins.BINS), dtype=np.int64)
    bins.count(np.array([[0.0, 1e-9, 1e15]]), counts)
    assert counts[0, 0] == 2
    assert counts[0, -1] == 1
