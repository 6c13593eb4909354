"""The season of a series, shrunk towards none by how well the data tell it from noise.

Values are a smooth trend, a season and noise. The trend is the one whose bends are penalised (Hodrick and Prescott
1997); the season is fitted beside it by least squares, one index for each phase or, for long seasons, a few waves. What
chance alone would have put into the season is taken off it (James and Stein 1961, as Miller and Williams 2003 use it
for seasonal indices), so two years of months may carry a season, and noise is not taken for one.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import solveh_banded

LONGEST_BY_PHASE = 12  # periods up to which each phase has an index of its own
WAVES = 6
_BEND = 16.0  # penalty on the trend's bends, times (period / 2 pi)^4: trends follow what takes twice the season
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, eq=False)
class Season:
    """A season to take off and to put back.

    Attributes
    ----------
    past
        At each value, shape (n,).
    ahead
        At each period to come, shape (horizon,).
    degrees
        Degrees of freedom it took, after shrinking.
    stat_variance
        Of one of its values: what is not known of it.
    """

    past: np.ndarray
    ahead: np.ndarray
    degrees: float
    stat_variance: float


def none(length: int, horizon: int) -> Season:
    """No season at all."""
    return Season(np.zeros(length), np.zeros(horizon), 0.0, 0.0)


def by_phase(values: np.ndarray, period: int, horizon: int) -> Season:
    """Fit the season of `period` values; none when the series has not seen two of them.

    Shapes: values (n,), none missing.

    Examples
    --------
    >>> flat = np.tile([1.0, 2.0, 3.0, 6.0], 5)
    >>> (by_phase(flat, 4, 4).ahead.round(1) + 0.0).tolist()
    [-2.0, -1.0, 0.0, 3.0]
    """
    length = len(values)
    if period < 2 or length < 2 * period:
        return none(length, horizon)
    return _by_phase(np.asarray(values, dtype=float).tobytes(), period, horizon)


@lru_cache(maxsize=8)
def _by_phase(given: bytes, period: int, horizon: int) -> Season:
    """The methods of one training series ask for the same season, one after the other."""
    values = np.frombuffer(given)
    phase = np.arange(len(values) + horizon) % period
    if period <= LONGEST_BY_PHASE:
        indices = np.vstack([np.eye(period - 1), -np.ones(period - 1)])
        return _fitted(values, indices[phase], [slice(0, period - 1)], period)
    return _fitted(values, _waves(phase / period), _pairs(), period)


def by_year(values: np.ndarray, share_of_year: np.ndarray) -> Season:
    """Fit the season of the year to daily values from where in the year (0 to 1) each lies, periods to come included.

    Shapes: values (n,), share_of_year (n + horizon,).
    """
    return _by_year(np.asarray(values, dtype=float).tobytes(), np.asarray(share_of_year, dtype=float).tobytes())


@lru_cache(maxsize=8)
def _by_year(given: bytes, share: bytes) -> Season:
    return _fitted(np.frombuffer(given), _waves(np.frombuffer(share)), _pairs(), DAYS_PER_YEAR)


def _waves(share: np.ndarray) -> np.ndarray:
    turns = 2 * np.pi * np.outer(share, np.arange(1, WAVES + 1))
    return np.stack([np.sin(turns), np.cos(turns)], axis=2).reshape(len(share), -1)


def _pairs() -> list[slice]:
    return [slice(2 * wave, 2 * wave + 2) for wave in range(WAVES)]


def _fitted(values: np.ndarray, basis: np.ndarray, groups: list[slice], period: float) -> Season:
    """Least squares beside a smooth trend; each group of coefficients shrunk by itself."""
    length = len(values)
    past, ahead = basis[:length], basis[length:]
    penalty = _BEND * (period / (2 * np.pi)) ** 4
    left = past - _trend(past, penalty)
    square = past.T @ left
    inverse = np.linalg.inv(square)
    found = inverse @ (left.T @ values)
    rest = values - past @ found
    noise = rest - _trend(rest[:, None], penalty)[:, 0]
    degrees = max(1.0, length - past.shape[1] - _trend_degrees(length, penalty))
    noise_variance = float(noise @ noise) / degrees
    kept = np.zeros(len(groups))
    for place, group in enumerate(groups):
        size = group.stop - group.start
        strength = float(found[group] @ np.linalg.solve(inverse[group, group], found[group]))
        chance = (size if size < 3 else size - 2) * degrees / (degrees + 2) * noise_variance
        kept[place] = max(0.0, 1.0 - chance / strength) if strength > 0 else 0.0
        found[group] *= kept[place]
    used = float(sum(share * (group.stop - group.start) for share, group in zip(kept, groups, strict=True)))
    return Season(past @ found, ahead @ found, used, noise_variance * used / length)


def _trend(columns: np.ndarray, penalty: float) -> np.ndarray:
    """Smooth each column: the solution of (1 + penalty D'D) x = y with D the second differences; shape (n, k)."""
    length = len(columns)
    bands = np.zeros((3, length))
    bands[2] = 1.0
    difference = (1.0, -2.0, 1.0)
    for i in range(3):
        for j in range(i, 3):
            bands[2 - (j - i), j : length - 2 + j] += penalty * difference[i] * difference[j]
    return solveh_banded(bands, columns)


def _trend_degrees(length: int, penalty: float) -> float:
    """Degrees of freedom of the smooth trend, from the usual approximation of its eigenvalues."""
    bend = (2 - 2 * np.cos(np.pi * np.arange(length) / length)) ** 2
    return float(np.sum(1 / (1 + penalty * bend)))
