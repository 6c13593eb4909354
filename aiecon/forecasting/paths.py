"""How a series may go: a distribution for every period ahead, and paths through them, so that any sum has one too.

Each period's distribution is given by its five quantiles, joined by straight lines over the standard normal scores and
carried on beyond them. A path takes a score for each period: what smoothing passes on from an error (`response`) and a
part that all periods share tie the scores together, and one factor ties the series of a call to each other. Scores of
a period are ranked onto the exact normal grid, so that the quantiles of the paths are those given.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import ndtri

from aiecon.forecasting.combine import MIDDLE, SCORES, SHARES
from aiecon.vocabulary.distribution import stream

PATHS = 2_000
_LEAST_ERRORS = 3
_HELD = 10.0  # values that no correlation counts as
_MOST = 0.98


@dataclass(frozen=True, eq=False)
class Fan:
    """The periods ahead of one series.

    Attributes
    ----------
    said
        Quantiles at the levels of combine.LEVELS, not bounded yet, shape (5, horizon).
    response
        What an error in the first period adds to each, shape (horizon,).
    shared
        Part of the variance of a score that all periods share [0..1].
    loading
        Correlation of its errors with the factor that all series share [-1..1].
    name
        Of the series, and so of its random numbers.
    lowest, highest
        What each period cannot fall below or pass, shape (horizon,); infinite where there is no such end.
    """

    said: np.ndarray
    response: np.ndarray
    shared: float
    loading: float
    name: str
    lowest: np.ndarray
    highest: np.ndarray

    @property
    def quantiles(self) -> np.ndarray:
        """At the levels of combine.LEVELS, within the bounds, shape (5, horizon)."""
        return np.clip(self.said, self.lowest, self.highest)

    @property
    def middle(self) -> np.ndarray:
        """The expected course, shape (horizon,)."""
        return self.quantiles[MIDDLE]

    @property
    def is_certain(self) -> bool:
        """Whether every range has no width."""
        return bool((self.said[0] == self.said[-1]).all())

    def scaled(self, factor: np.ndarray) -> "Fan":
        """Every value times a factor above zero of its period, shape (horizon,)."""
        bounds = {"lowest": self.lowest * factor, "highest": self.highest * factor}
        return replace(self, said=self.said * factor, **bounds)

    def shifted(self, amount: np.ndarray) -> "Fan":
        """Every value plus an amount of its period, shape (horizon,)."""
        bounds = {"lowest": self.lowest + amount, "highest": self.highest + amount}
        return replace(self, said=self.said + amount, **bounds)

    def paths(self, *, seed: int, count: int = PATHS) -> np.ndarray:
        """Paths through the periods, the same for the same seed; shape (count, horizon).

        They may fall below `lowest`: a wide range about little, cut off below period by period, would add up to too
        much. Sums are bounded as sums.
        """
        if self.is_certain:
            return np.broadcast_to(self.middle, (count, len(self.middle)))
        return np.minimum(at_ranks_of(self._scores(seed, count), self.said), self.highest)

    def _scores(self, seed: int, count: int) -> np.ndarray:
        """Correlated standard normal scores, each with its mirror image; shape (count, horizon)."""
        half, horizon = (count + 1) // 2, self.said.shape[1]
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
    lowest
        What each period cannot fall below, shape (horizon,).
    """

    drawn: np.ndarray
    lowest: np.ndarray

    @cached_property
    def said(self) -> np.ndarray:
        """Quantiles at the levels of combine.LEVELS, not bounded yet, shape (5, horizon)."""
        return np.quantile(self.drawn, SHARES, axis=0)

    @property
    def quantiles(self) -> np.ndarray:
        """At the levels of combine.LEVELS, within the bound, shape (5, horizon)."""
        return np.maximum(self.said, self.lowest)

    @property
    def middle(self) -> np.ndarray:
        """The expected course, shape (horizon,)."""
        return self.quantiles[MIDDLE]

    def scaled(self, factor: np.ndarray) -> "Drawn":
        """Every value times a factor of its period, shape (horizon,)."""
        return Drawn(self.drawn * factor, self.lowest * factor)

    def shifted(self, amount: np.ndarray) -> "Drawn":
        """Every value plus an amount of its period, shape (horizon,)."""
        return Drawn(self.drawn + amount, self.lowest + amount)

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


def at_ranks_of(leading: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Return paths with the given quantiles (5, horizon) that lie in each period where the leading ones lie.

    Shapes: leading (n_paths, horizon), returns the same.
    """
    scores = _on_grid(leading)
    return np.column_stack([_bent(scores[:, step], quantiles[:, step]) for step in range(leading.shape[1])])


def _bent(scores: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Values at scores: straight between the given quantiles, on with the last slope beyond them."""
    inside = np.interp(scores, SCORES, quantiles)
    low = (quantiles[1] - quantiles[0]) / (SCORES[1] - SCORES[0])
    high = (quantiles[-1] - quantiles[-2]) / (SCORES[-1] - SCORES[-2])
    return inside + low * np.minimum(scores - SCORES[0], 0.0) + high * np.maximum(scores - SCORES[-1], 0.0)


def loadings(errors: pd.DataFrame) -> np.ndarray:
    """Return each series' correlation with the one factor that moves most of them; shapes (n, n_series), (n_series,).

    Rank correlations, held towards none by the number of values they come from; the factor is the principal one of the
    correlations with, on the diagonal, what each series shares with its nearest.
    """
    count = errors.shape[1]
    if count < 2 or len(errors) < _LEAST_ERRORS:
        return np.zeros(count)
    ranks = errors.rank()
    scaled = ((ranks - ranks.mean()) / ranks.std(ddof=0)).replace([np.inf, -np.inf], np.nan).fillna(0.0).to_numpy()
    shared = scaled.T @ scaled / len(scaled) * len(errors) / (len(errors) + _HELD)
    np.fill_diagonal(shared, 0.0)
    np.fill_diagonal(shared, np.abs(shared).max(axis=1))
    values, vectors = np.linalg.eigh(shared)
    leading = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
    return np.clip(leading * (np.sign(leading.sum()) or 1.0), -_MOST, _MOST)
