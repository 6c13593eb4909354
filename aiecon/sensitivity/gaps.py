"""Gaps: half the mean squared difference between figures that share the inputs of a subset and differ in the rest.

The gap of no input is the variance, that of all inputs zero; Var(E[Y | X_S]) is the variance less the gap of S. A
subset is a row of bools, and the i-th binary digit of its place says whether it has player i.
"""

from functools import lru_cache
from math import factorial

import numpy as np


@lru_cache(maxsize=16)
def subset_table(players: int) -> np.ndarray:
    """Return every subset, shape (2^players, players) of bool: none first, all last.

    Examples
    --------
    >>> subset_table(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    return (np.arange(1 << players)[:, None] >> np.arange(players)) % 2 == 1


@lru_cache(maxsize=16)
def shapley_weights(players: int) -> np.ndarray:
    """Return the weights of the gaps of all subsets in each player's Shapley effect, shape (players, 2^players).

    Examples
    --------
    >>> shapley_weights(2).tolist()
    [[0.5, -0.5, 0.5, -0.5], [0.5, 0.5, -0.5, -0.5]]
    """
    table = subset_table(players)
    others = table.sum(axis=1)[None, :] - table.T  # members of each subset beside the player
    share = np.array([factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)])
    return np.where(table.T, -1.0, 1.0) * (share[others] if players else np.zeros((0, 1)))


def kept_gaps(y: np.ndarray, *, full: int) -> np.ndarray:
    """Return the gap of each row's subset from the row that keeps all; shapes (n_subsets, n), (n_subsets,).

    Examples
    --------
    >>> kept_gaps(np.array([[3.0, 3.0], [1.0, 1.0]]), full=1).tolist()
    [2.0, 0.0]
    """
    return ((y - y[full]) ** 2).mean(axis=1) / 2


def paired_gaps(y: np.ndarray) -> np.ndarray:
    """Return the gap of every subset of independent players, from all pairs of rows that differ in the rest.

    Rows S and T of y differ in the players that one of them has and the other has not; with every subset among the rows
    there are 2^players such pairs for each difference. Their sum is a correlation over exclusive-or, found through the
    squared Walsh-Hadamard transform. Shapes: y (2^players, n), returns (2^players,).

    Examples
    --------
    >>> y = np.array([[0.0], [2.0], [1.0], [3.0]])  # 2 when the first is kept, 1 when the second is
    >>> paired_gaps(y).tolist()
    [2.5, 0.5, 2.0, 0.0]
    """
    count = len(y)
    power = (_walsh(y) ** 2).mean(axis=1) / count
    products = _walsh(power[:, None])[:, 0] / count  # by which players differ
    return (products[0] - products)[::-1]  # a subset keeps what does not differ


def _walsh(y: np.ndarray) -> np.ndarray:
    """Walsh-Hadamard transform along the first axis, whose length is a power of two."""
    found = np.array(y, dtype=float)
    half = 1
    while half < len(found):
        pairs = found.reshape(-1, 2, half, found.shape[1])
        found = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).reshape(found.shape)
        half *= 2
    return found
