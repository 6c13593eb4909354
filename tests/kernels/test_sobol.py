"""The compiled sums against the plain formulas."""

import numpy as np

from aiecon.kernels.sobol import sobol_sums


def test_the_sums_are_those_of_saltelli_and_jansen_batch_by_batch():
    random = np.random.default_rng(1)
    a, b, swapped = random.normal(3, 1, 64), random.normal(3, 1, 64), random.normal(3, 1, (2, 64))
    mean = (a.mean() + b.mean()) / 2
    first, total, variance = sobol_sums(a, b, swapped, mean, 4)
    part = slice(16, 32)
    for i in range(2):
        assert np.isclose(first[i, 1], np.mean((b[part] - mean) * (swapped[i, part] - a[part])), rtol=1e-12)
        assert np.isclose(total[i, 1], np.mean((swapped[i, part] - a[part]) ** 2) / 2, rtol=1e-12)
    assert np.isclose(variance.mean(), np.var(np.concatenate([a, b])), rtol=1e-12)


def test_the_kernel_is_its_plain_twin():
    random = np.random.default_rng(2)
    given = random.normal(size=32), random.normal(size=32), random.normal(size=(3, 32)), 0.1, 8
    for compiled, plain in zip(sobol_sums(*given), sobol_sums.py_func(*given), strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-12)
