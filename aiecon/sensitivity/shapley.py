"""Shapley effects: the variance of a figure shared out among its inputs, correlated or not, so that nothing is left.

An input's share is what it adds to the explained variance Var(E[Y | X_S]), averaged over the orders in which inputs can
become known (Owen 2014). Var(E[Y | X_S]) is the variance less half the mean squared difference between Y at a draw
and Y at one that keeps X_S and draws the rest anew, given X_S; that half, the gap of S, is all that is estimated.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.sensitivity.asking import as_function
from aiecon.sensitivity.copula import Correlations, normal_correlation
from aiecon.sensitivity.fields import Question
from aiecon.sensitivity.gaps import kept_gaps, paired_gaps, shapley_weights, subset_table
from aiecon.sensitivity.inputs import Inputs, as_distributions, varying_names
from aiecon.sensitivity.points import BATCHES, Function, Moments, evaluate, is_flat, whole_draws
from aiecon.sensitivity.refreshed import Refreshed
from aiecon.sensitivity.sobol import FLAT, ratios
from aiecon.vocabulary.distribution import stream
from aiecon.vocabulary.strict import Strict, nearest

EXACT = 10  # up to so many, every subset is evaluated; beyond, orders are sampled
_ROWS = 2**18  # of one call of f
_ORDERED_ROWS = 32  # draws that share one sampled order


@dataclass(frozen=True, eq=False)
class Shapley:
    """Shares of the variance by input or group [0..1], summing to one; `first` and `total` are None when correlated."""

    shares: dict[str, float]
    standard_error: dict[str, float]
    first: dict[str, float] | None  # Sobol's first-order indices
    total: dict[str, float] | None  # Sobol's total indices
    mean: float
    variance: float
    draws: int
    seed: int
    notes: Sequence[str] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row an input or group, in the order given: name, share, standard_error, first, total."""
        rows = [
            {
                "name": name,
                "share": share,
                "standard_error": self.standard_error[name],
                "first": self.first[name] if self.first else None,
                "total": self.total[name] if self.total else None,
            }
            for name, share in self.shares.items()
        ]
        return pd.DataFrame(rows, columns=["name", "share", "standard_error", "first", "total"])


def shapley(
    f: Function | Question,
    inputs: Inputs | Strict,
    *,
    key: str | None = None,
    correlations: Correlations | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    draws: int = 2**14,
    seed: int = 0,
) -> Shapley:
    """Share out the variance of a function among its inputs; the shares sum to one, correlated or not.

    Parameters
    ----------
    f
        {name: draws of shape (n,)} -> array of shape (n,), in any unit; or a question.
    inputs
        Name -> number or distribution; a plain number has a share of zero. Or the inputs of the question.
    key
        Of the figure in a question's summary.
    correlations
        Rows {a, b, rank} or {a, b, pearson}; a pair that is not given is independent. Those of the question's inputs
        when left out.
    groups
        Group -> its inputs, when shares of groups are asked; an input in no group stands by itself.
    draws
        Rounded up to a power of two. f is evaluated draws × 2^k times for k varying inputs or groups up to ten, beyond
        that about 3 k × draws times, over sampled orders.
    seed
        Of the points and, beyond ten, of the orders.

    Raises
    ------
    InputError
        For inputs, groups, correlations or draws that cannot be, and an f that returns another shape or figures that
        are not finite.

    Notes
    -----
    Owen, "Sobol' indices and Shapley value" (SIAM/ASA JUQ 2, 2014); Song, Nelson and Staum (SIAM/ASA JUQ 4, 2016);
    the estimator of differences along an order is Goda's (Reliability Engineering & System Safety 206, 2021). The rest
    is drawn anew given X_S under the Gaussian copula. Independent inputs: each pair of evaluations that differ in the
    same inputs serves, which makes every share zero or more. Scrambled Sobol points; standard errors from consecutive
    parts of the points are on the safe side, since the whole is spread more evenly than its parts.

    Examples
    --------
    >>> from aiecon.vocabulary.distribution import Uniform
    >>> unit = Uniform(low=0.0, high=1.0)
    >>> answer = shapley(lambda x: x["a"] * x["b"] * x["fixed"], {"a": unit, "b": unit, "fixed": 2.0})
    >>> {name: round(share, 2) for name, share in answer.shares.items()}
    {'a': 0.5, 'b': 0.5, 'fixed': 0.0}
    """
    correlations = getattr(inputs, "correlations", None) if correlations is None else correlations
    f, inputs = as_function(f, inputs, key)
    inputs = as_distributions(inputs)
    draws, names = whole_draws(draws), varying_names(inputs)
    matrix = normal_correlation(names, correlations or (), inputs)
    players = _players(inputs, groups or {})
    moving = sorted(player for player, members in players.items() if set(members) & set(names))
    owner = np.array([_owner(name, players, moving) for name in names], dtype=int)
    drawn = Refreshed(inputs, names, owner, matrix, draws=draws, seed=seed)
    effects, moments = _estimates(f, drawn, len(moving), draws=draws, seed=seed)
    mean, variance = moments.mean, moments.variance
    zeros = dict.fromkeys(players, 0.0)
    whole = effects[:, 0].sum(axis=1)  # of each batch
    if is_flat(whole.mean(), mean):
        return Shapley(zeros, dict(zeros), dict(zeros), dict(zeros), mean, 0.0, draws, seed, (FLAT,))

    def named(values: np.ndarray) -> dict[str, float]:
        return zeros | dict(zip(moving, values.tolist(), strict=True))

    share, error = ratios(effects[:, 0].T, whole)
    share = np.maximum(share, 0.0)  # an effect is never below zero, its estimate under correlation may be
    first, total = (named(ratios(effects[:, row].T, whole)[0]) if drawn.is_independent else None for row in (1, 2))
    return Shapley(named(share / math.fsum(share)), named(error), first, total, mean, variance, draws, seed)


