"""How a series may go: a distribution for every period ahead, and paths through them, so that any sum has one too.

Each period's distribution is given by its five quantiles, joined by straight lines over the standard normal scores and
carried on beyond them. A path takes a score for each period: what smoothing passes on from an error (`response`) and a
part that all periods share tie the scores together, and one factor ties the series of a call to each other. Scores of
a period are ranked onto the exact normal grid, so that the quantiles of the paths are those given.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from aiecon.forecasting.combine import MIDDLE, SCORES, SHARES
from aiecon.vocabulary.distribution import stream

PATHS = 2_000


@dataclass(frozen=True, eq=False)
class Fan:
    """The periods ahead of one series.

    Attributes
    ----------
    quantiles
        At the levels of combine.LEVELS, shape (5, horizon).
    response
        What an error in the first period adds to each, shape (horizon,).
    shared
        Part of the variance of a score that all periods share [0..1].
    loading
        Correlation of its errors with the factor that all series share [-1..1].
    name
        Of the series, and so of its random numbers.
    lowest
        What each period cannot fall below, shape (horizon,); minus infinity where there is no such end.
    """

    quantiles: np.ndarray
    response: np.ndarray
    shared: float
    loading: float
    name: str
    lowest: np.ndarray

    @property
    def middle(self) -> np.ndarray:
        """The expected course, shape (horizon,)."""
        return self.quantiles[MIDDLE]

    @property
    def is_certain(self) -> bool:
        """Whether every range has no width."""
        return bool((self.quantiles[0] == self.quantiles[-1]).all())

    def scaled(self, factor: np.ndarray) -> "Fan":
        """Every value times a factor above zero of its period, shape (horizon,)."""
        return replace(self, quantiles=self.quantiles * factor, lowest=self.lowest * factor)

    def shifted(self, amount: np.ndarray) -> "Fan":
        """Every value plus an amount of its period, shape (horizon,)."""
        return replace(self, quantiles=self.quantiles + amount, lowest=self.lowest + amount)

    def paths(self, *, seed: int, count: int = PATHS) -> np.ndarray:
        """Paths through the periods, the same for the same seed; shape (count, horizon)."""
        horizon = self.quantiles.shape[1]
        if self.is_certain:
            return np.broadcast_to(self.middle, (count, horizon))
        return at_ranks_of(self._scores(seed, count), self.quantiles, self.lowest)

    def _scores(self, seed: int, count: int) -> np.ndarray:
        """Correlated standard normal scores, each with its mirror image; shape (count, horizon)."""
        half, horizon = (count + 1) // 2, self.quantiles.shape[1]
        own, common = (
            stream(name, seed=seed).standard_normal((half, horizon + 1)) for name in (self.name, "all series")
        )
        errors = self.loading * common + np.sqrt(1 - self.loading**2) * own
        passing = _passed_on(self.response)
        scores = np.sqrt(1 - self.shared) * errors[:, :-1] @ passing.T + np.sqrt(self.shared) * errors[:, -1:]
        return np.concatenate([scores, -scores])[:count]


@dataclass(frozen=True, eq=False)
class Drawn:
    """The periods ahead of one series as paths themselves, such as those a hierarchy has made coherent.

    Attributes
    ----------
    drawn
        Shape (n_paths, horizon).
    """

    drawn: np.ndarray

    @property
    def lowest(self) -> np.ndarray:
        """Nothing lies below the paths themselves; shape (horizon,)."""
        return self.drawn.min(axis=0)

    @cached_property
    def quantiles(self) -> np.ndarray:
        """At the levels of combine.LEVELS, shape (5, horizon)."""
        return np.quantile(self.drawn, SHARES, axis=0)

    @property
    def middle(self) -> np.ndarray:
        """The expected course, shape (horizon,)."""
        return self.quantiles[MIDDLE]

    def scaled(self, factor: np.ndarray) -> "Drawn":
        """Every value times a factor of its period, shape (horizon,)."""
        return Drawn(self.drawn * factor)

    def shifted(self, amount: np.ndarray) -> "Drawn":
        """Every value plus an amount of its period, shape (horizon,)."""
        return Drawn(self.drawn + amount)

    def paths(self, *, seed: int, count: int = PATHS) -> np.ndarray:
        """The paths themselves, whatever the seed."""
        return self.drawn[:count]


def _passed_on(response: np.ndarray) -> np.ndarray:
    """Lower triangular: row h holds what each error up to h adds to period h, scaled to a variance of one."""
    horizon = len(response)
    lags = np.subtract.outer(np.arange(horizon), np.arange(horizon))
    found = np.where(lags >= 0, response[np.maximum(lags, 0)], 0.0)
    return found / np.sqrt((found**2).sum(axis=1, keepdims=True))


def _on_grid(scores: np.ndarray) -> np.ndarray:
    """The scores of each period replaced by the normal score of their rank."""
    count = len(scores)
    grid = ndtri((np.arange(count) + 0.5) / count)
    found = np.empty_like(scores)
    np.put_along_axis(found, np.argsort(scores, axis=0, kind="stable"), grid[:, None], axis=0)
    return found


def at_ranks_of(leading: np.ndarray, quantiles: np.ndarray, lowest: np.ndarray) -> np.ndarray:
    """Return paths with the given quantiles (5, horizon) that lie in each period where the leading ones lie.

    Shapes: leading (n_paths, horizon), returns the same.
    """
    scores = _on_grid(leading)
    found = np.column_stack([_bent(scores[:, step], quantiles[:, step]) for step in range(leading.shape[1])])
    return np.maximum(found, lowest)


def _bent(scores: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Values at scores: straight between the given quantiles, on with the last slope beyond them."""
    inside = np.interp(scores, SCORES, quantiles)
    low = (quantiles[1] - quantiles[0]) / (SCORES[1] - SCORES[0])
    high = (quantiles[-1] - quantiles[-2]) / (SCORES[-1] - SCORES[-2])
    return inside + low * np.minimum(scores - SCORES[0], 0.0) + high * np.maximum(scores - SCORES[-1], 0.0)


def loadings(errors: np.ndarray) -> np.ndarray:
    """Return each series' correlation with the one factor that moves most of them; shapes (n, n_series), (n_series,).

    Correlations of ranks, held towards none by the number of values they come from.
    """
    seen, count = np.nan_to_num(errors), errors.shape[1]
    if count < 2 or len(errors) < 3:
        return np.zeros(count)
    ranks = np.argsort(np.argsort(seen, axis=0, kind="stable"), axis=0, kind="stable").astype(float)
    ranks = (ranks - ranks.mean(axis=0)) / (ranks.std(axis=0) + 1e-12)
    held = len(errors) / (len(errors) + 10.0)
    values, vectors = np.linalg.eigh(held * ranks.T @ ranks / len(ranks) + (1 - held) * np.eye(count))
    leading = vectors[:, -1] * np.sqrt(max(values[-1] - 1.0, 0.0))
    return np.clip(leading * np.sign(leading.sum() or 1.0), -0.95, 0.95)
