"""Evenly spread points for sensitivity, and the function whose sensitivity is asked, called with its output checked."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.stats import qmc

from aiecon.errors import InputError
from aiecon.vocabulary.distribution import stream

Function = Callable[[dict[str, np.ndarray]], Any]

FEWEST = 256
MOST = 2**24
BATCHES = 32  # consecutive parts of the points; how they differ gives the standard errors
_HALF_CELL = 2.0**-31  # points are multiples of 2**-30; half a cell up, none is 0


def points(name: str, *, dimensions: int, draws: int, seed: int) -> np.ndarray:
    """Return scrambled Sobol points within (0, 1), shape (draws, dimensions).

    Owen's scrambling of the sequence of Sobol (scipy.stats.qmc), from the random stream of the name.

    Examples
    --------
    >>> spread = points("example", dimensions=2, draws=256, seed=0)
    >>> sorted((spread[:, 0] * 256).astype(int).tolist()) == list(range(256))
    True
    """
    random = np.random.default_rng(int(stream(name, seed=seed).integers(2**63)))  # one that scipy can split
    return qmc.Sobol(dimensions, scramble=True, bits=30, seed=random).random(draws) + _HALF_CELL


def whole_draws(draws: int) -> int:
    """Return the draws rounded up to a power of two, at which the points are evenly spread.

    Examples
    --------
    >>> whole_draws(10_000)
    16384
    """
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or not FEWEST <= draws <= MOST:
        raise InputError(f"draws must be a whole number from {FEWEST} to {MOST}, got {draws!r}")
    return 1 << (int(draws) - 1).bit_length()


def evaluate(f: Function, rows: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    """Return f at the rows, shape (count,), or raise InputError: a figure a draw is wanted, and a finite one."""
    output = f(dict(rows))
    try:
        figures = np.asarray(output, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"f must return an array of numbers, got {type(output).__name__}") from None
    if figures.shape != (count,):
        raise InputError(f"f must return one figure a draw, shape ({count},), got shape {figures.shape}")
    wrong = np.flatnonzero(~np.isfinite(figures))
    if len(wrong):
        at = ", ".join(f"{name} = {values[wrong[0]]:.6g}" for name, values in rows.items())
        raise InputError(f"f must return finite figures, got {figures[wrong[0]]} at {at} ({len(wrong)} of {count})")
    return figures


class Moments:
    """Mean and variance of figures that arrive in parts."""

    def __init__(self) -> None:
        self._count, self._near, self._sum, self._squares = 0, 0.0, 0.0, 0.0

    def add(self, figures: np.ndarray) -> None:
        """Take in more figures, of any shape."""
        if not self._count:
            self._near = float(figures.mean())  # figures are counted from here, so that no digits are lost
        apart = figures - self._near
        self._count += figures.size
        self._sum += float(apart.sum())
        self._squares += float((apart**2).sum())

    @property
    def mean(self) -> float:
        """Of the figures so far."""
        return self._near + self._sum / self._count

    @property
    def variance(self) -> float:
        """Of the figures so far, about their own mean."""
        return self._squares / self._count - (self._sum / self._count) ** 2


def is_flat(variance: float, mean: float) -> bool:
    """Whether a variance is zero but for rounding.

    Examples
    --------
    >>> is_flat(1e-20, 100.0), is_flat(1e-20, 0.0)
    (True, False)
    """
    return not variance > (1e-12 * mean) ** 2
