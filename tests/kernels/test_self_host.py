"""The map's kernel against the plain formulas and its uncompiled twin."""

import numpy as np

from aiecon.kernels.self_host import BLOCK, wins

DRAWS = BLOCK + 77


def given(sizes):
    random = np.random.default_rng(1)
    volumes, shares = np.linspace(0, 5_000, 17), np.linspace(0.1, 1.0, 5)
    per_carried, price = 1 / random.uniform(100, 900, DRAWS), random.uniform(0.5, 6, DRAWS)
    per_server, fixed = random.uniform(200, 3_000, DRAWS), random.uniform(0, 500, DRAWS)
    return volumes, shares, per_carried, price, per_server, fixed, np.array(sizes), 1e-9


def test_the_kernel_is_whole_arrays_and_its_plain_twin():
    for sizes in ([0.0, 1.0], [2.0, 0.25], [1.0, 3.0]):
        volumes, shares, per_carried, price, per_server, fixed, _, forgiven = arguments = given(sizes)
        load = volumes[:, None, None] / shares[None, :, None] * per_carried
        replicas = np.maximum(np.ceil(load * (1 - forgiven)), sizes[0])
        servers = np.ceil(replicas * sizes[1] * (1 - forgiven))
        expected = (servers * per_server + fixed < volumes[:, None, None] * price).sum(axis=2)
        compiled, plain = np.zeros((2, 17, 5), dtype=np.int64)
        wins(*arguments, compiled)
        wins.py_func(*arguments, plain)
        np.testing.assert_array_equal(compiled, expected)
        np.testing.assert_array_equal(plain, expected)
