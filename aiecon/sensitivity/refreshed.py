"""Draws that keep some inputs and draw the others anew, given those kept."""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, ndtri

from aiecon.sensitivity.copula import clusters, given, root
from aiecon.sensitivity.inputs import Inputs, quantiles, steady
from aiecon.sensitivity.points import points


class Refreshed:
    """Two samples of the inputs, and any mixture of them that is a draw from their joint distribution.

    Parameters
    ----------
    inputs
        Name -> number or distribution.
    names
        Those that vary.
    owner
        The player each of them belongs to, shape (n_names,); players are kept or drawn anew as a whole.
    matrix
        Correlations of the normal scores, shape (n_names, n_names).
    """

    def __init__(
        self,
        inputs: Inputs,
        names: Sequence[str],
        owner: np.ndarray,
        matrix: np.ndarray,
        *,
        draws: int,
        seed: int,
    ) -> None:
        self._inputs, self._names, self._owner, self._matrix = inputs, list(names), owner, matrix
        count = len(names)
        shares = points("shapley", dimensions=max(2 * count, 1), draws=draws, seed=seed)
        self._scores: list[np.ndarray] = []
        self._innovations: list[np.ndarray] = []
        self._shared: list[list[int]] = []  # clusters of correlated inputs that belong to more than one player
        one, two = shares[:, :count].copy(), shares[:, count : 2 * count].copy()
        for cluster in clusters(matrix):
            lower = root(matrix[np.ix_(cluster, cluster)])
            first, second = ndtri(one[:, cluster]), ndtri(two[:, cluster])
            one[:, cluster], two[:, cluster] = ndtr(first @ lower.T), ndtr(second @ lower.T)
            if len(set(owner[cluster])) > 1:
                self._scores.append(first @ lower.T)
                self._innovations.append(second)
                self._shared.append(cluster)
        self._kept = [quantiles(inputs[name], one[:, place]) for place, name in enumerate(names)]
        self._fresh = [quantiles(inputs[name], two[:, place]) for place, name in enumerate(names)]

    @property
    def is_independent(self) -> bool:
        """Whether no two players are correlated."""
        return not self._shared

    def rows(self, batch: slice, subsets: np.ndarray) -> dict[str, np.ndarray]:
        """Draws that keep the players of each subset, subset after subset, in the order of the inputs.

        Shapes: subsets (n_subsets, n_players) of bool; each name (n_subsets × length of the batch,).
        """
        count = len(subsets) * (batch.stop - batch.start)
        kept = subsets[:, self._owner]  # (n_subsets, n_names)
        found = {name: np.full(count, value) for name, value in steady(self._inputs, self._names).items()}
        for place, name in enumerate(self._names):
            mixed = np.where(kept[:, place, None], self._kept[place][batch], self._fresh[place][batch])
            found[name] = mixed.reshape(-1)
        for number, cluster in enumerate(self._shared):
            for place, values in zip(cluster, self._conditional(number, batch, kept[:, cluster]), strict=True):
                found[self._names[place]] = quantiles(self._inputs[self._names[place]], values.reshape(-1))
        return {name: found[name] for name in self._inputs}

    def _conditional(self, number: int, batch: slice, kept: np.ndarray) -> np.ndarray:
        """Shares of a cluster's inputs, those kept as they are and the others given them; (k, n_subsets, length)."""
        cluster = self._shared[number]
        matrix = self._matrix[np.ix_(cluster, cluster)]
        scores, innovations = self._scores[number][batch], self._innovations[number][batch]
        found = np.empty((len(cluster), len(kept), len(scores)))
        patterns, which = np.unique(kept, axis=0, return_inverse=True)
        for place, known in enumerate(patterns):
            mixed = scores.T.copy()
            slope, spread = given(matrix, known)
            mixed[~known] = slope @ mixed[known] + spread @ innovations.T[~known]
            found[:, which.reshape(-1) == place] = ndtr(mixed)[:, None, :]
        return found
