"""The compiled futures against numpy: the same counters, the same recursion, one person at a time."""

import numba
import numpy as np
import pytest

from aiecon.kernels import seats as kernel
from aiecon.kernels.one_by_one import philox
from aiecon.kernels.simulation import LANES

KEY = np.array([7, 11], dtype=np.uint64)


def normals(paths, period, person):
    """Four standard normals of each path, by Box and Muller from the words of the counter (path, 0, period, person)."""
    words = np.array([philox(*np.array([path, 0, period, person, 7, 11], dtype=np.uint64)) for path in paths])
    u = (words.astype(float) + 0.5) * 2.0**-32
    radius, angle = np.sqrt(-2 * np.log(u[:, ::2])), 2 * np.pi * u[:, 1::2]
    found = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2)
    return found.reshape(len(paths), 4)


def plain(expected, bucket, buckets, growth, sigma, lasting, included):
    months, futures = growth.shape
    used, over = np.zeros((2, buckets, months, futures))
    for person, (mean, place) in enumerate(zip(expected, bucket, strict=True)):
        state = np.zeros(futures)
        for month in range(months):
            if month % 4 == 0:
                z = normals(np.arange(futures), month, person)
            fresh = z[:, month % 4]
            state = fresh if month == 0 else lasting * state + np.sqrt(1 - lasting**2) * fresh
            use = mean * growth[month] * np.exp(sigma * state - sigma**2 / 2)
            used[place, month] += use
            over[place, month] += np.maximum(use - included, 0)
    return used, over


def compiled(expected, bucket, buckets, growth, sigma, lasting, included):
    used, over = np.zeros((2, buckets, *growth.shape))
    kernel.futures(expected, bucket, growth, sigma, lasting, included, KEY, used, over)
    return used, over


@pytest.mark.parametrize(("sigma", "lasting"), [(0.5, 0.7), (1.2, 0.0), (0.4, 1.0)])
def test_the_kernel_is_its_twin_in_numpy(sigma, lasting):
    random = np.random.default_rng(3)
    growth = random.uniform(0.9, 1.1, (6, 2 * LANES))
    given = np.array([50.0, 20.0, 0.0]), np.array([0, 1, 1]), 2, growth, sigma, lasting, 15.0
    for mine, other in zip(compiled(*given), plain(*given), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-7, atol=1e-7)


def test_without_spread_use_is_its_expectation_to_the_last_bit():
    used, over = compiled(np.array([50.0, 20.0]), np.array([0, 1]), 2, np.ones((5, LANES)), 0.0, 0.7, 30.0)
    assert np.all(used[0] == 50)
    assert np.all(used[1] == 20)
    assert np.all(over[0] == 20)
    assert np.all(over[1] == 0)


def test_use_keeps_its_mean_its_spread_and_its_correlation():
    n = 512 * LANES
    used, _ = compiled(np.array([10.0]), np.array([0]), 1, np.ones((3, n)), 0.6, 0.5, 0.0)
    logs = np.log(used[0] / 10.0)
    assert used.mean() == pytest.approx(10.0, rel=0.01)
    assert logs.std() == pytest.approx(0.6, rel=0.01)
    assert np.corrcoef(logs[0], logs[1])[0, 1] == pytest.approx(0.5, abs=0.015)
    assert np.corrcoef(logs[0], logs[2])[0, 1] == pytest.approx(0.25, abs=0.015)


def test_people_are_independent():
    n = 256 * LANES
    used, _ = compiled(np.array([10.0, 10.0]), np.array([0, 1]), 2, np.ones((1, n)), 0.6, 0.5, 0.0)
    assert np.corrcoef(used[0, 0], used[1, 0])[0, 1] == pytest.approx(0.0, abs=0.02)


def test_one_thread_and_two_give_the_same_bits():
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("there is one thread only")
    random = np.random.default_rng(4)
    given = random.lognormal(3, 1, 60), np.arange(60) // 20, 3, np.ones((12, 8 * LANES)), 0.5, 0.7, 20.0
    before = numba.get_num_threads()
    found = []
    for threads in (1, 2):
        numba.set_num_threads(threads)
        found.append(compiled(*given))
    numba.set_num_threads(before)
    for one, two in zip(*found, strict=True):
        assert np.array_equal(one, two)