def _players(inputs: Inputs, groups: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Group -> its inputs, then each input in no group by itself; InputError with every problem of the groups."""
    problems: list[str] = []
    home: dict[str, str] = {}
    for group, members in groups.items():
        if isinstance(members, str):
            problems.append(f"groups.{group} must be a list of inputs, got {members!r}")
            continue
        for name in members:
            if name not in inputs:
                problems.append(f"groups.{group}: {name} is not an input{nearest(name, list(inputs))}")
            elif name in home:
                problems.append(f"groups.{group}: {name} is in group {home[name]} already")
            home[name] = group
    alone = [name for name in inputs if name not in home]
    problems += [f"groups.{name}: an input in no group has this name too" for name in alone if name in groups]
    if problems:
        raise InputError(problems)
    return {**{group: list(members) for group, members in groups.items()}, **{name: [name] for name in alone}}


def _owner(name: str, players: Mapping[str, Sequence[str]], moving: Sequence[str]) -> int:
    return next(place for place, player in enumerate(moving) if name in players[player])


def _estimates(f: Function, drawn: Refreshed, players: int, *, draws: int, seed: int) -> tuple[np.ndarray, Moments]:
    """Shapley effect, first-order and total part of the variance by batch and player, shape (batches, 3, players)."""
    moments = Moments()
    found = []
    for batch, order in _batches(players, draws, seed):
        subsets = subset_table(players) if order is None else _along(order, with_singles=drawn.is_independent)
        count = batch.stop - batch.start
        y = evaluate(f, drawn.rows(batch, subsets), len(subsets) * count).reshape(-1, count)
        moments.add(y)
        y = y - y.mean()
        if order is None:
            found.append(_of_all_subsets(paired_gaps(y) if drawn.is_independent else kept_gaps(y, full=-1)))
        else:
            found.append(_of_order(kept_gaps(y, full=players), order))
    return np.stack(found), moments


def _batches(players: int, draws: int, seed: int) -> Iterator[tuple[slice, np.ndarray | None]]:
    """Parts of the draws: with None when every subset is evaluated, else with an order and, next, its reverse."""
    exact = players <= EXACT
    count = max(BATCHES, (draws << players) // _ROWS if exact else draws // _ORDERED_ROWS)
    length, random = draws // count, stream("shapley.orders", seed=seed)
    order = np.arange(players)
    for batch in range(count):
        order = order[::-1] if batch % 2 else random.permutation(players)
        yield slice(batch * length, (batch + 1) * length), None if exact else order


def _of_all_subsets(gaps: np.ndarray) -> np.ndarray:
    """Effect, first-order and total part from the gap of every subset, shapes (2^players,), (3, players)."""
    players = len(gaps).bit_length() - 1
    single = 1 << np.arange(players)
    return np.stack([shapley_weights(players) @ gaps, gaps[0] - gaps[single], gaps[len(gaps) - 1 - single]])


def _along(order: np.ndarray, *, with_singles: bool) -> np.ndarray:
    """The subsets met along an order, then each player alone and all but each; shape (n_subsets, players)."""
    players = len(order)
    rank = np.argsort(order)
    along = rank[None, :] < np.arange(players + 1)[:, None]
    alone = np.eye(players, dtype=bool)
    return np.concatenate([along, alone, ~alone]) if with_singles else along


def _of_order(gaps: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Effect, first-order and total part from the gaps of `_along`, shape (3, players); zeros where not evaluated."""
    players = len(order)
    found = np.zeros((3, players))
    found[0, order] = gaps[:players] - gaps[1 : players + 1]
    if len(gaps) > players + 1:
        found[1] = gaps[0] - gaps[players + 1 : 2 * players + 1]
        found[2] = gaps[2 * players + 1 :]
    return found
